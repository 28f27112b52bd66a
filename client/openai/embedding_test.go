package openai_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/schema"
)

// TestEmbeddingsKeepTheirOrder over many requests, which stay within the limits.
func TestEmbeddingsKeepTheirOrder(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.From(server.Client())
	texts := make([]string, 5000)
	for i := range texts {
		texts[i] = fmt.Sprintf("text %d", i)
	}
	got, err := c.Embeddings(t.Context(), openai.EmbedRequest{Model: "text-embedding-3-small", Texts: texts, Dimensions: new(int64(8))})
	if err != nil {
		t.Fatal(err)
	}
	requests := server.Requests()
	if len(requests) != 3 || len(got.Vectors) != 5000 || got.Model != "text-embedding-3-small" {
		t.Fatalf("got %d requests, %d vectors of %q", len(requests), len(got.Vectors), got.Model)
	}
	for _, r := range requests {
		if n := r.Get("input.#").Int(); n > 2048 || r.Get("encoding_format").String() != "base64" {
			t.Errorf("got %d inputs as %s", n, r.Get("encoding_format"))
		}
	}
	for _, i := range []int{0, 2047, 2048, 4095, 4096, 4999} { // one by one they are the same
		alone, err := c.Embeddings(t.Context(), openai.EmbedRequest{Model: "text-embedding-3-small", Texts: texts[i : i+1], Dimensions: new(int64(8))})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(alone.Vectors[0], got.Vectors[i]) || len(alone.Vectors[0]) != 8 {
			t.Errorf("text %d: got %v, alone %v", i, got.Vectors[i], alone.Vectors[0])
		}
	}
}

// TestEmbeddingsSplitByTokens: 40 texts of some 7,000 tokens are more than one request
// takes.
func TestEmbeddingsSplitByTokens(t *testing.T) {
	server := clienttest.NewServer(t)
	long := strings.Repeat("word and ", 3000)
	vectors, err := openai.From(server.Client()).Embed(t.Context(), "text-embedding-3-small", slices.Repeat([]string{long}, 40)...)
	if err != nil || len(vectors) != 40 {
		t.Fatalf("got %d, %v", len(vectors), err)
	}
	requests := server.Requests()
	if len(requests) < 2 {
		t.Fatalf("got %d requests", len(requests))
	}
	for _, r := range requests {
		if bytes := r.Size; bytes/3 > 310_000 {
			t.Errorf("got a request of %d bytes", bytes)
		}
	}
}

// TestEmbeddingsInSmallBatches, for hosts that take fewer texts.
func TestEmbeddingsInSmallBatches(t *testing.T) {
	server := clienttest.NewServer(t)
	texts := []string{"a", "b", "c", "d", "e"}
	got, err := openai.From(server.Client()).Embeddings(t.Context(), openai.EmbedRequest{Model: "text-embedding-3-small", Texts: texts, BatchSize: 2, Parallel: 1})
	if err != nil || len(got.Vectors) != 5 || got.Vectors[4] == nil {
		t.Fatalf("got %v, %v", got, err)
	}
	var sizes []int64
	for _, r := range server.Requests() {
		sizes = append(sizes, r.Get("input.#").Int())
	}
	if !slices.Equal(sizes, []int64{2, 2, 1}) {
		t.Errorf("got batches of %v", sizes)
	}
}

// TestEmbedRequestTellsZeroFromAbsent on the wire.
func TestEmbedRequestTellsZeroFromAbsent(t *testing.T) {
	t.Parallel()
	h := newHost(t, responding("application/json", `{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[0.5,-1]}]}`))
	c := openai.From(mustClient(t, client.WithBaseURL(h.URL), client.WithRequestValidation(schema.Lenient), client.WithUnknownFields()))
	for name, tt := range map[string]struct {
		request openai.EmbedRequest
		want    string
	}{
		"absent": {openai.EmbedRequest{Model: "m", Texts: []string{"x"}}, `{"encoding_format":"base64","input":["x"],"model":"m"}`},
		"zero":   {openai.EmbedRequest{Model: "m", Texts: []string{"x"}, Dimensions: new(int64(0)), User: "u"}, `{"dimensions":0,"encoding_format":"base64","input":["x"],"model":"m","user":"u"}`},
		"extra": {
			openai.EmbedRequest{Model: "m", Texts: []string{"x"}, Extra: map[string]any{"encoding_format": "float", "input_type": "query"}},
			`{"encoding_format":"float","input":["x"],"input_type":"query","model":"m"}`,
		},
	} {
		got, err := c.Embeddings(t.Context(), tt.request)
		if err != nil || !slices.Equal(got.Vectors[0], []float32{0.5, -1}) {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
		if body := h.last(t).Body; body != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", name, body, tt.want)
		}
	}
}

// mustClient makes a client that takes nothing from the environment, in parallel tests.
func mustClient(t *testing.T, opts ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(append([]client.Option{client.WithoutEnvironment(), client.WithAPIKey("k"), client.WithMaxRetries(0)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestEmbeddingsThatDoNotFit are errors, never vectors of other texts.
func TestEmbeddingsThatDoNotFit(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ body, want string }{
		"one too few":    {`{"data":[{"index":0,"embedding":"AACAPw=="}]}`, "got 1 vectors, want one for each of 2 texts"},
		"twice":          {`{"data":[{"index":0,"embedding":"AACAPw=="},{"index":0,"embedding":"AACAPw=="}]}`, "got a vector for text 0 of 2, or a second one"},
		"past the end":   {`{"data":[{"index":0,"embedding":"AACAPw=="},{"index":2,"embedding":"AACAPw=="}]}`, "got a vector for text 2 of 2"},
		"index of text":  {`{"data":[{"index":"0","embedding":"AACAPw=="}]}`, `got "0" as the index of a vector, want a number`},
		"no data":        {`{"object":"list","model":"m"}`, "got a response without data, want a list of vectors"},
		"null":           {`{"object":"list","data":[{"index":0,"embedding":null}]}`, "vector 0: got null, want base64 or a list of numbers"},
		"none":           {`{"object":"list","data":[{"index":0}]}`, "vector 0: got none"},
		"no base64":      {`{"object":"list","data":[{"index":0,"embedding":"*"}]}`, "vector 0: illegal base64 data"},
		"half a number":  {`{"object":"list","data":[{"index":0,"embedding":"AAA="}]}`, "vector 0: got 2 bytes, want 4 per number"},
		"texts as items": {`{"object":"list","data":[{"index":0,"embedding":["a"]}]}`, `vector 0: got "a", want a number`},
		"too large":      {`{"object":"list","data":[{"index":0,"embedding":[1e99]}]}`, "vector 0: got 1e99, want a number"},
		"an error":       {`{"error":{"message":"no such model","type":"invalid_request_error"}}`, "no such model"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t, responding("application/json", tt.body))
			vectors, err := openai.From(mustClient(t, client.WithBaseURL(h.URL))).Embed(t.Context(), "m", "a", "b")
			var unusable *client.ResponseError
			var refused *client.APIError
			if !errors.As(err, &unusable) && !errors.As(err, &refused) || !strings.Contains(fmt.Sprint(err), tt.want) || vectors != nil {
				t.Errorf("got %v, %v, want %s", vectors, err, tt.want)
			}
		})
	}
}

// TestEmbeddingsOfBadInput: a text that is too long is refused before anything is
// sent, the first error ends the rest, and nothing to embed is nothing to send.
func TestEmbeddingsOfBadInput(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.From(server.Client())
	var invalid *schema.ValidationError
	_, err := c.Embed(t.Context(), "m", "short", strings.Repeat("many words ", 20_000))
	if !errors.As(err, &invalid) || !strings.Contains(err.Error(), "/input/1: got a text of 220000 bytes, 27500 tokens at the least, want at most 8192 tokens: split it") {
		t.Errorf("too long: got %v", err)
	}
	if _, err := c.Embed(t.Context(), "m", strings.Repeat(" ", 100_000)); errors.As(err, &invalid) {
		t.Errorf("blanks, of which a token has many: got %v", err)
	}
	if vectors, err := c.Embed(t.Context(), "m"); err != nil || vectors == nil || len(vectors) != 0 {
		t.Errorf("no texts: got %v, %v", vectors, err)
	}
	if _, err := c.Embed(t.Context(), "", "x"); !errors.As(err, &invalid) || !strings.Contains(err.Error(), `missing property "model"`) {
		t.Errorf("no model: got %v", err)
	}
	if _, err := c.Embeddings(t.Context(), openai.EmbedRequest{Model: "m", Texts: []string{"x"}, Parallel: -1}); err == nil {
		t.Error("a negative Parallel is taken")
	}
	if _, err := c.Embeddings(t.Context(), openai.EmbedRequest{Model: "m", Texts: []string{"x"}, BatchSize: -1}); err == nil {
		t.Error("a negative BatchSize is taken")
	}
	var none context.Context
	if _, err := c.Embed(none, "m", "x"); err == nil {
		t.Error("a nil context is taken")
	}
	server.Respond("createEmbedding", clienttest.ErrorAnswer(400, "invalid_request_error", "too many"))
	_, err = c.Embed(t.Context(), "m", slices.Repeat([]string{"x"}, 5000)...)
	var refused *client.APIError
	if !errors.As(err, &refused) || !strings.HasPrefix(err.Error(), "texts ") {
		t.Errorf("refused: got %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Embed(ended, "m", slices.Repeat([]string{"x"}, 5000)...); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: got %v", err)
	}
}

// TestEmbeddingsAsNumbers: a host that knows no base64 is read all the same.
func TestEmbeddingsAsNumbers(t *testing.T) {
	t.Parallel()
	h := newHost(t, responding("application/json", `{"object":"list","data":[{"embedding":[1,2e-3]},{"embedding":[]}]}`))
	c, err := openai.New(openai.Compatible(h.URL))
	if err != nil {
		t.Fatal(err)
	}
	vectors, err := c.Embed(t.Context(), "m", "a", strings.Repeat("many words ", 20_000)) // other hosts have other limits
	if err != nil || !slices.Equal(vectors[0], []float32{1, 0.002}) || vectors[1] == nil || len(vectors[1]) != 0 {
		t.Errorf("got %v, %v", vectors, err)
	}
	if got := math.Float32bits(vectors[0][0]); got != math.Float32bits(1) {
		t.Errorf("got %x", got)
	}
}

// Parts have one verdict together.
func TestModerateHasAVerdictPerText(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.From(server.Client())
	verdicts, err := c.Moderate(t.Context(), "one", "two")
	if err != nil || len(verdicts) != 2 || len(verdicts[0].Categories) == 0 || len(verdicts[0].Scores) == 0 {
		t.Fatalf("got %+v, %v", verdicts, err)
	}
	if got := server.LastRequest("createModeration").Get("@this").Raw; got != `{"input":["one","two"]}` {
		t.Errorf("got %s", got)
	}
	r, err := c.Moderation(t.Context(), openai.ModerateRequest{
		Model: "omni-moderation-latest", Parts: []openai.Part{openai.Text("x"), openai.ImageURL("https://example.com/a.png")},
	})
	if err != nil || len(r.Verdicts()) == 0 {
		t.Fatalf("got %v, %v", r, err)
	}
	if _, err := c.Moderate(t.Context()); err == nil {
		t.Error("a request without anything to moderate is sent")
	}
	server.Respond("createModeration", clienttest.Answer{Body: map[string]any{"id": "m", "model": "m", "results": []any{}}})
	var unusable *client.ResponseError
	if _, err := c.Moderate(t.Context(), "one"); !errors.As(err, &unusable) {
		t.Errorf("without a verdict: got %v", err)
	}
}

func TestModerationFlagsAreThoseOfTheServer(t *testing.T) {
	t.Parallel()
	h := newHost(t, responding("application/json", `{"id":"m","model":"m","results":[{"flagged":true,"categories":{"violence":true,"hate":false},"category_scores":{"violence":0.9},"category_applied_input_types":{"violence":["text"]}}]}`))
	verdicts, err := openai.From(mustClient(t, client.WithBaseURL(h.URL))).Moderate(t.Context(), "x")
	if err != nil || !verdicts[0].Flagged || !verdicts[0].Categories["violence"] || verdicts[0].Categories["hate"] || verdicts[0].Scores["violence"] != 0.9 ||
		!strings.Contains(string(verdicts[0].Raw), "category_applied_input_types") {
		t.Errorf("got %+v, %v", verdicts, err)
	}
	if got := h.only(t); got.Path != "/moderations" {
		t.Errorf("got %s", got.Path)
	}
}

// FuzzVectors: whatever a host sends, there is a vector for each text, or an error.
func FuzzVectors(f *testing.F) {
	for _, seed := range []string{
		`{"data":[{"index":1,"embedding":"AACAPw=="},{"index":0,"embedding":[1,2]}]}`, `{"data":[{"embedding":"AACAPw=="},{"embedding":""}]}`,
		`{"data":{}}`, `{"data":[1,2]}`, `{"data":[{"index":-1,"embedding":"AACAPw=="}]}`, `{"data":[{"index":1e9,"embedding":[]}]}`, `{"data":[{"index":0,"embedding":"\u0041ACAPw=="}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		c := openai.From(mustClient(t, client.WithMiddleware(func(http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) { return respondTo(req, body, "X-Test", "1"), nil })
		})))
		vectors, err := c.Embed(t.Context(), "m", "a", "b")
		if err == nil && (len(vectors) != 2 || vectors[0] == nil || vectors[1] == nil) {
			t.Errorf("%q: got %v", body, vectors)
		}
	})
}
