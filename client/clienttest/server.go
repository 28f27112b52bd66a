package clienttest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/internal/steady"
	"github.com/opcall/opcall/schema"
)

// TB is what a Server needs of a *testing.T, *testing.B or *testing.F.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Server is a test server that is up and serving. It is safe for concurrent use.
type Server struct {
	tb TB // nil for a server that Start made
	*described
	url       string
	http      http.Server
	transport http.Transport // of the clients that Client makes
	requests  inbound.Validator

	closing chan struct{}
	running sync.WaitGroup // the listener and the requests being served

	clock       func() time.Time
	bodyTimeout time.Duration // how long a body may stand still

	mu      sync.Mutex
	latest  int64 // of the times that the clock has told
	closed  bool
	scripts map[string]script // by operation ID
	log     log

	sockets sockets

	logTo     io.Writer // nil where nothing is logged
	timing    Timing
	limiter   *limiter // nil without limits
	faults    faults
	tls       *certificate // nil without TLS
	address   string       // to listen on, "" for a free port of loopback
	cases     []scriptedCase
	exercised map[string]int // by operation ID
	refused   map[string]int

	recordTo, recordFrom string    // a file and the URL of an API
	recorder             *recorder // nil where nothing is recorded
	replayed             *replayed // nil where nothing is replayed

	state   State
	maxFile int64
	store   *store
}

// Option configures a Server.
type Option func(*Server) error

// WithDocument serves a document in place of the built-in one.
func WithDocument(doc *schema.Document) Option {
	return func(s *Server) error {
		if doc == nil {
			return errors.New("WithDocument: got nil, want a document")
		}
		s.described = describe(doc)
		return nil
	}
}

// NewServer starts a server that is closed when the test ends. It ends the test
// where the server cannot start.
func NewServer(tb TB, opts ...Option) *Server {
	tb.Helper()
	s, err := Start(opts...)
	if err != nil {
		tb.Fatalf("test server: %v", err)
		return nil
	}
	s.tb = tb
	tb.Cleanup(s.Close)
	return s
}

// headerTimeout is how long a client may take for the header of a request.
const headerTimeout = 30 * time.Second

// Start starts a server for a program that is not a test. The caller closes it.
func Start(opts ...Option) (*Server, error) {
	s := &Server{closing: make(chan struct{}), scripts: make(map[string]script), clock: time.Now, bodyTimeout: steady.Timeout}
	s.sockets.scripts = make(map[string]func(*SocketEvent) SocketAnswer)
	s.sockets.handshakes = make(map[string]func() Answer)
	s.requests = inbound.Validator{Keep: maxContent, KeepWhole: true, NamedFiles: true}
	s.store, s.maxFile = newStore(), maxFile
	s.exercised, s.refused = make(map[string]int), make(map[string]int)
	for _, opt := range opts {
		if err := opt(s); err != nil {
			return nil, err
		}
	}
	if err := s.idle(); err != nil {
		return nil, err
	}
	if s.state != NoState {
		s.requests.Keep = max(maxContent, int(s.maxFile))
		s.requests.KeepFiles = s.requests.Keep
	}
	if s.described == nil {
		var err error
		if s.described, err = builtIn(); err != nil {
			return nil, err
		}
	}
	if err := s.faults.check(s.document); err != nil {
		return nil, err
	}
	if err := s.checkCases(); err != nil {
		return nil, err
	}
	if err := s.startRecord(); err != nil {
		return nil, err
	}
	listener, err := s.listen()
	if err != nil {
		if s.recorder != nil {
			s.recorder.close()
		}
		return nil, err
	}
	s.transport.MaxIdleConnsPerHost = 64
	s.http.Handler, s.http.ReadHeaderTimeout = steady.Bodies(http.HandlerFunc(s.serve), s.bodyTimeout), headerTimeout
	s.running.Go(func() { s.http.Serve(listener) }) // returns ErrServerClosed
	return s, nil
}

// idle returns an error for options that would do nothing, as another has the responses come
// from elsewhere.
func (s *Server) idle() error {
	from := ""
	switch {
	case s.recordTo != "" && s.replayed != nil:
		return errors.New("WithRecord and WithReplay: want one of them")
	case s.recordTo != "":
		from = "WithRecord passes requests on"
	case s.replayed != nil:
		from = "WithReplay has the responses"
	default:
		return nil
	}
	for _, option := range []struct {
		name  string
		given bool
	}{
		{"WithFaults", len(s.faults.byOperation) > 0},
		{"WithCases", len(s.cases) > 0},
		{"WithState", s.state != LenientState},
		{"WithMaxFile", s.maxFile != maxFile && s.recordTo != ""},
		{"WithRateLimit", s.limiter != nil && s.recordTo != ""},
		{"WithTiming", s.timing != Timing{} && s.recordTo != ""},
	} {
		if option.given {
			return fmt.Errorf("%s: %s, and so it would do nothing; leave one of them out", option.name, from)
		}
	}
	return nil
}

// StartWithoutKey is for programs that show something: with OPENAI_API_KEY set
// it returns a nil Server, so that they call the real API; without it, it starts
// a server and says so on standard error. A nil Server has no Options, and its
// Close, Respond and RespondSocket do nothing.
//
//	server, err := clienttest.StartWithoutKey()
//	if err != nil {
//		return err
//	}
//	defer server.Close()
//	c, err := openai.New(server.Options()...)
func StartWithoutKey(opts ...Option) (*Server, error) {
	if strings.TrimSpace(os.Getenv("OPENAI_API_KEY")) != "" {
		return nil, nil
	}
	fmt.Fprintln(os.Stderr, "OPENAI_API_KEY is not set: a built-in test server responds in place of the API.")
	return Start(opts...)
}

// WithAddress listens on an address, "127.0.0.1:8080", in place of a free port of
// loopback. Beyond loopback the server is for containers: whoever reaches it can read
// what others have sent.
func WithAddress(address string) Option {
	return func(s *Server) error {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return fmt.Errorf("WithAddress: got %.80q, want HOST:PORT such as 127.0.0.1:8080", address)
		}
		s.address = address
		return nil
	}
}

// listen opens the server's port: a free one of loopback, by IPv6 where there is no IPv4,
// unless WithAddress says another.
func (s *Server) listen() (listener net.Listener, err error) {
	switch {
	case s.address != "":
		listener, err = net.Listen("tcp", s.address)
	default:
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			listener, err = net.Listen("tcp6", "[::1]:0")
		}
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program: want a free port, or port 0 for any: %w", s.address, err)
	}
	if err != nil {
		return nil, err
	}
	s.url = "http://" + listener.Addr().String() + s.base
	if s.tls != nil {
		host, _, _ := net.SplitHostPort(s.address)
		if err := s.tls.make(host); err != nil {
			listener.Close()
			return nil, err
		}
		s.url = "https" + strings.TrimPrefix(s.url, "http")
		s.transport.TLSClientConfig = s.tls.trust()
		s.http.ErrorLog = stdlog.New(quiet{os.Stderr}, "", stdlog.LstdFlags)
		listener = tls.NewListener(listener, s.tls.config())
	}
	return listener, nil
}

// Close stops the server: it closes its connections, gives up responses that are
// on their way, and returns when nothing of it runs any more. A second Close
// does nothing.
func (s *Server) Close() {
	if s == nil {
		return
	}
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if !closed {
		close(s.closing)
		s.http.Close()
		s.recorder.stop()
		s.transport.CloseIdleConnections()
		s.tls.remove()
	}
	s.running.Wait()
	if !closed && s.recorder != nil {
		s.recorder.close()
	}
}

// isClosed reports whether Close was called.
func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// enter counts a request in, unless the server is closed.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.running.Add(1)
	return true
}

// URL is what client.WithBaseURL takes: the server's address with the path of
// the document's server, "http://127.0.0.1:40123/v1".
func (s *Server) URL() string { return s.url }

// Document is the document that the server speaks.
func (s *Server) Document() *schema.Document { return s.document }

// Key is the credential that Client's clients send. The server takes any.
const Key = "test-key"

// Options returns the options of a client that calls this server: its document
// and address, Key as API key and admin key, nothing from the environment. A nil
// Server has none.
//
//	c, err := openai.New(server.Options()...)
func (s *Server) Options() []client.Option {
	if s == nil {
		return nil
	}
	return []client.Option{
		client.WithDocument(s.document),
		client.WithBaseURL(s.url),
		client.WithAPIKey(Key),
		client.WithAdminKey(Key),
		client.WithOrganization(""),
		client.WithProject(""),
		client.WithHTTPClient(&http.Client{Transport: &s.transport}),
	}
}

// Client returns a client of this server, made with Options. Further options
// override these; an error in them ends the test, or panics where there is none.
func (s *Server) Client(opts ...client.Option) *client.Client {
	if s.tb != nil {
		s.tb.Helper()
	}
	c, err := client.New(append(s.Options(), opts...)...)
	if err != nil {
		s.fail("test server: client: %v", err)
	}
	return c
}

// fail reports a mistake in the test itself.
func (s *Server) fail(format string, args ...any) {
	if s.tb == nil {
		panic(fmt.Sprintf(format, args...))
	}
	s.tb.Helper()
	s.tb.Fatalf(format, args...)
}

// serve takes one request from its arrival to its response.
func (s *Server) serve(w http.ResponseWriter, hr *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.running.Done()
	if serveImage(w, hr) || s.inspect(w, hr) {
		return
	}
	if s.recorder != nil {
		s.pass(w, hr)
		return
	}
	if s.serveUpgrade(w, hr) {
		return
	}
	op, req := s.receive(hr)
	if s.replayed != nil { // what was recorded is right, whatever the document says of it
		req.Refusal = nil
	}
	defer func() { req.whole, req.files, req.of = nil, nil, nil }() // the record keeps the beginning alone
	if req.Refusal == nil && s.limiter != nil {
		req.Refusal = s.limiter.take(time.Now(), int(req.Size+3)/4, w.Header())
	}
	s.record(req)
	s.count(req)
	w.Header().Set("X-Request-Id", req.ID)
	if s.replayed != nil {
		s.replay(w, hr, op, req)
		return
	}
	if req.Refusal != nil {
		s.write(w, hr, op, req, req.Refusal.answer())
		return
	}
	s.write(w, hr, op, req, s.faults.spoil(hr, op, func() Answer { return s.scripted(op.ID, req) }))
}
