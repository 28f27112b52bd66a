package accumulate_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
	"github.com/opcall/opcall/stream"
)

// eventsOf makes events of JSON texts. A name before a space is that of the event
// in the stream.
func eventsOf(texts []string) (list []stream.Event) {
	for _, text := range texts {
		name, data, named := strings.Cut(text, " ")
		if !named || strings.HasPrefix(text, "{") {
			name, data = "", text
		}
		list = append(list, stream.Event{Type: name, Data: []byte(data)})
	}
	return list
}

// sumCase are events and the JSON that they add up to. What is wrong with it, in
// the Standard tier, begins with the texts of wrong.
type sumCase struct {
	events []string
	want   string
	wrong  []string
}

func runSums(t *testing.T, op *schema.Operation, tests map[string]sumCase) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := newAccumulator(t, op)
			for _, event := range eventsOf(test.events) {
				if err := a.Add(event.Type, event.Data); err != nil {
					t.Fatalf("%v: %s", err, event.Data)
				}
				a.Final() // changes nothing
			}
			got := finalOf(t, a)
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if op.ID == "createSpeech" {
				return
			}
			problems := invalidAnswer(t, op, got)
			if !slices.EqualFunc(problems, test.wrong, strings.HasPrefix) {
				t.Errorf("got problems %q, want %q", problems, test.wrong)
			}
		})
	}
}

// Every operation of the built-in document that streams adds up, no other does.
func TestEveryStreamAddsUp(t *testing.T) {
	var with []string
	for op := range builtIn(t).Operations() {
		streams := false
		if response, ok := op.Response(200); ok {
			_, streams = response.MediaType("text/event-stream")
		}
		a, err := client.NewAccumulator(op)
		if streams != (err == nil) {
			t.Errorf("%s: streams %t, adds up: %v", op.ID, streams, err)
		}
		if err == nil {
			with = append(with, op.ID)
			var sumErr *client.AccumulateError
			if _, err := a.Final(); !errors.As(err, &sumErr) || sumErr.Operation != op.ID || sumErr.Event != 0 {
				t.Errorf("%s: got %v without events, want an *AccumulateError", op.ID, err)
			}
		}
	}
	if len(with) != 13 {
		t.Errorf("%v add up, want 13 operations", with)
	}
}

func TestAccumulateErrorsNameEventAndCause(t *testing.T) {
	tests := map[string]struct{ operation, event, want string }{
		"not JSON":               {"createResponse", `{"type":`, "createResponse: event 2: the event is not JSON: line 1, column 9: the text ends, want a value"},
		"not UTF-8":              {"createResponse", "\"\xff\"", "createResponse: event 2: the event is not JSON: line 1, column 2: got a byte that is not UTF-8"},
		"nested too deep":        {"createChatCompletion", strings.Repeat("[", 2000) + strings.Repeat("]", 2000), "createChatCompletion: event 2: the event is not JSON: line 1, column 1001: nested more than 1000 deep"},
		"no object":              {"createRun", ` [1]`, `createRun: event 2: got "[1]", want an object`},
		"empty":                  {"createRun", ``, `createRun: event 2: the event is not JSON: line 1, column 1: the text ends, want a value`},
		"choice index":           {"createChatCompletion", chatChunk(`{"index":1000000000,"delta":{}}`), "createChatCompletion: event 2: got index 1000000000, want 0 to 1048576"},
		"choice index below 0":   {"createCompletion", chatChunk(`{"index":-1,"text":"x"}`), "createCompletion: event 2: got index -1, want 0 to 1048576"},
		"tool call index":        {"createChatCompletion", chatDelta(`{"tool_calls":[{"index":99999999999999999999}]}`), "createChatCompletion: event 2: got index 99999999999999999999, want 0 to 1048576"},
		"fraction":               {"createChatCompletion", chatDelta(`{"x":[{"index":0.5}]}`), "createChatCompletion: event 2: got index 0.5, want 0 to 1048576"},
		"output index":           {"createResponse", `{"type":"response.output_item.added","output_index":1e9,"item":{}}`, "createResponse: event 2: got output_index 1e9, want 0 to 1048576"},
		"content index":          {"createResponse", itemEvent("output_text.delta", `"content_index":2000000,"delta":"x"`), "createResponse: event 2: got content_index 2000000, want 0 to 1048576"},
		"command index":          {"createResponse", itemEvent("shell_call_output_content.done", `"command_index":2000000,"output":[{}]`), "createResponse: event 2: got command_index 2000000, want 0 to 1048576"},
		"index in message":       {"createRun", `{"id":"m","object":"thread.message.delta","delta":{"content":[{"index":-2}]}}`, "createRun: event 2: got index -2, want 0 to 1048576"},
		"index of partial image": {"createResponse", `{"type":"response.image_generation_call.partial_image","output_index":-5}`, "createResponse: event 2: got output_index -5, want 0 to 1048576"},
	}
	first := map[string]string{
		"createChatCompletion": chatMessage(`{"role":"assistant","content":"x","refusal":null}`, "stop"),
		"createCompletion":     `{"id":"c","choices":[]}`,
		"createResponse":       begunResponse,
		"createRun":            runBegun,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := accumulate(t, operationOf(t, test.operation), eventsOf([]string{first[test.operation]}))
			err := a.Add("", []byte(test.event))
			var sumErr *client.AccumulateError
			if !errors.As(err, &sumErr) || sumErr.Event != 2 || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if got := finalOf(t, a); !strings.Contains(got, gjson.Get(first[test.operation], "id").String()) {
				t.Errorf("got %s, want what came before", got)
			}
		})
	}
}

func TestAccumulationPastItsLimitIsAnError(t *testing.T) {
	if testing.Short() {
		t.Skip("adds up 64 MiB three times")
	}
	piece := `"` + strings.Repeat("x", 1<<20) + `"`
	event := map[string]string{
		"createChatCompletion": chatDelta(`{"content":` + piece + `}`),
		"createResponse":       itemEvent("output_text.delta", `"delta":`+piece),
		"createTranscription":  `{"type":"transcript.text.delta","delta":` + piece + `}`,
	}
	for id, text := range event {
		t.Run(id, func(t *testing.T) {
			a, data := newAccumulator(t, operationOf(t, id)), []byte(text)
			var err error
			count := 0
			for ; err == nil && count < 100; count++ {
				err = a.Add("", data)
			}
			var sumErr *client.AccumulateError
			want := id + ": event 64: the events add up to more than the limit of 67108864 bytes"
			if !errors.As(err, &sumErr) || err.Error() != want {
				t.Errorf("got %v after %d MiB, want %s", err, count, want)
			}
			if _, again := a.Final(); again != err {
				t.Errorf("got %v from Final, want the same error", again)
			}
			if again := a.Add("", data); again != err {
				t.Errorf("got %v from the next event, want the same error", again)
			}
			for id := range a.Related() {
				t.Errorf("got %s, want nothing", id)
			}
		})
	}
}

// What is replaced does not count.
func TestAccumulateDoesNotCountWhatIsReplaced(t *testing.T) {
	a := newAccumulator(t, operationOf(t, "createResponse"))
	image := strings.Repeat("A", 1<<20)
	rounds := 40
	if testing.Short() {
		rounds = 22 // all together still more than the limit
	}
	for range rounds {
		for _, event := range []string{
			strings.Replace(createdEvent(), `"metadata":{}`, `"metadata":{"a":"`+image+`"}`, 1),
			itemEvent("image_generation_call.partial_image", `"partial_image_b64":"`+image+`"`),
			addedItem(`{"id":"i1","type":"image_generation_call","status":"in_progress","result":"` + image + `","x":["` + image + `"]}`),
		} {
			if err := a.Add("", []byte(event)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Of a member that an object has twice the last one counts, as in encoding/json, also once
// later events change the object.
func TestLastOfTwoMembersCounts(t *testing.T) {
	a := newAccumulator(t, operationOf(t, "createResponse"))
	for _, event := range []string{
		addedItem(`{"id":"i1","type":"message","role":"assistant","status":"in_progress","status":"incomplete","content":[]}`),
		itemEvent("output_text.delta", `"content_index":0,"delta":"x"`),
	} {
		if err := a.Add("", []byte(event)); err != nil {
			t.Fatal(err)
		}
	}
	item := gjson.Get(finalOf(t, a), "output.0")
	if got := item.Get("content.0.text").String() + " " + item.Get("status").String(); got != "x incomplete" {
		t.Errorf("got %q in %s, want the text and the last status", got, item)
	}
}

// Calls may come in any order of their indexes; one without an index is the last of them.
func TestCallWithoutIndexFollowsAllOthers(t *testing.T) {
	a := newAccumulator(t, operationOf(t, "createChatCompletion"))
	for _, call := range []string{
		`{"index":2,"id":"c2","function":{"name":"second","arguments":"{}"}}`,
		`{"index":0,"id":"c1","function":{"name":"first","arguments":"{}"}}`,
		`{"id":"c3","function":{"name":"third","arguments":"{}"}}`,
	} {
		if err := a.Add("", []byte(chatDelta(`{"tool_calls":[`+call+`]}`))); err != nil {
			t.Fatal(err)
		}
	}
	got := gjson.Get(finalOf(t, a), "choices.0.message.tool_calls.#.function.name").Raw
	if want := `["first","second","third"]`; got != want {
		t.Errorf("got the calls %s, want %s", got, want)
	}
}
