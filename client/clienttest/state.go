package clienttest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// State says what the server does about objects that requests make.
type State int

const (
	// LenientState keeps what is made: it is there to be got, listed, changed and
	// deleted; a deleted ID gets 404, unless a request had named it within a parent that
	// nobody made. An ID that nobody made gets a sample, and so does a list while nobody has
	// made anything that belongs there.
	LenientState State = iota

	// StrictState is LenientState, but an ID that nobody made gets 404, and a list
	// has what was made alone. Of what no operation makes (models, users) there are
	// samples still.
	StrictState

	// NoState keeps nothing: every response is a sample.
	NoState
)

// WithState says what the server does about objects that requests make: without it
// LenientState.
func WithState(state State) Option {
	return func(s *Server) error {
		if state < LenientState || state > NoState {
			return fmt.Errorf("WithState: got %d, want LenientState, StrictState or NoState", int(state))
		}
		s.state = state
		return nil
	}
}

// WithMaxFile says how long a file may be whose content is kept, in bytes: without it
// 8 MiB, at most 256 MiB. The content of a longer one cannot be got: 413.
func WithMaxFile(bytes int64) Option {
	return func(s *Server) error {
		if bytes < 0 || bytes > maxStored {
			return fmt.Errorf("WithMaxFile: got %d, want 0 to %d bytes", bytes, maxStored)
		}
		s.maxFile = bytes
		return nil
	}
}

// Forget forgets all objects that were made.
func (s *Server) Forget() { s.store.reset() }

// roleOf returns what an operation does to the objects that are kept.
func (s *Server) roleOf(op *schema.Operation) (role, bool) {
	if s.state == NoState || op == nil {
		return role{}, false
	}
	r, ok := s.resources().roles[op.ID]
	return r, ok
}

// location is where a request finds or leaves an object.
type location struct {
	collection string // "/threads/thread_1/messages"
	id         string // of the object, "" for the collection
}

// fill puts the values of a request into a template.
func fill(template string, req *Request) string {
	if !strings.Contains(template, "{") {
		return template
	}
	for _, p := range req.Parameters {
		if p.In == "path" {
			template = strings.ReplaceAll(template, "{"+p.Name+"}", url.PathEscape(gjson.ParseBytes(p.Value).String()))
		}
	}
	return template
}

// placeOf returns where the object of a request is.
func (s *Server) placeOf(r role, req *Request) location {
	if r.single {
		return location{collection: fill(parentOf(r.resource.Path), req), id: r.resource.Path[strings.LastIndexByte(r.resource.Path, '/')+1:]}
	}
	at := location{collection: fill(r.resource.Path, req)}
	switch r.use {
	case getUse, updateUse, deleteUse, actionUse, contentUse:
		id := req.Param(r.resource.parameter)
		if !id.Exists() { // PUT /pets with the ID in its body
			if op, err := s.document.Operation(req.Operation); err == nil {
				_, id = idGiven(r.resource, s.opened(op, req))
			}
		}
		at.id = url.PathEscape(id.String())
	}
	return at
}

// missing is the 404 of an ID that is not there.
func missing(id string) *Refusal {
	id, _ = url.PathUnescape(id)
	return &Refusal{
		Status: http.StatusNotFound, Code: "not_found", Param: "id",
		Message: fmt.Sprintf("no object with ID %.100q was made on this server, or it was deleted", id),
	}
}

// orphaned returns why the parents of a place are not there. The caller holds the lock of
// the store.
func (s *Server) orphaned(template string, req *Request) error {
	for parent := parentOf(template); parent != ""; parent = parentOf(parent) {
		if _, ok := parameterOf(parent); !ok {
			continue
		}
		of := s.resources().byPath[parentOf(parent)]
		if of == nil {
			continue
		}
		path := fill(parent, req)
		at := location{parentOf(path), path[strings.LastIndexByte(path, '/')+1:]}
		o := s.store.get(at.collection, at.id)
		if o != nil && o.deleted || o == nil && s.state == StrictState && of.made {
			return missing(at.id)
		}
	}
	return nil
}

// remembered responds from what was made. It reports false where the response is a
// sample, or has to be made.
func (s *Server) remembered(hr *http.Request, op *schema.Operation, req *Request, a Answer) (content, bool, error) {
	r, ok := s.roleOf(op)
	if !ok || req == nil {
		return content{}, false, nil
	}
	var err error
	if r.state.Within.Operation == "" { // else the parent is made with it
		s.store.Lock()
		err = s.orphaned(r.resource.Path, req)
		s.store.Unlock()
	}
	if err == nil {
		err = s.lost(r, req)
	}
	if err == nil {
		err = s.tooLate(r, req)
	}
	if err != nil {
		return content{}, false, err
	}
	switch r.use {
	case listUse:
		return s.list(op, req, r)
	case createUse, noUse:
		return content{}, false, nil
	}
	at := s.placeOf(r, req)
	s.store.Lock()
	o := s.store.get(at.collection, at.id)
	gone := o != nil && o.deleted || o == nil && s.state == StrictState && r.resource.made && !r.single
	s.store.Unlock()
	switch {
	case gone && r.use == updateUse && op.Method == http.MethodPut: // which makes it, once more
		return content{}, false, nil
	case gone && r.single: // a limit that was deleted is as if it had never been set
		return content{}, false, nil
	case gone:
		return content{}, false, missing(at.id)
	case o == nil:
		return content{}, false, nil
	}
	switch r.use {
	case getUse:
		if p, err := s.planOf(op); err == nil && (a.Output.scripted() || asksForStream(p.spec, req)) {
			req.of = o // a model says it, or says it once more, event by event
			return content{}, false, nil
		}
		return s.look(hr, op, o)
	case contentUse:
		s.store.Lock()
		defer s.store.Unlock()
		return o.contentOf(op, s.maxFile)
	case updateUse:
		return s.change(op, req, o, r)
	case actionUse:
		if p, err := s.planOf(op); err == nil && p.build != nil { // a model goes on with it
			req.of = o
			return content{}, false, nil
		}
		return s.act(op, req, o, r)
	}
	return s.erase(op, req, o, at, r)
}

// look responds with an object, which is one step further then.
func (s *Server) look(hr *http.Request, op *schema.Operation, o *object) (content, bool, error) {
	media := answerInJSON(op)
	if media == nil {
		return content{}, false, nil
	}
	s.store.Lock()
	if o.deleted { // since it was found
		s.store.Unlock()
		return content{}, false, missing(o.id)
	}
	o.step()
	further := map[*object]bool{o: true}
	advance := func(objects []*object) {
		for _, child := range objects {
			if !further[child] {
				further[child] = true
				child.step()
			}
		}
	}
	advance(o.with)
	for _, link := range o.role.state.Counts {
		advance(s.belonging(o, link.From))
	}
	finished := o.looks >= len(o.states)
	s.store.Unlock()
	if finished {
		s.run(hr, o)
	}
	c, err := s.shown(op, media, o)
	return c, err == nil, err
}

// shown returns an object as a response of an operation.
func (s *Server) shown(op *schema.Operation, media *schema.MediaType, o *object) (content, error) {
	made, err := s.instance(media)
	if err == nil {
		text := s.objectForm(op, media, string(made.data)).known(item{id: o.id, text: s.current(o)}, o.role)
		if envelope := s.envelopeOf(op); envelope != "" {
			text = jsonscan.SetMember(string(made.data), envelope, text)
		}
		made.data = []byte(text)
	}
	return made, err
}

// current returns an object as it is at the moment.
func (s *Server) current(o *object) string {
	s.store.Lock()
	defer s.store.Unlock()
	return s.asItIs(o)
}

// asItIs is current for a caller that holds the lock of the store.
func (s *Server) asItIs(o *object) string {
	text, change := o.now()
	if change != "" {
		text = merged(text, change)
	}
	for _, link := range o.role.state.Counts {
		text = setAt(text, splitPath(link.Member), countByStatus(text, splitPath(link.Member), s.belonging(o, link.From)))
	}
	return text
}

// belonging returns the objects below one in the collection of an operation. The caller
// holds the lock of the store.
func (s *Server) belonging(o *object, operation string) []*object {
	of, ok := s.resources().roles[operation]
	if !ok {
		return nil
	}
	return s.store.live(o.within.pathOf(o) + strings.TrimPrefix(of.resource.Path, o.role.resource.Item))
}

// countByStatus returns the numbers that an object has at a path, with how many of the
// objects that belong to it have each status, and how many there are in total.
func countByStatus(text string, path []string, objects []*object) string {
	numbers, _ := memberAt(text, path)
	o := jsonscan.ReadObject(numbers)
	count := make(map[string]int)
	for _, child := range objects {
		text, change := child.now()
		status, has := jsonscan.Member(change, "status")
		if !has {
			status, _ = jsonscan.Member(text, "status")
		}
		count[jsonscan.String(status)]++
	}
	for i := range o {
		n := count[o[i].Name]
		if o[i].Name == "total" {
			n = len(objects)
		}
		o[i].Text = fmt.Sprint(n)
	}
	return o.String()
}

func (c *collection) pathOf(o *object) string {
	if c == nil {
		return ""
	}
	return c.path + "/" + o.id
}

// merged is an object with changes. A member that is null in them is null.
func merged(text, changes string) string {
	return objectOf(tableOf(jsonscan.ReadObject(text), jsonscan.ReadObject(changes))).String()
}

// contentOf responds with the file of an object. The caller holds the lock of the store.
func (o *object) contentOf(op *schema.Operation, limit int64) (content, bool, error) {
	if o.deleted { // since it was found
		return content{}, false, missing(o.id)
	}
	if o.fileSize == 0 && o.file == nil {
		return content{}, false, nil
	}
	if o.fileSize > int64(len(o.file)) {
		return content{}, false, &Refusal{
			Status: http.StatusRequestEntityTooLarge, Code: "file_too_large",
			Message: fmt.Sprintf("the content of %q has %d bytes, of which the test server keeps none: it keeps files of at most %d", o.id, o.fileSize, limit),
		}
	}
	mediaType := otherThanJSON(op, success(op))
	if mediaType != "application/octet-stream" && o.fileType != mediaType {
		return content{}, false, nil // an image that a video is made of is not its content
	}
	return content{mediaType: mediaType, data: o.file}, true, nil
}
