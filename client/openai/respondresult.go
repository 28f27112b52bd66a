package openai

import (
	"encoding/json"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
)

// RespondResult is a model response. What its methods do not name, Get has:
// r.Get("service_tier").
type RespondResult struct {
	*client.Response
	output func() []Item
}

func newRespondResult(r *client.Response) *RespondResult {
	return &RespondResult{Response: r, output: sync.OnceValue(func() []Item { return outputOf(r) })}
}

// outputOf reads the output items of a response.
func outputOf(r *client.Response) []Item {
	var items []Item
	for at, raw := range r.Get("output").Array() {
		items = append(items, newItem([]byte(raw.Raw), returned{response: r, at: at}.item))
	}
	return items
}

// ID is what PreviousResponseID takes.
func (r *RespondResult) ID() string { return r.Get("id").String() }

// Status is "completed", "failed", "in_progress", "cancelled", "queued" or
// "incomplete".
func (r *RespondResult) Status() string { return r.Get("status").String() }

// Incomplete says why a response is incomplete, "max_output_tokens" or
// "content_filter"; it is "" for any other.
func (r *RespondResult) Incomplete() string { return r.Get("incomplete_details.reason").String() }

// Output is the output, item by item. Items of types that are not known here are
// among them; all can be sent back as Input of the next request.
func (r *RespondResult) Output() []Item { return append([]Item(nil), r.output()...) }

// Text is the text of all messages in the output, joined.
func (r *RespondResult) Text() string { return r.contents("output_text", "text") }

// Refusal is the model's refusal, "" when it did not refuse.
func (r *RespondResult) Refusal() string { return r.contents("refusal", "refusal") }

// contents joins a member of the content parts of one type.
func (r *RespondResult) contents(kind, member string) string {
	var text strings.Builder
	r.Get("output").ForEach(func(_, item gjson.Result) bool {
		if item.Get("type").String() == "message" {
			joinContents(&text, item, kind, member)
		}
		return true
	})
	return text.String()
}

func joinContents(text *strings.Builder, item gjson.Result, kind, member string) {
	item.Get("content").ForEach(func(_, part gjson.Result) bool {
		if part.Get("type").String() == kind {
			text.WriteString(part.Get(member).String())
		}
		return true
	})
}

// ToolCalls are the calls that the output asks for, of functions and of custom
// tools. Their results go into the next request's Input as ToolCall.Result.
func (r *RespondResult) ToolCalls() []ToolCall {
	var calls []ToolCall
	for _, item := range r.output() {
		if call := item.ToolCall(); call != nil {
			calls = append(calls, *call)
		}
	}
	return calls
}

// Annotations are the sources that the messages of the output name.
func (r *RespondResult) Annotations() []Annotation {
	var out []Annotation
	for _, item := range r.output() {
		if m := item.Message(); m != nil {
			out = append(out, m.Annotations...)
		}
	}
	return out
}

// Usage counts the tokens.
func (r *RespondResult) Usage() Usage { return usageOf(r.Get("usage"), "input", "output") }

// Item is one item of a response's output. Type says which of the methods has its
// view; the others return nil. An Item in the Input of a request goes back as
// it came, but for what only responses have.
type Item struct {
	Type   string
	ID     string
	Status string
	Raw    json.RawMessage // all of it

	back func() []byte // what goes back, nil for Raw
}

func newItem(raw []byte, back func() []byte) Item {
	fields := gjson.ParseBytes(raw)
	return Item{
		Type: fields.Get("type").String(), ID: fields.Get("id").String(), Status: fields.Get("status").String(),
		Raw: raw, back: sync.OnceValue(back),
	}
}

// Received reports that a server made the item. Validation then ignores
// members that the schema does not know: they go back as they came.
func (i Item) Received() bool { return i.back != nil }

// MarshalJSON writes the item as the input of a request takes it: without members
// that the document has for output alone, and without nulls that it does not take
// there.
func (i Item) MarshalJSON() ([]byte, error) {
	switch {
	case i.back != nil:
		return i.back(), nil
	case i.Raw == nil:
		return []byte("null"), nil
	}
	return i.Raw, nil
}

// UnmarshalJSON reads an item of the output or input of a response.
func (i *Item) UnmarshalJSON(data []byte) error {
	if _, err := splitMembers(data); err != nil {
		return err
	}
	raw := append([]byte(nil), data...)
	*i = newItem(raw, func() []byte { return raw })
	return nil
}
