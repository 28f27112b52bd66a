package client

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/opcall/opcall/schema"
)

// Coverage says of one part of a call which schema it is validated against, or why it
// is not validated.
type Coverage struct {
	Part    string         // "query parameter limit", "request body", "response"
	Tier    schema.Tier    // of the request or the response
	Schema  *schema.Schema // nil where the part is not checked
	Skipped string         // why not, "" where it is
}

// String is one line: "request body: CreateEmbeddingRequest, standard", or
// "response: not checked, it is audio/mpeg".
func (c Coverage) String() string {
	if c.Schema == nil {
		return oneLine(c.Part, maxMessage) + ": not checked, " + oneLine(c.Skipped, maxMessage)
	}
	return fmt.Sprintf("%s: %s, %v", oneLine(c.Part, maxMessage), oneLine(c.Schema.Name(), maxName), c.Tier)
}

// Coverage reports what Validate validates the request against: an entry for each
// parameter that was given, in the order of the document, for the body where there
// is one, and for each setting that adds what the document does not know. What a
// File contains is never checked, in a form the other fields are.
func (b *Bound) Coverage() []Coverage {
	var list []Coverage
	tier := b.settings.requestTier
	add := func(part string, s *schema.Schema, skipped string) {
		switch {
		case tier == schema.Off:
			s, skipped = nil, "requests are not, in the tier off"
		case s != nil:
			skipped = ""
		}
		list = append(list, Coverage{part, tier, s, skipped})
	}
	for _, p := range b.Operation.Parameters {
		if b.has(p) {
			add(fmt.Sprintf("%s parameter %.80s", p.In, p.Name), p.Schema, "the document gives no schema for it")
		}
	}
	switch media := b.body.media; {
	case media == nil:
	case b.isExtra():
		add("request body", nil, "all of it is from WithExtraBody")
	case b.body.raw != nil:
		add("request body", nil, "it is "+shownType(b.body.content))
	default:
		add("request body", media.Schema, "the document gives no schema for "+shownType(media.Name))
	}
	for _, extra := range b.settings.extraBody {
		add(fmt.Sprintf("field %.80s of the request body", extra.path), nil, "WithExtraBody is for what the document does not know")
	}
	for _, name := range slices.Sorted(maps.Keys(b.settings.query)) {
		add(fmt.Sprintf("query parameter %.80s", name), nil, "WithQuery is for what the document does not know")
	}
	return list
}

// Coverage reports what the request was validated against, as Bound.Coverage does, and in
// its last entry what the response is.
func (r *Response) Coverage() []Coverage {
	whole := Coverage{Part: "response", Tier: r.request.settings.responseTier}
	switch {
	case r.form == formEmpty:
		whole.Skipped = "it is empty"
	case r.form == formStream:
		whole.Skipped = "it is " + shownType(r.MediaType())
	case whole.Tier == schema.Off:
		whole.Skipped = "responses are not, in the tier off"
	case r.schema == nil:
		whole.Skipped = r.undescribed()
	default:
		whole.Schema = r.schema
	}
	return append(r.request.Coverage(), whole)
}

// Coverage reports what the request of the stream was validated against, as Bound.Coverage
// does, and in its last entry what its events are.
func (s *Stream) Coverage() []Coverage {
	return append(s.bound.Coverage(), covered("events", s.bound.settings.responseTier, s.events.schema))
}

// Coverage reports what the socket validates events against, in both directions. What its
// address has in the query has no schema.
func (s *Socket) Coverage() []Coverage {
	var list []Coverage
	set := s.bound.settings
	for _, a := range s.bound.arguments {
		list = append(list, Coverage{Part: "query parameter " + clip(a.parameter.Name), Tier: set.requestTier, Skipped: "the document gives no schema for it"})
	}
	return append(list, covered("events to send", set.requestTier, s.spec.Client), covered("events", set.responseTier, s.spec.Server))
}

// covered is the entry of events.
func covered(part string, tier schema.Tier, s *schema.Schema) Coverage {
	switch {
	case tier == schema.Off:
		return Coverage{Part: part, Tier: tier, Skipped: "they are not, in the tier off"}
	case s == nil:
		return Coverage{Part: part, Tier: tier, Skipped: "the document gives no schema for them"}
	}
	return Coverage{Part: part, Tier: tier, Schema: s}
}

// undescribed says why the document has no schema for a JSON response.
func (r *Response) undescribed() string {
	declared, ok := r.operation.Response(r.StatusCode())
	switch {
	case !ok:
		return fmt.Sprintf("the document describes no response with status %d", r.StatusCode())
	case len(declared.Content) == 0:
		return fmt.Sprintf("the document describes no body of a response with status %d", r.StatusCode())
	}
	return "the document gives no schema for " + shownType(r.MediaType())
}

// forgetBody keeps of the request body what Coverage needs. What has been encoded
// already can be sent all the same.
func (b *Bound) forgetBody() {
	b.body.json, b.body.fields = "", nil
	if b.body.raw != nil {
		b.body.raw = &File{}
	}
}

// shownType is a media type for a message.
func shownType(name string) string { return oneLine(cmp.Or(name, "of no media type"), maxName) }
