package openai

import (
	"context"
	"fmt"

	"github.com/opcall/opcall/client"
)

// Request is a request of one of the two APIs: a ChatRequest, a RespondRequest, or a
// pointer to one.
type Request interface {
	Params() client.Params
	isRequest()
}

// exchange is one of the two APIs as a run sees it: a request that grows with what
// is said.
type exchange interface {
	requests() (*ChatRequest, *RespondRequest)

	// addTools adds tools that the request does not have yet, and returns all that run
	// here.
	addTools(tools ToolSet) (ToolSet, error)

	// defines reports whether the request defines a function that the run was not given.
	defines(name string) bool

	// ask sends the request and calls text for each piece of the text of a stream; it
	// ends when that returns false.
	ask(ctx context.Context, c *client.Client, stream bool, opts []client.CallOption, text func(string) bool) (reply, error)

	// said adds the reply, whose calls may have new IDs, to the next request.
	said(r reply)

	// answer adds results of calls and other items.
	answer(outputs []any)

	// say adds what the user says.
	say(input []any) error
}

// reply is a response of either API.
type reply struct {
	chat    *ChatResult
	message Message // of a chat
	respond *RespondResult
	calls   []ToolCall
	items   []Item // of responses: all of the output
	renamed bool   // calls have IDs that the server did not send
}

func (r reply) text() string {
	switch {
	case r.chat != nil:
		return r.chat.Text()
	case r.respond != nil:
		return r.respond.Text()
	}
	return ""
}

func (r reply) usage() Usage {
	if r.chat != nil {
		return r.chat.Usage()
	}
	return r.respond.Usage()
}

// cut says why a reply is incomplete, "" for one that is not.
func (r reply) cut() string {
	if r.respond != nil {
		return r.respond.Incomplete()
	}
	switch reason := r.chat.FinishReason(); reason {
	case "length", "content_filter":
		return reason
	}
	return ""
}

// waiting are the items that wait for the client and are not calls of functions or
// custom tools: requests for approval, and items with a call_id that no other item
// of the output has, as those have that the server answers itself.
func (r reply) waiting() []Item {
	if len(r.items) == 0 {
		return nil
	}
	ids := make([]string, len(r.items))
	uses := map[string]int{}
	for i, item := range r.items {
		ids[i] = item.fields().Get("call_id").String()
		uses[ids[i]]++
	}
	var out []Item
	for i, item := range r.items {
		call := item.Type == "function_call" || item.Type == "custom_tool_call"
		if item.Type == approvalRequest || ids[i] != "" && uses[ids[i]] == 1 && !call {
			out = append(out, item)
		}
	}
	return out
}

// final is the text that a reply ends with, or the refusal in its place: of several
// messages, of which the first may be comments, the last.
func (r reply) final() (text, refusal string) {
	if r.chat != nil {
		return r.chat.Text(), r.chat.Refusal()
	}
	for _, item := range r.items { // none before the first response
		if m := item.Message(); m != nil && (m.Text != "" || m.Refusal != "") {
			text, refusal = m.Text, m.Refusal
		}
	}
	return text, refusal
}

func (ChatRequest) isRequest()    {}
func (RespondRequest) isRequest() {}

// exchangeOf returns a copy of the request that grows, nil where there is none.
func exchangeOf(request Request) exchange {
	switch r := request.(type) {
	case ChatRequest:
		return newChatExchange(r)
	case *ChatRequest:
		if r != nil {
			return newChatExchange(*r)
		}
	case RespondRequest:
		return &respondExchange{request: &r}
	case *RespondRequest:
		if r != nil {
			return exchangeOf(*r)
		}
	}
	return nil
}

// ToolSet is a list of tools.
type ToolSet []*ToolFunc

// cannotRun is the error of a run that cannot begin.
func cannotRun(format string, args ...any) error {
	return &client.BindError{Operation: "RunTools", Reason: fmt.Sprintf(format, args...)}
}

// approvalRequest is the type of an item by which a remote MCP server asks whether
// it may call a tool.
const approvalRequest = "mcp_approval_request"
