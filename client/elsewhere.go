package client

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/opcall/opcall/schema"
)

// JSON returns the request body as Request writes it, for calls that go to the server
// by another way than HTTP: as the line of a batch, through a queue. It does not
// validate.
//
// A body that is not JSON, or none, is a *BindError; params that ask for an event
// stream are a *schema.ValidationError, as for Call, because nothing would read it.
func (b *Bound) JSON() (json.RawMessage, error) {
	switch {
	case b.body.media == nil:
		return nil, b.fail("", "it has no request body, want one of JSON")
	case b.body.raw != nil || !schema.IsJSON(b.body.content):
		return nil, b.fail("", "its request body is %s, want JSON", shownType(b.body.content))
	}
	if err := b.refuseStream(); err != nil {
		return nil, err
	}
	text, err := b.jsonBody()
	return json.RawMessage(text), err
}

// ReadResponse reads the response to an operation that came by another way than Call:
// from the output of a batch, a queue, a recording. It does what Call does with a
// response: one that is not 2xx is an *APIError, one that is not what the document
// declares a *ResponseError, and the tier of WithResponseValidation holds.
//
// Status, Header and Body are what is read of resp; without a Content-Type a body that
// looks like JSON is JSON. ReadResponse closes the body as Call does.
func (c *Client) ReadResponse(operationID string, resp *http.Response, opts ...CallOption) (*Response, error) {
	if resp == nil {
		return nil, errors.New("ReadResponse: got nil, want a response")
	}
	b, err := c.callOf(operationID, opts)
	if err != nil {
		return nil, err
	}
	whole := *resp
	if whole.Header == nil {
		whole.Header = make(http.Header)
	}
	switch {
	case whole.Body == nil:
		whole.Body = http.NoBody
	case whole.ContentLength == 0:
		whole.ContentLength = -1 // not said
	}
	if whole.StatusCode >= 200 && whole.StatusCode < 300 {
		return b.read(&whole)
	}
	defer whole.Body.Close()
	sender := c.sender(b, nil)
	return nil, sender.refusal(&http.Request{URL: &url.URL{}, Header: make(http.Header)}, &whole, 0)
}
