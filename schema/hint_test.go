package schema_test

import "testing"

// TestFieldOfAnotherAPIHintsAtItsName gives one operation what belongs to another, in the
// built-in document, and in one whose hints are a stranger's.
func TestFieldOfAnotherAPIHintsAtItsName(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ component, instance, want string }{
		"messages in a response": {
			"CreateResponse", `{"model":"m","messages":[]}`,
			`CreateResponse: /messages: unknown field "messages"; in the Responses API this is "input" (CreateResponse)`,
		},
		"response_format in a response": {
			"CreateResponse", `{"model":"m","input":"x","response_format":{}}`,
			`CreateResponse: /response_format: unknown field "response_format"; in the Responses API this is "format" in "text" (CreateResponse)`,
		},
		"input in a chat": {
			"CreateChatCompletionRequest", `{"model":"m","messages":[{"role":"user","content":"x"}],"input":"x"}`,
			`CreateChatCompletionRequest: /input: unknown field "input"; in the chat API this is "messages" (CreateChatCompletionRequest)`,
		},
		"max_output_tokens in a chat": {
			"CreateChatCompletionRequest", `{"model":"m","messages":[{"role":"user","content":"x"}],"max_output_tokens":1}`,
			`CreateChatCompletionRequest: /max_output_tokens: unknown field "max_output_tokens"; in the chat API this is "max_completion_tokens" (CreateChatCompletionRequest)`,
		},
		"chat's text in a response": {
			"CreateResponse", `{"model":"m","input":[{"role":"user","content":[{"type":"text","text":"x"}]}]}`,
			`CreateResponse: /input/0/content/0/type: got "text", want one of "input_text", "input_image", "input_file"; in the Responses API this is "input_text", or "output_text" in messages of the role "assistant" (InputTextContent)`,
		},
		"chat's image in a response": {
			"CreateResponse", `{"model":"m","input":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}`,
			`CreateResponse: /input/0/content/0/type: got "image_url", want one of "input_text", "input_image", "input_file"; in the Responses API this is "input_image", with the address itself as "image_url" (InputContent)`,
		},
		"a response's text in a chat": {
			"CreateChatCompletionRequest", `{"model":"m","messages":[{"role":"user","content":[{"type":"input_text","text":"x"}]}]}`,
			`CreateChatCompletionRequest: /messages/0/content/0/type: got "input_text", want one of "text", "image_url", "input_audio", "file"; in the chat API this is "text" (ChatCompletionRequestMessageContentPartText)`,
		},
		"result of a tool in a response": {
			"CreateResponse", `{"model":"m","input":[{"role":"tool","tool_call_id":"c","content":"x"}]}`,
			`CreateResponse: 2 problems
  /input/0/role: got "tool", want one of "user", "assistant", "system", "developer"; in the Responses API this is an item of the type "function_call_output", with "call_id" and "output" (EasyInputMessage)
  /input/0/tool_call_id: unknown field "tool_call_id"; in the Responses API this is "call_id" of an item of the type "function_call_output" (InputItem)`,
		},
		"calls of a chat in a response": {
			"CreateResponse", `{"model":"m","input":[{"role":"assistant","content":"","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}]}`,
			`CreateResponse: /input/0/tool_calls: unknown field "tool_calls"; in the Responses API each call is an item of its own, of the type "function_call" (EasyInputMessage)`,
		},
		"calls of a chat in a conversation": {
			"CreateConversationBody", `{"items":[{"role":"assistant","content":"","tool_calls":[]}]}`,
			`CreateConversationBody: /items/0/tool_calls: unknown field "tool_calls"; in the Responses API each call is an item of its own, of the type "function_call" (EasyInputMessage)`,
		},
		"stop in a response": {
			"CreateResponse", `{"model":"m","input":"x","stop":"y"}`,
			`CreateResponse: /stop: unknown field "stop"; the Responses API has no counterpart (CreateResponse)`,
		},
		"messages in a count of tokens": {
			"TokenCountsBody", `{"model":"m","messages":[]}`,
			`TokenCountsBody: /messages: unknown field "messages"; in the Responses API this is "input" (TokenCountsBody)`,
		},
		"instructions of other APIs": {
			"CreateResponse", `{"model":"m","system":"Be brief."}`,
			`CreateResponse: /system: unknown field "system"; in the Responses API this is "instructions" (CreateResponse)`,
		},
		"messages in a beta compaction": {
			"BetaCompactResponseMethodPublicBody", `{"model":"m","messages":[]}`,
			`BetaCompactResponseMethodPublicBody: /messages: unknown field "messages"; in the Responses API this is "input" (BetaCompactResponseMethodPublicBody)`,
		},
		"usage of a chat's stream": {
			"CreateResponse", `{"model":"m","input":"x","stream_options":{"include_usage":true}}`,
			`CreateResponse: /stream_options/include_usage: unknown field "include_usage"; in the Responses API the last event of a stream has the usage in any case (ResponseStreamOptions)`,
		},
		"chat's tool in a response": {
			"CreateResponse", `{"model":"m","input":"x","tools":[{"type":"function","function":{"name":"f","parameters":{}}}]}`,
			`CreateResponse: /tools/0/function: unknown field "function"; its "name" and "parameters" belong one level up (FunctionTool)`,
		},
		"chat's tool in a Realtime session": {
			"RealtimeClientEventSessionUpdate", `{"type":"session.update","session":{"type":"realtime","tools":[{"type":"function","function":{"name":"f"}}]}}`,
			`RealtimeClientEventSessionUpdate: /session/tools/0/function: unknown field "function"; its "name", "description" and "parameters" belong one level up (RealtimeFunctionTool)`,
		},
		"a response's tool in a chat": {
			"CreateChatCompletionRequest", `{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","name":"f"}]}`,
			`CreateChatCompletionRequest: /tools/0: missing property "function"; "name" belongs in it (ChatCompletionTool)`,
		},
		"a response's search in a chat": {
			"CreateChatCompletionRequest", `{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"web_search"}]}`,
			`CreateChatCompletionRequest: /tools/0/type: got "web_search", want one of "function", "custom"; in the chat API this is "web_search_options", beside "tools" (CreateChatCompletionRequest)`,
		},
		"a response's text of the system in a chat": {
			"CreateChatCompletionRequest", `{"model":"m","messages":[{"role":"system","content":[{"type":"input_text","text":"x"}]}]}`,
			`CreateChatCompletionRequest: /messages/0/content/0/type: got "input_text", want "text"; in the chat API this is "text" (ChatCompletionRequestMessageContentPartText)`,
		},
		"a response's text of the assistant in a chat": {
			"CreateChatCompletionRequest", `{"model":"m","messages":[{"role":"assistant","content":[{"type":"output_text","text":"x"}]}]}`,
			`CreateChatCompletionRequest: /messages/0/content/0/type: got "output_text", want one of "text", "refusal"; in the chat API this is "text" (ChatCompletionRequestMessageContentPartText)`,
		},
		"a response's item in a chat": {
			"CreateChatCompletionRequest", `{"model":"m","messages":[{"type":"function_call_output","call_id":"c","output":"x"}]}`,
			`CreateChatCompletionRequest: /messages/0: missing property "role", which says what this is: one of "developer", "system", "user", "assistant", "tool", "function"; in the chat API this is a message of the role "tool", with "tool_call_id" and "content" (ChatCompletionRequestMessage)`,
		},
		"a text in place of a list": {
			"CreateResponse", `{"model":"m","input":"x","include":"y"}`,
			`CreateResponse: /include: got string "y", want array of IncludeEnum or null (CreateResponse)`,
		},
		"a text in place of messages": {
			"CreateChatCompletionRequest", `{"model":"m","messages":"Hi"}`,
			`CreateChatCompletionRequest: /messages: got string "Hi", want array of ChatCompletionRequestMessage (CreateChatCompletionRequest)`,
		},
		"a typing mistake": {
			"CreateChatCompletionRequest", `{"model":"m","messages":[{"role":"user","content":"x"}],"temprature":1}`,
			`CreateChatCompletionRequest: /temprature: unknown field "temprature"; did you mean "temperature"? (CreateChatCompletionRequest)`,
		},
	}
	doc := builtin(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := doc.Validate(tt.component, tt.instance); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("%s:\n got %s\nwant %s", tt.instance, got, tt.want)
			}
		})
	}
}

func TestHintsOfAStrangerAreEscapedOrIgnored(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ hints, want string }{
		"a line end": {`{"fields":{"b":"is\nFORGED"}}`, `X: /b: unknown field "b"; is\nFORGED (X)`},
		"no string":  {`{"fields":{"b":{"c":1}}}`, `X: /b: unknown field "b" (X)`},
		"no object":  {`{"fields":["b"]}`, `X: /b: unknown field "b" (X)`},
		"of a value": {`{"values":{"b":"is"}}`, `X: /b: unknown field "b" (X)`},
		"empty":      {`{"fields":{"b":""}}`, `X: /b: unknown field "b" (X)`},
	} {
		doc := open(t, of(`{"type":"object","properties":{"long":{}},"x-opcall-hints":`+tt.hints+`}`))
		if err := doc.Validate("X", `{"b":1}`); err == nil || err.Error() != tt.want {
			t.Errorf("%s:\n got %v\nwant %s", name, err, tt.want)
		}
	}
}
