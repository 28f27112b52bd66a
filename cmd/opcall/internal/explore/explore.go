// Package explore is the command "opcall explore".
package explore

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/explorer"
	"github.com/opcall/opcall/cmd/opcall/internal/listen"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
)

// Options are those of one run.
type Options struct {
	*session.Session
	Address string
	NoAPI   bool
	NoTest  bool
	Browser bool
}

// NewCmdExplore returns the command; runF, where it is not nil, takes the place of what
// it does.
func NewCmdExplore(s *session.Session, runF func(context.Context, *Options) error) *cobra.Command {
	opts := &Options{Session: s}
	cmd := &cobra.Command{
		Use:   "explore",
		Short: "Try the API out in a browser",
		Long: `Serve a page on this machine: search over operations and components, a form or JSON with
its problems while one types, calls and streams with their responses.

Calls go to a test server, or to the API with the key of the profile. The key stays in
this process. The address that is printed has a token: only a browser that was started
with it is served.`,
		Example: "  opcall explore\n  opcall explore --browser --no-api\n  opcall explore --spec pets.yaml --base-url http://localhost:3000",
		Args:    usage.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if runF == nil {
				runF = run
			}
			return runF(cmd.Context(), opts)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().StringVar(&opts.Address, "addr", "127.0.0.1:0", "loopback `address` to listen on; port 0 takes a free one")
	cmd.Flags().BoolVar(&opts.NoAPI, "no-api", false, "send calls to the test server alone")
	cmd.Flags().BoolVar(&opts.NoTest, "no-test-server", false, "send calls to the API alone")
	cmd.Flags().BoolVar(&opts.Browser, "browser", false, "open the page in the browser")
	usage.Exclusive(cmd, "no-api", "no-test-server")
	return cmd
}

// Times of the server: a page is local, so that a slow reader is a stuck one. Writing has
// no limit, as streams last.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
)

func run(ctx context.Context, opts *Options) error {
	page, stop, err := newPage(ctx, opts)
	if err != nil {
		return err
	}
	defer stop()
	listener, err := listen.Loopback(ctx, "--addr", opts.Address, "whoever opens the page calls with your key")
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: page, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
		BaseContext: func(net.Listener) context.Context { return ctx }, // calls end with the command
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	address := "http://" + listener.Addr().String() + page.Start()
	fmt.Fprintln(opts.Out, address)
	fmt.Fprintln(opts.Err, "Open this address in a browser; Ctrl-C ends the page.")
	if opts.Browser {
		if err := openBrowser(ctx, address); err != nil {
			fmt.Fprintf(opts.Err, "No browser could be started: %v\n", err)
		}
	}
	select {
	case err := <-served:
		return fmt.Errorf("the page is no longer served: %w", err)
	case <-ctx.Done():
	}
	// The context of the command has ended: what is left gets a moment to say so.
	soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := server.Shutdown(soon); err != nil {
		return server.Close()
	}
	return nil
}

// newPage makes the page of the document, and the test server where there is one.
func newPage(ctx context.Context, opts *Options) (*explorer.Explorer, func(), error) {
	c, err := opts.Client(ctx)
	if err != nil {
		return nil, nil, err
	}
	var settings []explorer.Option
	stop := func() {}
	if !opts.NoTest {
		test, err := clienttest.Start(clienttest.WithDocument(c.Document()))
		if err != nil {
			return nil, nil, err
		}
		stop = test.Close
		testClient, err := client.New(test.Options()...)
		if err != nil {
			stop()
			return nil, nil, err
		}
		settings = append(settings, explorer.WithTestServer(testClient))
	}
	if opts.NoAPI {
		settings = append(settings, explorer.WithoutAPI())
	}
	page, err := explorer.New(c, settings...)
	if err != nil {
		stop()
		return nil, nil, err
	}
	return page, stop, nil
}

// openBrowser starts the browser of the desktop and does not wait for it.
func openBrowser(ctx context.Context, address string) error {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), name, args...)
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }()
	return nil
}
