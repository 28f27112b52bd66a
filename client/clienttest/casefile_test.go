package clienttest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/clienttest"
)

const someCases = `
cases:
  - operation: createChatCompletion
    match:
      model: slow
    times: 1
    respond:
      status: 429
      header: {Retry-After: 1, Set-Cookie: [a=b, c=d]}
      body: {error: {message: slow down}}
  - operation: create_chat_completion
    match:
      messages.0.content: {contains: weather}
      messages.#: {matches: "^[12]$"}
      user: {exists: false}
    respond:
      output:
        - say: Let me look.
        - call: {name: weather, arguments: {city: Paris}}
  - operation: listFiles
    match: {purpose: batch, limit: {equals: 3}}
    respond: {body: plain text}
`

func TestCasesScriptResponses(t *testing.T) {
	name := filepath.Join(t.TempDir(), "cases.yaml")
	if err := os.WriteFile(name, []byte(someCases), 0o600); err != nil {
		t.Fatal(err)
	}
	server := clienttest.NewServer(t, clienttest.WithCaseFile(name))
	chat := func(model, content, more string) (int, string) {
		status, _, body := post(t, server, "/chat/completions", `{"model":"`+model+`","messages":[{"role":"user","content":"`+content+`"}]`+more+`}`)
		return status, body
	}
	status, header, body := post(t, server, "/chat/completions", `{"model":"slow","messages":[{"role":"user","content":"Hi"}]}`)
	if status != 429 || gjson.Get(body, "error.message").String() != "slow down" || header.Get("Retry-After") != "1" || len(header["Set-Cookie"]) != 2 {
		t.Errorf("first: got %d %v %s, want the case", status, header, body)
	}
	if status, body := chat("slow", "Hi", ""); status != 200 || gjson.Get(body, "choices.0.message.content").String() != ownText {
		t.Errorf("again: got %d %s, want what there is without a case", status, body)
	}
	if _, body := chat("m", "the weather?", ""); gjson.Get(body, "choices.0.message.tool_calls.0.function.arguments").String() != `{"city":"Paris"}` || gjson.Get(body, "choices.0.message.content").String() != "Let me look." {
		t.Errorf("got %s, want a text and a call", body)
	}
	if _, body := chat("m", "the weather?", `,"user":"u"`); gjson.Get(body, "choices.0.message.content").String() != ownText {
		t.Errorf("got %s, want no case for a request with a user", body)
	}
	if _, _, body := send(t, server, request{method: "GET", path: "/files?purpose=batch&limit=3"}); body != "plain text" {
		t.Errorf("got %s, want the case by its parameters", body)
	}
	server.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.Say("mine")})
	if _, body := chat("m", "the weather?", ""); gjson.Get(body, "choices.0.message.content").String() != "mine" {
		t.Errorf("got %s, want Respond to override the case", body)
	}
}

func TestMistakesInCasesNameTheirPlace(t *testing.T) {
	one := func(text string) string { return "cases:\n  - " + strings.ReplaceAll(text, "\n", "\n    ") }
	for name, tt := range map[string]struct{ text, want string }{
		"not YAML":          {"cases: [", "line"},
		"another member":    {"case: []", `the file: unknown member "case"; did you mean cases?`},
		"no list":           {"cases: {}", "the file: cases: got an object, want a list"},
		"no operation":      {one("respond: {status: 200}"), "cases.0: operation: got none"},
		"unknown operation": {one("operation: createChatCompletoin\nrespond: {status: 200}"), `cases.0.operation: `},
		"no response":       {one("operation: listModels"), "cases.0.respond: got none"},
		"status":            {one("operation: listModels\nrespond: {status: 99}"), "cases.0.respond: status: got 99, want 200 to 599"},
		"misspelled":        {one("operation: listModels\nrespond: {staus: 200}"), `cases.0.respond: unknown member "staus"; did you mean status?`},
		"pattern":           {one("operation: listModels\nmatch: {a: {matches: '('}}\nrespond: {}"), "cases.0.match: a: "},
		"condition":         {one("operation: listModels\nmatch: {a: {like: b}}\nrespond: {}"), `a: got "like", want contains, matches, exists or equals`},
		"times":             {one("operation: listModels\ntimes: 0\nrespond: {}"), "times: got 0, want a number from 1 on"},
		"delay":             {one("operation: listModels\nrespond: {delay: soon}"), `delay: got "soon", want a duration`},
		"body and output":   {one("operation: listModels\nrespond: {body: a, output: [{say: b}]}"), "got body and output, want one of them"},
		"say and call":      {one("operation: createResponse\nrespond: {output: [{say: a, call: {name: f}}]}"), "output.0: got 2 members, want one of say, refuse and call"},
		"argument":          {one("operation: createResponse\nrespond: {output: [{call: {name: f, argments: {}}}]}"), `did you mean arguments?`},
		"function or tool":  {one("operation: createResponse\nrespond: {output: [{call: {name: f, arguments: {}, input: a}}]}"), "got arguments and input"},
		"match of a text":   {one("operation: listModels\nmatch: gpt\nrespond: {}"), "cases.0: match: got \"gpt\", want an object"},
		"match of a list":   {one("operation: listModels\nmatch: [a]\nrespond: {}"), "cases.0: match: got an array, want an object"},
		"exists":            {one("operation: listModels\nmatch: {a: {exists: maybe}}\nrespond: {}"), `a: exists: got "maybe", want true or false`},
		"contains":          {one("operation: listModels\nmatch: {a: {contains: [b]}}\nrespond: {}"), "a: contains: got an array, want a text"},
		"half a time":       {one("operation: listModels\ntimes: 1.5\nrespond: {}"), "times: got 1.5, want a number from 1 on"},
		"half a status":     {one("operation: listModels\nrespond: {status: 429.5}"), "status: got 429.5, want 200 to 599"},
		"body of 204":       {one("operation: listModels\nrespond: {status: 204, body: a}"), "body: a response with the status 204 has none"},
		"drop":              {one("operation: listModels\nrespond: {drop: 'yes'}"), `drop: got "yes", want true or false`},
		"cut":               {one("operation: listModels\nrespond: {cut: abc}"), `cut: got "abc", want a number of bytes`},
		"negative cut":      {one("operation: listModels\nrespond: {cut: -5}"), "cut: got -5, want a number of bytes"},
		"cut and drop":      {one("operation: listModels\nrespond: {cut: 5, drop: true}"), "got cut and drop, want one of them"},
		"output of no list": {one("operation: createResponse\nrespond: {output: {say: a}}"), "output: got an object, want a list"},
		"say of a list":     {one("operation: createResponse\nrespond: {output: [{say: [1]}]}"), "cases.0.respond.output.0: say: got an array, want a text"},
		"fail":              {one("operation: createResponse\nrespond: {fail: {code: [1]}}"), "cases.0.respond.fail: code: got an array, want a text"},
		"no model":          {one("operation: listFiles\nrespond: {output: [{say: a}]}"), "cases.0.respond: output, stop and fail are what a model says, and no model responds to listFiles; want body"},
		"headers of a list": {one("operation: listModels\nrespond: {header: [a]}"), "header: got an array, want an object"},
		"name of a header":  {one("operation: listModels\nrespond: {header: {a b: c}}"), `header: "a b" is not the name of a header`},
		"header":            {one("operation: listModels\nrespond: {header: {A: \"b\\r\\nC: d\"}}"), "has a line break"},
	} {
		server, err := clienttest.Start(clienttest.WithCases([]byte(tt.text)))
		if err == nil {
			server.Close()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
	if server, err := clienttest.Start(clienttest.WithCaseFile(filepath.Join(t.TempDir(), "absent.yaml"))); err == nil {
		server.Close()
		t.Error("got a server with a file that is not there")
	}
}
