package clienttest

import (
	"context"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/client/internal/extension"
)

// replaySocket responds to a handshake from the recording, and to what follows.
func (s *Server) replaySocket(w http.ResponseWriter, hr *http.Request, spec *extension.Socket) {
	req := &Request{ID: s.number(), Method: hr.Method, Path: hr.URL.EscapedPath(), Query: hr.URL.RawQuery, Header: hr.Header, Time: time.Now()}
	if spec != nil {
		req.Operation = spec.Name
	}
	s.record(req)
	w.Header().Set("X-Request-Id", req.ID)
	e := s.replayed.find(s.base, req.Method, req.Path, req.Query, nil)
	switch {
	case e == nil:
		s.write(w, hr, nil, req, s.notRecorded(req))
		return
	case e.Status != http.StatusSwitchingProtocols:
		s.write(w, hr, nil, req, s.answerOf(e))
		return
	}
	s.accept(w, hr, req, e.ResponseHeader.Values("Sec-Websocket-Protocol"), func(ctx context.Context, conn *websocket.Conn) {
		s.replayMessages(ctx, conn, req, e)
	})
}

// replayMessages sends what the server said, and waits for as many messages of the client as
// there were.
func (s *Server) replayMessages(ctx context.Context, conn *websocket.Conn, req *Request, e *replayedExchange) {
	hear := func() bool {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return false
		}
		event := &SocketEvent{Socket: req.Operation, Request: req, Data: data, Time: time.Now()}
		event.Type = event.Get("type").String()
		s.recordEvent(event)
		return true
	}
	for _, m := range e.Messages {
		switch {
		case m.From == conform.Client && m.Close == 0:
			if !hear() {
				return
			}
		case m.From == conform.Client: // which closes it
			for hear() {
			}
			return
		case m.Close != 0:
			if m.Close == int(websocket.StatusNoStatusRcvd) { // which cannot be sent
				m.Close = int(websocket.StatusNormalClosure)
			}
			conn.Close(websocket.StatusCode(m.Close), string(m.Body))
			return
		default:
			if !pause(ctx, nil, s.timing.interval()) {
				return
			}
			kind := websocket.MessageText
			if m.Binary {
				kind = websocket.MessageBinary
			}
			if conn.Write(ctx, kind, m.Body) != nil {
				return
			}
		}
	}
	if e.MessagesOmitted {
		conn.Close(websocket.StatusInternalError, "test server: the messages that follow were not recorded")
		return
	}
	for hear() {
	}
}
