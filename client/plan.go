package client

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/client/internal/inbound"
	masking "github.com/opcall/opcall/client/internal/mask"
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

// plan is what sending needs to know of an operation or a socket. It is read from
// the document once, never changes and is safe for concurrent use.
type plan struct {
	name       string // the operation's ID, or the name of the socket
	method     string
	template   string                           // path, as the document has it or says that requests go to
	path       []pathPart                       // of template
	routed     bool                             // template is that of x-opcall-path, which may name fields of the body
	query      string                           // of the path key, escaped
	accept     string                           // Accept, where the call has no other
	headers    map[string]string                // that every request needs: x-opcall-headers
	security   []schema.SecurityRequirement     // of which one is to be met
	schemes    map[string]schema.SecurityScheme // that security names and the document has
	keys       []schema.SecurityScheme          // of schemes those of type apiKey
	servers    []schema.Server
	ownServers bool                              // they are not those of the document
	openAI     bool                              // the server is that of the OpenAI API
	refused    error                             // the document declares what no socket may send: none is opened
	limit      int64                             // of a response, in bytes: x-opcall-max-response, 0 for none
	activity   func() extension.Activity         // of its calls, for observers
	stream     func() (*extension.Stream, error) // nil for a socket
	files      sync.Map                          // *schema.MediaType to map[string]bool, see fileFields
	fields     sync.Map                          // *schema.Schema to *declaredFields
	types      sync.Map                          // goType to []schema.Misspelling, see decode.go
	paging     atomic.Pointer[listing]           // how Items pages the operation, nil before it was asked
	granted    atomic.Pointer[granted]           // see grants; nil before it was asked
	address    atomic.Pointer[address]           // of a path without parameters, see encodePath; nil before it was asked
}

func newPlan(op *schema.Operation) *plan {
	return &plan{
		name:       op.ID,
		method:     op.Method,
		template:   extension.Path(op),
		path:       pathParts(extension.Path(op)),
		routed:     extension.Path(op) != op.Path,
		query:      escapeInvalid(op.Query, "/?"),
		accept:     acceptOf(op),
		headers:    documentHeaders(op),
		security:   op.Security,
		schemes:    securitySchemes(op),
		keys:       keySchemes(op),
		servers:    op.Servers,
		ownServers: !sameServers(op.Servers, op.Document().Servers()),
		openAI:     isOpenAI(op.Servers),
		limit:      extension.MaxResponse(op),
		activity:   activityOf(op.Document(), op.ID),
		stream:     sync.OnceValues(func() (*extension.Stream, error) { return streamOf(op) }),
	}
}

// socketPlan is the plan of a handshake: security and servers are those of the
// operation that the socket is like.
func socketPlan(spec *extension.Socket) *plan {
	return &plan{
		name:     spec.Name,
		method:   http.MethodGet,
		template: spec.Path,
		path:     pathParts(spec.Path),
		headers:  documentHeaders(spec.Like),
		security: spec.Like.Security,
		schemes:  securitySchemes(spec.Like),
		keys:     keySchemes(spec.Like),
		servers:  spec.Like.Servers,
		openAI:   isOpenAI(spec.Like.Servers),
		refused:  checkSubprotocols(spec),
		activity: activityOf(spec.Like.Document(), spec.Name),
	}
}

// activityOf returns what reads the telemetry of an operation or socket once.
func activityOf(doc *schema.Document, name string) func() extension.Activity {
	return sync.OnceValue(func() extension.Activity { return extension.ReadTelemetry(doc, name) })
}

// maxResponse returns how many bytes of a JSON response, an event or a Final are
// read: what the caller said takes precedence over what the document says.
func (b *Bound) maxResponse() int64 {
	return cmp.Or(b.settings.maxResponse, b.plan.limit, DefaultMaxResponse)
}

// fileFields returns the fields of a form that are files.
func (p *plan) fileFields(media *schema.MediaType) map[string]bool {
	if known, ok := p.files.Load(media); ok {
		return known.(map[string]bool)
	}
	known, _ := p.files.LoadOrStore(media, inbound.FileFields(media.Schema))
	return known.(map[string]bool)
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

// checkSubprotocols refuses a subprotocol that is a credential, as
// "openai-insecure-api-key.KEY" is.
func checkSubprotocols(spec *extension.Socket) error {
	for _, protocol := range spec.Subprotocols {
		if masking.Sensitive(protocol) {
			return &BindError{Operation: spec.Name, Name: "Sec-WebSocket-Protocol", Reason: "the document offers a subprotocol that is a credential"}
		}
	}
	return nil
}

// streamOf returns what the document says of the operation's stream. The error is
// a *BindError for an operation without one.
func streamOf(op *schema.Operation) (*extension.Stream, error) {
	s, err := extension.ReadStream(op)
	switch {
	case err != nil:
		return nil, &BindError{Operation: op.ID, Reason: "the document's extension cannot be used", Err: err}
	case s == nil:
		return nil, &BindError{Operation: op.ID, Reason: "the document declares no event stream for it; Call calls it"}
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

// keySchemes returns the schemes whose credential is a header, a query parameter or a cookie
// that the document names.
func keySchemes(op *schema.Operation) (keys []schema.SecurityScheme) {
	for _, scheme := range securitySchemes(op) {
		if scheme.Type == "apiKey" {
			keys = append(keys, scheme)
		}
	}
	return keys
}

// acceptOf lists the media types of the operation's successful responses, event
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
