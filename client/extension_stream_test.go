package client_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/schema"
)

// operation has the given members.
func operation(t *testing.T, members, schemas string) *schema.Operation {
	t.Helper()
	doc, err := schema.Load(fmt.Appendf(nil, `{
		"openapi": "3.1.0", "info": {"title": "a", "version": "1"},
		"paths": {"/talk": {"post": {"operationId": "talk", %s}}},
		"components": {"schemas": {%s}}}`, members, schemas))
	if err != nil {
		t.Fatal(err)
	}
	op, err := doc.Operation("talk")
	if err != nil {
		t.Fatal(err)
	}
	return op
}

const (
	noStream    = `"responses": {"200": {"description": "ok"}}`
	eventStream = `"responses": {"200": {"description": "ok", "content": {"text/event-stream": {"schema": {"$ref": "#/components/schemas/E"}}}}}`
	asksForIt   = `"parameters": [{"name": "stream", "in": "query", "schema": {"type": "boolean"}}]`
)

func TestStreamReadsItsDeclaration(t *testing.T) {
	asked := []extension.Field{{Name: "stream", JSON: "true"}}
	tests := map[string]struct {
		members, schemas string
		want             *extension.Stream
		event            bool
	}{
		"none":                   {noStream, ``, nil, false},
		"a parameter alone":      {noStream + "," + asksForIt, ``, &extension.Stream{Request: asked}, false},
		"a response alone":       {eventStream, `"E": {"type": "object"}`, &extension.Stream{Declared: true}, true},
		"response and parameter": {eventStream + "," + asksForIt, `"E": {"type": "object"}`, &extension.Stream{Declared: true, Request: asked}, true},
		"name and data together": {eventStream, `"E": {"anyOf": [{"type": "object", "required": ["event", "data"]}]}`, &extension.Stream{Declared: true, Envelope: extension.EventEnvelope}, true},
		"a field of a branch": {
			noStream + `, "requestBody": {"content": {"application/json": {"schema": {"allOf": [{}, {"$ref": "#/components/schemas/E"}]}}}}`,
			`"E": {"properties": {"stream": {}}}`, &extension.Stream{Request: asked}, false,
		},
		"event by reference": {
			noStream + `, "x-opcall-stream": {"event": "#/components/schemas/E", "request": {}}`, `"E": {"type": "object"}`,
			&extension.Stream{Declared: true, Request: []extension.Field{}}, true,
		},
		"all that can be said": {
			noStream + `, "x-opcall-stream": {"request": {"a": "b"}, "done": "[END]", "terminal": ["x", "y"], "count": "n", "text": {"t": "a.0.b"},
				"whole": "c.#(k==\"@\").d", "failure": {"f": "e"}, "accumulate": "chat", "sequence": "s", "resume": {"operation": "o", "after": "p", "parameters": {"i": "j"}, "same": ["q"], "poll": {"if": {"bg": true}, "same": ["r"], "member": "m", "events": {"ok": "x"}}}, "retry": ["busy", 5], "later": 1}`, ``,
			&extension.Stream{
				Declared: true, Request: []extension.Field{{Name: "a", JSON: `"b"`}}, Done: "[END]", Terminal: []string{"x", "y"}, Count: "n",
				Text: extension.TextPaths{ByType: map[string]string{"t": "a.0.b"}}, Whole: `c.#(k=="@").d`, Failure: map[string]string{"f": "e"}, Accumulate: "chat",
				Sequence: "s", Resume: &extension.Resume{
					Operation: "o", After: "p", Parameters: map[string]string{"i": "j"}, Same: []string{"q"},
					Poll: &extension.Poll{If: []extension.Field{{Name: "bg", JSON: "true"}}, Same: []string{"r"}, Member: "m", Events: map[string]string{"ok": "x"}},
				}, Retry: []string{"busy"},
			}, false,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := extension.ReadStream(operation(t, tt.members, tt.schemas))
			if err != nil {
				t.Fatal(err)
			}
			if has := got != nil && got.Event != nil; has != tt.event {
				t.Errorf("got a schema of events: %t, want %t", has, tt.event)
			}
			if got != nil {
				got.Event = nil
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStreamPathsCannotRunModifiers(t *testing.T) {
	for _, path := range []string{"@pretty", "a.@this", "a|@reverse", "!\"x\"", "{a,b}", "[a,b]", "a*", "a.?", `a.#(b%"*x*")`, strings.Repeat("a.", 500)} {
		for _, member := range []string{`"text": %q`, `"text": {"t": %q}`, `"whole": %q`, `"failure": {"t": %q}`, `"resume": {"parameters": {"t": %q}}`} {
			op := operation(t, noStream+`, "x-opcall-stream": {`+fmt.Sprintf(member, path)+`}`, ``)
			if got, err := extension.ReadStream(op); err == nil || !strings.HasPrefix(err.Error(), "x-opcall-stream: ") || len(err.Error()) > 300 {
				t.Errorf("%s: got %+v, %v, want an error that names the extension", fmt.Sprintf(member, path), got, err)
			}
		}
	}
}

// A schema that doubles at each of many levels is given up on.
func TestSearchForStreamFieldIsBounded(t *testing.T) {
	var schemas []string
	for i := range 15 {
		schemas = append(schemas, fmt.Sprintf(`"S%d": {"allOf": [%s{}]}`, i, strings.Repeat(fmt.Sprintf(`{"$ref": "#/components/schemas/S%d"},`, i+1), 40)))
	}
	schemas = append(schemas, `"S15": {}`)
	body := `, "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}`
	op := operation(t, noStream+body, strings.Join(schemas, ","))
	done := make(chan error, 1)
	go func() {
		got, err := extension.ReadStream(op)
		if got != nil {
			err = fmt.Errorf("got %+v, want no stream", got)
		}
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute): // 40^7 schema objects are never looked at
		t.Fatal("the search does not end")
	}
}

func TestHeadersOfDocumentNeverIdentifyTheCaller(t *testing.T) {
	const given = `{"openai-beta": "a=1", "authorization": "Bearer x", "Cookie": "a=b", "origin": "https://a.example", "Sec-WebSocket-Protocol": "p", "host": "b.example", "X-Other": "y"}`
	want := []extension.Header{{Name: "openai-beta", Value: "a=1"}, {Name: "X-Other", Value: "y"}}
	if diff := cmp.Diff(want, extension.Headers(operation(t, noStream+`, "x-opcall-headers": `+given, ``))); diff != "" {
		t.Errorf("operation: %s", diff)
	}
	socket, err := extension.ReadSocket(extensionDocument(t, `{"talk": {"path": "/talk", "like": "talk", "client": "In", "server": "Out", "headers": `+given+`}}`), "talk")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, socket.Headers); diff != "" {
		t.Errorf("socket: %s", diff)
	}
}
