// Package mcp is the command "opcall mcp".
package mcp

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/listen"
	"github.com/opcall/opcall/cmd/opcall/internal/mcpserver"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
)

// Options are those of one run.
type Options struct {
	*session.Session
	HTTP     string // address to listen on; "" for standard input and output
	Write    bool
	Allow    []string
	MaxBytes int
}

// NewCmdMCP returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdMCP(s *session.Session, runF func(context.Context, *Options) error) *cobra.Command {
	opts := &Options{Session: s}
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "Hand the API to a language model, over MCP",
		Long: `Serve the Model Context Protocol on standard input and output, or with --http on an
address of this machine. Four tools stand for the whole document: search_operations,
describe, validate and call.

Operations that only read may be called; --allow adds some, --write all. Credentials are
those of the profile, and no result shows them.

Over HTTP a client needs a token, "Authorization: Bearer TOKEN": that of OPCALL_MCP_TOKEN,
else a new one, which is printed on standard error.`,
		Example: `  opcall mcp
  opcall mcp --allow createEmbedding --allow createChatCompletion
  opcall mcp -p stripe --http 127.0.0.1:8765`,
		Args: usage.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opts.MaxBytes < 100 || opts.MaxBytes > 10<<20 {
				return fmt.Errorf("--max-bytes: got %d, want 100 to %d", opts.MaxBytes, 10<<20)
			}
			if runF == nil {
				runF = run
			}
			return runF(cmd.Context(), opts)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().StringVar(&opts.HTTP, "http", "", "serve streamable HTTP on this loopback `address`; port 0 takes a free one")
	cmd.Flags().BoolVar(&opts.Write, "write", false, "let the model call operations that change something")
	cmd.Flags().StringArrayVar(&opts.Allow, "allow", nil, "let the model call this `operation`; may be repeated")
	cmd.Flags().IntVar(&opts.MaxBytes, "max-bytes", mcpserver.DefaultMaxBytes, "cut results that are longer than this many `bytes`")
	return cmd
}

func run(ctx context.Context, opts *Options) error {
	c, err := opts.Client(ctx)
	if err != nil {
		return err
	}
	server, err := mcpserver.New(c, mcpserver.Options{Write: opts.Write, Allow: opts.Allow, MaxBytes: opts.MaxBytes, Version: client.Version})
	if err != nil {
		return err
	}
	if opts.HTTP != "" {
		return serve(ctx, opts, server)
	}
	open := newUnanswered()
	err = server.Run(ctx, &sdk.IOTransport{
		Reader: newMessages(opts.In, opts.Err, open), Writer: output{opts.Out, open}, MaxLineLength: maxLine,
	})
	if err == nil || errors.Is(err, io.EOF) || ctx.Err() != nil {
		return nil // the client has gone, or Ctrl-C
	}
	return fmt.Errorf("the conversation on standard input ended: %w", err)
}

// serve serves HTTP until the context ends.
func serve(ctx context.Context, opts *Options, server *sdk.Server) error {
	token, own, err := tokenOf(opts)
	if err != nil {
		return err
	}
	listener, err := listen.Loopback(ctx, "--http", opts.HTTP, "whoever connects calls with your key")
	if err != nil {
		return err
	}
	fmt.Fprintln(opts.Out, "http://"+listener.Addr().String())
	if own {
		fmt.Fprintf(opts.Err, "Clients need this header: Authorization: Bearer %s\n", token)
	} else {
		fmt.Fprintf(opts.Err, "Clients need the token of %s: Authorization: Bearer TOKEN\n", tokenVariable)
	}
	fmt.Fprintln(opts.Err, "MCP over streamable HTTP; Ctrl-C ends it.")
	return listen.Serve(ctx, listener, mcpserver.Handler(server, token), func(context.Context) error {
		for session := range server.Sessions() {
			_ = session.Close() // it has nobody to tell
		}
		return nil
	})
}

// tokenVariable is the variable of the environment with the token of clients over HTTP.
const tokenVariable = "OPCALL_MCP_TOKEN"

// minToken is the length of the shortest token, in bytes.
const minToken = 16

// tokenOf returns the token of clients, and whether it was made now.
func tokenOf(opts *Options) (token string, own bool, err error) {
	if token = strings.TrimSpace(opts.Getenv(tokenVariable)); token != "" {
		if len(token) < minToken || strings.ContainsAny(token, " \t\r\n") {
			return "", false, fmt.Errorf("%s: want a token of at least %d characters, without spaces", tokenVariable, minToken)
		}
		return token, false, nil
	}
	return rand.Text(), true, nil
}
