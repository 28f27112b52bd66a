package openai_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/opcall/opcall/client/openai"
)

// TestInvalidBatchOutputLinesAreErrorsOfTheirOwn: lines that are not results are errors of their own, and cost
// no other line.
func TestInvalidBatchOutputLinesAreErrorsOfTheirOwn(t *testing.T) {
	h := newFileHost(t)
	h.finish = func(b *hostedBatch, lines []map[string]any) {
		b.out.WriteString("\xef\xbb\xbf\n")
		h.succeed(b, map[string]any{"custom_id": "stranger", "body": lines[0]["body"]})
		b.out.WriteString("{cut\n[1]\n" + `{"id":"x","custom_id":5,"response":null}` + "\n\n")
		h.succeed(b, lines[0])
		h.succeed(b, lines[0])
		b.out.WriteString(`{"custom_id":"b","more":1,"response":{"status_code":200,"body":{"id":5}}}` + "\n")
		b.out.WriteString(`{"id":"x","custom_id":"c"}` + "\n")
		b.out.WriteString(`{"id":"x","custom_id":"d","response":{"status_code":200,"body":{"error":{"message":"inside"}}}}`)
	}
	b := newBatch(t, h.client(t), openai.BatchOptions{})
	for _, id := range []string{"a", "b", "c", "d"} {
		add(t, b, id, "createChatCompletion", ask(id))
	}
	var got []string
	for result, err := range start(t, b).Results(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("%s %T", result.CustomID, result.Err)
		var odd *openai.BatchLineError
		if errors.As(result.Err, &odd) {
			text = fmt.Sprintf("%s line %d: %s", odd.CustomID, odd.Line, odd.Reason)
		}
		got = append(got, text)
		if result.CustomID == "b" && (len(result.Findings) == 0 || len(result.Response.Findings()) == 0) {
			t.Errorf("b: got findings %v and %v, want some of the line and of the response", result.Findings, result.Response.Findings())
		}
	}
	want := []string{
		"a <nil>", "b <nil>", "c line 10: got neither a response with a status_code nor an error", "d *client.APIError",
		`stranger line 2: no call of the batch has the custom_id "stranger"`, " line 3: got no custom_id, by which results are known",
		" line 4: got no custom_id, by which results are known", " line 5: got no custom_id, by which results are known",
		`a line 8: the call "a" has had a result already`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestBatchWithoutItsCalls: where the input file is gone, results come as they stand.
func TestBatchWithoutItsCalls(t *testing.T) {
	h := newFileHost(t)
	c := h.client(t)
	b := newBatch(t, c, openai.BatchOptions{})
	add(t, b, "a", "createChatCompletion", ask("A"))
	add(t, b, "b", "createChatCompletion", ask("B"))
	run := c.ResumeBatch(start(t, b).IDs()...)
	delete(h.files, "file-1")
	if got := idsOf(t, run, false); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("got %q", got)
	}
}

// A loop over results may end in any way: its files are removed.
func TestResultsLeaveNoFilesHoweverTheLoopEnds(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	h := newFileHost(t)
	b := newBatch(t, h.client(t), openai.BatchOptions{})
	add(t, b, "a", "createChatCompletion", ask("A"))
	add(t, b, "b", "createChatCompletion", ask("B"))
	run := start(t, b)
	for name, end := range map[string]func(){
		"a panic":           func() { panic("stop") },
		"the end of a test": runtime.Goexit,
	} {
		var files []os.DirEntry
		var running sync.WaitGroup
		running.Go(func() {
			defer func() { _ = recover() }()
			for range run.Results(t.Context()) {
				files, _ = os.ReadDir(dir)
				end()
			}
		})
		running.Wait()
		if len(files) == 0 {
			t.Errorf("%s: there were no files to remove", name)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("%s: left %v, %v", name, left, err)
		}
	}
}
