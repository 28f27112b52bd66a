// Package doctor is the command "opcall doctor".
package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
	"github.com/opcall/opcall/schema"
)

// Options are those of one run.
type Options struct {
	*session.Session
	Offline bool
	Version string
}

// NewCmdDoctor returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdDoctor(s *session.Session, version string, runF func(context.Context, *Options) error) *cobra.Command {
	opts := &Options{Session: s, Version: version}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check settings, document and connection; shows no key",
		Long: `Say which settings are in use and where they come from, what the document is and whether
it has errors, and whether the server is reached. Keys are named by their source and never
shown. To see whether the server takes the key, one list or model operation is called, with
the method GET and no parameters. The exit code is 1 where something is wrong.`,
		Args: usage.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if runF != nil {
				return runF(cmd.Context(), opts)
			}
			return run(cmd.Context(), opts)
		},
	}
	cmd.Flags().BoolVar(&opts.Offline, "offline", false, "send nothing")
	return cmd
}

// examination writes one line per thing that was looked at.
type examination struct {
	*Options
	wrong bool
}

func (e *examination) good(label, format string, args ...any) {
	e.line(terminal.Green, "ok", label, format, args...)
}

func (e *examination) bad(label, format string, args ...any) {
	e.wrong = true
	e.line(terminal.Red, "error", label, format, args...)
}

func (e *examination) note(label, format string, args ...any) {
	e.line(terminal.Yellow, "note", label, format, args...)
}

func (e *examination) line(style terminal.Style, word, label, format string, args ...any) {
	fmt.Fprintf(e.Out, "%s%s %-11s %s\n", e.Paint(e.Out).Text(style, word), strings.Repeat(" ", len("error")-len(word)),
		label, render.Plain(fmt.Sprintf(format, args...)))
}

func run(ctx context.Context, opts *Options) error {
	e := &examination{Options: opts}
	e.good("version", "opcall %s", opts.Version)
	doc := e.settings()
	if doc != nil {
		e.document(doc)
		e.keys(doc)
		if !opts.Offline {
			e.server(ctx, doc)
		}
	}
	if ctx.Err() != nil {
		return &exit.Interrupt{Kept: "what comes after the last line is not known"}
	}
	if e.wrong {
		return exit.Silent(exit.Local)
	}
	return nil
}

// settings looks at the config file and the profile, and opens the document.
func (e *examination) settings() *schema.Document {
	path, _ := e.ConfigPath()
	if _, err := e.Config(); err != nil {
		e.bad("config", "%v", err)
		return nil
	} else if _, err := os.Stat(path); err != nil {
		e.note("config", "%s is not there; none is needed for the OpenAI API", path)
	} else {
		e.good("config", "%s", path)
	}
	p, err := e.Profile()
	if err != nil {
		e.bad("profile", "%v", err)
		return nil
	}
	e.good("profile", "%s", cmp.Or(p.Name, "none"))
	doc, err := e.Document()
	if err != nil {
		e.bad("document", "%v", err)
		return nil
	}
	return doc
}

func (e *examination) document(doc *schema.Document) {
	spec, _ := e.Spec()
	n := 0
	for range doc.Operations() {
		n++
	}
	e.good("document", "%s: %q %s, OpenAPI %s, %d operations", cmp.Or(spec, "built in"), doc.Title(), doc.Version(), doc.OpenAPI(), n)
	if wrong := doc.Verify(); len(wrong) > 0 {
		e.bad("document", "%d errors, the first: %v; opcall spec verify lists them", len(wrong), wrong[0])
	}
}

// keys says where each key comes from, and reads none but those of the environment.
func (e *examination) keys(doc *schema.Document) {
	p, _ := e.Profile()
	show := func(place string, secret *session.Secret) {
		if secret.Env != "" && strings.TrimSpace(e.Getenv(secret.Env)) == "" {
			e.bad("key", "%s: the variable %s is not set", place, secret.Env)
			return
		}
		e.good("key", "%s: %s", place, secret.Source())
	}
	found := false
	for place, secret := range p.Keys() {
		found = true
		show(place, secret)
	}
	if !session.IsOpenAI(doc) {
		if !found {
			e.note("key", "no profile gives one; the variables OPENAI_* are for the OpenAI API alone")
		}
		return
	}
	for _, name := range []string{"OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_BASE_URL"} {
		value := strings.TrimSpace(e.Getenv(name))
		switch {
		case value == "" && name == "OPENAI_API_KEY" && p.Key == nil:
			e.bad("key", "OPENAI_API_KEY is not set, and no profile gives a key")
		case value != "" && strings.HasSuffix(name, "KEY"):
			e.good("key", "variable %s, %d characters", name, len(value))
		case value != "":
			e.good("environment", "%s is set", name)
		}
	}
}

// probeTimeout bounds the call that shows whether the server is there.
const probeTimeout = 15 * time.Second

// server makes one call.
func (e *examination) server(ctx context.Context, doc *schema.Document) {
	op := probe(doc)
	if op == nil {
		e.note("server", "no operation can be called without parameters; opcall call shows whether it is reached")
		return
	}
	c, err := e.Client(ctx, client.WithMaxRetries(0), client.WithTimeout(probeTimeout))
	if err != nil {
		e.bad("server", "%s", exit.Text(err))
		return
	}
	request, err := c.Request(ctx, op.ID, nil)
	if err != nil {
		e.bad("server", "%s", exit.Text(err))
		return
	}
	host := (&url.URL{Scheme: request.URL.Scheme, Host: request.URL.Host}).String()
	begun := time.Now()
	_, err = c.Call(ctx, op.ID, nil)
	took := time.Since(begun).Round(time.Millisecond)
	var api *client.APIError
	switch {
	case err == nil:
		e.good("server", "%s took the key: %s, %v", host, op.ID, took)
	case errors.As(err, &api) && (api.StatusCode == http.StatusUnauthorized || api.StatusCode == http.StatusForbidden):
		e.bad("server", "%s is reached and refuses the key: %v", host, err)
	case errors.As(err, &api):
		e.note("server", "%s is reached: %v", host, err)
	default:
		e.bad("server", "%s: %s", host, exit.Text(err))
	}
}

// probe is an operation that reads, needs no parameter and costs nothing: the list of
// models where there is one, else the first list.
func probe(doc *schema.Document) *schema.Operation {
	if op, err := doc.Operation("listModels"); err == nil && harmless(op) {
		return op
	}
	for op := range doc.Operations() {
		if harmless(op) {
			return op
		}
	}
	return nil
}

func harmless(op *schema.Operation) bool {
	if op.Method != http.MethodGet || op.RequestBody != nil || op.Deprecated || strings.Contains(op.Path, "{") {
		return false
	}
	for _, p := range op.Parameters {
		if p.Required {
			return false
		}
	}
	return true
}
