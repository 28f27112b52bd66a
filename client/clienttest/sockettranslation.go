package clienttest

import (
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
)

// translation is a session that hears one language and speaks another: each piece
// of audio gets the output.
type translation struct{ *realtime }

func newTranslation(c *conversation) protocol {
	return translation{&realtime{conversation: c}}
}

func (t translation) begin() []jsonObject {
	text, _ := jsonscan.Marshal(jsonObject{
		{"id", "sess_test_" + t.request.ID[len("req_test_"):]},
		{"type", "translation"},
		{"expires_at", sessionExpires},
		{"model", t.model("gpt-realtime-translate")},
		{"audio", jsonObject{{"output", jsonObject{{"language", "en"}}}}},
	})
	t.session = string(text)
	return []jsonObject{t.tellSession("session.created", "session")}
}

func (t translation) answer(e *SocketEvent) reply {
	switch e.Type {
	case "session.update":
		t.session = overlay(t.session, gjson.GetBytes(e.Data, "session"))
		return plain(t.tellSession("session.updated", "session"))
	case "session.close":
		return reply{
			events: []jsonObject{t.event("session.closed")},
			script: SocketAnswer{Fail: CloseSocket(1, 1000, "")},
		}
	}
	script := t.scripted(e)
	var events []jsonObject
	for _, piece := range pieces(valid(script.Output.orDefault().text(textPart))) {
		events = append(events,
			t.event("session.input_transcript.delta", member{"delta", piece}),
			t.event("session.output_transcript.delta", member{"delta", piece}),
			t.event("session.output_audio.delta", member{"delta", silence()}))
	}
	return reply{events: events, script: script}
}
