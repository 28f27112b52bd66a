package main_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/cmd/opcall/internal/mcp"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

// runningMCP is the command at work.
type runningMCP struct {
	in     io.WriteCloser
	out    *bufio.Reader
	errors *strings.Builder
	cancel context.CancelFunc
	ended  chan error
}

// startMCP runs the command against a test server.
func startMCP(t *testing.T, args ...string) *runningMCP {
	t.Helper()
	api := clienttest.NewServer(t)
	inReader, inWriter := io.Pipe()
	outReader, outWriter := io.Pipe()
	r := &runningMCP{in: inWriter, out: bufio.NewReader(outReader), errors: &strings.Builder{}, ended: make(chan error, 1)}
	environment := map[string]string{"OPENAI_BASE_URL": api.URL(), "OPENAI_API_KEY": clienttest.Key}
	s := session.New(&terminal.IO{In: inReader, Out: outWriter, Err: r.errors, Getenv: func(name string) string { return environment[name] }})
	s.Flags.BaseURL, s.Flags.MaxRetries = api.URL(), 0
	t.Setenv("OPENAI_API_KEY", clienttest.Key)
	cmd := mcp.NewCmdMCP(s, nil)
	cmd.SetArgs(append([]string{}, args...)) // nil would be those of the test's process
	cmd.SetOut(outWriter)
	cmd.SetErr(r.errors)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	ctx, cancel := context.WithCancel(t.Context())
	r.cancel = cancel
	go func() {
		err := cmd.ExecuteContext(ctx)
		outWriter.Close()
		r.ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		inWriter.Close()
		outReader.Close()
	})
	return r
}

const initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}` + "\n"

// What is not a message is left out and reported; the conversation goes on. Nothing but the
// protocol is on standard output, and what came in is not repeated.
func TestGarbageOnStandardInputDoesNotEndTheConversation(t *testing.T) {
	const left = " of standard input is not a message"
	tests := map[string]struct {
		text, report string
	}{
		"a word":               {"hello-0123456789\n", left},
		"half a message":       {`{"jsonrpc":"2.0","id":1,"meth` + "\n", left},
		"another protocol":     {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", left},
		"another version":      {`{"jsonrpc":"1.0","id":1,"method":"ping"}` + "\n", left},
		"bytes":                {"\x00\xff\xfe\n", "line 1 of standard input is not UTF-8"},
		"a number":             {"7\n", left},
		"an empty list":        {"[]\n", left},
		"nested without end":   {strings.Repeat("[", 100_000) + "\n", left},
		"a bad item":           {`[{},5,{"jsonrpc":"2.0","id":2,"method":"ping"}]` + "\n", left},
		"two on a line":        {`{"jsonrpc":"2.0","id":2,"method":"ping"} {"jsonrpc":"2.0","id":3,"method":"ping"}` + "\n", left},
		"id is a fraction":     {`{"jsonrpc":"2.0","id":1.5,"method":"ping"}` + "\n", "has an id that is neither a string nor an integer"},
		"id is too large":      {`{"jsonrpc":"2.0","id":12345678901234567890,"method":"ping"}` + "\n", "has an id that is neither a string nor an integer"},
		"id is not UTF-8":      {"{\"jsonrpc\":\"2.0\",\"id\":\"\xff\",\"method\":\"ping\"}\n", "is not UTF-8"},
		"a long line":          {strings.Repeat("x", 5<<20) + "\n", "line 1 of standard input has more than 4194304 bytes"},
		"empty lines":          {"\n\r\n \n", ""},
		"no method":            {`{"jsonrpc":"2.0","id":1}` + "\n", ""},
		"unknown method":       {`{"jsonrpc":"2.0","id":2,"method":"tools/lisst"}` + "\n", ""},
		"call before all":      {`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"call"}}` + "\n", ""},
		"unknown tool":         {`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"sing","arguments":{}}}` + "\n", ""},
		"arguments of no form": {`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"call","arguments":"x"}}` + "\n", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := startMCP(t)
			go func() {
				_, _ = io.WriteString(r.in, tt.text+initialize)
			}()
			answered := false
			for { // all of it, since others may be answered behind initialize
				line, err := r.out.ReadBytes('\n')
				if err != nil {
					break
				}
				var message struct {
					JSONRPC string
					Result  struct{ ProtocolVersion string }
				}
				if json.Unmarshal(line, &message) != nil || message.JSONRPC != "2.0" {
					t.Errorf("standard output has %.200q", line)
				}
				if message.Result.ProtocolVersion != "" {
					answered = true
					r.in.Close()
				}
			}
			if err := <-r.ended; err != nil || !answered {
				t.Errorf("initialize was answered: %t; the command ended with %v", answered, err)
			}
			if got := r.errors.String(); !strings.Contains(got, tt.report) || (got != "") != (tt.report != "") || strings.Contains(got, "0123456789") {
				t.Errorf("got on standard error %.300q, want %q", got, tt.report)
			}
		})
	}
}

// Lists of messages were taken out of the protocol in 2025-06-18. Those of a client that
// sends one are answered all the same, one by one.
func TestListsOfMessagesAreAnswered(t *testing.T) {
	const list = `[{"jsonrpc":"2.0","id":2,"method":"ping"},7,{"jsonrpc":"2.0","id":"x","method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"}]` + "\n"
	for _, version := range []string{"2025-03-26", "2025-06-18"} {
		t.Run(version, func(t *testing.T) {
			r := startMCP(t)
			go func() {
				_, _ = io.WriteString(r.in, strings.Replace(initialize, "2025-06-18", version, 1))
				_, _ = io.WriteString(r.in, list)
				r.in.Close()
			}()
			text, err := io.ReadAll(r.out)
			if err != nil {
				t.Fatal(err)
			}
			if err := <-r.ended; err != nil {
				t.Errorf("the command ended with %v", err)
			}
			for _, line := range []string{`{"jsonrpc":"2.0","id":2,"result":{}}`, `{"jsonrpc":"2.0","id":"x","result":{}}`} {
				if !strings.Contains(string(text), line+"\n") {
					t.Errorf("got\n%s\nwant the line %s", text, line)
				}
			}
			if got := r.errors.String(); !strings.Contains(got, "line 2 of standard input is not a message") {
				t.Errorf("got on standard error %q", got)
			}
		})
	}
}

func TestConversationOverPipesEndsWithTheClient(t *testing.T) {
	r := startMCP(t)
	reader, writer := io.Pipe()
	go func() {
		_, _ = io.Copy(writer, r.out)
		writer.Close()
	}()
	s, err := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil).
		Connect(t.Context(), &sdk.IOTransport{Reader: reader, Writer: r.in}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.CallTool(t.Context(), &sdk.CallToolParams{Name: "call", Arguments: map[string]any{"operation": "listModels", "select": "object"}})
	if err != nil || got.IsError || got.Content[0].(*sdk.TextContent).Text != `"list"` {
		t.Errorf("got %+v, %v", got, err)
	}
	s.Close()
	if err := <-r.ended; err != nil {
		t.Errorf("got %v when the client left", err)
	}
}

func TestInterruptEndsTheCommand(t *testing.T) {
	for name, args := range map[string][]string{"pipes": nil, "HTTP": {"--http", "127.0.0.1:0"}} {
		t.Run(name, func(t *testing.T) {
			r := startMCP(t, args...)
			if args != nil {
				line, err := r.out.ReadString('\n')
				if err != nil {
					t.Fatal(err)
				}
				resp, err := http.Get(strings.TrimSpace(line))
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if resp.StatusCode < 400 {
					t.Errorf("got %s for what is not a message", resp.Status)
				}
			}
			r.cancel()
			if err := <-r.ended; err != nil {
				t.Errorf("got %v", err)
			}
		})
	}
}

// inspector is the command-line client that others test their servers with.
const inspector = "@modelcontextprotocol/inspector@2.12.0"

// TestToolsAnswerTheMCPInspector drives the command as it is released with the MCP inspector.
// It needs npm, which .ci/run installs, and its registry: a fresh machine need have neither.
func TestToolsAnswerTheMCPInspector(t *testing.T) {
	bin := os.Getenv("OPCALL_INSPECTOR")
	if bin == "" {
		t.Skip("installs a program with npm: with OPCALL_INSPECTOR=FILE it runs for that build of the command, as in .ci/run")
	}
	if !filepath.IsAbs(bin) {
		t.Fatalf("OPCALL_INSPECTOR: got %q, want the absolute path of a build of the command", bin)
	}
	api := clienttest.NewServer(t)
	tools := t.TempDir()
	install := exec.CommandContext(t.Context(), "npm", "install", "--prefix", tools, "--no-audit", "--no-fund", "--ignore-scripts", inspector)
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm install %s: %v\n%s", inspector, err, out)
	}
	inspect := func(args ...string) string {
		t.Helper()
		all := append([]string{"--cli", "-e", "OPENAI_BASE_URL=" + api.URL(), "-e", "OPENAI_API_KEY=" + clienttest.Key, bin, "mcp"}, args...)
		cmd := exec.CommandContext(t.Context(), filepath.Join(tools, "node_modules", ".bin", "mcp-inspector"), all...)
		var failed strings.Builder
		cmd.Stderr = &failed
		out, err := cmd.Output()
		if err != nil && !strings.Contains(failed.String(), `"tool_is_error"`) { // its exit code for a tool's error
			t.Fatalf("mcp-inspector %s: %v\n%s%s", strings.Join(all, " "), err, out, &failed)
		}
		if strings.Contains(string(out), clienttest.Key) {
			t.Error("the inspector sees the key")
		}
		return string(out)
	}
	var list struct{ Tools []struct{ Name string } }
	if err := json.Unmarshal([]byte(inspect("--method", "tools/list")), &list); err != nil || len(list.Tools) != 4 {
		t.Errorf("got %d tools, %v", len(list.Tools), err)
	}
	for want, args := range map[string][]string{
		"GET /models":                    {"search_operations", "query=list models"},
		"model":                          {"describe", "path=retrieveModel"},
		`did you mean "model"?`:          {"validate", "operation=retrieveModel", `params={"modle":"m"}`},
		"may not be called here":         {"call", "operation=deleteModel", `params={"model":"m"}`},
		`"object":"model"`:               {"call", "operation=retrieveModel", `params={"model":"m"}`},
		"argument operation is missing:": {"call"},
	} {
		call := []string{"--method", "tools/call", "--tool-name", args[0]}
		for _, argument := range args[1:] {
			call = append(call, "--tool-arg", argument)
		}
		var result struct {
			Content []struct{ Text string }
		}
		out := inspect(call...)
		if err := json.Unmarshal([]byte(out), &result); err != nil || len(result.Content) != 1 || !strings.Contains(strings.ReplaceAll(result.Content[0].Text, ": ", ":"), strings.ReplaceAll(want, ": ", ":")) {
			t.Errorf("%v: got %s, want %s", args, out, want)
		}
	}
}
