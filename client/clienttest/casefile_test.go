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
      header: {Retry-After: "1"}
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
	if status, body := chat("slow", "Hi", ""); status != 429 || gjson.Get(body, "error.message").String() != "slow down" {
		t.Errorf("first: got %d %s, want the case", status, body)
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
