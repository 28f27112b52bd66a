package openai

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/opcall/opcall/schema"
)

// ToolErrorKind says why a call of a tool has no result.
type ToolErrorKind string

// The kinds of errors of tools.
const (
	ToolUnknown    ToolErrorKind = "unknown"   // there is no tool of that name
	ToolArguments  ToolErrorKind = "arguments" // the arguments are not JSON, or invalid
	ToolDenied     ToolErrorKind = "denied"    // the approval hook refused it
	ToolFailed     ToolErrorKind = "failed"    // the function returned an error
	ToolPanicked   ToolErrorKind = "panicked"  // the function panicked, or ended its goroutine
	ToolTimeout    ToolErrorKind = "timeout"   // the function took longer than its Timeout
	ToolUnwritable ToolErrorKind = "result"    // the result cannot be written as JSON
)

// ToolError is a call of a tool that has no result. The model gets a text about it,
// and may try again.
type ToolError struct {
	Tool   string
	CallID string
	Kind   ToolErrorKind
	Reason string // as the model is told
	Err    error  // the cause, when there is one
	Panic  any    // what a function panicked with
	Stack  []byte // where it did
}

func (e *ToolError) Error() string {
	text := fmt.Sprintf("tool %.100q (call %.100s): %s", e.Tool, e.CallID, e.Reason)
	if e.Panic != nil {
		text += fmt.Sprintf(": panic: %.200v", e.Panic)
	}
	return text
}

// Unwrap returns the cause.
func (e *ToolError) Unwrap() error { return e.Err }

// ToolOutcome is the result of a call of a tool, or the error in its place.
type ToolOutcome struct {
	Call     ToolCall
	Output   string        // what the model gets
	Parts    []Part        // in place of Output, where the function returned parts
	Err      *ToolError    // nil where there is a result
	Duration time.Duration // of the function
}

// Message is the outcome as the message that goes to the model, in either API.
func (o ToolOutcome) Message() Message {
	m := o.Call.Result(o.Output)
	m.Parts = o.Parts
	return m
}

// argumentsError is what In does not take of arguments that the schema does.
type argumentsError struct {
	reason string
	err    error
}

func (e *argumentsError) Error() string { return e.reason }
func (e *argumentsError) Unwrap() error { return e.err }

// Call calls the tool as the model asks for it: the arguments are validated against
// the schema before the function sees them. Nothing that a function does ends the
// program: a panic is a *ToolError. Arguments that are empty count as {}.
func (t *ToolFunc) Call(ctx context.Context, call ToolCall) ToolOutcome {
	if err := t.invalid(call); err != nil {
		return failedCall(call, ToolArguments, err.Error(), err)
	}
	start := time.Now()
	outcome := t.run(ctx, t.input(call)).outcome(t, call)
	outcome.Duration = time.Since(start)
	return outcome
}

// invoke is Call for a call that is valid. It says how the call ended, by the
// goroutine that calls it, even if the function ends that goroutine. Only a tool with
// a Timeout is left when it does not heed its context.
func (t *ToolFunc) invoke(ctx context.Context, call ToolCall, say func(ToolOutcome)) {
	start := time.Now()
	end := func(ended endedCall) {
		outcome := ended.outcome(t, call)
		outcome.Duration = time.Since(start)
		say(outcome)
	}
	if t.timeout > 0 {
		end(t.run(ctx, t.input(call)))
		return
	}
	t.guarded(ctx, t.input(call), end)
}

// input is what the function gets.
func (t *ToolFunc) input(call ToolCall) string {
	input := call.Input()
	if !t.isCustom() && strings.TrimSpace(input) == "" {
		return "{}"
	}
	return input
}

// invalid reports what is wrong with a call, before the function sees it.
func (t *ToolFunc) invalid(call ToolCall) error {
	switch isCustom := call.Type == "custom"; {
	case isCustom && !t.isCustom():
		return errors.New("got a text, want a function call with JSON arguments")
	case !isCustom && t.isCustom():
		return errors.New("got a function call, want a call of the custom tool with a text")
	case isCustom:
		return nil
	}
	return plainly(t.schema.validate("arguments", t.input(call)))
}

// plainly writes what is wrong with a text of the model as the model should read
// it: the places and what is wanted there.
func plainly(err error) error {
	var invalid *schema.ValidationError
	if err == nil || !errors.As(err, &invalid) {
		return err
	}
	var text strings.Builder
	for i, p := range invalid.Problems {
		if i == 10 {
			fmt.Fprintf(&text, "; and %d more", len(invalid.Problems)+invalid.More-i)
			break
		}
		if i > 0 {
			text.WriteString("; ")
		}
		if p.Pointer != "" {
			text.WriteString(string(p.Pointer) + ": ")
		}
		text.WriteString(p.Message)
	}
	return &argumentsError{text.String(), err}
}

// endedCall is how a function ended.
type endedCall struct {
	output string
	parts  []Part
	kind   ToolErrorKind // "" for a result
	err    error
	panic  any
	stack  []byte
}

// run calls the function, and waits no longer than it may take.
func (t *ToolFunc) run(ctx context.Context, input string) endedCall {
	if t.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.timeout)
		defer cancel()
	}
	done := make(chan endedCall, 1) // the function may end when nobody waits any more
	go t.guarded(ctx, input, func(ended endedCall) { done <- ended })
	select {
	case ended := <-done:
		return ended
	case <-ctx.Done():
	}
	select { // both may be ready
	case ended := <-done:
		return ended
	default:
		return endedCall{kind: ToolTimeout, err: context.Cause(ctx)}
	}
}

// guarded calls the function and says how it ended, whatever it does.
func (t *ToolFunc) guarded(ctx context.Context, input string, say func(endedCall)) {
	ended := endedCall{kind: ToolPanicked, panic: "the function ended its goroutine"}
	defer func() {
		if r := recover(); r != nil {
			ended = endedCall{kind: ToolPanicked, panic: r, stack: debug.Stack()}
		}
		say(ended)
	}()
	ended = t.end(ctx, input)
}

// end calls the function and writes its result.
func (t *ToolFunc) end(ctx context.Context, input string) endedCall {
	result, err := t.call(ctx, input)
	var unfit *argumentsError
	switch {
	case errors.As(err, &unfit):
		return endedCall{kind: ToolArguments, err: unfit.err}
	case err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return endedCall{kind: ToolTimeout, err: err}
	case err != nil:
		return endedCall{kind: ToolFailed, err: err}
	}
	switch r := result.(type) {
	case string:
		return endedCall{output: r}
	case Part:
		return endedCall{parts: []Part{r}}
	case []Part:
		if len(r) > 0 {
			return endedCall{parts: r}
		}
		return endedCall{}
	}
	text, err := marshal(result)
	if err != nil {
		return endedCall{kind: ToolUnwritable, err: err}
	}
	return endedCall{output: string(text)}
}

// outcome is how the function ended, in the model's words and the caller's.
func (e endedCall) outcome(t *ToolFunc, call ToolCall) ToolOutcome {
	var reason string
	switch e.kind {
	case "":
		return ToolOutcome{Call: call, Output: e.output, Parts: e.parts}
	case ToolPanicked:
		reason = "the tool failed"
	case ToolTimeout:
		reason = "the call was cancelled"
		if t.timeout > 0 {
			reason = fmt.Sprintf("the tool took longer than %v", t.timeout)
		}
	case ToolUnwritable:
		reason = "the result of the tool cannot be written as JSON"
	default:
		reason = e.err.Error()
	}
	outcome := failedCall(call, e.kind, reason, e.err)
	outcome.Err.Panic, outcome.Err.Stack = e.panic, e.stack
	return outcome
}

// maxReason is how much of an error the model is told, in bytes.
const maxReason = 4 << 10

// failedCall is the outcome of a call without a result.
func failedCall(call ToolCall, kind ToolErrorKind, reason string, err error) ToolOutcome {
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "") + "…"
	}
	said := "error: " + reason
	if kind == ToolArguments {
		said = "error: invalid arguments: " + reason
	}
	return ToolOutcome{Call: call, Output: said, Err: &ToolError{
		Tool: call.Name(), CallID: call.ID, Kind: kind, Reason: reason, Err: err,
	}}
}
