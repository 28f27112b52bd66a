package conform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"

	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/schema"
)

// InspectPath begins the paths at which a Proxy says what it has seen. They are not
// passed on.
//
//	GET /__opcall/health    {"status":"ok"}, or 503 once Shutdown was called
//	GET /__opcall/metrics   counters in the text format of Prometheus
//	GET /__opcall/drift     where reality and description differ, by field: see Drift
const InspectPath = "/__opcall/"

// Proxy is an http.Handler that passes requests on to an API and validates them, their
// responses, the events of streams and the messages of WebSockets against a document. What
// it passes on is unchanged, byte for byte, as soon as it is there. Credentials pass
// through: nothing of them is kept, logged or recorded. It is safe for concurrent use.
type Proxy struct {
	gate     *gate
	handler  *Handler
	reverse  *httputil.ReverseProxy
	upstream *url.URL
	settings proxySettings
	tally    *tally
	recorder *Recorder // nil without WithRecording

	mu      sync.Mutex
	running int // requests and sockets that are passed on
	closing bool
	idle    chan struct{} // closed when none is running any more, once closing
	sockets map[*socket]bool
}

// ProxyOption configures a Proxy: an Option for what is validated, or one of those that
// only a Proxy has.
type ProxyOption interface{ proxy(*proxySettings) }

type proxySettings struct {
	options     []Option
	transport   http.RoundTripper
	recording   io.Writer
	maxRequests int
	errors      *log.Logger
}

type proxyOption func(*proxySettings)

func (o proxyOption) proxy(s *proxySettings) { o(s) }

// proxy makes an Option a ProxyOption.
func (o Option) proxy(s *proxySettings) { s.options = append(s.options, o) }

// WithTransport sends requests by a RoundTripper in place of one with the settings of
// http.DefaultTransport. One that decompresses responses, as that does, changes them; a
// Proxy's own does not.
func WithTransport(transport http.RoundTripper) ProxyOption {
	return proxyOption(func(s *proxySettings) { s.transport = transport })
}

// WithRecording writes each exchange as NewRecorder does, for Exchanges and Compare.
func WithRecording(out io.Writer) ProxyOption {
	return proxyOption(func(s *proxySettings) { s.recording = out })
}

// WithMaxRequests limits the requests that are passed on at the same time, WebSockets
// among them; others get 503. The default is 10,000; 0 sets no limit.
func WithMaxRequests(n int) ProxyOption {
	return proxyOption(func(s *proxySettings) { s.maxRequests = max(0, n) })
}

// WithProxyLog writes what goes wrong between the proxy and the API to a logger, in place
// of the standard one.
func WithProxyLog(logger *log.Logger) ProxyOption {
	return proxyOption(func(s *proxySettings) { s.errors = logger })
}

// NewProxy returns a Proxy for an API at a URL, "https://api.openai.com". What it does
// with messages is that of a Handler, but responses are validated in the Lenient tier and
// pass, and events are validated (WithEvents).
//
// Where the URL has a path, that takes the place of the document's base path: a request
// for /v1/models goes to /openai/v1/models of "https://host/openai/v1". A request of no
// operation is treated as one that breaks the document, unless WithUnmatched says
// otherwise.
func NewProxy(doc *schema.Document, upstream string, opts ...ProxyOption) (*Proxy, error) {
	if doc == nil {
		return nil, errNoDocument
	}
	target, err := url.Parse(upstream)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" || target.User != nil || target.RawQuery != "" || target.Fragment != "" {
		return nil, errors.New("conform: got no URL of an API, want one such as https://api.openai.com, without credentials and query")
	}
	p := &Proxy{upstream: target, tally: newTally(), sockets: make(map[*socket]bool)}
	p.settings = proxySettings{maxRequests: 10_000}
	for _, opt := range opts {
		opt.proxy(&p.settings)
	}
	options := append([]Option{WithResponses(schema.Lenient, Pass), WithEvents()}, p.settings.options...)
	p.gate = newGate(doc, schema.Lenient, options)
	p.gate.counted = p.tally.count
	if p.gate.unmatched == nil {
		action := p.gate.requests.effect()
		p.gate.unmatched = &action
	}
	p.reverse = &httputil.ReverseProxy{
		Rewrite: p.rewrite, Transport: p.transport(), FlushInterval: -1, ErrorLog: p.settings.errors,
		ModifyResponse: p.receive, ErrorHandler: p.unreachable, BufferPool: &buffers{},
	}
	p.handler = &Handler{p.gate, p.reverse}
	return p, nil
}

// buffers are those that bodies are copied by.
type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if buf, ok := b.pool.Get().(*[]byte); ok {
		return *buf
	}
	return make([]byte, 32<<10)
}

func (b *buffers) Put(buf []byte) { b.pool.Put(&buf) }

// transport is what requests are sent by.
func (p *Proxy) transport() http.RoundTripper {
	transport := p.settings.transport
	if transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.DisableCompression = true // which would change the request and the response
		own.MaxIdleConnsPerHost = 256
		transport = own
	}
	if p.settings.recording != nil {
		p.recorder = NewRecorder(transport, p.settings.recording, p.gate.maxBody)
		transport = p.recorder
	}
	return transport
}

// rewrite addresses a request to the API.
func (p *Proxy) rewrite(r *httputil.ProxyRequest) {
	out := r.Out
	out.URL.Scheme, out.URL.Host, out.Host = p.upstream.Scheme, p.upstream.Host, p.upstream.Host
	if prefix := strings.TrimSuffix(p.upstream.EscapedPath(), "/"); prefix != "" {
		path := r.In.URL.EscapedPath()
		path = p.gate.bases.Trim(path)
		if u, err := url.Parse(prefix + path); err == nil {
			out.URL.Path, out.URL.RawPath = u.Path, u.RawPath
		}
	}
	if out.Body != nil && r.In.ContentLength > 0 {
		out.Body = &sized{out.Body, r.In.ContentLength}
	}
	out.URL.RawQuery = r.In.URL.RawQuery // ReverseProxy takes out what it cannot parse
	if _, given := r.In.Header["User-Agent"]; !given {
		out.Header["User-Agent"] = nil // net/http would add its own
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values, given := r.In.Header[name]; given {
			out.Header[name] = values
		}
	}
}

// sized is a body whose length is known: it is at its end then, and need not be read once
// more, which fails when the response has begun and the server has closed the body.
type sized struct {
	io.ReadCloser
	left int64
}

// Read reads on.
func (s *sized) Read(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, io.EOF
	}
	n, err := s.ReadCloser.Read(p[:min(int64(len(p)), s.left)])
	s.left -= int64(n)
	return n, err
}

// ServeHTTP passes a request on.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	if p.inspect(w, hr) {
		return
	}
	if code, message := p.enter(); code != "" {
		refuse(w, http.StatusServiceUnavailable, code, message)
		return
	}
	defer p.leave()
	if hr.Header.Get("Upgrade") != "" {
		hr = hr.WithContext(context.WithValue(hr.Context(), upgraded{}, hr))
	}
	p.handler.ServeHTTP(w, hr)
}

// enter counts a request in, or says why it is refused.
func (p *Proxy) enter() (code, message string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	limit := p.settings.maxRequests
	switch {
	case p.closing:
		return "shutting_down", "the proxy is shutting down"
	case limit > 0 && p.running >= limit:
		return "too_many_requests", fmt.Sprintf("the proxy passes %d requests on at the same time, and no more", limit)
	}
	p.running++
	return "", ""
}

func (p *Proxy) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running--; p.running == 0 && p.closing {
		close(p.idle)
	}
}

// isClosing reports whether Shutdown was called.
func (p *Proxy) isClosing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closing
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Retry-After", "1")
	writeError(w, status, inbound.NewErrorBody("server_error", code, "", message).JSON())
}

// unreachable responds in place of an API that does not.
func (p *Proxy) unreachable(w http.ResponseWriter, hr *http.Request, err error) {
	var refused *Error
	if hr.Context().Err() != nil && !errors.As(err, &refused) {
		panic(http.ErrAbortHandler) // the client is gone
	}
	p.tally.unreachable.Add(1)
	reason := p.reason(err)
	if validated, ok := w.(*writer); ok && validated.status == 0 && validated.request.form.refusal() == nil {
		validated.unanswered(reason)
		w = validated.ResponseWriter
	}
	writeError(w, http.StatusBadGateway, inbound.NewErrorBody("server_error", "upstream_unreachable", "", "the API did not respond: "+reason).JSON())
}

// reason is what an error says, without the URL.
func (p *Proxy) reason(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return onLine(schema.Problem{Message: err.Error()}).Message
}

// upgraded is the request of a handshake, for upgrade.
type upgraded struct{}

// receive looks at the head of a response. net/http takes a status of three digits from a
// server and panics where a handler sends one below 100.
func (p *Proxy) receive(resp *http.Response) error {
	if resp.StatusCode < 100 {
		return fmt.Errorf("got status %03d, want one from 100 to 999 (RFC 9110 §15)", resp.StatusCode)
	}
	return p.upgrade(resp)
}

// upgrade validates the messages of a WebSocket that the API agreed to, and knows of every
// connection that has changed its protocol, to close it at the end.
func (p *Proxy) upgrade(resp *http.Response) error {
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return nil
	}
	conn, ok := resp.Body.(io.ReadWriteCloser)
	if !ok {
		return nil
	}
	s := &socket{ReadWriteCloser: conn, client: side{frames: frames{off: true}}, server: side{frames: frames{off: true}}}
	if spec := inbound.Socket(p.gate.doc, p.gate.bases, p.original(resp.Request)); spec != nil {
		report := Report{Operation: spec.Name, Method: http.MethodGet, Path: resp.Request.URL.EscapedPath(), Status: resp.StatusCode, request: resp.Request}
		s = p.gate.newSocket(conn, spec, resp.Header.Get("Sec-Websocket-Extensions"), report)
	}
	s.closed = func() {
		p.mu.Lock()
		delete(p.sockets, s)
		p.mu.Unlock()
	}
	p.mu.Lock()
	p.sockets[s] = true
	p.mu.Unlock()
	resp.Body = s
	return nil
}

// original is the request as the client sent it, by its path.
func (p *Proxy) original(out *http.Request) *http.Request {
	if in, ok := out.Context().Value(upgraded{}).(*http.Request); ok {
		return in
	}
	return out
}

// Shutdown has the proxy refuse new requests, and closes WebSockets, which
// http.Server.Shutdown does not know. It waits until what was begun is over, or the context
// ends; its error is that of the context.
func (p *Proxy) Shutdown(ctx context.Context) error {
	p.mu.Lock()
	if !p.closing {
		p.closing, p.idle = true, make(chan struct{})
		if p.running == 0 {
			close(p.idle)
		}
	}
	open := make([]*socket, 0, len(p.sockets))
	for s := range p.sockets {
		open = append(open, s)
	}
	p.mu.Unlock()
	for _, s := range open {
		s.Close()
	}
	select {
	case <-p.idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// RecordingErr returns the first error of writing what WithRecording asks for. After it
// nothing more is written; requests are passed on all the same.
func (p *Proxy) RecordingErr() error {
	if p.recorder == nil {
		return nil
	}
	return p.recorder.Err()
}

// CloseIdleConnections closes those to the API.
func (p *Proxy) CloseIdleConnections() {
	if c, ok := p.reverse.Transport.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
