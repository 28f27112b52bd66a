package clienttest

import (
	"slices"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/internal/extension"
)

// SocketAnswer is what a client's event on a WebSocket gets, where it
// makes a model speak: response.create, or the audio of a translation. The zero
// SocketAnswer is a text of the server's own.
type SocketAnswer struct {
	// Output is what the model says: a text, in the modalities that the session or
	// the event asks for, or tool calls.
	Output Output

	// Events are sent in place of all that the server would send, and are validated in
	// nothing: []byte, string and json.RawMessage as they are, other values as JSON.
	Events []any

	Delay time.Duration // before anything is sent

	// Pause, above 0, is the number of events after which the response stops until the
	// client cancels it (response.cancel), or adds to it (response.inject).
	Pause int

	Fail SocketFailure // how the socket ends in the middle; the zero value is not at all
}

// SocketFailure is a way for a socket to end that the client does not expect.
type SocketFailure struct {
	kind   failure
	after  int
	code   int
	reason string
}

// DropSocket breaks the connection after n events of the response, without a word.
// It does so after the last one where there are fewer.
func DropSocket(n int) SocketFailure { return SocketFailure{kind: dropped, after: max(0, n)} }

// CloseSocket closes the socket after n events of the response, or after the last
// one where there are fewer, with a code and a reason of at most 123 bytes
// (RFC 6455 §7.4).
func CloseSocket(n, code int, reason string) SocketFailure {
	return SocketFailure{kind: cutOff, after: max(0, n), code: code, reason: reason}
}

// SocketEvent is an event that a client sent on a WebSocket. Callers must not
// modify what it refers to.
type SocketEvent struct {
	Socket  string   // its name in the document: "realtime"
	Request *Request // the handshake
	Type    string   // "" where the event has none
	Data    []byte   // its JSON text, cut after the first MiB
	Time    time.Time
	Refusal *Refusal // why it was given an error, nil when it was not
}

// Get returns a part of the event by its path in gjson syntax: "item.content.0".
func (e *SocketEvent) Get(path string) gjson.Result { return gjson.GetBytes(e.Data, path) }

// sockets is what the server knows of WebSockets.
type sockets struct {
	mu         sync.Mutex
	scripts    map[string]func(*SocketEvent) SocketAnswer // by name
	handshakes map[string]func() Answer
	events     []*SocketEvent
	bytes      int
}

// RespondSocket says what events that make a model speak get, on
// all sockets of that name: the first with the first response, and so on; the last
// response is for all that come after. Without responses it goes back to a text of
// the server's own.
//
//	server.RespondSocket("realtime",
//		clienttest.SocketAnswer{Output: clienttest.CallTool("weather", `{"city": "Paris"}`)},
//		clienttest.SocketAnswer{Output: clienttest.Say("It is sunny."), Fail: clienttest.DropSocket(5)})
//
// A socket that the document does not have ends the test, or panics where there
// is none.
func (s *Server) RespondSocket(name string, answers ...SocketAnswer) {
	if s == nil { // see StartWithoutKey
		return
	}
	if s.tb != nil {
		s.tb.Helper()
	}
	next := inTurn(answers)
	if next == nil {
		s.RespondSocketFunc(name, nil)
		return
	}
	s.RespondSocketFunc(name, func(*SocketEvent) SocketAnswer { return next() })
}

// RespondSocketFunc is RespondSocket with responses that depend on the event. The
// function is called by the goroutines of the server, for several sockets at
// once; nil goes back to a text of the server's own.
func (s *Server) RespondSocketFunc(name string, answer func(*SocketEvent) SocketAnswer) {
	if s.tb != nil {
		s.tb.Helper()
	}
	s.script(name, func() { s.sockets.scripts[name] = answer })
}

// script changes what a socket does, where the document has it.
func (s *Server) script(name string, change func()) {
	if s.tb != nil {
		s.tb.Helper()
	}
	if !s.hasSocket(name) {
		return
	}
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	change()
}

// RespondHandshake says what the handshakes of a socket get: the
// first with the first response, and so on; the last response is for all that come
// after. An Answer without status, body and failure opens the socket.
//
//	server.RespondHandshake("realtime", clienttest.ErrorAnswer(429, "rate_limit_exceeded", "Slow down."), clienttest.Answer{})
func (s *Server) RespondHandshake(name string, answers ...Answer) {
	if s.tb != nil {
		s.tb.Helper()
	}
	s.script(name, func() { s.sockets.handshakes[name] = inTurn(answers) })
}

// inTurn returns a function whose calls return the values one after the other,
// and then the last for ever; nil where there are none.
func inTurn[T any](values []T) func() T {
	if len(values) == 0 {
		return nil
	}
	var mu sync.Mutex
	next := 0
	return func() T {
		mu.Lock()
		defer mu.Unlock()
		v := values[next]
		next = min(next+1, len(values)-1)
		return v
	}
}

// hasSocket reports whether the document has the socket that a test names.
func (s *Server) hasSocket(name string) bool {
	if s.tb != nil {
		s.tb.Helper()
	}
	if _, err := extension.ReadSocket(s.document, name); err != nil {
		s.fail("test server: socket %.80q: %v", name, err)
		return false
	}
	return true
}

// SocketEvents returns what clients sent on the sockets of that name, refused
// events too, in the order of their arrival. The handshakes are among Requests;
// their Operation is the name of the socket.
func (s *Server) SocketEvents(name string) (events []*SocketEvent) {
	if s.tb != nil {
		s.tb.Helper()
	}
	if !s.hasSocket(name) {
		return nil
	}
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	for _, e := range s.sockets.events {
		if e.Socket == name {
			events = append(events, e)
		}
	}
	return events
}

// recordEvent keeps an event, and forgets what is over the limits of requests.
func (s *Server) recordEvent(e *SocketEvent) {
	kept := *e
	if len(kept.Data) > maxContent {
		kept.Data = slices.Clone(kept.Data[:maxContent])
	}
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	s.sockets.events = append(s.sockets.events, &kept)
	s.sockets.bytes += len(kept.Data)
	forget := 0
	for len(s.sockets.events)-forget > maxRequests || s.sockets.bytes > maxRecorded && len(s.sockets.events)-forget > 1 {
		s.sockets.bytes -= len(s.sockets.events[forget].Data)
		forget++
	}
	s.sockets.events = slices.Delete(s.sockets.events, 0, forget)
}
