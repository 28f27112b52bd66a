package clienttest

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/tidwall/gjson"
)

// speech is one response of a Realtime session.
type speech struct {
	*realtime
	id       string
	audio    bool // it is spoken; else written
	apart    bool // from the conversation
	draft    jsonObject
	output   []jsonObject
	calls    int
	events   []jsonObject
	response member // response_id
}

// respond makes a response of the output.
func (r *realtime) respond(e *SocketEvent) reply {
	if r.paused != nil {
		return e.deny("conversation_already_has_active_response", "", "the response %s is in progress", r.latest)
	}
	script := r.scripted(e)
	script.Output = script.Output.orDefault()
	p := &speech{realtime: r, id: "resp_test_" + r.number()}
	r.latest, p.response = p.id, member{"response_id", p.id}
	asked := e.Get("response")
	p.apart = asked.Get("conversation").String() == "none"
	name, modalities := r.modalities(asked)
	p.audio = strings.Contains(modalities.Raw, `"audio"`)
	p.draft = jsonObject{{"object", "realtime.response"}, {"id", p.id}, {name, json.RawMessage(modalities.Raw)}}
	if !p.apart {
		p.draft = append(p.draft, member{"conversation_id", "conv_test_" + strings.TrimPrefix(r.request.ID, "req_test_")})
	}
	if metadata := asked.Get("metadata"); metadata.IsObject() {
		p.draft = append(p.draft, member{"metadata", json.RawMessage(metadata.Raw)})
	}

	p.tell("response.created", member{"response", p.draft.with(member{"status", "in_progress"}, member{"output", []jsonObject{}})})
	for _, group := range script.Output.messages() {
		if group[0].kind == toolPart {
			p.call(group[0])
		} else {
			p.say(group, script.Output.stop)
		}
	}
	p.finish(script.Output, len(e.Data)/4)
	return reply{events: p.events, script: script}
}

// modalities are those of the event, else of the session.
func (r *realtime) modalities(asked gjson.Result) (name string, list gjson.Result) {
	name = "output_modalities"
	if r.beta {
		name = "modalities"
	}
	for _, given := range []gjson.Result{asked.Get(name), gjson.Get(r.session, name)} {
		if given.IsArray() {
			return name, given
		}
	}
	return name, gjson.Parse(`["audio"]`)
}

func (p *speech) tell(kind string, members ...member) {
	p.events = append(p.events, p.event(kind, members...))
}

// open reports a new item.
func (p *speech) open(item jsonObject) {
	p.tell("response.output_item.added", p.response, member{"output_index", len(p.output)}, member{"item", item})
	if !p.apart {
		p.events = append(p.events, p.add(item, "")...)
	}
}

// close reports that an item is complete.
func (p *speech) close(item jsonObject) {
	if !p.apart {
		p.events = append(p.events, p.done(item)...)
	}
	p.tell("response.output_item.done", p.response, member{"output_index", len(p.output)}, member{"item", item})
	p.output = append(p.output, item)
}

// say speaks or writes texts, each as a part of a message.
func (p *speech) say(parts []part, stop string) {
	item := jsonObject{
		{"id", p.newItemID()},
		{"object", "realtime.item"},
		{"type", "message"},
		{"status", "in_progress"},
		{"role", "assistant"},
		{"content", []jsonObject{}},
	}
	p.open(item)
	var contents []jsonObject
	for i, said := range parts {
		place := []member{p.response, {"item_id", item.text("id")}, {"output_index", len(p.output)}, {"content_index", i}}
		tell := func(kind string, members ...member) {
			p.tell(kind, append(place[:len(place):len(place)], members...)...)
		}
		text := valid(said.text)
		if !p.audio {
			tell("response.content_part.added", member{"part", jsonObject{{"type", "text"}, {"text", ""}}})
			for _, piece := range pieces(text) {
				tell("response.output_text.delta", member{"delta", piece})
			}
			tell("response.output_text.done", member{"text", text})
			tell("response.content_part.done", member{"part", jsonObject{{"type", "text"}, {"text", text}}})
			contents = append(contents, jsonObject{{"type", "output_text"}, {"text", text}})
			continue
		}
		tell("response.content_part.added", member{"part", jsonObject{{"type", "audio"}, {"transcript", ""}}})
		for _, piece := range pieces(text) {
			tell("response.output_audio_transcript.delta", member{"delta", piece})
			tell("response.output_audio.delta", member{"delta", silence()})
		}
		tell("response.output_audio.done")
		tell("response.output_audio_transcript.done", member{"transcript", text})
		tell("response.content_part.done", member{"part", jsonObject{{"type", "audio"}, {"transcript", text}}})
		contents = append(contents, jsonObject{{"type", "output_audio"}, {"transcript", text}})
	}
	status := "completed"
	if stop != "" {
		status = "incomplete"
	}
	p.close(item.with(member{"status", status}, member{"content", contents}))
}

// silence is 10 ms of it: 24 kHz, 16 bits, one channel.
func silence() string { return base64.StdEncoding.EncodeToString(make([]byte, 480)) }

// call calls a function.
func (p *speech) call(called part) {
	item := jsonObject{
		{"id", p.newItemID()},
		{"object", "realtime.item"},
		{"type", "function_call"},
		{"status", "in_progress"},
		{"call_id", callID(p.calls)},
		{"name", called.name},
		{"arguments", ""},
	}
	p.calls++
	p.open(item)
	place := []member{p.response, {"item_id", item.text("id")}, {"output_index", len(p.output)}, {"call_id", item.text("call_id")}}
	arguments := valid(called.text)
	for _, piece := range pieces(arguments) {
		p.tell("response.function_call_arguments.delta", append(place[:len(place):len(place)], member{"delta", piece})...)
	}
	p.tell("response.function_call_arguments.done", append(place[:len(place):len(place)], member{"name", called.name}, member{"arguments", arguments})...)
	p.close(item.with(member{"status", "completed"}, member{"arguments", arguments}))
}

// finish says how the response ended, and what it used up.
func (p *speech) finish(o Output, in int) {
	status, details := "completed", jsonObject(nil)
	switch {
	case o.failure != nil:
		status = "failed"
		details = jsonObject{{"type", "failed"}, {"error", jsonObject{{"type", "server_error"}, {"code", o.failure.code}}}}
	case o.stop != "":
		status = "incomplete"
		reason := o.stop
		if reason == "length" {
			reason = "max_output_tokens"
		}
		details = jsonObject{{"type", "incomplete"}, {"reason", reason}}
	}
	out := o.tokens()
	response := p.draft.with(member{"status", status}, member{"output", p.output}, member{"usage", jsonObject{
		{"total_tokens", in + out}, {"input_tokens", in}, {"output_tokens", out},
	}})
	if p.output == nil {
		response = response.with(member{"output", []jsonObject{}})
	}
	if details != nil {
		response = append(response, member{"status_details", details})
	}
	p.tell("response.done", member{"response", response})
	p.tell("rate_limits.updated", member{"rate_limits", []jsonObject{
		{{"name", "requests"}, {"limit", 1000}, {"remaining", 999}, {"reset_seconds", 0.06}},
	}})
}

// cancelled ends a response after the first events of it: the item that it was at
// stays incomplete, and later ones have never been.
func (r *realtime) cancelled(all []jsonObject, sent int) (events []jsonObject) {
	for _, e := range all[sent:] {
		if e.text("type") != "response.output_item.added" {
			continue
		}
		for _, m := range e {
			if item, ok := m.value.(jsonObject); ok {
				r.items = slices.DeleteFunc(r.items, func(have jsonObject) bool { return have.text("id") == item.text("id") })
			}
		}
	}
	text, _ := jsonscan.Marshal(all[:sent]) // they have been encoded before
	told := gjson.ParseBytes(text)
	var output []jsonObject
	told.ForEach(func(_, e gjson.Result) bool {
		switch e.Get("type").String() {
		case "response.output_item.done":
			output[len(output)-1] = parseObject([]byte(e.Get("item").Raw))
		case "response.output_item.added":
			output = append(output, parseObject([]byte(e.Get("item").Raw)).with(member{"status", "incomplete"}))
		}
		return true
	})
	response := parseObject([]byte(told.Get("0.response").Raw))
	if last := len(output) - 1; last >= 0 && output[last].text("status") == "incomplete" {
		if at := r.itemAt(output[last].text("id")); at >= 0 {
			r.items[at] = output[last]
		}
		events = append(events, r.event("response.output_item.done", member{"response_id", response.text("id")},
			member{"output_index", last}, member{"item", output[last]}))
	}
	return append(events, r.event("response.done", member{"response", response.with(
		member{"status", "cancelled"}, member{"output", append([]jsonObject{}, output...)},
		member{"status_details", jsonObject{{"type", "cancelled"}, {"reason", "client_cancelled"}}})}))
}
