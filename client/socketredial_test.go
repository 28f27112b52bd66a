package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

// A conversation that the connection breaks off in the middle of goes on on
// another socket: the caller decides, and knows what it has.
func TestRedialGoesOnWhereTheSocketEnded(t *testing.T) {
	server := clienttest.NewServer(t)
	say := clienttest.Say("Titan is a moon of Saturn.")
	server.RespondSocket("responses",
		clienttest.SocketAnswer{Output: say},
		clienttest.SocketAnswer{Output: say, Fail: clienttest.DropSocket(6)},
		clienttest.SocketAnswer{Output: say, Fail: clienttest.CloseSocket(6, 1012, "restart")},
		clienttest.SocketAnswer{Output: say})
	server.RespondHandshake("responses", clienttest.Answer{}, clienttest.ErrorAnswer(429, "rate_limit_exceeded", ""), clienttest.Answer{})
	s, err := server.Client().Socket(t.Context(), "responses", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { s.Close() }()
	var ends []string
	previous := ""
	for turn := 0; turn < 2; {
		text, id, err := respond(t.Context(), s, previous)
		var broken *client.ConnectionError
		var closed *client.CloseError
		switch {
		case err == nil:
			if text != "Titan is a moon of Saturn." {
				t.Errorf("got %q", text)
			}
			previous = id
			turn++
			continue
		case errors.As(err, &closed) && closed.Temporary(), errors.As(err, &broken):
		default:
			t.Fatal(err)
		}
		if text == "" || !strings.HasPrefix("Titan is a moon of Saturn.", text) {
			t.Errorf("before the end got %q", text)
		}
		ends = append(ends, fmt.Sprintf("%T", err))
		s.Close()
		if s, err = s.Redial(t.Context(), client.WithAPIKey(fmt.Sprintf("ek_fresh_%d", len(ends)))); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"*client.ConnectionError", "*client.CloseError"}; !cmp.Equal(ends, want) {
		t.Errorf("got ends %q, want %q", ends, want)
	}
	var keys []string
	for _, req := range server.Requests() {
		keys = append(keys, req.Header.Get("Authorization"))
	}
	want := []string{"Bearer " + clienttest.Key, "Bearer ek_fresh_1", "Bearer ek_fresh_1", "Bearer ek_fresh_2"}
	if !cmp.Equal(keys, want) {
		t.Errorf("got keys %q, want %q: one handshake was refused, and made again", keys, want)
	}
	asked := server.SocketEvents("responses")
	if len(asked) != 4 || asked[3].Get("previous_response_id").String() != asked[1].Get("previous_response_id").String() {
		t.Errorf("got %d events", len(asked))
	}
}

// respond creates a response and reads it to its end, or to the error that was
// there instead.
func respond(ctx context.Context, s *client.Socket, previous string) (text, id string, err error) {
	event := client.Params{"type": "response.create", "model": "gpt-5-mini", "input": "What is Titan?"}
	if previous != "" {
		event["previous_response_id"] = previous
	}
	if err := s.Send(ctx, event); err != nil {
		return "", "", err
	}
	for event, err := range s.Events() {
		if err != nil {
			return text, "", err
		}
		text += event.Text()
		if event.Type == "response.completed" {
			return text, event.Get("response.id").String(), nil
		}
	}
	return text, "", client.ErrSocketClosed
}

// Realtime: the session is set up anew, the item is sent again, the call goes on.
func TestRedialSetsUpARealtimeSessionAnew(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondSocket("realtime",
		clienttest.SocketAnswer{Output: clienttest.CallTool("weather", `{"city": "Paris"}`)},
		clienttest.SocketAnswer{Output: clienttest.Say("It is sunny."), Fail: clienttest.DropSocket(0)},
		clienttest.SocketAnswer{Output: clienttest.Say("It is sunny.")})
	s, err := server.Client().Socket(t.Context(), "realtime", client.Params{"model": "gpt-realtime"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { s.Close() }()
	var said []any // what the conversation consists of
	setUp := func() {
		for _, event := range append([]any{`{"type":"session.update","session":{"type":"realtime","output_modalities":["text"]}}`}, said...) {
			if err := s.Send(t.Context(), event); err != nil {
				t.Fatal(err)
			}
		}
	}
	add := func(item client.Params) {
		event := client.Params{"type": "conversation.item.create", "item": item}
		said = append(said, event)
		if err := s.Send(t.Context(), event); err != nil {
			t.Fatal(err)
		}
	}
	setUp()
	add(client.Params{"type": "message", "role": "user", "content": []any{client.Params{"type": "input_text", "text": "Paris?"}}})
	text := ""
	for drops := 0; text == ""; {
		if err := s.Send(t.Context(), client.Params{"type": "response.create"}); err != nil {
			t.Fatal(err)
		}
		for event, err := range s.Events() {
			if err != nil {
				if drops++; drops > 1 {
					t.Fatal(err)
				}
				s.Close()
				if s, err = s.Redial(t.Context()); err != nil {
					t.Fatal(err)
				}
				setUp()
				break
			}
			if event.Type == "response.done" {
				for _, item := range event.Get("response.output").Array() {
					if item.Get("type").String() == "function_call" {
						add(client.Params{"type": "function_call", "name": item.Get("name").String(), "call_id": item.Get("call_id").String(), "arguments": item.Get("arguments").String()})
						add(client.Params{"type": "function_call_output", "call_id": item.Get("call_id").String(), "output": "sunny"})
					}
					text += item.Get("content.0.text").String()
				}
				break
			}
		}
	}
	if text != "It is sunny." {
		t.Errorf("got %q", text)
	}
	for _, e := range server.SocketEvents("realtime") {
		if e.Refusal != nil {
			t.Errorf("%s: %v", e.Data, e.Refusal)
		}
	}
}
