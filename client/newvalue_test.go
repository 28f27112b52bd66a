package client_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// What the API may take tomorrow is sent with the option and without.
func TestNewValuesPassWithTheOptionAlone(t *testing.T) {
	message := func(m client.Params) client.Params { return chat("messages", []any{m}) }
	tests := map[string]struct {
		operation string
		params    client.Params
		want      []string // findings
		still     string   // a part of what is refused all the same
	}{
		"enum":             {"createChatCompletion", chat("reasoning_effort", "ultra"), []string{"unknown_member /reasoning_effort"}, ""},
		"const":            {"createChatCompletion", chat("prediction", client.Params{"type": "guess", "content": "x"}), []string{"unknown_value /prediction/type"}, ""},
		"enum in a list":   {"createResponse", client.Params{"model": "m", "input": "i", "include": []string{"new.thing"}}, []string{"unknown_value /include/0"}, ""},
		"nested enum":      {"createResponse", client.Params{"model": "m", "input": "i", "reasoning": client.Params{"effort": "ultra"}}, []string{"unknown_member /reasoning/effort"}, ""},
		"tool":             {"createResponse", client.Params{"model": "m", "input": "i", "tools": []any{client.Params{"type": "oracle", "depth": 3}}}, []string{"unknown_member /tools/0/type"}, ""},
		"tool of a chat":   {"createChatCompletion", chat("tools", []any{client.Params{"type": "oracle", "oracle": client.Params{"depth": 3}}}), []string{"unknown_member /tools/0/type"}, ""},
		"item":             {"createResponse", client.Params{"model": "m", "input": []any{client.Params{"type": "oracle_call", "depth": 3}}}, []string{"unknown_member /input/0/type"}, ""},
		"role":             {"createChatCompletion", message(client.Params{"role": "narrator", "content": "x"}), []string{"unknown_member /messages/0/role"}, ""},
		"part":             {"createChatCompletion", message(client.Params{"role": "user", "content": []any{client.Params{"type": "video", "video": client.Params{"url": "u"}}}}), []string{"unknown_member /messages/0/content/0/type"}, ""},
		"query parameter":  {"listFiles", client.Params{"order": "random"}, []string{"unknown_value query /order"}, ""},
		"multipart field":  {"createFile", client.Params{"file": image, "purpose": "dreams"}, []string{"unknown_value /purpose"}, ""},
		"several":          {"createImage", client.Params{"prompt": "p", "quality": "ultra", "output_format": "avif"}, []string{"unknown_value /output_format", "unknown_value /quality"}, ""},
		"nothing new":      {"createChatCompletion", chat(), nil, ""},
		"wrong type":       {"createChatCompletion", chat("reasoning_effort", 5), nil, "/reasoning_effort: got number 5"},
		"null":             {"createImage", client.Params{"prompt": "p", "output_format": nil, "size": 5}, nil, "/size: got number 5"},
		"unknown field":    {"createChatCompletion", chat("reasoning_effort", "ultra", "temprature", 1), nil, `unknown field "temprature"`},
		"field of a tool":  {"createResponse", client.Params{"model": "m", "input": "i", "tools": []any{client.Params{"type": "function", "name": "f", "depth": 3}}}, nil, `unknown field "depth"`},
		"misspelt keyword": {"createResponse", client.Params{"model": "m", "input": "i", "tools": []any{client.Params{"type": "function", "name": "f", "parameters": client.Params{"requird": []string{"a"}}}}}, nil, `unknown keyword "requird"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := newWitness(t, responding(200, "application/json", `{}`))
			var found []string
			findings := client.WithFindings(func(operationID string, list []schema.Finding) {
				for _, f := range list {
					if len(server.all()) == 0 { // of the request
						place, _, _ := strings.Cut(f.String(), ":")
						found = append(found, place)
					}
				}
			})
			c := newClient(t, client.WithBaseURL(server.URL+"/v1"), client.WithAPIKey("sk-test-0123456789"), findings)
			if err := c.Validate(test.operation, test.params); (err == nil) != (test.want == nil && test.still == "") {
				t.Errorf("without the option: %v", err)
			}
			r, err := c.Call(t.Context(), test.operation, test.params, client.WithNewValues())
			if r != nil {
				defer r.Close()
			}
			if _, invalid := err.(*schema.ValidationError); invalid != (test.still != "") || !strings.Contains(fmt.Sprint(err), test.still) {
				t.Errorf("with the option: %v, want %q", err, test.still)
			}
			if diff := cmp.Diff(test.want, found); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if sent := len(server.all()); (sent == 1) != (test.still == "") {
				t.Errorf("%d requests arrived", sent)
			}
		})
	}
}

// TestNewValuesOfResponses in the tier that refuses them.
func TestNewValuesOfResponses(t *testing.T) {
	whole := `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"logprobs":null,"finish_reason":"bored","message":{"role":"assistant","content":"a","refusal":null}}]}`
	chunk := strings.Replace(deltaChunk(0, "a"), `"finish_reason":null`, `"finish_reason":"bored"`, 1)
	standard := client.WithResponseValidation(schema.Standard)
	call := func(body string, opts ...client.CallOption) error {
		server := newWitness(t, responding(200, "application/json", body))
		c := newClient(t, client.WithBaseURL(server.URL+"/v1"), client.WithAPIKey("sk-test-0123456789"))
		_, err := c.Call(t.Context(), "createChatCompletion", chat(), append(opts, standard)...)
		return err
	}
	stream := func(body string, opts ...client.CallOption) error {
		s, err := openStream(t, responding(200, "text/event-stream", dataLines(body, "[DONE]")), "createChatCompletion", chat(), append(opts, standard)...)
		if err != nil {
			return err
		}
		_, err = s.Final()
		return err
	}
	for name, test := range map[string]struct {
		read func(body string, opts ...client.CallOption) error
		body string
	}{"response": {call, whole}, "event": {stream, chunk}} {
		t.Run(name, func(t *testing.T) {
			if err := test.read(test.body); err == nil || !strings.Contains(err.Error(), `got "bored"`) {
				t.Errorf("without the option: %v", err)
			}
			if err := test.read(test.body, client.WithNewValues()); err != nil {
				t.Errorf("with the option: %v", err)
			}
			wrong := strings.Replace(test.body, `"index":0`, `"index":"0"`, 1)
			if err := test.read(wrong, client.WithNewValues()); err == nil || !strings.Contains(err.Error(), `got string "0"`) {
				t.Errorf("with a wrong type as well: %v", err)
			}
		})
	}
}
