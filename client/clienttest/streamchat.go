package clienttest

import (
	"fmt"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// maxChoices bounds how often an output is repeated.
const maxChoices = 128

// chat says the output in every choice of a chat completion.
func (t *turn) chat() jsonObject {
	n := t.choices(1)
	withUsage := t.req.Get("stream_options.include_usage").Bool()
	chunk := func(choices []jsonObject, usage any) {
		data := t.header("chatcmpl-test-", "chat.completion.chunk").with(member{"choices", choices})
		if withUsage {
			data = data.with(member{"usage", usage})
		}
		t.emit("", data)
	}
	sayWith := func(delta jsonObject, logprobs, finish any) {
		if t.silent {
			return
		}
		for i := range n {
			chunk([]jsonObject{{{"index", i}, {"delta", delta}, {"logprobs", logprobs}, {"finish_reason", finish}}}, nil)
		}
	}
	say := func(delta jsonObject, finish any) { sayWith(delta, nil, finish) }

	opening := jsonObject{{"role", "assistant"}, {"content", nil}, {"refusal", nil}}
	message, calls := opening, []jsonObject{}
	for _, kind := range []partKind{textPart, refusalPart} {
		if text := t.output.text(kind); text != "" {
			message = message.with(member{chatField(kind), valid(text)})
		}
	}
	say(opening, nil)
	audio := t.chatAudio()
	for _, p := range t.output.parts {
		if p.kind == toolPart {
			call := toolCall(len(calls), p)
			index := member{"index", len(calls)}
			calls = append(calls, call)
			say(jsonObject{{"tool_calls", []jsonObject{append(jsonObject{index}, toolCall(len(calls)-1, part{name: p.name, custom: p.custom})...)}}}, nil)
			for _, piece := range pieces(valid(p.text)) {
				say(jsonObject{{"tool_calls", []jsonObject{{index, pieceOfCall(p, piece)}}}}, nil)
			}
			continue
		}
		if audio != nil && p.kind == textPart {
			continue // it is spoken
		}
		for _, piece := range t.heard(p.text) {
			sayWith(jsonObject{{chatField(p.kind), piece}}, t.chatLogprobs(p.kind, piece), nil)
		}
	}
	if audio != nil {
		t.speak(audio, func(piece jsonObject) { say(jsonObject{{"audio", piece}}, nil) })
	}
	if t.output.failure != nil {
		t.emitFailure()
		return nil
	}
	finish := t.finishReason()
	say(jsonObject{}, finish)
	if withUsage {
		chunk([]jsonObject{}, t.usage(n))
	}
	t.emitDone("")

	if len(calls) > 0 {
		message = message.with(member{"tool_calls", calls})
	}
	if audio != nil {
		message = message.with(member{"content", nil}, member{"audio", audio})
	}
	var logprobs any
	if t.req.Get("logprobs").Bool() {
		logprobs = t.chatLogprobs(textPart, t.output.textPieces()...)
	}
	choices := make([]jsonObject, n)
	for i := range choices {
		choices[i] = jsonObject{{"index", i}, {"message", message}, {"logprobs", logprobs}, {"finish_reason", finish}}
	}
	return append(t.header("chatcmpl-test-", "chat.completion"), member{"choices", choices}, member{"usage", t.usage(n)})
}

// heard are the pieces of a text that go into events, none where nobody wants them.
func (t *turn) heard(text string) []string {
	if t.silent {
		return nil
	}
	return pieces(valid(text))
}

func chatField(kind partKind) string {
	if kind == refusalPart {
		return "refusal"
	}
	return "content"
}

// completion says the texts of the output in every choice of a completion.
func (t *turn) completion() jsonObject {
	prompts := 1
	if prompt := t.req.Get("prompt"); prompt.IsArray() && prompt.Get("0").Type != gjson.Number {
		prompts = max(1, int(prompt.Get("#").Int()))
	}
	n := t.choices(prompts)
	withUsage := t.req.Get("stream_options.include_usage").Bool()
	say := func(text string, logprobs, finish any) {
		if t.silent {
			return
		}
		for i := range n {
			t.emit("", t.header("cmpl-test-", "text_completion").with(
				member{"choices", []jsonObject{textChoice(i, text, logprobs, finish)}}))
		}
	}
	text := valid(t.output.text(textPart))
	said, at := pieces(text), 0
	for _, piece := range said {
		say(piece, t.completionLogprobs(at, piece), nil)
		at += utf8.RuneCountInString(piece)
	}
	if t.output.failure != nil {
		t.emitFailure()
		return nil
	}
	finish := t.finishReason()
	if finish == "tool_calls" {
		finish = "stop"
	}
	say("", nil, finish)
	if withUsage {
		t.emit("", t.header("cmpl-test-", "text_completion").with(member{"choices", []jsonObject{}}, member{"usage", t.usage(n)}))
	}
	t.emitDone("")

	choices := make([]jsonObject, n)
	for i := range choices {
		choices[i] = textChoice(i, text, t.completionLogprobs(0, said...), finish)
	}
	return t.header("cmpl-test-", "text_completion").with(member{"choices", choices}, member{"usage", t.usage(n)})
}

func textChoice(index int, text string, logprobs, finish any) jsonObject {
	return jsonObject{{"text", text}, {"index", index}, {"logprobs", logprobs}, {"finish_reason", finish}}
}

// header is what all chunks of a response begin with.
func (t *turn) header(id, kind string) jsonObject {
	header := make(jsonObject, 0, 6) // with room for what follows in every response
	return append(header, member{"id", id + t.number}, member{"object", kind}, member{"created", created}, member{"model", t.model()})
}

// choices is how many the request asks for.
func (t *turn) choices(each int) int {
	return min(maxChoices, max(1, int(t.req.Get("n").Int()))*each)
}

func (t *turn) finishReason() string {
	switch {
	case t.output.stop != "":
		return t.output.stop
	case len(t.output.tools()) > 0:
		return "tool_calls"
	}
	return "stop"
}

func (t *turn) usage(times int) jsonObject {
	in, out := t.promptTokens(), times*t.output.tokens()
	return jsonObject{{"prompt_tokens", in}, {"completion_tokens", out}, {"total_tokens", in + out}}
}

// callID is the ID of the tool call with an index.
func callID(index int) string { return fmt.Sprintf("call_test_%d", index+1) }

func toolCall(index int, p part) jsonObject {
	if p.custom {
		return jsonObject{{"id", callID(index)}, {"type", "custom"}, {"custom", jsonObject{{"name", p.name}, {"input", valid(p.text)}}}}
	}
	return jsonObject{{"id", callID(index)}, {"type", "function"}, {"function", jsonObject{{"name", p.name}, {"arguments", valid(p.text)}}}}
}

// pieceOfCall is a piece of what a tool is called with.
func pieceOfCall(p part, piece string) member {
	if p.custom {
		return member{"custom", jsonObject{{"input", piece}}}
	}
	return member{"function", jsonObject{{"arguments", piece}}}
}
