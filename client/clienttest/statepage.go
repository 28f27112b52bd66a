package clienttest

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	pagestyle "github.com/opcall/opcall/client/internal/paging"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema"
)

// defaultPage is how many objects a page has where neither the request nor the document
// says so.
const defaultPage = 20

// listPaging is how an operation pages its list: in the style that its parameters and its
// response show, as the client reads it.
type listPaging struct {
	style  *pagestyle.Style
	send   string // parameter of the query that says where a page begins, "" for none
	counts pagestyle.Counting
	limit  *schema.Parameter // nil for none
	before string            // parameter of the object that a page ends before, "" for none
}

// pagingOf returns how an operation pages its list.
func (s *Server) pagingOf(op *schema.Operation) *listPaging {
	if known, ok := s.pagings.Load(op.ID); ok {
		return known.(*listPaging)
	}
	style, err := pagestyle.Find(op)
	if err != nil { // a list of one page
		style = &pagestyle.Style{}
	}
	p := &listPaging{style: style, counts: style.Count}
	if style.Send != "" && style.Send[0] != '/' {
		p.send = style.Send
	}
	for _, parameter := range op.Parameters {
		if parameter.In != "query" {
			continue
		}
		switch name := foldedName(parameter.Name); {
		case limitNames[name]:
			p.limit = parameter
		case name == "before" || name == "endingbefore":
			p.before = parameter.Name
		case p.send == "" && len(style.Next) > 0 && countNames[name] != pagestyle.NoCount: // the next page is at a URL
			p.send, p.counts = parameter.Name, countNames[name]
		case parameter.Name == p.send && p.counts == pagestyle.NoCount && isNumber(parameter.Schema):
			p.counts = max(countNames[name], pagestyle.CountItems)
		}
	}
	known, _ := s.pagings.LoadOrStore(op.ID, p)
	return known.(*listPaging)
}

// Names of parameters, without case and whatever is not a letter.
var (
	limitNames = map[string]bool{
		"limit": true, "perpage": true, "pagesize": true, "size": true, "maxresults": true, "top": true, "count": true, "take": true, "pagelimit": true,
	}
	countNames = map[string]pagestyle.Counting{
		"page": pagestyle.CountPages, "pagenumber": pagestyle.CountPages, "nextpage": pagestyle.CountPages,
		"offset": pagestyle.CountItems, "skip": pagestyle.CountItems, "start": pagestyle.CountItems, "startat": pagestyle.CountItems,
	}
)

func foldedName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, strings.ToLower(name))
}

// isNumber reports whether a schema takes numbers and no text.
func isNumber(s *schema.Schema) bool {
	return s != nil && s.Validate(1) == nil && s.Validate("x") != nil
}

// takes reports whether a parameter says which page is wanted.
func (p *listPaging) takes(name string) bool {
	return name == p.send || name == p.before || p.limit != nil && name == p.limit.Name
}

// page is a part of a list, and what a response says of it.
type page struct {
	items []item
	more  bool
	total int // of all pages
	size  int
	next  string // what asks for the next page, as JSON: "null" for none
	*listPaging
}

// cut returns the page that a request asks for: from a number on, behind one object or
// before another, at most as many as its limit. An object that was deleted keeps its
// place, so that a program which deletes page by page comes to the end.
func (p *listPaging) cut(req *Request, items []item, selected func(text string) bool) (page, error) {
	here := page{listPaging: p, next: "null", size: p.size(req)}
	place := func(name string) (int, error) {
		given := req.Param(name).String()
		id := url.PathEscape(given)
		at := slices.IndexFunc(items, func(it item) bool { return it.id == id || !it.gone && idOf(it) == quoted(given) })
		if at < 0 {
			return 0, missing(id)
		}
		return at, nil
	}
	begin, end := 0, len(items)
	var err error
	if p.send != "" && p.counts == pagestyle.NoCount && req.Param(p.send).Exists() {
		if begin, err = place(p.send); err != nil {
			return here, err
		}
		begin++
	}
	before := p.before != "" && req.Param(p.before).Exists()
	if before {
		if end, err = place(p.before); err != nil {
			return here, err
		}
	}
	shown := func(it item) bool { return !it.gone && selected(it.text) }
	for i, it := range items {
		if shown(it) {
			here.total++
			if i >= begin && i < end {
				here.items = append(here.items, it)
			}
		}
	}
	if p.counts != pagestyle.NoCount {
		here.items = here.items[min(p.begin(req, here.size), len(here.items)):]
	}
	if here.more = len(here.items) > here.size; here.more && before {
		here.items = here.items[len(here.items)-here.size:]
	} else if here.more {
		here.items = here.items[:here.size]
		here.next = p.next(req, here)
	}
	return here, nil
}

// size is how many objects a page has.
func (p *listPaging) size(req *Request) int {
	size := defaultPage
	switch {
	case p.limit == nil && p.send == "":
		return maxObjects
	case p.limit == nil:
		return size
	}
	if p.limit.Schema != nil {
		text, _ := jsonscan.Member(p.limit.Schema.JSON(), "default")
		if n, err := strconv.Atoi(text); err == nil && n > 0 {
			size = n
		}
	}
	if given := req.Param(p.limit.Name); given.Exists() {
		size = int(max(1, min(given.Int(), maxObjects)))
	}
	return size
}

// first is the number that the first page has, where pages or items are counted.
func (p *listPaging) first() int64 {
	if p.style.Count == pagestyle.NoCount && p.counts == pagestyle.CountPages {
		return 1
	}
	return p.style.First
}

// begin is how many objects stand before the page of a request that counts.
func (p *listPaging) begin(req *Request, size int) int {
	given := req.Param(p.send)
	n := given.Int() - p.first()
	if !given.Exists() || n < 0 {
		return 0
	}
	if p.counts == pagestyle.CountPages {
		n = min(n, maxObjects) * int64(size)
	}
	return int(min(n, maxObjects))
}

// next is what asks for the page behind one, as JSON.
func (p *listPaging) next(req *Request, here page) string {
	if p.counts == pagestyle.NoCount {
		id, _ := url.PathUnescape(here.items[len(here.items)-1].id)
		return quoted(id)
	}
	number := int64(p.begin(req, here.size)+here.size) + p.first()
	if p.counts == pagestyle.CountPages {
		number = int64(p.begin(req, here.size)/here.size) + 1 + p.first()
	}
	if p.style.Send != "" {
		return fmt.Sprint(number)
	}
	query, _ := url.ParseQuery(req.Query) // what cannot be read was refused
	query.Set(p.send, fmt.Sprint(number))
	return quoted(req.Path + "?" + query.Encode())
}

// page returns the list with the items of a page, and what it says of it: the IDs of the
// first and the last, whether there are more, and what asks for them.
func (l list) page(p page) string {
	texts := make([]string, len(p.items))
	for i, it := range p.items {
		texts[i] = it.text
	}
	text := l.with("[" + strings.Join(texts, ",") + "]")
	if l.path == nil {
		return text
	}
	say := func(path, value string) {
		if path != "" {
			text = l.form.say(text, splitPath(path), value)
		}
	}
	first, last := "null", "null"
	if n := len(p.items); n > 0 {
		first, last = idOf(p.items[0]), idOf(p.items[n-1])
	}
	say("first_id", first)
	say("last_id", last)
	if p.listPaging == nil { // all that a request has made
		say("has_more", "false")
		return text
	}
	say(p.style.LastID, last)
	say(p.style.More, fmt.Sprint(p.more))
	say(p.style.End, fmt.Sprint(!p.more))
	say(p.style.Total, fmt.Sprint(p.total))
	say(p.style.Pages, fmt.Sprint((p.total+p.size-1)/max(1, p.size)))
	for i, path := range p.style.Next {
		if i > 0 {
			p.next = "null"
		}
		say(path, p.next)
	}
	return text
}

// idOf is the ID of an item, as JSON.
func idOf(it item) string {
	if id, has := jsonscan.Member(it.text, "id"); has {
		return id
	}
	id, _ := url.PathUnescape(it.id)
	return quoted(id)
}

// say sets what a list says of its page, where it has a member for that: to the value,
// or to the same as a text, or to nothing.
func (f form) say(text string, path []string, value string) string {
	if _, has := memberAt(f.sample, path); !has && !f.declared[path[0]] {
		return text
	}
	for _, candidate := range [...]string{value, quoted(value)} {
		if jsonvalue.KindOfText(value) == jsonvalue.Null && candidate != value {
			continue
		}
		if changed := setAt(text, path, candidate); f.valid(changed) {
			return changed
		}
	}
	if without := removeAt(text, path); f.valid(without) {
		return without
	}
	if empty := setAt(text, path, `""`); f.valid(empty) {
		return empty
	}
	return text
}

// splitPath splits names that are joined by dots, with a backslash before a dot within one.
func splitPath(path string) (names []string) {
	var name strings.Builder
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '\\' && i+1 < len(path):
			i++
			name.WriteByte(path[i])
		case c == '.':
			names = append(names, name.String())
			name.Reset()
		default:
			name.WriteByte(c)
		}
	}
	return append(names, name.String())
}

// memberAt returns the member of an object, or of an object in it.
func memberAt(text string, path []string) (value string, has bool) {
	value, has = text, true
	for _, name := range path {
		if value, has = jsonscan.Member(value, name); !has {
			return "", false
		}
	}
	return value, has
}

// setAt sets a member of an object, or of an object in it, which is made where it is not
// there.
func setAt(text string, path []string, value string) string {
	if len(path) > 1 {
		inner, _ := jsonscan.Member(text, path[0])
		if !strings.HasPrefix(inner, "{") {
			inner = "{}"
		}
		value = setAt(inner, path[1:], value)
	}
	return jsonscan.SetMember(text, path[0], value)
}

// removeAt removes a member of an object, or of an object in it.
func removeAt(text string, path []string) string {
	if len(path) > 1 {
		inner, has := jsonscan.Member(text, path[0])
		if !has || !gjson.Parse(inner).IsObject() {
			return text
		}
		return jsonscan.SetMember(text, path[0], removeAt(inner, path[1:]))
	}
	o := jsonscan.ReadObject(text)
	o.Take(path[0])
	return o.String()
}
