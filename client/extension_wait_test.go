package client_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client/internal/extension"
)

func TestWaitIsReadWithItsDefaults(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		want *extension.Wait
	}{
		"nothing":     {``, nil},
		"none at all": {`false`, nil},
		"the least":   {`{"done": ["ok", 5]}`, &extension.Wait{State: "status", Done: []string{"ok"}, Reasons: []string{"error"}}},
		"everything": {
			`{"state": "meta.state", "pending": ["a"], "done": ["b"], "failed": ["c"], "error": ["why", "errors.0"], "limit": 90, "first": 0.5, "longest": 1e30, "after": "x-wait", "cancel": "stop"}`,
			&extension.Wait{
				State: "meta.state", Pending: []string{"a"}, Done: []string{"b"}, Failed: []string{"c"}, Reasons: []string{"why", "errors.0"},
				Limit: 90 * time.Second, First: time.Second / 2, Longest: time.Hour, After: "x-wait", Cancel: "stop",
			},
		},
	} {
		members := ""
		if tt.text != "" {
			members = `, "x-opcall-wait": ` + tt.text
		}
		got, err := extension.ReadWait(operation(t, noStream+members, ``))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWaitNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"completed"`:                          "got a string, want an object",
		`{}`:                                   "done: missing",
		`{"done": []}`:                         "done: missing",
		`{"done": ["a"], "failed": ["a"]}`:     `"a" is listed twice`,
		`{"done": ["a"], "limit": 0}`:          "limit: got 0, want a number of seconds above 0",
		`{"done": ["a"], "limit": "1h"}`:       "limit: got \"1h\"",
		`{"done": ["a"], "longest": -1}`:       "longest: got -1",
		`{"done": ["a"], "state": "a|@this"}`:  "state: got path",
		`{"done": ["a"], "error": ["x", "*"]}`: "error: got path",
		`{"done": ["a"], "finaly": 1}`:         "finaly: there is no such member",
	} {
		_, err := extension.ReadWait(operation(t, noStream+`, "x-opcall-wait": `+text, ``))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "x-opcall-wait: ") {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
