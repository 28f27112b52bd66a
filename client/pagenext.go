package client

import (
	"fmt"
	"hash/maphash"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/client/internal/paging"
	"github.com/opcall/opcall/schema"
)

// maxEmptyPages bounds the pages without items that are read in a row. APIs that filter
// after paging return some.
const maxEmptyPages = 100

// read takes in a page that has been fetched: where its list is, and what comes after
// it. What is wrong with the page itself is returned; what is missing for going on stands
// in p.stop until the page has been delivered. A page whose response is nil was not fetched.
func (p *pager) read(page *page) error {
	if reason := p.findList(page); reason != "" {
		return p.wrong(p.number, reason)
	}
	for _, item := range page.list.Items() {
		page.items = append(page.items, item)
	}
	p.fetched += len(page.items)
	if len(page.items) == 0 {
		if p.empty++; p.empty >= maxEmptyPages {
			return p.wrong(p.number, fmt.Sprintf("%d pages in a row have no items", p.empty))
		}
		return p.advance(page)
	}
	p.empty = 0
	if p.style.Count != paging.NoCount || page.items[0].Kind() == schema.KindObject { // other values may be the same by chance
		if of, again := p.note("items", string(page.list.Raw())); again {
			if p.unsure {
				p.more, page.response = false, nil // the server returns one page, whatever it is asked for
				return nil
			}
			return p.wrong(p.number, fmt.Sprintf("it has the same items as page %d: the server may not read what asks for another page", of))
		}
	}
	return p.advance(page)
}

// findList finds the list in the page, and returns what is wrong with it.
func (p *pager) findList(page *page) string {
	r := page.response
	whole := r.Value()
	if !whole.Exists() && r.form == formJSON && p.style.Schema != nil {
		whole, _ = p.style.Schema.Decode(r.raw) // a status or media type that the document does not have
	}
	page.whole, page.list = whole, whole.Get(p.style.Items)
	switch page.list.Kind() {
	case schema.KindArray:
		return ""
	case schema.KindNone, schema.KindNull:
		if whole.Kind() == schema.KindObject && !p.style.Required {
			return ""
		}
	}
	got := "nothing"
	if page.list.Exists() {
		got = string(page.list.Kind())
	}
	if p.style.Items == "" {
		return "got " + got + ", want a list as the response"
	}
	return fmt.Sprintf("got %s at %.80q in the response, want a list", got, p.style.Items)
}

// note remembers a text of the page, and reports whether one had it before and which: 0
// for the caller's params.
func (p *pager) note(kind, text string) (page int, again bool) {
	var h maphash.Hash
	h.SetSeed(p.seed)
	h.WriteString(kind)
	h.WriteString(text)
	key := h.Sum64()
	if before, ok := p.seen[key]; ok {
		return before, true
	}
	p.seen[key] = p.number
	return 0, false
}

// advance finds out what comes after a page. The error is about the page itself.
func (p *pager) advance(page *page) error {
	more, said := saysMore(p.style, page.whole)
	if said && !more {
		p.more = false
		return nil
	}
	switch {
	case len(p.style.Next) > 0:
		p.byNext(page, more)
	case p.style.ByLastItem():
		p.unsure = !said
		return p.byLastItem(page, more)
	case !p.byLink(page):
		if p.style.Count != paging.NoCount {
			p.byCount(page, more)
		} else if p.more = false; more {
			p.lacks(fmt.Sprintf("%q says that there is more, and the document knows nothing that asks for it", p.style.More))
		}
	}
	return nil
}

// saysMore reports what a response says about further pages, if it does.
func saysMore(style *paging.Style, whole schema.Value) (more, said bool) {
	if style.More != "" {
		if more, err := whole.Get(style.More).Bool(); err == nil {
			return more, true
		}
	}
	if style.End != "" {
		if end, err := whole.Get(style.End).Bool(); err == nil {
			return !end, true
		}
	}
	return false, false
}

// lacks ends the list in an error behind the page.
func (p *pager) lacks(reason string) {
	p.more, p.stop = false, p.wrong(p.number, reason)
}

// goTo makes a target the next page, unless it has been one already.
func (p *pager) goTo(to target) {
	if of, again := p.note("cursor", to.String()); again {
		as := fmt.Sprintf("as page %d did", of)
		if of == 0 {
			as = "where the list began"
		}
		p.lacks(fmt.Sprintf("it names %s as the next page, %s: the pages go round in a circle", p.quote(to.String()), as))
		return
	}
	p.to = to
}

// quote is a text of the server's in a message.
func (p *pager) quote(text string) string {
	return strconv.Quote(oneLine(redact(text, p.bound.settings.secrets()), maxName))
}

// byNext goes on by what the response names as the next page.
func (p *pager) byNext(page *page, more bool) {
	var next string
	for _, path := range p.style.Next {
		switch v := page.whole.Get(path); v.Kind() {
		case schema.KindString, schema.KindNumber:
			if next = string(v.Raw()); next != `""` && next != "0" {
				p.toNext(page, next, path)
				return
			}
		}
	}
	if p.more = false; more {
		p.lacks(fmt.Sprintf("%q says that there is more, and there is no %q to ask for it", p.style.More, p.style.Next[0]))
	}
}

// toNext goes on by a cursor or URL.
func (p *pager) toNext(page *page, next, path string) {
	text := jsonText(next)
	absolute := strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://")
	switch {
	case absolute, p.style.Send == "" && (strings.HasPrefix(text, "/") || strings.HasPrefix(text, "?")):
		p.goToURL(page, text)
	case p.style.Send == "":
		p.lacks(fmt.Sprintf("%q names %s as the next page, which is not a URL, and the operation takes no parameter for it", path, p.quote(text)))
	default:
		p.goTo(target{json: next})
	}
}

// byLink goes on by the Link header, and reports whether the response has one.
func (p *pager) byLink(page *page) bool {
	next, paged := paging.Link(page.response.Header(), "next")
	switch {
	case !paged:
		return false
	case next == "":
		p.more = false
	default:
		p.goToURL(page, next)
	}
	return true
}

// byLastItem goes on after the page's last item.
func (p *pager) byLastItem(page *page, more bool) error {
	if len(page.items) == 0 {
		if p.more = false; more {
			p.lacks(fmt.Sprintf("%q says that there is more, and the page is empty", p.style.More))
		}
		return nil
	}
	var last schema.Value
	if p.style.LastID != "" {
		last = page.whole.Get(p.style.LastID)
	}
	if k := last.Kind(); (k != schema.KindString || last.String() == "") && k != schema.KindNumber && p.style.Last != "" {
		last = page.items[len(page.items)-1].Get(p.style.Last)
	}
	text := string(last.Raw())
	if k := last.Kind(); k != schema.KindString && k != schema.KindNumber || text == `""` {
		if !more {
			p.more = false // an item without an ID ends a list that says nothing of more
			return nil
		}
		p.lacks("it has no " + p.lastNames() + ", after which the next page would begin")
		return nil
	}
	p.goTo(target{json: text})
	return nil
}

// lastNames says where the last item's ID would be.
func (p *pager) lastNames() string {
	switch {
	case p.style.LastID == "":
		return strconv.Quote(p.style.Last) + " in its last item"
	case p.style.Last == "":
		return strconv.Quote(p.style.LastID)
	}
	return fmt.Sprintf("%q, and no %q in its last item", p.style.LastID, p.style.Last)
}

// byCount goes on by the number of the next page or item.
func (p *pager) byCount(page *page, more bool) {
	at := p.style.First
	if p.to.json != "" {
		n, err := strconv.ParseInt(jsonText(p.to.json), 10, 64)
		if err != nil {
			p.lacks(fmt.Sprintf("it was asked for with %q %s, which is not a whole number to count on from", p.style.Send, p.quote(p.to.String())))
			return
		}
		at = n
	}
	next := at + 1
	if p.style.Count == paging.CountItems {
		next = at + int64(len(page.items))
	}
	if len(page.items) == 0 || p.counted(page, next) {
		if p.more = false; more {
			p.lacks(fmt.Sprintf("%q says that there is more, and the page is empty", p.style.More))
		}
		return
	}
	p.goTo(target{json: strconv.FormatInt(next, 10)})
}

// counted reports whether the response has a number of items or pages by which the next
// one, by its number, does not exist.
func (p *pager) counted(page *page, next int64) bool {
	if pages, err := number(page.whole, p.style.Pages); err && p.style.Count == paging.CountPages {
		return next-p.style.First >= pages
	}
	total, ok := number(page.whole, p.style.Total)
	switch {
	case !ok:
		return false
	case p.style.Count == paging.CountItems:
		return next-p.style.First >= total
	}
	return p.fromFirst && int64(p.fetched) >= total
}

// number returns the whole number at a path, and whether there is one.
func number(v schema.Value, path string) (int64, bool) {
	if path == "" {
		return 0, false
	}
	n, err := v.Get(path).Int64()
	return n, err == nil
}

// goToURL makes a URL of the server's the next page, if it is of the origin that the
// list came from.
func (p *pager) goToURL(page *page, text string) {
	base := page.request.URL
	if r := page.response.http.Request; r != nil && sameOrigin(base, r.URL) {
		base = r.URL // after redirects
	}
	to, err := base.Parse(text)
	switch {
	case err != nil:
		p.lacks(fmt.Sprintf("it names %s as the next page, which is not a URL", p.quote(text)))
	case !sameOrigin(page.request.URL, to):
		p.lacks(fmt.Sprintf("it names a next page at %s, and credentials go to %s alone", siteOf(to), siteOf(page.request.URL)))
	default:
		to.Fragment, to.RawFragment, to.User = "", "", page.request.URL.User
		p.goTo(target{url: to.String()})
	}
}

// follow makes a request one for a URL of its own origin. What the client adds to every
// query, credentials among it, is added to that of the URL.
func (b *Bound) follow(own *url.URL, text string) (*url.URL, error) {
	to, err := url.Parse(text)
	if err != nil {
		return nil, b.unfit("", "the address of the next page cannot be used", err)
	}
	for pair := range strings.SplitSeq(own.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		credential, ours := b.addsToQuery(name)
		switch {
		case pair == "" || !ours:
		case !hasPair(to.RawQuery, name):
			to.RawQuery = string(appendPair([]byte(to.RawQuery), pair))
		case credential: // which key is sent is not the server's to say
			to.RawQuery = string(appendPair([]byte(withoutPair(to.RawQuery, name)), pair))
		}
	}
	return to, nil
}

// addsToQuery reports whether the client itself adds a pair of that name, escaped, to
// queries, and whether it is a credential.
func (b *Bound) addsToQuery(name string) (credential, ours bool) {
	plain, err := url.QueryUnescape(name)
	if err != nil {
		return false, false
	}
	if slices.ContainsFunc(b.plan.keys, func(s schema.SecurityScheme) bool { return s.In == "query" && s.ParamName == plain }) {
		return true, true
	}
	return false, b.settings.query.Has(plain)
}

func hasPair(query, name string) bool { return withoutPair(query, name) != query }

// withoutPair returns a query without the pairs of a name.
func withoutPair(query, name string) string {
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		if is, _, _ := strings.Cut(pair, "="); is != name {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}
