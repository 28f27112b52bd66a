package client

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/schema"
)

// edition is a document together with what calls have learnt of its operations.
// It is safe for concurrent use.
type edition struct {
	document *schema.Document
	plans    sync.Map // *schema.Operation to *plan
}

// plan returns what is known of an operation of the document.
func (e *edition) plan(op *schema.Operation) *plan {
	if known, ok := e.plans.Load(op); ok {
		return known.(*plan)
	}
	known, _ := e.plans.LoadOrStore(op, newPlan(op))
	return known.(*plan)
}

// plan is what calls of an operation need of the document beyond its fields. It
// depends on nothing else and is made once. It never changes and is safe for
// concurrent use.
type plan struct {
	path    string                           // template, escaped but for its braces
	query   string                           // of the path key, escaped
	accept  string                           // Accept, where the call has no other
	headers map[string]string                // that every request needs: x-opcall-headers
	schemes map[string]schema.SecurityScheme // that its security names and the document has
	stream  func() (*extension.Stream, error)
}

func newPlan(op *schema.Operation) *plan {
	return &plan{
		path:    escapeInvalid(op.Path, "/{}"),
		query:   escapeInvalid(op.Query, "/?"),
		accept:  acceptOf(op),
		headers: documentHeaders(op),
		schemes: securitySchemes(op),
		stream:  sync.OnceValues(func() (*extension.Stream, error) { return streamOf(op) }),
	}
}

// known returns the plan of the operation, where Bind has not set it.
func (b *Bound) known() *plan {
	if b.plan == nil {
		b.plan = newPlan(b.Operation)
	}
	return b.plan
}

// documentHeaders returns the headers that the document says every request of
// the operation needs.
func documentHeaders(op *schema.Operation) map[string]string {
	headers := make(map[string]string)
	for _, h := range extension.Headers(op) {
		if checkHeader(h.Name, h.Value) == nil {
			headers[http.CanonicalHeaderKey(h.Name)] = h.Value
		}
	}
	return headers
}

// streamOf returns what the document says of the operation's stream. The error is
// a *BindError for an operation without one.
func streamOf(op *schema.Operation) (*extension.Stream, error) {
	s, err := extension.ReadStream(op)
	switch {
	case err != nil:
		return nil, (&Bound{Operation: op}).failure("", "the document's extension cannot be used", err)
	case s == nil:
		return nil, (&Bound{Operation: op}).fail("", "the document declares no event stream for it; Call calls it")
	}
	return s, nil
}

func securitySchemes(op *schema.Operation) map[string]schema.SecurityScheme {
	schemes := make(map[string]schema.SecurityScheme)
	for _, requirement := range op.Security {
		for _, name := range requirement {
			if scheme, ok := op.Document().SecurityScheme(name); ok {
				schemes[name] = scheme
			}
		}
	}
	return schemes
}

// acceptOf lists the media types of the operation's successful answers, event
// streams aside, which Stream asks for.
func acceptOf(op *schema.Operation) string {
	var names []string
	for _, r := range op.Responses {
		if r.Status == "" || r.Status[0] != '2' && r.Status != "default" {
			continue
		}
		for _, m := range r.Content {
			if !extension.IsEventStream(m.Name) && !slices.Contains(names, m.Name) {
				names = append(names, m.Name)
			}
		}
	}
	if len(names) == 0 {
		return "*/*"
	}
	return strings.Join(names, ", ")
}
