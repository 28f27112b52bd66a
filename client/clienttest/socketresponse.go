package clienttest

import (
	"encoding/json"
	"strings"
)

// responses is a socket on which responses are created, by the events of the
// stream that createResponse has.
type responses struct{ *conversation }

func newResponses(c *conversation) protocol { return responses{c} }

func (responses) begin() []jsonObject { return nil }

func (r responses) refuse(e *SocketEvent, why *Refusal) jsonObject {
	return r.inLane(e, jsonObject{{"type", "error"}, {"status", why.Status}, {"error", jsonObject{
		{"type", "invalid_request_error"}, {"code", why.Code}, {"message", why.Message}, {"param", orNull(why.Param)},
	}}})
}

// inLane gives an event the stream_id of the one that it responds to.
func (responses) inLane(e *SocketEvent, event jsonObject) jsonObject {
	if lane := textOf(e.Data, "stream_id"); lane != "" {
		event = append(event, member{"stream_id", lane})
	}
	return event
}

func (r responses) answer(e *SocketEvent) reply {
	if e.Type == "response.inject" {
		return r.inject(e)
	}
	previous := textOf(e.Data, "previous_response_id")
	switch {
	case e.Get("background").Bool():
		return e.deny("invalid_value", "background", "a response on a socket cannot be one in the background")
	case previous != "" && !strings.HasPrefix(previous, "resp_test_"):
		return e.deny("previous_response_not_found", "previous_response_id", "there is no response %.80q", previous)
	}
	script := r.scripted(e)
	t := &turn{op: r.spec.Like, req: &Request{Body: e.Data}, number: r.number()}
	t.output = script.Output.askedFor(t.req)
	if media := answerInJSON(t.op); media != nil {
		if made, err := r.server.instance(media); err == nil {
			t.draft = parseObject(made.data)
		}
	}
	if previous != "" {
		t.draft = t.draft.with(member{"previous_response_id", previous})
	}
	t.response()
	events := make([]jsonObject, len(t.events))
	for i, said := range t.events {
		events[i] = r.inLane(e, parseObject(said.data))
	}
	return reply{events: events, script: script}
}

// inject adds input to a response that has been stopped by the script, which goes
// on then.
func (r responses) inject(e *SocketEvent) reply {
	id := member{"response_id", textOf(e.Data, "response_id")}
	if r.paused == nil {
		return plain(jsonObject{
			{"type", "response.inject.failed"},
			id,
			{"sequence_number", 0},
			{"input", json.RawMessage(e.Get("input").Raw)},
			{"error", jsonObject{{"code", "response_already_completed"}, {"message", "the response is not in progress"}}},
		})
	}
	rest := r.paused.events[r.paused.script.Pause:]
	r.paused = nil
	return plain(append([]jsonObject{{{"type", "response.inject.created"}, id, {"sequence_number", 0}}}, rest...)...)
}
