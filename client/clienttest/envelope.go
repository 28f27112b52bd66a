package clienttest

import (
	"encoding/json"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Some APIs have each object in an envelope: {"order": {…}}, {"data": {"id": "1", …}, "links": {}}.
// What is kept is the object without it.

// envelopeOf returns the member of an operation's response that has the object, "" where the
// response is the object.
func (s *Server) envelopeOf(op *schema.Operation) string {
	if known, ok := s.envelopes.Load(op.ID); ok {
		return known.(string)
	}
	name := ""
	if media, r := answerInJSON(op), s.resources().roles[op.ID]; media != nil && r.resource != nil && r.use != listUse {
		name = s.findEnvelope(media, r)
	}
	s.envelopes.Store(op.ID, name)
	return name
}

// findEnvelope looks for the one member that is an object with an ID, or with the members that
// the items of the list have.
func (s *Server) findEnvelope(media *schema.MediaType, r role) (name string) {
	made, err := s.instance(media)
	if err != nil || r.single || s.isObjectOf(r, string(made.data), s.declared(media)) {
		return ""
	}
	item := ""
	if list, err := s.document.Operation(r.resource.List); err == nil && answerInJSON(list) != nil {
		if l, ok := s.listOf(answerInJSON(list), s.pagingOf(list).style.Items); ok {
			item = l.item.sample
		}
	}
	for member, text := range jsonscan.Members(string(made.data)) {
		if !strings.HasPrefix(text, "{") || !s.isObjectOf(r, text, nil) && !sameMembers(text, item) {
			continue
		}
		if name != "" {
			return ""
		}
		name = member
	}
	return name
}

// isObjectOf reports whether an object has what names those of a resource.
func (s *Server) isObjectOf(r role, text string, declared map[string]bool) bool {
	o := jsonscan.ReadObject(text)
	return o.Has("id") || o.Has(r.resource.parameter) || declared["id"] || declared[r.resource.parameter]
}

// sameMembers reports whether two objects have members of the same names.
func sameMembers(a, b string) bool {
	of, other := jsonscan.ReadObject(a), jsonscan.ReadObject(b)
	if len(of) == 0 || len(of) != len(other) {
		return false
	}
	for _, m := range of {
		if !other.Has(m.Name) {
			return false
		}
	}
	return true
}

// objectForm returns the form of the objects in the responses of an operation, of which sample
// is one.
func (s *Server) objectForm(op *schema.Operation, media *schema.MediaType, sample string) form {
	name := s.envelopeOf(op)
	if name == "" {
		return s.formOf(media, sample)
	}
	inner, _ := jsonscan.Member(sample, name)
	return form{sample: inner, valid: func(text string) bool {
		return media.Schema == nil || media.Schema.Validate(json.RawMessage(jsonscan.SetMember(sample, name, text))) == nil
	}}
}

// opened returns the request with the object that its body has in an envelope as its body.
func (s *Server) opened(op *schema.Operation, req *Request) *Request {
	name := s.envelopeOf(op)
	if name == "" {
		return req
	}
	inner, has := jsonscan.Member(jsonscan.Alias(req.whole), name)
	if !has || !strings.HasPrefix(inner, "{") {
		return req
	}
	changed := *req
	changed.whole = []byte(inner)
	return &changed
}
