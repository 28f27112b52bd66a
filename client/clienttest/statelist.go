package clienttest

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// defaultPage is how many objects a list has where neither the request nor the document
// says so.
const defaultPage = 20

// list responds with a page of the objects that were made. It reports false where the
// response is a sample: while nothing was made there, or the page begins behind an ID that
// nobody made, unless state is strict.
func (s *Server) list(op *schema.Operation, req *Request, r role) (content, bool, error) {
	media := answerInJSON(op)
	if media == nil {
		return content{}, false, nil
	}
	l, ok := s.listOf(media)
	if !ok {
		return content{}, false, nil
	}
	path := fill(r.resource.Path, req)
	s.store.Lock()
	objects, known := s.store.live(path)
	mine := known || r.resource.made && (s.state == StrictState || s.parentMade(r, req))
	s.store.Unlock()
	if !mine {
		return content{}, false, nil
	}
	var items []item
	for _, o := range objects {
		if text := s.current(o); selected(op, r, req, text) {
			items = append(items, item{o.id, text})
		}
	}
	if descending(op, r, req) {
		slices.Reverse(items)
	}
	page, more, err := cut(op, req, items)
	if err != nil {
		if s.state == StrictState {
			return content{}, false, err
		}
		return content{}, false, nil
	}
	texts := make([]string, len(page))
	for i, it := range page {
		texts[i] = l.item.fit(it.text)
	}
	made, err := s.instance(media)
	made.data = []byte(l.page(texts, more))
	return made, err == nil, err
}

type item struct{ id, text string }

// parentMade reports whether the object that a collection belongs to was made here.
func (s *Server) parentMade(r role, req *Request) bool {
	if r.resource.parent == "" {
		return false
	}
	path := fill(r.resource.parent, req)
	return s.store.get(parentOf(path), path[strings.LastIndexByte(path, '/')+1:]) != nil
}

// descending reports whether a list begins with the newest: by its parameter order, whose
// default is the document's.
func descending(op *schema.Operation, r role, req *Request) bool {
	p, ok := op.Parameter("order")
	if !ok {
		return r.state.Order == "desc"
	}
	if given := req.Param("order"); given.Exists() {
		return given.String() == "desc"
	}
	if p.Schema != nil {
		if standard, ok := jsonscan.Member(p.Schema.JSON(), "default"); ok {
			return standard == `"desc"`
		}
	}
	return r.state.Order == "desc"
}

// paging are parameters that do not select.
var paging = map[string]bool{"limit": true, "order": true, "after": true, "before": true, "include": true}

// selected reports whether an object is in a list: the parameters of the request that
// have the name of one of its members, or are tied to one, have the same value.
func selected(op *schema.Operation, r role, req *Request, text string) bool {
	for _, p := range req.Parameters {
		if p.In != "query" || paging[p.Name] {
			continue
		}
		member := strings.TrimSuffix(p.Name, "[]")
		for _, link := range r.state.Filter {
			if link.Member == p.Name {
				member = link.From
			}
		}
		have := gjson.Get(text, gjson.Escape(member))
		if have.Exists() && !agrees(gjson.ParseBytes(p.Value), have) {
			return false
		}
	}
	return true
}

// agrees reports whether a value is the wanted one, one of a list, or has the members
// that are wanted.
func agrees(want, have gjson.Result) bool {
	switch {
	case want.IsArray():
		return slices.ContainsFunc(want.Array(), func(w gjson.Result) bool { return agrees(w, have) })
	case want.IsObject():
		for name, value := range want.Map() {
			if inner := have.Get(gjson.Escape(name)); !inner.Exists() || !agrees(value, inner) {
				return false
			}
		}
		return true
	}
	return want.String() == have.String()
}

// cut returns the page that a request asks for: behind one object or before another, at
// most as many as its limit.
func cut(op *schema.Operation, req *Request, items []item) (page []item, more bool, err error) {
	limit := defaultPage
	if p, ok := op.Parameter("limit"); ok {
		if p.Schema != nil {
			text, _ := jsonscan.Member(p.Schema.JSON(), "default")
			if n, err := strconv.Atoi(text); err == nil && n > 0 {
				limit = n
			}
		}
		if given := req.Param("limit"); given.Exists() {
			limit = int(max(1, min(given.Int(), maxObjects)))
		}
	} else {
		limit = len(items)
	}
	find := func(name string) (int, error) {
		id := url.PathEscape(req.Param(name).String())
		at := slices.IndexFunc(items, func(it item) bool { return it.id == id })
		if at < 0 {
			return 0, missing(id)
		}
		return at, nil
	}
	if req.Param("after").Exists() {
		at, err := find("after")
		if err != nil {
			return nil, false, err
		}
		items = items[at+1:]
	}
	if req.Param("before").Exists() {
		at, err := find("before")
		if err != nil {
			return nil, false, err
		}
		if before := items[:at]; len(before) > limit {
			return before[len(before)-limit:], true, nil
		}
		return items[:at], false, nil
	}
	if len(items) > limit {
		return items[:limit], true, nil
	}
	return items, false, nil
}
