package conform

import (
	"errors"
	"strings"

	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/schema"
)

// Action is what happens to a message that breaks the document. Either way it is
// reported.
type Action int

// The actions.
const (
	Reject Action = iota // it goes no further
	Pass                 // it goes on unchanged
)

// Option configures a Transport or a Handler.
type Option func(*gate)

// WithRequests sets the tier that requests are validated in, and what happens to one
// that breaks the document. In the Lenient tier requests are validated as in
// Standard and pass.
func WithRequests(tier schema.Tier, action Action) Option {
	return func(g *gate) { g.requests = policy{tier, action} }
}

// WithResponses does for responses what WithRequests does for requests. In the
// Lenient tier their Report has Findings. To Reject, the JSON of a response is
// held in memory until its end; to Pass, it is validated as it goes by. Responses with
// the status of an error, from 400 on, are never rejected.
func WithResponses(tier schema.Tier, action Action) Option {
	return func(g *gate) { g.responses = policy{tier, action} }
}

// WithUnmatched sets what happens to a request whose method and path are those
// of no operation.
func WithUnmatched(action Action) Option {
	return func(g *gate) { g.unmatched = &action }
}

// WithUnchecked sets what happens to a request that is to be validated and cannot be:
// for its Content-Encoding, its charset or its length, or because the document has an error
// in the operation; see "What is not validated". The default is that of WithRequests:
// where requests that break the document are rejected, so are these, with 400, 413, 415
// or 500. Bodies of media types about whose bytes a document
// says nothing (audio, text) always pass.
func WithUnchecked(action Action) Option {
	return func(g *gate) { g.unchecked = &action }
}

// WithoutValues leaves what people wrote out of the messages: reports, errors and
// responses to rejected messages have the place, the keyword and what is accepted,
// but neither the value nor the name of an unknown field. The default log leaves
// them out always.
func WithoutValues() Option {
	return func(g *gate) { g.withoutValues = true }
}

// WithUnknownFields lets fields and query parameters through that nothing in the
// document declares.
func WithUnknownFields() Option {
	return func(g *gate) { g.unknownFields = true }
}

// WithBasePath says what the paths of the document are relative to: "/v1", "/"
// for the root. Without it these are the paths of the URLs of the document's
// servers, and for operations that have servers of their own those of these as well.
func WithBasePath(path string) Option {
	return func(g *gate) { g.bases = inbound.NewBases(nil, "/"+strings.Trim(path, "/")) }
}

// DefaultMaxBody is the longest body that is validated, in bytes.
const DefaultMaxBody = 16 << 20

// WithMaxBody sets the longest body that is validated, in bytes, in place of
// DefaultMaxBody; 64 MiB is the most. A body in a Content-Encoding may have as many
// bytes once it is decoded. Files in multipart forms do not count.
func WithMaxBody(bytes int) Option {
	return func(g *gate) { g.maxBody = min(max(bytes, 0), inbound.MaxBody) }
}

// WithReport hands every Report to a function, which is called by the goroutine
// that the message is in, by several at once. A response is reported when it has
// been read to its end. Without it, reports are logged by slog.Default(), those
// with an Err or Findings as warnings, others at level debug, without values (see
// WithoutValues).
func WithReport(report func(Report)) Option {
	return func(g *gate) {
		if report != nil {
			g.report = report
		}
	}
}

// WithErrorResponses has a Transport respond to what it rejects as the API would, with
// an error in JSON and the status 400, 404, 405 or 415 for a request and 502 for
// a response, in place of the error of RoundTrip. It is for SDKs that take every
// such error for a broken connection and try again: these responses say
// X-Should-Retry: false, which the official SDKs obey.
func WithErrorResponses() Option {
	return func(g *gate) { g.errorResponses = true }
}

// gate is what a Transport and a Handler have in common. It does not change once
// it is made.
type gate struct {
	doc            *schema.Document
	bases          *inbound.Bases
	requests       policy
	responses      policy
	unmatched      *Action
	unchecked      *Action // nil: as requests
	withoutValues  bool
	unknownFields  bool
	maxBody        int
	report         func(Report)
	errorResponses bool
	events         bool          // those of streams are validated
	counted        func(*Report) // each message that was validated, also those that are fine
	requestCheck   inbound.Validator
}

// policy is how one direction is treated.
type policy struct {
	tier   schema.Tier
	action Action
}

// rejects reports whether what breaks the document goes no further.
func (p policy) rejects() bool {
	return p.action == Reject && p.tier != schema.Lenient && p.tier != schema.Off
}

// effect is what happens to a message that breaks the document.
func (p policy) effect() Action {
	if p.rejects() {
		return Reject
	}
	return Pass
}

func newGate(doc *schema.Document, responses schema.Tier, opts []Option) *gate {
	g := &gate{
		doc: doc, responses: policy{responses, Pass},
		maxBody: DefaultMaxBody, report: logged,
	}
	for _, opt := range opts {
		opt(g)
	}
	if g.unchecked == nil {
		action := g.requests.effect()
		g.unchecked = &action
	}
	g.requestCheck.Tier, g.requestCheck.UnknownFields = g.requests.tier, g.unknownFields
	if g.bases == nil {
		g.bases = inbound.NewBases(doc)
	}
	return g
}

var errNoDocument = errors.New("conform: got a nil document, want one of schema.Load")
