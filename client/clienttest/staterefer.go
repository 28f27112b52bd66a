package clienttest

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// A request may name objects that others have made. What is done with them is said in
// x-opcall-state: refers, inherits, embeds, appends, from.

// named are the IDs in a member of a request: a text, an object with an ID, or several
// of them.
func named(text string) (ids []string) {
	switch v := gjson.Parse(text); {
	case v.Type == gjson.String && v.Str != "":
		ids = []string{v.Str}
	case v.IsArray():
		for _, item := range jsonscan.List(text) {
			ids = append(ids, named(item)...)
		}
	case v.IsObject():
		if id := v.Get("id"); id.Type == gjson.String {
			ids = []string{id.Str}
		}
	}
	return ids
}

// referred returns the object that an operation has made with an ID, nil where there is
// none: of the collection that the path of a request leads to, where there are several. The
// caller holds the lock of the store.
func (s *Server) referred(operation, id string, req *Request) (o *object, made bool) {
	of, ok := s.resources().roles[operation]
	if !ok {
		return nil, false
	}
	return s.store.get(fill(of.resource.Path, req), url.PathEscape(id)), of.resource.made
}

// embedded has members of an object be objects that the request names: those of their
// members that the schema has, of one that nobody made its ID.
func (s *Server) embedded(text string, r role, req *Request, f form) string {
	for _, e := range r.state.Embeds {
		sample, _ := jsonscan.Member(f.sample, e.Member)
		for _, id := range named(req.given(e.By)) {
			members := jsonscan.Object{{Name: "id", Text: quoted(id)}}
			s.store.Lock()
			if o, _ := s.referred(e.Of, id, req); o != nil && !o.deleted {
				members = jsonscan.ReadObject(o.text)
			}
			s.store.Unlock()
			for name := range jsonscan.Members(sample) {
				value, has := members.Get(name)
				if changed := setAt(text, []string{e.Member, name}, value); has && f.valid(changed) {
					text = changed
				}
			}
		}
	}
	return text
}

// lost returns why an object that a request names is not there: it was deleted, or in
// strict state nobody has made it. It is nil where all are there.
func (s *Server) lost(r role, req *Request) error {
	s.store.Lock()
	defer s.store.Unlock()
	for _, link := range r.state.Refers {
		for _, id := range named(req.given(link.Member)) {
			o, made := s.referred(link.From, id, req)
			if o != nil && o.deleted || o == nil && made && s.state == StrictState {
				refusal := missing(url.PathEscape(id))
				refusal.Param = link.Member
				return refusal
			}
		}
	}
	return nil
}

// tooLate returns why an operation cannot be carried out on an object, or in one: by its
// status. It is nil where it can.
func (s *Server) tooLate(r role, req *Request) error {
	if len(r.state.From) == 0 {
		return nil
	}
	at := s.placeOf(r, req)
	if at.id == "" {
		path := fill(r.resource.parent, req)
		at = location{collection: parentOf(path), id: path[strings.LastIndexByte(path, '/')+1:]}
	}
	s.store.Lock()
	defer s.store.Unlock()
	o := s.store.get(at.collection, at.id)
	if o == nil || o.deleted {
		return nil
	}
	status := gjson.Get(s.asItIs(o), "status").String()
	if status == "" || slices.Contains(r.state.From, status) {
		return nil
	}
	id, _ := url.PathUnescape(o.id)
	return &Refusal{
		Status: http.StatusBadRequest, Code: "invalid_status", Param: "status",
		Message: fmt.Sprintf("%.100q has the status %q, want %s", id, status, strings.Join(r.state.From, " or ")),
	}
}

// inheriting is a request with the members that it leaves to an object which it names: a
// run has the model and the tools of its assistant.
func (s *Server) inheriting(op *schema.Operation, req *Request) *Request {
	r, ok := s.roleOf(op)
	if !ok || req == nil || r.state.Inherits.Of == "" {
		return req
	}
	s.store.Lock()
	defer s.store.Unlock()
	for _, id := range named(req.given(r.state.Inherits.By)) {
		o, _ := s.referred(r.state.Inherits.Of, id, req)
		if o == nil || o.deleted {
			continue
		}
		body := jsonscan.ReadObject(string(req.whole))
		for _, name := range r.state.Inherits.Members {
			text, has := jsonscan.Member(o.text, name)
			if given, _ := body.Get(name); has && (given == "" || given == "null") && text != "null" {
				body.Set(name, text)
			}
		}
		changed := *req
		changed.whole = []byte(body.String())
		changed.Body = bytes.Clone(changed.whole[:min(len(changed.whole), maxContent)])
		return &changed
	}
	return req
}

// appended keeps what a request and its response add to an object that the request names:
// the items of a conversation.
func (s *Server) appended(r role, req *Request, response string) {
	appends := r.state.Appends
	if appends.To == "" {
		return
	}
	op, err := s.document.Operation(appends.To)
	if err != nil {
		return
	}
	to, media := s.resources().roles[op.ID], answerInJSON(op)
	ids := named(req.given(appends.By))
	if len(ids) == 0 || media == nil || to.use != createUse {
		return
	}
	f, ok := s.childForm(to, media)
	parameter, _ := parameterOf(to.resource.parent)
	if !ok || parameter == "" {
		return
	}
	of := req.with(parameter, quoted(ids[0]))
	of.made = req.ids()
	of.key = ""
	said, _ := jsonscan.Member(response, appends.Output)
	s.makeEach(op, to, of, f, req.given(appends.Input))
	for _, item := range jsonscan.List(said) {
		of.key, _ = jsonscan.Member(item, "id")
		s.make(op, to, of.about(item), f)
	}
}

// makeEach makes an object of each item of a list, or of the one text that is there.
func (s *Server) makeEach(op *schema.Operation, r role, of *Request, f form, given string) {
	if strings.HasPrefix(given, `"`) {
		given = "[" + given + "]"
	}
	items := jsonscan.List(given)
	for _, item := range items[:min(maxCount, len(items))] {
		s.make(op, r, of.about(item), f)
	}
}

// unasked returns a sample of a response without what only a request could have said:
// texts, lists and objects of members that it has left out are null, or empty.
func (s *Server) unasked(op *schema.Operation, req *Request, f form) string {
	text := f.sample
	if op.RequestBody == nil {
		return text
	}
	asks := func(name string) bool {
		for _, media := range op.RequestBody.Content {
			if s.declared(media)[name] {
				return true
			}
		}
		return false
	}
	given := jsonscan.ReadObject(string(req.whole))
	for name, value := range jsonscan.Members(f.sample) {
		invented := value == `"text"` || len(value) > 2 && (value[0] == '[' || value[0] == '{')
		if !invented || own[name] || given.Has(name) || !asks(name) {
			continue
		}
		for _, nothing := range [...]string{"null", "[]"} {
			if changed := jsonscan.SetMember(text, name, nothing); f.valid(changed) {
				text = changed
				break
			}
		}
	}
	return text
}
