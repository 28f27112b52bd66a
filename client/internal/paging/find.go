package paging

import (
	"strconv"
	"strings"

	"github.com/opcall/opcall/client/internal/outline"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema"
)

// Find returns the style of an operation. The error is a *NoList for one that is not a
// list, and else says what is wrong with its x-opcall-page.
func Find(op *schema.Operation) (*Style, error) {
	if text, ok := op.Extension("x-opcall-page"); ok {
		return extended(op, text)
	}
	f := finder{op: op, style: Style{Schema: response(op)}}
	if f.style.Schema == nil {
		return nil, &NoList{"the document declares no JSON response for it"}
	}
	if op.Method != "GET" && op.Method != "QUERY" && op.Method != "POST" {
		return nil, &NoList{"a " + op.Method + " is not a list"}
	}
	o := outline.Of(f.style.Schema)
	f.requests = requests(op)
	if o.Kinds().Has(jsonvalue.Array) {
		f.items = o.Items()
		f.style.Required = true
	} else if err := f.object(o); err != nil {
		return nil, err
	}
	f.goOn()
	if reason := f.doubt(); reason != "" {
		return nil, &NoList{reason}
	}
	return &f.style, nil
}

// finder finds the style of one operation.
type finder struct {
	op       *schema.Operation
	style    Style
	requests []request
	places   []place // of a response that is an object
	items    outline.Outline
	sure     bool // the list has a name of lists
}

// request is what a request may send.
type request struct {
	send    string // as Style.Send
	folded  string
	outline outline.Outline
}

// requests returns the parameters of the query and the fields of a JSON body, to a depth
// of two.
func requests(op *schema.Operation) (all []request) {
	for _, p := range op.Parameters {
		if p.In == "query" {
			all = append(all, request{p.Name, fold(p.Name), outline.Of(p.Schema)})
		}
	}
	if op.RequestBody == nil {
		return all
	}
	for _, m := range op.RequestBody.Content {
		if m.Schema == nil || !schema.IsJSON(m.Name) {
			continue
		}
		for _, field := range outline.Of(m.Schema).Members() {
			all = append(all, request{string(schema.Pointer("").Append(field.Name)), fold(field.Name), field.Outline})
			if !is(fold(field.Name), containerNames) || !field.Kinds().Has(jsonvalue.Object) {
				continue
			}
			for _, inner := range field.Members() {
				pointer := schema.Pointer("").Append(field.Name).Append(inner.Name)
				all = append(all, request{string(pointer), fold(inner.Name), inner.Outline})
			}
		}
		return all
	}
	return all
}

// object finds the list in a response that is an object.
func (f *finder) object(o outline.Outline) error {
	f.places = places(o)
	list, sure, found := findList(f.op, f.places)
	if !found {
		return &NoList{"its response has no list, or several of which none has a name of lists"}
	}
	f.sure = sure
	f.style.Items, f.style.Required, f.items = list.path, list.need, list.outline.Items()
	return nil
}

// goOn finds out what asks for the next page, the surest way first.
func (f *finder) goOn() {
	f.style.More = f.first(moreNames, jsonvalue.Boolean)
	f.style.End = f.first(endNames, jsonvalue.Boolean)
	f.style.Total = f.first(totalNames, jsonvalue.Number)
	f.style.Pages = f.first(pagesNames, jsonvalue.Number)
	if f.byCursor() || f.byURL() || f.byLastItem() {
		return
	}
	f.byCount()
}

// first returns the path of the first place that has one of the names, and is of one of
// the kinds alone.
func (f *finder) first(names string, kinds jsonvalue.Kinds) string {
	for _, p := range f.places {
		is := is(p.folded, names) && p.contained()
		if of := p.outline.Kinds() &^ jsonvalue.Null; is && of != 0 && of&^kinds == 0 {
			return p.path
		}
	}
	return ""
}

// byCursor finds a cursor of the response that the request takes.
func (f *finder) byCursor() bool {
	folded := make([]string, len(f.requests))
	for i, r := range f.requests {
		folded[i] = r.folded
	}
	for _, name := range strings.Fields(cursorNames) {
		for _, p := range f.places {
			if p.folded != name || !p.contained() || p.isAddress() || !p.outline.May(jsonvalue.String|jsonvalue.Number) {
				continue
			}
			at := sendFor(name, folded)
			if at < 0 || tellsNothingAlone(name) && len(p.names) == 1 && folded[at] != name {
				continue
			}
			f.style.Next, f.style.Send = []string{p.path}, f.requests[at].send
			return true
		}
	}
	return false
}

// byURL finds the address of the next page in the response.
func (f *finder) byURL() bool {
	for _, p := range f.places {
		if !p.outline.May(jsonvalue.String) || !p.contained() {
			continue
		}
		parent := ""
		if len(p.names) > 1 {
			parent = fold(p.names[len(p.names)-2])
		}
		switch {
		case is(p.folded, urlNames), is(p.folded, "next nextpage"), parent == "next" && is(p.folded, "href link url uri"):
			f.style.Next = []string{p.path}
			return true
		}
	}
	return false
}

// byLastItem finds a parameter that takes the last item's ID. It counts only where the
// response says whether there is more, or is surely a list.
func (f *finder) byLastItem() bool {
	for _, name := range strings.Fields(afterNames) {
		for _, r := range f.requests {
			if r.folded != name || !r.outline.May(jsonvalue.String) || !f.style.saysMore() && !f.sure && f.style.Items != "" {
				continue
			}
			for _, p := range f.places {
				if p.folded == "lastid" && p.contained() {
					f.style.LastID = p.path
				}
			}
			if _, ok := f.items.Member("id"); ok {
				f.style.Last = "id"
			}
			if !f.style.ByLastItem() {
				return false
			}
			f.style.Send = r.send
			return true
		}
	}
	return false
}

func (s *Style) saysMore() bool { return s.More != "" || s.End != "" }

// byCount finds a parameter that counts pages or items.
func (f *finder) byCount() {
	if !f.counted(CountPages, pageNames) {
		f.counted(CountItems, offsetNames)
	}
}

func (f *finder) counted(count Counting, names string) bool {
	for _, name := range strings.Fields(names) {
		for _, r := range f.requests {
			if r.folded == name && r.outline.May(jsonvalue.Number) {
				f.style.Send, f.style.Count, f.style.First = r.send, count, firstOf(r, count)
				return true
			}
		}
	}
	return false
}

// firstOf is what the first page is counted as where the caller says nothing: the
// default, else by the smallest that is allowed.
func firstOf(r request, count Counting) int64 {
	if text, ok := r.outline.Keyword("default"); ok {
		if n, ok := integer(text); ok {
			return n
		}
	}
	text, _ := r.outline.Keyword("minimum")
	least, bounded := integer(text)
	switch {
	case count == CountPages && bounded && least == 0:
		return 0
	case count == CountPages, r.folded == "startindex" && !(bounded && least == 0): // SCIM counts from 1 (RFC 7644 §3.4.2.4)
		return 1
	}
	return 0
}

// doubt returns why what was found is not a list, "" where it is one.
func (f *finder) doubt() string {
	_, hasID := f.member("id")
	switch {
	case f.op.Method == "POST" && f.style.Send == "":
		return "it is a POST without a parameter that asks for a next page"
	case f.style.Items == "" && len(f.places) == 0: // the response is the list
		return ""
	case f.style.Send != "" && f.style.Count == NoCount, f.style.saysMore():
		return ""
	case hasID:
		return "its response is one object, which has an ID"
	case f.sure || len(f.style.Next) > 0 || f.style.Send != "" && (f.style.Total != "" || f.style.Pages != ""):
		return ""
	case f.listObject():
		return ""
	}
	return "its response has a list under the name " + strconv.Quote(f.style.Items) + ", and nothing that says how it goes on"
}

func (f *finder) member(name string) (place, bool) {
	for _, p := range f.places {
		if len(p.names) == 1 && p.names[0] == name {
			return p, true
		}
	}
	return place{}, false
}

// listObject reports whether the response says of itself that it is a list.
func (f *finder) listObject() bool {
	object, ok := f.member("object")
	if !ok {
		return false
	}
	for _, value := range object.outline.Strings() {
		if value == "list" || value == "page" {
			return true
		}
	}
	return false
}
