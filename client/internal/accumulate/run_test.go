package accumulate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	runBegun  = `{"id":"run_1","object":"thread.run","status":"queued"}`
	stepBegun = `{"id":"step_1","object":"thread.run.step","type":"tool_calls","status":"in_progress","step_details":{"type":"tool_calls","tool_calls":[]}}`
)

func TestRunEventsAddUpToTheirObjects(t *testing.T) {
	op := operationOf(t, "createRun")
	tests := map[string]struct {
		events []string
		want   map[string]string // by ID, with the run
	}{
		"message content by index": {
			[]string{
				`thread.run.created ` + runBegun,
				`thread.message.created {"id":"msg_1","object":"thread.message","role":"assistant","status":"in_progress","content":[]}`,
				`thread.message.delta {"id":"msg_1","object":"thread.message.delta","delta":{"role":"assistant","content":[{"index":1,"type":"image_file","image_file":{"file_id":"f"}},{"index":0,"type":"text","text":{"value":"He","annotations":[]}}]}}`,
				`thread.message.delta {"id":"msg_1","object":"thread.message.delta","delta":{"content":[{"index":0,"type":"text","text":{"value":"llo","annotations":[{"index":0,"type":"file_path","text":"x","file_path":{"file_id":"f"},"start_index":0,"end_index":1}]}}]}}`,
				`thread.run.completed {"id":"run_1","object":"thread.run","status":"completed"}`,
			},
			map[string]string{
				"run_1": `{"id":"run_1","object":"thread.run","status":"completed"}`,
				"msg_1": `{"id":"msg_1","object":"thread.message","role":"assistant","status":"in_progress","content":[{"type":"text","text":{"value":"Hello","annotations":[{"type":"file_path","text":"x","file_path":{"file_id":"f"},"start_index":0,"end_index":1}]}},` +
					`{"type":"image_file","image_file":{"file_id":"f"}}]}`,
			},
		},
		"tool calls of a step": {
			[]string{
				`thread.run.created ` + runBegun, `thread.run.step.created ` + stepBegun,
				`thread.run.step.delta {"id":"step_1","object":"thread.run.step.delta","delta":{"step_details":{"type":"tool_calls","tool_calls":[{"index":0,"id":"c0","type":"function","function":{"name":"f","arguments":"","output":null}}]}}}`,
				`thread.run.step.delta {"id":"step_1","object":"thread.run.step.delta","delta":{"step_details":{"type":"tool_calls","tool_calls":[{"index":0,"type":"function","function":{"arguments":"{}"}},{"index":1,"id":"c1","type":"code_interpreter","code_interpreter":{"input":"1","outputs":[]}}]}}}`,
				`thread.run.step.delta {"id":"step_1","object":"thread.run.step.delta","delta":{"step_details":{"type":"tool_calls","tool_calls":[{"index":1,"type":"code_interpreter","code_interpreter":{"input":"+1","outputs":[{"index":0,"type":"logs","logs":"2"}]}}]}}}`,
			},
			map[string]string{
				"run_1": runBegun,
				"step_1": `{"id":"step_1","object":"thread.run.step","type":"tool_calls","status":"in_progress","step_details":{"type":"tool_calls","tool_calls":[{"id":"c0","type":"function","function":{"name":"f","arguments":"{}","output":null}},` +
					`{"id":"c1","type":"code_interpreter","code_interpreter":{"input":"1+1","outputs":[{"type":"logs","logs":"2"}]}}]}}`,
			},
		},
		"a new thread, and events with name and data together": {
			[]string{
				`{"event":"thread.created","data":{"id":"thread_1","object":"thread"}}`, `{"event":"thread.run.created","data":` + runBegun + `}`,
				`{"event":"thread.message.delta","data":{"id":"msg_1","object":"thread.message.delta","delta":{"content":[{"index":0,"type":"text","text":{"value":"x"}}]}}}`,
			},
			map[string]string{
				"run_1": runBegun, "thread_1": `{"id":"thread_1","object":"thread"}`,
				"msg_1": `{"id":"msg_1","object":"thread.message","content":[{"type":"text","text":{"value":"x"}}]}`,
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := accumulate(t, op, eventsOf(test.events))
			got := map[string]string{"run_1": finalOf(t, a)}
			for id, object := range a.Related() {
				got[id] = string(object)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for range a.Related() {
				break
			}
		})
	}
}
