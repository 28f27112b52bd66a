package openai

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
)

// RealtimeOutput is one thing that comes out of a session. Event is what it was made of;
// of the others one is set, or none for events that only say how the session goes on.
type RealtimeOutput struct {
	Text        string       // a piece of what the model writes, or of the transcript of what it says
	Audio       []byte       // a piece of what it says: PCM16 of 24 kHz, unless OutputFormat says otherwise
	Heard       string       // the transcript of what was said to the session, where Transcription asks for it
	Interrupted bool         // somebody began to speak: stop playing, then call Interrupt
	Call        *ToolOutcome // of a tool that was called
	Event       client.Event
}

// RealtimeError is a response of a session that ended before it was complete, for
// another reason than that it was interrupted.
type RealtimeError struct {
	Status       string // "failed", "incomplete"
	Reason       string // "max_output_tokens", "content_filter"; may be ""
	Code         string // of a failure
	Message      string
	Event        client.Event // response.done
	ResponseID   string
	CallsPending int // of functions that were not called: the limit of rounds was reached
}

func (e *RealtimeError) Error() string {
	if e.CallsPending > 0 {
		return fmt.Sprintf("realtime: response %.80s asks for %d more calls of functions after %d rounds of them", e.ResponseID, e.CallsPending, realtimeRounds)
	}
	text := fmt.Sprintf("realtime: response %.80s: %.40s", e.ResponseID, e.Status)
	for _, detail := range []string{e.Reason, e.Code, e.Message} {
		if detail != "" {
			text += fmt.Sprintf(": %.200q", detail)
		}
	}
	return text
}

// realtimeRounds is how often the model may call functions before it has said what it
// has to say.
const realtimeRounds = 16

// Outputs yields what comes out of the session until the model has said what it has to
// say: to the end of the first response that calls no ToolFunc. Functions that a
// response calls are called all at once when it is complete, their results sent, and the
// model asked to go on. Leaving the loop, and ranging again for the next turn, go on
// with the event that follows.
//
// An error ends the iteration: an *client.APIError that the server reports, after which
// the session goes on; a *RealtimeError for a response that failed, was cut by its
// limit, or calls functions for ever; or the end of the socket, as client.Socket.Events
// reports it. A response that was interrupted ends without an error. The functions get
// ctx; to end the wait for events, end the session's own context or close it.
func (s *RealtimeSession) Outputs(ctx context.Context) iter.Seq2[RealtimeOutput, error] {
	return func(yield func(RealtimeOutput, error) bool) {
		rounds := 0
		for ev, err := range s.Events() {
			if err != nil {
				if isOwn(ev) {
					continue
				}
				yield(RealtimeOutput{Event: ev}, err)
				return
			}
			output, err := s.output(ev)
			if err != nil {
				yield(output, err)
				return
			}
			if !yield(output, nil) {
				return
			}
			if ev.Type != "response.done" {
				continue
			}
			calls := s.calls(ev)
			if len(calls) == 0 {
				return
			}
			if rounds++; rounds > realtimeRounds {
				yield(RealtimeOutput{Event: ev}, &RealtimeError{
					Status: "incomplete", Event: ev, ResponseID: ev.Get("response.id").String(), CallsPending: len(calls),
				})
				return
			}
			if !s.callAll(ctx, ev, calls, yield) {
				return
			}
		}
	}
}

// isOwn reports an error about an event that Interrupt sent.
func isOwn(ev client.Event) bool {
	return ev.Type == "error" && ev.Get("error.event_id").String() == cancelID
}

// output makes an output of an event.
func (s *RealtimeSession) output(ev client.Event) (RealtimeOutput, error) {
	out := RealtimeOutput{Event: ev}
	switch ev.Type {
	case "response.created":
		s.began(ev.Get("response.id").String())
	case "response.output_audio.delta":
		sound, err := s.heard(ev)
		out.Audio = sound
		return out, err
	case "conversation.item.input_audio_transcription.completed":
		out.Heard = ev.Get("transcript").String()
	case "input_audio_buffer.speech_started":
		out.Interrupted = true
	case "response.done":
		s.ended(ev.Get("response.id").String())
		return out, incomplete(ev)
	default:
		out.Text = ev.Text()
	}
	return out, nil
}

// incomplete returns the error of a response that is not what was asked for.
func incomplete(ev client.Event) error {
	response := ev.Get("response")
	switch status := response.Get("status").String(); status {
	case "completed", "cancelled":
		return nil
	default:
		details := response.Get("status_details")
		return &RealtimeError{
			Status: status, Reason: details.Get("reason").String(), Code: details.Get("error.code").String(),
			Message: details.Get("error.message").String(), Event: ev, ResponseID: response.Get("id").String(),
		}
	}
}

// calls are the calls of functions in a response that has been completed. A session
// without a ToolFunc leaves them to the caller.
func (s *RealtimeSession) calls(ev client.Event) []ToolCall {
	var calls []ToolCall
	if len(s.tools) == 0 || ev.Get("response.status").String() != "completed" {
		return nil
	}
	ev.Get("response.output").ForEach(func(_, item gjson.Result) bool {
		if item.Get("type").String() == "function_call" {
			calls = append(calls, ToolCall{
				ID: item.Get("call_id").String(), Type: "function",
				Function: FunctionCall{Name: item.Get("name").String(), Arguments: item.Get("arguments").String()},
			})
		}
		return true
	})
	return calls
}

// callAll calls functions, sends their results and asks the model to go on. It reports
// whether the iteration goes on.
func (s *RealtimeSession) callAll(ctx context.Context, ev client.Event, calls []ToolCall, yield func(RealtimeOutput, error) bool) bool {
	outcomes := make([]ToolOutcome, len(calls))
	var all sync.WaitGroup
	for i, call := range calls {
		all.Go(func() { outcomes[i] = s.call(ctx, call) })
	}
	all.Wait()
	for _, outcome := range outcomes {
		err := s.sendItem(ctx, client.Params{"type": "function_call_output", "call_id": outcome.Call.ID, "output": outcome.said()})
		if err != nil {
			yield(RealtimeOutput{Event: ev}, err)
			return false
		}
	}
	if err := s.Respond(ctx); err != nil {
		yield(RealtimeOutput{Event: ev}, err)
		return false
	}
	for _, outcome := range outcomes {
		if !yield(RealtimeOutput{Call: &outcome, Event: ev}, nil) {
			return false
		}
	}
	return true
}

// call calls one function. What the model gets of a call that fails is the reason.
func (s *RealtimeSession) call(ctx context.Context, call ToolCall) ToolOutcome {
	at := slices.IndexFunc(s.tools, func(t *ToolFunc) bool { return t.name == call.Function.Name })
	if at < 0 {
		return failedCall(call, ToolUnknown, fmt.Sprintf("there is no tool %.100q", call.Function.Name), nil)
	}
	return s.tools[at].Call(ctx, call)
}

// said is the outcome as a text: parts have no place in a session.
func (o ToolOutcome) said() string {
	if o.Parts == nil {
		return o.Output
	}
	return texts(o.Parts)
}

// Text yields the text that Outputs has: what the model writes, or the transcript of
// what it says.
func (s *RealtimeSession) Text(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for out, err := range s.Outputs(ctx) {
			if (err != nil || out.Text != "") && !yield(out.Text, err) {
				return
			}
		}
	}
}

// Audio yields the sound that Outputs has.
func (s *RealtimeSession) Audio(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for out, err := range s.Outputs(ctx) {
			if (err != nil || len(out.Audio) > 0) && !yield(out.Audio, err) {
				return
			}
		}
	}
}
