package openai

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/opcall/opcall/client"
)

// The sound that Realtime takes and makes: PCM16 unless it is told otherwise, which is 16
// bits, little-endian, one channel, 24,000 times a second; else telephone sound of one
// byte, 8,000 times a second.
const (
	pcm       = "audio/pcm"
	pcmRate   = 24000
	phoneRate = 8000
)

// bytesPerSecond is the size of sound.
func bytesPerSecond(format string) int64 {
	if format == "" || format == pcm {
		return 2 * pcmRate
	}
	return phoneRate
}

// RealtimeSession is a conversation with a model on a socket. What is said goes in by
// SendText and SendAudio, at any time and from any goroutine; what the model says comes
// out of Outputs, which has one reader. The events below are those of the
// client.Socket; the caller closes it.
type RealtimeSession struct {
	*client.Socket
	tools   []*ToolFunc
	in, out int64 // bytes of a second of sound

	mu      sync.Mutex
	active  string   // ID of the response that the model is at, "" without one
	spoken  playback // what the model said last
	stopped string   // the item that was interrupted, of which there may be more on the way
}

// playback is what has come of a piece of speech.
type playback struct {
	item    string
	content int64
	bytes   int64
}

// RealtimeSession opens a session and tells it the settings. ToolFuncs among the tools
// are called when the model asks for them; Outputs says how. The session lasts as long
// as ctx, and until Close.
func (c *Client) RealtimeSession(ctx context.Context, settings RealtimeSettings, opts ...client.CallOption) (*RealtimeSession, error) {
	if err := settings.check(); err != nil {
		return nil, err
	}
	s := &RealtimeSession{in: bytesPerSecond(settings.InputFormat), out: bytesPerSecond(settings.OutputFormat)}
	for _, tool := range settings.Tools {
		t, ok := tool.(*ToolFunc)
		switch {
		case ok && t == nil:
			return nil, errors.New("RealtimeSettings: got a nil tool")
		case ok && t.isCustom():
			return nil, fmt.Errorf("RealtimeSettings: got the custom tool %.80q, want functions", t.Name())
		case ok:
			s.tools = append(s.tools, t)
		}
	}
	address := client.Params{}
	setText(address, "model", settings.Model)
	var err error
	if s.Socket, err = c.Realtime(ctx, address, opts...); err != nil {
		return nil, err
	}
	if err := s.Configure(ctx, settings); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Configure changes settings of the session; those at their zero value stay as they are.
// A model, a voice that has spoken and the formats cannot be changed. It does not change
// which tools are called.
func (s *RealtimeSession) Configure(ctx context.Context, settings RealtimeSettings) error {
	if err := settings.check(); err != nil {
		return err
	}
	return s.Send(ctx, client.Params{"type": "session.update", "session": settings.session(false)})
}

// SendText says a text to the session. The model says something when Respond asks it
// to.
func (s *RealtimeSession) SendText(ctx context.Context, text string) error {
	return s.sendItem(ctx, client.Params{
		"type": "message", "role": "user", "content": []any{client.Params{"type": "input_text", "text": text}},
	})
}

func (s *RealtimeSession) sendItem(ctx context.Context, item client.Params) error {
	return s.Send(ctx, client.Params{"type": "conversation.item.create", "item": item})
}

// SendAudio says the sound that r has to the session, a tenth of a second at a time:
// PCM16 of 24 kHz, one channel, unless InputFormat says otherwise. It is sent pace times
// as fast as it is spoken: 1 for what is played meanwhile, 0 for as fast as the socket
// takes it. Where the server tells turns apart it responds by itself; with ManualTurns,
// Commit and Respond follow.
//
// It returns how many bytes were sent. An error of r comes after what it had; half a
// sample at the end is an error too.
func (s *RealtimeSession) SendAudio(ctx context.Context, r io.Reader, pace float64) (int64, error) {
	switch {
	case r == nil:
		return 0, errors.New("SendAudio: got a nil reader")
	case !(pace >= 0):
		return 0, fmt.Errorf("SendAudio: got %v as the pace, want 0 or more", pace)
	}
	var sent int64
	started := time.Now()
	piece := make([]byte, s.in/10)
	for {
		n, err := io.ReadFull(r, piece)
		if n > 0 {
			if pace > 0 {
				due := started.Add(time.Duration(float64(sent) / float64(s.in) / pace * float64(time.Second)))
				if err := sleep(ctx, time.Until(due)); err != nil {
					return sent, err
				}
			}
			event := client.Params{"type": "input_audio_buffer.append", "audio": piece[:n]}
			if err := s.Send(ctx, event); err != nil {
				return sent, err
			}
			sent += int64(n)
		}
		switch {
		case err == nil:
		case err != io.EOF && err != io.ErrUnexpectedEOF:
			return sent, fmt.Errorf("SendAudio: %w", err)
		case sent%2 != 0 && s.in == bytesPerSecond(pcm):
			return sent, fmt.Errorf("SendAudio: got %d bytes, half a sample at the end; want PCM16", sent)
		default:
			return sent, nil
		}
	}
}

// Commit says that what was sent by SendAudio is all that was said.
func (s *RealtimeSession) Commit(ctx context.Context) error {
	return s.Send(ctx, client.Params{"type": "input_audio_buffer.commit"})
}

// Respond asks the model to say something. Outputs has what it says.
func (s *RealtimeSession) Respond(ctx context.Context) error {
	return s.Send(ctx, client.Params{"type": "response.create"})
}

// cancelID names the events that Interrupt sends, whose refusal is not news: the response
// may have ended meanwhile.
const cancelID = "opcall_interrupt"

// Interrupt stops the model, and lets it know how much of what it said was heard: played
// is how long its latest speech has been played. What was not heard is taken out of the
// conversation, and what is still on its way does not come out of Outputs.
func (s *RealtimeSession) Interrupt(ctx context.Context, played time.Duration) error {
	s.mu.Lock()
	active, spoken := s.active, s.spoken
	s.spoken = playback{}
	if spoken.item != "" {
		s.stopped = spoken.item
	}
	s.mu.Unlock()
	if active != "" {
		if err := s.Send(ctx, client.Params{"type": "response.cancel", "event_id": cancelID}); err != nil {
			return err
		}
	}
	if spoken.item == "" {
		return nil
	}
	heard := min(max(0, played.Milliseconds()), spoken.bytes*1000/s.out)
	return s.Send(ctx, client.Params{
		"type": "conversation.item.truncate", "event_id": cancelID,
		"item_id": spoken.item, "content_index": spoken.content, "audio_end_ms": heard,
	})
}

// began and ended note which response the model is at.
func (s *RealtimeSession) began(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active, s.spoken = id, playback{}
}

func (s *RealtimeSession) ended(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active == id {
		s.active = ""
	}
}

// heard notes a piece of speech, and returns it, but for one that was interrupted.
func (s *RealtimeSession) heard(ev client.Event) ([]byte, error) {
	sound, err := base64.StdEncoding.DecodeString(ev.Get("delta").String())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ev.Type, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	item, content := ev.Get("item_id").String(), ev.Get("content_index").Int()
	if item == s.stopped && item != "" {
		return nil, nil
	}
	if s.spoken.item != item || s.spoken.content != content {
		s.spoken = playback{item: item, content: content}
	}
	s.spoken.bytes += int64(len(sound))
	return sound, nil
}

// sleep waits, or until ctx ends, which is an error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return cmp.Or(context.Cause(ctx), ctx.Err())
	}
}
