package openai

import (
	"context"
	"io"
	"maps"

	"github.com/opcall/opcall/client"
)

// SpeechRequest is a request for spoken text. Fields at their zero value are left out;
// pointers tell zero from absent.
type SpeechRequest struct {
	Model        string
	Input        string // at most 4,096 characters
	Voice        string // "alloy" and others
	Instructions string // how it is spoken
	Format       string // "mp3", "opus", "aac", "flac", "wav", "pcm"
	Speed        *float64

	// Extra holds every other field of the request by its name in the API. Its
	// entries override the fields above; one that is nil is written as null. A voice
	// of one's own is "voice": map[string]any{"id": "voice_…"}.
	Extra map[string]any
}

// Params returns the request as params of createSpeech.
func (r SpeechRequest) Params() client.Params {
	p := client.Params{}
	setText(p, "model", r.Model)
	setText(p, "input", r.Input)
	setText(p, "voice", r.Voice)
	setText(p, "instructions", r.Instructions)
	setText(p, "response_format", r.Format)
	set(p, "speed", r.Speed)
	maps.Copy(p, r.Extra)
	return p
}

// MarshalJSON writes the request as the API has it.
func (r SpeechRequest) MarshalJSON() ([]byte, error) { return marshal(r.Params()) }

// Speak writes spoken text to w while it arrives, and returns how many bytes there
// were: Call of createSpeech. A response without sound is a *client.ResponseError, one
// that breaks off a *client.ConnectionError; w then has what came before.
func (c *Client) Speak(ctx context.Context, w io.Writer, req SpeechRequest, opts ...client.CallOption) (int64, error) {
	r, err := c.Call(ctx, "createSpeech", req, opts...)
	if err != nil {
		return 0, err
	}
	if isText(r) {
		return 0, missing(r, "sound", "sound")
	}
	n, err := r.WriteTo(w)
	if err == nil && n == 0 {
		err = missing(r, "sound", "sound")
	}
	return n, err
}

// SpeakFile is Speak into a file, which is there only when all of it is: until then it
// has another name.
func (c *Client) SpeakFile(ctx context.Context, path string, req SpeechRequest, opts ...client.CallOption) (int64, error) {
	return replaceFile(path, func(w io.Writer) (int64, error) { return c.Speak(ctx, w, req, opts...) })
}
