package openai

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/opcall/opcall/client"
)

// addTools returns the tools of a request with those of a run, and all that run here.
// A tool that is in both is there once.
func addTools(list []any, tools ToolSet) (all []any, here ToolSet, err error) {
	all = append([]any(nil), list...)
	names := map[string]*ToolFunc{}
	for _, t := range list {
		if own, ok := t.(*ToolFunc); ok && own != nil {
			names[own.name] = own
			here = append(here, own)
		}
	}
	taken := map[*ToolFunc]bool{}
	for _, t := range tools {
		if t == nil {
			return nil, nil, cannotRun("got a nil tool; see the error of Tool")
		}
		switch other := names[t.name]; {
		case other == nil && !defined(list, t.name):
			all, here = append(all, t), append(here, t)
		case other != t || taken[t]:
			return nil, nil, &ToolDefinitionError{t.name, "got two tools of that name, want one", nil}
		}
		names[t.name], taken[t] = t, true
	}
	return all, here, nil
}

// defined reports whether a list of tools has a function or custom tool of that name
// which is not a ToolFunc.
func defined(list []any, name string) bool {
	for _, tool := range list {
		if _, own := tool.(*ToolFunc); own {
			continue
		}
		text, err := json.Marshal(tool)
		if err != nil {
			continue // the request says what is wrong with it
		}
		for _, path := range [...]string{"name", "function.name", "custom.name"} {
			if gjson.GetBytes(text, path).String() == name {
				return true
			}
		}
	}
	return false
}

// chatExchange is the API of chat completions.
type chatExchange struct{ request *ChatRequest }

func newChatExchange(r ChatRequest) *chatExchange {
	r.Messages = append([]Message(nil), r.Messages...)
	return &chatExchange{&r}
}

func (x *chatExchange) requests() (*ChatRequest, *RespondRequest) { return x.request, nil }

func (x *chatExchange) addTools(tools ToolSet) (here ToolSet, err error) {
	x.request.Tools, here, err = addTools(x.request.Tools, tools)
	return here, err
}

func (x *chatExchange) defines(name string) bool { return defined(x.request.Tools, name) }

func (x *chatExchange) ask(ctx context.Context, c *client.Client, stream bool, opts []client.CallOption, text func(string) bool) (reply, error) {
	if !stream {
		result, err := From(c).Chat(ctx, *x.request, opts...)
		return chatReply(result), err
	}
	request := *x.request
	if _, given := request.Extra["stream_options"]; !given {
		request.Extra = maps.Clone(request.Extra)
		if request.Extra == nil {
			request.Extra = map[string]any{}
		}
		request.Extra["stream_options"] = map[string]any{"include_usage": true}
	}
	s, err := From(c).ChatStream(ctx, request, opts...)
	result, err := whole(s, err, text)
	return chatReply(result), err
}

func chatReply(result *ChatResult) reply {
	if result == nil {
		return reply{}
	}
	message := result.Message()
	return reply{chat: result, message: message, calls: message.ToolCalls}
}

func (x *chatExchange) said(r reply) {
	message := r.message
	if r.renamed {
		message.ToolCalls = r.calls
	}
	x.request.Messages = append(x.request.Messages, message)
}

func (x *chatExchange) answer(outputs []any) {
	for _, output := range outputs {
		if message, ok := output.(Message); ok {
			x.request.Messages = append(x.request.Messages, message)
		}
	}
}

func (x *chatExchange) say(input []any) error {
	for _, value := range input {
		switch v := value.(type) {
		case string:
			x.request.Messages = append(x.request.Messages, User(v))
		case Message:
			x.request.Messages = append(x.request.Messages, v)
		case []Message:
			x.request.Messages = append(x.request.Messages, v...)
		default:
			return fmt.Errorf("got %T, want a string, a Message or a []Message", value)
		}
	}
	return nil
}

// respondExchange is the Responses API.
type respondExchange struct {
	request *RespondRequest
	chain   bool // each request names the response before it
}

func (x *respondExchange) requests() (*ChatRequest, *RespondRequest) { return nil, x.request }

func (x *respondExchange) addTools(tools ToolSet) (here ToolSet, err error) {
	x.request.Tools, here, err = addTools(x.request.Tools, tools)
	return here, err
}

func (x *respondExchange) defines(name string) bool { return defined(x.request.Tools, name) }

func (x *respondExchange) ask(ctx context.Context, c *client.Client, stream bool, opts []client.CallOption, text func(string) bool) (reply, error) {
	if !stream {
		result, err := From(c).Respond(ctx, *x.request, opts...)
		return respondReply(result), err
	}
	s, err := From(c).RespondStream(ctx, *x.request, opts...)
	result, err := whole(s, err, text)
	return respondReply(result), err
}

func respondReply(result *RespondResult) reply {
	if result == nil {
		return reply{}
	}
	return reply{respond: result, calls: result.ToolCalls(), items: result.Output()}
}

// typedStream is a ChatStream or a RespondStream.
type typedStream[R any] interface {
	Text() iter.Seq2[string, error]
	Close() error
	Final() (R, error)
}

// whole reads a stream that has been opened, if it has, to its end, and returns what it
// was. When text reports false nothing more is read.
func whole[R any](s typedStream[R], err error, text func(string) bool) (result R, _ error) {
	if err != nil {
		return result, err
	}
	defer s.Close()
	for piece, err := range s.Text() {
		if err != nil {
			return result, err
		}
		if piece != "" && !text(piece) {
			if err := s.Close(); err != nil {
				return result, err
			}
			break
		}
	}
	return s.Final()
}

// said adds the output. Where the server keeps what was said, the next request has
// what is new alone.
func (x *respondExchange) said(r reply) {
	switch {
	case x.chain || x.request.PreviousResponseID != "":
		x.request.PreviousResponseID = r.respond.ID()
		x.request.Input = []any{}
		return
	case x.request.Conversation != "":
		x.request.Input = []any{}
		return
	}
	items := inputItems(x.request.Input)
	calls := r.calls
	for _, item := range r.items {
		if item.ToolCall() != nil {
			if r.renamed {
				item = item.withCallID(calls[0].ID)
			}
			calls = calls[1:]
		}
		items = append(items, item)
	}
	x.request.Input = items
}

func (x *respondExchange) answer(outputs []any) {
	x.request.Input = append(inputItems(x.request.Input), outputs...)
}

func (x *respondExchange) say(input []any) error {
	items := inputItems(x.request.Input)
	for _, value := range input {
		items = append(items, inputItems(value)...)
	}
	x.request.Input = items
	return nil
}

// inputItems is the input of a request as a list of its own.
func inputItems(input any) []any {
	switch in := Input(input).(type) {
	case nil:
		return nil
	case string:
		return []any{User(in)}
	case []any:
		return append([]any(nil), in...)
	default:
		return []any{in}
	}
}

// withCallID is the item with another call_id.
func (i Item) withCallID(id string) Item {
	back, err := i.MarshalJSON()
	if err != nil {
		return i
	}
	if back, err = sjson.SetBytes(back, "call_id", id); err != nil {
		return i
	}
	i.back = func() []byte { return back }
	return i
}
