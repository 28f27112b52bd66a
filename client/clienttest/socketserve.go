package clienttest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/schema"
)

// conversation is what is said on one socket.
type conversation struct {
	server   *Server
	spec     *extension.Socket
	request  *Request
	conn     *websocket.Conn
	ctx      context.Context
	protocol protocol

	told   int // events of the server with an ID
	spoken int // responses of the model
	paused *reply
}

// protocol is the server's side of a kind of socket.
type protocol interface {
	begin() []jsonObject                      // what the server says first
	answer(*SocketEvent) reply                // to an event that is valid
	refuse(*SocketEvent, *Refusal) jsonObject // an event for one that is not
}

// protocols are known by the server's events.
var protocols = map[string]func(*conversation) protocol{
	"RealtimeServerEvent":            newRealtime,
	"RealtimeBetaServerEvent":        newRealtimeBeta,
	"RealtimeTranslationServerEvent": newTranslation,
	"ResponsesServerEvent":           newResponses,
	"BetaResponsesServerEvent":       newResponses,
}

func newProtocol(c *conversation) protocol {
	if known := protocols[c.spec.Server.Name()]; known != nil {
		return known(c)
	}
	return specimenProtocol{c}
}

// reply is what an event gets.
type reply struct {
	events []jsonObject
	script SocketAnswer // where a model speaks
}

func plain(events ...jsonObject) reply { return reply{events: events} }

// run responds to events until the socket ends.
func (c *conversation) run() {
	if !c.play(plain(c.protocol.begin()...)) {
		return
	}
	for {
		_, data, err := c.conn.Read(c.ctx)
		if err != nil {
			return
		}
		if !c.play(c.hear(data)) {
			return
		}
	}
}

// hear validates an event and finds its response.
func (c *conversation) hear(data []byte) reply {
	e := &SocketEvent{Socket: c.spec.Name, Request: c.request, Data: data, Time: time.Now()}
	e.Type = e.Get("type").String()
	e.Refusal = c.check(e)
	var answer reply
	if e.Refusal == nil {
		answer = c.protocol.answer(e)
	}
	if e.Refusal != nil { // of the event, or of what it asks for
		answer = plain(c.protocol.refuse(e, e.Refusal))
	}
	c.server.recordEvent(e)
	return answer
}

// check validates an event against the component of the client's events.
func (c *conversation) check(e *SocketEvent) *Refusal {
	if !json.Valid(e.Data) {
		e.Type = ""
		return &Refusal{Status: http.StatusBadRequest, Code: "invalid_json", Message: c.spec.Name + ": the event is not JSON"}
	}
	err := c.spec.Client.Validate(e.Data, schema.WithSubject(c.spec.Name))
	var invalid *schema.ValidationError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &invalid):
		return &Refusal{Status: http.StatusInternalServerError, Code: "test_server", Message: err.Error()}
	}
	return newRefusal(inbound.Invalid(invalid))
}

// deny refuses what an event asks for.
func (e *SocketEvent) deny(code, param, format string, args ...any) reply {
	e.Refusal = &Refusal{
		Status: http.StatusBadRequest, Code: code, Param: param,
		Message: e.Socket + ": " + fmt.Sprintf(format, args...),
	}
	return reply{}
}

// scripted returns what the test wants a model to say to an event.
func (c *conversation) scripted(e *SocketEvent) SocketAnswer {
	c.server.sockets.mu.Lock()
	answer := c.server.sockets.scripts[c.spec.Name]
	c.server.sockets.mu.Unlock()
	c.spoken++
	if answer == nil {
		return SocketAnswer{}
	}
	return answer(e)
}

// play sends a response, and reports whether the socket goes on.
func (c *conversation) play(r reply) bool {
	texts, err := r.texts()
	if err != nil {
		return c.end(websocket.StatusInternalError, "test server: an event of the script cannot be written as JSON")
	}
	if !c.wait(r.script.Delay) {
		return false
	}
	pause := r.script.Pause > 0 && r.script.Pause < len(texts)
	if pause {
		texts = texts[:r.script.Pause]
	}
	fails := r.script.Fail.kind != noFailure
	if fails {
		texts = texts[:min(r.script.Fail.after, len(texts))]
	}
	for _, text := range texts {
		if c.conn.Write(c.ctx, websocket.MessageText, text) != nil {
			return false
		}
	}
	switch {
	case fails && r.script.Fail.kind == dropped:
		return false
	case fails:
		return c.end(websocket.StatusCode(r.script.Fail.code), r.script.Fail.reason)
	case pause:
		c.paused = &reply{events: r.events, script: SocketAnswer{Pause: min(r.script.Pause, len(r.events))}}
	}
	return true
}

// texts are the events as they go out: those of the script, else the server's
// own.
func (r reply) texts() ([][]byte, error) {
	texts := make([][]byte, 0, max(len(r.script.Events), len(r.events)))
	for _, e := range r.script.Events {
		switch e := e.(type) {
		case []byte:
			texts = append(texts, e)
		case string:
			texts = append(texts, []byte(e))
		case json.RawMessage:
			texts = append(texts, e)
		default:
			text, err := jsonscan.Marshal(e)
			if err != nil {
				return nil, err
			}
			texts = append(texts, text)
		}
	}
	if len(texts) > 0 {
		return texts, nil
	}
	for _, e := range r.events {
		text, err := jsonscan.Marshal(e)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// end closes the socket. It reports false.
func (c *conversation) end(code websocket.StatusCode, reason string) bool {
	c.conn.Close(code, reason) // a client that does not respond is left after five seconds
	return false
}

// wait reports false when the server closes first.
func (c *conversation) wait(d time.Duration) bool { return pause(c.ctx, nil, d) }

// number names the responses of the model on this socket, and what belongs to
// them: "0001_2".
func (c *conversation) number() string {
	return fmt.Sprintf("%s_%d", strings.TrimPrefix(c.request.ID, "req_test_"), c.spoken)
}

// event makes an event with an ID.
func (c *conversation) event(kind string, members ...member) jsonObject {
	c.told++
	id := fmt.Sprintf("event_test_%s_%d", strings.TrimPrefix(c.request.ID, "req_test_"), c.told)
	return append(jsonObject{{"type", kind}, {"event_id", id}}, members...)
}

// model is the one that the handshake names.
func (c *conversation) model(otherwise string) string {
	return cmp.Or(c.request.Param("model").String(), otherwise)
}

// orNull is a text, or null for none.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// specimenProtocol is of sockets that nobody has described: an instance of the
// server's events for each event.
type specimenProtocol struct{ *conversation }

func (specimenProtocol) begin() []jsonObject { return nil }

func (p specimenProtocol) answer(e *SocketEvent) reply {
	script := p.scripted(e)
	text, err := sample.Minimal(p.spec.Server)
	if err != nil {
		return reply{script: script}
	}
	return reply{events: []jsonObject{parseObject(text)}, script: script}
}

func (specimenProtocol) refuse(_ *SocketEvent, r *Refusal) jsonObject {
	return jsonObject{{"type", "error"}, {"error", inbound.NewErrorBody("invalid_request_error", r.Code, r.Param, r.Message).Error}}
}

// textOf is a member of JSON text, as text.
func textOf(data []byte, path string) string { return gjson.GetBytes(data, path).String() }
