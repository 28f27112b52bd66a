package schema_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

func loadBuiltin() (*schema.Document, error) {
	return schema.Load(embed.OpenAI(), schema.WithoutChecks())
}

var sharedBuiltin = sync.OnceValues(loadBuiltin)

// builtin returns the built-in document, which the tests share with all that it has
// compiled. What depends on a first use takes openBuiltin.
func builtin(tb testing.TB) *schema.Document {
	tb.Helper()
	doc, err := sharedBuiltin()
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

// openBuiltin opens the built-in document.
func openBuiltin(tb testing.TB) *schema.Document {
	tb.Helper()
	doc, err := loadBuiltin()
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

// The payloads of the benchmarks, as programs send and receive them.
const (
	smallChat = `{"model":"gpt-4o","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"Hello!"}],"temperature":0.2}`

	weatherTool = `{"type":"function","function":{"name":"get_weather_%d","description":"The weather of a place, now or within a week.","parameters":{"type":"object","properties":{"place":{"type":"string","description":"A town"},"day":{"type":"integer","minimum":0,"maximum":7},"unit":{"type":"string","enum":["celsius","fahrenheit"]}},"required":["place"]}}}`

	mediumResponse = `{"model":"gpt-4o","instructions":"Answer in one sentence, and say where you have it from.","input":[` +
		`{"role":"user","content":[{"type":"input_text","text":"What is on this picture, and where was it taken?"},{"type":"input_image","image_url":"https://example.com/picture.png","detail":"auto"}]},` +
		`{"type":"function_call","call_id":"call_1","name":"locate","arguments":"{\"picture\":1}"},` +
		`{"type":"function_call_output","call_id":"call_1","output":"Zermatt"}],` +
		`"tools":[{"type":"function","name":"locate","description":"Finds the place where a picture was taken.","strict":true,"parameters":{"type":"object","properties":{"picture":{"type":"integer"}},"required":["picture"],"additionalProperties":false}},` +
		`{"type":"web_search","search_context_size":"low"}],` +
		`"tool_choice":"auto","temperature":0.3,"max_output_tokens":1200,"text":{"format":{"type":"json_schema","name":"answer","strict":true,"schema":{"type":"object","properties":{"place":{"type":"string"}},"required":["place"],"additionalProperties":false}}},` +
		`"metadata":{"job":"42"},"store":true,"stream":true,"parallel_tool_calls":true}`

	answer = `{"id":"resp_1","object":"response","created_at":1741476542,"status":"completed","error":null,"incomplete_details":null,"instructions":null,"max_output_tokens":null,"model":"gpt-4o-2024-08-06","output":[` +
		`{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Looking at the mountain."}]},` +
		`{"type":"function_call","id":"fc_1","call_id":"call_1","name":"locate","arguments":"{}","status":"completed"},` +
		`{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"Matterhorn"}},` +
		`{"type":"file_search_call","id":"fs_1","status":"completed","queries":["Matterhorn"],"results":null},` +
		`{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"It is the Matterhorn, seen from Zermatt.","annotations":[{"type":"url_citation","start_index":0,"end_index":10,"url":"https://example.com","title":"Zermatt"}]}]}],` +
		`"parallel_tool_calls":true,"previous_response_id":null,"reasoning":{"effort":null,"summary":null},"store":true,"temperature":1.0,"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_p":1.0,"truncation":"disabled","usage":{"input_tokens":36,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":87,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":123},"metadata":{}}`

	delta = `{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"In","sequence_number":7,"logprobs":[]}`
)

// longChat is a conversation of 20 messages with 5 tools, 4.5 KB.
func longChat() string {
	var messages, tools []string
	messages = append(messages, `{"role":"system","content":"You plan journeys, and ask when you are not sure."}`)
	for i := range 4 {
		messages = append(messages,
			fmt.Sprintf(`{"role":"user","content":"How is the weather in town number %d, and what should I take with me?"}`, i),
			fmt.Sprintf(`{"role":"assistant","content":null,"tool_calls":[{"id":"call_%d","type":"function","function":{"name":"get_weather_%d","arguments":"{\"place\":\"town\"}"}}]}`, i, i),
			fmt.Sprintf(`{"role":"tool","tool_call_id":"call_%d","content":"sunny, 20 degrees"}`, i),
			`{"role":"assistant","content":"It is sunny and warm: a shirt and a hat will do."}`)
	}
	messages = append(messages,
		`{"role":"user","content":[{"type":"text","text":"And here?"},{"type":"image_url","image_url":{"url":"https://example.com/picture.png","detail":"low"}}]}`,
		`{"role":"assistant","content":"That is a glacier; take boots."}`,
		`{"role":"user","content":"Thank you. Write it all down for me, please."}`)
	for i := range 5 {
		tools = append(tools, fmt.Sprintf(weatherTool, i))
	}
	return `{"model":"gpt-4o","messages":[` + strings.Join(messages, ",") + `],"tools":[` + strings.Join(tools, ",") + `],"tool_choice":"auto","temperature":0.7,"max_completion_tokens":800}`
}

// payloads are validated by the benchmarks; each rejected one is a neighbour of an
// accepted one.
var payloads = []struct {
	name, component, text string
	mistakes              int
}{
	{"chat small", "CreateChatCompletionRequest", smallChat, 0},
	{"chat small rejected", "CreateChatCompletionRequest", strings.Replace(smallChat, `"role":"user"`, `"role":"usr"`, 1), 1},
	{"chat small misspelt", "CreateChatCompletionRequest", strings.Replace(smallChat, `"temperature"`, `"temprature"`, 1), 1},
	{"chat long", "CreateChatCompletionRequest", longChat(), 0},
	{"chat long rejected", "CreateChatCompletionRequest", strings.Replace(longChat(), `"tool_call_id":"call_3",`, "", 1), 1},
	{"response request", "CreateResponse", mediumResponse, 0},
	{"response request rejected", "CreateResponse", strings.Replace(mediumResponse, `"name":"locate",`, "", 1), 1},
	{"response of 5 items", "Response", answer, 0},
	{"response rejected", "Response", strings.Replace(answer, `"call_id":"call_1",`, "", 1), 1},
	{"delta", "ResponseStreamEvent", delta, 0},
	{"delta rejected", "ResponseStreamEvent", strings.Replace(delta, `"delta":"In",`, "", 1), 1},

	// Without the tag of a union, of which every branch is possible.
	{"chat long untagged", "CreateChatCompletionRequest", untagged(longChat()), 1},
	{"response request untagged", "CreateResponse", untagged(mediumResponse), 1},
	{"response untagged", "Response", untagged(answer), 1},
	{"delta untagged", "ResponseStreamEvent", untagged(delta), 1},
}

func untagged(text string) string { return strings.Replace(text, `"type":`, `"tipe":`, 1) }

func TestBenchmarkPayloadsAreWhatTheyClaim(t *testing.T) {
	t.Parallel()
	doc := builtin(t)
	for _, p := range payloads {
		findings := doc.Check(p.component, []byte(p.text))
		if len(findings) != p.mistakes {
			t.Errorf("%s (%d bytes): got %d findings, want %d: %v", p.name, len(p.text), len(findings), p.mistakes, findings)
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	doc := openBuiltin(b)
	for _, p := range payloads {
		b.Run(p.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(p.text)))
			for b.Loop() {
				if err := doc.Validate(p.component, p.text); (err != nil) != (p.mistakes > 0) {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEvent is what a stream costs that is validated against the document, for
// each event.
func BenchmarkEvent(b *testing.B) {
	const chunk = `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1727346168,"model":"gpt-4o-2024-08-06","system_fingerprint":"fp_5050236cbd","choices":[{"index":0,"delta":{"content":" moon"},"logprobs":null,"finish_reason":null}]}`
	doc := openBuiltin(b)
	for _, p := range []struct{ name, component, text string }{
		{"chat chunk", "CreateChatCompletionStreamResponse", chunk},
		{"delta", "ResponseStreamEvent", delta},
	} {
		b.Run(p.name, func(b *testing.B) {
			s, err := doc.Component(p.component)
			if err != nil {
				b.Fatal(err)
			}
			raw := []byte(p.text)
			b.ReportAllocs()
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				if found := s.Check(raw); found != nil {
					b.Fatal(found)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		openBuiltin(b)
	}
}

// BenchmarkCompileAllComponents opens the document and compiles all of it: what is compiled
// already costs nothing.
func BenchmarkCompileAllComponents(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		openBuiltin(b).Precompile()
	}
}
