package clienttest

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// create makes an object of a sample, and keeps it.
func (s *Server) create(op *schema.Operation, req *Request, c content) (content, error) {
	r, ok := s.roleOf(op)
	if !ok || r.use != createUse && (r.use != updateUse || op.Method != "PUT" && !r.single) {
		return c, nil
	}
	media := answerInJSON(op)
	if media == nil {
		return s.createUnseen(op, r, req, c)
	}
	if media.Schema == nil || !schema.IsJSON(c.mediaType) || !strings.HasPrefix(string(c.data), "{") {
		return c, nil
	}
	if r.use == createUse {
		if l, ok := s.listOf(media, ""); ok && l.path != nil {
			if items, ok := manyIn(req); ok {
				c.data = []byte(l.page(page{items: s.makeAll(op, r, req, l.item, items)}))
				return c, nil
			}
		}
	}
	o := s.make(op, r, s.opened(op, req), s.objectForm(op, media, string(c.data)))
	shown, err := s.shown(op, media, o)
	if err != nil {
		return c, err
	}
	shown.location = s.locationOf(r, req, o)
	return shown, nil
}

// createUnseen makes an object that the response does not have: one as the operation returns
// that gets it.
func (s *Server) createUnseen(op *schema.Operation, r role, req *Request, c content) (content, error) {
	get, err := s.document.Operation(r.resource.Get)
	if err != nil || answerInJSON(get) == nil {
		return c, nil
	}
	made, err := s.instance(answerInJSON(get))
	if err != nil || !strings.HasPrefix(string(made.data), "{") {
		return c, err
	}
	o := s.make(op, r, s.opened(get, req), s.objectForm(get, answerInJSON(get), string(made.data)))
	c.location = s.locationOf(r, req, o)
	return c, nil
}

// locationOf is the path of an object that was made, "" where it has none.
func (s *Server) locationOf(r role, req *Request, o *object) string {
	get, err := s.document.Operation(r.resource.Get)
	if r.resource.Item == "" || err != nil {
		return ""
	}
	return s.base + fill(r.resource.Path, req) + "/" + o.id + strings.TrimPrefix(get.Path, templateOf(get))
}

// manyIn returns the items of the one list that a request has, of an operation that makes
// an object of each.
func manyIn(req *Request) (items []string, ok bool) {
	for _, value := range jsonscan.Members(jsonscan.Alias(req.whole)) {
		if strings.HasPrefix(value, "[") {
			if ok {
				return nil, false
			}
			items, ok = jsonscan.List(value), true
		}
	}
	return items, ok
}

// makeAll makes an object of each item.
func (s *Server) makeAll(op *schema.Operation, r role, req *Request, f form, given []string) (items []item) {
	for _, body := range given[:min(len(given), maxCount)] {
		o := s.make(op, r, req.about(body), f)
		items = append(items, item{id: o.id, text: s.current(o)})
	}
	return items
}

// about is a request of the same caller with another body.
func (r *Request) about(body string) *Request {
	return &Request{ID: r.ID, Operation: r.Operation, Method: r.Method, Parameters: r.Parameters, whole: []byte(body), made: r.ids(), key: r.key}
}

// ids counts the objects that were made for a request, by what their IDs begin with.
func (r *Request) ids() map[string]int {
	if r.made == nil {
		r.made = make(map[string]int)
	}
	return r.made
}

// make makes an object for a request, and keeps it.
func (s *Server) make(op *schema.Operation, r role, req *Request, f form) *object {
	text := stamped(s.unasked(op, req, f), s.now())
	if whole := string(req.whole); strings.HasPrefix(whole, "{") {
		for _, said := range [...]string{whole, withID(whole), jsonscan.SetMember(withID(whole), "status", `"completed"`)} {
			if f.valid(said) {
				text = said
				break
			}
		}
	}
	text = f.worded(text, r, req)
	text = f.echo(text, req)
	if other := stamped(f.completed(string(req.whole)), s.now()); f.differs(text, req) && f.valid(other) {
		text = other
	}
	for _, link := range r.state.Size {
		for _, p := range req.files {
			if p.Name == link.From {
				text = f.set(text, jsonscan.Object{{Name: link.Member, Text: fmt.Sprint(p.Size)}})
			}
		}
	}
	text = s.embedded(f.linked(text, op, req), r, req, f)
	text, id := s.identified(text, r, req, f)
	return s.keep(op, r, req, id, f.visible(text), Output{})
}

// worded returns the object that a request makes of a text: with the template of
// x-opcall-state that has most of the request's other members.
func (f form) worded(text string, r role, req *Request) string {
	said, rest := string(req.whole), jsonscan.Object(nil)
	if strings.HasPrefix(said, "{") {
		rest = jsonscan.ReadObject(said)
		said, _ = rest.Take(r.state.Text)
	}
	if !strings.HasPrefix(said, `"`) {
		return text
	}
	best, most := text, -1
	for _, template := range r.state.Texts {
		worded := merged(text, strings.ReplaceAll(template, `"$text"`, said))
		if !f.valid(worded) {
			if worded = strings.ReplaceAll(template, `"$text"`, said); !f.valid(withID(worded)) {
				continue
			}
		}
		fitting := 0
		for _, m := range rest {
			if f.valid(withID(merged(worded, `{`+quoted(m.Name)+`:`+m.Text+`}`))) {
				fitting++
			}
		}
		if fitting > most {
			best, most = worded, fitting
		}
	}
	return best
}

// completed returns an object with the members of the sample that no request decides about, where
// it does not have them: in a union, it may be of another branch than the sample.
func (f form) completed(text string) string {
	o := jsonscan.ReadObject(text)
	for name, value := range jsonscan.Members(f.sample) {
		if (own[name] || name == "status") && !o.Has(name) {
			o.Set(name, value)
		}
	}
	return o.String()
}

// differs reports whether an object lacks a member of its request that it may have, or has another
// value for it: in a union, the request may be of another branch than the sample.
func (f form) differs(text string, req *Request) bool {
	have := tableOf(jsonscan.ReadObject(text))
	for name, value := range jsonscan.Members(jsonscan.Alias(req.whole)) {
		if f.has(name) && !own[name] && have.Text(name) != value {
			return true
		}
	}
	return false
}

// withID gives an object an ID where it has none yet.
func withID(text string) string {
	if _, ok := jsonscan.Member(text, "id"); ok {
		return text
	}
	return jsonscan.SetMember(text, "id", `"id"`)
}

// keep keeps an object with what else its request makes: its parent, its file, its
// children.
func (s *Server) keep(op *schema.Operation, r role, req *Request, id, text string, output Output) *object {
	o := &object{id: id, text: text, role: r, output: output, named: req.key != "" || r.use == updateUse}
	if _, given := idGiven(r.resource, req); given.Exists() {
		o.named = true
	}
	if !keeps(r.state, req) {
		return o
	}
	if when := r.state.When; when == "" || isGiven(req.given(when)) {
		o.states = r.state.States
	}
	if file, ok := theFile(req); ok {
		o.file, o.fileSize, o.fileType = file.Content, file.Size, file.ContentType
		if int64(len(o.file)) < o.fileSize {
			o.file = nil
		}
	}
	req = s.withParent(r, req, text)
	at := s.placeOf(r, req)
	s.store.Lock()
	s.store.put(at.collection, o)
	s.store.Unlock()
	s.makeChildren(r, req, o)
	return o
}

// isGiven reports whether a member of a request, as JSON, asks for something.
func isGiven(text string) bool {
	switch strings.TrimSpace(text) {
	case "", "null", "false", `""`, "[]", "{}":
		return false
	}
	return true
}

// theFile returns the file of a request that has one alone.
func theFile(req *Request) (file Part, ok bool) {
	for _, p := range req.files {
		if p.FileName != "" {
			if ok {
				return Part{}, false
			}
			file, ok = p, true
		}
	}
	return file, ok
}

// withParent makes the parent that an object is made with, and returns the request as one
// for an object of that.
func (s *Server) withParent(r role, req *Request, text string) *Request {
	within := r.state.Within
	of, ok := s.resources().roles[within.Operation]
	if !ok {
		return req
	}
	op, err := s.document.Operation(within.Operation)
	id := gjson.Get(text, gjson.Escape(within.Parameter))
	if err != nil || id.String() == "" {
		return req
	}
	body := req.given(within.Body)
	if body == "" {
		body = "{}"
	}
	media := answerInJSON(op)
	if media == nil {
		return req
	}
	made, err := s.instance(media)
	if err != nil {
		return req
	}
	f := s.formOf(media, string(made.data))
	parent := req.about(body)
	s.keep(op, of, parent, url.PathEscape(id.String()), f.set(f.echo(f.sample, parent), jsonscan.Object{{Name: "id", Text: id.Raw}}), Output{})
	return req.with(within.Parameter, id.Raw)
}

// with is the request with one more parameter in its path.
func (r *Request) with(name, value string) *Request {
	changed := *r
	changed.Parameters = append(append([]Parameter{}, r.Parameters...), Parameter{Name: name, In: "path", Value: []byte(value)})
	return &changed
}

// makeChildren makes what an object has in collections of its own.
func (s *Server) makeChildren(r role, req *Request, o *object) {
	if len(r.state.Creates) == 0 {
		return
	}
	id, _ := url.PathUnescape(o.id)
	of := req.with(r.resource.parameter, quoted(id))
	of.made = req.ids()
	for _, c := range r.state.Creates {
		op, err := s.document.Operation(c.Operation)
		if err != nil {
			continue
		}
		child, ok := s.resources().roles[op.ID]
		media := answerInJSON(op)
		if !ok || media == nil {
			continue
		}
		f, ok := s.childForm(child, media)
		if !ok {
			continue
		}
		given := cmp.Or(gjson.Get(jsonscan.Alias(req.whole), c.From).Raw, "null")
		if given[0] == '"' {
			given = "[" + given + "]"
		}
		for _, item := range jsonscan.List(given)[:min(maxCount, len(jsonscan.List(given)))] {
			of.key = ""
			if c.As != "" {
				if of.key = item; item[0] == '{' {
					of.key, _ = jsonscan.Member(item, c.As)
				} else {
					item = `{` + quoted(c.As) + `:` + item + `}`
				}
			}
			made := s.make(op, child, of.about(item), f)
			s.store.Lock()
			o.with = append(o.with, made)
			s.store.Unlock()
		}
	}
}

// childForm is the form of the objects that an operation makes or lists.
func (s *Server) childForm(r role, media *schema.MediaType) (form, bool) {
	if l, ok := s.listOf(media, ""); ok {
		return l.item, true
	}
	if r.use != createUse {
		return form{}, false
	}
	made, err := s.instance(media)
	return s.formOf(media, string(made.data)), err == nil
}
