package schema

import (
	"mime"
	"slices"
	"strings"
)

// requestBody compares what an operation takes. A body that is new breaks nobody, as
// long as it may be left out; one that is gone breaks who sends it. Whether a body is
// required is a member of its own (OpenAPI 3.1 §4.8.13), false where it is absent.
//
// Only the half of each effect that concerns requests counts here, whatever the
// operation returns. That is why the same rules of schemas serve bodies, responses and
// parameters, and why each of the three sets the uses and puts them back.
func (c *comparison) requestBody(a, b *Operation) {
	c.uses = ways{request: true}
	defer func() { c.uses = ways{true, true} }()
	at := b.Pointer.Append("requestBody")
	switch {
	case a.RequestBody == nil && b.RequestBody == nil:
	case a.RequestBody == nil:
		e, need := harmless, "optional"
		if b.RequestBody.Required {
			e, need = narrower, "required"
		}
		c.note(ChangeBody, nil, at, e, "new %s request body", need)
	case b.RequestBody == nil:
		c.note(ChangeBody, nil, a.Pointer.Append("requestBody"), breaking, "request body removed")
	default:
		if a.RequestBody.Required != b.RequestBody.Required {
			// Of a body, foreign has no effect: who sends one may go on to do so.
			word := "optional"
			e := foreign
			if b.RequestBody.Required {
				word, e = "required", narrower
			}
			c.note(ChangeRequired, nil, at, e, "the request body is %s now", word)
		}
		if a.RequestBody.Description != b.RequestBody.Description {
			c.note(ChangeProse, nil, at, harmless, "description of the request body")
		}
		c.content(a.RequestBody.Content, b.RequestBody.Content, nil, at)
	}
}

// content compares bodies by media type (OpenAPI 3.1 §4.8.14), its parameters included but for
// charset, which says nothing about the schema. Another media type beside those that were there is wider: a program goes on
// sending what it sent, but may get what it does not know.
//
// JSON has no label in the messages, as nearly every body is JSON; a change of another
// form of the same body is reported with the form.
//
// A range such as text/* and a type that it covers are two entries: to replace one by the
// other is reported as removed and added, though a request may be accepted by both. Which
// of several entries a server would choose is not known here.
func (c *comparison) content(a, b []*MediaType, place []string, at Pointer) {
	find := func(list []*MediaType, name string) *MediaType {
		for _, m := range list {
			if mediaKey(m.Name) == mediaKey(name) {
				return m
			}
		}
		return nil
	}
	for _, m := range a {
		if find(b, m.Name) == nil {
			c.note(ChangeMediaTypeRemoved, place, at, breaking, "%s is no longer possible", shown(m.Name, maxName))
		}
	}
	for _, n := range b {
		m := find(a, n.Name)
		if m == nil {
			c.note(ChangeMediaTypeAdded, place, at, wider, "%s is possible too", shown(n.Name, maxName))
			continue
		}
		label := "" // of JSON
		if !IsJSON(n.Name) {
			label = shown(n.Name, maxName) + ": "
		}
		c.optionalSchemas(m.Schema, n.Schema, place, label, at)
		for _, name := range unionOf(m.Encoding, n.Encoding) {
			// An entry that is absent leaves the defaults of its type (OpenAPI 3.1 §4.8.15.1),
			// which may be what the other document spells out: hence not breaking.
			if m.Encoding[name] != n.Encoding[name] {
				c.note(ChangeParameterStyle, append(place[:len(place):len(place)], name), at, unsure, "%sis encoded in another way", label)
			}
		}
	}
}

// mediaKey is what two media types have in common that are the same: "application/json;
// version=2" is another one than "application/json".
//
// Names of types and parameters have no case (RFC 9110 §8.3.1). One that cannot be parsed is
// compared as it is written but for case, so that a mistake which stays is not a change.
func mediaKey(mediaType string) string {
	name, parameters, err := mime.ParseMediaType(mediaType)
	if err != nil {
		return strings.ToLower(strings.TrimSpace(mediaType))
	}
	// JSON has no such parameter (RFC 8259 §11), and generators add it or leave it out.
	delete(parameters, "charset")
	return mime.FormatMediaType(name, parameters)
}

// responses compares what an operation returns, by status code, in any case of the
// letters of 4XX. A status of failure that is new is safe: a program must expect any
// failure, declared or not (OpenAPI 3.1 §4.8.16 asks for known errors only). A success
// that is new is not, since a program may read it as the one that it knows.
//
// Keys are compared as they are written, so that a document which replaces codes by a range has
// a change for each. But the more exact key takes precedence (OpenAPI 3.1 §4.8.16.2): a failure
// that 4XX or default described before, and that has a response of its own now, is unknown
// where that response is another one.
func (c *comparison) responses(a, b *Operation) {
	c.uses = ways{response: true}
	defer func() { c.uses = ways{true, true} }()
	find := func(list []*Response, status string) *Response {
		for _, r := range list {
			if strings.EqualFold(r.Status, status) {
				return r
			}
		}
		return nil
	}
	at := b.Pointer.Append("responses")
	for _, r := range a.Responses {
		if find(b.Responses, r.Status) != nil {
			continue
		}
		// A failure that is no longer declared may come nevertheless, without a schema.
		e := unsure
		if isSuccess(r.Status) {
			e = breaking
		}
		c.note(ChangeResponseRemoved, nil, a.Pointer.Append("responses").Append(r.Status), e, "response %s removed", shown(r.Status, maxName))
	}
	for _, r := range b.Responses {
		place := []string{r.Status}
		was := find(a.Responses, r.Status)
		if was == nil {
			e := harmless // a program must expect any error
			more := ""
			if isSuccess(r.Status) {
				e = unsure
			} else if general := find(a.Responses, r.Status[:1]+"XX"); general != nil || find(a.Responses, "default") != nil {
				// A failure begins with 4 or 5, see isSuccess, so that the key has a first character.
				if general == nil {
					general = find(a.Responses, "default")
				}
				if c.isAnother(general, r, at.Append(r.Status)) {
					e, more = unsure, ", which is another one than "+general.Status+" was"
				}
			}
			c.note(ChangeResponseAdded, nil, at.Append(r.Status), e, "new response %s%s", shown(r.Status, maxName), more)
			continue
		}
		if was.Description != r.Description {
			c.note(ChangeProse, place, at.Append(r.Status), harmless, "description")
		}
		// content would call each media type one that is possible too, beside nothing. The
		// other way round it reports each as gone, which is right: a program reads them.
		if len(was.Content) == 0 && len(r.Content) > 0 {
			c.note(ChangeBody, place, at.Append(r.Status), unsure, "the response has a body now")
		} else {
			c.content(was.Content, r.Content, place, at.Append(r.Status))
		}
		c.headers(was, r, at.Append(r.Status))
	}
}

// isAnother reports whether a response is another one than the one that described its status
// before, texts for people aside.
func (c *comparison) isAnother(was, is *Response, at Pointer) bool {
	// What it finds is not reported: the new response is, once. The work counts all the same.
	inner := &comparison{differ: c.differ, subject: c.subject, of: c.of, uses: c.uses, facing: c.facing, depth: c.depth}
	inner.content(was.Content, is.Content, nil, at)
	inner.headers(was, is, at)
	return slices.ContainsFunc(inner.found, func(f difference) bool { return f.Severity != SeveritySafe })
}

// isSuccess reports whether a program goes on with such a response. The key default
// stands for every status that is not declared, and counts as success because in many
// documents it is the only response there is.
// Redirects and 1XX count as success too: only what is known to be a failure is one.
func isSuccess(status string) bool {
	return !strings.HasPrefix(status, "4") && !strings.HasPrefix(status, "5")
}

// headers compares the headers of a response by name, without regard to case (RFC 9110
// §5.1). One that is new is safe, as a program that does not ask for it never sees it.
//
// Requiredness is what a reader may rely on. So the effects are those of responses: a
// header that is required now promises more, one that is optional now takes back what was
// promised.
func (c *comparison) headers(a, b *Response, at Pointer) {
	find := func(list []*Header, name string) *Header {
		for _, h := range list {
			if strings.EqualFold(h.Name, name) {
				return h
			}
		}
		return nil
	}
	// A path of Describe has no name for headers, so that the place is the response and the
	// name of the header stands in the text.
	place := []string{b.Status}
	for _, h := range a.Headers {
		if find(b.Headers, h.Name) == nil {
			c.note(ChangeHeaderRemoved, place, at, breaking, "header %s removed", shown(h.Name, maxName))
		}
	}
	for _, h := range b.Headers {
		was := find(a.Headers, h.Name)
		if was == nil {
			c.note(ChangeHeaderAdded, place, at, harmless, "new header %s", shown(h.Name, maxName))
			continue
		}
		label := "header " + shown(h.Name, maxName) + ": "
		switch {
		case h.Required && !was.Required:
			c.note(ChangeRequired, place, at, narrower, "%srequired now", label)
		case was.Required && !h.Required:
			c.note(ChangeRequired, place, at, foreign, "%soptional now", label)
		}
		c.optionalSchemas(was.Schema, h.Schema, place, label, at)
	}
}
