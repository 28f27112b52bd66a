package clienttest_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

// TestServerDoesWhatTheRequestAsksFor: calls the tool that it forces, writes the JSON
// that it describes, and has the probabilities that it wants, streamed or not.
func TestServerDoesWhatTheRequestAsksFor(t *testing.T) {
	object := json.RawMessage(`{"type":"object","properties":{"city":{"$ref":"#/$defs/name"},"days":{"type":"integer","minimum":2}},"required":["city","days"],"$defs":{"name":{"type":"string","enum":["Paris","Rome"]}}}`)
	chatTools := []any{
		client.Params{"type": "function", "function": client.Params{"name": "now"}},
		client.Params{"type": "function", "function": client.Params{"name": "weather", "parameters": object}},
	}
	tools := []any{client.Params{"type": "function", "name": "now"}, client.Params{"type": "function", "name": "weather", "parameters": object}}
	customInChat := []any{client.Params{"type": "custom", "custom": client.Params{"name": "shell"}}}
	const instance = `{"city":"Paris","days":2}`
	tests := map[string]struct {
		operation string
		more      client.Params
		want      map[string]string // by path
	}{
		"chat, any tool": {"createChatCompletion", client.Params{"tools": chatTools, "tool_choice": "required"}, map[string]string{
			"choices.0.message.tool_calls.0.function.name": "now", "choices.0.message.tool_calls.0.function.arguments": "{}", "choices.0.message.content": "", "choices.0.finish_reason": "tool_calls",
		}},
		"chat, this tool": {"createChatCompletion", client.Params{"tools": chatTools, "tool_choice": client.Params{"type": "function", "function": client.Params{"name": "weather"}}}, map[string]string{
			"choices.0.message.tool_calls.0.function.name": "weather", "choices.0.message.tool_calls.0.function.arguments": instance,
		}},
		"chat, tools as it likes": {"createChatCompletion", client.Params{"tools": chatTools, "tool_choice": "auto"}, map[string]string{"choices.0.message.content": ownText, "choices.0.message.tool_calls.#": ""}},
		"chat, JSON of a schema":  {"createChatCompletion", client.Params{"response_format": client.Params{"type": "json_schema", "json_schema": client.Params{"name": "x", "schema": object}}}, map[string]string{"choices.0.message.content": instance}},
		"chat, JSON":              {"createChatCompletion", client.Params{"response_format": client.Params{"type": "json_object"}}, map[string]string{"choices.0.message.content": "{}"}},
		"chat, probabilities":     {"createChatCompletion", client.Params{"logprobs": true, "top_logprobs": 2}, map[string]string{"choices.0.logprobs.content.0.token": "This", "choices.0.logprobs.content.0.top_logprobs.#": "2", "choices.0.logprobs.content.0.bytes.0": "84"}},
		"chat, speech": {"createChatCompletion", client.Params{"modalities": []string{"text", "audio"}, "audio": client.Params{"voice": "alloy", "format": "pcm16"}}, map[string]string{
			"choices.0.message.content": "", "choices.0.message.audio.transcript": ownText, "choices.0.message.audio.data": strings.Repeat("A", 64), "choices.0.message.audio.expires_at": "1767229200",
		}},
		"completion, probabilities": {"createCompletion", client.Params{"prompt": "Hi", "input": nil, "logprobs": 2}, map[string]string{
			"choices.0.logprobs.tokens.1": " is", "choices.0.logprobs.text_offset.2": "7", "choices.0.logprobs.token_logprobs.0": "-0.1", "choices.0.logprobs.top_logprobs.0.This\\.": "-1.1",
		}},
		"response, any tool":      {"createResponse", client.Params{"tools": tools, "tool_choice": "required"}, map[string]string{"output.0.type": "function_call", "output.0.name": "now", "output.0.arguments": "{}"}},
		"response, this tool":     {"createResponse", client.Params{"tools": tools, "tool_choice": client.Params{"type": "function", "name": "weather"}}, map[string]string{"output.#": "1", "output.0.name": "weather", "output.0.arguments": instance}},
		"response, allowed tools": {"createResponse", client.Params{"tools": tools, "tool_choice": client.Params{"type": "allowed_tools", "mode": "required", "tools": []any{client.Params{"type": "function", "name": "now"}}}}, map[string]string{"output.0.name": "now"}},
		"chat, a custom tool": {"createChatCompletion", client.Params{"tools": customInChat, "tool_choice": client.Params{"type": "custom", "custom": client.Params{"name": "shell"}}}, map[string]string{
			"choices.0.message.tool_calls.0.type": "custom", "choices.0.message.tool_calls.0.custom.name": "shell", "choices.0.message.tool_calls.0.custom.input": ownText, "choices.0.finish_reason": "tool_calls",
		}},
		"response, a custom tool": {"createResponse", client.Params{"tools": []any{client.Params{"type": "custom", "name": "shell"}}, "tool_choice": "required"}, map[string]string{
			"output.#": "1", "output.0.type": "custom_tool_call", "output.0.name": "shell", "output.0.input": ownText, "output.0.call_id": "call_test_1",
		}},
		"response, a hosted tool": {"createResponse", client.Params{"tools": []any{client.Params{"type": "web_search"}}, "tool_choice": "required"}, map[string]string{"output.0.content.0.text": ownText}},
		"response, JSON":          {"createResponse", client.Params{"text": client.Params{"format": client.Params{"type": "json_schema", "name": "x", "schema": object}}}, map[string]string{"output.0.content.0.text": instance}},
		"response, probabilities": {"createResponse", client.Params{"include": []string{"message.output_text.logprobs"}, "top_logprobs": 1}, map[string]string{"output.0.content.0.logprobs.1.token": " is", "output.0.content.0.logprobs.1.top_logprobs.#": "1"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			params := client.Params{"model": "m", "input": "Hi"}
			if test.operation == "createChatCompletion" {
				params = maps.Clone(hello)
			}
			maps.Copy(params, test.more)
			maps.DeleteFunc(params, func(_ string, value any) bool { return value == nil })
			server := clienttest.NewServer(t)
			c := server.Client(client.WithResponseValidation(schema.Standard))
			whole, err := c.Call(t.Context(), test.operation, params)
			if err != nil {
				t.Fatal(err)
			}
			s, err := c.Stream(t.Context(), test.operation, params)
			if err != nil {
				t.Fatal(err)
			}
			streamed, err := s.Final()
			if err != nil {
				t.Fatal(err)
			}
			for way, r := range map[string]*client.Response{"whole": whole, "streamed": streamed} {
				got := make(map[string]string)
				for path := range test.want {
					got[path] = r.Get(path).String()
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s%s", way, diff, r.Raw())
				}
			}
		})
	}
}

// A schema that cannot be followed leaves the text.
func TestServerWritesTextWhereNoInstanceCanBeMade(t *testing.T) {
	server := clienttest.NewServer(t)
	for name, given := range map[string]string{"dangling": `{"$ref":"#/$defs/none"}`, "itself": `{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}`, "nothing": `{"allOf":[{"type":"string"},{"type":"object"}]}`} {
		r, err := server.Client().Call(t.Context(), "createChatCompletion", client.Params{
			"model": "m", "messages": hello["messages"],
			"response_format": client.Params{"type": "json_schema", "json_schema": client.Params{"name": "x", "schema": json.RawMessage(given)}},
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := r.Get("choices.0.message.content").String(); got != ownText {
			t.Errorf("%s: got %q, want the text", name, got)
		}
	}
}
