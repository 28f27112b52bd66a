package clienttest_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

func TestScriptedSocketEventsAreSent(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondSocketFunc("responses", func(e *clienttest.SocketEvent) clienttest.SocketAnswer {
		switch input := e.Get("input").String(); input {
		case "raw":
			return clienttest.SocketAnswer{Events: []any{`{"type":"a"}`, []byte(`{"type":"b"}`), json.RawMessage(`{"type":"c"}`), map[string]string{"type": "d"}}}
		case "drop":
			return clienttest.SocketAnswer{Fail: clienttest.DropSocket(2)}
		case "close":
			return clienttest.SocketAnswer{Fail: clienttest.CloseSocket(1, 4000, "enough"), Delay: time.Millisecond}
		case "close at the end":
			return clienttest.SocketAnswer{Events: []any{`{"type":"a"}`}, Fail: clienttest.CloseSocket(100, 1001, "")}
		case "broken":
			return clienttest.SocketAnswer{Events: []any{make(chan int)}}
		default:
			return clienttest.SocketAnswer{Output: clienttest.Say(input)}
		}
	})
	tests := map[string]struct {
		types []string
		code  int // 0 for none
	}{
		"raw":              {[]string{"a", "b", "c", "d", "response.created"}, 0},
		"drop":             {[]string{"response.created", "response.in_progress"}, 0},
		"close":            {[]string{"response.created"}, 4000},
		"close at the end": {[]string{"a"}, 1001},
		"broken":           {nil, 1011},
	}
	for input, tt := range tests {
		t.Run(input, func(t *testing.T) {
			t.Parallel()
			s, err := server.Client().Socket(t.Context(), "responses", nil)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for _, input := range []string{input, "more"} {
				if err := s.Send(t.Context(), client.Params{"type": "response.create", "model": "m", "input": input}); err != nil {
					break // it has ended
				}
			}
			var types []string
			for e, err := range s.Events() {
				if err != nil {
					var closed *client.CloseError
					if errors.As(err, &closed) != (tt.code != 0) || tt.code != 0 && closed.Code != tt.code {
						t.Errorf("got %v, want code %d", err, tt.code)
					}
					break
				}
				if types = append(types, e.Type); len(types) == 5 {
					break
				}
			}
			if !slices.Equal(types, tt.types) {
				t.Errorf("got %q, want %q", types, tt.types)
			}
		})
	}
}

// Closing the server ends its sockets.
func TestSocketServerCloses(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondSocket("responses", clienttest.SocketAnswer{Delay: time.Hour})
	idle, err := server.Client().Socket(t.Context(), "realtime", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	busy, err := server.Client().Socket(t.Context(), "responses", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	if err := busy.Send(t.Context(), client.Params{"type": "response.create", "model": "m", "input": "a"}); err != nil {
		t.Fatal(err)
	}
	server.Close()
	for _, s := range []*client.Socket{idle, busy} {
		var last error
		for _, err := range s.Events() {
			last = err
		}
		if last == nil {
			t.Error("got no error, want one")
		}
	}
}

// A document of one's own.
func TestSocketOfAnotherDocument(t *testing.T) {
	doc, err := schema.Load([]byte(`{
		"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "servers": [{"url": "https://api.example.com/v3"}],
		"paths": {"/talk": {"post": {"operationId": "talk", "responses": {"200": {"description": "ok"}}}}},
		"components": {"schemas": {
			"In": {"type": "object", "required": ["type"], "properties": {"type": {"const": "ask"}}},
			"Out": {"type": "object", "required": ["type", "n"], "properties": {"type": {"const": "told"}, "n": {"type": "integer"}}}}},
		"x-opcall-socket": {"talk": {"path": "/talk/socket", "like": "talk", "client": "In", "server": "Out"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	server := clienttest.NewServer(t, clienttest.WithDocument(doc))
	s := socketTo(t, server, "talk", nil)
	run(t, s, []step{{`{"type":"ask"}`, []string{"told"}}, {`{"type":"ask"}`, []string{"told"}}})
	if got := server.Requests()[0].Path; got != "/v3/talk/socket" {
		t.Errorf("got path %s", got)
	}
}

// Without answers a script is gone.
func TestEmptySocketScriptIsRemoved(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondSocket("responses", clienttest.SocketAnswer{Events: []any{`{"type":"scripted"}`}})
	server.RespondSocket("responses")
	server.RespondHandshake("responses", clienttest.ErrorAnswer(500, "", ""))
	server.RespondHandshake("responses")
	s := socketTo(t, server, "responses", nil)
	run(t, s, []step{{`{"type":"response.create","model":"m","input":"a"}`, responseTypes}})
}
