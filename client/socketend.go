package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"

	"github.com/coder/websocket"
)

// ErrSocketClosed is what sending on a socket fails for after Close.
var ErrSocketClosed = errors.New("the socket was closed")

// CloseError says that the server closed a socket, and why. A socket has no end
// of its own, so that it is an error whatever the code is.
type CloseError struct {
	Socket    string // its name
	Code      int    // RFC 6455 §7.4.1; 1005 where the server gave none
	Reason    string // the server's, may be empty; credentials are masked
	RequestID string // of the handshake; may be empty
}

func (e *CloseError) Error() string {
	text := named(e.Socket) + ": the server closed the socket: " + strconv.Itoa(e.Code)
	if name, ok := closeNames[e.Code]; ok {
		text += " " + name
	}
	if e.Reason != "" {
		text += ": " + oneLine(e.Reason, maxMessage)
	}
	if e.RequestID != "" {
		text += " (request " + oneLine(e.RequestID, maxName) + ")"
	}
	return text
}

// Temporary reports whether another socket may fare better: the server goes
// away, restarts, is overloaded or failed (1001, 1011 to 1014).
func (e *CloseError) Temporary() bool {
	switch websocket.StatusCode(e.Code) {
	case websocket.StatusGoingAway, websocket.StatusInternalError, websocket.StatusServiceRestart,
		websocket.StatusTryAgainLater, websocket.StatusBadGateway:
		return true
	}
	return false
}

// closeNames are the close codes of RFC 6455 §7.4.1 and of its registry, in
// words.
var closeNames = map[int]string{
	1000: "normal closure",
	1001: "going away",
	1002: "protocol error",
	1003: "unsupported data",
	1005: "no code given",
	1007: "invalid payload",
	1008: "policy violation",
	1009: "message too big",
	1010: "extension required",
	1011: "internal error",
	1012: "service restart",
	1013: "try again later",
	1014: "bad gateway",
}

// EventLimitError says that the server sent an event that is larger than
// WithSocketReadLimit allows. It is the Err of an *EventError, and the end of the
// socket: the rest of the event is not read.
type EventLimitError struct {
	Limit int64 // in bytes
}

func (e *EventLimitError) Error() string {
	return fmt.Sprintf("got more than %d bytes; WithSocketReadLimit sets this limit", e.Limit)
}

// broken says in the client's words what reading or writing reported.
func (s *Socket) broken(err error) error {
	var closed websocket.CloseError
	switch {
	case s.end.Load() != nil:
		return *s.end.Load()
	case errors.As(err, &closed):
		return &CloseError{
			Socket: s.Name(), Code: int(closed.Code), Reason: redact(closed.Reason, s.secrets()), RequestID: s.RequestID(),
		}
	case errors.Is(err, websocket.ErrMessageTooBig):
		return &EventError{
			Operation: s.Name(), RequestID: s.RequestID(), Index: s.events.received, Err: &EventLimitError{s.readLimit()},
		}
	case s.ctx.Err() != nil:
		err = contextError(s.ctx)
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("the connection broke off: %w", io.ErrUnexpectedEOF)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		// No context of the caller: the WebSocket library waits so long for the rest of a
		// ping, pong or close.
		err = fmt.Errorf("the connection broke off within a ping, pong or close of the server: %w", io.ErrUnexpectedEOF)
	default:
		err = root(err)
	}
	return s.failure(1, err)
}

// root takes off what the WebSocket library wraps around an error.
func root(err error) error {
	for {
		_, network := err.(*net.OpError)
		inner := errors.Unwrap(err)
		if network || inner == nil {
			return err
		}
		err = inner
	}
}

// failure makes the error of a socket that ended without a word of the server.
func (s *Socket) failure(attempts int, err error) *ConnectionError {
	sender := s.client.sender(s.bound, nil)
	return sender.failure(s.request, attempts, err)
}

// secrets returns every credential that the server may quote.
func (s *Socket) secrets() []string {
	return secretsOf(s.request, s.bound.settings)
}
