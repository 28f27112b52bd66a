package openai

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/opcall/opcall/client"
)

// ErrConversationBusy is the error of a turn that begins while another one of the
// same conversation takes place, or that was made before another one took place. The
// history is that of one speaker after the other: Fork speaks with two at once.
var ErrConversationBusy = errors.New("another turn of the conversation takes place, or took place since this one was made")

// Conversation keeps what was said, in either API, and sends it with each turn. A
// turn that fails leaves the history as it was; what a server keeps in a
// conversation of the API is not taken back. Its methods are safe for concurrent
// use, but turns take place one at a time, see ErrConversationBusy.
//
//	talk, err := c.NewConversation(openai.ChatRequest{Model: "gpt-5-mini", Tools: []any{weather}})
//	turn, err := talk.Send(ctx, "What is the weather in Paris?")
//	fmt.Println(turn.Text())
//
// It is saved by json.Marshal, without the request, and restored by
// json.Unmarshal into a new conversation with the same kind of request.
type Conversation struct {
	client       *client.Client
	trimMessages func(messages []Message, contextTokens int64) []Message
	trimItems    func(items []Item, contextTokens int64) []Item

	mu      sync.Mutex
	request Request // without what was said
	said    history
	version int // how many turns were taken
	busy    bool
}

// history is what was said so far.
type history struct {
	messages []Message // of a chat
	items    []Item    // of responses
	previous string    // response, where the server keeps what was said
	chain    bool      // it does, by the responses before
	usage    Usage
	context  int64 // tokens of the latest response and all in front of it
}

// ConversationOption changes how a conversation keeps what was said.
type ConversationOption func(*Conversation) error

// ByPreviousResponse lets the server keep what was said: each request has what is new
// and names the response before. It is for a RespondRequest whose responses are stored.
// In a RespondRequest with a Conversation the server keeps all, without an option.
func ByPreviousResponse() ConversationOption {
	return func(c *Conversation) error {
		if _, ok := c.request.(RespondRequest); !ok {
			return cannotConverse("ByPreviousResponse: got a ChatRequest, want a RespondRequest")
		}
		c.said.chain = true
		return nil
	}
}

// TrimMessages calls a function before each turn of a chat with what was said, and the
// tokens of the latest response with all in front of it. What it returns is sent in its
// place, and kept if the turn succeeds.
func TrimMessages(trim func(messages []Message, contextTokens int64) []Message) ConversationOption {
	return func(c *Conversation) error {
		c.trimMessages = trim
		return nil
	}
}

// TrimItems is TrimMessages for the Responses API. A call and its output, and an item
// and the reasoning in front of it, stay or go together.
func TrimItems(trim func(items []Item, contextTokens int64) []Item) ConversationOption {
	return func(c *Conversation) error {
		c.trimItems = trim
		return nil
	}
}

func cannotConverse(reason string) error {
	return &client.BindError{Operation: "NewConversation", Reason: reason}
}

// NewConversation begins a conversation with a ChatRequest or a RespondRequest. Its
// messages or its input are the beginning of the history; all else is sent with each
// turn. Tools in it that are a ToolFunc are called.
func (c *Client) NewConversation(request Request, opts ...ConversationOption) (*Conversation, error) {
	x := exchangeOf(request)
	if x == nil {
		return nil, cannotConverse("got no request, want a ChatRequest or a RespondRequest")
	}
	out := &Conversation{client: c.Client}
	if chat, respond := x.requests(); chat != nil {
		out.said.messages = chat.Messages
		chat.Messages = nil
		out.request = *chat
	} else {
		items, err := itemsOf(respond.Input)
		if err != nil {
			return nil, err
		}
		out.said.items, out.said.previous = items, respond.PreviousResponseID
		out.said.chain = respond.PreviousResponseID != ""
		respond.Input, respond.PreviousResponseID = nil, ""
		out.request = *respond
	}
	for _, opt := range opts {
		if err := opt(out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Send takes a turn: it adds the input, sends all that was said, and calls tools as
// RunTools does. The input is a string, a Message or a list of them; for responses
// also an Item, an object of the API, or a list of such. nil sends what was said
// before.
//
// With a *PendingError the response is in the history all the same: the results of
// its calls are the input of the next turn. Any other error leaves the history as it
// was.
func (c *Conversation) Send(ctx context.Context, input any, options ...RunOption) (*Run, error) {
	return c.Run(ctx, input, options...).Final()
}

// Run is Send as a Run, whose events or text can be ranged over. The history changes
// when it has ended; leaving the loop leaves the history as it was.
func (c *Conversation) Run(ctx context.Context, input any, options ...RunOption) *Run {
	c.mu.Lock()
	request, version, chain := c.next(), c.version, c.said.chain
	c.mu.Unlock()
	run := From(c.client).RunTools(ctx, request, options...)
	if run.err != nil {
		return run
	}
	if r, ok := run.exchange.(*respondExchange); ok {
		r.chain = chain
	}
	if input != nil {
		run.err = run.exchange.say([]any{input})
	}
	run.begin = func() error { return c.begin(version) }
	run.end = c.end
	return run
}

// next is the next request, without its input.
func (c *Conversation) next() Request {
	switch r := c.request.(type) {
	case ChatRequest:
		r.Messages = slices.Clone(c.said.messages)
		if c.trimMessages != nil {
			r.Messages = c.trimMessages(r.Messages, c.said.context)
		}
		return r
	case RespondRequest:
		items := slices.Clone(c.said.items)
		if c.trimItems != nil {
			items = c.trimItems(items, c.said.context)
		}
		r.Input, r.PreviousResponseID = items, c.said.previous
		return r
	}
	return nil
}

// begin takes the conversation for a turn.
func (c *Conversation) begin(version int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy || c.version != version {
		return ErrConversationBusy
	}
	c.busy = true
	return nil
}

// end gives it back, with what was said where the turn has succeeded.
func (c *Conversation) end(run *Run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = false
	var pending *PendingError
	if run.left || run.err != nil && !errors.As(run.err, &pending) {
		return
	}
	said := c.said
	if run.Chat != nil {
		said.messages = slices.Clone(run.Chat.Messages)
	} else {
		items, err := itemsOf(run.Respond.Input)
		if err != nil {
			run.err = err
			return
		}
		said.items, said.previous = items, run.Respond.PreviousResponseID
	}
	said.usage = said.usage.Add(run.usage)
	said.context = run.last.usage().TotalTokens
	c.said = said
	c.version++
}

// Fork is a conversation with the same history that goes its own way. Where the
// server keeps what was said by responses, both begin at the same one; a
// conversation of the API cannot be forked, and goes on in both.
func (c *Conversation) Fork() *Conversation {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := &Conversation{client: c.client, request: c.request, said: c.said, trimMessages: c.trimMessages, trimItems: c.trimItems}
	out.said.messages, out.said.items = slices.Clone(c.said.messages), slices.Clone(c.said.items)
	return out
}

// Messages is what was said in a chat, nil for responses.
func (c *Conversation) Messages() []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.said.messages)
}

// Items is what was said in responses as items of the input, nil for a chat. What the
// server keeps is not among it.
func (c *Conversation) Items() []Item {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.said.items)
}

// PreviousResponseID is the response that the next turn names, where the server keeps
// what was said.
func (c *Conversation) PreviousResponseID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said.previous
}

// Usage is the sum of all turns' usage, those aside that failed.
func (c *Conversation) Usage() Usage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said.usage
}

// ContextTokens is how long the conversation is: the tokens of the latest response and
// of all that was sent with its request.
func (c *Conversation) ContextTokens() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said.context
}
