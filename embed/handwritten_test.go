package embed_test

import "strings"

// handwritten are what the description's own text, public reports and the
// official SDKs say that the server takes or gives, where no recording has it.
var handwritten = []witness{
	// Chat.
	{"assistant message dumped with its nulls", requestTo("POST", "/chat/completions"), `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello","refusal":null,"annotations":[],"audio":null,"function_call":null,"tool_calls":null},{"role":"user","content":"again"}]}`},
	{"tools null", requestTo("POST", "/chat/completions"), `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"tools":null}`},
	{"user null", requestTo("POST", "/chat/completions"), `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"user":null}`},
	{"chunk of a completion that goes on", responseOf("POST", "/completions", 200, "text/event-stream"), `{"id":"cmpl-1","object":"text_completion","created":1,"model":"gpt-3.5-turbo-instruct","choices":[{"text":"a","index":0,"logprobs":null,"finish_reason":null}]}`},
	{"base64 embedding", responseOf("POST", "/embeddings", 200, "application/json"), `{"object":"list","model":"text-embedding-3-small","data":[{"object":"embedding","index":0,"embedding":"AACAPwAAAEA="}],"usage":{"prompt_tokens":1,"total_tokens":1}}`},

	// Tools of a response.
	{"function tool without parameters", requestTo("POST", "/responses"), withTool(`{"type":"function","name":"get_today"}`)},
	{"function tool without parameters, beta", requestTo("POST", "/responses?beta=true"), withTool(`{"type":"function","name":"get_today"}`)},
	{"function tool without parameters, counted", requestTo("POST", "/responses/input_tokens"), withTool(`{"type":"function","name":"get_today"}`)},
	{"choice of the web search", requestTo("POST", "/responses"), `{"model":"gpt-5","input":"hi","tools":[{"type":"web_search"}],"tool_choice":{"type":"web_search"}}`},
	{"choice of the web search, beta", requestTo("POST", "/responses?beta=true"), `{"model":"gpt-5","input":"hi","tools":[{"type":"web_search"}],"tool_choice":{"type":"web_search"}}`},

	// Items of a response's input.
	{"image part without detail", requestTo("POST", "/responses"), withInput(`{"role":"user","content":[{"type":"input_image","image_url":"https://example.com/a.png"}]}`)},
	{"image part without detail, as an item of a conversation", requestTo("POST", "/conversations/c/items"), `{"items":[{"role":"user","content":[{"type":"input_image","file_id":"file_1"}]}]}`},
	{"assistant message of role and text", requestTo("POST", "/responses"), withInput(`{"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"output_text","text":"hello"}]},{"role":"user","content":"again"}`)},
	{"user's message with its ID", requestTo("POST", "/responses"), withInput(`{"type":"message","id":"msg_1","role":"user","status":"completed","content":[{"type":"input_text","text":"hi"}]}`)},
	{"user's message with its ID, beta", requestTo("POST", "/responses?beta=true"), withInput(`{"type":"message","id":"msg_1","role":"user","status":"completed","content":[{"type":"input_text","text":"hi"}]}`)},
	{"image by the ID of its call", requestTo("POST", "/responses"), withInput(`{"type":"image_generation_call","id":"ig_1"}`)},
	{"image by the ID of its call, beta", requestTo("POST", "/responses?beta=true"), withInput(`{"type":"image_generation_call","id":"ig_1"}`)},
	{"image with its settings", requestTo("POST", "/responses"), withInput(generatedImage)},
	{"image with its settings, beta", requestTo("POST", "/responses?beta=true"), withInput(generatedImage)},
	{"web search that was cut off", requestTo("POST", "/responses"), withInput(`{"type":"web_search_call","id":"ws_1","status":"incomplete"}`)},
	{"web search that was cut off, beta", requestTo("POST", "/responses?beta=true"), withInput(`{"type":"web_search_call","id":"ws_1","status":"incomplete"}`)},
	{"function call with its status null", requestTo("POST", "/responses"), withInput(`{"type":"function_call","call_id":"a","name":"b","arguments":"{}","status":null}`)},
	{"function call with its status null, beta", requestTo("POST", "/responses?beta=true"), withInput(`{"type":"function_call","call_id":"a","name":"b","arguments":"{}","status":null}`)},
	{"MCP tools that could not be listed", requestTo("POST", "/responses"), withInput(`{"type":"mcp_list_tools","id":"a","server_label":"dice","tools":[],"error":{"type":"http_error","code":424,"message":"424: "}}`)},
	{"MCP tools that could not be listed, beta", requestTo("POST", "/responses?beta=true"), withInput(`{"type":"mcp_list_tools","id":"a","server_label":"dice","tools":[],"error":{"type":"mcp_protocol_error","code":-32000,"message":"closed"}}`)},
	{"approval of an MCP call", requestTo("POST", "/responses"), withInput(`{"type":"mcp_approval_response","approval_request_id":"mcpr_1","approve":true}`)},
	{"approval of an MCP call, beta", requestTo("POST", "/responses?beta=true"), withInput(`{"type":"mcp_approval_response","approval_request_id":"mcpr_1","approve":true}`)},
	{"approval of an MCP call, in a list", component("ConversationItem"), `{"type":"mcp_approval_response","id":"a","approval_request_id":"mcpr_1","approve":true}`},
	{"approval of an MCP call, in a list, beta", component("BetaItemField"), `{"type":"mcp_approval_response","id":"a","approval_request_id":"mcpr_1","approve":true}`},
	{"screenshot as an image of the input", requestTo("POST", "/responses"), withInput(`{"type":"computer_call_output","call_id":"a","output":{"type":"input_image","image_url":"data:image/png;base64,iVBORw0KGgo="}}`)},
	{"screenshot as an image of the input, beta", requestTo("POST", "/responses?beta=true"), withInput(`{"type":"computer_call_output","call_id":"a","output":{"type":"input_image","image_url":"data:image/png;base64,iVBORw0KGgo="}}`)},
	{"output of an agent with its logprobs", requestTo("POST", "/responses?beta=true"), withInput(`{"type":"multi_agent_call_output","call_id":"a","action":"spawn_agent","output":[{"type":"output_text","text":"b","annotations":[],"logprobs":[]}]}`)},

	// Realtime.
	{"reference to an item of the conversation", component("RealtimeClientEvent"), `{"type":"response.create","response":{"input":[{"type":"item_reference","id":"item_1"}]}}`},
	{"reference to an item of the conversation, beta", component("RealtimeBetaClientEvent"), `{"type":"response.create","response":{"input":[{"type":"item_reference","id":"item_1"}]}}`},
	{"reference to an item by itself", component("RealtimeConversationItemWithReference"), `{"type":"item_reference","id":"item_1"}`},
	{"beta session without a secret", component("RealtimeBetaClientEvent"), `{"type":"session.update","session":{"model":"gpt-realtime","instructions":"hi"}}`},
	{"session with what null turns off", component("RealtimeClientEvent"), `{"type":"session.update","session":{"type":"realtime","audio":{"input":{"noise_reduction":null,"transcription":null,"turn_detection":null}}}}`},
	{"transcription session with what null turns off", component("RealtimeClientEvent"), `{"type":"session.update","session":{"type":"transcription","audio":{"input":{"noise_reduction":null,"transcription":null}}}}`},
	{"beta session with what null turns off", component("RealtimeBetaClientEvent"), `{"type":"session.update","session":{"turn_detection":null,"input_audio_transcription":null,"tracing":null}}`},
	{"beta transcription session with what null turns off", component("RealtimeBetaClientEvent"), `{"type":"transcription_session.update","session":{"turn_detection":null,"input_audio_noise_reduction":null}}`},
	{"session repeats what is off", component("RealtimeSessionCreateResponseGA"), `{"type":"realtime","id":"sess_1","object":"realtime.session","audio":{"input":{"noise_reduction":null,"transcription":null}}}`},
	{"beta session repeats what is off", component("RealtimeSession"), `{"id":"sess_1","input_audio_noise_reduction":null}`},
	{"response outside of every conversation", component("RealtimeServerEvent"), `{"type":"response.done","event_id":"a","response":{"id":"b","conversation_id":null}}`},
	{"response outside of every conversation, beta", component("RealtimeBetaServerEvent"), `{"type":"response.done","event_id":"a","response":{"id":"b","conversation_id":null}}`},
	{"transcription session in an event", component("RealtimeBetaServerEvent"), transcriptionSession},

	// What the SDKs' description has or does not ask for.
	{"project with its geography", requestTo("POST", "/organization/projects"), `{"name":"a","geography":"EU"}`},
	{"project with another geography", requestTo("POST", "/organization/projects/p"), `{"name":"a","geography":null}`},
	{"upload of a user's data", requestTo("POST", "/uploads"), `{"filename":"a","purpose":"user_data","bytes":1,"mime_type":"text/plain"}`},
	{"upload for evals", requestTo("POST", "/uploads"), `{"filename":"a.jsonl","purpose":"evals","bytes":1,"mime_type":"application/jsonl"}`},
	{"file for evals", component("OpenAIFile"), `{"id":"file_1","object":"file","bytes":1,"created_at":1,"filename":"a.jsonl","purpose":"evals","status":"processed"}`},
	{"file batch of nothing yet", requestTo("POST", "/vector_stores/v/file_batches"), `{"attributes":{"a":"b"}}`},
	{"skill without files", component("CreateSkillBody"), `{}`},
	{"evaluation run before it is done", component("EvalRun"), `{"object":"eval.run","id":"evalrun_1","eval_id":"eval_1","status":"queued","model":"gpt-4o","name":"a","created_at":1,"report_url":"https://example.com/r","result_counts":{"total":0,"errored":0,"failed":0,"passed":0},"per_model_usage":null,"per_testing_criteria_results":null,"data_source":{"type":"jsonl","source":{"type":"file_id","id":"file_1"}},"metadata":{},"error":null}`},
	{"version of a skill without files", component("CreateSkillVersionBody"), `{"default":true}`},
}

// refused are what the server refuses and the official letter allows.
var refused = []witness{
	{"function name with a space", requestTo("POST", "/responses"), withTool(`{"type":"function","name":"get weather","parameters":{},"strict":false}`)},
	{"function name with a space, beta", requestTo("POST", "/responses?beta=true"), withTool(`{"type":"function","name":"get weather","parameters":{},"strict":false}`)},
	{"function name with a space, in a chat", requestTo("POST", "/chat/completions"), withFunction("tools", `{"type":"function","function":{"name":"get weather"}}`)},
	{"function name of 65 characters, in a chat", requestTo("POST", "/chat/completions"), withFunction("tools", `{"type":"function","function":{"name":"`+strings.Repeat("a", 65)+`"}}`)},
	{"function name of 129 characters", requestTo("POST", "/responses"), withTool(`{"type":"function","name":"` + strings.Repeat("a", 129) + `","parameters":{},"strict":false}`)},
	{"old function name with a space, in a chat", requestTo("POST", "/chat/completions"), withFunction("functions", `{"name":"get weather"}`)},
	{"function name with a space, of an assistant", requestTo("POST", "/assistants"), `{"model":"gpt-4o","tools":[{"type":"function","function":{"name":"get weather"}}]}`},
	{"function name with a space, of Realtime", component("RealtimeFunctionTool"), `{"type":"function","name":"get weather"}`},
	{"format name with a space", component("TextResponseFormatJsonSchema"), `{"type":"json_schema","name":"my recipe","schema":{"type":"object"}}`},
	{"output of a call without its ID", requestTo("POST", "/responses"), withInput(`{"type":"function_call_output","output":"a"}`)},
	{"output of a call without its ID, beta", requestTo("POST", "/responses?beta=true"), withInput(`{"type":"function_call_output","output":"a"}`)},
	{"output of a call without its ID, in a conversation", requestTo("POST", "/conversations/c/items"), `{"items":[{"type":"function_call_output","output":"a"}]}`},
	{"output of a call with its ID null", requestTo("POST", "/responses"), withInput(`{"type":"function_call_output","call_id":null,"output":"a"}`)},
}

func withFunction(member, tool string) string {
	return `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"` + member + `":[` + tool + `]}`
}

func withTool(tool string) string { return `{"model":"gpt-4o","input":"hi","tools":[` + tool + `]}` }

func withInput(items string) string { return `{"model":"gpt-4o","input":[` + items + `]}` }

const (
	generatedImage       = `{"type":"image_generation_call","id":"ig_1","status":"completed","result":"aGk=","revised_prompt":"a cat","action":"generate","background":"opaque","output_format":"png","quality":"high","size":"1024x1024"}`
	transcriptionSession = `{"type":"transcription_session.updated","event_id":"a","session":{"id":"sess_1","object":"realtime.transcription_session","modalities":["text"],"input_audio_format":"pcm16","input_audio_transcription":{"model":"whisper-1","language":"en"},"turn_detection":null}}`
)
