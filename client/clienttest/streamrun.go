package clienttest

import (
	"fmt"

	"github.com/tidwall/gjson"
)

// runTurn is a response of the Assistants API.
type runTurn struct {
	*turn
	thread, run, assistant string
	steps                  int
}

// run says the output as messages of a run, and then asks for the results of the
// tool calls, if there are any.
func (t *turn) run() jsonObject {
	r := &runTurn{turn: t, thread: t.req.Param("thread_id").String(), run: t.req.Param("run_id").String()}
	r.assistant = t.req.Get("assistant_id").String()
	if t.req.of != nil {
		r.assistant = gjson.Get(t.req.of.text, "assistant_id").String()
	}
	if r.assistant == "" {
		r.assistant = "asst_test"
	}
	if r.thread == "" {
		r.thread = "thread_test_" + t.number
		r.emit("thread.created", jsonObject{
			{"id", r.thread}, {"object", "thread"}, {"created_at", created}, {"tool_resources", nil}, {"metadata", jsonObject{}},
		})
	}
	if r.run == "" {
		r.run = "run_test_" + t.number
		r.tell("created", r.object("queued"))
	}
	r.tell("queued", r.object("queued"))
	started := member{"started_at", created}
	r.tell("in_progress", r.object("in_progress").with(started))
	for _, group := range t.output.messages() {
		if group[0].kind != toolPart {
			r.message(group)
		}
	}
	in, out := t.promptTokens(), t.output.tokens()
	usage := member{"usage", jsonObject{{"prompt_tokens", in}, {"completion_tokens", out}, {"total_tokens", in + out}}}

	status, changes := "completed", []member{started, {"completed_at", created}, {"expires_at", nil}, usage}
	switch calls := r.calls(); {
	case t.output.failure != nil:
		status = "failed"
		changes = []member{started, {"failed_at", created}, {"expires_at", nil}, usage, {"last_error", jsonObject{
			{"code", t.output.failure.code}, {"message", t.output.failure.message},
		}}}
	case t.output.stop != "" && t.output.stop != "content_filter": // which leaves only the message incomplete
		status = "incomplete"
		reason := t.output.stop
		if reason == "length" {
			reason = "max_completion_tokens"
		}
		changes = []member{started, {"expires_at", nil}, usage, {"incomplete_details", jsonObject{{"reason", reason}}}}
	case len(calls) > 0:
		status = "requires_action"
		changes = []member{started, {"required_action", jsonObject{
			{"type", "submit_tool_outputs"}, {"submit_tool_outputs", jsonObject{{"tool_calls", calls}}},
		}}}
	}
	final := r.object(status).with(changes...)
	r.tell(status, final)
	r.emitDone("done")
	return final
}

// object is the run before anything has happened.
func (r *runTurn) object(status string) jsonObject {
	return r.draft.with(
		member{"id", r.run}, member{"object", "thread.run"}, member{"created_at", created}, member{"thread_id", r.thread},
		member{"assistant_id", r.assistant}, member{"status", status}, member{"required_action", nil},
		member{"last_error", nil}, member{"expires_at", created + 600}, member{"started_at", nil},
		member{"cancelled_at", nil}, member{"failed_at", nil}, member{"completed_at", nil},
		member{"incomplete_details", nil}, member{"model", r.model()}, member{"usage", nil})
}

func (r *runTurn) tell(kind string, data jsonObject) { r.emit("thread.run."+kind, data) }

// step begins a step of the run.
func (r *runTurn) step(kind string, details any) jsonObject {
	r.steps++
	step := jsonObject{
		{"id", fmt.Sprintf("step_test_%s_%d", r.number, r.steps)},
		{"object", "thread.run.step"},
		{"created_at", created},
		{"run_id", r.run},
		{"assistant_id", r.assistant},
		{"thread_id", r.thread},
		{"type", kind},
		{"status", "in_progress"},
		{"cancelled_at", nil},
		{"completed_at", nil},
		{"expired_at", nil},
		{"failed_at", nil},
		{"last_error", nil},
		{"step_details", jsonObject{{"type", kind}, {kind, details}}},
		{"metadata", jsonObject{}},
		{"usage", nil},
	}
	r.tell("step.created", step)
	r.tell("step.in_progress", step)
	return step
}

func (r *runTurn) message(parts []part) {
	id := fmt.Sprintf("msg_test_%s_%d", r.number, r.steps+1)
	step := r.step("message_creation", jsonObject{{"message_id", id}})
	message := jsonObject{
		{"id", id},
		{"object", "thread.message"},
		{"created_at", created},
		{"assistant_id", r.assistant},
		{"thread_id", r.thread},
		{"run_id", r.run},
		{"status", "in_progress"},
		{"incomplete_details", nil},
		{"incomplete_at", nil},
		{"completed_at", nil},
		{"role", "assistant"},
		{"content", []jsonObject{}},
		{"attachments", []any{}},
		{"metadata", jsonObject{}},
	}
	r.emit("thread.message.created", message)
	r.emit("thread.message.in_progress", message)
	contents := []jsonObject{}
	for i, p := range parts {
		text := valid(p.text)
		for n, piece := range pieces(text) {
			content := messageContent(p.kind, piece, n == 0)
			r.emit("thread.message.delta", jsonObject{
				{"id", id},
				{"object", "thread.message.delta"},
				{"delta", jsonObject{{"content", []jsonObject{append(jsonObject{{"index", i}}, content...)}}}},
			})
		}
		if text != "" {
			contents = append(contents, messageContent(p.kind, text, true))
		}
	}
	message = message.with(member{"content", contents})
	if r.output.stop != "" {
		reason := r.output.stop
		if reason == "length" {
			reason = "max_tokens"
		}
		r.emit("thread.message.incomplete", message.with(member{"status", "incomplete"},
			member{"incomplete_details", jsonObject{{"reason", reason}}}, member{"incomplete_at", created}))
	} else {
		message = message.with(member{"status", "completed"}, member{"completed_at", created})
		r.emit("thread.message.completed", message)
		r.said = append(r.said, said{"/threads/{thread_id}/messages", message})
	}
	step = step.with(member{"status", "completed"}, member{"completed_at", created})
	r.tell("step.completed", step)
	r.said = append(r.said, said{stepsOfRun, step})
}

// stepsOfRun is where the steps of a run are kept.
const stepsOfRun = "/threads/{thread_id}/runs/{run_id}/steps"

// messageContent is a part of a message, or a piece of it; annotations stand in
// the first.
func messageContent(kind partKind, text string, first bool) jsonObject {
	if kind == refusalPart {
		return jsonObject{{"type", "refusal"}, {"refusal", text}}
	}
	value := jsonObject{{"value", text}}
	if first {
		value = append(value, member{"annotations", []any{}})
	}
	return jsonObject{{"type", "text"}, {"text", value}}
}

// calls reports the tool calls in a step that stays open until their results
// are there.
func (r *runTurn) calls() (calls []jsonObject) {
	tools := r.output.tools()
	if len(tools) == 0 {
		return nil
	}
	step := r.step("tool_calls", []jsonObject{})
	id := member{"id", step[0].value}
	delta := func(index int, call jsonObject) {
		r.tell("step.delta", jsonObject{id, {"object", "thread.run.step.delta"}, {"delta", jsonObject{{"step_details", jsonObject{
			{"type", "tool_calls"}, {"tool_calls", []jsonObject{append(jsonObject{{"index", index}}, call...)}},
		}}}}})
	}
	for i, p := range tools {
		p.custom = false // assistants have functions alone
		call := toolCall(i, p)
		calls = append(calls, call)
		delta(i, call.with(member{"function", jsonObject{{"name", p.name}, {"arguments", ""}, {"output", nil}}}))
		for _, piece := range pieces(valid(p.text)) {
			delta(i, jsonObject{{"type", "function"}, {"function", jsonObject{{"arguments", piece}}}})
		}
	}
	waiting := make([]jsonObject, len(calls))
	for i, p := range tools {
		waiting[i] = calls[i].with(member{"function", jsonObject{{"name", p.name}, {"arguments", valid(p.text)}, {"output", nil}}})
	}
	r.said = append(r.said, said{stepsOfRun, step.with(member{"step_details", jsonObject{{"type", "tool_calls"}, {"tool_calls", waiting}}})})
	return calls
}
