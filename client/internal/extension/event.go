package extension

import (
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// eventResponse returns the event stream among the operation's successful
// responses.
func eventResponse(op *schema.Operation) *schema.MediaType {
	for _, r := range op.Responses {
		if !strings.HasPrefix(r.Status, "2") && r.Status != "default" {
			continue
		}
		for _, m := range r.Content {
			if IsEventStream(m.Name) {
				return m
			}
		}
	}
	return nil
}

// IsEventStream reports whether a Content-Type is that of an event stream.
func IsEventStream(contentType string) bool {
	name, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(name), EventStream)
}

// takes reports whether the operation declares a parameter or body field.
func takes(op *schema.Operation, name string) bool {
	if _, ok := op.Parameter(name); ok {
		return true
	}
	if op.RequestBody == nil {
		return false
	}
	s := search{doc: op.Document(), left: maxSearched}
	return slices.ContainsFunc(op.RequestBody.Content, func(m *schema.MediaType) bool {
		return m.Schema != nil && s.declares(m.Schema.JSON(), name, maxReferred)
	})
}

const (
	maxReferred = 16   // references and unions that are followed one inside the other
	maxSearched = 2000 // schema objects that are looked at
)

// search looks for a property in a schema and those that it is made of.
type search struct {
	doc  *schema.Document
	left int // schema objects that may still be looked at
}

// declares reports whether a schema object, or one that it is made of, has a
// property.
func (s *search) declares(text, name string, depth int) bool {
	if s.left--; depth == 0 || s.left < 0 {
		return false
	}
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "$ref":
			target, _ := s.doc.Lookup(fragment(value))
			if s.declares(target, name, depth-1) {
				return true
			}
		case "properties":
			if _, ok := jsonscan.Member(value, name); ok {
				return true
			}
		case "allOf", "anyOf", "oneOf":
			for _, part := range jsonscan.Items(value) {
				if s.declares(part, name, depth-1) {
					return true
				}
			}
		}
	}
	return false
}

// Envelope says which fields of an event the schema of a stream's events puts in
// one object with the data: {"event": name, "data": data}, or {"data": data}. The
// zero Envelope means no envelope: the schema is that of the data.
type Envelope uint8

// The envelopes that descriptions use.
const (
	NoEnvelope Envelope = iota
	DataEnvelope
	EventEnvelope
)

// envelopeOf returns the envelope that a schema describes: one that requires "data"
// and "event", or one that requires "data" and declares nothing but the fields of an
// event (WHATWG HTML §9.2.6). Of a union the first branch is looked at.
func envelopeOf(doc *schema.Document, text string) Envelope {
next:
	for range maxReferred {
		for key, value := range jsonscan.Members(text) {
			switch key {
			case "$ref":
				text, _ = doc.Lookup(fragment(value))
				continue next
			case "anyOf", "oneOf":
				for _, text = range jsonscan.Items(value) {
					continue next
				}
			}
		}
		return envelopeOfObject(text)
	}
	return NoEnvelope
}

func envelopeOfObject(text string) Envelope {
	list, _ := jsonscan.Member(text, "required")
	required := jsonscan.Strings(list)
	if !slices.Contains(required, "data") {
		return NoEnvelope
	}
	if slices.Contains(required, "event") {
		return EventEnvelope
	}
	envelope := NoEnvelope
	properties, _ := jsonscan.Member(text, "properties")
	for name := range jsonscan.Members(properties) {
		switch name {
		case "event":
			envelope = EventEnvelope
		case "data":
			envelope = max(envelope, DataEnvelope)
		case "id", "retry", "comment":
		default:
			return NoEnvelope
		}
	}
	return envelope
}

// fragment returns the pointer of a local reference.
func fragment(ref string) schema.Pointer {
	return schema.Pointer(strings.TrimPrefix(jsonscan.String(ref), "#"))
}
