package client_test

import (
	"encoding/json"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// TestCallRefusesStream calls operations with params that ask for their events,
// which Call would not read.
func TestCallRefusesStream(t *testing.T) {
	const chatWant = `createChatCompletion: /stream: got true, which asks for an event stream: leave it out and use Stream, which sets it`
	tests := map[string]struct {
		operation string
		params    any
		opts      []client.CallOption
		want      string // "" where it is sent
	}{
		"params": {"createChatCompletion", chat("stream", true), nil, chatWant},
		"JSON":   {"createChatCompletion", json.RawMessage(`{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream": true }`), nil, chatWant},
		"input":  {"createChatCompletion", client.Input{Body: chat("stream", true)}, nil, chatWant},
		"extra body": {
			"createChatCompletion", chat(),
			[]client.CallOption{client.WithExtraBody("stream", true)},
			chatWant,
		},
		"extra body, by pointer": {
			"createChatCompletion", chat(),
			[]client.CallOption{client.WithExtraBody("/stream", true)},
			chatWant,
		},
		"extra body takes it back": {
			"createChatCompletion", chat("stream", true),
			[]client.CallOption{client.WithExtraBody("stream", false)},
			"",
		},
		"query parameter": {
			"getResponse",
			client.Params{"response_id": "r", "stream": true},
			nil,
			`getResponse: query /stream: got true, which asks for an event stream: leave it out and use Stream, which sets it`,
		},
		"form": {
			"createImageEdit",
			client.Params{"image": image, "prompt": "p", "stream": true},
			nil,
			`createImageEdit: /stream: got true, which asks for an event stream: leave it out and use Stream, which sets it`,
		},
		"another field": {
			"createSpeech",
			client.Params{"model": "m", "input": "Hi", "voice": "alloy", "stream_format": "sse"},
			nil,
			`createSpeech: /stream_format: got "sse", which asks for an event stream: leave it out and use Stream, which sets it`,
		},
		"with other mistakes": {
			"createChatCompletion", chat("stream", true, "temprature", 1, "n", "two"), nil,
			"createChatCompletion: 3 problems\n" +
				"  /stream: got true, which asks for an event stream: leave it out and use Stream, which sets it\n" +
				`  /n: got string "two", want integer or null (CreateChatCompletionRequest)` + "\n" +
				`  /temprature: unknown field "temprature"; did you mean "temperature"? (CreateChatCompletionRequest)`,
		},
		"with other mistakes, lenient": {"createChatCompletion", chat("stream", true, "temprature", 1), []client.CallOption{client.WithRequestValidation(schema.Lenient)}, chatWant},
		"another value":                {"createSpeech", client.Params{"model": "m", "input": "Hi", "voice": "alloy", "stream_format": "audio"}, nil, ""},
		"false":                        {"createChatCompletion", chat("stream", false), nil, ""},
		"null":                         {"createChatCompletion", chat("stream", nil), nil, ""},
		"nothing validated":            {"createChatCompletion", chat("stream", true), []client.CallOption{client.WithRequestValidation(schema.Off)}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := newWitness(t, responding(200, "application/json", `{}`))
			c := newClient(t, client.WithBaseURL(server.URL+"/v1"), client.WithAPIKey("sk-test-0123456789"))
			r, err := c.Call(t.Context(), test.operation, test.params, test.opts...)
			if r != nil {
				r.Close()
			}
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if sent := len(server.all()); sent != 1 && test.want == "" || sent != 0 && test.want != "" {
				t.Errorf("%d requests were sent", sent)
			}
		})
	}
}
