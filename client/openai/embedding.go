package openai

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/schema"
)

// EmbedRequest is a request for the embeddings of any number of texts.
type EmbedRequest struct {
	Model      string
	Texts      []string
	Dimensions *int64 // of the vectors, where the model lets them be shortened
	User       string

	// Parallel is how many requests are under way at once; 0 is 4.
	Parallel int

	// BatchSize is how many texts a request has at most, for hosts that take fewer than
	// the API does; 0 is as many as that takes, 2,048.
	BatchSize int

	// Extra holds every other field of the requests by its name in the API. Its
	// entries override the fields above; one that is nil is written as null.
	Extra map[string]any
}

// EmbedResult is the embeddings of texts.
type EmbedResult struct {
	Vectors [][]float32 // of each text, in their order
	Model   string      // as the server calls it
	Tokens  int64       // of all texts
}

// parallel is the default of EmbedRequest.Parallel.
const parallel = 4

// Embed returns the embedding of each text, in their order: Embeddings without options.
func (c *Client) Embed(ctx context.Context, model string, texts ...string) ([][]float32, error) {
	r, err := c.Embeddings(ctx, EmbedRequest{Model: model, Texts: texts})
	if err != nil {
		return nil, err
	}
	return r.Vectors, nil
}

// Embeddings returns the embeddings of texts: Call of createEmbedding, as often as the
// API's limits of inputs and tokens per request make necessary (x-opcall-inputs of the
// document; the tokens are estimated). Vectors travel as base64, and hosts that know no
// base64 may send numbers.
//
// A text that is longer than the API takes by any estimate is a
// *schema.ValidationError before anything is sent, unless requests are not validated or
// in the Lenient tier. The first error ends the requests that are under way; its text
// says which texts it is about. A response that does not have a vector for each text is
// a *client.ResponseError. Without texts nothing is sent.
func (c *Client) Embeddings(ctx context.Context, req EmbedRequest, opts ...client.CallOption) (*EmbedResult, error) {
	switch {
	case req.Parallel < 0:
		return nil, fmt.Errorf("Embeddings: got %d as Parallel, want 0 or more", req.Parallel)
	case req.BatchSize < 0:
		return nil, fmt.Errorf("Embeddings: got %d as BatchSize, want 0 or more", req.BatchSize)
	}
	b, err := c.Bind("createEmbedding", req.params(nil), opts...)
	if err != nil {
		return nil, err
	}
	limits := extension.Inputs(b.Operation)
	if req.BatchSize > 0 && (limits.Items == 0 || req.BatchSize < limits.Items) {
		limits.Items = req.BatchSize
	}
	if tier := tierOf(b); tier == schema.Standard || tier == schema.Strict {
		if err := checkTexts(req.Texts, limits); err != nil {
			return nil, err
		}
	}
	e := embedding{client: c.Client, request: req, options: opts, result: &EmbedResult{Vectors: make([][]float32, len(req.Texts))}}
	if err := e.run(ctx, splitTexts(req.Texts, limits)); err != nil {
		return nil, err
	}
	return e.result, nil
}

// tierOf is the tier that the request body is validated in.
func tierOf(b *client.Bound) schema.Tier {
	for _, part := range b.Coverage() {
		if part.Part == "request body" {
			return part.Tier
		}
	}
	return schema.Off
}

// params are those of a request for some of the texts.
func (r EmbedRequest) params(texts []string) client.Params {
	p := client.Params{"input": texts, "encoding_format": "base64"}
	setText(p, "model", r.Model)
	set(p, "dimensions", r.Dimensions)
	setText(p, "user", r.User)
	maps.Copy(p, r.Extra)
	return p
}

// embedding is a call of Embeddings under way.
type embedding struct {
	client  *client.Client
	request EmbedRequest
	options []client.CallOption

	mu     sync.Mutex
	result *EmbedResult
	err    error // the first
}

// run makes the requests, each for the texts from one index to another.
func (e *embedding) run(ctx context.Context, spans [][2]int) error {
	workers := e.request.Parallel
	if workers == 0 {
		workers = parallel
	}
	if len(spans) < 2 {
		for _, span := range spans {
			return e.batch(ctx, span[0], span[1])
		}
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work := make(chan [2]int)
	var all sync.WaitGroup
	for range min(workers, len(spans)) {
		all.Go(func() {
			for span := range work {
				if err := e.batch(ctx, span[0], span[1]); err != nil {
					e.fail(fmt.Errorf("texts %d to %d: %w", span[0], span[1]-1, err))
					cancel()
				}
			}
		})
	}
	for _, span := range spans {
		if ctx.Err() != nil {
			break
		}
		work <- span
	}
	close(work)
	all.Wait()
	if e.err == nil {
		e.err = ctx.Err() // before all were sent
	}
	return e.err
}

func (e *embedding) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err == nil {
		e.err = err
	}
}

// batch makes one request.
func (e *embedding) batch(ctx context.Context, from, to int) error {
	r, err := e.client.Call(ctx, "createEmbedding", e.request.params(e.request.Texts[from:to]), e.options...)
	if err != nil {
		return err
	}
	if err := readVectors(r, e.result.Vectors[from:to]); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.result.Model = r.Get("model").String()
	e.result.Tokens += r.Get("usage.total_tokens").Int()
	return nil
}

// splitTexts returns the texts of each request, as the indexes of the first one and of
// the one behind the last.
func splitTexts(texts []string, limits extension.InputLimits) [][2]int {
	var spans [][2]int
	from, tokens := 0, 0
	for i, text := range texts {
		more := mostTokens(text)
		full := limits.Items > 0 && i-from >= limits.Items || limits.Tokens > 0 && tokens+more > limits.Tokens
		if full && i > from {
			spans, from, tokens = append(spans, [2]int{from, i}), i, 0
		}
		tokens += more
	}
	if len(texts) > from {
		spans = append(spans, [2]int{from, len(texts)})
	}
	return slices.Clip(spans)
}

// checkTexts refuses texts that are longer than the API takes, by any estimate.
func checkTexts(texts []string, limits extension.InputLimits) error {
	invalid := &schema.ValidationError{Subject: "createEmbedding"}
	for i, text := range texts {
		if least := leastTokens(text); limits.ItemTokens > 0 && least > limits.ItemTokens && len(invalid.Problems) < 10 {
			invalid.Problems = append(invalid.Problems, schema.Problem{
				Pointer: schema.Pointer("").Append(limits.Field).Append(fmt.Sprint(i)),
				Message: fmt.Sprintf("got a text of %d bytes, %d tokens at the least, want at most %d tokens: split it", len(text), least, limits.ItemTokens),
			})
		}
	}
	if len(invalid.Problems) == 0 {
		return nil
	}
	return invalid
}
