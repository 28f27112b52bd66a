package accumulate_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/stream"
)

type object = map[string]any

// splitter takes chat completions apart as a server does that streams, with cuts
// by chance.
type splitter struct{ random *rand.Rand }

// split returns the events of a completion, whose choices take turns.
func (s splitter) split(completion object) (events []stream.Event) {
	add := func(choices []any, usage any) {
		chunk := maps.Clone(completion)
		maps.Copy(chunk, object{"object": "chat.completion.chunk", "choices": choices, "usage": usage, "obfuscation": "xyz"})
		data, _ := json.Marshal(chunk) // it was parsed from JSON
		events = append(events, stream.Event{Data: data})
	}
	var open [][]any
	for _, choice := range completion["choices"].([]any) {
		open = append(open, s.splitChoice(choice.(object)))
	}
	for len(open) > 0 {
		i := s.random.IntN(len(open))
		add(open[i][:1], nil)
		if open[i] = open[i][1:]; len(open[i]) == 0 {
			open = slices.Delete(open, i, i+1)
		}
	}
	if usage := completion["usage"]; usage != nil {
		add([]any{}, usage)
	}
	return events
}

// splitChoice returns what chunks have of a choice, one after the other.
func (s splitter) splitChoice(choice object) (list []any) {
	add := func(delta object, logprobs any, reason any) {
		list = append(list, object{"index": choice["index"], "delta": delta, "logprobs": logprobs, "finish_reason": reason})
	}
	message := choice["message"].(object)
	add(object{"role": message["role"], "content": nil, "refusal": nil}, nil, nil)
	for _, name := range slices.Sorted(maps.Keys(message)) {
		switch value := message[name].(type) {
		case string:
			for _, piece := range s.pieces(value) {
				if name != "role" {
					add(object{name: piece}, nil, nil)
				}
			}
		case []any:
			if len(value) == 0 {
				add(object{name: value}, nil, nil)
			}
			for i, item := range value {
				if name != "tool_calls" {
					add(object{name: []any{item}}, nil, nil)
					continue
				}
				for _, piece := range s.splitCall(item.(object)) {
					piece["index"] = i
					add(object{name: []any{piece}}, nil, nil)
				}
			}
		case nil:
		default:
			add(object{name: value}, nil, nil)
		}
	}
	if logprobs, ok := choice["logprobs"].(object); ok {
		for _, name := range slices.Sorted(maps.Keys(logprobs)) {
			add(object{}, object{name: emptied(logprobs[name])}, nil)
			tokens, _ := logprobs[name].([]any)
			for _, token := range tokens {
				add(object{}, object{name: []any{token}}, nil)
			}
		}
	}
	add(object{}, nil, choice["finish_reason"])
	return list
}

// splitCall returns the deltas of a tool call.
func (s splitter) splitCall(call object) []object {
	kind := call["type"].(string)
	body := call[kind].(object)
	text := map[string]string{"function": "arguments", "custom": "input"}[kind]
	list := []object{{"id": call["id"], "type": kind, kind: object{"name": body["name"], text: ""}}}
	for _, piece := range s.pieces(body[text].(string)) {
		list = append(list, object{kind: object{text: piece}})
	}
	return list
}

// pieces cuts text into at least one piece, between characters.
func (s splitter) pieces(text string) (list []string) {
	rest := []rune(text)
	for len(rest) > 1 {
		n := 1 + s.random.IntN(min(len(rest)-1, 9))
		list = append(list, string(rest[:n]))
		rest = rest[n:]
	}
	return append(list, string(rest))
}

func emptied(value any) any {
	if value == nil {
		return nil
	}
	return []any{}
}

// checkSplit takes a completion apart and adds it up again.
func checkSplit(t *testing.T, completion object, random *rand.Rand) {
	t.Helper()
	events := splitter{random}.split(completion)
	got := finalOf(t, accumulate(t, operationOf(t, "createChatCompletion"), events))
	if diff := cmp.Diff(completion, anyOf(t, got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestSplitChatAddsUpToItself(t *testing.T) {
	op := operationOf(t, "createChatCompletion")
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 1))
		completion := anyOf(t, randomChat(random)).(object)
		text, _ := json.Marshal(completion)
		if problems := invalidAnswer(t, op, string(text)); problems != nil {
			t.Fatalf("the completion is wrong: %q: %s", problems, text)
		}
		checkSplit(t, completion, random)
	}
}

// randomChat is a chat completion.
func randomChat(random *rand.Rand) string {
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	text := func() string {
		return pick(`""`, `"x"`, `"Grüße, 世界 \ud83d\ude00\n\t\"\\ <&> and more text than fits into a piece"`, `null`)
	}
	token := func() string {
		return `{"token":"x","logprob":` + pick("-0.10", "-1e-7", "0") + `,"bytes":null,"top_logprobs":[]}`
	}
	tokens := func() string { return pick("null", "[]", "["+token()+","+token()+"]") }
	var choices []string
	for i := range 1 + random.IntN(4) {
		var calls []string
		for j := range random.IntN(5) {
			calls = append(calls, pick(
				fmt.Sprintf(`{"id":"call_%d","type":"function","function":{"name":"f","arguments":"{\"a\": [%d, \"é\"]}"}}`, j, j),
				fmt.Sprintf(`{"id":"call_%d","type":"function","function":{"name":"g","arguments":""}}`, j),
				fmt.Sprintf(`{"id":"call_%d","type":"custom","custom":{"name":"c","input":"SELECT %d"}}`, j, j),
			))
		}
		message := `"role":"assistant","content":` + text() + `,"refusal":` + text()
		if len(calls) > 0 {
			message += `,"tool_calls":[` + strings.Join(calls, ",") + `]`
		}
		choices = append(choices, fmt.Sprintf(`{"index":%d,"message":{%s},"logprobs":%s,"finish_reason":%s}`, i, message,
			pick("null", `{"content":`+tokens()+`,"refusal":`+tokens()+`}`), pick(`"stop"`, `"length"`, `"tool_calls"`)))
	}
	return `{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","system_fingerprint":` + pick("null", `"fp"`) +
		`,"service_tier":"default","choices":[` + strings.Join(choices, ",") + `],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}`
}

// A recorded completion that was not streamed is the same when it is.
func TestRecordedChatAddsUpToItself(t *testing.T) {
	found := 0
	for _, row := range shared.Interactions(t) {
		if row.Path != "/v1/chat/completions" || row.Status != 200 || row.ResponseBody == "" || row.ResponseBody[0] != '{' {
			continue
		}
		found++
		completion := anyOf(t, row.ResponseBody).(object)
		for _, choice := range completion["choices"].([]any) { // what older recordings lack
			choice := choice.(object)
			setMissing(choice, "logprobs", nil)
			setMissing(choice["message"].(object), "refusal", nil)
			if choice["message"].(object)["tool_calls"] == nil {
				delete(choice["message"].(object), "tool_calls")
			}
		}
		checkSplit(t, completion, rand.New(rand.NewPCG(uint64(found), 2)))
	}
	if found < 5 {
		t.Errorf("got %d recorded completions, want at least 5", found)
	}
}

func setMissing(o object, name string, value any) {
	if _, ok := o[name]; !ok {
		o[name] = value
	}
}
