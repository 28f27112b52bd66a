package openai_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client/openai"
)

func TestItemsThatWaitForTheClient(t *testing.T) {
	view := func(text string) any {
		var item openai.Item
		if err := json.Unmarshal([]byte(text), &item); err != nil {
			t.Fatal(err)
		}
		switch {
		case item.ComputerCall() != nil:
			return *item.ComputerCall()
		case item.ShellCall() != nil:
			return *item.ShellCall()
		case item.PatchCall() != nil:
			return *item.PatchCall()
		}
		return item.CallID()
	}
	for text, want := range map[string]any{
		`{"type":"computer_call","call_id":"c","action":{"type":"click","x":1},"pending_safety_checks":[{"id":"s","code":"x","message":"m"}]}`: openai.ComputerCall{
			CallID: "c", Actions: []openai.ComputerAction{{Type: "click", Raw: json.RawMessage(`{"type":"click","x":1}`)}}, SafetyChecks: []openai.SafetyCheck{{ID: "s", Code: "x", Message: "m"}},
		},
		`{"type":"computer_call","call_id":"c","actions":[{"type":"wait"},{"type":"screenshot"}]}`: openai.ComputerCall{
			CallID: "c", Actions: []openai.ComputerAction{{Type: "wait", Raw: json.RawMessage(`{"type":"wait"}`)}, {Type: "screenshot", Raw: json.RawMessage(`{"type":"screenshot"}`)}},
		},
		`{"type":"shell_call","call_id":"c","action":{"commands":["ls","pwd"],"timeout_ms":1500,"max_output_length":10}}`: openai.ShellCall{
			CallID: "c", Commands: []string{"ls", "pwd"}, Timeout: 1500 * time.Millisecond, MaxOutput: 10,
		},
		`{"type":"local_shell_call","call_id":"c","action":{"command":["ls","-l"],"env":{"A":"b"},"working_directory":"/tmp","timeout_ms":null}}`: openai.ShellCall{
			CallID: "c", Arguments: []string{"ls", "-l"}, Env: map[string]string{"A": "b"}, Directory: "/tmp",
		},
		`{"type":"apply_patch_call","call_id":"c","operation":{"type":"update_file","path":"a.go","diff":"@@"}}`: openai.PatchCall{CallID: "c", Operation: "update_file", Path: "a.go", Diff: "@@"},
		`{"type":"web_search_call","id":"w"}`: "",
	} {
		if diff := cmp.Diff(want, view(text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
