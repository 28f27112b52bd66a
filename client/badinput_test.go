package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

func TestBadInputIsRefusedBeforeAnythingIsSent(t *testing.T) {
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

		"missing path parameter":                    {"retrieveFile", nil, nil, `retrieveFile: path /file_id: missing path parameter "file_id"`, &invalid},
		"missing path parameter, null":              {"retrieveFile", client.Params{"file_id": nil}, nil, `retrieveFile: path /file_id: missing path parameter "file_id"`, &invalid},
		"missing path parameter, nothing validated": {"retrieveFile", nil, []client.CallOption{client.WithRequestValidation(schema.Off)}, `retrieveFile: path /file_id: missing path parameter "file_id"`, &invalid},
		"missing query parameter":                   {"usage-costs", nil, nil, `usage-costs: query /start_time: missing query parameter "start_time"`, &invalid},
		"missing body field":                        {"createChatCompletion", client.Params{"model": "m"}, nil, `createChatCompletion: /: missing property "messages" (CreateChatCompletionRequest)`, &invalid},
		"missing body": {
			"createChatCompletion", nil, nil,
			"createChatCompletion: 2 problems\n" +
				`  /: missing property "messages" (CreateChatCompletionRequest)` + "\n" +
				`  /: missing property "model" (CreateChatCompletionRequest)`, &invalid,
		},
		"missing file": {"createFile", client.Params{"purpose": "batch"}, nil, `createFile: /: missing property "file" (CreateFileRequest)`, &invalid},

		"wrong type of a path parameter":  {"retrieveFile", client.Params{"file_id": 12}, nil, `retrieveFile: path /file_id: got number 12, want string`, &invalid},
		"wrong type of a query parameter": {"listFiles", client.Params{"limit": "ten"}, nil, `listFiles: query /limit: got string "ten", want integer`, &invalid},
		"wrong type of a field":           {"createChatCompletion", chat("messages", "hello"), nil, `createChatCompletion: /messages: got string "hello", want array of ChatCompletionRequestMessage (CreateChatCompletionRequest)`, &invalid},
		"wrong type of the body":          {"createChatCompletion", client.Input{Body: []any{}}, nil, `createChatCompletion: /: got an array, want object (CreateChatCompletionRequest)`, &invalid},

		"unknown parameter":             {"listFiles", client.Params{"limt": 10}, nil, `listFiles: /limt: unknown parameter "limt"; did you mean "limit"?`, &invalid},
		"unknown parameter, none taken": {"listModels", client.Params{"limit": 10}, nil, `listModels: /limit: unknown parameter "limit"; it takes none`, &invalid},
		"unknown parameter, allowed, but nowhere to put": {
			"listModels",
			client.Params{"limit": 10},
			[]client.CallOption{client.WithUnknownFields()},
			`listModels: /limit: unknown parameter "limit"; the operation takes no body: an Input says where else it goes`, &invalid,
		},
		"unknown path parameter": {"retrieveFile", client.Input{Path: client.Params{"fileid": "a"}}, nil, `retrieveFile: 2 problems
  path /fileid: unknown path parameter "fileid"; did you mean "file_id"?
  path /file_id: missing path parameter "file_id"`, &invalid},
		"parameter in the query": {"retrieveFile", client.Input{Query: client.Params{"file_id": "a"}}, nil, `retrieveFile: 2 problems
  query /file_id: unknown query parameter "file_id", but there is a path parameter of that name
  path /file_id: missing path parameter "file_id"`, &invalid},
		"unknown header":          {"beta_getResponse", client.Input{Path: client.Params{"response_id": "r"}, Header: client.Params{"open-ai-beta": "a"}}, nil, `beta_getResponse: header /open-ai-beta: unknown header parameter "open-ai-beta"; did you mean "openai-beta"?`, &invalid},
		"unknown field":           {"createChatCompletion", chat("temprature", 1), nil, `createChatCompletion: /temprature: unknown field "temprature"; did you mean "temperature"? (CreateChatCompletionRequest)`, &invalid},
		"unknown field of a form": {"createFile", client.Params{"purpose": "batch", "fil": file}, nil, `createFile: /fil: unknown field "fil"; did you mean "file"? (CreateFileRequest)`, &invalid},
		"field for no body": {
			"retrieveFile",
			client.Input{Path: client.Params{"file_id": "a"}, Body: client.Params{"a": 1}},
			nil,
			`retrieveFile: /: got a body, but the operation takes none`, &invalid,
		},
		"parameter given twice": {"listFiles", `{"limit":1,"limit":2}`, nil, `listFiles: query /limit: got the parameter a second time`, &invalid},
		"parameter given with and without brackets": {
			"listRunSteps",
			client.Params{"thread_id": "t", "run_id": "r", "include": []string{}, "include[]": []string{}},
			nil,
			`listRunSteps: query /include[]: got the parameter a second time`, &invalid,
		},
		"field given twice": {"createChatCompletion", `{"model":"a","model":"b","messages":[]}`, nil, `createChatCompletion: /: invalid JSON at line 1, column 14: got key "model" twice in one object`, &invalid},

		"outside of an enum":         {"createFile", client.Params{"purpose": "btch", "file": file}, nil, `createFile: /purpose: got "btch", want one of "batch", "assistants", "fine-tune", "vision", "user_data", "evals"; did you mean "batch"? (CreateFileRequest)`, &invalid},
		"above a maximum":            {"createChatCompletion", chat("temperature", 3), nil, `createChatCompletion: /temperature: got 3, want at most 2 (ModelResponseProperties)`, &invalid},
		"below a minimum":            {"createChatCompletion", chat("n", 0), nil, `createChatCompletion: /n: got 0, want at least 1 (CreateChatCompletionRequest)`, &invalid},
		"outside of an enum, query":  {"listFiles", client.Params{"order": "up"}, nil, `listFiles: query /order: got "up", want one of "asc", "desc"`, &invalid},
		"outside of an enum, header": {"beta_getResponse", client.Params{"response_id": "r", "openai-beta": []string{"a\r\nb: c"}}, nil, `beta_getResponse: header /openai-beta/0: got "a\r\nb: c", want "responses_multi_agent=v1"`, &invalid},

		"file where JSON is wanted":    {"createChatCompletion", chat("model", file), nil, `createChatCompletion: /model: got a file, but the operation takes application/json`, &invalid},
		"file as a parameter":          {"retrieveFile", client.Params{"file_id": file}, nil, `retrieveFile: path /file_id: got a file, want a value`, &invalid},
		"file as params":               {"createFile", file, nil, `createFile: /: got client.File as params, want JSON or what marshals to it; a file is a field of Params, or the Body of an Input for a media type that takes bytes`, &invalid},
		"reader as params":             {"createFile", strings.NewReader("{}"), nil, `createFile: /: got *strings.Reader as params, want JSON or what marshals to it; a file is a field of Params, or the Body of an Input for a media type that takes bytes`, &invalid},
		"reader as JSON body":          {"createChatCompletion", client.Input{Body: strings.NewReader("{}")}, nil, `createChatCompletion: /: got *strings.Reader as body, want JSON or what marshals to it; a file is a field of Params, or the Body of an Input for a media type that takes bytes`, &invalid},
		"file within JSON":             {"createChatCompletion", chat("metadata", client.Params{"a": file}), nil, `createChatCompletion: /metadata: cannot be written as JSON: got file "a.png" inside of it, want it in Params or Input.Body, as a field or in a list of files`, &invalid},
		"file in a struct":             {"createFile", struct{ File client.File }{file}, nil, `createFile: /: the params cannot be written as JSON: got file "a.png" inside of it, want it in Params or Input.Body, as a field or in a list of files`, &invalid},
		"file among other values":      {"createImageEdit", client.Params{"prompt": "p", "image": []any{file, "b.png"}}, nil, `createImageEdit: /image: cannot be sent: a list cannot mix files with other values`, &invalid},
		"file after other values":      {"createImageEdit", client.Params{"prompt": "p", "image": []any{"b.png", file}}, nil, `createImageEdit: /image: cannot be sent: a list cannot mix files with other values`, &invalid},
		"file without content":         {"createFile", client.Params{"purpose": "batch", "file": client.File{Name: "a"}}, nil, `createFile: /file: cannot be sent: got a file without content, want a Body to read`, &invalid},
		"file that is nil":             {"createFile", client.Params{"purpose": "batch", "file": noFile}, nil, `createFile: /file: cannot be sent: got a file without content, want a Body to read`, &invalid},
		"file in a list that is nil":   {"createImageEdit", client.Params{"prompt": "p", "image": []*os.File{nil}}, nil, `createImageEdit: /image: cannot be sent: got a file without content, want a Body to read`, &invalid},
		"file of a broken media type":  {"createFile", client.Params{"purpose": "batch", "file": client.File{MediaType: "a/b\r\nX: c", Body: strings.NewReader("")}}, nil, `createFile: /file: cannot be sent: got "a/b\r\nX: c" as the media type of a file, want one like "image/png"`, &invalid},
		"file that is closed":          {"createFile", client.Params{"purpose": "batch", "file": closed}, nil, `createFile: "file": the file "closed.jsonl" cannot be read: read ` + closed.Name() + `: file already closed`, &unread},
		"file that fails":              {"createFile", client.Params{"purpose": "batch", "file": client.File{Name: "a.jsonl", Body: iotest.ErrReader(fire)}}, nil, `createFile: "file": the file "a.jsonl" cannot be read: disk on fire`, &unread},
		"file that breaks off":         {"createFile", client.Params{"purpose": "batch", "file": client.File{Name: "a.jsonl", Body: iotest.ErrReader(io.ErrUnexpectedEOF)}}, nil, `createFile: "file": the file "a.jsonl" cannot be read: unexpected EOF`, &unread},
		"file that yields nothing":     {"createFile", client.Params{"purpose": "batch", "file": unreadable{idle{}}}, nil, `createFile: "file": the file "file" cannot be read: multiple Read calls return no data or error`, &unread},
		"raw body that fails":          {"create-realtime-call", client.Input{MediaType: "application/sdp", Body: iotest.ErrReader(fire)}, nil, `create-realtime-call: "body": the file "body" cannot be read: disk on fire`, &unread},
		"raw body that is nil":         {"create-realtime-call", client.Input{MediaType: "application/sdp", Body: noFile}, nil, `create-realtime-call: /: the body cannot be sent: got a file without content, want a Body to read`, &invalid},
		"raw body of another type":     {"create-realtime-call", client.Input{MediaType: "application/sdp", Body: client.Params{}}, nil, `create-realtime-call: /: got client.Params as body, want []byte, string, File or io.Reader for application/sdp`, &invalid},
		"media type not offered":       {"createChatCompletion", client.Input{MediaType: "text/plain", Body: "{}"}, nil, `createChatCompletion: /: got media type "text/plain", want application/json`, &invalid},
		"media type with a line end":   {"create-realtime-call", client.Input{MediaType: "application/sdp\r\nX: y", Body: "v=0"}, nil, `create-realtime-call: /: got media type "application/sdp\r\nX: y", want multipart/form-data or application/sdp`, &invalid},
		"media type without a body":    {"retrieveFile", client.Input{Path: client.Params{"file_id": "a"}, MediaType: "text/plain"}, nil, `retrieveFile: /: got media type "text/plain", but the operation takes no body`, &invalid},
		"text that is not UTF-8":       {"retrieveFile", client.Params{"file_id": "a\xff"}, nil, `retrieveFile: path /file_id: got a text that is not UTF-8`, &invalid},
		"form that is not an object":   {"createFile", client.Input{Body: "null"}, nil, `createFile: /: got a body that is null, want an object for multipart/form-data`, &invalid},
		"form that is a list":          {"createFile", client.Input{Body: []int{1}}, nil, `createFile: /: got a body that is an array, want an object for multipart/form-data`, &invalid},
		"invalid JSON in a field":      {"createChatCompletion", chat("messages", json.RawMessage(`[{"role":`)), nil, `createChatCompletion: /messages: is not JSON: line 1, column 10: the text ends, want a value`, &invalid},
		"invalid JSON in a parameter":  {"listFiles", client.Params{"limit": json.RawMessage("01")}, nil, `listFiles: query /limit: is not JSON: line 1, column 2: got more text after the value`, &invalid},
		"invalid JSON as text":         {"createChatCompletion", `{"model":"m",}`, nil, `createChatCompletion: /: the params cannot be read as JSON: line 1, column 14: got '}', want a member name in quotes`, &invalid},
		"invalid JSON as bytes":        {"createChatCompletion", []byte("{\"model\":\"\xff\"}"), nil, `createChatCompletion: /: the params cannot be read as JSON: line 1, column 11: got a byte that is not UTF-8`, &invalid},
		"invalid JSON as body":         {"createChatCompletion", client.Input{Body: "v=0"}, nil, `createChatCompletion: /: the body cannot be read as JSON: line 1, column 1: got 'v', want a value`, &invalid},
		"no text":                      {"createChatCompletion", "", nil, `createChatCompletion: /: the params cannot be read as JSON: line 1, column 1: the text ends, want a value`, &invalid},
		"text nested too deep":         {"createChatCompletion", strings.Repeat("[", 100_000), nil, `createChatCompletion: /: the params cannot be read as JSON: line 1, column 1001: nested more than 1000 deep`, &invalid},
		"number out of range":          {"createChatCompletion", chat("n", json.Number("1e2000000")), nil, `createChatCompletion: /: invalid JSON at line 1, column 74: got number 1e2000000, out of range; want an exponent under 1000`, &invalid},
		"number that is none":          {"createChatCompletion", chat("n", math.NaN()), nil, `createChatCompletion: /n: cannot be written as JSON: json: unsupported value: NaN`, &invalid},
		"params that are an array":     {"createChatCompletion", []any{1}, nil, `createChatCompletion: /: got params that are an array, want an object, or an Input with a Body`, &invalid},
		"params that are a number":     {"createChatCompletion", 5, nil, `createChatCompletion: /: got params that are a number, want an object, or an Input with a Body`, &invalid},
		"params that are a boolean":    {"createChatCompletion", true, nil, `createChatCompletion: /: got params that are a boolean, want an object, or an Input with a Body`, &invalid},
		"params that are a string":     {"createChatCompletion", `"text"`, nil, `createChatCompletion: /: got params that are a string, want an object, or an Input with a Body`, &invalid},
		"params that are a channel":    {"createChatCompletion", make(chan int), nil, `createChatCompletion: /: the params cannot be written as JSON: json: unsupported type: chan int`, &invalid},
		"params that are a function":   {"createChatCompletion", func() {}, nil, `createChatCompletion: /: the params cannot be written as JSON: json: unsupported type: func()`, &invalid},
		"cyclic list":                  {"createChatCompletion", cyclicList, nil, `createChatCompletion: /: the params cannot be written as JSON: json: unsupported value: encountered a cycle via []interface {}`, &invalid},
		"cyclic map":                   {"createChatCompletion", cyclicMap, nil, `createChatCompletion: /a: cannot be written as JSON: json: unsupported value: encountered a cycle via map[string]interface {}`, &invalid},
		"cyclic field":                 {"createChatCompletion", chat("messages", cyclicList), nil, `createChatCompletion: /messages: cannot be written as JSON: json: unsupported value: encountered a cycle via []interface {}`, &invalid},
		"error of a value's own, long": {"createChatCompletion", chat("user", shouting{}), nil, `createChatCompletion: /user: cannot be written as JSON: json: error calling MarshalJSON for type client_test.shouting: ` + strings.Repeat("A", 437) + "…", &invalid},
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

type unreadable struct{ io.Reader }

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

// Every name that an operation does not know is reported at once, with whatever else
// is wrong, and names to choose from.
func TestAllMistakesOfParamsAreReportedAtOnce(t *testing.T) {
	c := newClient(t)
	for name, test := range map[string]struct {
		operation string
		params    any
		want      string
	}{
		"parameters": {"listFiles", client.Params{"limt": 1, "ordr": "asc", "after": 5, "purpose": "x"}, `listFiles: 3 problems
  /limt: unknown parameter "limt"; did you mean "limit"?
  /ordr: unknown parameter "ordr"; did you mean "order"?
  query /after: got number 5, want string`},
		"few to choose from": {"retrieveFile", client.Params{"xyz": "a"}, `retrieveFile: 2 problems
  /xyz: unknown parameter "xyz"; it takes "file_id"
  path /file_id: missing path parameter "file_id"`},
		"parameters and fields": {"createMessage", client.Params{"thread": "t", "rolle": "user", "content": "x"}, `createMessage: 3 problems
  path /thread_id: missing path parameter "thread_id"
  /rolle: unknown field "rolle"; did you mean "role"? (CreateMessageRequest)
  /thread: unknown field "thread" (CreateMessageRequest)`},
		"places": {"retrieveFile", client.Input{Query: client.Params{"a": 1}, Header: client.Params{"b": 1}, Path: client.Params{"file_id": "f"}}, `retrieveFile: 2 problems
  query /a: unknown query parameter "a"; it takes none
  header /b: unknown header parameter "b"; it takes none`},
		"values that cannot be sent": {"createChatCompletion", client.Params{"n": math.NaN(), "model": make(chan int)}, `createChatCompletion: 2 problems
  /model: cannot be written as JSON: json: unsupported type: chan int
  /n: cannot be written as JSON: json: unsupported value: NaN`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Bind(test.operation, test.params)
			if err == nil {
				err = c.Validate(test.operation, test.params)
			}
			var invalid *schema.ValidationError
			if !errors.As(err, &invalid) {
				t.Fatalf("got %T %v", err, err)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for _, tier := range []schema.Tier{schema.Lenient, schema.Off} { // what has no place cannot be sent in any tier
		_, err := c.Bind("listFiles", client.Params{"limt": 1, "order": "up"}, client.WithRequestValidation(tier))
		if err == nil || err.Error() != `listFiles: /limt: unknown parameter "limt"; did you mean "limit"?` {
			t.Errorf("%v: got %v", tier, err)
		}
	}
}

// A nil context is an error of the call that got it, not a panic within net/http.
func TestNilContextIsAnErrorOfTheCall(t *testing.T) {
	server := newWitness(t)
	c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("sk-test"))
	var none context.Context
	for name, call := range map[string]func() error{
		"Call":    func() error { _, err := c.Call(none, "listModels", nil); return err },
		"Stream":  func() error { _, err := c.Stream(none, "createChatCompletion", chat()); return err },
		"Request": func() error { _, err := c.Request(none, "listModels", nil); return err },
		"Socket":  func() error { _, err := c.Socket(none, "realtime", nil); return err },
	} {
		err := call()
		var bind *client.BindError
		if !errors.As(err, &bind) || !strings.Contains(err.Error(), "got a nil context; context.Background() is one that never ends") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if n := len(server.all()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
