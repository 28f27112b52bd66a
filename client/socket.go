package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/coder/websocket"

	"github.com/opcall/opcall/client/internal/extension"
)

// Socket is a WebSocket of the API: events go in both directions, each a JSON
// object that has a type.
//
//	socket, err := c.Socket(ctx, "realtime", client.Params{"model": "gpt-realtime"})
//	defer socket.Close()
//	err = socket.Send(ctx, client.Params{"type": "response.create"})
//	for event, err := range socket.Events() {
//		…
//		if event.Type == "response.done" {
//			break // the socket stays open, and Events goes on where it was left
//		}
//	}
//
// Send and Close are safe for concurrent use; one goroutine at a time ranges over
// Events. Nothing is read ahead: a caller that is slower than the server slows the
// server down. So pings of the server get a response, and its closing is noticed,
// while Events waits. The socket ends with the context that it was opened with.
type Socket struct {
	client  *Client
	bound   *Bound
	spec    *extension.Socket
	request *http.Request
	header  http.Header // of the handshake's response
	conn    *websocket.Conn
	heard   *atomic.Uint64 // reads from the network that brought something

	ctx    context.Context // ends when the socket does
	cancel context.CancelCauseFunc
	pinger sync.WaitGroup

	writing  chan struct{} // holds a token while an event is written
	waiting  atomic.Bool   // Events waits for an event
	closing  sync.Once
	observed *observation          // nil for none
	end      atomic.Pointer[error] // what ended the socket

	reading sync.Mutex // held by who ranges over Events; guards what follows
	events  socketEvents
	message bytes.Buffer
}

// newSocket takes over a connection. The context bounds it.
func newSocket(ctx context.Context, c *Client, b *Bound, spec *extension.Socket, d *dialed, observed *observation) *Socket {
	s := &Socket{
		client: c, bound: b, spec: spec, request: d.request, header: d.header, conn: d.conn, heard: d.heard,
		writing: make(chan struct{}, 1), observed: observed,
	}
	s.events.types = make(map[string]*socketEventType)
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	s.conn.SetReadLimit(s.readLimit())
	context.AfterFunc(s.ctx, func() {
		s.conn.CloseNow()
		s.observed.finish(context.Cause(s.ctx))
	})
	if every := b.settings.socket.keepAlive; every > 0 {
		s.pinger.Go(func() { s.keepAlive(every) })
	}
	return s
}

// Name is the socket's name in the document.
func (s *Socket) Name() string { return s.spec.Name }

// Header is the header of the response that opened the socket; callers must not
// modify it.
func (s *Socket) Header() http.Header { return s.header }

// RequestID is the server's name for the handshake, "" when it sent none: its
// first 100 bytes, in which credentials are masked.
func (s *Socket) RequestID() string { return requestID(s.header, s.secrets()) }

// String names the socket, and nothing secret.
func (s *Socket) String() string { return "socket " + named(s.Name()) }

// GoString is String.
func (s *Socket) GoString() string { return s.String() }

// Send validates an event against the component of the client's events, in the tier
// of WithRequestValidation, and writes it. The event is Params, a struct or map
// that marshals to a JSON object, or raw JSON; a []byte in it goes as base64, as
// audio wants it. Events of concurrent calls are sent one after the other, each
// whole. Send waits while the server does not read.
//
// With a *schema.ValidationError nothing was sent and the socket
// goes on. Where it has ended the error is its end, as Events reports it. A
// *ConnectionError says whether anything was sent: Attempts is 0, "(not sent)", if
// not. Where the context of Send ends while the event is being written the socket
// ends, as a part of the event is on the wire; before that it does no harm.
func (s *Socket) Send(ctx context.Context, event any) error {
	if ctx == nil {
		return s.bound.fail("", nilContext)
	}
	text, err := s.clientEvent(event)
	if err != nil {
		return err
	}
	select {
	case s.writing <- struct{}{}:
		defer func() { <-s.writing }()
	case <-ctx.Done():
	case <-s.ctx.Done():
	}
	if ended := s.ended(); ended != nil {
		var broken *ConnectionError
		if errors.As(ended, &broken) {
			return s.failure(0, broken.Err)
		}
		return ended
	}
	if err := contextError(ctx); err != nil {
		return s.failure(0, err)
	}
	err = s.conn.Write(ctx, websocket.MessageText, []byte(text))
	switch {
	case err == nil:
		return nil
	case contextError(ctx) != nil:
		return s.finish(s.failure(1, fmt.Errorf("%w while an event was being written", contextError(ctx))))
	}
	return s.broken(err) // what was received before can still be read
}

// Events yields the server's events as they come. Leaving the loop leaves the
// socket open, and ranging again goes on with the next event.
//
// An event of the type "error" comes with the *APIError that it reports, and the
// socket goes on: to leave or to continue is the caller's choice. It is not
// validated; Event.Findings compares it with the document. An *EventError
// is an event that cannot be used. It ends the socket, unless WithInvalidEvents
// lets it go on; one that is larger than WithSocketReadLimit allows ends it in any case.
//
// Any other error is the end: a *CloseError where the server closed the socket,
// whatever the code, a *ConnectionError where the connection broke off, the
// context ended, or the server fell silent (WithSocketKeepAlive). Ranging over a socket
// that has ended yields its end again. Where Close was the end the iteration ends
// without an error.
func (s *Socket) Events() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		if !s.reading.TryLock() {
			yield(Event{}, fmt.Errorf("%s: got a second range over Events at the same time, want one", named(s.Name())))
			return
		}
		defer s.reading.Unlock()
		for {
			event, err := s.next()
			if errors.Is(err, ErrSocketClosed) || !yield(event, err) {
				return
			}
			if err != nil && s.end.Load() != nil {
				return
			}
		}
	}
}

// next waits for an event.
func (s *Socket) next() (Event, error) {
	if err := s.ended(); err != nil {
		return Event{}, err
	}
	data, err := s.read()
	if err != nil {
		return Event{}, s.finish(s.broken(err))
	}
	event, err := s.event(data)
	if _, unusable := err.(*EventError); unusable && !s.bound.settings.stream.invalidEvents {
		return Event{}, s.finish(err)
	}
	return event, err
}

// read waits for a message. It is bounded by the socket's context, which closes
// the connection: a context of its own would cost timers for each frame.
func (s *Socket) read() ([]byte, error) {
	s.waiting.Store(true)
	defer s.waiting.Store(false)
	_, message, err := s.conn.Reader(context.WithoutCancel(s.ctx))
	if err != nil {
		return nil, err
	}
	if s.message.Cap() > maxKept {
		s.message = bytes.Buffer{}
	}
	s.message.Reset()
	if _, err := s.message.ReadFrom(message); err != nil {
		return nil, err
	}
	return bytes.Clone(s.message.Bytes()), nil
}

// maxKept is the largest buffer that is kept for the next message, in bytes.
const maxKept = 64 << 10

// ended returns the socket's end, nil while it goes on.
func (s *Socket) ended() error {
	if end := s.end.Load(); end != nil {
		return *end
	}
	if s.ctx.Err() != nil {
		return s.finish(s.broken(s.ctx.Err()))
	}
	return nil
}

// finish notes what ended the socket, unless something did before, and lets the
// connection go. It returns the end.
func (s *Socket) finish(err error) error {
	s.end.CompareAndSwap(nil, &err)
	s.observed.finish(*s.end.Load())
	s.cancel(err)
	return *s.end.Load()
}

// Close closes the socket with code 1000. It waits for the server to do the same,
// five seconds at most, and discards what the server sent meanwhile. It can be
// called at any time, more than once and by any goroutine; where nothing ended the
// socket before, Events ends then without an error. It returns nil.
func (s *Socket) Close() error {
	s.closing.Do(func() {
		closed := error(s.failure(1, ErrSocketClosed))
		s.end.CompareAndSwap(nil, &closed)
		s.conn.Close(websocket.StatusNormalClosure, "") // fails where the connection has ended
		s.observed.finish(*s.end.Load())
		s.cancel(ErrSocketClosed)
	})
	s.pinger.Wait()
	return nil
}

// socketWire is the connection under a socket. The end of it is never the end of a
// message (the WebSocket library takes it for that where it comes at the right
// moment), and what it brings is counted.
type socketWire struct {
	io.ReadWriteCloser
	heard *atomic.Uint64
}

func (w *socketWire) Read(p []byte) (int, error) {
	n, err := w.ReadWriteCloser.Read(p)
	if n > 0 {
		w.heard.Add(1)
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
