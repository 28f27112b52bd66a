package clienttest

import (
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// list responds with a page of the objects that were made. It reports false where the
// response is a sample: while nothing was made there, or the page begins behind an ID that
// nobody made, unless state is strict.
func (s *Server) list(op *schema.Operation, req *Request, r role) (content, bool, error) {
	media := answerInJSON(op)
	if media == nil {
		return content{}, false, nil
	}
	p := s.pagingOf(op)
	l, ok := s.listOf(media, p.style.Items)
	if !ok {
		return content{}, false, nil
	}
	made, err := s.instance(media)
	if err != nil {
		return made, false, err
	}
	items, mine := s.itemsOf(r, req)
	declared := s.declaredOf(r)
	if r.view && !p.decides(r, req, items, declared) {
		return content{}, false, nil
	}
	if !mine {
		text, changed := l.asked(p, r, req)
		made.data = []byte(text)
		return made, changed, nil
	}
	if descending(op, r, req) {
		slices.Reverse(items)
	}
	page, err := p.cut(req, items, func(text string) bool { return p.selected(r, req, text, declared) })
	if err != nil {
		if s.state == StrictState {
			return content{}, false, err
		}
		return content{}, false, nil
	}
	for i, it := range page.items {
		page.items[i].text = l.item.known(it, r)
	}
	made.data = []byte(l.page(page))
	return made, true, nil
}

// item is an object of a list.
type item struct {
	id   string // as it stands in paths
	text string
	gone bool // it was deleted: a page may begin behind it all the same
}

// itemsOf returns what was made in the collection of a request, oldest first. It reports
// false where nothing was, and a sample takes its place.
func (s *Server) itemsOf(r role, req *Request) (items []item, mine bool) {
	path := fill(r.resource.Path, req)
	s.store.Lock()
	defer s.store.Unlock()
	c := s.store.collections[path]
	if c == nil {
		return nil, r.resource.made && (s.state == StrictState || s.parentOfAll(r, req) != nil)
	}
	for _, o := range c.objects {
		it := item{id: o.id, gone: o.deleted}
		if !o.deleted {
			it.text = s.asItIs(o)
		}
		items = append(items, it)
	}
	return items, true
}

// parentOfAll returns the object that a collection belongs to, nil where nobody made it. The
// caller holds the lock of the store.
func (s *Server) parentOfAll(r role, req *Request) *object {
	if r.resource.parent == "" {
		return nil
	}
	path := fill(r.resource.parent, req)
	return s.store.get(parentOf(path), path[strings.LastIndexByte(path, '/')+1:])
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

// filters calls use for each parameter of a request that may select by a member.
func (p *listPaging) filters(r role, req *Request, use func(member string, want gjson.Result)) {
	for _, given := range req.Parameters {
		if given.In != "query" || paging[given.Name] || p.takes(given.Name) {
			continue
		}
		member := strings.TrimSuffix(given.Name, "[]")
		for _, link := range r.state.Filter {
			if link.Member == given.Name {
				member = link.From
			}
		}
		use(member, gjson.ParseBytes(given.Value))
	}
}

// selected reports whether an object is in a list: the parameters of the request that
// have the name of one of its members, or are tied to one, have the same value.
// One that has no such member is not, where the document says that it could have.
func (p *listPaging) selected(r role, req *Request, text string, declared map[string]bool) bool {
	fits := true
	p.filters(r, req, func(member string, want gjson.Result) {
		have := gjson.Get(text, gjson.Escape(member))
		fits = fits && (!have.Exists() && !declared[member] || agrees(want, have))
	})
	return fits
}

// decides reports whether the parameters of a request say which objects are in a list: each
// has the name of a member, and that is a text, a number or a truth value.
func (p *listPaging) decides(r role, req *Request, items []item, declared map[string]bool) bool {
	decided := true
	p.filters(r, req, func(member string, _ gjson.Result) {
		decided = decided && declared[member] && !slices.ContainsFunc(items, func(it item) bool {
			have := gjson.Get(it.text, gjson.Escape(member))
			return have.IsObject() || have.IsArray()
		})
	})
	return decided
}

// declaredOf returns the members that an object of a resource may have.
func (s *Server) declaredOf(r role) map[string]bool {
	get, err := s.document.Operation(r.resource.Get)
	if err != nil || answerInJSON(get) == nil {
		return nil
	}
	return s.declared(answerInJSON(get))
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

// asked returns a sample of the list whose items have what the path names and the request
// selects by. It reports false where that is nothing that they have.
func (l list) asked(p *listPaging, r role, req *Request) (text string, changed bool) {
	it := l.item.sample
	for _, p := range req.Parameters {
		if _, has := jsonscan.Member(it, p.Name); has && p.In == "path" {
			it = l.item.set(it, jsonscan.Object{{Name: p.Name, Text: string(p.Value)}})
		}
	}
	p.filters(r, req, func(member string, want gjson.Result) {
		if first := want.Get("0"); want.IsArray() && first.Exists() {
			want = first
		}
		if _, has := jsonscan.Member(it, member); has && !want.IsObject() {
			it = l.item.set(it, jsonscan.Object{{Name: member, Text: want.Raw}})
		}
	})
	return l.with("[" + it + "]"), it != l.item.sample
}

// known is an object with its ID, where its schema has one and the object was made by a
// request that names it: in another member, or as another object that it has there, as the
// role of an assignment.
func (f form) known(it item, r role) string {
	if _, has := jsonscan.Member(it.text, "id"); has {
		return f.fit(it.text)
	}
	if r.resource != nil {
		stem, _ := strings.CutSuffix(r.resource.parameter, "_id")
		if inner, _ := jsonscan.Member(it.text, stem); strings.HasPrefix(inner, "{") && !f.valid(it.text) {
			it.text = inner
		}
	}
	text := f.fit(it.text)
	if _, has := jsonscan.Member(text, "id"); !has {
		return text
	}
	id, _ := url.PathUnescape(it.id)
	return f.set(text, jsonscan.Object{{Name: "id", Text: quoted(id)}})
}
