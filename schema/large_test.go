package schema_test

import (
	"strings"
	"testing"
)

// What is large and in order is accepted: the bounds on the walk are for
// documents that send a value through ever more schemas.
func TestLargeValuesInOrderAreValid(t *testing.T) {
	t.Parallel()
	times := func(n int, text string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(text+",", n), ",") + "]"
	}
	filter := strings.Repeat(`{"type":"and","filters":[`, 120) + `{"type":"eq","key":"a","value":"b"}` + strings.Repeat(`]}`, 120)
	many, image := 20_000, 2<<20
	if testing.Short() {
		many, image = many/10, image/10
	}
	tests := map[string]struct{ component, text string }{
		"items of a response": {"CreateResponse", `{"model":"m","input":` + times(many/2, `{"role":"user","content":[{"type":"input_text","text":"a"}]},{"type":"function_call_output","call_id":"c","output":"42"}`) + `}`},
		"messages of a chat":  {"CreateChatCompletionRequest", `{"model":"m","messages":` + times(many, `{"role":"user","content":"a"}`) + `}`},
		"an image":            {"CreateChatCompletionRequest", `{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,` + strings.Repeat("QUJD", image) + `"}}]}]}`},
		"embeddings":          {"CreateEmbeddingResponse", `{"object":"list","model":"m","usage":{"prompt_tokens":1,"total_tokens":1},"data":` + times(many/100, `{"object":"embedding","index":1,"embedding":`+times(1536, `-0.012345`)+`}`) + `}`},
		"filters in filters":  {"VectorStoreSearchRequest", `{"query":"x","filters":` + filter + `}`},
	}
	doc := builtin(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := doc.Validate(tt.component, tt.text); err != nil {
				t.Error(err)
			}
			if found := doc.Check(tt.component, []byte(tt.text)); found != nil {
				t.Error(found)
			}
		})
	}
}
