package accumulate_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
	"github.com/opcall/opcall/stream"
)

var update = flag.Bool("update", false, "write golden files anew")

// recordedStream is a recorded event stream of the real API.
type recordedStream struct {
	name   string // of its file, without the extension
	op     *schema.Operation
	events []stream.Event // without [DONE]
}

func recordedStreams(tb testing.TB) []recordedStream {
	tb.Helper()
	doc := builtIn(tb)
	var list []recordedStream
	for _, s := range shared.Streams(tb) {
		op, _, ok := doc.Match("POST", strings.TrimPrefix(s.Path, "/v1"))
		if !ok {
			tb.Fatalf("no operation is at %s", s.Path)
		}
		r := recordedStream{name: s.Name, op: op}
		for event, err := range stream.NewDecoder(strings.NewReader(s.Text)).Events() {
			if err != nil {
				tb.Fatalf("%s: %v", s.File, err)
			}
			if string(event.Data) != "[DONE]" {
				r.events = append(r.events, event)
			}
		}
		list = append(list, r)
	}
	return list
}

func builtIn(tb testing.TB) *schema.Document {
	tb.Helper()
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

func newAccumulator(tb testing.TB, op *schema.Operation) *client.Accumulator {
	tb.Helper()
	a, err := client.NewAccumulator(op)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// finalOf returns what has been added up, which must be JSON.
func finalOf(tb testing.TB, a *client.Accumulator) string {
	tb.Helper()
	object, err := a.Final()
	if err != nil {
		tb.Fatal(err)
	}
	if !json.Valid(object) {
		tb.Fatalf("got %.500s, want JSON", object)
	}
	return string(object)
}

// accumulate adds up events, each of which must be taken.
func accumulate(tb testing.TB, op *schema.Operation, events []stream.Event) *client.Accumulator {
	tb.Helper()
	a := newAccumulator(tb, op)
	for _, event := range events {
		if err := a.Add(event.Type, event.Data); err != nil {
			tb.Fatalf("%v: %.300s", err, event.Data)
		}
	}
	return a
}

// invalidAnswer returns what is wrong with a response of the operation in the Standard
// tier.
func invalidAnswer(tb testing.TB, op *schema.Operation, object string) []string {
	tb.Helper()
	response, _ := op.Response(200)
	media, ok := response.MediaType("application/json")
	if !ok {
		tb.Fatalf("%s has no JSON answer", op.ID)
	}
	return problemsOf(tb, media.Schema, object)
}

func problemsOf(tb testing.TB, s *schema.Schema, object string) (list []string) {
	tb.Helper()
	err := s.Validate([]byte(object))
	var invalid *schema.ValidationError
	if err != nil && !errors.As(err, &invalid) {
		tb.Fatal(err)
	}
	if invalid != nil {
		for _, p := range invalid.Problems {
			list = append(list, p.String())
		}
	}
	return list
}

// serverErrors are what is wrong with objects that the real server sent whole, so
// that what adds up to the same is wrong, too: the description has fields of
// today, the recordings those of their time.
var serverErrors = []string{
	`/usage/input_tokens_details: missing property "cache_write_tokens"`, // newer than all recordings
	`/frequency_penalty: unknown field`,                                  // answered, not described
	`/presence_penalty: unknown field`,                                   // likewise
	`/tool_usage: unknown field`,                                         // of another host
	`/error/code: got "insufficient_quota"`,                              // not described as a code of responses
	`/: missing property "parallel_tool_calls"`,                          // newer than the recorded runs
	`/file_ids: unknown field`,                                           // of a former version of runs
}

func TestRecordedStreamsAddUp(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range recordedStreams(t) {
		t.Run(r.name, func(t *testing.T) {
			a := newAccumulator(t, r.op)
			step := 1 // events from one look to the next
			if testing.Short() {
				step = 5
			}
			for i, event := range r.events {
				if err := a.Add(event.Type, event.Data); err != nil {
					t.Fatal(err)
				}
				if i%step != 0 {
					continue
				}
				if r.op.ID != "createRun" || bytes.Contains(event.Data, []byte(`"object":"thread.run"`)) {
					finalOf(t, a) // changes nothing
				}
			}
			object := finalOf(t, a)
			if once := finalOf(t, accumulate(t, r.op, r.events)); once != object {
				t.Errorf("got %s after looking meanwhile, want %s", object, once)
			}
			var text strings.Builder
			outline(&text, object, "")
			for id, related := range a.Related() {
				fmt.Fprintf(&text, "\n\n%s ", id)
				outline(&text, string(related), "")
			}
			goldenAccumulated(t, r.name, text.String()+"\n")
			for _, problem := range invalidAnswer(t, r.op, object) {
				i := slices.IndexFunc(serverErrors, func(f string) bool { return strings.HasPrefix(problem, f) })
				if i < 0 {
					t.Errorf("the object is wrong: %s", problem)
					continue
				}
				seen[serverErrors[i]] = true
			}
		})
	}
	for _, known := range serverErrors {
		if !seen[known] && !t.Failed() {
			t.Errorf("no recording has the error %s any more", known)
		}
	}
}

// goldenAccumulated compares an outline with its golden file, or writes it.
func goldenAccumulated(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "accumulated", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with -update", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); if this is intended, run with -update:\n%s", path, diff)
	}
}

// outline writes JSON for reading, its members in their order: what is short on
// one line, long strings by their beginning, length and hash.
func outline(b *strings.Builder, text, indent string) {
	const width, longest = 100, 80
	inner := indent + "  "
	switch {
	case text[0] == '"' && len(text) > longest:
		cut := longest - 30
		for text[cut-1] == '\\' || text[cut]&0xc0 == 0x80 {
			cut--
		}
		fmt.Fprintf(b, `%s"… %d bytes, sha256 %x`, text[:cut], len(text)-2, sha256.Sum256([]byte(text)))
	case len(text) <= width && !strings.Contains(text, `":{`) || text[0] != '{' && text[0] != '[':
		b.WriteString(text)
	case text[0] == '{':
		b.WriteString("{")
		for name, value := range jsonscan.Members(text) {
			fmt.Fprintf(b, "\n%s%q: ", inner, name)
			outline(b, value, inner)
		}
		b.WriteString("\n" + indent + "}")
	default:
		b.WriteString("[")
		for _, value := range jsonscan.Items(text) {
			b.WriteString("\n" + inner)
			outline(b, value, inner)
		}
		b.WriteString("\n" + indent + "]")
	}
}

// responseStreams are the recorded streams of responses, with what their last
// event says is the truth.
func responseStreams(t *testing.T) map[string]struct {
	recordedStream
	truth string
} {
	t.Helper()
	list := map[string]struct {
		recordedStream
		truth string
	}{}
	for _, r := range recordedStreams(t) {
		if r.op.ID != "createResponse" {
			continue
		}
		last := r.events[len(r.events)-1].Data
		list[r.name] = struct {
			recordedStream
			truth string
		}{r, gjson.GetBytes(last, "response").Raw}
	}
	if len(list) < 12 {
		t.Fatalf("got %d recorded streams of responses, want at least 12", len(list))
	}
	return list
}

// Whatever has been missed before, the last event has the response.
func TestResponseJoinedAnywhere(t *testing.T) {
	for name, r := range responseStreams(t) {
		t.Run(name, func(t *testing.T) {
			step := 1
			if len(r.events) > 100 {
				step = 7
			}
			for i := 0; i < len(r.events); i += step {
				if got := finalOf(t, accumulate(t, r.op, r.events[i:])); got != r.truth {
					t.Fatalf("from event %d: got %s, want %s", i, got, r.truth)
				}
			}
		})
	}
}

// Without the last event, items, parts and deltas add up to the same output;
// without the events that have items and parts whole, deltas do.
func TestResponseOutputAddsUp(t *testing.T) {
	for name, r := range responseStreams(t) {
		t.Run(name, func(t *testing.T) {
			if len(gjson.Get(r.truth, "output").Array()) == 0 {
				t.Skip("the response has no output")
			}
			events := r.events[:len(r.events)-1]
			object := finalOf(t, accumulate(t, r.op, events))
			if got := gjson.Get(object, "status").String(); got != "in_progress" {
				t.Errorf("got status %q, want in_progress", got)
			}
			wantAll := grown(anyOf(t, gjson.Get(r.truth, "output").Raw), true)
			if diff := cmp.Diff(wantAll, grown(anyOf(t, gjson.Get(object, "output").Raw), true)); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
			deltas := slices.DeleteFunc(slices.Clone(events), func(e stream.Event) bool {
				return strings.HasSuffix(gjson.GetBytes(e.Data, "type").String(), ".done")
			})
			object = finalOf(t, accumulate(t, r.op, deltas))
			want := grown(anyOf(t, gjson.Get(r.truth, "output").Raw), false)
			if diff := cmp.Diff(want, grown(anyOf(t, gjson.Get(object, "output").Raw), false)); diff != "" {
				t.Errorf("output from deltas (-want +got):\n%s", diff)
			}
		})
	}
}

// grown is what of an output deltas tell or, with more, all that events tell
// alike: some IDs change with every event, and content is encrypted anew.
func grown(value any, more bool) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = grown(v[i], more)
		}
	case map[string]any:
		for name := range v {
			switch name {
			case "type", "role", "name", "content", "summary", "text", "annotations", "refusal", "input", "code", "operation", "diff", "path":
				v[name] = grown(v[name], more)
			case "arguments":
				if _, isText := v[name].(string); !isText && !more { // has no deltas
					delete(v, name)
				}
			case "id", "encrypted_content":
				delete(v, name)
			default:
				if !more {
					delete(v, name)
				}
			}
		}
	}
	return value
}

// A message of a run is the same from its deltas as whole.
func TestRunMessagesAddUp(t *testing.T) {
	runs := 0
	for _, r := range recordedStreams(t) {
		if r.op.ID != "createRun" {
			continue
		}
		runs++
		whole := map[string]string{}
		for id, object := range accumulate(t, r.op, r.events).Related() {
			whole[id] = gjson.GetBytes(object, "content").Raw
		}
		deltas := slices.DeleteFunc(slices.Clone(r.events), func(e stream.Event) bool {
			return e.Type == "thread.message.completed" || e.Type == "thread.message.incomplete"
		})
		count := 0
		for id, object := range accumulate(t, r.op, deltas).Related() {
			count++
			if got := gjson.GetBytes(object, "content").Raw; got != whole[id] {
				t.Errorf("%s: %s: got content %s, want %s", r.name, id, got, whole[id])
			}
			component := "MessageObject"
			if strings.HasPrefix(id, "step_") {
				component = "RunStepObject"
			}
			s, err := r.op.Document().Component(component)
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range problemsOf(t, s, string(object)) {
				if !strings.Contains(problem, "file_ids") && !strings.Contains(problem, `"attachments"`) { // of a former version
					t.Errorf("%s: %s is wrong: %s", r.name, id, problem)
				}
			}
		}
		if count != len(whole) || count < 2 {
			t.Errorf("%s: got %d steps and messages, want %d", r.name, count, len(whole))
		}
	}
	if runs < 2 {
		t.Errorf("got %d recorded runs, want at least 2", runs)
	}
}

// anyOf parses JSON with its numbers as they are written.
func anyOf(tb testing.TB, text string) (value any) {
	tb.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		tb.Fatalf("%v in %.500s", err, text)
	}
	return value
}

func operationOf(tb testing.TB, id string) *schema.Operation {
	tb.Helper()
	op, err := builtIn(tb).Operation(id)
	if err != nil {
		tb.Fatal(err)
	}
	return op
}
