package client

import (
	"context"
	"net/http"
)

// Call binds params to the operation, validates and sends them, and reads the
// answer.
//
// The error is of the step that failed: a *schema.UnknownOperationError from Bind, a
// *schema.ValidationError from Bind and Validate for all that is wrong with params,
// a *BindError, *FileError or *UntrustedServerError from Request, a *MissingCredentialError
// before anything is sent; an *APIError for an answer that is not 2xx, a
// *ConnectionError where there was none; a *ResponseError or
// *schema.ValidationError, together with the Response, for an answer that
// cannot be used or fails the tier that WithResponseValidation asks for.
//
// An answer that is not JSON must be closed or read by WriteTo.
func (c *Client) Call(ctx context.Context, operationID string, params any, opts ...CallOption) (*Response, error) {
	b, err := c.Bind(operationID, params, opts...)
	if err != nil {
		return nil, err
	}
	if err := b.Validate(); err != nil {
		return nil, err
	}
	req, err := b.Request(ctx)
	if err != nil {
		return nil, err
	}
	resp, err := c.exchange(b, req)
	if err != nil {
		return nil, err
	}
	b.forgetBody()
	return b.read(resp)
}

// exchange sends the request of a bound call and returns the answer, not read
// yet.
func (c *Client) exchange(b *Bound, req *http.Request) (*http.Response, error) {
	if err := b.checkCredentials(req.URL); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	return c.sender(b).send(req)
}

// sender puts what the settings say about sending together.
func (c *Client) sender(b *Bound) *sender {
	return &sender{
		client:     c.http,
		maxRetries: b.settings.maxRetries,
		timeout:    b.settings.timeout,
		logger:     b.settings.logger,
		operation:  b.plan.name,
		path:       b.plan.template,
		settings:   b.settings,
	}
}
