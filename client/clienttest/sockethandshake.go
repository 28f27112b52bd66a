package clienttest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/client/internal/inbound"
)

// maxSocketEvent is the largest event that a client may send, in bytes.
const maxSocketEvent = 16 << 20

// socketOf returns the socket that a handshake is for, nil for any other request.
func (s *Server) socketOf(hr *http.Request) *extension.Socket {
	return inbound.Socket(s.document, s.bases, hr)
}

// serveUpgrade serves the handshake of a WebSocket. It reports false for every other request.
func (s *Server) serveUpgrade(w http.ResponseWriter, hr *http.Request) bool {
	spec := s.socketOf(hr)
	switch {
	case s.replayed != nil && inbound.IsUpgrade(hr):
		s.replaySocket(w, hr, spec)
	case spec != nil:
		s.serveSocket(w, hr, spec)
	default:
		return false
	}
	return true
}

// serveSocket takes a handshake to the end of its socket.
func (s *Server) serveSocket(w http.ResponseWriter, hr *http.Request, spec *extension.Socket) {
	req := &Request{
		ID: s.number(), Operation: spec.Name, Method: hr.Method, Path: hr.URL.EscapedPath(), Query: hr.URL.RawQuery,
		Header: hr.Header, Time: time.Now(),
	}
	req.Refusal = newRefusal(s.validateHandshake(req, hr, spec))
	s.record(req)
	w.Header().Set("X-Request-Id", req.ID)
	if req.Refusal != nil {
		s.write(w, hr, nil, req, req.Refusal.answer())
		return
	}
	s.sockets.mu.Lock()
	answer := s.sockets.handshakes[spec.Name]
	s.sockets.mu.Unlock()
	if answer != nil {
		a := answer()
		if a.Status != 0 || a.Body != nil || a.Fail != (Failure{}) {
			s.write(w, hr, nil, req, a)
			return
		}
		if !s.pause(hr, a.Delay) {
			s.say(req, unanswered)
			panic(http.ErrAbortHandler)
		}
	}
	s.accept(w, hr, req, spec.Subprotocols, func(ctx context.Context, conn *websocket.Conn) {
		c := &conversation{server: s, spec: spec, request: req, conn: conn, ctx: ctx}
		c.protocol = newProtocol(c)
		c.run()
	})
}

// accept agrees to a handshake, and runs the conversation. Its context ends with the server.
func (s *Server) accept(w http.ResponseWriter, hr *http.Request, req *Request, subprotocols []string, run func(context.Context, *websocket.Conn)) {
	conn, err := websocket.Accept(s.watched(w, req), hr, &websocket.AcceptOptions{Subprotocols: subprotocols})
	if err != nil {
		return // the response has been written
	}
	defer conn.CloseNow()
	conn.SetReadLimit(maxSocketEvent)
	ctx, cancel := context.WithCancel(context.WithoutCancel(hr.Context())) // which means nothing any more
	defer cancel()
	s.running.Go(func() {
		select {
		case <-s.closing:
			cancel()
		case <-ctx.Done():
		}
	})
	run(ctx, conn)
}

// insecureKey is how browsers, which can set no header, give their key.
const insecureKey = "openai-insecure-api-key."

// validateHandshake notes the parameters of a handshake and reports what is wrong with
// it: that it has no credential comes first.
func (s *Server) validateHandshake(req *Request, hr *http.Request, spec *extension.Socket) *inbound.Refusal {
	query, err := url.ParseQuery(req.Query)
	if err != nil {
		return &inbound.Refusal{Status: http.StatusBadRequest, Code: "invalid_value", Message: spec.Name + ": the query cannot be read"}
	}
	for _, name := range spec.Query {
		if query.Has(name) {
			value, _ := json.Marshal(query.Get(name)) // a string always encodes
			req.Parameters = append(req.Parameters, Parameter{Name: name, In: "query", Value: value})
		}
	}
	for _, offered := range inbound.Listed(hr.Header.Values("Sec-WebSocket-Protocol")) {
		if key, ok := strings.CutPrefix(offered, insecureKey); ok && hr.Header.Get("Authorization") == "" {
			hr = hr.Clone(hr.Context())
			hr.Header.Set("Authorization", "Bearer "+key)
		}
	}
	like := *spec.Like
	like.ID = spec.Name
	if r := s.authenticate(&like, hr); r != nil {
		return r
	}
	return new(inbound.Validator).Handshake(hr, spec)
}
