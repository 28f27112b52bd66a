package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// variables are the environment variables that New reads.
var variables = []string{
	"OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_BASE_URL", "OPCALL_SPEC",
}

// newClient makes a client that knows nothing of the environment.
func newClient(tb testing.TB, opts ...client.Option) *client.Client {
	tb.Helper()
	for _, name := range variables {
		tb.Setenv(name, "")
	}
	c, err := client.New(opts...)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// arrival is a request as it arrived.
type arrival struct {
	Method, Path, Query, Body string
	Header                    http.Header
	Length                    int64 // -1 when none was announced
	Host                      string
}

// witness is a server that keeps what arrives.
type witness struct {
	*httptest.Server
	mu       sync.Mutex
	arrivals []arrival
}

// newWitness starts one that answers each request with the next of the
// handlers, the last again and again; without any it answers {}.
func newWitness(tb testing.TB, handlers ...http.HandlerFunc) *witness {
	tb.Helper()
	w := &witness{}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			body = append(body, "(broke off)"...)
		}
		w.mu.Lock()
		n := len(w.arrivals)
		w.arrivals = append(w.arrivals, arrival{
			Method: req.Method, Path: req.URL.EscapedPath(), Query: req.URL.RawQuery, Body: string(body),
			Header: req.Header, Length: req.ContentLength, Host: req.Host,
		})
		w.mu.Unlock()
		if len(handlers) == 0 {
			rw.Header().Set("Content-Type", "application/json")
			io.WriteString(rw, "{}")
			return
		}
		handlers[min(n, len(handlers)-1)](rw, req)
	}))
	tb.Cleanup(w.Close)
	return w
}

// answering makes a handler of a status, a media type and a body.
func answering(status int, mediaType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{mediaType}
		if mediaType == "" {
			w.Header()["Content-Type"] = nil
		}
		w.Header().Set("X-Request-Id", "req_1")
		w.Header().Set("Retry-After-Ms", "0.001")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func (w *witness) all() []arrival {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.arrivals)
}

// only returns the one request that arrived.
func (w *witness) only(tb testing.TB) arrival {
	tb.Helper()
	all := w.all()
	if len(all) != 1 {
		tb.Fatalf("got %d requests, want 1", len(all))
	}
	return all[0]
}

// reach calls an operation on a server and returns what arrived there.
func reach(tb testing.TB, operationID string, params any, opts ...client.Option) arrival {
	tb.Helper()
	w := newWitness(tb)
	c := newClient(tb, append([]client.Option{client.WithBaseURL(w.URL)}, opts...)...)
	r, err := c.Call(tb.Context(), operationID, params)
	if err != nil {
		tb.Fatalf("%s: %v", operationID, err)
	}
	r.Close()
	return w.only(tb)
}

// document makes an OpenAPI document of paths and components, in JSON. It names
// no server.
func document(paths string, components ...string) client.Option {
	return client.WithSpec([]byte(`{"openapi":"3.1.0","info":{"title":"Test","version":"1"},"paths":` + paths +
		`,"components":{` + strings.Join(components, ",") + `}}`))
}

var hello = []any{client.Params{"role": "user", "content": "Hello"}}

// chat returns the params of a small chat completion, with further fields.
func chat(more ...any) client.Params {
	p := client.Params{"model": "gpt-5-mini", "messages": hello}
	for i := 0; i < len(more); i += 2 {
		p[more[i].(string)] = more[i+1]
	}
	return p
}

type unreadable struct{ io.Reader }

func TestBadInput(t *testing.T) {
	closed, err := os.Create(t.TempDir() + "/closed.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	cyclicList := []any{nil}
	cyclicList[0] = cyclicList
	cyclicMap := map[string]any{}
	cyclicMap["a"] = cyclicMap
	var noFile *os.File
	file := client.File{Name: "a.png", Body: strings.NewReader("x")}
	fire := errors.New("disk on fire")

	var bind *client.BindError
	var invalid *schema.ValidationError
	var unread *client.FileError
	var unknown *schema.UnknownOperationError
	tests := map[string]struct {
		operation string
		params    any
		opts      []client.CallOption
		want      string
		as        any
	}{
		"unknown operation": {
			"createChatCompletoin", nil, nil,
			`unknown operation "createChatCompletoin"; did you mean createChatCompletion, updateChatCompletion or getChatCompletion?`, &unknown,
		},
		"unknown operation, nothing near": {"frobnicate", nil, nil, `unknown operation "frobnicate"`, &unknown},
		"unknown operation, empty":        {"", nil, nil, `unknown operation ""`, &unknown},

		"missing path parameter":                    {"retrieveFile", nil, nil, `retrieveFile: /: missing path parameter "file_id"`, &invalid},
		"missing path parameter, null":              {"retrieveFile", client.Params{"file_id": nil}, nil, `retrieveFile: /: missing path parameter "file_id"`, &invalid},
		"missing path parameter, nothing validated": {"retrieveFile", nil, []client.CallOption{client.WithRequestValidation(schema.Off)}, `retrieveFile: /: missing path parameter "file_id"`, &invalid},
		"missing query parameter":                   {"usage-costs", nil, nil, `usage-costs: /: missing query parameter "start_time"`, &invalid},
		"missing body field":                        {"createChatCompletion", client.Params{"model": "m"}, nil, `createChatCompletion: /: missing property "messages" (CreateChatCompletionRequest)`, &invalid},
		"missing body": {
			"createChatCompletion", nil, nil,
			"createChatCompletion: 2 problems\n" +
				`  /: missing property "messages" (CreateChatCompletionRequest)` + "\n" +
				`  /: missing property "model" (CreateChatCompletionRequest)`, &invalid,
		},
		"missing file": {"createFile", client.Params{"purpose": "batch"}, nil, `createFile: /: missing property "file" (CreateFileRequest)`, &invalid},

		"wrong type of a path parameter":  {"retrieveFile", client.Params{"file_id": 12}, nil, `retrieveFile: /file_id: got number 12, want string`, &invalid},
		"wrong type of a query parameter": {"listFiles", client.Params{"limit": "ten"}, nil, `listFiles: /limit: got string "ten", want integer`, &invalid},
		"wrong type of a field":           {"createChatCompletion", chat("messages", "hello"), nil, `createChatCompletion: /messages: got string "hello", want array (CreateChatCompletionRequest)`, &invalid},
		"wrong type of the body":          {"createChatCompletion", client.Input{Body: []any{}}, nil, `createChatCompletion: /: got an array, want object (CreateChatCompletionRequest)`, &invalid},

		"unknown parameter":             {"listFiles", client.Params{"limt": 10}, nil, `listFiles: "limt": unknown parameter; did you mean limit?`, &bind},
		"unknown parameter, none taken": {"listModels", client.Params{"limit": 10}, nil, `listModels: "limit": unknown parameter; the operation takes none`, &bind},
		"unknown parameter, allowed, but nowhere to put": {
			"listModels",
			client.Params{"limit": 10},
			[]client.CallOption{client.WithUnknownFields()},
			`listModels: "limit": unknown parameter; the operation takes no body: an Input says where else it goes`, &bind,
		},
		"unknown path parameter":  {"retrieveFile", client.Input{Path: client.Params{"fileid": "a"}}, nil, `retrieveFile: "fileid": unknown path parameter; did you mean file_id?`, &bind},
		"parameter in the query":  {"retrieveFile", client.Input{Query: client.Params{"file_id": "a"}}, nil, `retrieveFile: "file_id": unknown query parameter, but there is a path parameter of that name`, &bind},
		"unknown header":          {"beta_getResponse", client.Input{Path: client.Params{"response_id": "r"}, Header: client.Params{"open-ai-beta": "a"}}, nil, `beta_getResponse: "open-ai-beta": unknown header parameter; did you mean openai-beta?`, &bind},
		"unknown field":           {"createChatCompletion", chat("temprature", 1), nil, `createChatCompletion: /temprature: unknown field "temprature"; did you mean "temperature"? (CreateChatCompletionRequest)`, &invalid},
		"unknown field of a form": {"createFile", client.Params{"purpose": "batch", "fil": file}, nil, `createFile: /fil: unknown field "fil"; did you mean "file"? (CreateFileRequest)`, &invalid},
		"field for no body": {
			"retrieveFile",
			client.Input{Path: client.Params{"file_id": "a"}, Body: client.Params{"a": 1}},
			nil,
			`retrieveFile: got a body, but the operation takes none`, &bind,
		},
		"parameter given twice": {"listFiles", `{"limit":1,"limit":2}`, nil, `listFiles: "limit": got the query parameter a second time`, &bind},
		"parameter given with and without brackets": {
			"listRunSteps",
			client.Params{"thread_id": "t", "run_id": "r", "include": []string{}, "include[]": []string{}},
			nil,
			`listRunSteps: "include[]": got the query parameter a second time`, &bind,
		},
		"field given twice": {"createChatCompletion", `{"model":"a","model":"b","messages":[]}`, nil, `createChatCompletion: /: invalid JSON at line 1, column 14: key "model" stands twice in one object`, &invalid},

		"outside of an enum":         {"createFile", client.Params{"purpose": "btch", "file": file}, nil, `createFile: /purpose: got "btch", want one of "batch", "assistants", "fine-tune", "vision", "user_data", "evals"; did you mean "batch"? (CreateFileRequest)`, &invalid},
		"above a maximum":            {"createChatCompletion", chat("temperature", 3), nil, `createChatCompletion: /temperature: got 3, want at most 2 (ModelResponseProperties)`, &invalid},
		"below a minimum":            {"createChatCompletion", chat("n", 0), nil, `createChatCompletion: /n: got 0, want at least 1 (CreateChatCompletionRequest)`, &invalid},
		"outside of an enum, query":  {"listFiles", client.Params{"order": "up"}, nil, `listFiles: /order: got "up", want one of "asc", "desc"`, &invalid},
		"outside of an enum, header": {"beta_getResponse", client.Params{"response_id": "r", "openai-beta": []string{"a\r\nb: c"}}, nil, `beta_getResponse: /openai-beta/0: got "a\r\nb: c", want "responses_multi_agent=v1"`, &invalid},

		"file where JSON is meant":     {"createChatCompletion", chat("model", file), nil, `createChatCompletion: "model": got a file, but the operation takes application/json`, &bind},
		"file as a parameter":          {"retrieveFile", client.Params{"file_id": file}, nil, `retrieveFile: "file_id": got a file, want a value for the path parameter`, &bind},
		"file as params":               {"createFile", file, nil, `createFile: got client.File as params, want JSON or what marshals to it; a file is a field of Params, or the Body of an Input for a media type that takes bytes`, &bind},
		"reader as params":             {"createFile", strings.NewReader("{}"), nil, `createFile: got *strings.Reader as params, want JSON or what marshals to it; a file is a field of Params, or the Body of an Input for a media type that takes bytes`, &bind},
		"reader as JSON body":          {"createChatCompletion", client.Input{Body: strings.NewReader("{}")}, nil, `createChatCompletion: got *strings.Reader as body, want JSON or what marshals to it; a file is a field of Params, or the Body of an Input for a media type that takes bytes`, &bind},
		"file within JSON":             {"createChatCompletion", chat("metadata", client.Params{"a": file}), nil, `createChatCompletion: "metadata": cannot be written as JSON: got file "a.png" inside of it, want it in Params or Input.Body, as a field or in a list of files`, &bind},
		"file in a struct":             {"createFile", struct{ File client.File }{file}, nil, `createFile: the params cannot be written as JSON: got file "a.png" inside of it, want it in Params or Input.Body, as a field or in a list of files`, &bind},
		"file among other values":      {"createImageEdit", client.Params{"prompt": "p", "image": []any{file, "b.png"}}, nil, `createImageEdit: "image": cannot be sent: got files and other values in one list, want either`, &bind},
		"file after other values":      {"createImageEdit", client.Params{"prompt": "p", "image": []any{"b.png", file}}, nil, `createImageEdit: "image": cannot be sent: got files and other values in one list, want either`, &bind},
		"file without content":         {"createFile", client.Params{"purpose": "batch", "file": client.File{Name: "a"}}, nil, `createFile: "file": cannot be sent: got a file without content, want a Body to read`, &bind},
		"file that is nil":             {"createFile", client.Params{"purpose": "batch", "file": noFile}, nil, `createFile: "file": cannot be sent: got a file without content, want a Body to read`, &bind},
		"file in a list that is nil":   {"createImageEdit", client.Params{"prompt": "p", "image": []*os.File{nil}}, nil, `createImageEdit: "image": cannot be sent: got a file without content, want a Body to read`, &bind},
		"file of a broken media type":  {"createFile", client.Params{"purpose": "batch", "file": client.File{MediaType: "a/b\r\nX: c", Body: strings.NewReader("")}}, nil, `createFile: "file": cannot be sent: got "a/b\r\nX: c" as the media type of a file, want one like "image/png"`, &bind},
		"file that is closed":          {"createFile", client.Params{"purpose": "batch", "file": closed}, nil, `createFile: "file": the file "closed.jsonl" cannot be read: read ` + closed.Name() + `: file already closed`, &unread},
		"file that fails":              {"createFile", client.Params{"purpose": "batch", "file": client.File{Name: "a.jsonl", Body: iotest.ErrReader(fire)}}, nil, `createFile: "file": the file "a.jsonl" cannot be read: disk on fire`, &unread},
		"file that breaks off":         {"createFile", client.Params{"purpose": "batch", "file": client.File{Name: "a.jsonl", Body: iotest.ErrReader(io.ErrUnexpectedEOF)}}, nil, `createFile: "file": the file "a.jsonl" cannot be read: unexpected EOF`, &unread},
		"file that yields nothing":     {"createFile", client.Params{"purpose": "batch", "file": unreadable{idle{}}}, nil, `createFile: "file": the file "file" cannot be read: multiple Read calls return no data or error`, &unread},
		"raw body that fails":          {"create-realtime-call", client.Input{MediaType: "application/sdp", Body: iotest.ErrReader(fire)}, nil, `create-realtime-call: "body": the file "body" cannot be read: disk on fire`, &unread},
		"raw body that is nil":         {"create-realtime-call", client.Input{MediaType: "application/sdp", Body: noFile}, nil, `create-realtime-call: the body cannot be sent: got a file without content, want a Body to read`, &bind},
		"raw body of another type":     {"create-realtime-call", client.Input{MediaType: "application/sdp", Body: client.Params{}}, nil, `create-realtime-call: got client.Params as body, want []byte, string, File or io.Reader for application/sdp`, &bind},
		"media type not offered":       {"createChatCompletion", client.Input{MediaType: "text/plain", Body: "{}"}, nil, `createChatCompletion: got media type "text/plain", want application/json`, &bind},
		"media type with a line end":   {"create-realtime-call", client.Input{MediaType: "application/sdp\r\nX: y", Body: "v=0"}, nil, `create-realtime-call: got media type "application/sdp\r\nX: y", want multipart/form-data or application/sdp`, &bind},
		"media type without a body":    {"retrieveFile", client.Input{Path: client.Params{"file_id": "a"}, MediaType: "text/plain"}, nil, `retrieveFile: got media type "text/plain", but the operation takes no body`, &bind},
		"text that is not UTF-8":       {"retrieveFile", client.Params{"file_id": "a\xff"}, nil, `retrieveFile: "file_id": got a text that is not UTF-8`, &bind},
		"form that is no object":       {"createFile", client.Input{Body: "null"}, nil, `createFile: got a body that is null, want an object for multipart/form-data`, &bind},
		"form that is a list":          {"createFile", client.Input{Body: []int{1}}, nil, `createFile: got a body that is an array, want an object for multipart/form-data`, &bind},
		"invalid JSON in a field":      {"createChatCompletion", chat("messages", json.RawMessage(`[{"role":`)), nil, `createChatCompletion: "messages": is not JSON: line 1, column 10: the text ends, want a value`, &bind},
		"invalid JSON in a parameter":  {"listFiles", client.Params{"limit": json.RawMessage("01")}, nil, `listFiles: "limit": is not JSON: line 1, column 2: got more text after the value`, &bind},
		"invalid JSON as text":         {"createChatCompletion", `{"model":"m",}`, nil, `createChatCompletion: the params cannot be read as JSON: line 1, column 14: got '}', want a member name in quotes`, &bind},
		"invalid JSON as bytes":        {"createChatCompletion", []byte("{\"model\":\"\xff\"}"), nil, `createChatCompletion: the params cannot be read as JSON: line 1, column 11: got a byte that is not UTF-8`, &bind},
		"invalid JSON as body":         {"createChatCompletion", client.Input{Body: "v=0"}, nil, `createChatCompletion: the body cannot be read as JSON: line 1, column 1: got 'v', want a value`, &bind},
		"no text":                      {"createChatCompletion", "", nil, `createChatCompletion: the params cannot be read as JSON: line 1, column 1: the text ends, want a value`, &bind},
		"text nested too deep":         {"createChatCompletion", strings.Repeat("[", 100_000), nil, `createChatCompletion: the params cannot be read as JSON: line 1, column 1001: nested more than 1000 deep`, &bind},
		"number out of range":          {"createChatCompletion", chat("n", json.Number("1e2000000")), nil, `createChatCompletion: /: invalid JSON at line 1, column 74: got number 1e2000000, out of range; want an exponent under 1000`, &invalid},
		"number that is none":          {"createChatCompletion", chat("n", math.NaN()), nil, `createChatCompletion: "n": cannot be written as JSON: json: unsupported value: NaN`, &bind},
		"params that are an array":     {"createChatCompletion", []any{1}, nil, `createChatCompletion: got params that are an array, want an object, or an Input with a Body`, &bind},
		"params that are a number":     {"createChatCompletion", 5, nil, `createChatCompletion: got params that are a number, want an object, or an Input with a Body`, &bind},
		"params that are a boolean":    {"createChatCompletion", true, nil, `createChatCompletion: got params that are a boolean, want an object, or an Input with a Body`, &bind},
		"params that are a string":     {"createChatCompletion", `"text"`, nil, `createChatCompletion: got params that are a string, want an object, or an Input with a Body`, &bind},
		"params that are a channel":    {"createChatCompletion", make(chan int), nil, `createChatCompletion: the params cannot be written as JSON: json: unsupported type: chan int`, &bind},
		"params that are a function":   {"createChatCompletion", func() {}, nil, `createChatCompletion: the params cannot be written as JSON: json: unsupported type: func()`, &bind},
		"cyclic list":                  {"createChatCompletion", cyclicList, nil, `createChatCompletion: the params cannot be written as JSON: json: unsupported value: encountered a cycle via []interface {}`, &bind},
		"cyclic map":                   {"createChatCompletion", cyclicMap, nil, `createChatCompletion: "a": cannot be written as JSON: json: unsupported value: encountered a cycle via map[string]interface {}`, &bind},
		"cyclic field":                 {"createChatCompletion", chat("messages", cyclicList), nil, `createChatCompletion: "messages": cannot be written as JSON: json: unsupported value: encountered a cycle via []interface {}`, &bind},
		"error of a value's own, long": {"createChatCompletion", chat("user", shouting{}), nil, `createChatCompletion: "user": cannot be written as JSON: json: error calling MarshalJSON for type client_test.shouting: ` + strings.Repeat("A", 437) + "…", &bind},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t)
			c := newClient(t, client.WithBaseURL(w.URL), client.WithAPIKey("sk-test"))
			r, err := c.Call(t.Context(), test.operation, test.params, test.opts...)
			if r != nil || err == nil {
				t.Fatalf("got %v, %v; want an error", r, err)
			}
			if target := reflect.New(reflect.TypeOf(test.as).Elem()).Interface(); !errors.As(err, target) {
				t.Errorf("got a %T, want a %T", err, reflect.ValueOf(test.as).Elem().Interface())
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("Error() (-want +got):\n%s", diff)
			}
			if n := len(w.all()); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

// idle never yields anything.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// shouting fails to marshal, at length.
type shouting struct{}

func (shouting) MarshalJSON() ([]byte, error) { return nil, errors.New(strings.Repeat("A", 1<<20)) }

func TestBadInputKeepsCause(t *testing.T) {
	fire := errors.New("disk on fire")
	c := newClient(t)
	_, err := c.Request(t.Context(), "createFile", client.Params{"purpose": "batch", "file": iotest.ErrReader(fire)})
	if !errors.Is(err, fire) {
		t.Errorf("got %v, want the cause to be reachable", err)
	}
	var cause *json.UnsupportedValueError
	if _, err = c.Bind("createChatCompletion", chat("n", math.Inf(1))); !errors.As(err, &cause) {
		t.Errorf("got %v, want the cause to be reachable", err)
	}
}

// Whatever form the params have, the same request comes of it.
func TestFormsOfParams(t *testing.T) {
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
func TestNoParams(t *testing.T) {
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
func TestJSONAsItStands(t *testing.T) {
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

func TestInputSaysWhere(t *testing.T) {
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
func TestUnknownFields(t *testing.T) {
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
	var bind *client.BindError
	if !errors.As(err, &bind) || err.Error() != `place: header name "X\r\nEvil" is not a token (RFC 9110 §5.1)` {
		t.Errorf("got %T %v", err, err)
	}
}

// A path value stays within its segment and arrives as it was given.
func TestPathValues(t *testing.T) {
	tests := map[string]struct {
		value any
		path  string // as it arrives, "" for an error
		want  string // of the error
	}{
		"plain":           {"file-1", "/files/file-1", ""},
		"two dots":        {"..", "", `retrieveFile: path parameter "file_id" (simple): got a dot segment, which leads to another path, escaped or not (RFC 3986 §6.2.2)`},
		"one dot":         {".", "", `retrieveFile: path parameter "file_id" (simple): got a dot segment, which leads to another path, escaped or not (RFC 3986 §6.2.2)`},
		"escaped dots":    {"%2e%2e", "/files/%252e%252e", ""},
		"slash":           {"a/b", "/files/a%2Fb", ""},
		"up and away":     {"../../admin", "/files/..%2F..%2Fadmin", ""},
		"backslash":       {`a\b`, "/files/a%5Cb", ""},
		"question mark":   {"a?b=c", "/files/a%3Fb%3Dc", ""},
		"number sign":     {"a#b", "/files/a%23b", ""},
		"percent":         {"100%", "/files/100%25", ""},
		"semicolon":       {"a;b,c", "/files/a%3Bb%2Cc", ""},
		"space":           {"a b+c", "/files/a%20b%2Bc", ""},
		"template":        {"{file_id}", "/files/%7Bfile_id%7D", ""},
		"non-ASCII":       {"é/😀", "/files/%C3%A9%2F%F0%9F%98%80", ""},
		"line end":        {"a\r\nX: y", "/files/a%0D%0AX%3A%20y", ""},
		"absolute":        {"//evil.example/", "/files/%2F%2Fevil.example%2F", ""},
		"empty":           {"", "", `retrieveFile: path parameter "file_id" (simple): got an empty text, want at least one character: an empty segment is another route`},
		"NUL":             {"a\x00b", "", `retrieveFile: path parameter "file_id" (simple): got U+0000, which does not belong in a path`},
		"invalid UTF-8":   {"a\xff", "", `retrieveFile: "file_id": got a text that is not UTF-8`},
		"raw JSON string": {json.RawMessage(`"a\u002fb"`), "/files/a%2Fb", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t)
			c := newClient(t, client.WithBaseURL(w.URL))
			_, err := c.Call(t.Context(), "retrieveFile", client.Params{"file_id": test.value})
			if test.path == "" {
				var bind *client.BindError
				if !errors.As(err, &bind) || bind.Name != "file_id" || err.Error() != test.want || len(w.all()) != 0 {
					t.Errorf("got %T %v\nwant %s", err, err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := w.only(t); got.Path != test.path {
				t.Errorf("path\n got: %s\nwant: %s", got.Path, test.path)
			}
		})
	}
}

// What a server reads from the query is what was given.
func TestQueryValues(t *testing.T) {
	for name, value := range map[string]string{
		"plain": "a", "ampersand": "a&b=c", "number sign": "a#b", "percent": "100%41", "plus": "1+1", "spaces": " a  b ",
		"all of them": "&=#%+ /?;:@!$'()*,[]\"<>\\^`{|}~", "non-ASCII": "é😀", "line end": "a\r\nX: y", "NUL": "a\x00b", "empty": "",
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			w := newWitness(t, func(w http.ResponseWriter, req *http.Request) {
				got = append(got, req.URL.Query()["after"]...)
				answering(200, "application/json", "{}")(w, req)
			})
			c := newClient(t, client.WithBaseURL(w.URL))
			if _, err := c.Call(t.Context(), "listFiles", client.Params{"after": value, "limit": 3}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{value}, got); diff != "" {
				t.Errorf("query %s (-want +got):\n%s", w.only(t).Query, diff)
			}
		})
	}
}

// A header value stays on its line.
func TestHeaderValues(t *testing.T) {
	const refusal = `place: header parameter "X-Trace" (simple): `
	tests := map[string]struct{ value, want, err string }{
		"plain":      {"a b", "a b", ""},
		"signs":      {`",;=:%+&#`, `",;=:%+&#`, ""},
		"line end":   {"a\r\nX-Evil: 1", "", refusal + "got U+000D, want visible ASCII; encode the text first, for instance in base64"},
		"line feed":  {"a\nb", "", refusal + "got U+000A, want visible ASCII; encode the text first, for instance in base64"},
		"NUL":        {"a\x00", "", refusal + "got U+0000, want visible ASCII; encode the text first, for instance in base64"},
		"non-ASCII":  {"é", "", refusal + "got U+00E9, want visible ASCII; encode the text first, for instance in base64"},
		"outer tabs": {" a", "", refusal + "got white space at an end of a text, which a header loses; describe the parameter with content: application/json"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t)
			c := newClient(t, places, client.WithBaseURL(w.URL))
			_, err := c.Call(t.Context(), "place", client.Params{"id": "i", "list": []string{"l"}, "X-Trace": test.value})
			if test.err != "" {
				var bind *client.BindError
				if !errors.As(err, &bind) || err.Error() != test.err || len(w.all()) != 0 {
					t.Errorf("got %T %v\nwant %s", err, err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := w.only(t).Header.Get("X-Trace"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// The steps of a call can be taken one by one, and need neither a key nor a
// server.
func TestPrefixesOfACall(t *testing.T) {
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

// Bind takes the document that the client has then.
func TestBindUnknownTier(t *testing.T) {
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

// newBareServer starts a server that leaves everything to its handler and
// returns its address.
func newBareServer(tb testing.TB, handler http.HandlerFunc) string {
	tb.Helper()
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	return server.URL
}
