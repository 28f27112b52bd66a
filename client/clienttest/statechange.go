package clienttest

import (
	"strings"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// change updates an object with the members of the request that it may have.
func (s *Server) change(op *schema.Operation, req *Request, o *object, r role) (content, bool, error) {
	var text string
	for done := false; !done; { // once more where another request has changed it meanwhile
		before := s.whole(o)
		f, err := s.formThatFits(op, before, r)
		if err != nil || f.valid == nil {
			return content{}, false, err
		}
		if text, err = s.changed(op, s.opened(op, req), before, f); err != nil {
			return content{}, false, err
		}
		text = f.visible(f.linked(text, op, req))
		s.store.Lock()
		deleted := o.deleted
		if done = o.text == before; done && !deleted {
			s.store.set(o, text)
		}
		s.store.Unlock()
		if deleted {
			return content{}, false, missing(o.id)
		}
	}
	media := answerInJSON(op)
	if media == nil || media.Schema == nil || !strings.HasPrefix(text, "{") {
		return content{}, false, nil
	}
	c, err := s.shown(op, media, o)
	return c, err == nil, err
}

// formThatFits returns the form of the operation's response, or of another operation on the
// resource where the object is valid in that alone.
func (s *Server) formThatFits(op *schema.Operation, text string, r role) (f form, err error) {
	for _, id := range [...]string{"", r.resource.Get, r.resource.Create} {
		other := op
		if id != "" {
			if other, err = s.document.Operation(id); err != nil {
				return f, err
			}
		}
		media := answerInJSON(other)
		if media == nil {
			continue
		}
		made, err := s.instance(media)
		if err != nil {
			return f, err
		}
		if !strings.HasPrefix(string(made.data), "{") {
			continue
		}
		if candidate := s.objectForm(other, media, string(made.data)); f.valid == nil || candidate.valid(text) {
			f = candidate
		}
		if f.valid(text) {
			break
		}
	}
	return f, nil
}

// linked sets what x-opcall-sample of an operation says is as in the request.
func (f form) linked(text string, op *schema.Operation, req *Request) string {
	for _, link := range extension.ReadSample(op).Echo {
		if given := req.given(link.From); given != "" && f.has(link.Member) {
			text = f.set(text, jsonscan.Object{{Name: link.Member, Text: given}})
		}
	}
	return text
}

// whole returns an object as it is when nothing is left to wait for.
func (s *Server) whole(o *object) string {
	s.store.Lock()
	defer s.store.Unlock()
	return o.text
}

// act does to an object what the last segment of a path says: cancel, complete.
func (s *Server) act(op *schema.Operation, req *Request, o *object, r role) (content, bool, error) {
	media := answerInJSON(op)
	if media == nil || media.Schema == nil {
		return content{}, false, nil
	}
	made, err := s.instance(media)
	if err != nil {
		return content{}, false, err
	}
	f := s.objectForm(op, media, string(made.data))
	joined := "{}"
	if r.state.Joins.Parts != "" {
		file, err := s.join(op, req, o, r)
		if err != nil {
			return content{}, false, err
		}
		joined = `{` + quoted(r.state.Joins.Into) + `:` + file + `}`
	}
	if !s.end(o, func(text string) string {
		text = merged(text, joined)
		if r.state.Sets != "" {
			return merged(text, r.state.Sets)
		}
		for _, status := range outcomes(r.verb) {
			if changed := merged(text, `{"status":`+quoted(status)+`}`); f.valid(changed) {
				return changed
			}
		}
		return text
	}) {
		return content{}, false, missing(o.id)
	}
	c, err := s.shown(op, media, o)
	return c, err == nil, err
}

// end changes an object for good. It reports false for one that was deleted.
func (s *Server) end(o *object, change func(text string) string) bool {
	s.store.Lock()
	defer s.store.Unlock()
	if o.deleted {
		return false
	}
	text, pending := o.now()
	if pending != "" {
		text = merged(text, pending)
	}
	s.store.set(o, change(text))
	o.looks = len(o.states)
	o.ended = true
	return true
}

func quoted(text string) string { return string(jsonscan.AppendString(nil, text)) }

// outcomes are what a status may be called after an action, best first.
func outcomes(verb string) []string {
	if stem, ok := strings.CutSuffix(verb, "e"); ok {
		return []string{stem + "ed", stem + "ing"} // archived, completed
	}
	last := verb[max(0, len(verb)-1):]
	twice := []string{verb + last + "ed", verb + "ed", verb + last + "ing", verb + "ing"} // cancelled, canceled
	if last == "l" || last == "p" {
		return twice
	}
	return []string{verb + "ed", verb + last + "ed", verb + "ing"} // failed, submitted
}

// erase deletes an object.
func (s *Server) erase(op *schema.Operation, req *Request, o *object, at location, r role) (content, bool, error) {
	parent := s.parentThat(op, req, r)
	s.store.Lock()
	s.store.remove(at.collection, o)
	if above := s.parentOfAll(r, req); o.named && s.state != StrictState && r.resource.parent != "" && (above == nil || above.named) {
		s.store.forget(o) // nobody made what it is in, and so nobody made it
	}
	s.store.Unlock()
	if parent == nil {
		return content{}, false, nil // the sample says that it was deleted
	}
	c, err := s.shown(op, answerInJSON(op), parent)
	return c, err == nil, err
}

// parentThat returns the object that a deleted one belonged to where the operation returns
// that, nil where it does not.
func (s *Server) parentThat(op *schema.Operation, req *Request, r role) *object {
	above := s.resources().byPath[parentOf(r.resource.parent)]
	if r.resource.parent == "" || above == nil || above.Get == "" {
		return nil
	}
	get, err := s.document.Operation(above.Get)
	if err != nil || !sameObject(op, get) {
		return nil
	}
	path := fill(r.resource.parent, req)
	s.store.Lock()
	defer s.store.Unlock()
	return s.store.get(parentOf(path), path[strings.LastIndexByte(path, '/')+1:])
}
