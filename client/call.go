package client

import (
	"context"
	"errors"
	"net/http"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/schema"
)

// Call binds params to the operation, validates and sends them, and reads the
// response.
//
// The error is of the step that failed: a *schema.UnknownOperationError from Bind, a
// *schema.ValidationError from Bind and Validate for all that is wrong with params,
// a *BindError, *FileError, *TokenError or *UntrustedServerError from Request, a
// *MissingCredentialError before anything is sent; an *APIError for a response that is not 2xx, a
// *ConnectionError where there was none; a *ResponseError or
// *schema.ValidationError, together with the Response, for a response that
// cannot be used or fails the tier that WithResponseValidation asks for.
//
// A response that is not JSON must be closed or read by WriteTo.
//
// Params that ask for an event stream, as "stream": true does, are a
// *schema.ValidationError: Stream calls the operation for its events. With
// WithRequestValidation(schema.Off) they are sent, and the Body of the Response has
// the bytes of the stream.
func (c *Client) Call(ctx context.Context, operationID string, params any, opts ...CallOption) (*Response, error) {
	b, err := c.Bind(operationID, params, opts...)
	if err != nil {
		return nil, err
	}
	return c.call(ctx, b)
}

// call is Call after Bind.
func (c *Client) call(ctx context.Context, b *Bound) (*Response, error) {
	if err := b.refuseStream(); err != nil {
		return nil, err
	}
	if err := b.Validate(); err != nil {
		return nil, err
	}
	req, err := b.Request(ctx)
	if err != nil {
		return nil, err
	}
	return c.perform(b, req)
}

// perform sends the request of a bound call and reads the response. The body of the call
// is gone afterwards.
func (c *Client) perform(b *Bound, req *http.Request) (*Response, error) {
	req, observed, err := b.begin(req, KindCall)
	if err != nil {
		return nil, err
	}
	s := c.sender(b, observed)
	resp, err := s.send(req)
	if err != nil {
		observed.finish(err)
		return nil, err
	}
	if body := limited(resp.Body); body != nil {
		body.observed = observed
	}
	model := b.requestModel()
	b.forgetBody()
	r, err := b.read(resp)
	b.reportUsage(r.raw, model)
	observed.finishCall(r, err)
	return r, err
}

// refuseStream returns an error where the request asks for an event stream, in the
// params or by WithExtraBody: Call reads no events.
func (b *Bound) refuseStream() error {
	if b.settings.requestTier == schema.Off {
		return nil
	}
	spec, err := b.plan.stream()
	if err != nil || !spec.Declared || len(spec.Request) == 0 {
		return nil // no field asks for a stream
	}
	for _, f := range spec.Request {
		if !b.hasValue(f) {
			return nil
		}
	}
	asked, in := spec.Request[0], ""
	if p, ok := b.Operation.Parameter(asked.Name); ok {
		in = p.In
	}
	refused := b.wrong(in, asked.Name, "got %s, which asks for an event stream: leave it out and use Stream, which sets it", oneLine(asked.JSON, maxName))
	return b.withOthers(refused)
}

// withOthers adds what else is wrong with the request to an error, where the tier has
// errors.
func (b *Bound) withOthers(err error) error {
	var whole *schema.ValidationError
	tier := b.settings.requestTier
	if tier != schema.Standard && tier != schema.Strict || !errors.As(err, &whole) {
		return err
	}
	if invalid := b.check(tier); invalid != nil {
		b.settings.admitNew(invalid)
		b.overlook(invalid)
		merge(whole, invalid)
	}
	return err
}

// hasValue reports whether a parameter or field of the request has a value, which a
// form may have as text.
func (b *Bound) hasValue(want extension.Field) bool {
	text := b.given(want.Name)
	if text == "" {
		return false
	}
	got := gjson.Parse(text)
	value := gjson.Parse(want.JSON)
	if !got.Exists() || value.Type == gjson.JSON {
		return got.Raw == want.JSON
	}
	return got.Type != gjson.JSON && got.String() == value.String()
}

// begin is the last step before a request is sent: where the credentials that it needs
// are there, the observers learn of the call.
func (b *Bound) begin(req *http.Request, kind CallKind) (*http.Request, *observation, error) {
	if err := b.checkCredentials(req.URL); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, nil, err
	}
	req, observed := b.observe(req, kind)
	return req, observed, nil
}

// sender puts what the settings say about sending together.
func (c *Client) sender(b *Bound, observed *observation) sender {
	s := sender{
		client:     c.http,
		maxRetries: b.settings.maxRetries,
		timeout:    b.settings.timeout,
		observed:   observed,
		operation:  b.plan.name,
		settings:   b.settings,
		gate:       b.gate,
	}
	if b.Operation != nil {
		s.document = b.Operation.Document()
	}
	return s
}
