package client

import (
	"context"
	"hash/maphash"
	"net/http"
	"slices"
	"strings"

	"github.com/opcall/opcall/client/internal/paging"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// pager fetches the pages of one range over a list.
type pager struct {
	client *Client
	ctx    context.Context
	cancel context.CancelFunc
	bound  *Bound // of the caller's params, valid
	style  *paging.Style

	number    int            // of the page that was fetched last
	delivered int            // items
	fetched   int            // items
	empty     int            // pages in a row
	to        target         // of the page that is fetched next, or was last
	more      bool           // there is a page to fetch
	stop      *PageError     // what the last page lacks for going on; nil where it is the end
	unsure    bool           // the last page does not say whether there is more
	fromFirst bool           // the list is read from its beginning
	seen      map[uint64]int // by the hash of a cursor or of the items: the page that had it
	seed      maphash.Seed
	ahead     chan fetched // of the page that is being fetched, nil without one
}

// target is what asks for a page: a cursor that the request sends, or a URL. The zero
// target is the first page.
type target struct {
	json string // JSON text of the cursor
	url  string
}

func (t target) String() string {
	if t.url != "" {
		return t.url
	}
	return jsonText(t.json)
}

// jsonText is a JSON string's text, and of any other value the JSON.
func jsonText(text string) string {
	if strings.HasPrefix(text, `"`) {
		return jsonscan.String(text)
	}
	return text
}

// page is one page of a list.
type page struct {
	response *Response
	whole    schema.Value
	list     schema.Value // in whole
	items    []schema.Value
	request  *http.Request
}

// fetched is a page, or the error of its call.
type fetched struct {
	page *page
	err  error
}

// newPager binds the call and validates it. The error is that of Call.
func (c *Client) newPager(ctx context.Context, operationID string, params any, opts []CallOption) (*pager, error) {
	b, err := c.Bind(operationID, params, opts...)
	if err != nil {
		return nil, err
	}
	style, err := c.listingOf(b)
	if err != nil {
		return nil, err
	}
	if err := b.refuseStream(); err != nil {
		return nil, err
	}
	if err := b.Validate(); err != nil {
		return nil, err
	}
	if ctx == nil {
		return nil, b.fail("", nilContext)
	}
	p := &pager{client: c, bound: b, style: style, more: true, seen: make(map[uint64]int), seed: maphash.MakeSeed()}
	p.ctx, p.cancel = context.WithCancel(ctx)
	if style.Send != "" {
		p.to.json = b.sent(style.Send) // the cursor that the caller begins at
	}
	p.fromFirst = p.to.json == ""
	if p.to.json != "" {
		p.note("cursor", p.to.String())
	}
	return p, nil
}

// listingOf returns how the bound operation is paged. The error is a *BindError.
func (c *Client) listingOf(b *Bound) (*paging.Style, error) {
	known := b.plan.paging.Load()
	if known == nil {
		style, err := paging.Find(b.Operation)
		if err != nil {
			err = notPaged(b.Operation, err)
		}
		known = &listing{style, err}
		b.plan.paging.Store(known)
	}
	return known.style, known.err
}

// close ends the call that is under way and waits for it.
func (p *pager) close() {
	p.cancel()
	if p.ahead != nil {
		p.discard(<-p.ahead)
		p.ahead = nil
	}
}

// discard gives up a page that nobody reads.
func (p *pager) discard(f fetched) {
	if f.page != nil {
		f.page.response.Close()
	}
}

// next returns the next page, nil after the last.
func (p *pager) next() (*page, error) {
	switch {
	case p.stop != nil:
		p.stop.Items = p.delivered
		return nil, p.stop
	case !p.more:
		return nil, nil
	}
	var f fetched
	if p.ahead != nil {
		f, p.ahead = <-p.ahead, nil
	} else {
		f = p.fetch(p.to)
	}
	p.number++
	if f.err != nil {
		return f.page, p.failed(f.err)
	}
	if err := p.read(f.page); err != nil || f.page.response == nil {
		return nil, err
	}
	if p.bound.settings.prefetch && p.more {
		ahead, to := make(chan fetched, 1), p.to
		p.ahead = ahead
		go func() { ahead <- p.fetch(to) }()
	}
	return f.page, nil
}

// failed makes the error of a page that could not be fetched. That of the first is the
// error of Call.
func (p *pager) failed(err error) error {
	if p.number == 1 {
		return err
	}
	e := p.wrong(p.number, "")
	e.Err = err
	return e
}

// wrong makes the error of a page.
func (p *pager) wrong(number int, reason string) *PageError {
	e := &PageError{
		Operation: p.bound.plan.name, Page: number, Items: p.delivered, Reason: reason,
		Cursor: oneLine(redact(p.to.String(), p.bound.settings.secrets()), maxMessage),
	}
	if p.to.url == "" && p.to.json != "" {
		e.Parameter = p.style.Send
	}
	return e
}

// fetch calls the operation for a page. It changes nothing of the pager.
func (p *pager) fetch(to target) fetched {
	b := *p.bound
	b.arguments = slices.Clone(b.arguments)
	if to.json != "" {
		if err := b.send(p.style.Send, to.json); err != nil {
			return fetched{err: err}
		}
	}
	req, err := b.Request(p.ctx)
	if err != nil {
		return fetched{err: err}
	}
	if to.url != "" {
		if req.URL, err = b.follow(req.URL, to.url); err != nil {
			return fetched{err: err}
		}
	}
	r, err := p.client.perform(&b, req)
	if r == nil {
		return fetched{err: err}
	}
	return fetched{&page{response: r, request: req}, err}
}

// sent returns the JSON text of a parameter, or of what a JSON Pointer leads to in the
// body, "" where the caller gave none.
func (b *Bound) sent(send string) string {
	if _, ok := b.Operation.Parameter(send); ok || send[0] != '/' {
		return b.given(send)
	}
	tokens := schema.Pointer(send).Tokens()
	text := b.given(tokens[0])
	for _, name := range tokens[1:] {
		text, _ = jsonscan.Member(text, name)
	}
	return text
}

// send sets a parameter, or what a JSON Pointer leads to in the body, in place of what
// the caller gave for it.
func (b *Bound) send(send, text string) error {
	if _, ok := b.Operation.Parameter(send); ok || send[0] != '/' {
		return b.put(send, text)
	}
	tokens := schema.Pointer(send).Tokens()
	if len(tokens) > 1 {
		var err error
		if text, err = setAt(containerOf(b.given(tokens[0])), tokens[1:], text); err != nil {
			return b.unfit("", "the cursor cannot be set at "+quoteName(send), err)
		}
	}
	return b.put(tokens[0], text)
}
