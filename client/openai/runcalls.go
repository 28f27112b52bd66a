package openai

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/opcall/opcall/client"
)

// answerAll answers the calls and items of a response, in their order. It returns no
// outputs where the reader has left, and the last call that failed.
func (r *Run) answerAll(ctx context.Context, calls []ToolCall, waiting []Item, emit func(RunEvent) bool) (outputs []any, failed *ToolError, err error) {
	outcomes := make([]ToolOutcome, len(calls))
	for from := 0; from < len(calls); {
		to := r.group(calls, from)
		ok, err := r.callGroup(ctx, calls[from:to], outcomes[from:to], emit)
		if err != nil || !ok {
			return nil, nil, err
		}
		from = to
	}
	outputs = make([]any, 0, len(calls)+len(waiting))
	for _, outcome := range outcomes {
		outputs = append(outputs, outcome.Message())
		if outcome.Err != nil {
			failed = outcome.Err
		}
	}
	for _, item := range waiting {
		output, err := r.answerItem(ctx, item)
		if err != nil {
			return nil, nil, err
		}
		outputs = append(outputs, output)
	}
	return outputs, failed, nil
}

// group returns the end of the calls that may run at once: one of a sequential tool
// is alone.
func (r *Run) group(calls []ToolCall, from int) int {
	sequential := func(call ToolCall) bool {
		t := r.tool(call)
		return t != nil && t.sequential
	}
	if sequential(calls[from]) {
		return from + 1
	}
	to := from + 1
	for to < len(calls) && !sequential(calls[to]) {
		to++
	}
	return to
}

// callGroup calls tools at once, as many as the run may. It reports false where the
// reader has left.
func (r *Run) callGroup(ctx context.Context, calls []ToolCall, outcomes []ToolOutcome, emit func(RunEvent) bool) (bool, error) {
	approved := make([]int, 0, len(calls))
	for i, call := range calls {
		ok, err := r.approved(ctx, call, &outcomes[i])
		if err != nil {
			return false, err
		}
		if !ok {
			if !emit(RunEvent{Kind: RunOutcome, Call: call, Outcome: &outcomes[i]}) {
				return false, nil
			}
			continue
		}
		if !emit(RunEvent{Kind: RunCall, Call: call}) {
			return false, nil
		}
		approved = append(approved, i)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // stops what still runs when the reader leaves
	type ended struct {
		at      int
		outcome ToolOutcome
	}
	done := make(chan ended, len(approved))
	start := func(i int) {
		tool, call := r.tool(calls[i]), calls[i]
		go tool.invoke(ctx, call, func(o ToolOutcome) { done <- ended{i, o} })
	}
	for _, i := range approved[:min(len(approved), r.settings.parallel)] {
		start(i)
	}
	next := min(len(approved), r.settings.parallel)
	for range approved {
		var e ended
		select {
		case e = <-done:
		case <-ctx.Done(): // whatever the functions do that run
			return false, context.Cause(ctx)
		}
		if next < len(approved) && ctx.Err() == nil {
			start(approved[next])
			next++
		}
		outcomes[e.at] = e.outcome
		if err := context.Cause(ctx); err != nil {
			return false, err
		}
		if !emit(RunEvent{Kind: RunOutcome, Call: e.outcome.Call, Outcome: &outcomes[e.at]}) {
			return false, nil
		}
	}
	return true, nil
}

// approved reports whether a call may be made. If not, the outcome says why.
func (r *Run) approved(ctx context.Context, call ToolCall, outcome *ToolOutcome) (bool, error) {
	tool := r.tool(call)
	if tool == nil {
		*outcome = failedCall(call, ToolUnknown, r.unknown(call.Name()), nil)
		return false, nil
	}
	if err := tool.invalid(call); err != nil {
		*outcome = failedCall(call, ToolArguments, err.Error(), err)
		return false, nil
	}
	if r.settings.approve == nil {
		return true, nil
	}
	decision, err := r.settings.approve(ctx, Approval{Call: call})
	if err != nil || decision.Allowed {
		return err == nil, err
	}
	reason := "the call was denied"
	if decision.Reason != "" {
		reason += ": " + decision.Reason
	}
	*outcome = failedCall(call, ToolDenied, reason, nil)
	return false, nil
}

// unknown tells the model which tools there are.
func (r *Run) unknown(name string) string {
	if len(r.settings.tools) == 0 {
		return fmt.Sprintf("there is no tool %.100q, and no other", name)
	}
	var names []string
	for _, t := range r.settings.tools {
		names = append(names, t.name)
	}
	slices.Sort(names)
	return fmt.Sprintf("there is no tool %.100q; there are: %s", name, strings.Join(names, ", "))
}

// answerItem answers an item that waits for the client.
func (r *Run) answerItem(ctx context.Context, item Item) (any, error) {
	if handle := r.settings.handlers[item.Type]; handle != nil {
		return handle(ctx, item)
	}
	mcp := item.MCP()
	decision, err := r.settings.approve(ctx, Approval{
		Call:   ToolCall{ID: item.ID, Type: "function", Function: FunctionCall{Name: mcp.Name, Arguments: mcp.Arguments}},
		Server: mcp.Server,
	})
	if err != nil {
		return nil, err
	}
	response := client.Params{"type": "mcp_approval_response", "approval_request_id": item.ID, "approve": decision.Allowed}
	if decision.Reason != "" {
		response["reason"] = decision.Reason
	}
	return response, nil
}
