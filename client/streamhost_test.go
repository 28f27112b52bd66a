package client_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// hostStream is a stream as a compatible host sends it.
type hostStream struct {
	operation string
	events    []string          // data, or whole lines where they begin with a field
	final     map[string]string // paths of the final object and their JSON
	cut       bool              // it ends in a *client.TruncatedError
}

func (h hostStream) body() string {
	var b strings.Builder
	for _, ev := range h.events {
		switch {
		case strings.HasPrefix(ev, "event:"), strings.HasPrefix(ev, ":"), strings.HasPrefix(ev, "data:"):
			b.WriteString(ev + "\n\n")
		default:
			b.WriteString("data: " + ev + "\n\n")
		}
	}
	return b.String()
}

// hostChunk is a chunk with one choice.
func hostChunk(choice string) string {
	return `{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,` + choice + `}]}`
}

func hostDelta(delta string) string { return hostChunk(`"delta":` + delta + `,"finish_reason":null`) }

const (
	hostStop  = `{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`
	hostCalls = `{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}`
)

// hostResponse is a response of a state with this output.
func hostResponse(status, output string) string {
	return `{"id":"r","object":"response","created_at":1,"status":"` + status + `","error":null,"incomplete_details":null,"instructions":null,"model":"m","output":` + output +
		`,"parallel_tool_calls":true,"tool_choice":"auto","tools":[],"temperature":1,"top_p":1,"metadata":{}}`
}

func hostEvent(kind, members string) string {
	return `{"type":"response.` + kind + `","sequence_number":1` + members + `}`
}

func TestStreamsOfOtherHosts(t *testing.T) {
	const (
		content = "choices.0.message.content"
		calls   = "choices.0.message.tool_calls"
	)
	call := func(id, index, name, arguments string) string {
		return `{` + id + index + `"type":"function","function":{"name":"` + name + `","arguments":"` + arguments + `"}}`
	}
	toolCalls := func(list ...string) string { return hostDelta(`{"tool_calls":[` + strings.Join(list, ",") + `]}`) }
	two := map[string]string{calls + ".#.function.name": `["f","g"]`, calls + ".#.function.arguments": `["{\"a\":1}","{\"b\":2}"]`}
	none := map[string]string{calls + ".#.function.name": `["f","g"]`, calls + ".#.function.arguments": `["",""]`}
	hello := map[string]string{content: `"Hello"`}
	const f, g = `{\"a\":1}`, `{\"b\":2}`
	created := hostEvent("created", `,"response":`+hostResponse("in_progress", "[]"))
	completed := hostEvent("completed", `,"response":`+hostResponse("completed", "[]"))
	text := func(piece string) string {
		return hostEvent("output_text.delta", `,"item_id":"i","output_index":0,"content_index":0,"logprobs":[],"delta":"`+piece+`"`)
	}
	outputText := map[string]string{"output.0.content.0.text": `"Hello"`, "output.0.status": `"completed"`, "status": `"completed"`}

	tests := map[string]hostStream{
		// What has been told, again.
		"the message so far beside each delta": {events: []string{
			hostChunk(`"delta":{"content":"Hel"},"message":{"role":"assistant","content":"Hel"},"finish_reason":null`),
			hostChunk(`"delta":{"content":"lo"},"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"`), "[DONE]",
		}, final: hello},
		"the whole message at the end": {events: []string{
			hostDelta(`{"content":"Hel"}`), hostDelta(`{"content":"lo"}`),
			hostChunk(`"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"`), "[DONE]",
		}, final: hello},
		"the whole message beside a null delta": {events: []string{
			hostDelta(`{"content":"Hello"}`),
			hostChunk(`"delta":null,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"`), "[DONE]",
		}, final: hello},
		"messages that grow in place of deltas": {events: []string{
			hostChunk(`"message":{"role":"assistant","content":"Hel"},"finish_reason":null`),
			hostChunk(`"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"`), "[DONE]",
		}, final: hello},
		"messages with pieces in place of deltas": {events: []string{
			hostChunk(`"message":{"role":"assistant","content":"Hel"},"finish_reason":null`),
			hostChunk(`"message":{"role":"assistant","content":"lo"},"finish_reason":"stop"`), "[DONE]",
		}, final: hello},
		"the calls again in a message": {events: []string{
			toolCalls(call(`"id":"1",`, `"index":0,`, "f", f)), toolCalls(call(`"id":"2",`, `"index":1,`, "g", g)),
			hostChunk(`"delta":{},"message":{"role":"assistant","tool_calls":[` + call(`"id":"1",`, "", "f", f) + `,` + call(`"id":"2",`, "", "g", g) + `]},"finish_reason":"tool_calls"`), "[DONE]",
		}, final: two},
		"the calls again in a message alone": {events: []string{
			toolCalls(call(`"id":"1",`, `"index":0,`, "f", f)), toolCalls(call(`"id":"2",`, `"index":1,`, "g", g)),
			hostChunk(`"message":{"role":"assistant","tool_calls":[` + call(`"id":"1",`, "", "f", f) + `,` + call(`"id":"2",`, "", "g", g) + `]},"finish_reason":"tool_calls"`), "[DONE]",
		}, final: two},
		"role and finish_reason in every chunk": {events: []string{
			hostChunk(`"delta":{"role":"assistant","content":"Hel"},"finish_reason":""`),
			hostChunk(`"delta":{"role":"assistant","content":"lo"},"finish_reason":"stop"`),
			hostChunk(`"delta":{"role":"assistant","content":""},"finish_reason":"stop"`), "[DONE]",
		}, final: map[string]string{content: `"Hello"`, "choices.0.finish_reason": `"stop"`}},
		"usage in every chunk": {events: []string{
			strings.Replace(hostDelta(`{"content":"Hel"}`), `"model"`, `"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2},"model"`, 1),
			strings.Replace(hostDelta(`{"content":"lo"}`), `"model"`, `"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3},"model"`, 1), hostStop, "[DONE]",
		}, final: map[string]string{content: `"Hello"`, "usage.total_tokens": "3"}},

		// Calls that nothing tells apart but what they are.
		"calls without index and ID":              {events: []string{toolCalls(call("", "", "f", f)), toolCalls(call("", "", "g", g)), hostCalls, "[DONE]"}, final: two},
		"calls without index and ID in one chunk": {events: []string{toolCalls(call("", "", "f", f), call("", "", "g", g)), hostCalls, "[DONE]"}, final: two},
		"calls with empty IDs":                    {events: []string{toolCalls(call(`"id":"",`, "", "f", f)), toolCalls(call(`"id":"",`, "", "g", g)), hostCalls, "[DONE]"}, final: two},
		"calls with null for index and ID":        {events: []string{toolCalls(call(`"id":null,`, `"index":null,`, "f", f)), toolCalls(call(`"id":null,`, `"index":null,`, "g", g)), hostCalls, "[DONE]"}, final: two},
		"calls at one index, with other IDs":      {events: []string{toolCalls(call(`"id":"1",`, `"index":0,`, "f", f)), toolCalls(call(`"id":"2",`, `"index":0,`, "g", g)), hostCalls, "[DONE]"}, final: two},
		"calls at one index in one chunk":         {events: []string{toolCalls(call("", `"index":0,`, "f", f), call("", `"index":0,`, "g", g)), hostCalls, "[DONE]"}, final: two},
		"calls without arguments in one chunk":    {events: []string{toolCalls(call("", "", "f", ""), call("", "", "g", "")), hostCalls, "[DONE]"}, final: none},
		"calls without arguments":                 {events: []string{toolCalls(call("", "", "f", "")), toolCalls(call("", "", "g", "")), hostCalls, "[DONE]"}, final: none},
		"calls in pieces without index and ID":    {events: []string{toolCalls(call("", "", "f", `{\"a`)), toolCalls(`{"function":{"arguments":"\":1}"}}`), toolCalls(call("", "", "g", `{\"b`)), toolCalls(`{"function":{"arguments":"\":2}"}}`), hostCalls, "[DONE]"}, final: two},
		"the same function twice, without ID":     {events: []string{toolCalls(call("", "", "f", f)), toolCalls(call("", "", "f", g)), hostCalls, "[DONE]"}, final: map[string]string{calls + ".#.function.name": `["f","f"]`}},
		"the same function twice, in one chunk":   {events: []string{toolCalls(call("", "", "f", f), call("", "", "f", f)), hostCalls, "[DONE]"}, final: map[string]string{calls + ".#.function.name": `["f","f"]`}},
		"an object as arguments":                  {events: []string{toolCalls(`{"id":"1","index":0,"type":"function","function":{"name":"f","arguments":{"a":1}}}`), hostCalls, "[DONE]"}, final: map[string]string{calls + ".#.function.name": `["f"]`}},

		// The end.
		"finished without [DONE]":            {events: []string{hostDelta(`{"content":"Hello"}`), hostStop}, final: hello},
		"not finished, without [DONE]":       {events: []string{hostDelta(`{"content":"Hello"}`)}, final: hello, cut: true},
		"usage behind the finish, no [DONE]": {events: []string{hostDelta(`{"content":"Hello"}`), hostStop, `{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`}, final: map[string]string{content: `"Hello"`, "usage.total_tokens": "2"}},
		"[DONE] with space and CR":           {events: []string{hostDelta(`{"content":"Hello"}`), hostStop, "data:  [DONE] \r"}, final: hello},

		// Heartbeats.
		"heartbeat: comment":           {events: []string{": ping", hostDelta(`{"content":"Hello"}`), ": ping", hostStop, "[DONE]"}, final: hello},
		"heartbeat: name without data": {events: []string{"event: ping", hostDelta(`{"content":"Hello"}`), hostStop, "[DONE]"}, final: hello},
		"heartbeat: empty data":        {events: []string{"data:", hostDelta(`{"content":"Hello"}`), hostStop, "[DONE]"}, final: hello},
		"heartbeat: empty object":      {events: []string{"event: ping\ndata: {}", hostDelta(`{"content":"Hello"}`), hostStop, "[DONE]"}, final: hello},
		"heartbeat: type":              {events: []string{`{"type":"ping"}`, hostDelta(`{"content":"Hello"}`), `{"type":"keepalive","time":1}`, hostStop, "[DONE]"}, final: map[string]string{content: `"Hello"`, "type": "", "time": ""}},
		"an event of the host's own":   {events: []string{"event: x.progress\ndata: {\"percent\":5}", hostDelta(`{"content":"Hello"}`), hostStop, "[DONE]"}, final: map[string]string{content: `"Hello"`, "percent": ""}},
		"heartbeat in a response":      {operation: "createResponse", events: []string{created, `{"type":"keepalive"}`, "event: ping\ndata: {}", text("Hello"), completed}, final: map[string]string{"output.0.content.0.text": `"Hello"`}},
		"unknown event in a response":  {operation: "createResponse", events: []string{created, hostEvent("oracle.delta", `,"delta":"x"`), text("Hello"), completed}, final: map[string]string{"output.0.content.0.text": `"Hello"`}},

		// Responses with less than the API sends.
		"no output_item and content_part": {operation: "createResponse", events: []string{created, text("Hel"), text("lo"), completed}, final: outputText},
		"no done":                         {operation: "createResponse", events: []string{created, hostEvent("output_item.added", `,"output_index":0,"item":{"id":"i","type":"message","role":"assistant","status":"in_progress","content":[]}`), text("Hello"), completed}, final: outputText},
		"the text again when done":        {operation: "createResponse", events: []string{created, text("Hel"), text("lo"), hostEvent("output_text.done", `,"item_id":"i","output_index":0,"content_index":0,"text":"Hello","logprobs":[]`), completed}, final: outputText},
		"arguments done without name":     {operation: "createResponse", events: []string{created, hostEvent("output_item.added", `,"output_index":0,"item":{"id":"i","type":"function_call","call_id":"c","name":"f","arguments":"","status":"in_progress"}`), hostEvent("function_call_arguments.delta", `,"item_id":"i","output_index":0,"delta":"{}"`), hostEvent("function_call_arguments.done", `,"item_id":"i","output_index":0,"arguments":"{}"`), completed}, final: map[string]string{"output.0.name": `"f"`, "output.0.arguments": `"{}"`, "output.0.call_id": `"c"`, "output.0.status": `"completed"`}},
		"arguments done alone":            {operation: "createResponse", events: []string{created, hostEvent("output_item.added", `,"output_index":0,"item":{"id":"i","type":"function_call","call_id":"c","name":"f","arguments":"","status":"in_progress"}`), hostEvent("function_call_arguments.done", `,"item_id":"i","output_index":0,"arguments":"{}"`), completed}, final: map[string]string{"output.0.arguments": `"{}"`}},
		"item done alone":                 {operation: "createResponse", events: []string{created, hostEvent("output_item.done", `,"output_index":0,"item":{"id":"i","type":"function_call","call_id":"c","name":"f","arguments":"{}","status":"completed"}`), completed}, final: map[string]string{"output.0.arguments": `"{}"`}},
		"incomplete":                      {operation: "createResponse", events: []string{created, text("Hello"), hostEvent("incomplete", `,"response":`+hostResponse("incomplete", "[]"))}, final: map[string]string{"output.0.content.0.text": `"Hello"`, "output.0.status": `"incomplete"`}},
		"no completed":                    {operation: "createResponse", events: []string{created, text("Hello")}, final: map[string]string{"output.0.content.0.text": `"Hello"`, "output.0.status": `"in_progress"`}, cut: true},
		"[DONE] without completed":        {operation: "createResponse", events: []string{created, text("Hello"), "[DONE]"}, final: map[string]string{"output.0.content.0.text": `"Hello"`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			params := client.Params(chat())
			if test.operation == "createResponse" {
				params = client.Params{"model": "m", "input": "i"}
			} else {
				test.operation = "createChatCompletion"
			}
			tier := schema.Lenient // heartbeats are not errors in a stricter one either
			if strings.Contains(name, "heartbeat") || strings.Contains(name, "event") {
				tier = schema.Standard
			}
			s, err := openStream(t, responding(200, "text/event-stream", test.body()), test.operation, params, client.WithResponseValidation(tier))
			if err != nil {
				t.Fatal(err)
			}
			r, err := s.Final()
			if cut := errors.As(err, new(*client.TruncatedError)); cut != test.cut || err != nil && !cut {
				t.Fatalf("got %v, want cut off: %t", err, test.cut)
			}
			got := make(map[string]string)
			for path := range test.final {
				got[path] = gjson.GetBytes(r.Raw(), path).Raw
			}
			if diff := cmp.Diff(test.final, got); diff != "" {
				t.Errorf("final (-want +got):\n%s\n%s", diff, r.Raw())
			}
		})
	}
}
