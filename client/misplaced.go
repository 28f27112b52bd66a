package client

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/internal/style"
	"github.com/opcall/opcall/schema"
)

// BindError says that an operation or a socket cannot be called in this way, for a
// reason that no value of the params mends: it has no event stream, the document
// knows no such socket, a stream cannot be resumed, a credential cannot be sent,
// the context is nil. What is wrong with the params is a *schema.ValidationError.
type BindError struct {
	Operation string // its ID, or the name of the socket
	Name      string // what the reason is about, may be ""
	Reason    string // "" where Err says it all
	Err       error  // the cause, when there is one
}

func (e *BindError) Error() string {
	text := named(e.Operation)
	if e.Reason != "" {
		if e.Name != "" {
			text += fmt.Sprintf(": %.80q", e.Name)
		}
		text += ": " + e.Reason
	}
	if e.Err != nil {
		text += ": " + oneLine(e.Err.Error(), maxMessage)
	}
	return text
}

// Unwrap returns the cause.
func (e *BindError) Unwrap() error { return e.Err }

// nilContext is the reason of a BindError for a nil context.
const nilContext = "got a nil context; context.Background() is one that never ends"

func (b *Bound) fail(name, reason string, args ...any) error {
	return &BindError{Operation: b.plan.name, Name: name, Reason: fmt.Sprintf(reason, args...)}
}

// wrong makes the error of a value that cannot be sent, of the parameter of that
// name if in says where parameters go, else of the body field, else of the whole.
func (b *Bound) wrong(in, name, format string, args ...any) error {
	return &schema.ValidationError{Subject: b.plan.name, Problems: []schema.Problem{
		{In: in, Pointer: pointerTo(name), Message: fmt.Sprintf(format, args...)},
	}}
}

// ofParameter says that an error is about the value of a parameter.
func ofParameter(err error, p *schema.Parameter) error {
	var invalid *schema.ValidationError
	if errors.As(err, &invalid) {
		invalid.Problems[0].In = p.In
	}
	return err
}

// unfit is wrong for a value of the body with a cause.
func (b *Bound) unfit(name, reason string, err error) error {
	invalid := b.wrong("", name, "%s: %s", reason, oneLine(err.Error(), maxMessage)).(*schema.ValidationError)
	invalid.Err = err
	return invalid
}

// unstyled makes the error of a value that the style of its parameter, or field of a
// form, cannot write.
func (b *Bound) unstyled(in, name string, err error) error {
	problem := schema.Problem{In: in, Pointer: pointerTo(name), Keyword: "style", Message: err.Error()}
	var cause *style.Error
	if errors.As(err, &cause) {
		problem.Pointer += schema.Pointer(cause.Pointer)
		if problem.Message = cause.Reason; cause.Remedy != "" {
			problem.Message += "; " + cause.Remedy
		}
	}
	return &schema.ValidationError{Subject: b.plan.name, Problems: []schema.Problem{problem}}
}

// pointerTo is the pointer to the parameter or body field of a name, or to the
// whole.
func pointerTo(name string) schema.Pointer {
	if name == "" {
		return ""
	}
	return schema.Pointer("").Append(name)
}

// misplaced collects what has no place in a request.
type misplaced struct {
	invalid schema.ValidationError
	wrong   bool // there is more than unknown names
}

// note takes in what is wrong with one of the params, and returns any other error.
func (m *misplaced) note(err error) error {
	if err == nil {
		return nil
	}
	var invalid *schema.ValidationError
	if !errors.As(err, &invalid) {
		return err
	}
	merge(&m.invalid, invalid)
	m.wrong = true
	return nil
}

// unknown notes a name that the operation does not declare; the place is "" for
// flat params.
func (m *misplaced) unknown(b *Bound, place, name string) {
	what := "parameter"
	if place != "" {
		what = place + " parameter"
	}
	var names []string
	for _, p := range b.Operation.Parameters {
		if place == "" || p.In == place {
			names = append(names, p.Name)
		}
	}
	declared, elsewhere := b.Operation.Parameter(name)
	nearest := near.Names(name, names, 3)
	hint := unknownHint(names, nearest)
	switch {
	case place != "" && elsewhere:
		hint = ", but there is a " + declared.In + " parameter of that name"
	case place == "" && len(nearest) == 0 && b.settings.unknownFields:
		hint = "; the operation takes no body: an Input says where else it goes"
	}
	m.add(place, name, "unknown "+what+" "+quoteName(name)+hint, nearest)
}

// unknownOf notes a name that is not among those of a socket.
func (m *misplaced) unknownOf(names []string, name string) {
	nearest := near.Names(name, names, 3)
	m.add("query", name, "unknown query parameter "+quoteName(name)+unknownHint(names, nearest), nearest)
}

func (m *misplaced) add(place, name, message string, nearest []string) {
	m.invalid.Problems = append(m.invalid.Problems, schema.Problem{
		In: place, Pointer: pointerTo(name), Keyword: "unevaluatedProperties", Got: clip(name), Nearest: nearest, Message: message,
	})
}

// maxListed is up to how many names are listed where none is near.
const maxListed = 8

// unknownHint says what could be given in place of an unknown name.
func unknownHint(names, nearest []string) string {
	switch {
	case len(nearest) > 0:
		return near.Question(quoteNames(nearest))
	case len(names) == 0:
		return "; it takes none"
	case len(names) <= maxListed:
		return "; it takes " + strings.Join(quoteNames(names), ", ")
	}
	return ""
}

// whole returns the error of all that has no place, nil where everything has one. Unknown
// names come with what Validate finds, in the tiers in which that is an error:
// it is the same list of mistakes to who made them.
func (m *misplaced) whole(b *Bound) error {
	if len(m.invalid.Problems) == 0 {
		return nil
	}
	m.invalid.Subject = b.plan.name
	if tier := b.settings.requestTier; !m.wrong && b.Operation != nil && (tier == schema.Standard || tier == schema.Strict) {
		if invalid := b.check(tier); invalid != nil {
			b.settings.admitNew(invalid)
			merge(&m.invalid, invalid)
		}
	}
	return &m.invalid
}

// quoteName shows a name, cut where it is long.
func quoteName(name string) string {
	if len(name) > maxQuoted {
		return strconv.Quote(clip(name)) + "…"
	}
	return strconv.Quote(name)
}

// maxQuoted bounds what is shown of a name, in bytes.
const maxQuoted = 80

func clip(name string) string {
	if len(name) > maxQuoted {
		return strings.ToValidUTF8(name[:maxQuoted], "")
	}
	return name
}

func quoteNames(names []string) []string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quoteName(name)
	}
	return quoted
}
