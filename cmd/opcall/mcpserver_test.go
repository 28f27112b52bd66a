package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/cmd/opcall/internal/mcpserver"
)

// key is one that no result may show.
const key = "sk-test-0123456789abcdef"

// connectMCP returns a client of the SDK that talks to a server of the document of an API,
// which a test server speaks.
func connectMCP(t *testing.T, api *clienttest.Server, opts mcpserver.Options) *mcp.ClientSession {
	t.Helper()
	c, err := client.New(client.WithDocument(api.Document()), client.WithBaseURL(api.URL()), client.WithAPIKey(key), client.WithMaxRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	server, err := mcpserver.New(c, opts)
	if err != nil {
		t.Fatal(err)
	}
	near, far := mcp.NewInMemoryTransports()
	serving, err := server.Connect(t.Context(), far, nil)
	if err != nil {
		t.Fatal(err)
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), near, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		session.Close()
		serving.Wait()
	})
	return session
}

// useTool calls a tool and returns its text, with "error: " before that of an error.
func useTool(t *testing.T, s *mcp.ClientSession, name, arguments string) string {
	t.Helper()
	got, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: name, Arguments: json.RawMessage(arguments)})
	if err != nil {
		t.Fatalf("%s %s: %v", name, arguments, err)
	}
	var b strings.Builder
	if got.IsError {
		b.WriteString("error: ")
	}
	for _, content := range got.Content {
		b.WriteString(content.(*mcp.TextContent).Text)
	}
	if strings.Contains(b.String(), "0123456789") {
		t.Errorf("%s %s shows the key", name, arguments)
	}
	return b.String()
}

func TestToolsAreFewAndSmall(t *testing.T) {
	s := connectMCP(t, clienttest.NewServer(t), mcpserver.Options{})
	list, err := s.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Tools) != 4 || len(text) >= 6<<10 {
		t.Errorf("got %d tools in %d bytes, want 4 in less than 6 KiB", len(list.Tools), len(text))
	}
	t.Logf("tools/list has %d bytes", len(text))
}

func TestModelFindsReadsMendsAndCalls(t *testing.T) {
	api := clienttest.NewServer(t)
	s := connectMCP(t, api, mcpserver.Options{Allow: []string{"create-embedding"}})

	found := useTool(t, s, "search_operations", `{"query":"create embeddings","limit":3}`)
	if first, _, _ := strings.Cut(found, "\n"); !strings.HasPrefix(first, "createEmbedding  POST /embeddings") {
		t.Errorf("found\n%s", found)
	}
	if got := useTool(t, s, "describe", `{"path":"createEmbedding"}`); !strings.Contains(got, "encoding_format") {
		t.Errorf("described as\n%s", got)
	}
	got := useTool(t, s, "validate", `{"operation":"createEmbedding","params":{"model":"m","inptu":"Titan"}}`)
	if !strings.HasPrefix(got, "error: ") || !strings.Contains(got, `did you mean "input"?`) {
		t.Errorf("got %s", got)
	}
	if got := useTool(t, s, "validate", `{"operation":"createEmbedding","params":{"model":"m","input":"Titan"}}`); got != "valid; nothing was sent" {
		t.Errorf("got %s", got)
	}
	if n := len(api.Requests()); n != 0 {
		t.Errorf("%d requests were sent before the call", n)
	}
	got = useTool(t, s, "call", `{"operation":"createEmbedding","params":{"model":"m","input":"Titan"},"select":"data.0.object"}`)
	if got != `"embedding"` || len(api.Requests()) != 1 {
		t.Errorf("got %s after %d requests", got, len(api.Requests()))
	}
}

func TestEveryMistakeIsOneLine(t *testing.T) {
	s := connectMCP(t, clienttest.NewServer(t), mcpserver.Options{Write: true})
	got := useTool(t, s, "call", `{"operation":"createChatCompletion","params":{"modell":"m","messages":[{"role":"usr","content":"x"}],"temperature":"hot"}}`)
	lines := strings.Split(strings.TrimSpace(got), "\n")
	if len(lines) != 4 {
		t.Errorf("got %d lines, want a heading and one per mistake:\n%s", len(lines), got)
	}
	for _, want := range []string{`did you mean "model"?`, `did you mean "user"?`, "/temperature: "} {
		if strings.Count(got, want) != 1 {
			t.Errorf("got\n%s\nwant %s once", got, want)
		}
	}
}

func TestCallsOutsideThePolicyAreRefused(t *testing.T) {
	tests := map[string]struct {
		opts                              mcpserver.Options
		reading, idempotent, destructive  bool
		retrieve, create, remove, removed string // beginnings of results
	}{
		"read-only": {mcpserver.Options{}, true, true, false, "{", "error: createEmbedding (POST) may not be called here", "error: deleteFile (DELETE)", ""},
		"one":       {mcpserver.Options{Allow: []string{"createEmbedding"}}, false, false, false, "{", "{", "error: deleteFile (DELETE)", ""},
		"delete":    {mcpserver.Options{Allow: []string{"deleteFile"}}, false, true, true, "{", "error: createEmbedding", "{", ""},
		"write":     {mcpserver.Options{Write: true}, false, false, true, "{", "{", "{", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			api := clienttest.NewServer(t)
			s := connectMCP(t, api, tt.opts)
			for arguments, want := range map[string]string{
				`{"operation":"retrieveFile","params":{"file_id":"file-1"}}`:             tt.retrieve,
				`{"operation":"createEmbedding","params":{"model":"m","input":"Titan"}}`: tt.create,
				`{"operation":"delete_file","params":{"file_id":"file-1"}}`:              tt.remove,
			} {
				if got := useTool(t, s, "call", arguments); !strings.HasPrefix(got, want) {
					t.Errorf("%s: got %.200s, want %s…", arguments, got, want)
				}
			}
			list, err := s.ListTools(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, tool := range list.Tools {
				a := tool.Annotations
				got := fmt.Sprint(a.ReadOnlyHint, a.IdempotentHint, *a.DestructiveHint, *a.OpenWorldHint)
				want := "true true false false"
				if tool.Name == "call" {
					want = fmt.Sprint(tt.reading, tt.idempotent, tt.destructive, true)
				}
				if got != want {
					t.Errorf("annotations of %s: got %s, want %s", tool.Name, got, want)
				}
			}
		})
	}
}

func TestLongResponsesAreCutAndSaySo(t *testing.T) {
	api := clienttest.NewServer(t)
	item := `{"id":"m-ä","object":"model","created":1,"owned_by":"` + strings.Repeat("ü", 500) + `"}`
	api.Respond("listModels", clienttest.Answer{Body: `{"object":"list","data":[` + item + strings.Repeat(","+item, 99) + `]}`})
	s := connectMCP(t, api, mcpserver.Options{MaxBytes: 1001})
	got := useTool(t, s, "call", `{"operation":"listModels"}`)
	for _, want := range []string{"… cut: this is the beginning, 1001 of ", "It has: object string, data array of 100"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if strings.ContainsRune(got, '\ufffd') || len(got) > 3000 {
		t.Errorf("got %d bytes, cut within a character: %t", len(got), strings.ContainsRune(got, '\ufffd'))
	}
	if got := useTool(t, s, "call", `{"operation":"listModels","select":"data.#"}`); got != "100" {
		t.Errorf("got %s", got)
	}
	if got := useTool(t, s, "call", `{"operation":"listModels","select":"datas.0"}`); !strings.Contains(got, `error: select "datas.0" leads nowhere`) || !strings.Contains(got, "data array of 100") {
		t.Errorf("got %s", got)
	}
}

func TestResponsesThatAreNotJSONAndErrorsOfTheAPIAreReported(t *testing.T) {
	api := clienttest.NewServer(t)
	api.Respond("retrieveModel", clienttest.ErrorAnswer(429, "rate_limit_exceeded", "slow down, "+key))
	s := connectMCP(t, api, mcpserver.Options{Write: true, MaxBytes: 200})
	octets := http.Header{"Content-Type": {"application/octet-stream"}}
	tests := map[string]struct {
		answer *clienttest.Answer
		want   string
	}{
		"text":   {&clienttest.Answer{Body: []byte("hello"), Header: octets}, "hello"},
		"binary": {&clienttest.Answer{Body: []byte{0, 1, 2}, Header: octets}, "status 200, 3 bytes of application/octet-stream, which are not shown"},
		"large":  {&clienttest.Answer{Body: make([]byte, 5000), Header: octets}, "status 200, more than 200 bytes of application/octet-stream, which are not shown"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			api.Respond("downloadFile", *tt.answer)
			if got := useTool(t, s, "call", `{"operation":"downloadFile","params":{"file_id":"file-1"}}`); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	got := useTool(t, s, "call", `{"operation":"retrieveModel","params":{"model":"m"}}`)
	if !strings.HasPrefix(got, "error: the server responded with an error: ") || !strings.Contains(got, "rate_limit_exceeded") {
		t.Errorf("got %s", got)
	}
}

// A server may repeat what it was sent.
func TestResponsesDoNotRepeatTheKey(t *testing.T) {
	api := clienttest.NewServer(t)
	api.Respond("retrieveModel", clienttest.Answer{Body: `{"id":"m","object":"model","created":1,"owned_by":"Bearer ` + key + `"}`})
	api.Respond("downloadFile", clienttest.Answer{Body: []byte(strings.Repeat("x", 190) + key), Header: http.Header{"Content-Type": {"text/plain"}}})
	s := connectMCP(t, api, mcpserver.Options{MaxBytes: 200})
	for _, arguments := range []string{
		`{"operation":"retrieveModel","params":{"model":"m"}}`,
		`{"operation":"retrieveModel","params":{"model":"m"},"select":"owned_by.@tostr"}`,
		`{"operation":"downloadFile","params":{"file_id":"f"}}`,
	} {
		if got := useTool(t, s, "call", arguments); !strings.Contains(got, "***") || strings.Contains(got, key[:9]) {
			t.Errorf("%s: got %s", arguments, got)
		}
	}
}

func TestBadArgumentsAreNamed(t *testing.T) {
	s := connectMCP(t, clienttest.NewServer(t), mcpserver.Options{})
	for _, tt := range []struct{ tool, arguments, want string }{
		{"call", `{}`, "error: argument operation is missing"},
		{"call", `{"operation":"listModel"}`, `did you mean listModels`},
		{"call", `{"operation":7}`, "error: argument operation: got a number, want string"},
		{"call", `{"operation":"listModels","parms":{}}`, `error: call has no argument "parms"; did you mean params?`},
		{"call", `{"operation":"listModels","params":[]}`, "error: argument params: got an array, want object"},
		{"call", `{"operation":"listModels","select":"` + strings.Repeat("a", 501) + `"}`, "error: argument select: got 501 bytes"},
		{"call", `[]`, "error: the arguments: got an array, want an object"},
		{"describe", `{"path":"createEmbedding.inptu"}`, "did you mean input?"},
		{"describe", `{"path":"createEmbedding","depth":99}`, "error: argument depth: got 99, want a whole number from 1 to 6"},
		{"search_operations", `{"query":"embbedding"}`, "did you mean"},
		{"search_operations", `{"limit":0}`, "error: argument limit: got 0"},
		{"validate", `{"operation":"createEmbedding","params":{"model":"m","input":"x"}}`, "valid; but createEmbedding (POST) may not be called here"},
	} {
		if got := useTool(t, s, tt.tool, tt.arguments); !strings.Contains(got, tt.want) {
			t.Errorf("%s %.80s: got %s, want %s", tt.tool, tt.arguments, got, tt.want)
		}
	}
}

func TestUnknownOperationToAllowIsRefused(t *testing.T) {
	c, err := client.New(client.WithoutEnvironment())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mcpserver.New(c, mcpserver.Options{Allow: []string{"createEmbeding"}}); err == nil || !strings.Contains(err.Error(), "createEmbedding") {
		t.Errorf("got %v, want an error that names the nearest", err)
	}
}

// What a Go program would do is not a remedy for a model.
func TestErrorsOfToolsNameNoGoAPI(t *testing.T) {
	s := connectMCP(t, clienttest.NewServer(t), mcpserver.Options{Write: true})
	for arguments, want := range map[string]string{
		`{"operation":"createFile","params":{"purpose":"batch","file":"abc"}}`:                                                 "files cannot be sent over MCP",
		`{"operation":"createChatCompletion","params":{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}}`: "leave it out",
	} {
		for _, tool := range []string{"validate", "call"} {
			got := useTool(t, s, tool, arguments)
			if strings.Contains(got, "client.") || strings.Contains(got, "Stream,") || tool == "call" && !strings.Contains(got, want) {
				t.Errorf("%s %s: got %s, want %s", tool, arguments, got, want)
			}
		}
	}
}

// A model asks in sentences. What it means is among the first three.
func TestQuestionsFindTheirOperation(t *testing.T) {
	s := connectMCP(t, clienttest.NewServer(t), mcpserver.Options{Write: true})
	for question, want := range map[string]string{
		"how do I generate an image from a text?": "createImage",
		"transcribe an audio file":                "createTranscription",
		"translate audio to English":              "createTranslation",
		"moderate content for hate":               "createModeration",
		"embed some text as vectors":              "createEmbedding",
		"which models are available":              "listModels",
		"remove a model that I fine-tuned":        "deleteModel",
		"how much did I spend, costs":             "usage-costs",
		"invite a user to the organization":       "inviteUser",
		"upload a large file in parts":            "createUpload",
		"run an eval":                             "createEvalRun",
		"count input tokens":                      "Getinputtokencounts",
		"get":                                     "listAssistants", // says nothing: all of them, in order
	} {
		got := useTool(t, s, "search_operations", fmt.Sprintf(`{"query":%q,"limit":3}`, question))
		if !strings.Contains("\n"+got, "\n"+want+"  ") {
			t.Errorf("%s: got\n%s\nwant %s", question, got, want)
		}
	}
}
