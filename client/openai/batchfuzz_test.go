package openai_test

import (
	"errors"
	"testing"

	"github.com/opcall/opcall/client/openai"
)

// FuzzBatchOutput reads any bytes as the output of a batch: each call has one result, and
// each line that is not the result of a call an error of its own.
func FuzzBatchOutput(f *testing.F) {
	f.Add([]byte(`{"id":"x","custom_id":"a","response":{"status_code":200,"body":{"id":"c"}},"error":null}`))
	f.Add([]byte("{\"custom_id\":\"b\",\"error\":{\"code\":\"x\"}}\n\n[1]\n{"))
	f.Add([]byte("\xef\xbb\xbf{\"custom_id\":\"a\",\"response\":{\"status_code\":-1,\"body\":[]}}\r\n"))
	f.Add([]byte(`{"custom_id":"a","response":{"status_code":1e99,"request_id":7,"body":"x"},"error":[]}`))
	f.Add([]byte(`{"custom_id":"a","response":{"status_code":204}}`))
	h := newFileHost(f)
	c := h.client(f)
	var output []byte
	h.finish = func(b *hostedBatch, _ []map[string]any) { b.out.Write(output) }
	f.Fuzz(func(t *testing.T, text []byte) {
		output = text
		b := newBatch(t, c, openai.BatchOptions{})
		for _, id := range []string{"a", "b"} {
			add(t, b, id, "createChatCompletion", ask(id))
		}
		calls := 0
		for result, err := range start(t, b).Results(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			var line *openai.BatchLineError
			if result.CustomID == "a" && calls == 0 || result.CustomID == "b" && calls == 1 {
				calls++
			} else if calls != 2 || !errors.As(result.Err, &line) {
				t.Errorf("got %q, %v after %d calls", result.CustomID, result.Err, calls)
			}
			if result.Err == nil && result.Response == nil {
				t.Errorf("%s: got neither a response nor an error", result.CustomID)
			}
		}
		if calls != 2 {
			t.Errorf("got the results of %d calls, want 2", calls)
		}
	})
}
