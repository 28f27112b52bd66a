package schema_test

import "testing"

// TestMistakeAcrossAPIs gives one operation what belongs to another, in the
// built-in document, and in one whose hints are a stranger's.
func TestMistakeAcrossAPIs(t *testing.T) {
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
			`CreateResponse: /input/0/content/0/type: got "text", want one of "input_text", "input_image", "input_file"; in the Responses API this is "input_text" (InputTextContent)`,
		},
		"chat's image in a response": {
			"CreateResponse", `{"model":"m","input":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}`,
			`CreateResponse: /input/0/content/0/type: got "image_url", want one of "input_text", "input_image", "input_file"; in the Responses API this is "input_image", with the address itself as "image_url" (InputContent)`,
		},
		"a response's text in a chat": {
			"CreateChatCompletionRequest", `{"model":"m","messages":[{"role":"user","content":[{"type":"input_text","text":"x"}]}]}`,
			`CreateChatCompletionRequest: /messages/0/content/0/type: got "input_text", want one of "text", "image_url", "input_audio", "file"; in the chat API this is "text" (ChatCompletionRequestMessageContentPartText)`,
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

func TestHintOfAStrangersDocument(t *testing.T) {
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
