package client

import (
	"context"
	"iter"

	"github.com/opcall/opcall/client/internal/paging"
	"github.com/opcall/opcall/schema"
)

// Items calls a list operation and yields the items of the list, page after page, each
// seen through its schema. What the caller's params say holds for every page: filters,
// the size of a page, and the cursor, page or offset to begin at. They are not changed.
//
//	for file, err := range c.Items(ctx, "listFiles", client.Params{"purpose": "batch"}) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(file.Get("id"), file.Get("filename"))
//	}
//
// How a list is paged is read from its operation's parameters and response schema, once:
// "after" with "has_more" and the last item's ID, next_page, page tokens and cursors, the
// address of the next page in the response or its Link header (RFC 8288), offsets, page
// numbers. Where the shape does not show that, x-opcall-page does. A list without any of these
// has one page. A next page is asked for at the origin of the first (scheme, host and
// port) and nowhere else.
//
// An error is yielded once, with the zero Value, after all items that came before it, and
// ends the iteration: that of Call for the first page, among them a *BindError for an
// operation that is not a list, and a *PageError for a list that does not go on as it should
// or whose later page cannot be fetched. The end of ctx is an error. Ranging again
// starts over; leaving the loop ends everything.
//
// Each page is validated and retried as by Call, the request once, before the first.
// WithPrefetch fetches a page ahead. One range has one reader; several ranges over one
// result may run at the same time.
func (c *Client) Items(ctx context.Context, operationID string, params any, opts ...CallOption) iter.Seq2[schema.Value, error] {
	return func(yield func(schema.Value, error) bool) {
		p, err := c.newPager(ctx, operationID, params, opts)
		if err != nil {
			yield(schema.Value{}, err)
			return
		}
		defer p.close()
		for {
			page, err := p.next()
			if err != nil {
				yield(schema.Value{}, err)
			}
			if page == nil || err != nil {
				return
			}
			for _, item := range page.items {
				p.delivered++
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// Pages is Items by whole responses. An error comes with the Response where there is one
// that cannot be used.
func (c *Client) Pages(ctx context.Context, operationID string, params any, opts ...CallOption) iter.Seq2[*Response, error] {
	return func(yield func(*Response, error) bool) {
		p, err := c.newPager(ctx, operationID, params, opts)
		if err != nil {
			yield(nil, err)
			return
		}
		defer p.close()
		for {
			page, err := p.next()
			if page == nil && err == nil {
				return
			}
			var r *Response
			if page != nil {
				r = page.response
				p.delivered += len(page.items)
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// WithPrefetch makes Items and Pages fetch a page ahead, while the one before is being
// delivered: one request at a time, whose response is given up when the loop is left.
// It has no effect on other calls.
func WithPrefetch() Setting {
	return setting(func(s *settings) error { s.prefetch = true; return nil })
}

// listing is how an operation is paged, or why not.
type listing struct {
	style *paging.Style
	err   error
}
