package openai_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// ask makes the params of a chat whose answer repeats the text.
func ask(text string) client.Params {
	return client.Params{"model": "m", "messages": []any{client.Params{"role": "user", "content": text}}}
}

func newBatch(tb testing.TB, c *openai.Client, options openai.BatchOptions) *openai.Batch {
	tb.Helper()
	options.Dir = tb.TempDir()
	b, err := c.NewBatch(options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := b.Close(); err != nil {
			tb.Error(err)
		}
		if left, _ := os.ReadDir(options.Dir); len(left) != 0 {
			tb.Errorf("got %v left behind", left)
		}
	})
	return b
}

func add(tb testing.TB, b *openai.Batch, id, operation string, params any, opts ...client.CallOption) {
	tb.Helper()
	if err := b.Add(id, operation, params, opts...); err != nil {
		tb.Fatal(err)
	}
}

func start(tb testing.TB, b *openai.Batch) *openai.BatchRun {
	tb.Helper()
	run, err := b.Start(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return run
}

// TestBatchYieldsEachCallOnce: results come by custom_id, in the order of the calls,
// whatever order the server writes them in, with errors among them.
func TestBatchYieldsEachCallOnce(t *testing.T) {
	h := newFileHost(t)
	h.finish = func(b *hostedBatch, lines []map[string]any) {
		for _, line := range slices.Backward(lines) {
			switch line["custom_id"] {
			case "b":
				b.refuse(line, 400, "bad_request", "too long")
			case "call-000003":
				b.refuse(line, 0, "server_error", "lost")
			default:
				h.succeed(b, line)
			}
		}
	}
	b := newBatch(t, h.client(t), openai.BatchOptions{Metadata: map[string]string{"job": "7"}})
	add(t, b, "a", "createChatCompletion", ask("A"))
	add(t, b, "b", "createChatCompletion", ask("B"))
	add(t, b, "", "createChatCompletion", ask("C"))
	add(t, b, "d", "createChatCompletion", ask("D"))
	var got []string
	for result, err := range start(t, b).Results(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case result.Err != nil:
			got = append(got, result.CustomID+": "+result.Err.Error())
		default:
			chat, err := client.Decode[struct {
				Choices []struct{ Message struct{ Content string } }
			}](result.Response)
			if err != nil || len(result.Response.Findings()) != 0 || len(result.Findings) != 0 || result.Response.RequestID() != "req_1" {
				t.Errorf("got %v, findings %v and %v", err, result.Findings, result.Response.Findings())
			}
			got = append(got, result.CustomID+": "+chat.Choices[0].Message.Content)
		}
	}
	want := []string{
		"a: A",
		"b: createChatCompletion: 400 bad_request: too long (request req_2)",
		`call-000003: batch batch_2: call "call-000003" was not carried out: "server_error": "lost"`,
		"d: D",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if m := h.batches["batch_2"].Metadata; m["job"] != "7" || m["opcall"] == "" {
		t.Errorf("got metadata %v", m)
	}
}

// TestBatchRefusesCalls: what cannot be in a batch is refused when it is added, under its
// custom_id, and leaves no trace.
func TestBatchRefusesCalls(t *testing.T) {
	h := newFileHost(t)
	b := newBatch(t, h.client(t), openai.BatchOptions{})
	add(t, b, "taken", "createChatCompletion", ask("A"))
	for name, test := range map[string]struct {
		id, operation string
		params        any
		want          []string
	}{
		"duplicate":             {"taken", "createChatCompletion", ask("B"), []string{`call "taken"`, "another call of the batch has this custom_id"}},
		"no UTF-8":              {"a\xff", "createChatCompletion", ask("B"), []string{"the custom_id is not UTF-8"}},
		"invalid":               {"x", "createChatCompletion", client.Params{"modle": "m", "messages": []any{}}, []string{`call "x"`, `did you mean "model"?`}},
		"unknown operation":     {"x", "createChatCompletions", ask("B"), []string{`call "x"`, `did you mean createChatCompletion`}},
		"not of batches":        {"x", "createSpeech", client.Params{"model": "m", "voice": "alloy", "input": "a"}, []string{"batches do not take POST /audio/speech", "/v1/embeddings"}},
		"of GET":                {"x", "listModels", nil, []string{"batches do not take GET /models"}},
		"for events":            {"x", "createChatCompletion", client.Params{"model": "m", "messages": ask("B")["messages"], "stream": true}, []string{`call "x"`, "event stream"}},
		"with a file":           {"x", "createImageEdit", client.Params{"prompt": "a", "image": client.File{Name: "a.png", Body: strings.NewReader("x")}}, []string{"multipart/form-data", "want JSON"}},
		"too many inputs":       {"x", "createEmbedding", client.Params{"model": "m", "input": slices.Repeat([]string{"a"}, 2049)}, []string{"/input"}},
		"not JSON":              {"x", "createChatCompletion", `{"model":`, []string{`call "x"`}},
		"what cannot be JSON":   {"x", "createChatCompletion", client.Params{"model": func() {}}, []string{`call "x"`}},
		"generated, if invalid": {"", "createChatCompletion", client.Params{"model": "m"}, []string{`call "call-000002"`, "messages"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := b.Add(test.id, test.operation, test.params)
			var refused *openai.CallError
			if !errors.As(err, &refused) {
				t.Fatalf("got %v, want a *CallError", err)
			}
			hasText(t, err, test.want...)
			if name == "duplicate" != errors.Is(err, openai.ErrDuplicateID) || b.Len() != 1 {
				t.Errorf("got %v, %d calls", err, b.Len())
			}
		})
	}
	if run := start(t, b); len(run.IDs()) != 1 || strings.Count(string(h.files["file-1"].Content), "\n") != 1 {
		t.Errorf("got %v and %q", run.IDs(), h.files["file-1"].Content)
	}
	if err := b.Add("late", "createChatCompletion", ask("B")); err == nil || !strings.Contains(err.Error(), "has been started") {
		t.Errorf("got %v", err)
	}
	if _, err := newBatch(t, h.client(t), openai.BatchOptions{}).Start(t.Context()); err == nil {
		t.Error("Start without calls: got no error")
	}
}

// TestBatchSplits: endpoints, models and the limits of the document make batches of their
// own; InOrder puts the results together again.
func TestBatchSplits(t *testing.T) {
	h := newFileHost(t)
	overlay := `{"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [{"target": "$.paths['/batches'].post", "update":
		{"x-opcall-batch": {"requests": 3, "bytes": 1000, "alike": ["model"], "inputs": {"/v1/embeddings": {"field": "input", "items": 4}}}}}]}`
	doc, err := schema.Load(embed.OpenAI(), schema.WithOverlay([]byte(overlay)))
	if err != nil {
		t.Fatal(err)
	}
	b := newBatch(t, h.client(t, client.WithDocument(doc)), openai.BatchOptions{})
	var want []string
	put := func(id, operation string, params client.Params) {
		want = append(want, id)
		add(t, b, id, operation, params)
	}
	for i := range 7 {
		put(fmt.Sprint("chat ", i), "createChatCompletion", ask("A"))
		put(fmt.Sprint("embed ", i), "createEmbedding", client.Params{"model": "m", "input": []string{"a", "b"}})
		if i%3 == 0 {
			put(fmt.Sprint("other ", i), "createChatCompletion", client.Params{"model": "n", "messages": ask("B")["messages"]})
		}
	}
	put("long", "createChatCompletion", ask(strings.Repeat("x", 800)))
	var large *openai.CallError
	if err := b.Add("larger", "createChatCompletion", ask(strings.Repeat("x", 1000))); !errors.As(err, &large) {
		t.Errorf("got %v, want a *CallError", err)
	}
	hasText(t, b.Add("many", "createEmbedding", client.Params{"model": "m", "input": []string{"a", "b", "c", "d", "e"}}), "it has 5 inputs, want at most the 4")

	run := start(t, b)
	for _, file := range h.files {
		if n := strings.Count(string(file.Content), "\n"); n > 3 || len(file.Content) > 1000 || strings.Contains(string(file.Content), `"m"`) && strings.Contains(string(file.Content), `"n"`) {
			t.Errorf("got %d lines, %d bytes:\n%s", n, len(file.Content), file.Content)
		}
	}
	// Chats: 3+3+1, then the long one; embeddings: two per file; the other model: 3.
	if len(run.IDs()) != 4+4+1 || len(h.batches) != len(run.IDs()) {
		t.Errorf("got %d batches, %d on the host", len(run.IDs()), len(h.batches))
	}
	for name, results := range map[string]func() []string{
		"in order": func() []string { return idsOf(t, run, true) },
		"again":    func() []string { return idsOf(t, run, true) },
		"as they come": func() []string {
			got := idsOf(t, run, false)
			if slices.Equal(got, want) {
				t.Error("as they come: got the order of the calls, want that of the batches")
			}
			slices.SortFunc(got, func(a, b string) int { return slices.Index(want, a) - slices.Index(want, b) })
			return got
		},
	} {
		if got := results(); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if got := idsOf(t, run, true); !slices.Equal(got, want) {
		t.Errorf("after Close: got %q, want %q", got, want)
	}
}

func idsOf(t *testing.T, run *openai.BatchRun, inOrder bool) (ids []string) {
	t.Helper()
	results := run.Results(t.Context())
	if inOrder {
		results = run.InOrder(t.Context())
	}
	for result, err := range results {
		if err != nil || result.Err != nil {
			t.Fatalf("%s: got %v, %v", result.CustomID, err, result.Err)
		}
		ids = append(ids, result.CustomID)
	}
	return ids
}

// TestBatchThatEndsEarly: what was done is given back, what was not is named.
func TestBatchThatEndsEarly(t *testing.T) {
	for name, test := range map[string]struct {
		finish func(h *fileHost) func(*hostedBatch, []map[string]any)
		want   map[string]string // parts of the errors
	}{
		"expired": {
			func(h *fileHost) func(*hostedBatch, []map[string]any) {
				return func(b *hostedBatch, lines []map[string]any) {
					b.Status = "expired"
					h.succeed(b, lines[1])
					b.refuse(lines[0], 0, "batch_expired", "This request could not be executed before the completion window expired.")
				}
			},
			map[string]string{"a": `"batch_expired"`, "b": "", "c": `has no result; the batch is "expired"`},
		},
		"failed at a line": {
			func(*fileHost) func(*hostedBatch, []map[string]any) {
				return func(b *hostedBatch, _ []map[string]any) {
					b.Status = "failed"
					b.Problems = []any{map[string]any{"code": "invalid_json_line", "message": "not JSON", "line": 2}}
				}
			},
			map[string]string{"a": `"invalid_json_line": "line 2: not JSON"`, "b": `"invalid_json_line": "not JSON"`, "c": "line 2"},
		},
		"half failed": {
			func(h *fileHost) func(*hostedBatch, []map[string]any) {
				return func(b *hostedBatch, lines []map[string]any) {
					h.succeed(b, lines[0])
					b.refuse(lines[1], 500, "server_error", "oops")
					b.refuse(lines[2], 429, "rate_limit_exceeded", "slow down")
				}
			},
			map[string]string{"a": "", "b": "500 server_error: oops", "c": "429 rate_limit_exceeded"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFileHost(t)
			h.finish = test.finish(h)
			c := h.client(t)
			b := newBatch(t, c, openai.BatchOptions{})
			for _, id := range []string{"a", "b", "c"} {
				add(t, b, id, "createChatCompletion", ask(id))
			}
			ids := start(t, b).IDs()
			run := c.ResumeBatch(ids...)
			if err := run.Wait(t.Context()); err != nil {
				t.Errorf("Wait: %v", err)
			}
			got := 0
			for result, err := range run.InOrder(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				got++
				want, known := test.want[result.CustomID]
				if !known || want == "" != (result.Err == nil) || result.Err != nil && !strings.Contains(result.Err.Error(), want) {
					t.Errorf("%s: got %v, want %q", result.CustomID, result.Err, want)
				}
			}
			if got != len(test.want) {
				t.Errorf("got %d results, want %d", got, len(test.want))
			}
		})
	}
}

// TestBatchIterationsEndAtErrors of the server, with the batch that they are about.
func TestBatchIterationsEndAtErrors(t *testing.T) {
	h := newFileHost(t)
	c := h.client(t)
	b := newBatch(t, c, openai.BatchOptions{})
	add(t, b, "a", "createChatCompletion", ask("A"))
	run := start(t, b)
	if err := run.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	delete(h.files, h.batches[run.IDs()[0]].Output)
	for name, run := range map[string]*openai.BatchRun{"no output": run, "no batch": c.ResumeBatch("batch_9")} {
		n := 0
		for result, err := range run.InOrder(t.Context()) {
			n++
			var refused *client.APIError
			if !errors.As(err, &refused) || result.BatchID != run.IDs()[0] {
				t.Errorf("%s: got %v, %v", name, result, err)
			}
		}
		if n != 1 {
			t.Errorf("%s: got %d results, want the error alone", name, n)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range run.Results(ctx) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the end of the context", err)
		}
	}
}

// TestBatchIsCancelled, and one that is over already is not an error.
func TestBatchIsCancelled(t *testing.T) {
	h := newFileHost(t)
	c := h.client(t)
	b := newBatch(t, c, openai.BatchOptions{})
	add(t, b, "a", "createChatCompletion", ask("A"))
	add(t, b, "b", "createEmbedding", client.Params{"model": "m", "input": "x"})
	run := start(t, b)
	if err := c.ResumeBatch(run.IDs()[1]).Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.finish = func(b *hostedBatch, lines []map[string]any) { b.refuse(lines[0], 0, "batch_cancelled", "too late") }
	if err := run.Cancel(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for result, err := range run.InOrder(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %v", result.CustomID, result.Err))
	}
	want := []string{`a batch batch_2: call "a" was not carried out: "batch_cancelled": "too late"`, "b <nil>"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := c.ResumeBatch("batch_9").Cancel(t.Context()); err == nil {
		t.Error("no such batch: got no error")
	}
}

// TestBatchStateIsThatOfTheseCalls: a state of other calls is an error that says so.
func TestBatchStateIsThatOfTheseCalls(t *testing.T) {
	h := newFileHost(t)
	state := filepath.Join(t.TempDir(), "state")
	run := func(texts ...string) ([]string, error) {
		b := newBatch(t, h.client(t), openai.BatchOptions{State: state})
		for _, text := range texts {
			add(t, b, "", "createChatCompletion", ask(text))
		}
		run, err := b.Start(t.Context())
		if err != nil {
			return nil, err
		}
		return run.IDs(), nil
	}
	first, err := run("A", "B")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := run("A", "B"); err != nil || !slices.Equal(first, again) || len(h.batches) != 1 {
		t.Errorf("got %v, %v, want the batch that there is", again, err)
	}
	for _, texts := range [][]string{{"A"}, {"B", "A"}, {"A", "B", "C"}} {
		var other *openai.StateError
		if _, err := run(texts...); !errors.As(err, &other) || !strings.Contains(err.Error(), "other calls") {
			t.Errorf("%q: got %v, want a *StateError", texts, err)
		}
	}
}

// TestBatchStartsOnceOnAServerThatFails: of a seeded share of requests that fail, in every
// way, no batch is started twice, and each call has its result once.
func TestBatchStartsOnceOnAServerThatFails(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 56))
			h := newFileHost(t)
			failed := 0
			h.faults = func(string, int) fault {
				if random.IntN(3) > 0 {
					return noFault
				}
				failed++
				return [...]fault{refuse, dropRequest, dropReply}[random.IntN(3)]
			}
			b := newBatch(t, h.client(t), openai.BatchOptions{})
			var want []string
			for i := range 200 {
				id := fmt.Sprint("call ", i)
				want = append(want, id)
				params := ask(id)
				params["model"] = fmt.Sprint("model ", i%5)
				add(t, b, id, "createChatCompletion", params)
			}
			var run *openai.BatchRun
			for calls := 1; ; calls++ {
				var err error
				if run, err = b.Start(t.Context()); err == nil {
					break
				}
				if calls == 200 {
					t.Fatal(err)
				}
			}
			h.mu.Lock()
			h.faults = nil
			h.mu.Unlock()
			if len(h.batches) != 5 || len(run.IDs()) != 5 || failed == 0 {
				t.Errorf("got %d batches on the host, %d in the run after %d failures", len(h.batches), len(run.IDs()), failed)
			}
			if got := idsOf(t, run, true); !slices.Equal(got, want) {
				t.Errorf("got %d results: %q", len(got), got)
			}
			t.Logf("%d requests failed", failed)
		})
	}
}
