package openai_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/schema"
)

// snake is the API's name of a field.
func snake(name string) string {
	var out strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

// Each optional number and boolean is on the wire when it is zero or false, and not
// there when it is absent.
func TestZeroIsNotAbsent(t *testing.T) {
	for api, with := range apis {
		h := newHost(t, responding("application/json", `{"object":"response","output":[],"choices":[{"message":{"role":"assistant","content":"a"}}]}`))
		c := newClient(t, client.WithBaseURL(h.URL), client.WithRequestValidation(schema.Off))
		send := func(request reflect.Value) string {
			t.Helper()
			if _, err := c.Call(t.Context(), with.operation, request.Interface()); err != nil {
				t.Fatal(err)
			}
			return h.last(t).Body
		}
		fields := 0
		typ := reflect.TypeOf(with.request)
		for i := range typ.NumField() {
			field := typ.Field(i)
			if field.Type.Kind() != reflect.Pointer {
				continue
			}
			fields++
			request := reflect.New(typ).Elem()
			request.Set(reflect.ValueOf(with.request))
			name := snake(field.Name)
			if got := gjson.Get(send(request), name); got.Exists() {
				t.Errorf("%s: %s is absent, got %s", api, name, got.Raw)
			}
			request.Field(i).Set(reflect.New(field.Type.Elem()))
			want := "0"
			if field.Type.Elem().Kind() == reflect.Bool {
				want = "false"
			}
			if got := gjson.Get(send(request), name); got.Raw != want {
				t.Errorf("%s: %s is zero, got %q, want %s", api, name, got.Raw, want)
			}
		}
		if fields < 8 {
			t.Errorf("%s: got %d optional fields", api, fields)
		}
	}
}

// A typed request is an event of a socket, and the body of a line of a batch.
func TestRequestsAreEventsAndLines(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondSocket("responses", clienttest.SocketAnswer{Output: clienttest.Say("Titan.")})
	c := openai.From(server.Client())
	socket, err := c.ResponsesSocket(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	request := openai.RespondRequest{
		Model: "m", Input: []openai.Message{openai.User("a")}, Temperature: new(0.0), Tools: []any{weatherTool()},
		Extra: map[string]any{"type": "response.create"},
	}
	for name, event := range map[string]any{"value": request, "pointer": &request} {
		if err := socket.Send(t.Context(), event); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for event, err := range socket.Events() {
			if err != nil {
				t.Fatal(err)
			}
			if event.Type == "response.completed" {
				break
			}
		}
	}
	request.Input = []any{5}
	if err := socket.Send(t.Context(), request); err == nil {
		t.Error("got no error for an input that is a number")
	}

	chat := openai.ChatRequest{Model: "m", Messages: []openai.Message{openai.User("a")}, Tools: []any{weatherTool()}, Seed: new(int64(0))}
	request.Extra, request.Input = nil, "a"
	var lines strings.Builder
	for id, body := range map[string]any{"/v1/chat/completions": chat, "/v1/responses": &request} {
		line, err := json.Marshal(client.Params{"custom_id": id, "method": "POST", "url": id, "body": body})
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(line, '\n'))
	}
	n := 0
	for line, err := range c.Document().ValidateLines(schema.BatchRequestInput, strings.NewReader(lines.String())) {
		if n++; err != nil || line.Err != nil {
			t.Errorf("got %v, %v for %s", err, line.Err, line.Text)
		}
	}
	if n != 2 {
		t.Errorf("got %d lines, want 2", n)
	}
}

// The flags of tools and formats are three-state as well.
func TestStrictFalseIsNotAbsent(t *testing.T) {
	for want, strict := range map[string]*bool{"false": new(false), "true": new(true), "": nil} {
		tool := openai.FunctionTool{Name: "f", Parameters: map[string]any{"type": "object"}, Strict: strict}
		format := openai.JSONSchema("a", map[string]any{"type": "object"})
		format.Strict = strict
		for path, request := range map[string]any{
			"tools.0.function.strict":            openai.ChatRequest{Tools: []any{tool}},
			"tools.0.strict":                     openai.RespondRequest{Tools: []any{tool}},
			"response_format.json_schema.strict": openai.ChatRequest{ResponseFormat: format},
			"text.format.strict":                 openai.RespondRequest{ResponseFormat: format},
		} {
			text, err := json.Marshal(request)
			if got := gjson.GetBytes(text, path).Raw; err != nil || got != want {
				t.Errorf("%s: got %q, %v, want %q", path, got, err, want)
			}
		}
	}
}
