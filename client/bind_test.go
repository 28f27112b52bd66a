package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// Whatever form the params have, the same request comes of it.
func TestEveryFormOfParamsMakesTheSameRequest(t *testing.T) {
	type thread struct {
		ID       string            `json:"thread_id"`
		Metadata map[string]string `json:"metadata"`
		Extra    *int              `json:"extra,omitempty"`
	}
	type named map[string]any
	value := thread{ID: "t/1", Metadata: map[string]string{"a": "b"}}
	tests := map[string]any{
		"Params":      client.Params{"thread_id": "t/1", "metadata": map[string]string{"a": "b"}},
		"map":         map[string]any{"thread_id": "t/1", "metadata": client.Params{"a": "b"}},
		"named map":   named{"thread_id": "t/1", "metadata": client.Params{"a": "b"}},
		"struct":      value,
		"pointer":     &value,
		"string":      ` {"metadata": {"a":"b"}, "thread_id": "t\/1"} `,
		"bytes":       []byte(`{"metadata":{"a":"b"},"thread_id":"t/1"}`),
		"raw message": json.RawMessage(`{"thread_id":"t/1","metadata":{"a":"b"}}`),
		"raw field":   client.Params{"thread_id": json.RawMessage(`"t/1"`), "metadata": json.RawMessage(`{"a":"b"}`)},
		"Input":       client.Input{Path: client.Params{"thread_id": "t/1"}, Body: client.Params{"metadata": named{"a": "b"}}},
		"Input, map":  client.Input{Path: client.Params{"thread_id": "t/1"}, Body: map[string]any{"metadata": named{"a": "b"}}},
		"Input, pointer": &client.Input{Path: client.Params{"thread_id": "t/1"}, Body: struct {
			Metadata any `json:"metadata"`
		}{named{"a": "b"}}},
		"Input, raw JSON": client.Input{Path: client.Params{"thread_id": "t/1"}, Body: ` {"metadata":{"a":"b"}} `},
	}
	for name, params := range tests {
		t.Run(name, func(t *testing.T) {
			got := reach(t, "modifyThread", params)
			var body any
			if err := json.Unmarshal([]byte(got.Body), &body); err != nil {
				t.Fatalf("body %s: %v", got.Body, err)
			}
			want := map[string]any{"metadata": map[string]any{"a": "b"}}
			if diff := cmp.Diff(want, body); diff != "" || got.Path != "/threads/t%2F1" || got.Header.Get("Content-Type") != "application/json" {
				t.Errorf("got %s %s with %s (-want +got):\n%s", got.Method, got.Path, got.Header.Get("Content-Type"), diff)
			}
		})
	}
}

// Nothing given is nothing sent, in every form.
func TestNoParamsSendNothing(t *testing.T) {
	var noParams client.Params
	var noInput *client.Input
	var noStruct *struct{ A int }
	for name, params := range map[string]any{
		"nil": nil, "nil Params": noParams, "nil Input": noInput, "nil struct": noStruct, "null": "null", "object": "{}",
		"Params": client.Params{}, "Input": client.Input{},
	} {
		t.Run(name, func(t *testing.T) {
			got := reach(t, "listModels", params)
			if got.Path != "/models" || got.Query != "" || got.Body != "" || got.Header.Get("Content-Type") != "" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// What is JSON already goes out as it stands: numbers to the last digit, keys
// in their order, white space within.
func TestJSONOfTheCallerIsSentUnchanged(t *testing.T) {
	const text = `{"z":[1e400,9007199254740993,0.10,-0,1E+2],"model":"m" , "a":{"y":1,"x":"<>&\u003c\ud83d\ude00"}}`
	off := client.WithRequestValidation(schema.Off)
	tests := map[string]struct {
		params any
		want   string
	}{
		"string":      {text, text},
		"bytes":       {[]byte(text), text},
		"raw message": {json.RawMessage(text), text},
		"Input":       {client.Input{Body: text}, text},
		"white space": {"\n\t" + text + "\r\n", text},
		"field":       {client.Params{"a": json.RawMessage(`{"y":1e400, "x":2}`)}, `{"a":{"y":1e400, "x":2}}`},
		"Go numbers": {
			client.Params{"a": int64(math.MaxInt64), "b": uint64(math.MaxUint64), "c": json.Number("1e400"), "d": 0.1, "e": float32(0.1), "f": 1e21},
			`{"a":9223372036854775807,"b":18446744073709551615,"c":1e400,"d":0.1,"e":0.1,"f":1e+21}`,
		},
		"no HTML escapes": {
			client.Params{"a<b": "<&>", "b": []string{"<&>"}, "c": struct{ A any }{"<&>"}},
			`{"a<b":"<&>","b":["<&>"],"c":{"A":"<&>"}}`,
		},
		"texts": {
			client.Params{"a": "\"\\/\b\n\x00\x7f", "b": "é😀\u2028", "c": "plain"},
			`{"a":"\"\\/\b\n\u0000` + "\x7f" + `","b":"é😀\u2028","c":"plain"}`,
		},
		"nil": {client.Params{"a": nil, "b": json.RawMessage(nil), "c": []any(nil)}, `{"a":null,"b":null,"c":null}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := reach(t, "createChatCompletion", test.params, off); got.Body != test.want {
				t.Errorf("body\n got: %s\nwant: %s", got.Body, test.want)
			}
		})
	}
}

// The bytes that a caller hands over are its own again after the call.
func TestParamsAreCopied(t *testing.T) {
	text := []byte(`{"model":"m","messages":[{"role":"user","content":"Hello"}]}`)
	want := string(text)
	c := newClient(t)
	b, err := c.Bind("createChatCompletion", text)
	if err != nil {
		t.Fatal(err)
	}
	clear(text)
	req, err := b.Request(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(req.Body); string(body) != want {
		t.Errorf("got %q, want %q", body, want)
	}
}

// places is an operation with a parameter of each kind.
var places = document(`{"/a/{id}/b/{list}":{"post":{"operationId":"place","parameters":[
	{"name":"id","in":"path","required":true,"schema":{"type":"string"}},
	{"name":"list","in":"path","required":true,"schema":{"type":"array","items":{"type":"string"}}},
	{"name":"q","in":"query","schema":{"type":"string"}},
	{"name":"same","in":"query","schema":{"type":"string"}},
	{"name":"X-Trace","in":"header","schema":{"type":"string"}},
	{"name":"Authorization","in":"header","required":true,"schema":{"type":"string"}},
	{"name":"session","in":"cookie","schema":{"type":"string"}},
	{"name":"theme","in":"cookie","schema":{"type":"string"}}],
	"requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{"same":{},"x":{}}}}}},
	"responses":{"200":{"description":"ok"}}}}}`)

func TestInputParametersArriveInTheirPlaces(t *testing.T) {
	got := reach(t, "place", client.Input{
		Path:   map[string]any{"id": "i", "list": []string{"a", "b,c"}},
		Query:  map[string]any{"q": "1", "same": "query"},
		Header: map[string]any{"x-trace": "t 1"},
		Cookie: map[string]any{"session": "s;1", "theme": "dark"},
		Body:   map[string]any{"same": "body"},
	}, places)
	if got.Path != "/a/i/b/a,b%2Cc" || got.Query != "q=1&same=query" || got.Body != `{"same":"body"}` ||
		got.Header.Get("X-Trace") != "t 1" || got.Header.Get("Cookie") != "session=s%3B1; theme=dark" {
		t.Errorf("got %+v", got)
	}
}

// With WithUnknownFields the caller may say more than the document knows.
func TestWithUnknownFieldsSendsWhatTheDocumentDoesNotKnow(t *testing.T) {
	got := reach(t, "place", client.Input{
		Path:   map[string]any{"id": "i", "list": []string{"a"}},
		Query:  map[string]any{"new": []int{1, 2}},
		Header: map[string]any{"x-new": []int{1, 2}},
		Cookie: map[string]any{"new": "c", "list": []int{1, 2}},
		Body:   map[string]any{"new": 1},
	}, places, client.WithUnknownFields())
	if got.Query != "new=1&new=2" || got.Body != `{"new":1}` || got.Header.Get("X-New") != "1,2" || got.Header.Get("Cookie") != "list=1,2; new=c" {
		t.Errorf("got %+v", got)
	}
	got = reach(t, "listFiles", client.Input{Query: map[string]any{"new": []int{1, 2}}}, client.WithUnknownFields())
	if got.Query != "new%5B%5D=1&new%5B%5D=2" {
		t.Errorf("got query %q, want brackets as the document has them", got.Query)
	}

	c := newClient(t, places, client.WithUnknownFields())
	_, err := c.Request(t.Context(), "place", client.Input{
		Path: map[string]any{"id": "i", "list": []string{"a"}}, Header: map[string]any{"X\r\nEvil": 1},
	}, client.WithBaseURL("http://host"))
	var invalid *schema.ValidationError
	if !errors.As(err, &invalid) || err.Error() != `place: header /X\r\nEvil: header name "X\r\nEvil" is not a token (RFC 9110 §5.1)` {
		t.Errorf("got %T %v", err, err)
	}
}

// The steps of a call can be taken one by one, and need neither a key nor a
// server.
func TestStepsOfACallNeedNoServer(t *testing.T) {
	c := newClient(t)
	b, err := c.Bind("create_chat_completion", chat())
	if err != nil || b.Operation.ID != "createChatCompletion" {
		t.Fatalf("Bind: got %v, %v", b, err)
	}
	if err := b.Validate(); err != nil {
		t.Errorf("Validate: %v", err)
	}
	if err := c.Validate("createChatCompletion", chat()); err != nil {
		t.Errorf("Validate: %v", err)
	}
	for range 2 {
		req, err := b.Request(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(req.Body)
		if req.Method != "POST" || req.URL.String() != "https://api.openai.com/v1/chat/completions" || req.ContentLength != int64(len(body)) ||
			string(body) != `{"messages":[{"content":"Hello","role":"user"}],"model":"gpt-5-mini"}` {
			t.Errorf("Request: got %s %s with %s", req.Method, req.URL, body)
		}
	}
}

// The tier decides how many of the problems of one body are reported.
func TestValidateByTheTierOfTheCall(t *testing.T) {
	c := newClient(t)
	bad := chat("temperature", 3, "new", 1)
	for name, test := range map[string]struct {
		opts []client.CallOption
		want int // problems
	}{
		"Standard":                 {nil, 2},
		"Standard, unknown let by": {[]client.CallOption{client.WithUnknownFields()}, 1},
		"Strict":                   {[]client.CallOption{client.WithRequestValidation(schema.Strict)}, 1},
		"Lenient":                  {[]client.CallOption{client.WithRequestValidation(schema.Lenient)}, 0},
		"Off":                      {[]client.CallOption{client.WithRequestValidation(schema.Off)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.Validate("createChatCompletion", bad, test.opts...)
			var invalid *schema.ValidationError
			if errors.As(err, &invalid); test.want == 0 && err != nil || test.want > 0 && (invalid == nil || len(invalid.Problems) != test.want) {
				t.Errorf("got %v, want %d problems", err, test.want)
			}
		})
	}
}
