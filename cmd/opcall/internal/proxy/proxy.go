// Package proxy is the command "opcall proxy".
package proxy

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/cmd/opcall/internal/listen"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// Options are those of one run.
type Options struct {
	*session.Session
	Upstream      string
	Address       string
	Mode          string
	Findings      string
	Values        bool
	Record        string
	Drift         string
	MaxBody       int
	MaxRequests   int
	UnknownFields bool
}

// openAI is where requests for the built-in document go.
const openAI = "https://api.openai.com"

// NewCmdProxy returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdProxy(s *session.Session, runF func(context.Context, *Options) error) *cobra.Command {
	opts := &Options{Session: s}
	cmd := &cobra.Command{
		Use:   "proxy [URL]",
		Short: "Validate the traffic of other programs on its way to the API",
		Long: `Pass requests on to an API and validate them, the responses, the events of streams and
the messages of WebSockets. What is passed on is unchanged. Point the base URL of a
program to the address that is printed; its key passes through and is not kept.

  reject  a request that breaks the document gets 400 and goes no further
  warn    everything passes, what breaks the document is reported
  learn   everything passes, and the end says where reality and document differ, by field

Findings are JSON, a line each, on standard error or in a file. Below the root of the
address are /__opcall/health, /__opcall/metrics for Prometheus, and /__opcall/drift.`,
		Example: `  opcall proxy --addr 127.0.0.1:8080 --mode warn --findings findings.jsonl
  opcall proxy --mode learn --drift drift.json --record traffic.jsonl
  opcall proxy https://eu.example.com/v1 --spec api.yaml`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				opts.Upstream = args[0]
			}
			if runF == nil {
				runF = run
			}
			return runF(cmd.Context(), opts)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.Address, "addr", "127.0.0.1:0", "`address` to listen on; port 0 takes a free one")
	flags.StringVar(&opts.Mode, "mode", "reject", strings.Join(modes, ", "))
	flags.StringVar(&opts.Findings, "findings", "", "`file` for findings, which is appended to (default: standard error)")
	flags.BoolVar(&opts.Values, "values", false, "let findings have the values that they are about")
	flags.StringVar(&opts.Record, "record", "", "`file` for what passes, which is appended to; bodies are kept, credentials are not")
	flags.StringVar(&opts.Drift, "drift", "", "`file` for what learn says, as JSON (default: text on standard output)")
	flags.IntVar(&opts.MaxBody, "max-body", conform.DefaultMaxBody, "the longest body that is validated, in `bytes`")
	flags.IntVar(&opts.MaxRequests, "max-requests", 10_000, "`how many` are passed on at the same time, 0 for no limit")
	flags.BoolVar(&opts.UnknownFields, "unknown-fields", false, "let fields pass that the document does not have")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("mode", cobra.FixedCompletions(modes, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

var modes = []string{"reject", "warn", "learn"}

func run(ctx context.Context, opts *Options) (err error) {
	settings, files, err := settingsOf(opts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, files.close()) }()
	doc, err := opts.Document()
	if err != nil {
		return err
	}
	upstream, err := upstreamOf(opts)
	if err != nil {
		return err
	}
	notices := log.New(&notices{out: opts.Err}, "", 0)
	before, flags := log.Writer(), log.Flags() // net/http has notices that no setting leads elsewhere
	log.SetOutput(notices.Writer())
	log.SetFlags(0)
	defer func() { log.SetOutput(before); log.SetFlags(flags) }()
	proxy, err := conform.NewProxy(doc, upstream, append(settings, conform.WithProxyLog(notices))...)
	if err != nil {
		return err
	}
	listener, err := listen.Open(ctx, opts.Address)
	if err != nil {
		return err
	}
	base := ""
	if servers := doc.Servers(); len(servers) > 0 {
		if u, err := url.Parse(servers[0].URL); err == nil {
			base = strings.TrimSuffix(u.EscapedPath(), "/")
		}
	}
	fmt.Fprintf(opts.Out, "http://%s%s\n", listener.Addr(), base)
	fmt.Fprintf(opts.Err, "This is the base URL of a client; requests go on to %s. Ctrl-C ends the proxy.\n", upstream)
	if err := listen.Serve(ctx, listener, proxy, proxy.Shutdown); err != nil {
		return err
	}
	proxy.CloseIdleConnections()
	if err := proxy.RecordingErr(); err != nil {
		err = fmt.Errorf("--record: not all was written: %w", err)
		return errors.Join(err, files.findings.Err(), writeDrift(opts, proxy.Drift()))
	}
	if err := files.findings.Err(); err != nil {
		return errors.Join(fmt.Errorf("--findings: not all was written: %w", err), writeDrift(opts, proxy.Drift()))
	}
	return writeDrift(opts, proxy.Drift())
}

// upstreamOf returns the URL of the API. A document does not decide where keys go.
func upstreamOf(opts *Options) (string, error) {
	if given := cmp.Or(opts.Upstream, opts.Flags.BaseURL); given != "" {
		return given, nil
	}
	spec, err := opts.Spec()
	if err != nil {
		return "", err
	}
	if spec != "" {
		return "", errors.New("got no URL of the API: opcall proxy URL; a document does not decide where keys go")
	}
	return openAI, nil
}

// written are the files that a run writes.
type written struct {
	open     []*os.File
	findings *conform.ReportLog
}

func (w *written) close() (err error) {
	for _, f := range w.open {
		err = errors.Join(err, f.Close())
	}
	return err
}

func (w *written) append(name string) (io.Writer, error) {
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		w.open = append(w.open, file)
	}
	return file, err
}

// settingsOf turns flags into options, and opens the files.
func settingsOf(opts *Options) ([]conform.ProxyOption, *written, error) {
	action := conform.Pass
	switch opts.Mode {
	case "reject":
		action = conform.Reject
	case "warn", "learn":
	default:
		return nil, nil, fmt.Errorf("--mode: got %.40q, want %s%s", opts.Mode, strings.Join(modes, ", "), near.Question(near.Names(opts.Mode, modes, 1)))
	}
	if opts.MaxBody < 1 || opts.MaxRequests < 0 {
		return nil, nil, errors.New("--max-body and --max-requests: want positive numbers")
	}
	files := &written{}
	findings := opts.Err
	if opts.Findings != "" {
		file, err := files.append(opts.Findings)
		if err != nil {
			return nil, nil, err
		}
		findings = file
	}
	files.findings = conform.NewReportLog(findings, time.Now, opts.Values)
	report := files.findings.Report
	if opts.Mode == "learn" && opts.Findings == "" {
		report = func(conform.Report) {}
	}
	settings := []conform.ProxyOption{
		conform.WithRequests(schema.Standard, action), conform.WithReport(report),
		conform.WithMaxBody(opts.MaxBody), conform.WithMaxRequests(opts.MaxRequests),
	}
	if opts.UnknownFields {
		settings = append(settings, conform.WithUnknownFields())
	}
	if opts.Record != "" {
		file, err := files.append(opts.Record)
		if err != nil {
			return nil, nil, errors.Join(err, files.close())
		}
		settings = append(settings, conform.WithRecording(file))
	}
	return settings, files, nil
}

// writeDrift says what was learnt.
func writeDrift(opts *Options, drift *conform.Drift) error {
	switch {
	case opts.Drift != "":
		text, err := json.MarshalIndent(drift, "", "  ")
		if err != nil {
			return err
		}
		return os.WriteFile(opts.Drift, append(text, '\n'), 0o600)
	case opts.Mode == "learn":
		_, err := io.WriteString(opts.Out, drift.String())
		return err
	}
	return nil
}
