package clienttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// realtime is a session of the Realtime API: settings, a conversation of items, a
// buffer of audio. There is no voice detection: audio is heard when it is
// committed, and a response is made when it is asked for.
type realtime struct {
	*conversation
	beta     bool
	session  string // JSON
	items    []jsonObject
	buffered int    // bytes of audio, in base64
	latest   string // ID of the latest response
}

func newRealtime(c *conversation) protocol     { return &realtime{conversation: c} }
func newRealtimeBeta(c *conversation) protocol { return &realtime{conversation: c, beta: true} }

func (r *realtime) begin() []jsonObject {
	r.session = r.newSession(r.request.Param("intent").String())
	return []jsonObject{r.tellSession("session.created", "session")}
}

// sessionExpires is when sessions do.
const sessionExpires = created + 1800

func (r *realtime) newSession(kind string) string {
	id := "sess_test_" + strings.TrimPrefix(r.request.ID, "req_test_")
	session := jsonObject{{"type", "realtime"}, {"object", "realtime.session"}, {"id", id}, {"model", r.model("gpt-realtime")}, {"expires_at", sessionExpires}}
	switch {
	case r.beta:
		session = append(session[1:], member{"modalities", []string{"text", "audio"}}, member{"instructions", ""})
	case kind == "transcription":
		session = jsonObject{{"type", "transcription"}, {"object", "realtime.transcription_session"}, {"id", id}, {"expires_at", sessionExpires}}
	default:
		session = append(session, member{"output_modalities", []string{"audio"}}, member{"instructions", ""})
	}
	text, _ := jsonscan.Marshal(session) // made of texts and numbers
	return string(text)
}

// tellSession is an event with the session as the document lets it be told: settings
// that a response has no place for are left out.
func (r *realtime) tellSession(kind, name string) jsonObject {
	session := r.session
	for range maxEchoes {
		e := r.event(kind, member{name, json.RawMessage(session)})
		var invalid *schema.ValidationError
		text, _ := jsonscan.Marshal(e)
		if !errors.As(r.spec.Server.Validate(text), &invalid) {
			return e
		}
		r.told--
		for _, problem := range invalid.Problems {
			at := problem.Pointer.Tokens()
			if len(at) < 2 || at[0] != name {
				continue
			}
			for i, token := range at {
				at[i] = gjson.Escape(token)
			}
			if less, err := sjson.Delete(session, strings.Join(at[1:], ".")); err == nil {
				session = less
			}
		}
	}
	return r.event(kind, member{name, json.RawMessage(r.newSession(""))})
}

// maxEchoes bounds how often a session is looked through for what cannot be told.
const maxEchoes = 8

func (r *realtime) answer(e *SocketEvent) reply {
	switch e.Type {
	case "session.update", "transcription_session.update":
		return r.update(e)
	case "conversation.item.create":
		return r.createItem(e)
	case "conversation.item.retrieve", "conversation.item.delete", "conversation.item.truncate":
		return r.onItem(e)
	case "input_audio_buffer.append":
		r.buffered += len(textOf(e.Data, "audio"))
		return reply{}
	case "input_audio_buffer.clear":
		r.buffered = 0
		return plain(r.event("input_audio_buffer.cleared"))
	case "input_audio_buffer.commit":
		return r.commit(e)
	case "output_audio_buffer.clear":
		if r.latest == "" {
			return e.deny("output_audio_buffer_empty", "", "there has been no response")
		}
		return plain(r.event("output_audio_buffer.cleared", member{"response_id", r.latest}))
	case "response.create":
		return r.respond(e)
	case "response.cancel":
		return r.cancel(e)
	}
	return reply{}
}

func (r *realtime) refuse(e *SocketEvent, why *Refusal) jsonObject {
	return r.event("error", member{"error", jsonObject{
		{"type", "invalid_request_error"},
		{"code", why.Code},
		{"message", why.Message},
		{"param", orNull(why.Param)},
		{"event_id", orNull(textOf(e.Data, "event_id"))},
	}})
}

// update changes what is given of the session (RFC 7396, but that null is a
// value).
func (r *realtime) update(e *SocketEvent) reply {
	given := gjson.GetBytes(e.Data, "session")
	if kind := given.Get("type").String(); kind != "" && kind != gjson.Get(r.session, "type").String() {
		r.session = r.newSession(kind)
	}
	r.session = overlay(r.session, given)
	if e.Type == "transcription_session.update" {
		secret, _ := sjson.Set(r.session, "client_secret", map[string]any{"value": "ek_test", "expires_at": sessionExpires})
		defer func(session string) { r.session = session }(r.session)
		r.session = secret
		return plain(r.tellSession("transcription_session.updated", "session"))
	}
	return plain(r.tellSession("session.updated", "session"))
}

// overlay sets the members of an object in another, and theirs in turn.
func overlay(text string, change gjson.Result) string {
	object := parseObject([]byte(text))
	change.ForEach(func(key, value gjson.Result) bool {
		raw := value.Raw
		if old := gjson.Get(text, gjson.Escape(key.Str)); value.IsObject() && old.IsObject() {
			raw = overlay(old.Raw, value)
		}
		object = object.with(member{key.Str, json.RawMessage(raw)})
		return true
	})
	merged, err := jsonscan.Marshal(object)
	if err != nil {
		return text
	}
	return string(merged)
}

// itemAt returns the index of an item, -1 where there is none.
func (r *realtime) itemAt(id string) int {
	return slices.IndexFunc(r.items, func(item jsonObject) bool { return item.text("id") == id })
}

// text is a member that is a text.
func (o jsonObject) text(name string) string {
	for _, m := range o {
		if m.name == name {
			switch value := m.value.(type) {
			case string:
				return value
			case json.RawMessage:
				return gjson.ParseBytes(value).String()
			}
		}
	}
	return ""
}

// newItemID makes the ID of an item that has none.
func (r *realtime) newItemID() string {
	r.told++
	return fmt.Sprintf("item_test_%s_%d", strings.TrimPrefix(r.request.ID, "req_test_"), r.told)
}

// add puts an item into the conversation, behind the one that is named, at the
// end where none is. It returns what that is told by.
func (r *realtime) add(item jsonObject, behind string) (events []jsonObject) {
	at := len(r.items)
	switch {
	case behind == "root":
		at = 0
	case behind != "":
		at = r.itemAt(behind) + 1
	}
	r.items = slices.Insert(r.items, at, item)
	previous := member{"previous_item_id", nil}
	if at > 0 {
		previous.value = r.items[at-1].text("id")
	}
	if r.beta {
		return []jsonObject{r.event("conversation.item.created", previous, member{"item", item})}
	}
	return []jsonObject{r.event("conversation.item.added", previous, member{"item", item})}
}

// done reports that an item is complete.
func (r *realtime) done(item jsonObject) (events []jsonObject) {
	at := r.itemAt(item.text("id"))
	if at >= 0 {
		r.items[at] = item
	}
	if r.beta || at < 0 {
		return nil
	}
	previous := member{"previous_item_id", nil}
	if at > 0 {
		previous.value = r.items[at-1].text("id")
	}
	return []jsonObject{r.event("conversation.item.done", previous, member{"item", item})}
}

func (r *realtime) createItem(e *SocketEvent) reply {
	behind := textOf(e.Data, "previous_item_id")
	if behind != "" && behind != "root" && r.itemAt(behind) < 0 {
		return e.deny("item_create_invalid_previous_item_id", "previous_item_id", "the conversation has no item %.80q", behind)
	}
	item := parseObject([]byte(e.Get("item").Raw))
	id := item.text("id")
	switch {
	case id == "":
		item = append(jsonObject{{"id", r.newItemID()}}, item...)
	case r.itemAt(id) >= 0:
		return e.deny("item_create_duplicate_id", "item.id", "the conversation has an item %.80q", id)
	}
	switch kind := item.text("type"); kind {
	case "message", "function_call", "function_call_output":
		item = item.with(member{"object", "realtime.item"}, member{"status", "completed"})
	}
	return plain(append(r.add(item, behind), r.done(item)...)...)
}

// onItem responds to what concerns one item of the conversation.
func (r *realtime) onItem(e *SocketEvent) reply {
	id := textOf(e.Data, "item_id")
	at := r.itemAt(id)
	verb := strings.TrimPrefix(e.Type, "conversation.item.")
	if at < 0 {
		return e.deny("item_"+verb+"_invalid_item_id", "item_id", "the conversation has no item %.80q", id)
	}
	switch verb {
	case "retrieve":
		return plain(r.event("conversation.item.retrieved", member{"item", r.items[at]}))
	case "delete":
		r.items = slices.Delete(r.items, at, at+1)
		return plain(r.event("conversation.item.deleted", member{"item_id", id}))
	}
	return plain(r.event("conversation.item.truncated", member{"item_id", id},
		member{"content_index", json.RawMessage(e.Get("content_index").Raw)},
		member{"audio_end_ms", json.RawMessage(e.Get("audio_end_ms").Raw)}))
}

// commit makes an item of the audio that was sent, with a transcript where the
// session asks for that.
func (r *realtime) commit(e *SocketEvent) reply {
	if r.buffered == 0 {
		return e.deny("input_audio_buffer_commit_empty", "", "the buffer has no audio to commit")
	}
	r.buffered = 0
	part := jsonObject{{"type", "input_audio"}}
	item := jsonObject{
		{"id", r.newItemID()},
		{"object", "realtime.item"},
		{"type", "message"},
		{"status", "completed"},
		{"role", "user"},
		{"content", []jsonObject{part}},
	}
	previous := member{"previous_item_id", nil}
	if len(r.items) > 0 {
		previous.value = r.items[len(r.items)-1].text("id")
	}
	id := member{"item_id", item.text("id")}
	events := []jsonObject{r.event("input_audio_buffer.committed", previous, id)}
	events = append(events, r.add(item, "")...)
	events = append(events, r.done(item)...)
	if gjson.Get(r.session, "audio.input.transcription").IsObject() || gjson.Get(r.session, "input_audio_transcription").IsObject() {
		const transcription = "conversation.item.input_audio_transcription."
		at := member{"content_index", 0}
		for _, piece := range pieces(defaultText) {
			events = append(events, r.event(transcription+"delta", id, at, member{"delta", piece}))
		}
		events = append(events, r.event(transcription+"completed", id, at, member{"transcript", defaultText},
			member{"usage", jsonObject{{"type", "duration"}, {"seconds", 1}}}))
	}
	return plain(events...)
}

// cancel ends a response that has been stopped by the script.
func (r *realtime) cancel(e *SocketEvent) reply {
	id := textOf(e.Data, "response_id")
	if r.paused == nil || id != "" && id != r.latest {
		return e.deny("response_cancel_not_active", "response_id", "there is no response to cancel")
	}
	stopped := r.paused
	r.paused = nil
	return plain(r.cancelled(stopped.events, stopped.script.Pause)...)
}
