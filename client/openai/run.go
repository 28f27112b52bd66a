package openai

import (
	"context"
	"fmt"
	"iter"

	"github.com/opcall/opcall/client"
)

// RunOption is what RunTools takes behind the request: a *ToolFunc, a ToolSet, or a
// setting of the run.
type RunOption interface{ configure(s *runSettings) }

type runSettings struct {
	tools     ToolSet
	rounds    int
	tokens    int64
	parallel  int
	stream    bool
	stop      func(*Run) bool
	approve   func(context.Context, Approval) (Decision, error)
	handlers  map[string]func(context.Context, Item) (any, error)
	callOpts  []client.CallOption
	malformed error // a setting that cannot be
}

type runOption func(*runSettings)

func (o runOption) configure(s *runSettings) { o(s) }

func (t *ToolFunc) configure(s *runSettings) { s.tools = append(s.tools, t) }

func (set ToolSet) configure(s *runSettings) { s.tools = append(s.tools, set...) }

// Defaults of a run.
const (
	DefaultMaxRounds = 10
	DefaultParallel  = 8
)

// MaxRounds is how many requests a run makes at most, by default DefaultMaxRounds.
// A run whose last response still calls tools ends in a *LimitError.
func MaxRounds(n int) RunOption {
	return runOption(func(s *runSettings) {
		if s.rounds = n; n < 1 {
			s.malformed = cannotRun("MaxRounds: got %d, want at least 1", n)
		}
	})
}

// MaxTokens ends a run in a *LimitError when its responses have used as many tokens
// and the last one still calls tools.
func MaxTokens(n int64) RunOption { return runOption(func(s *runSettings) { s.tokens = n }) }

// Parallel is how many tools run at once, by default DefaultParallel.
func Parallel(n int) RunOption {
	return runOption(func(s *runSettings) {
		if s.parallel = n; n < 1 {
			s.malformed = cannotRun("Parallel: got %d, want at least 1", n)
		}
	})
}

// Streaming has the responses streamed: events of the kind RunText have their text
// as it arrives. A chat is asked for its usage (stream_options), unless the request
// says otherwise.
func Streaming() RunOption { return runOption(func(s *runSettings) { s.stream = true }) }

// StopWhen ends a run when the function returns true, which is asked after each
// round that called tools. It is not an error; the next request is in run.Chat or
// run.Respond.
func StopWhen(stop func(run *Run) bool) RunOption {
	return runOption(func(s *runSettings) { s.stop = stop })
}

// Approve asks the function before each call of a tool, and for each call that a
// remote MCP server wants approved. It is called by the goroutine that ranges over
// the run, one call after the other. Its error ends the run.
func Approve(approve func(ctx context.Context, call Approval) (Decision, error)) RunOption {
	return runOption(func(s *runSettings) { s.approve = approve })
}

// Approval is a call that waits for approval.
type Approval struct {
	Call   ToolCall
	Server string // label of the MCP server that makes the call, "" for a tool that runs here
}

// Decision approves or denies a call: Allow, or Deny with a reason for the model.
type Decision struct {
	Allowed bool
	Reason  string
}

// Allow approves a call.
func Allow() Decision { return Decision{Allowed: true} }

// Deny denies a call. The model is told the reason.
func Deny(reason string) Decision { return Decision{Reason: reason} }

// HandleItem handles items of the Responses API that wait for the client and are
// neither function nor custom calls, such as "computer_call" or "shell_call". The
// function returns the item that goes back, as an object of the API with the item's
// call_id. Its error ends the run.
func HandleItem(itemType string, handle func(ctx context.Context, item Item) (any, error)) RunOption {
	return runOption(func(s *runSettings) { s.handlers[itemType] = handle })
}

// CallOptions are options of each request of a run.
func CallOptions(opts ...client.CallOption) RunOption {
	return runOption(func(s *runSettings) { s.callOpts = append(s.callOpts, opts...) })
}

// Run is a conversation in which a model calls tools until it needs no more. It has
// one reader.
type Run struct {
	// Chat and Respond are the next request, with all that was said so far; one of
	// them is nil. The loop over Events may change it at the end of a round (RunRound).
	Chat    *ChatRequest
	Respond *RespondRequest

	client   *client.Client
	ctx      context.Context
	settings runSettings
	exchange exchange
	byName   map[string]*ToolFunc
	begin    func() error // takes the conversation that the run is a turn of
	end      func(*Run)   // gives it back
	started  bool
	done     bool
	left     bool // by the reader
	err      error
	last     reply
	rounds   int
	usage    Usage
	made     int // made-up IDs
}

// RunTools sends the request and calls the tools that the model asks for, until it
// asks for none. It takes a ChatRequest or a RespondRequest, which stay as they are.
// Its tools are those among the options and each ToolFunc in the request's Tools.
//
//	run := c.RunTools(ctx, request, weather, search, openai.MaxRounds(5))
//	result, err := run.Final() // or range over run.Events()
//
// Nothing is sent before Events or Final. Arguments are validated before a function
// sees them; what is wrong with a call, an unknown name included, is told to the
// model. Calls of one response run in parallel. Calls without an ID, or with that of
// another call, get one. Tools that run on the server (web and file search, code
// interpreter, MCP) are given in the request, and their items stay in it.
//
// With a PreviousResponseID or a Conversation in a RespondRequest the next requests
// have the new items alone, else all of them.
func (c *Client) RunTools(ctx context.Context, request Request, options ...RunOption) *Run {
	s := runSettings{rounds: DefaultMaxRounds, parallel: DefaultParallel, handlers: map[string]func(context.Context, Item) (any, error){}}
	run := &Run{client: c.Client, ctx: ctx}
	for _, o := range options {
		if o == nil {
			s.malformed = cannotRun("got nil, want a tool or an option")
			continue
		}
		o.configure(&s)
	}
	run.settings = s
	if run.err = s.malformed; run.err != nil {
		return run
	}
	run.exchange = exchangeOf(request)
	switch {
	case ctx == nil:
		run.err = cannotRun("got no context")
	case run.exchange == nil:
		run.err = cannotRun("got no request, want a ChatRequest or a RespondRequest")
	default:
		run.Chat, run.Respond = run.exchange.requests()
		run.settings.tools, run.err = run.exchange.addTools(s.tools)
	}
	return run
}

// RunEventKind says what an event of a run is about.
type RunEventKind string

// The kinds of events of a run, in the order of a round.
const (
	RunText     RunEventKind = "text"     // a piece of the text, with Streaming
	RunResponse RunEventKind = "response" // a response is complete
	RunCall     RunEventKind = "call"     // a tool is about to be called
	RunOutcome  RunEventKind = "outcome"  // a tool has returned, or was not called for a reason
	RunRound    RunEventKind = "round"    // all results are in the next request, which may be changed now
)

// RunEvent is one step of a run.
type RunEvent struct {
	Kind     RunEventKind
	Round    int            // from 1
	Text     string         // of RunText
	Chat     *ChatResult    // of RunResponse, in a run of chat
	Response *RespondResult // of RunResponse, in a run of responses
	Call     ToolCall       // of RunCall and RunOutcome
	Outcome  *ToolOutcome   // of RunOutcome
}

// Events runs, and yields each step. An error is the last event. Leaving the loop
// ends the run and cancels the tools that are running. Ranging again yields nothing
// but the error.
func (r *Run) Events() iter.Seq2[RunEvent, error] {
	return func(yield func(RunEvent, error) bool) {
		if r.err == nil && !r.done && !r.started {
			r.started = true
			if r.begin != nil {
				r.err = r.begin()
			}
			if r.err == nil {
				r.loop(yield)
				return
			}
		}
		if r.err != nil {
			yield(RunEvent{Round: r.rounds}, r.err)
		}
	}
}

// Pieces runs, and yields the text of all responses, as it arrives with Streaming. An
// error is the last that it yields. What Events says of leaving the loop holds.
func (r *Run) Pieces() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for event, err := range r.Events() {
			text := event.Text
			if event.Kind == RunResponse && !r.settings.stream {
				text = r.Text()
			}
			if (text != "" || err != nil) && !yield(text, err) {
				return
			}
		}
	}
}

// Final runs to the end and returns the run. The error is that of a request, a
// *LimitError, a *PendingError, an *IncompleteError, or that of a hook; what was
// said until then is in run.Chat or run.Respond.
func (r *Run) Final() (*Run, error) {
	for _, err := range r.Events() {
		if err != nil {
			return r, err
		}
	}
	return r, r.err
}

// Text is the text of the latest response.
func (r *Run) Text() string { return r.last.text() }

// Refusal is the model's refusal in the latest response, "" when it did not refuse.
func (r *Run) Refusal() string {
	_, refusal := r.last.final()
	return refusal
}

// ChatResult is the latest response of a run of chat, nil before the first.
func (r *Run) ChatResult() *ChatResult { return r.last.chat }

// RespondResult is the latest response of a run of responses, nil before the first.
func (r *Run) RespondResult() *RespondResult { return r.last.respond }

// Rounds is how many responses there were.
func (r *Run) Rounds() int { return r.rounds }

// Usage is the sum of all responses' usage.
func (r *Run) Usage() Usage { return r.usage }

// LimitError ends a run that has reached a limit while the model still calls tools.
// Their results are in the next request.
type LimitError struct {
	Limit string // "rounds" or "tokens"
	Got   int64
	Last  *ToolError // of the last round, where a call failed
}

func (e *LimitError) Error() string {
	text := fmt.Sprintf("the model still calls tools after %d %s", e.Got, e.Limit)
	if e.Last != nil {
		text += ": " + e.Last.Error()
	}
	return text
}

// Unwrap returns the error of the last round's call.
func (e *LimitError) Unwrap() error {
	if e.Last == nil {
		return nil
	}
	return e.Last
}

// PendingError ends a run whose response waits for something that the run was not
// given: functions that are defined in the request without being a ToolFunc, MCP
// calls without Approve, items without HandleItem. The response is in the next
// request, so that the caller can add what is missing and run on.
type PendingError struct {
	Calls []ToolCall // of functions
	Items []Item     // of other types
}

func (e *PendingError) Error() string {
	if len(e.Calls) > 0 {
		return fmt.Sprintf("the response calls %.100q, for which the run has no function", e.Calls[0].Name())
	}
	if e.Items[0].Type == approvalRequest {
		return "the response asks for approval of an MCP call; want the option Approve"
	}
	return fmt.Sprintf("the response has an item %.100q that waits for its output; want the option HandleItem", e.Items[0].Type)
}
