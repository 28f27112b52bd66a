package openai

import (
	"context"
	"slices"
	"strconv"
)

// loop makes the rounds of a run, and yields the error that ends it.
func (r *Run) loop(yield func(RunEvent, error) bool) {
	r.makeRounds(yield)
	if r.err != nil && !r.left {
		yield(RunEvent{Round: r.rounds}, r.err)
	}
}

func (r *Run) makeRounds(yield func(RunEvent, error) bool) {
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	emit := func(e RunEvent) bool {
		e.Round = r.rounds
		r.left = r.left || !yield(e, nil)
		return !r.left
	}
	ended := false
	defer func() { // also where the reader's loop panics
		r.done = true
		if r.left = r.left || !ended; r.end != nil {
			r.end(r)
		}
	}()
	for !r.done {
		err := r.round(ctx, emit)
		switch {
		case r.left:
			r.done = true
		case err != nil:
			r.err, r.done = err, true
		}
	}
	ended = true
}

// round makes one request and calls the tools that its response asks for.
func (r *Run) round(ctx context.Context, emit func(RunEvent) bool) error {
	r.rounds++
	said, err := r.exchange.ask(ctx, r.client, r.settings.stream, r.settings.callOpts, func(text string) bool {
		return emit(RunEvent{Kind: RunText, Text: text})
	})
	if said.chat != nil || said.respond != nil {
		r.last = said
	}
	if err != nil {
		return err
	}
	r.usage = r.usage.Add(said.usage())
	r.makeIDs(&said)
	r.exchange.said(said)
	r.last = said
	if !emit(RunEvent{Kind: RunResponse, Chat: said.chat, Response: said.respond}) {
		return nil
	}
	waiting := said.waiting()
	if len(said.calls) == 0 && len(waiting) == 0 {
		r.done = true
		return nil
	}
	if reason := said.cut(); reason != "" {
		return &IncompleteError{Reason: reason, Chat: said.chat, Response: said.respond}
	}
	if pending := r.pending(said.calls, waiting); pending != nil {
		return pending
	}
	outputs, failed, err := r.answerAll(ctx, said.calls, waiting, emit)
	if err != nil || outputs == nil {
		return err
	}
	r.exchange.answer(outputs)
	if !emit(RunEvent{Kind: RunRound}) {
		return nil
	}
	return r.limit(failed)
}

// limit ends a run that was told to stop, or has reached a limit.
func (r *Run) limit(failed *ToolError) error {
	s := &r.settings
	switch {
	case s.stop != nil && s.stop(r):
		r.done = true
	case s.tokens > 0 && r.usage.TotalTokens >= s.tokens:
		return &LimitError{Limit: "tokens", Got: r.usage.TotalTokens, Last: failed}
	case r.rounds >= s.rounds:
		return &LimitError{Limit: "rounds", Got: int64(r.rounds), Last: failed}
	}
	return nil
}

// pending reports what the run has nothing for.
func (r *Run) pending(calls []ToolCall, waiting []Item) error {
	var p PendingError
	for _, call := range calls {
		if r.tool(call) == nil && r.exchange.defines(call.Name()) {
			p.Calls = append(p.Calls, call)
		}
	}
	for _, item := range waiting {
		switch handled := r.settings.handlers[item.Type] != nil; {
		case handled, item.Type == approvalRequest && r.settings.approve != nil:
		default:
			p.Items = append(p.Items, item)
		}
	}
	if len(p.Calls)+len(p.Items) == 0 {
		return nil
	}
	return &p
}

// tool is the tool that a call is for, nil where there is none.
func (r *Run) tool(call ToolCall) *ToolFunc {
	if r.byName == nil {
		r.byName = make(map[string]*ToolFunc, len(r.settings.tools))
		for _, t := range r.settings.tools {
			r.byName[t.name] = t
		}
	}
	return r.byName[call.Name()]
}

// makeIDs gives an ID to calls that a host sent without one, or with that of another
// call: the results are told apart by it.
func (r *Run) makeIDs(said *reply) {
	seen := make(map[string]bool, len(said.calls))
	for i := range said.calls {
		if id := said.calls[i].ID; id == "" || seen[id] {
			if !said.renamed { // the calls are those of the message that came
				said.calls, said.renamed = slices.Clone(said.calls), true
			}
			r.made++
			said.calls[i].ID = "call_" + strconv.Itoa(r.made)
		}
		seen[said.calls[i].ID] = true
	}
}
