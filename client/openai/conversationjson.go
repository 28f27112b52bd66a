package openai

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// saved is a conversation as JSON. Of each message or item it has what goes back to
// the server.
type saved struct {
	API      string      `json:"api"` // "chat" or "responses"
	History  []savedPart `json:"history"`
	Previous string      `json:"previous_response_id,omitempty"`
	Chain    bool        `json:"by_previous_response,omitempty"`
	Usage    Usage       `json:"usage"`
	Context  int64       `json:"context_tokens"`
}

type savedPart struct {
	Received bool            `json:"received,omitempty"` // a server made it
	Value    json.RawMessage `json:"value"`
}

// MarshalJSON writes the history and its usage. The request, with its tools and
// instructions, is not part of it, and no credential is.
func (c *Conversation) MarshalJSON() ([]byte, error) {
	c.mu.Lock()
	said, api := c.said, "responses"
	if _, ok := c.request.(ChatRequest); ok {
		api = "chat"
	}
	c.mu.Unlock()
	out := saved{API: api, History: []savedPart{}, Previous: said.previous, Chain: said.chain, Usage: said.usage, Context: said.context}
	add := func(received bool, value any) error {
		text, err := marshal(value)
		out.History = append(out.History, savedPart{received, text})
		return err
	}
	for _, m := range said.messages {
		if err := add(m.Received(), m.forChat()); err != nil {
			return nil, err
		}
	}
	for _, i := range said.items {
		if err := add(i.Received(), i); err != nil {
			return nil, err
		}
	}
	return marshal(out)
}

// UnmarshalJSON replaces the history by one that MarshalJSON wrote, of a conversation
// in the same API. The conversation is one of NewConversation.
func (c *Conversation) UnmarshalJSON(data []byte) error {
	var in saved
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return fmt.Errorf("conversation: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	api := "responses"
	switch c.request.(type) {
	case ChatRequest:
		api = "chat"
	case nil:
		return fmt.Errorf("conversation: got one without a request, want one of NewConversation")
	}
	switch {
	case c.busy:
		return ErrConversationBusy
	case in.API != api:
		return fmt.Errorf("conversation: got one of the API %.40q, want %q", in.API, api)
	}
	said := history{previous: in.Previous, chain: in.Chain, usage: in.Usage, context: in.Context}
	for i, part := range in.History {
		var err error
		if api == "chat" {
			var m Message
			err = m.UnmarshalJSON(part.Value)
			m.foreign = part.Received
			said.messages = append(said.messages, m)
		} else {
			var item Item
			if err = item.UnmarshalJSON(part.Value); !part.Received {
				item.back = nil
			}
			said.items = append(said.items, item)
		}
		if err != nil {
			return fmt.Errorf("conversation: history %d: %w", i, err)
		}
	}
	c.said = said
	c.version++
	return nil
}

// itemsOf writes the input of a request as items that never change.
func itemsOf(input any) ([]Item, error) {
	var out []Item
	for _, value := range inputItems(input) {
		if message, ok := value.(Message); ok { // of a text
			for _, item := range message.input() {
				text, err := marshal(item)
				if err != nil {
					return nil, err
				}
				out = append(out, madeItem(text))
			}
			continue
		}
		switch item := value.(type) {
		case Item:
			out = append(out, item)
			continue
		case *Item:
			if item != nil {
				out = append(out, *item)
				continue
			}
		}
		text, err := marshal(value)
		if err != nil {
			return nil, err
		}
		if len(text) == 0 || text[0] != '{' {
			return nil, fmt.Errorf("input: got %.40s, want an object", text)
		}
		out = append(out, madeItem(text))
	}
	return out, nil
}

// madeItem is an item that no server made.
func madeItem(text []byte) Item {
	item := newItem(text, nil)
	item.back = nil
	return item
}
