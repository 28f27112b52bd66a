package accumulate_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

// streamed names an operation for each of the ways in which events add up.
var streamed = []string{
	"createChatCompletion", "createCompletion", "createResponse", "createRun", "createTranscription", "createImage", "createSpeech",
}

// FuzzAccumulate adds up whatever comes, an event a line. What is taken is JSON
// in the end, and not much larger than the events.
func FuzzAccumulate(f *testing.F) {
	if shared.Present() {
		for _, r := range recordedStreams(f) {
			if len(r.events) > 20 {
				r.events = append(r.events[:10], r.events[len(r.events)-5:]...)
			}
			var lines [][]byte
			for _, event := range r.events {
				lines = append(lines, event.Data)
			}
			for i, id := range streamed {
				if id == r.op.ID {
					f.Add(byte(i), bytes.Join(lines, []byte("\n")))
				}
			}
		}
	}
	for i, lines := range [][]string{
		{chatDelta(`{"role":"assistant","content":"x","tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}},{"id":"b"}],"audio":{"data":"AA=="}}`), chatDelta(`{"audio":{"data":"AA=="},"x":[{"index":1}]}`)},
		{`{"choices":[{"index":0,"text":"a","logprobs":{"tokens":["a"]}}]}`, `{"choices":[{"index":0,"text":"b","logprobs":{"tokens":["b"]}}]}`},
		{createdEvent(), addedItem(`{"type":"message"}`), itemEvent("output_text.delta", `"content_index":0,"delta":"x"`), itemEvent("shell_call_output_content.done", `"command_index":0,"output":[{}]`)},
		{runBegun, stepBegun, `{"id":"step_1","object":"thread.run.step.delta","delta":{"step_details":{"tool_calls":[{"index":0,"id":"x"}]}}}`},
		{`{"type":"transcript.text.delta","delta":"x"}`, `{"type":"transcript.text.segment","id":"s","end":1}`, `{"type":"transcript.text.done","text":"x"}`},
		{`{"type":"image_generation.partial_image","b64_json":"AAAA"}`, `{"type":"image_generation.completed","b64_json":"AAAA"}`},
		{`{"type":"speech.audio.delta","audio":"AA=="}`, `{"type":"speech.audio.delta","audio":"AA=="}`},
	} {
		f.Add(byte(i), []byte(strings.Join(lines, "\n")))
	}
	doc := builtIn(f)
	f.Fuzz(func(t *testing.T, way byte, lines []byte) { checkSum(t, doc, int(way), lines) })
}

// FuzzAccumulateOdd adds up events that are JSON, of members that streams have,
// in places where they have none.
func FuzzAccumulateOdd(f *testing.F) {
	seeds := uint64(300)
	if testing.Short() {
		seeds = 60
	}
	for seed := range seeds {
		f.Add(seed)
	}
	doc := builtIn(f)
	f.Fuzz(func(t *testing.T, seed uint64) {
		odd := odd{rand.New(rand.NewPCG(seed, 3))}
		var lines []string
		for range 1 + odd.random.IntN(12) {
			lines = append(lines, odd.object(0))
		}
		checkSum(t, doc, odd.random.IntN(len(streamed)), []byte(strings.Join(lines, "\n")))
	})
}

// odd makes events by chance.
type odd struct{ random *rand.Rand }

func (o odd) pick(texts ...string) string { return texts[o.random.IntN(len(texts))] }

func (o odd) object(depth int) string {
	var members []string
	for range 1 + o.random.IntN(5) {
		name := o.pick("type", "type", "object", "id", "index", "choices", "delta", "message", "text", "logprobs", "content", "refusal", "tool_calls", "function", "name",
			"arguments", "audio", "data", "transcript", "finish_reason", "usage", "response", "output", "output_index", "content_index", "summary_index", "annotation_index",
			"command_index", "item", "part", "annotation", "item_id", "code", "diff", "partial_image_b64", "event", "step_details", "value", "b64_json", "segment", "x\\u0000")
		var value string
		switch {
		case name == "type":
			value = o.pick(`"message"`, `"response.output_text.delta"`, `"response.output_text.done"`, `"response.output_item.added"`, `"response.content_part.added"`, `"response.output_text.annotation.added"`,
				`"response.shell_call_command.delta"`, `"response.shell_call_output_content.delta"`, `"response.shell_call_output_content.done"`, `"response.x_call.completed"`, `"response.image_generation_call.partial_image"`,
				`"response.reasoning_summary_text.delta"`, `"response.apply_patch_call_operation_diff.delta"`, `"transcript.text.delta"`, `"transcript.text.segment"`, `"transcript.text.done"`,
				`"image_edit.completed"`, `"image_edit.partial_image"`, `"speech.audio.delta"`)
		case name == "object":
			value = o.pick(`"response"`, `"thread.run"`, `"thread.message.delta"`, `"thread.message"`, `"thread.run.step.delta"`, `"chat.completion.chunk"`)
		case depth < 4 && o.random.IntN(3) > 0:
			value = o.object(depth + 1)
			if o.random.IntN(2) == 0 {
				value = "[" + value + "," + o.scalar() + "," + o.object(depth+1) + "]"
			}
		default:
			value = o.scalar()
		}
		members = append(members, `"`+name+`":`+value)
	}
	return "{" + strings.Join(members, ",") + "}"
}

func (o odd) scalar() string {
	return o.pick(`"a"`, `"a"`, `"\ud83d"`, `"AA=="`, `"\""`, `""`, "null", "0", "1", "2", "7", "900000", "-1", "1e9", "0.5", "true", "[]", "{}")
}

// checkSum adds up events, one a line, and checks what they add up to.
func checkSum(t *testing.T, doc *schema.Document, way int, lines []byte) {
	op, err := doc.Operation(streamed[way%len(streamed)])
	if err != nil {
		t.Fatal(err)
	}
	a := newAccumulator(t, op)
	check := func(object []byte) {
		if !json.Valid(object) {
			t.Fatalf("got %q, want JSON", object)
		}
		if len(object) > 8*len(lines)+1000 {
			t.Fatalf("got %d bytes of %d", len(object), len(lines))
		}
	}
	for line := range bytes.SplitSeq(lines, []byte("\n")) {
		name := ""
		if len(line) > 0 && line[0] != '{' {
			before, after, _ := bytes.Cut(line, []byte(" "))
			name, line = string(before), after
		}
		given := bytes.Clone(line)
		if err := a.Add(name, given); err == nil && !json.Valid(line) {
			t.Fatalf("took %q, which is not JSON", line)
		}
		clear(given) // what is kept is a copy
	}
	object, err := a.Final()
	if err == nil {
		check(object)
	}
	for _, object := range a.Related() {
		check(object)
	}
	if again, _ := a.Final(); !bytes.Equal(object, again) {
		t.Fatalf("got %s, then %s", object, again)
	}
}

// deltas are many events that each append to the same text.
var deltas = map[string]func(i int) string{
	"createChatCompletion": func(int) string {
		return `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-mini","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}]}`
	},
	"createResponse": func(i int) string {
		return fmt.Sprintf(`{"type":"response.output_text.delta","sequence_number":%d,"item_id":"msg_1","output_index":0,"content_index":0,"delta":" word","logprobs":[],"obfuscation":"aBcDeFg"}`, i)
	},
	"createRun": func(int) string {
		return `{"id":"msg_1","object":"thread.message.delta","delta":{"content":[{"index":0,"type":"text","text":{"value":" word"}}]}}`
	},
	"createSpeech": func(int) string { return `{"type":"speech.audio.delta","audio":"AAAAAAA="}` },
}

// TestAccumulateAllocations: a delta is appended where the text stands, so that
// many cost no more each than a few.
func TestAccumulateAllocations(t *testing.T) {
	count := 100_000
	if testing.Short() {
		count = 10_000
	}
	most := map[string]float64{"createSpeech": 6*float64(count) + 100} // pads, decoded and encoded
	for id, event := range deltas {
		t.Run(id, func(t *testing.T) {
			op := operationOf(t, id)
			events := make([][]byte, count)
			for i := range events {
				events[i] = []byte(event(i))
			}
			got := testing.AllocsPerRun(1, func() {
				a := newAccumulator(t, op)
				for _, event := range events {
					if err := a.Add("", event); err != nil {
						t.Fatal(err)
					}
				}
			})
			if want := max(most[id], 300); got > want {
				t.Errorf("got %v allocations for %d events, want at most %v", got, count, want)
			}
		})
	}
}

// BenchmarkAccumulate adds up 2,000 deltas and renders the object.
func BenchmarkAccumulate(b *testing.B) {
	const count = 2000
	for id, event := range deltas {
		b.Run(id, func(b *testing.B) {
			op := operationOf(b, id)
			events := make([][]byte, count)
			for i := range events {
				events[i] = []byte(event(i))
			}
			b.ReportAllocs()
			for b.Loop() {
				a := newAccumulator(b, op)
				for _, event := range events {
					if err := a.Add("", event); err != nil {
						b.Fatal(err)
					}
				}
				a.Final()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*count), "ns/event")
		})
	}
}
