// Package serve is the command "opcall serve".
package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/cmd/opcall/internal/listen"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
	"github.com/opcall/opcall/internal/near"
)

// Options are those of one run.
type Options struct {
	*session.Session
	Address  string
	State    string
	MaxFile  int64
	Cases    []string
	Timing   clienttest.Timing
	Limit    clienttest.RateLimit
	Faults   []string
	Seed     uint64
	TLS      bool
	CA       string
	Record   string
	Upstream string
	Replay   string
	Coverage string
	Log      bool
}

// NewCmdServe returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdServe(s *session.Session, runF func(context.Context, *Options) error) *cobra.Command {
	opts := &Options{Session: s}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "A test server that speaks the document",
		Long: `Serve the operations of the document on this machine, for programs and test suites in
any language. Requests are validated and refused in the form of the API's own errors;
responses are valid. What a request makes is kept: files, batches that run, responses,
conversations. The key may be any.

The address that is printed is the base URL of a client. At /__opcall/requests below its
root is what was received, without credentials, at /__opcall/coverage which operations
were used. A request can ask for a fault of its own: "X-Opcall-Fault: 503:0.5".`,
		Example: `  opcall serve --addr 127.0.0.1:8080 --log
  opcall serve --cases cases.yaml --first-token 300ms --tokens-per-second 50
  opcall serve --fault createResponse=503:0.1,cut:0.05 --limit-requests 60
  opcall serve --record traffic --upstream https://api.openai.com
  opcall serve --replay traffic --tls`,
		Args: usage.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if runF == nil {
				runF = run
			}
			return runF(cmd.Context(), opts)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.Address, "addr", "127.0.0.1:0", "`address` to listen on; port 0 takes a free one")
	flags.StringVar(&opts.State, "state", "lenient", "what IDs that nobody made get: a sample (lenient), 404 (strict); none keeps nothing")
	flags.Int64Var(&opts.MaxFile, "max-file", 8<<20, "the longest file whose content is kept, in `bytes`")
	flags.StringArrayVar(&opts.Cases, "cases", nil, "YAML `file` of scripted responses, may be repeated")
	flags.DurationVar(&opts.Timing.FirstToken, "first-token", 0, "how long a stream waits before its first event")
	flags.Float64Var(&opts.Timing.TokensPerSecond, "tokens-per-second", 0, "how fast a stream is (default: at once)")
	flags.IntVar(&opts.Limit.Requests, "limit-requests", 0, "requests that are taken per --limit-per, others get 429")
	flags.IntVar(&opts.Limit.Tokens, "limit-tokens", 0, "tokens that are taken per --limit-per")
	flags.DurationVar(&opts.Limit.Per, "limit-per", time.Minute, "the time of the limits")
	flags.StringArrayVar(&opts.Faults, "fault", nil, "`OPERATION=FAULT:PROBABILITY,…`, a fault is a status, cut, drop or a delay; may be repeated")
	flags.Uint64Var(&opts.Seed, "seed", 1, "for what happens by chance")
	flags.BoolVar(&opts.TLS, "tls", false, "speak TLS, with a certificate that is made now")
	flags.StringVar(&opts.CA, "ca", "", "`file` for the certificate of its authority (default: a temporary one, which is named)")
	flags.StringVar(&opts.Record, "record", "", "pass requests on to --upstream and keep them in this `folder`")
	flags.StringVar(&opts.Upstream, "upstream", "", "`URL` of the API that is recorded")
	flags.StringVar(&opts.Replay, "replay", "", "respond with what was recorded in this `folder`")
	flags.StringVar(&opts.Coverage, "coverage", "", "at the end write which operations were used to this `file`")
	flags.BoolVar(&opts.Log, "log", false, "a line for each request on standard error, with why it failed")
	usage.Exclusive(cmd, "record", "replay")
	usage.Together(cmd, "record", "upstream")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(stateNames, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

var stateNames = []string{"lenient", "strict", "none"}

func run(ctx context.Context, opts *Options) error {
	settings, err := settingsOf(opts)
	if err != nil {
		return err
	}
	if opts.Coverage != "" { // before all the work, not after it
		if err := os.WriteFile(opts.Coverage, nil, 0o644); err != nil {
			return fmt.Errorf("--coverage: %w", err)
		}
	}
	server, err := clienttest.Start(settings...)
	if err != nil {
		return asFlags(err, opts.Address)
	}
	defer server.Close()
	fmt.Fprintln(opts.Out, server.URL())
	say(opts, server)
	<-ctx.Done()
	if err = server.RecordingErr(); err != nil {
		err = fmt.Errorf("--record: not all was written: %w", err)
	}
	if opts.Coverage != "" {
		err = errors.Join(err, writeCoverage(opts.Coverage, server.Coverage()))
	}
	return err
}

// asFlags returns an error of starting the server with the names of the flags that its options
// came from.
func asFlags(err error, address string) error {
	var unheard *net.OpError
	if errors.As(err, &unheard) && unheard.Op == "listen" {
		return listen.Failed("--addr", address, err)
	}
	return &flagError{err}
}

// flagError is an error with the names of flags in place of those of options.
type flagError struct{ err error }

var flagNames = strings.NewReplacer(
	"WithFaults", "--fault", "WithCases", "--cases", "WithRateLimit", "--limit-requests and --limit-tokens",
	"WithTiming", "--first-token and --tokens-per-second", "WithMaxFile", "--max-file", "WithState", "--state",
	"WithRecord and WithReplay", "--record and --replay", "WithRecord", "--record", "WithReplay", "--replay",
	"record: conform: got", "--upstream: got", "replay: ", "--replay: ", "record: ", "--record: ",
)

func (e *flagError) Error() string { return flagNames.Replace(e.err.Error()) }

func (e *flagError) Unwrap() error { return e.err }

// settingsOf turns flags into options.
func settingsOf(opts *Options) ([]clienttest.Option, error) {
	doc, err := opts.Document()
	if err != nil {
		return nil, err
	}
	if _, _, err := net.SplitHostPort(opts.Address); err != nil {
		return nil, fmt.Errorf("--addr: got %.80q, want an address with a port, such as 127.0.0.1:8080", opts.Address)
	}
	state, ok := map[string]clienttest.State{"lenient": clienttest.LenientState, "strict": clienttest.StrictState, "none": clienttest.NoState}[opts.State]
	if !ok {
		return nil, fmt.Errorf("--state: got %.40q, want %s%s", opts.State, strings.Join(stateNames, ", "), near.Question(near.Names(opts.State, stateNames, 1)))
	}
	settings := []clienttest.Option{
		clienttest.WithDocument(doc), clienttest.WithAddress(opts.Address), clienttest.WithState(state), clienttest.WithMaxFile(opts.MaxFile),
		clienttest.WithTiming(opts.Timing), clienttest.WithSeed(opts.Seed),
	}
	for _, name := range opts.Cases {
		settings = append(settings, clienttest.WithCaseFile(name))
	}
	if opts.Limit.Per != time.Minute && opts.Limit.Requests == 0 && opts.Limit.Tokens == 0 {
		return nil, errors.New("--limit-per: want --limit-requests or --limit-tokens, too")
	}
	if opts.Limit.Requests != 0 || opts.Limit.Tokens != 0 {
		settings = append(settings, clienttest.WithRateLimit(opts.Limit))
	}
	for _, fault := range opts.Faults {
		if strings.TrimSpace(fault) == "" {
			return nil, errors.New("--fault: got none, want OPERATION=FAULT:PROBABILITY, such as createResponse=503:0.1")
		}
	}
	if len(opts.Faults) > 0 {
		settings = append(settings, clienttest.WithFaults(strings.Join(opts.Faults, " ")))
	}
	if opts.TLS || opts.CA != "" {
		settings = append(settings, clienttest.WithTLS(opts.CA))
	}
	if opts.Record != "" {
		settings = append(settings, clienttest.WithRecord(opts.Record, opts.Upstream))
	}
	if opts.Replay != "" {
		settings = append(settings, clienttest.WithReplay(opts.Replay))
	}
	if opts.Log {
		settings = append(settings, clienttest.WithLog(opts.Err))
	}
	return settings, nil
}

// say says on standard error how the server is used.
func say(opts *Options, server *clienttest.Server) {
	if file := server.CAFile(); file != "" {
		fmt.Fprintf(opts.Err, "Programs trust it by its authority: SSL_CERT_FILE=%[1]s, NODE_EXTRA_CA_CERTS=%[1]s\n", file)
	}
	if host, _, _ := net.SplitHostPort(opts.Address); host == "" || host == "0.0.0.0" || host == "::" {
		fmt.Fprintln(opts.Err, "Other machines reach it, and can read what it received.")
	}
	fmt.Fprintln(opts.Err, "This is the base URL of a client, with any key; Ctrl-C ends the server.")
}

func writeCoverage(name string, coverage clienttest.Coverage) error {
	text, err := json.MarshalIndent(coverage, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(text, '\n'), 0o644)
}
