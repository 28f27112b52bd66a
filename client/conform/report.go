package conform

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/opcall/opcall/client/internal/mask"
	"github.com/opcall/opcall/schema"
)

// Direction says which half of an exchange a Report is about.
type Direction string

// The directions.
const (
	Request  Direction = "request"
	Response Direction = "response"
)

// Report says that a message breaks the document, or was not validated. Messages
// that were validated and are fine are not reported.
type Report struct {
	Direction Direction
	Operation string // ID, "" where the method and path are those of none
	Method    string
	Path      string // of the URL, escaped, without the query
	Status    int    // of a response
	Event     int    // the number of an event of a stream or WebSocket, from 1 on; 0 for the rest
	EventType string // of an event of a stream, "" where it has no name

	// Err is what is wrong: a *schema.ValidationError with every problem, by
	// errors.As, where a value breaks its schema. The first token of a pointer is
	// the name of a parameter or of a field of the body.
	Err      error
	Findings []schema.Finding // where a response and the document disagree, in the Lenient tier
	Skipped  string           // why the body was not validated, "" when it was
	Rejected bool             // it went no further

	request *http.Request // until secrets are known
	secrets []string      // of the request, which String masks
}

// String returns the report as text, a line for each problem or finding. Strangers'
// texts are bounded and stay on their line; credentials of the request are masked.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s", r.Direction, mask.Line(r.Method, 20), mask.Line(r.Path, 200))
	if r.Status != 0 {
		fmt.Fprintf(&b, ", status %d", r.Status)
	}
	if r.Event != 0 {
		fmt.Fprintf(&b, ", event %d", r.Event)
	}
	if r.Rejected {
		b.WriteString(", rejected")
	}
	if r.Err != nil {
		b.WriteString(": " + errorText(r.Err))
	}
	if r.Skipped != "" {
		b.WriteString(": body not checked: " + mask.Line(r.Skipped, maxLine))
	}
	for _, f := range r.Findings {
		f.Problem = onLine(f.Problem)
		b.WriteString("\n  " + f.String())
	}
	return mask.Text(b.String(), r.secrets)
}

const (
	maxLine    = 500 // bytes of a line of a report
	maxPointer = 200 // bytes of the pointer in it
	maxSubject = 100 // bytes of the name of an operation or component in it
)

// errorText returns an error's text with each problem on a line of its own.
func errorText(err error) string {
	var invalid *schema.ValidationError
	if !errors.As(err, &invalid) || len(invalid.Problems) == 0 {
		return mask.Line(err.Error(), maxLine)
	}
	subject := mask.Line(invalid.Subject, maxSubject)
	if len(invalid.Problems) == 1 && invalid.More == 0 {
		return subject + ": " + onLine(invalid.Problems[0]).String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d problems", subject, len(invalid.Problems)+invalid.More)
	for _, p := range invalid.Problems {
		b.WriteString("\n  " + onLine(p).String())
	}
	if invalid.More > 0 {
		fmt.Fprintf(&b, "\n  and %d more", invalid.More)
	}
	return b.String()
}

// onLine returns a problem whose text is one bounded line.
func onLine(p schema.Problem) schema.Problem {
	p.Pointer = schema.Pointer(mask.Line(string(p.Pointer), maxPointer))
	p.Message, p.Component = mask.Line(p.Message, maxLine), mask.Line(p.Component, maxSubject)
	return p
}

// withoutValues returns the report as WithoutValues has it.
func (r Report) withoutValues() Report {
	var invalid *schema.ValidationError
	if errors.As(r.Err, &invalid) {
		r.Err = invalid.WithoutValues()
	}
	findings := make([]schema.Finding, len(r.Findings))
	for i, f := range r.Findings {
		findings[i] = schema.Finding{Kind: f.Kind, Problem: f.WithoutValue()}
	}
	r.Findings = findings
	return r
}

// Error is the error of a Transport for what it rejects.
type Error struct {
	Report Report // its Err is not nil
}

// Error says what was rejected, and why.
func (e *Error) Error() string {
	if e.Report.Direction == Request {
		return "request not sent: " + e.Report.errorText()
	}
	return fmt.Sprintf("response with status %d rejected: %s", e.Report.Status, e.Report.errorText())
}

// Unwrap returns the result.
func (e *Error) Unwrap() error { return e.Report.Err }

// errorText returns the text of Err, credentials masked.
func (r Report) errorText() string { return mask.Text(errorText(r.Err), r.secrets) }

// tally counts a message that was validated.
func (g *gate) tally(r *Report) {
	if g.counted != nil {
		g.counted(r)
	}
}

// tell passes a report on where it says anything, and returns it as it was passed on.
func (g *gate) tell(r Report) Report {
	if r.Err == nil && len(r.Findings) == 0 && r.Skipped == "" {
		return r
	}
	if r.request != nil {
		r.secrets, r.request = mask.Secrets(r.request), nil
	}
	if g.withoutValues {
		r = r.withoutValues()
	}
	g.report(r)
	return r
}

// logged is the report function of a program that has none.
func logged(r Report) {
	level := slog.LevelWarn
	if r.Err == nil && len(r.Findings) == 0 {
		level = slog.LevelDebug
	}
	slog.Default().Log(context.Background(), level, "conform: "+r.withoutValues().String(), "operation", mask.Line(r.Operation, maxSubject))
}
