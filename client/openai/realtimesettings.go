package openai

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/opcall/opcall/client"
)

// RealtimeSettings are the everyday settings of a Realtime session. Fields at their zero
// value are left out, so that the API's defaults hold; pointers tell zero from absent.
type RealtimeSettings struct {
	Model           string
	Instructions    string
	Modalities      []string // what the model makes: {"audio"}, the default, or {"text"}
	Voice           string   // "alloy" and others
	Speed           *float64 // of the voice, 0.25 to 1.5
	InputFormat     string   // "audio/pcm", "audio/pcmu", "audio/pcma"
	OutputFormat    string
	Transcription   string // model that transcribes what is said to the session; "" for none
	Language        string // of that, ISO 639-1
	NoiseReduction  string // "near_field", "far_field"
	ManualTurns     bool   // the server does not tell by itself when somebody has spoken: Commit and Respond do
	TurnDetection   any    // how it tells, in the form of the API; of ManualTurns and this one is given
	Tools           []any  // ToolFunc and FunctionTool, or any object of the API
	ToolChoice      any    // "auto", "none", "required", or an object
	MaxOutputTokens *int64

	// Extra holds every other field of the session by its name in the API. Its entries
	// override the fields above; one that is nil is written as null.
	Extra map[string]any
}

// session is the object of the API, without the model where that stands in an address.
func (r RealtimeSettings) session(withModel bool) client.Params {
	s := client.Params{"type": "realtime"}
	if withModel {
		setText(s, "model", r.Model)
	}
	setText(s, "instructions", r.Instructions)
	if len(r.Modalities) > 0 {
		s["output_modalities"] = r.Modalities
	}
	if len(r.Tools) > 0 {
		tools := make([]any, len(r.Tools))
		for i, tool := range r.Tools {
			tools[i] = realtimeTool(tool)
		}
		s["tools"] = tools
	}
	if r.ToolChoice != nil {
		s["tool_choice"] = r.ToolChoice
	}
	set(s, "max_output_tokens", r.MaxOutputTokens)
	audio := client.Params{}
	if input := r.input(); len(input) > 0 {
		audio["input"] = input
	}
	if output := r.output(); len(output) > 0 {
		audio["output"] = output
	}
	if len(audio) > 0 {
		s["audio"] = audio
	}
	maps.Copy(s, r.Extra)
	return s
}

// input are the settings of what is said to the session.
func (r RealtimeSettings) input() client.Params {
	p := client.Params{}
	setFormat(p, r.InputFormat)
	if r.Transcription != "" {
		transcription := client.Params{"model": r.Transcription}
		setText(transcription, "language", r.Language)
		p["transcription"] = transcription
	}
	if r.NoiseReduction != "" {
		p["noise_reduction"] = client.Params{"type": r.NoiseReduction}
	}
	switch {
	case r.ManualTurns:
		p["turn_detection"] = nil
	case r.TurnDetection != nil:
		p["turn_detection"] = r.TurnDetection
	}
	return p
}

// output are the settings of what the session says.
func (r RealtimeSettings) output() client.Params {
	p := client.Params{}
	setFormat(p, r.OutputFormat)
	setText(p, "voice", r.Voice)
	set(p, "speed", r.Speed)
	return p
}

func setFormat(p client.Params, format string) {
	switch format {
	case "":
	case pcm:
		p["format"] = client.Params{"type": format, "rate": pcmRate}
	default:
		p["format"] = client.Params{"type": format}
	}
}

// realtimeTool writes a tool as Realtime has it: flat, and without strict, which it does
// not know.
func realtimeTool(tool any) any {
	switch t := tool.(type) {
	case *ToolFunc:
		if t != nil && !t.isCustom() {
			return realtimeTool(t.definition)
		}
	case *FunctionTool:
		if t != nil {
			return realtimeTool(*t)
		}
	case FunctionTool:
		out := client.Params{"type": "function", "name": t.Name}
		setText(out, "description", t.Description)
		if t.Parameters != nil {
			out["parameters"] = t.Parameters
		}
		return out
	}
	return tool
}

// check refuses settings that contradict each other.
func (r RealtimeSettings) check() error {
	switch {
	case r.ManualTurns && r.TurnDetection != nil:
		return fmt.Errorf("RealtimeSettings: got ManualTurns and TurnDetection, want one of them")
	case r.Language != "" && r.Transcription == "":
		return fmt.Errorf("RealtimeSettings: got Language without Transcription, the model that it is for")
	}
	return nil
}

// ClientSecret is an ephemeral key: a browser, or another program that must not have the
// API key, opens one Realtime session with it.
type ClientSecret struct {
	*client.Response
	expires time.Time
}

// Value is the key, "ek_…".
func (s *ClientSecret) Value() string { return s.Get("value").String() }

// Expires is when it can no longer be used to open a session.
func (s *ClientSecret) Expires() time.Time { return s.expires }

// ClientSecret makes an ephemeral key for a session with these settings: Call of
// create-realtime-client-secret. It can be used for lifetime, 10 seconds to 2 hours; 0
// is the API's default, 10 minutes. A program in a browser sends it as its bearer token,
// one with this package gives it to client.WithAPIKey.
func (c *Client) ClientSecret(ctx context.Context, settings RealtimeSettings, lifetime time.Duration, opts ...client.CallOption) (*ClientSecret, error) {
	if err := settings.check(); err != nil {
		return nil, err
	}
	params := client.Params{"session": settings.session(true)}
	if lifetime != 0 {
		params["expires_after"] = client.Params{"anchor": "created_at", "seconds": int64(lifetime / time.Second)}
	}
	r, err := c.Call(ctx, "create-realtime-client-secret", params, opts...)
	if r == nil {
		return nil, err
	}
	if err == nil && r.Get("value").String() == "" {
		err = missing(r, "value", "an ephemeral key")
	}
	return &ClientSecret{Response: r, expires: time.Unix(r.Get("expires_at").Int(), 0)}, err
}
