package accumulate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/internal/sample"
)

// begunResponse is a response as it begins.
const begunResponse = `{"id":"r1","object":"response","created_at":1,"status":"in_progress","error":null,"incomplete_details":null,"instructions":null,"model":"m","tools":[],"output":[],` +
	`"parallel_tool_calls":true,"metadata":{},"tool_choice":"auto","temperature":1,"top_p":1}`

func createdEvent() string {
	return `{"type":"response.created","sequence_number":0,"response":` + begunResponse + `}`
}

// withOutput is a response that has begunResponse, with output.
func withOutput(items string) string {
	return strings.Replace(begunResponse, `"output":[]`, `"output":[`+items+`]`, 1)
}

func addedItem(item string) string {
	return `{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":` + item + `}`
}

// itemEvent is an event inside the first item.
func itemEvent(kind, members string) string {
	return `{"type":"response.` + kind + `","sequence_number":2,"item_id":"i1","output_index":0,` + members + `}`
}

func TestAccumulateResponse(t *testing.T) {
	emptyMessage := `{"id":"i1","type":"message","status":"in_progress","role":"assistant","content":[]}`
	message := func(content string) string {
		return `{"id":"i1","type":"message","status":"in_progress","role":"assistant","content":[` + content + `]}`
	}
	part := func(index, part string) string {
		return itemEvent("content_part.added", `"content_index":`+index+`,"part":`+part)
	}
	runSums(t, operationOf(t, "createResponse"), map[string]sumCase{
		"text": {
			[]string{
				createdEvent(), addedItem(emptyMessage), part("0", `{"type":"output_text","text":"","annotations":[],"logprobs":[]}`),
				itemEvent("output_text.delta", `"content_index":0,"delta":"He","logprobs":[]`), itemEvent("output_text.delta", `"content_index":0,"delta":"llo"`),
			},
			withOutput(message(`{"type":"output_text","text":"Hello","annotations":[],"logprobs":[]}`)), nil,
		},
		"log probabilities, then what is said at the end": {
			[]string{
				createdEvent(), addedItem(emptyMessage), part("0", `{"type":"output_text","text":"","annotations":[]}`),
				itemEvent("output_text.delta", `"content_index":0,"delta":"a","logprobs":[{"token":"a","logprob":-1,"bytes":[97],"top_logprobs":[]}]`),
				itemEvent("output_text.delta", `"content_index":0,"delta":"b","logprobs":[{"token":"b","logprob":-2,"bytes":[98],"top_logprobs":[]}]`),
				itemEvent("output_text.done", `"content_index":0,"text":"ab!","logprobs":[]`),
			},
			withOutput(message(`{"type":"output_text","text":"ab!","annotations":[],"logprobs":[{"token":"a","logprob":-1,"bytes":[97],"top_logprobs":[]},{"token":"b","logprob":-2,"bytes":[98],"top_logprobs":[]}]}`)), nil,
		},
		"annotations and refusals in parts": {
			[]string{
				createdEvent(), addedItem(emptyMessage), part("0", `{"type":"output_text","text":"","annotations":[],"logprobs":[]}`), part("1", `{"type":"refusal","refusal":""}`),
				itemEvent("output_text.annotation.added", `"content_index":0,"annotation_index":1,"annotation":{"type":"file_path","file_id":"f2","index":9}`),
				itemEvent("output_text.annotation.added", `"content_index":0,"annotation_index":0,"annotation":{"type":"file_path","file_id":"f1","index":9}`),
				itemEvent("refusal.delta", `"content_index":1,"delta":"N"`), itemEvent("refusal.delta", `"content_index":1,"delta":"o"`),
			},
			withOutput(message(`{"type":"output_text","text":"","annotations":[{"type":"file_path","file_id":"f1","index":9},{"type":"file_path","file_id":"f2","index":9}],"logprobs":[]},{"type":"refusal","refusal":"No"}`)), nil,
		},
		"reasoning": {
			[]string{
				createdEvent(), addedItem(`{"id":"i1","type":"reasoning","summary":[],"content":[]}`),
				itemEvent("reasoning_summary_part.added", `"summary_index":0,"part":{"type":"summary_text","text":""}`),
				itemEvent("reasoning_summary_text.delta", `"summary_index":0,"delta":"So"`), itemEvent("reasoning_summary_text.delta", `"summary_index":0,"delta":" what"`),
				part("0", `{"type":"reasoning_text","text":""}`),
				itemEvent("reasoning_text.delta", `"content_index":0,"delta":"Hm"`), itemEvent("reasoning_text.delta", `"content_index":0,"delta":"m"`),
				itemEvent("reasoning_summary_part.added", `"summary_index":1,"part":{"type":"summary_text","text":""}`),
				itemEvent("reasoning_summary_text.done", `"summary_index":1,"text":"Well"`),
			},
			withOutput(`{"id":"i1","type":"reasoning","summary":[{"type":"summary_text","text":"So what"},{"type":"summary_text","text":"Well"}],"content":[{"type":"reasoning_text","text":"Hmm"}]}`), nil,
		},
		"function arguments": {
			[]string{
				createdEvent(), addedItem(`{"id":"i1","type":"function_call","status":"in_progress","arguments":"","call_id":"c","name":"f"}`),
				itemEvent("function_call_arguments.delta", `"delta":"{"`), itemEvent("function_call_arguments.delta", `"delta":"}"`),
			},
			withOutput(`{"id":"i1","type":"function_call","status":"in_progress","arguments":"{}","call_id":"c","name":"f"}`), nil,
		},
		"custom tool input": {
			[]string{
				createdEvent(), addedItem(`{"id":"i1","type":"custom_tool_call","call_id":"c","name":"sql","input":""}`),
				itemEvent("custom_tool_call_input.delta", `"delta":"SELECT"`), itemEvent("custom_tool_call_input.delta", `"delta":" 1"`),
			},
			withOutput(`{"id":"i1","type":"custom_tool_call","call_id":"c","name":"sql","input":"SELECT 1"}`), nil,
		},
		"MCP": {
			[]string{
				createdEvent(), addedItem(`{"id":"i1","type":"mcp_call","server_label":"s","name":"t","arguments":"","status":"in_progress"}`),
				itemEvent("mcp_call_arguments.delta", `"delta":"{"`), itemEvent("mcp_call_arguments.done", `"arguments":"{\"a\":1}"`), itemEvent("mcp_call.failed", `"x":1`),
				`{"type":"response.output_item.added","output_index":1,"item":{"id":"i2","type":"mcp_list_tools","server_label":"s","tools":[]}}`,
				`{"type":"response.mcp_list_tools.in_progress","output_index":1,"item_id":"i2"}`,
			},
			withOutput(`{"id":"i1","type":"mcp_call","server_label":"s","name":"t","arguments":"{\"a\":1}","status":"failed"},{"id":"i2","type":"mcp_list_tools","server_label":"s","tools":[]}`), nil,
		},
		"code": {
			[]string{
				createdEvent(), addedItem(`{"id":"i1","type":"code_interpreter_call","status":"in_progress","code":"","container_id":"n","outputs":[]}`),
				itemEvent("code_interpreter_call_code.delta", `"delta":"1"`), itemEvent("code_interpreter_call_code.delta", `"delta":"+1"`), itemEvent("code_interpreter_call.interpreting", `"x":1`),
			},
			withOutput(`{"id":"i1","type":"code_interpreter_call","status":"interpreting","code":"1+1","container_id":"n","outputs":[]}`), nil,
		},
		"partial images": {
			[]string{
				createdEvent(), addedItem(`{"id":"i1","type":"image_generation_call","status":"in_progress","result":null}`), itemEvent("image_generation_call.generating", `"x":1`),
				itemEvent("image_generation_call.partial_image", `"partial_image_index":0,"partial_image_b64":"AAAA"`), itemEvent("image_generation_call.partial_image", `"partial_image_index":1,"partial_image_b64":"BBBB"`),
			},
			withOutput(`{"id":"i1","type":"image_generation_call","status":"generating","result":"BBBB"}`), nil,
		},
		"searches": {
			[]string{
				createdEvent(), addedItem(`{"id":"i1","type":"file_search_call","status":"in_progress","queries":[],"results":null}`), itemEvent("file_search_call.searching", `"x":1`),
				`{"type":"response.output_item.added","output_index":1,"item":{"id":"i2","type":"web_search_call","status":"in_progress","action":{"type":"search","query":"q"}}}`,
				`{"type":"response.web_search_call.completed","output_index":1,"item_id":"i2"}`,
			},
			withOutput(`{"id":"i1","type":"file_search_call","status":"searching","queries":[],"results":null},{"id":"i2","type":"web_search_call","status":"completed","action":{"type":"search","query":"q"}}`), nil,
		},
		"patches": {
			[]string{
				createdEvent(), addedItem(`{"id":"i1","type":"apply_patch_call","status":"in_progress","call_id":"c","operation":{"type":"create_file","diff":"","path":"p"}}`),
				itemEvent("apply_patch_call_operation_diff.delta", `"delta":"+a"`), itemEvent("apply_patch_call_operation_diff.delta", `"delta":"\n"`),
			},
			withOutput(`{"id":"i1","type":"apply_patch_call","status":"in_progress","call_id":"c","operation":{"type":"create_file","diff":"+a\n","path":"p"}}`), nil,
		},
		"shell commands and their output": {
			[]string{
				createdEvent(), addedItem(`{"id":"i1","type":"shell_call","status":"in_progress","call_id":"c","environment":null,"action":{"commands":[],"timeout_ms":null,"max_output_length":null}}`),
				`{"type":"response.shell_call_command.added","output_index":0,"command_index":0,"command":""}`,
				`{"type":"response.shell_call_command.delta","output_index":0,"command_index":0,"delta":"l"}`,
				`{"type":"response.shell_call_command.delta","output_index":0,"command_index":0,"delta":"s"}`,
				`{"type":"response.shell_call_command.done","output_index":0,"command_index":1,"command":"pwd"}`,
				`{"type":"response.output_item.added","output_index":1,"item":{"id":"i2","type":"shell_call_output","status":"in_progress","call_id":"c","output":[],"max_output_length":null}}`,
				`{"type":"response.shell_call_output_content.delta","output_index":1,"command_index":0,"delta":{"stdout":"a"}}`,
				`{"type":"response.shell_call_output_content.delta","output_index":1,"command_index":0,"delta":{"stdout":"b","stderr":"!"}}`,
				`{"type":"response.shell_call_output_content.done","output_index":1,"command_index":1,"output":[{"stdout":"/","stderr":"","outcome":{"type":"exit","exit_code":0}}]}`,
			},
			withOutput(`{"id":"i1","type":"shell_call","status":"in_progress","call_id":"c","environment":null,"action":{"commands":["ls","pwd"],"timeout_ms":null,"max_output_length":null}},` +
				`{"id":"i2","type":"shell_call_output","status":"in_progress","call_id":"c","output":[{"stdout":"ab","stderr":"!"},{"stdout":"/","stderr":"","outcome":{"type":"exit","exit_code":0}}],"max_output_length":null}`),
			[]string{`/output/1/output/0: missing property "outcome"`},
		},
		"joined late, in the middle of items": {
			[]string{
				`{"type":"response.output_text.delta","item_id":"i7","output_index":7,"content_index":1,"delta":"lo","logprobs":[]}`,
				`{"type":"response.output_text.delta","item_id":"i7","output_index":7,"content_index":1,"delta":"!","logprobs":[]}`,
				`{"type":"response.reasoning_summary_text.delta","item_id":"i8","output_index":8,"summary_index":0,"delta":"so"}`,
				`{"type":"response.function_call_arguments.done","item_id":"i9","output_index":9,"name":"f","arguments":"{}"}`,
				`{"type":"response.content_part.added","item_id":"i10","output_index":10,"content_index":0,"part":{"type":"reasoning_text","text":"x"}}`,
			},
			`{"output":[{"type":"message","id":"i7","role":"assistant","status":"in_progress","content":[{"type":"output_text","text":"lo!"}]},` +
				`{"type":"reasoning","id":"i8","summary":[{"type":"summary_text","text":"so"}]},` +
				`{"type":"function_call","id":"i9","arguments":"{}","name":"f"},` +
				`{"type":"reasoning","id":"i10","summary":[],"content":[{"type":"reasoning_text","text":"x"}]}],"object":"response","status":"in_progress"}`,
			append(slices.Repeat([]string{`/: missing property`}, 12), `/output/2: missing property "call_id"`),
		},
		"the state is told again meanwhile": {
			[]string{createdEvent(), addedItem(message(`{"type":"output_text","text":"x","annotations":[]}`)), `{"type":"response.in_progress","response":` + begunResponse + `}`},
			withOutput(message(`{"type":"output_text","text":"x","annotations":[]}`)), nil,
		},
		"another response": {
			[]string{createdEvent(), addedItem(message(`{"type":"output_text","text":"x","annotations":[]}`)), strings.Replace(createdEvent(), "r1", "r2", 1)},
			strings.Replace(begunResponse, "r1", "r2", 1), nil,
		},
		"an end that does not repeat the output": {
			[]string{createdEvent(), addedItem(message(`{"type":"output_text","text":"x","annotations":[]}`)), `{"type":"response.completed","response":` + strings.Replace(begunResponse, "in_progress", "completed", 1) + `}`},
			strings.ReplaceAll(withOutput(message(`{"type":"output_text","text":"x","annotations":[]}`)), "in_progress", "completed"), nil,
		},
		"the end is the truth": {
			[]string{createdEvent(), addedItem(emptyMessage), itemEvent("output_text.delta", `"content_index":0,"delta":"x"`), `{"type":"response.incomplete","response":` + withOutput(message(`{"type":"output_text", "text":"xyz","annotations":[]}`)) + `}`},
			withOutput(message(`{"type":"output_text", "text":"xyz","annotations":[]}`)), nil,
		},
		"a response that was not streamed": {[]string{begunResponse}, begunResponse, nil},
		"a server without output indexes, parts or types in the data": {
			[]string{
				createdEvent(), `response.output_item.added {"item":` + message("") + `}`, `response.output_text.delta {"delta":"a"}`, `response.output_text.delta {"delta":"b"}`,
			},
			withOutput(message(`{"type":"output_text","text":"ab"}`)), nil,
		},
		"events of no consequence": {
			[]string{createdEvent(), `{"type":"keepalive"}`, `{"type":"response.audio.delta","delta":"AAAA"}`, `{"type":"response.rate_limits.updated","x":1}`, `{"type":"error","error":{"message":"m"}}`, `{"type":"response.novelty.delta","output_index":0,"delta":"x"}`},
			begunResponse, nil,
		},
	})
}

// Every event of the Responses API changes the response, except those that have
// no place in it.
func TestEveryResponseEventHasItsPlace(t *testing.T) {
	op := operationOf(t, "createResponse")
	without := map[string]bool{
		"error": true, "response.audio.delta": true, "response.audio.done": true, "response.audio.transcript.delta": true, "response.audio.transcript.done": true,
		"response.mcp_list_tools.in_progress": true, "response.mcp_list_tools.completed": true, "response.mcp_list_tools.failed": true,
	}
	count := 0
	for _, branch := range gjson.GetBytes(embed.OpenAI(), "components.schemas.ResponseStreamEvent.anyOf.#.$ref").Array() {
		component := branch.String()[strings.LastIndexByte(branch.String(), '/')+1:]
		s, err := op.Document().Component(component)
		if err != nil {
			t.Fatal(err)
		}
		event, err := sample.Full(s)
		if err != nil {
			t.Fatalf("%s: %v", component, err)
		}
		count++
		a := accumulate(t, op, eventsOf([]string{createdEvent(), string(event)}))
		kind := gjson.GetBytes(event, "type").String()
		if changed := finalOf(t, a) != begunResponse; changed == without[kind] {
			t.Errorf("%s changes the response: %t, want %t", kind, changed, !without[kind])
		}
	}
	if count < 57 {
		t.Errorf("got %d events, want at least 57", count)
	}
}
