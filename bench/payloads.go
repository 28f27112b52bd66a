package bench

import (
	"fmt"
	"strings"
)

// Payload is a valid body with the component that it is an instance of, and the
// path that takes it ("" for a response).
type Payload struct {
	Name      string
	Component string
	Path      string
	Body      string
}

// smallChat is the least chat completion request.
const smallChat = `{"model":"gpt-4o-mini","messages":[{"role":"system","content":"You are terse."},{"role":"user","content":"Name a moon of Saturn."}]}`

// Payloads returns the bodies whose validation is measured.
func Payloads() []Payload {
	return []Payload{
		{"chat_small", "CreateChatCompletionRequest", "/chat/completions", smallChat},
		{"chat_20_messages_5_tools", "CreateChatCompletionRequest", "/chat/completions", largeChat()},
		{"createResponse", "CreateResponse", "/responses", createResponse},
		{"response_5_items", "Response", "", fiveItems()},
		{"stream_delta", "ResponseStreamEvent", "", streamDelta},
	}
}

const streamDelta = `{"type":"response.output_text.delta","sequence_number":7,"item_id":"msg_1","output_index":0,"content_index":0,"delta":" Titan","logprobs":[]}`

func largeChat() string {
	var b strings.Builder
	b.WriteString(`{"model":"gpt-4o-mini","temperature":0.2,"max_completion_tokens":800,"messages":[{"role":"system","content":"You are a travel agent who answers in one paragraph and asks back when a date is missing."}`)
	for i := range 9 {
		fmt.Fprintf(&b, `,{"role":"user","content":[{"type":"text","text":"Question %d: which trains leave Vienna for Trieste after nine?"}]}`, i)
		fmt.Fprintf(&b, `,{"role":"assistant","content":"Answer %d: one at 09:25 and one at 12:58, both with a change in Udine, and a night train at 21:27."}`, i)
	}
	b.WriteString(`,{"role":"user","content":"Book the second one."}],"tools":[`)
	for i := range 5 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"function","function":{"name":"tool_%d","description":"Books a seat on one train","strict":true,"parameters":{"type":"object","properties":{"train":{"type":"string"},"seats":{"type":"integer","minimum":1}},"required":["train","seats"],"additionalProperties":false}}}`, i)
	}
	b.WriteString(`],"tool_choice":"auto"}`)
	return b.String()
}

const createResponse = `{"model":"gpt-4o-mini","instructions":"Answer in one sentence.","temperature":0.3,"max_output_tokens":400,"store":false,"input":[{"role":"user","content":[{"type":"input_text","text":"What is in this picture, and where was it taken?"},{"type":"input_image","image_url":"https://example.com/a.png","detail":"auto"}]},{"type":"function_call","call_id":"call_1","name":"locate","arguments":"{\"lat\":48.2}"},{"type":"function_call_output","call_id":"call_1","output":"Vienna"},{"role":"user","content":"Translate the answer into Italian."}],"tools":[{"type":"function","name":"locate","description":"Names the place at a position","strict":true,"parameters":{"type":"object","properties":{"lat":{"type":"number"},"lon":{"type":"number"}},"required":["lat","lon"],"additionalProperties":false}},{"type":"web_search"}],"text":{"format":{"type":"json_schema","name":"answer","strict":true,"schema":{"type":"object","properties":{"text":{"type":"string"}},"required":["text"],"additionalProperties":false}}},"metadata":{"trip":"42","agent":"north"}}`

func fiveItems() string {
	const message = `{"id":"msg_%d","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Titan is the largest moon of Saturn.","annotations":[],"logprobs":[]}]}`
	items := []string{
		`{"id":"rs_1","type":"reasoning","summary":[]}`,
		`{"id":"ws_1","type":"web_search_call","status":"completed","action":{"type":"search","query":"moons of Saturn"}}`,
		fmt.Sprintf(message, 1),
		`{"id":"fc_1","type":"function_call","call_id":"call_1","name":"locate","arguments":"{}","status":"completed"}`,
		fmt.Sprintf(message, 2),
	}
	return `{"id":"resp_1","object":"response","created_at":1767225600,"status":"completed","error":null,"incomplete_details":null,"instructions":null,"max_output_tokens":null,"model":"gpt-4o-mini","output":[` +
		strings.Join(items, ",") +
		`],"parallel_tool_calls":true,"previous_response_id":null,"reasoning":{"effort":null,"summary":null},"store":true,"temperature":1.0,"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_p":1.0,"truncation":"disabled","usage":{"input_tokens":20,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":30,"output_tokens_details":{"reasoning_tokens":10},"total_tokens":50},"metadata":{}}`
}
