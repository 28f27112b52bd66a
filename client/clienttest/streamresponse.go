package clienttest

import (
	"fmt"
	"strings"
)

// responseTurn is a response of the Responses API.
type responseTurn struct {
	*turn
	id     string // of the response
	after  int64  // events up to this number have been delivered before
	number int64  // of the next event
	items  []jsonObject
	calls  int
}

// response says the output as the items of a response. The ID is that of the
// path, so that a script for getResponse with the same output delivers what a
// stream of createResponse lacked, by starting_after.
func (t *turn) response() jsonObject {
	r := &responseTurn{turn: t, id: "resp_test_" + t.number, after: -1}
	if id := t.req.Param("response_id").String(); id != "" {
		r.id = id
	}
	if after := t.req.Param("starting_after"); after.Exists() {
		r.after = after.Int()
	}
	begun := r.object("in_progress")
	r.tell("response.created", member{"response", begun})
	r.tell("response.in_progress", member{"response", begun})
	for _, group := range t.output.messages() {
		if group[0].kind == toolPart {
			r.call(group[0])
		} else {
			r.message(group)
		}
	}

	status := "completed"
	in, out := t.promptTokens(), t.output.tokens()
	changes := []member{{"output", r.items}, {"usage", jsonObject{
		{"input_tokens", in},
		{"input_tokens_details", jsonObject{{"cached_tokens", 0}, {"cache_write_tokens", 0}}},
		{"output_tokens", out},
		{"output_tokens_details", jsonObject{{"reasoning_tokens", 0}}},
		{"total_tokens", in + out},
	}}}
	switch {
	case t.output.failure != nil:
		status = "failed"
		changes = append(changes, member{"error", jsonObject{{"code", t.output.failure.code}, {"message", t.output.failure.message}}})
	case t.output.stop != "":
		status = "incomplete"
		reason := t.output.stop
		if reason == "length" {
			reason = "max_output_tokens"
		}
		changes = append(changes, member{"incomplete_details", jsonObject{{"reason", reason}}})
	}
	final := r.object(status).with(changes...)
	r.tell("response."+status, member{"response", final})
	return final
}

// object is the response without output.
func (r *responseTurn) object(status string) jsonObject {
	o := r.draft.with(
		member{"id", r.id}, member{"object", "response"}, member{"created_at", created}, member{"status", status},
		member{"error", nil}, member{"incomplete_details", nil}, member{"model", r.model()}, member{"output", []jsonObject{}})
	if metadata := r.req.Get("metadata"); metadata.IsObject() {
		o = o.with(member{"metadata", parseObject([]byte(metadata.Raw))})
	}
	return o
}

// tell emits an event, unless the caller has had it.
func (r *responseTurn) tell(kind string, members ...member) {
	if r.number > r.after && !r.silent {
		r.emit(kind, append(jsonObject{{"type", kind}, {"sequence_number", r.number}}, members...))
	}
	r.number++
}

// itemID makes the ID of the next item.
func (r *responseTurn) itemID(kind string) string {
	return fmt.Sprintf("%s_%s_%d", kind, strings.TrimPrefix(r.id, "resp_"), len(r.items)+1)
}

func (r *responseTurn) message(parts []part) {
	id, at := r.itemID("msg"), member{"output_index", len(r.items)}
	item := func(status string, content []jsonObject) member {
		return member{"item", jsonObject{{"id", id}, {"type", "message"}, {"status", status}, {"content", content}, {"role", "assistant"}}}
	}
	r.tell("response.output_item.added", at, item("in_progress", []jsonObject{}))
	contents := []jsonObject{}
	for i, p := range parts {
		kind, field := "output_text", "text"
		empty := jsonObject{{"type", "output_text"}, {"annotations", []any{}}, {"logprobs", []any{}}, {"text", ""}}
		var logprobs []member
		if p.kind == refusalPart {
			kind, field = "refusal", "refusal"
			empty = jsonObject{{"type", "refusal"}, {"refusal", ""}}
		} else {
			logprobs = []member{{"logprobs", []any{}}}
		}
		asked := p.kind == textPart && r.wantsLogprobs()
		place := []member{{"item_id", id}, at, {"content_index", i}}
		say := func(event string, members ...member) {
			r.tell(event, append(append([]member{}, place...), members...)...)
		}
		text := valid(p.text)
		content := empty.with(member{field, text})
		if asked {
			content = content.with(member{"logprobs", r.logprobs(pieces(text), token)})
		}
		say("response.content_part.added", member{"part", empty})
		for _, piece := range pieces(text) {
			if asked {
				logprobs = []member{{"logprobs", r.logprobs([]string{piece}, bareToken)}}
			}
			say("response."+kind+".delta", append([]member{{"delta", piece}}, logprobs...)...)
		}
		if asked {
			logprobs = []member{{"logprobs", r.logprobs(pieces(text), bareToken)}}
		}
		say("response."+kind+".done", append([]member{{field, text}}, logprobs...)...)
		say("response.content_part.done", member{"part", content})
		contents = append(contents, content)
	}
	status := "completed"
	if r.output.stop != "" {
		status = "incomplete"
	}
	done := item(status, contents)
	r.tell("response.output_item.done", at, done)
	r.items = append(r.items, done.value.(jsonObject))
}

// wantsLogprobs reports whether the request includes the probabilities of the text.
func (r *responseTurn) wantsLogprobs() bool {
	for _, name := range r.req.Get("include").Array() {
		if name.String() == "message.output_text.logprobs" {
			return true
		}
	}
	return false
}

// call calls a function, or a custom tool.
func (r *responseTurn) call(p part) {
	if p.custom {
		r.custom(p)
		return
	}
	id, at := r.itemID("fc"), member{"output_index", len(r.items)}
	item := jsonObject{
		{"id", id},
		{"type", "function_call"},
		{"status", "in_progress"},
		{"arguments", ""},
		{"call_id", callID(r.calls)},
		{"name", p.name},
	}
	r.calls++
	arguments := valid(p.text)
	r.tell("response.output_item.added", at, member{"item", item})
	for _, piece := range pieces(arguments) {
		r.tell("response.function_call_arguments.delta", member{"item_id", id}, at, member{"delta", piece})
	}
	r.tell("response.function_call_arguments.done", member{"item_id", id}, at, member{"name", p.name}, member{"arguments", arguments})
	item = item.with(member{"status", "completed"}, member{"arguments", arguments})
	r.tell("response.output_item.done", at, member{"item", item})
	r.items = append(r.items, item)
}

func (r *responseTurn) custom(p part) {
	id, at, input := r.itemID("ctc"), member{"output_index", len(r.items)}, valid(p.text)
	item := jsonObject{{"id", id}, {"type", "custom_tool_call"}, {"call_id", callID(r.calls)}, {"name", p.name}, {"input", ""}}
	r.calls++
	r.tell("response.output_item.added", at, member{"item", item})
	for _, piece := range pieces(input) {
		r.tell("response.custom_tool_call_input.delta", member{"item_id", id}, at, member{"delta", piece})
	}
	r.tell("response.custom_tool_call_input.done", member{"item_id", id}, at, member{"input", input})
	item = item.with(member{"input", input})
	r.tell("response.output_item.done", at, member{"item", item})
	r.items = append(r.items, item)
}
