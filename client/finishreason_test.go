package client_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
)

// TestFinishReasonsThatAreNoFailure: a reason that the document does not know ends a text
// as length does, also DeepSeek's, which sounds like an error. Those that the document
// calls failures are errors. Streamed and not streamed are the same in this.
func TestFinishReasonsThatAreNoFailure(t *testing.T) {
	for reason, fails := range map[string]bool{
		`"insufficient_system_resource"`: false, `"length"`: false, `"sensitive"`: false, `"model_length"`: false,
		`"max_tokens"`: false, `"eos"`: false, `"tool_use"`: false, `"errors"`: false, `""`: false, `"ERROR_OF_A_NEW_KIND"`: false,
		`null`: false, `"error"`: true, `"network_error"`: true,
	} {
		t.Run(reason, func(t *testing.T) {
			whole := `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":` + reason +
				`,"logprobs":null,"message":{"role":"assistant","content":"par","refusal":null}}]}`
			check := func(way, text string, err error) {
				var refused *client.APIError
				switch {
				case fails && !errors.As(err, &refused):
					t.Errorf("%s: got %v, want an *APIError", way, err)
				case !fails && (err != nil || text != "par"):
					t.Errorf("%s: got %q, %v, want the text", way, text, err)
				}
			}
			c := newClient(t, client.WithBaseURL(newWitness(t, responding(200, "application/json", whole)).URL), client.WithAPIKey("sk-test-0123456789"))
			text := func(r *client.Response, err error) (string, error) {
				if r == nil {
					return "", err
				}
				return r.Get("choices.0.message.content").String(), err
			}
			got, err := text(c.Call(t.Context(), "createChatCompletion", chat()))
			check("Call", got, err)
			chunk := strings.Replace(deltaChunk(0, "par"), `"finish_reason":null`, `"finish_reason":`+reason, 1)
			s, err := openStream(t, sseAnswer(dataLines(chunk, "[DONE]")), "createChatCompletion", chat())
			if err != nil {
				t.Fatal(err)
			}
			got, err = text(s.Final())
			check("Stream", got, err)
		})
	}
}
