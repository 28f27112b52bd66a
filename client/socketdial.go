package client

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/coder/websocket"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Socket opens a WebSocket of the API by the name that the document gives it
// (x-opcall-socket). The built-in document has "realtime", "realtime-beta",
// "realtime-translation", "responses" and "responses-beta". Params, which may be
// nil, go into the query of its address.
//
// Address, headers, credentials and retries are those of a Call, and so are the
// rules which host gets them; redirects to another origin are not followed. An
// ephemeral key is given by WithAPIKey. WithTimeout bounds the handshake, the
// context the socket to its end.
//
// The error is a *schema.ValidationError for wrong params, a *BindError, an
// *UntrustedServerError or a *MissingCredentialError before anything is sent; an *APIError for a refusal, a
// *ResponseError for any other response that opens no socket, a *ConnectionError
// where there was none. The caller closes the Socket.
func (c *Client) Socket(ctx context.Context, name string, params Params, opts ...CallOption) (*Socket, error) {
	doc := c.Document()
	settings, err := c.settings.with(doc, opts)
	if err != nil {
		return nil, err
	}
	spec, err := extension.ReadSocket(doc, name)
	if err != nil {
		return nil, &BindError{Operation: oneLine(name, maxName), Err: err}
	}
	b := &Bound{plan: socketPlan(spec), settings: settings}
	if b.plan.refused != nil {
		return nil, b.plan.refused
	}
	if err := b.ofSocket(spec, params); err != nil {
		return nil, err
	}
	return c.dial(ctx, b, spec)
}

// Redial opens another socket as this one was opened: same name, parameters and
// document, same settings but for further options, such as WithAPIKey with a fresh
// ephemeral key, and a context of its own. It makes the retries of a Call, with
// their waits. This socket stays as it is: what it received can still be read, and
// it is to be closed.
//
// Whether to go on after an error is the caller's decision: a *ConnectionError or
// a *CloseError that is Temporary may be gone with the next connection. The new
// one has no session state: send the session's settings and conversation again, while
// on the socket of responses previous_response_id goes on from any response that
// was stored; a response whose last event did not arrive is to be created again.
func (s *Socket) Redial(ctx context.Context, opts ...CallOption) (*Socket, error) {
	b := *s.bound
	var err error
	if b.settings, err = b.settings.with(s.spec.Like.Document(), opts); err != nil {
		return nil, err
	}
	return s.client.dial(ctx, &b, s.spec)
}

// ofSocket binds params to the query of a socket's address.
func (b *Bound) ofSocket(spec *extension.Socket, params Params) error {
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if !slices.Contains(spec.Query, name) && !b.settings.unknownFields {
			b.misplaced.unknownOf(spec.Query, name)
			continue
		}
		parameter := &schema.Parameter{Name: name, In: "query", Style: "form", Explode: true}
		if err := b.argue(parameter, name, params[name]); err != nil {
			if err := b.misplaced.note(err); err != nil {
				return err
			}
			continue
		}
		if text := b.arguments[len(b.arguments)-1].json; text[0] == '{' || text[0] == '[' {
			err := b.wrong("query", name, "got %s, want a string, number or boolean", jsonscan.TypeName(text))
			if err := b.misplaced.note(err); err != nil {
				return err
			}
		}
	}
	return b.misplaced.whole(b)
}

// handshake writes the request that opens a socket (RFC 6455 §4.1), but for what
// the WebSocket library adds.
func (b *Bound) handshake(ctx context.Context, spec *extension.Socket) (*http.Request, error) {
	req, err := b.Request(ctx)
	if err != nil {
		return nil, err
	}
	req.Header.Del("Accept")
	for _, h := range spec.Headers {
		if _, overridden := b.settings.header[http.CanonicalHeaderKey(h.Name)]; overridden {
			continue
		}
		if err := checkHeader(h.Name, h.Value); err != nil {
			return nil, &BindError{Operation: b.plan.name, Name: h.Name, Reason: "the document's header cannot be sent", Err: err}
		}
		req.Header.Set(h.Name, h.Value)
	}
	return req, b.checkCredentials(req.URL)
}

// dial opens the socket of a bound handshake, which is sent again where retry.go
// allows it.
func (c *Client) dial(ctx context.Context, b *Bound, spec *extension.Socket) (*Socket, error) {
	req, err := b.handshake(ctx, spec)
	if err != nil {
		return nil, err
	}
	req, observed := b.observe(req, KindSocket)
	sender := c.sender(b, observed)
	var d *dialed
	if _, err := sender.retry(req, func(req *http.Request, attempt int) (*http.Response, error) {
		d = &dialed{request: req, heard: new(atomic.Uint64)}
		err := sender.dial(d, spec.Subprotocols, attempt)
		return &http.Response{StatusCode: http.StatusSwitchingProtocols, Header: d.header}, err
	}); err != nil {
		observed.finish(err)
		return nil, err
	}
	return newSocket(ctx, c, b, spec, d, observed), nil
}

// dialed is a connection, and how it came about.
type dialed struct {
	request *http.Request
	header  http.Header
	conn    *websocket.Conn
	heard   *atomic.Uint64
}

// dial sends the handshake once.
func (s *sender) dial(d *dialed, subprotocols []string, attempt int) error {
	httpClient := *s.client
	timeout := s.timeout
	if own := httpClient.Timeout; own > 0 { // it would end the socket with the handshake
		httpClient.Timeout, timeout = 0, min(own, cmp.Or(timeout, own))
	}
	httpClient.CheckRedirect = withinOrigin(httpClient.CheckRedirect)
	u := &upgrade{sender: s, client: &httpClient, dialed: d, attempt: attempt}
	ctx := u.limit.start(d.request.Context(), timeout)
	defer u.limit.release()
	header := d.request.Header
	if attempt > 1 {
		header = header.Clone()
		header.Set(attemptHeader, strconv.Itoa(attempt))
	}
	conn, resp, err := websocket.Dial(ctx, d.request.URL.String(), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: u}, HTTPHeader: header, Host: d.request.Host, Subprotocols: subprotocols,
	})
	switch {
	case u.err != nil:
		return u.err
	case err != nil && resp == nil:
		return s.failure(d.request, attempt, root(err))
	case err != nil:
		return u.unusable("the response to the handshake opens no WebSocket: "+root(err).Error(), nil)
	}
	d.conn = conn
	return nil
}

// upgrade is the transport that the WebSocket library sends its handshake by. It
// keeps to the rules of every other request of the client.
type upgrade struct {
	sender  *sender
	client  *http.Client
	limit   limit
	dialed  *dialed
	attempt int
	err     error // why there is no connection
}

func (u *upgrade) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := u.client.Do(req)
	switch {
	case err != nil:
		u.err = u.failure(resp, err)
		return nil, u.err
	case resp.StatusCode != http.StatusSwitchingProtocols:
		defer resp.Body.Close()
		u.err = u.refusal(resp)
		return nil, u.err
	}
	u.dialed.header = resp.Header
	body, writable := resp.Body.(io.ReadWriteCloser)
	if !writable {
		resp.Body.Close()
		u.err = u.unusable("the connection cannot be written to: what WithMiddleware or WithHTTPClient wraps around responses"+
			" must leave the body of status 101 as it is", nil)
		return nil, u.err
	}
	resp.Body = &socketWire{ReadWriteCloser: body, heard: u.dialed.heard}
	return resp, nil
}

// failure makes the error of a handshake without a response.
func (u *upgrade) failure(resp *http.Response, err error) *ConnectionError {
	ended := contextError(u.dialed.request.Context())
	if ended != nil {
		err = ended
	} else {
		err = u.limit.explain(err)
	}
	failure := u.sender.failure(u.dialed.request, u.attempt, err)
	refused := resp != nil // by the user's CheckRedirect
	failure.final = ended != nil || refused || hopeless(err)
	return failure
}

// refusal makes the error of a response that opens no socket.
func (u *upgrade) refusal(resp *http.Response) error {
	e := u.sender.refusal(u.dialed.request, resp, u.attempt)
	if !e.success() {
		return e
	}
	u.dialed.header = resp.Header
	return u.unusable(fmt.Sprintf("got status %d in response to a WebSocket handshake, want 101; is WithBaseURL the address of the API?",
		resp.StatusCode), e.Body)
}

func (u *upgrade) unusable(reason string, body []byte) *ResponseError {
	return &ResponseError{
		Operation: u.sender.operation, RequestID: requestID(u.dialed.header, u.sender.secretsOf(u.dialed.request)), Body: body,
		Reason: redact(reason, u.sender.secretsOf(u.dialed.request)),
	}
}

// withinOrigin makes a CheckRedirect that follows only where credentials may go:
// what is sent on a socket is for the server that was configured.
func withinOrigin(next func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		if scheme, ok := strings.CutPrefix(req.URL.Scheme, "ws"); ok {
			req.URL.Scheme = "http" + scheme
		}
		if leaves(req, via) {
			return http.ErrUseLastResponse
		}
		return next(req, via)
	}
}
