package client

import (
	"encoding/json"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Usage is what a server says that a request used.
type Usage struct {
	Operation string // its ID, or the name of the socket
	Model     string // as the response names it, else as the request does; may be ""
	Raw       json.RawMessage
}

// WithUsage calls f with the usage of each response that has it: the object usage of
// a JSON response, of the last event of a stream that has one, or of each such event of
// a socket; in it, or in the member response. f is called before the call returns, when
// the stream ends or is closed, before the event of a socket is delivered; by the
// goroutine that does so, and several call it at once. Where the option is given more
// than once all functions are called.
//
// The stream of a chat has its usage where it is asked for; see openai.ChatStream.
func WithUsage(f func(Usage)) Setting {
	return setting(func(s *settings) error {
		before := s.onUsage
		s.onUsage = f
		if before != nil && f != nil {
			s.onUsage = func(u Usage) { before(u); f(u) }
		}
		return nil
	})
}

// Tokens returns how many tokens were used, by the names that the OpenAI API and those
// made like it have for them: input_tokens and output_tokens, or prompt_tokens and
// completion_tokens. Known is false where Raw has none of these.
func (u Usage) Tokens() Tokens {
	var t Tokens
	for i, names := range [...][2]string{{"input_tokens", "prompt_tokens"}, {"output_tokens", "completion_tokens"}} {
		for _, name := range names {
			if n := gjson.GetBytes(u.Raw, name); n.Type == gjson.Number {
				*[...]*int64{&t.Input, &t.Output}[i] = max(0, n.Int())
				t.Known = true
				break
			}
		}
	}
	return t
}

// usageIn returns the usage in a JSON text, and the model that it names.
func usageIn(text string) (Usage, bool) {
	if !tells(text, "usage") {
		return Usage{}, false
	}
	for _, path := range [...]string{"usage", "response.usage", "data.usage"} {
		if used := gjson.Get(text, path); used.IsObject() {
			model := gjson.Get(text, path[:len(path)-len("usage")]+"model").String()
			return Usage{Model: strings.Clone(model), Raw: json.RawMessage(used.Raw)}, true
		}
	}
	return Usage{}, false
}

// reportUsage calls the function of WithUsage with the usage in a JSON text. The model is
// that of the request.
func (b *Bound) reportUsage(text []byte, model string) {
	if b.settings.onUsage == nil {
		return
	}
	if used, ok := usageIn(jsonscan.Alias(text)); ok {
		b.report(used, model)
	}
}

func (b *Bound) report(used Usage, model string) {
	used.Operation = b.plan.name
	if used.Model == "" {
		used.Model = model
	}
	b.settings.onUsage(used)
}

// requestModel is the model that the request names, "" where nobody asks for it.
func (b *Bound) requestModel() string {
	if b.settings.onUsage == nil {
		return ""
	}
	return gjson.Parse(b.given("model")).String()
}

// noteUsage keeps the usage that an event of a stream has; the last one counts, as
// some hosts repeat it in every event.
func (s *Stream) noteUsage(data []byte) {
	if s.bound.settings.onUsage == nil {
		return
	}
	if used, ok := usageIn(jsonscan.Alias(data)); ok {
		s.mu.Lock()
		s.used = &used
		s.mu.Unlock()
	}
}

// takeUsage returns the usage that is to be reported when the stream is over. The
// caller holds mu.
func (s *Stream) takeUsage() *Usage {
	used := s.used
	s.used = nil
	return used
}
