package client_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// showsKey reports by which verb a value prints a key, "" for none.
func showsKey(value any, key string) string {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if strings.Contains(fmt.Sprintf(verb, value), key) {
			return verb
		}
	}
	return ""
}

// TestValuesDoNotPrintKeys, wherever a key was given.
func TestValuesDoNotPrintKeys(t *testing.T) {
	const key = "0123456789-not-to-be-seen"
	var log strings.Builder
	settings := []client.CallOption{
		client.WithAPIKey(key), client.WithHeader("Api-Key", key), client.WithQuery("api_key", key),
		client.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
	}
	sockets := peer(t, func(ctx context.Context, conn *websocket.Conn) {
		conn.Write(ctx, websocket.MessageText, []byte(`{"type":"`+key+`"}`))
		conn.Read(ctx)
	})
	socket := realtime(t, sockets, settings...)
	if _, err := nextEvent(socket); err != nil {
		t.Fatal(err)
	}
	stream, err := openStream(t, sseAnswer(dataLines("[DONE]")), "createChatCompletion", chat(), settings...)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, client.WithBaseURL(newWitness(t).URL))
	bound, err := c.Bind("listModels", nil, settings...)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Call(t.Context(), "listModels", nil, settings...)
	if err != nil {
		t.Fatal(err)
	}
	for want, value := range map[string]any{
		"socket realtime":                      socket,
		"stream of createChatCompletion":       stream,
		"bound call of listModels":             bound,
		"listModels: 200 OK, application/json": answer,
		sockets.String():                       sockets,
	} {
		if verb := showsKey(value, key); verb != "" {
			t.Errorf("%T prints the key with %s", value, verb)
		}
		if got := fmt.Sprint(value); got != want {
			t.Errorf("%T: got %q, want %q", value, got, want)
		}
	}
	socket.Close()
	if text := log.String(); strings.Contains(text, key) || strings.Count(text, "status=") != 3 {
		t.Errorf("got the log\n%s\nwant three attempts without the key", text)
	}
}

// TestHeadersAreNotPrintedWithErrors: what a server sets is as secret as what it gets.
func TestHeadersAreNotPrintedWithErrors(t *testing.T) {
	const key = "0123456789-not-to-be-seen"
	answered := func(status int, mediaType, body string) error {
		server := newWitness(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Set-Cookie", "session="+key)
			w.Header().Set("Authorization", "Bearer "+key)
			responding(status, mediaType, body)(w, nil)
		})
		c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey(key), client.WithMaxRetries(0))
		if verb := showsKey(c, key) + showsKey(client.WithAPIKey(key), key); verb != "" {
			t.Errorf("the client or its option prints the key with %s", verb)
		}
		_, err := c.Call(t.Context(), "listModels", nil)
		return err
	}
	var refused *client.APIError
	if err := answered(401, "application/json", `{"error":{"message":"No"}}`); !errors.As(err, &refused) || refused.Header.Get("Set-Cookie") == "" {
		t.Fatalf("got %v, want an *APIError with the header", err)
	}
	var foreign *client.ResponseError
	if err := answered(200, "text/html", "<html>"+key); !errors.As(err, &foreign) || foreign.Header.Get("Set-Cookie") == "" {
		t.Fatalf("got %v, want a *ResponseError with the header", err)
	}
	for _, value := range []any{refused, *refused, foreign, *foreign} {
		if verb := showsKey(value, key); verb != "" {
			t.Errorf("%T prints the header with %s", value, verb)
		}
		if got := fmt.Sprintf("%#v", value); !strings.HasPrefix(got, "listModels: ") {
			t.Errorf("%T: got %q with %%#v, want the text of the error", value, got)
		}
	}
}

// TestQuotedKeysAreMasked: a server may quote a key in what it should not be in.
func TestQuotedKeysAreMasked(t *testing.T) {
	const other = "sk-of-another-program"
	quote := socketKey + " " + other
	serve := func(text string, code websocket.StatusCode, reason string) *client.Client {
		return peer(t, func(ctx context.Context, conn *websocket.Conn) {
			conn.Write(ctx, websocket.MessageText, []byte(text))
			conn.Close(code, reason)
		})
	}
	onSocket := func(text string) error {
		_, err := nextEvent(realtime(t, serve(text, 1000, ""), client.WithResponseValidation(schema.Standard)))
		return err
	}
	answered := func(handler http.HandlerFunc) *client.Client {
		return clientOf(t, newWitness(t, handler).URL, client.WithResponseValidation(schema.Standard))
	}
	for name, test := range map[string]struct {
		err  func() error
		want string
	}{
		"value in an event": {
			func() error { return onSocket(`{"type":"session.created","event_id":"e","session":"` + quote + `"}`) },
			`realtime: event 0 (session.created): /session: got string "*** ***", want object`,
		},
		"close reason that was cut": {
			func() error {
				s := realtime(t, serve(`{"type":"a"}`, 1008, "Incorrect API key: "+other+" "+socketKey[:12]))
				nextEvent(s)
				_, err := nextEvent(s)
				return err
			},
			"1008 policy violation: Incorrect API key: *** *** (request req_1)",
		},
		"value in an event of a stream": {
			func() error {
				s, err := answered(sseAnswer(dataLines(`{"object":"`+quote+`"}`))).Stream(t.Context(), "createChatCompletion", chat())
				if err != nil {
					return err
				}
				_, err = drain(s)
				return err
			},
			"createChatCompletion: event 0 (*** ***): ",
		},
		"value in an answer": {
			func() error {
				_, err := answered(responding(200, "application/json", `{"data":[],"object":"`+quote+`"}`)).Call(t.Context(), "listModels", nil)
				return err
			},
			`listModels response: /object: got "*** ***", want "list"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.err()
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
			for _, key := range []string{socketKey[:12], other} {
				if verb := showsKey(err, key); verb != "" {
					t.Errorf("%s shows a key", verb)
				}
			}
			var closed *client.CloseError
			var invalid *schema.ValidationError
			if !errors.As(err, &closed) && !errors.As(err, &invalid) {
				t.Errorf("got a %T, want what it is to be found in it", err)
			}
		})
	}
}

// A server that quotes the password alone does not bring it into an error.
func TestPasswordIsMaskedWithoutItsUser(t *testing.T) {
	const password = "correct horse battery"
	address := newBareServer(t, func(w http.ResponseWriter, req *http.Request) {
		_, sent, _ := req.BasicAuth()
		http.Error(w, "wrong password "+sent, http.StatusUnauthorized)
	})
	doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"security":[{"login":[]}],
		"paths":{"/a":{"get":{"operationId":"a","responses":{"200":{"description":"ok"}}}}},
		"components":{"securitySchemes":{"login":{"type":"http","scheme":"basic"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, client.WithDocument(doc), client.WithBaseURL(address), client.WithBasicAuth("login", "me", password))
	_, err = c.Call(t.Context(), "a", nil)
	if err == nil || !strings.Contains(err.Error(), "wrong password") || strings.Contains(err.Error(), password) {
		t.Errorf("got %v, want the message without the password", err)
	}
}
