package conform

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/opcall/opcall/schema"
)

// Direction says which half of an exchange a Report is about.
type Direction string

// The directions.
const (
	Request  Direction = "request"
	Response Direction = "response"
)

// Report tells that a message breaks the document, or was not judged. Messages
// that were judged and are fine are not reported.
type Report struct {
	Direction Direction
	Operation string // ID, "" where the method and path are those of none
	Method    string
	Path      string // of the URL, escaped, without the query
	Status    int    // of a response

	// Err is what is wrong: a *schema.ValidationError with every problem, by
	// errors.As, where a value breaks its schema. The first token of a pointer is
	// the name of a parameter or of a field of the body.
	Err      error
	Findings []schema.Finding // where a response and the document disagree, in the Lenient tier
	Skipped  string           // why the body was not judged, "" when it was
	Rejected bool             // it went no further
}

// String returns the report as text, a line for each problem or finding.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %.20s %.200s", r.Direction, r.Method, r.Path)
	if r.Status != 0 {
		fmt.Fprintf(&b, ", status %d", r.Status)
	}
	if r.Rejected {
		b.WriteString(", rejected")
	}
	if r.Err != nil {
		fmt.Fprintf(&b, ": %v", r.Err)
	}
	if r.Skipped != "" {
		b.WriteString(": body not checked: " + r.Skipped)
	}
	for _, f := range r.Findings {
		b.WriteString("\n  " + f.String())
	}
	return b.String()
}

// Error is the error of a Transport for what it rejects.
type Error struct {
	Report Report // its Err is not nil
}

// Error says what was rejected, and why.
func (e *Error) Error() string {
	if e.Report.Direction == Request {
		return fmt.Sprintf("request not sent: %v", e.Report.Err)
	}
	return fmt.Sprintf("response with status %d rejected: %v", e.Report.Status, e.Report.Err)
}

// Unwrap returns the verdict.
func (e *Error) Unwrap() error { return e.Report.Err }

// tell reports what there is to tell.
func (g *gate) tell(r Report) {
	if r.Err != nil || len(r.Findings) > 0 || r.Skipped != "" {
		g.report(r)
	}
}

// logged is the report function of a program that has none.
func logged(r Report) {
	level := slog.LevelWarn
	if r.Err == nil && len(r.Findings) == 0 {
		level = slog.LevelDebug
	}
	slog.Default().Log(context.Background(), level, "conform: "+r.String(), "operation", r.Operation)
}
