package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

// weatherTool says what the weather is; the API's half of the tests calls it.
func weatherTool(opts ...openai.ToolOption) *openai.ToolFunc {
	return openai.MustTool("weather", "the weather of some days", func(_ context.Context, in place) (string, error) {
		switch {
		case in.City == "Oslo":
			return "", errors.New("the station of Oslo is closed")
		case in.Days != nil:
			return fmt.Sprintf("%d days of sun in %s", *in.Days, in.City), nil
		}
		return "sun in " + in.City, nil
	}, opts...)
}

// apis are the two APIs with a first request each.
var apis = map[string]struct {
	operation string
	request   openai.Request
}{
	"chat":    {"createChatCompletion", openai.ChatRequest{Model: "gpt-5-mini", Messages: []openai.Message{openai.User("What is the weather?")}}},
	"respond": {"createResponse", openai.RespondRequest{Model: "gpt-5-mini", Input: "What is the weather?"}},
}

const (
	paris = `{"city":"Paris","days":null}`
	oslo  = `{"city":"Oslo","days":2}`
)

// The test runs scripted conversations in both APIs and compares all that
// is sent with what was read line by line.
func TestRunSendsTheTranscriptLineByLine(t *testing.T) {
	say, call := clienttest.Say, clienttest.CallTool
	sunny := say("It is sunny in Paris.")
	for name, test := range map[string]struct {
		outputs []clienttest.Output
		options []openai.RunOption
		failure any // the type of error that ends the run
	}{
		"no tools needed": {outputs: []clienttest.Output{sunny}},
		"one call":        {outputs: []clienttest.Output{call("weather", paris), sunny}},
		"streaming": {
			outputs: []clienttest.Output{say("Let me look. ").CallTool("weather", paris), sunny},
			options: []openai.RunOption{openai.Streaming()},
		},
		"several calls": {
			outputs: []clienttest.Output{call("weather", paris).CallTool("weather", oslo), sunny},
			options: []openai.RunOption{openai.Parallel(1)},
		},
		"invalid arguments": {outputs: []clienttest.Output{call("weather", `{"city":"Rome"}`), call("weather", `{"city":`), call("weather", paris), sunny}},
		"unknown tool":      {outputs: []clienttest.Output{call("wether", paris), sunny}},
		"denied": {
			outputs: []clienttest.Output{call("weather", paris), say("I may not look.")},
			options: []openai.RunOption{openai.Approve(func(context.Context, openai.Approval) (openai.Decision, error) { return openai.Deny("not today"), nil })},
		},
		"round limit": {
			outputs: []clienttest.Output{call("weather", oslo)},
			options: []openai.RunOption{openai.MaxRounds(2)},
			failure: new(*openai.LimitError),
		},
		"cut within a call": {
			outputs: []clienttest.Output{call("weather", `{"city":"Par`).Stop("length")},
			failure: new(*openai.IncompleteError),
		},
		"refusal": {outputs: []clienttest.Output{call("weather", paris), clienttest.Refuse("I do not speak of the weather.")}},
	} {
		for api, with := range apis {
			t.Run(api+" "+name, func(t *testing.T) {
				server, c, tr := scripted(t)
				var answers []clienttest.Answer
				for _, output := range test.outputs {
					answers = append(answers, clienttest.Answer{Output: output})
				}
				server.Respond(with.operation, answers...)
				options := append([]openai.RunOption{weatherTool()}, test.options...)
				err := tr.follow(t, c.RunTools(t.Context(), with.request, options...))
				switch {
				case test.failure == nil && err != nil:
					t.Errorf("got %v", err)
				case test.failure != nil && !errors.As(err, test.failure):
					t.Errorf("got %v, want a %T", err, test.failure)
				}
				tr.check(t)
			})
		}
	}
}

// Items of tools that run on the server stay where they were, reasoning beside them,
// and approvals are asked for.
func TestRunTranscriptHostedTools(t *testing.T) {
	server, c, tr := scripted(t)
	response := func(output string) clienttest.Answer {
		return clienttest.Answer{Body: json.RawMessage(`{"id":"resp_1","object":"response","status":"completed","created_at":1767225600,"model":"gpt-5-mini","output":[` +
			output + `],"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":0},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":15}}`)}
	}
	server.Respond("createResponse",
		response(`{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAAA","status":null},
			{"id":"ws_1","type":"web_search_call","status":"completed","action":{"type":"search","query":"Paris weather","queries":["Paris weather"]}},
			{"id":"mcpr_1","type":"mcp_approval_request","server_label":"stations","name":"read","arguments":"{\"id\":7}"},
			{"id":"rs_2","type":"reasoning","summary":[],"encrypted_content":"gBBB","status":null},
			{"id":"fc_1","type":"function_call","call_id":"call_a","name":"weather","arguments":"{\"city\":\"Paris\",\"days\":null}","status":"completed"},
			{"id":"cu_1","type":"computer_call","call_id":"call_b","action":{"type":"screenshot"},"pending_safety_checks":[],"status":"completed"}`),
		response(`{"id":"mcp_1","type":"mcp_call","server_label":"stations","name":"read","arguments":"{\"id\":7}","output":"18","error":null,"approval_request_id":"mcpr_1","status":"completed"},
			{"id":"ci_1","type":"code_interpreter_call","container_id":"cntr_1","code":"1+1","outputs":[{"type":"logs","logs":"2"}],"status":"completed"},
			{"id":"fc_2","type":"function_call","call_id":"call_c","name":"weather","arguments":"{\"city\":\"Paris\",\"days\":1}","status":"completed"}`),
		response(`{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"18 degrees.","annotations":[],"logprobs":[]}]}`))
	var asked []string
	run := c.RunTools(t.Context(), openai.RespondRequest{
		Model: "gpt-5-mini", Input: "What is the weather?",
		Tools: []any{client.Params{"type": "web_search"}, client.Params{"type": "mcp", "server_label": "stations", "server_url": "https://stations.example.com", "require_approval": "always"}},
	}, weatherTool(),
		openai.Approve(func(_ context.Context, a openai.Approval) (openai.Decision, error) {
			asked = append(asked, a.Server+":"+a.Call.Name()+" "+a.Call.Input())
			return openai.Allow(), nil
		}),
		openai.HandleItem("computer_call", func(_ context.Context, item openai.Item) (any, error) {
			return client.Params{"type": "computer_call_output", "call_id": "call_b", "output": client.Params{"type": "computer_screenshot", "image_url": "data:image/png;base64,AA=="}}, nil
		}))
	if err := tr.follow(t, run); err != nil {
		t.Error(err)
	}
	want := []string{`:weather {"city":"Paris","days":null}`, `stations:read {"id":7}`, `:weather {"city":"Paris","days":1}`}
	if strings.Join(asked, "\n") != strings.Join(want, "\n") {
		t.Errorf("got approvals %q, want %q", asked, want)
	}
	tr.check(t)
}

// What a run has nothing for ends it, and the response is kept.
func TestRunEndsWhereSomethingIsMissing(t *testing.T) {
	for name, test := range map[string]struct{ output, want string }{
		"approval":   {`{"id":"mcpr_1","type":"mcp_approval_request","server_label":"s","name":"read","arguments":"{}"}`, "want the option Approve"},
		"an item":    {`{"id":"cu_1","type":"computer_call","call_id":"c","action":{"type":"screenshot"},"pending_safety_checks":[],"status":"completed"}`, `"computer_call"`},
		"a function": {`{"id":"fc_1","type":"function_call","call_id":"c","name":"other","arguments":"{}","status":"completed"}`, `"other"`},
		"an item, answered": {`{"id":"sh_1","type":"shell_call","call_id":"c","action":{"commands":["ls"]},"status":"completed"},` +
			`{"id":"so_1","type":"shell_call_output","call_id":"c","output":[],"max_output_length":null,"status":"completed"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := clienttest.NewServer(t)
			server.Respond("createResponse", clienttest.Answer{Body: json.RawMessage(`{"id":"resp_1","object":"response","status":"completed","created_at":1,"model":"m","output":[` + test.output + `]}`)})
			run, err := openai.From(server.Client()).RunTools(t.Context(), openai.RespondRequest{
				Model: "m", Input: "a", Tools: []any{openai.FunctionTool{Name: "other", Parameters: client.Params{"type": "object"}}},
			}, weatherTool()).Final()
			var pending *openai.PendingError
			switch {
			case test.want == "" && err != nil:
				t.Errorf("got %v", err)
			case test.want != "" && (!errors.As(err, &pending) || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want a PendingError with %q", err, test.want)
			}
			if got := len(run.Respond.Input.([]any)); got < 2 {
				t.Errorf("got %d items in the next request, want the response among them", got)
			}
		})
	}
}

// The server keeps the conversation: what is sent is what is new.
func TestRunWithPreviousResponse(t *testing.T) {
	for name, request := range map[string]openai.RespondRequest{
		"previous response": {Model: "m", Input: "a", PreviousResponseID: "resp_0"},
		"conversation":      {Model: "m", Input: "a", Conversation: "conv_1"},
	} {
		t.Run(name, func(t *testing.T) {
			server := clienttest.NewServer(t)
			server.Respond("createResponse", clienttest.Answer{Output: clienttest.CallTool("weather", paris)}, clienttest.Answer{Output: clienttest.Say("ok")})
			run, err := openai.From(server.Client()).RunTools(t.Context(), request, weatherTool()).Final()
			if err != nil {
				t.Fatal(err)
			}
			sent := server.LastRequest("createResponse")
			if got := sent.Get("input.#.type").String(); got != `["function_call_output"]` {
				t.Errorf("got input %s, want the output alone", sent.Get("input").Raw)
			}
			if got := sent.Get("previous_response_id").String(); name == "previous response" && (got == "resp_0" || got == "") {
				t.Errorf("got previous response %q, want that of the first round", got)
			}
			if run.Respond.PreviousResponseID != "" && run.Respond.PreviousResponseID != run.RespondResult().ID() {
				t.Errorf("got %q for the next request, want %q", run.Respond.PreviousResponseID, run.RespondResult().ID())
			}
		})
	}
}

// IDs that a host leaves out, or gives twice, are made up, in the message and in the
// results.
func TestRunMakesUpIDs(t *testing.T) {
	said := responding("application/json", `{"id":"2","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"ok","refusal":null}}]}`)
	chat := newHost(t, responding("application/json", `{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"tool_calls","logprobs":null,
		"message":{"role":"assistant","content":null,"refusal":null,"reasoning_content":"hm","tool_calls":[
			{"id":"","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Paris\",\"days\":1}"}},
			{"id":"x","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Paris\",\"days\":2}"}},
			{"id":"x","function":{"name":"weather","arguments":{"city":"Paris","days":3}}}]}}]}`), said)
	respond := newHost(t, responding("application/json", `{"id":"r","object":"response","status":"completed","created_at":1,"model":"m","output":[
		{"type":"function_call","id":"fc_1","call_id":"","name":"weather","arguments":"{\"city\":\"Paris\",\"days\":1}","status":"completed"},
		{"type":"function_call","id":"fc_2","call_id":"x","name":"weather","arguments":"{\"city\":\"Paris\",\"days\":2}","status":"completed"},
		{"type":"function_call","id":"fc_3","call_id":"x","name":"weather","arguments":"{\"city\":\"Paris\",\"days\":3}","status":"completed"}]}`), responding("application/json", `{"id":"r2","object":"response","status":"completed","created_at":1,"model":"m","output":[]}`))
	for api, test := range map[string]struct {
		host  *host
		paths [2]string
	}{
		"chat":    {chat, [2]string{"messages.1.tool_calls.#.id", "messages.#(role=tool)#.tool_call_id"}},
		"respond": {respond, [2]string{"input.#(type=function_call)#.call_id", "input.#(type=function_call_output)#.call_id"}},
	} {
		c := newClient(t, client.WithBaseURL(test.host.URL))
		if _, err := c.RunTools(t.Context(), apis[api].request, weatherTool()).Final(); err != nil {
			t.Errorf("%s: %v", api, err)
		}
		sent := test.host.last(t).Body
		for _, path := range test.paths {
			if got := gjson.Get(sent, path).Raw; strings.ReplaceAll(got, " ", "") != `["call_1","x","call_2"]` {
				t.Errorf("%s: %s: got %s in %s", api, path, got, sent)
			}
		}
	}
	if got := gjson.Get(chat.last(t).Body, "messages.1.reasoning_content").String(); got != "hm" {
		t.Errorf("got reasoning_content %q, want what the host sent", got)
	}
}

// Tools of one response run at once, up to a bound, and a sequential one alone.
func TestRunCallsToolsAtOnceUpToABound(t *testing.T) {
	type step struct{ N int }
	meet := make(chan int)
	var alone bool
	together := openai.MustTool("together", "", func(_ context.Context, in step) (int, error) {
		if in.N == 1 { // both wait for each other
			meet <- 1
		} else {
			<-meet
		}
		return in.N, nil
	})
	single := openai.MustTool("single", "", func(context.Context, struct{}) (string, error) { alone = true; return "", nil }, openai.Sequential())
	server := clienttest.NewServer(t)
	server.Respond("createChatCompletion",
		clienttest.Answer{Output: clienttest.CallTool("together", `{"N":1}`).CallTool("together", `{"N":2}`).CallTool("single", `{}`).CallTool("together", `{"N":1}`).CallTool("together", `{"N":2}`)},
		clienttest.Answer{Output: clienttest.Say("ok")})
	run := openai.From(server.Client()).RunTools(t.Context(), apis["chat"].request, together, single)
	var order []string
	for event, err := range run.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if event.Kind == openai.RunCall && len(order) < 2 && alone {
			t.Error("the sequential tool ran before the calls in front of it")
		}
		if event.Kind == openai.RunOutcome {
			order = append(order, event.Call.Name())
		}
	}
	if got := strings.Join(order, " "); got != "together together single together together" {
		t.Errorf("got outcomes of %s", got)
	}
	sent := server.LastRequest("createChatCompletion")
	if got := sent.Get("messages.#(role=tool)#.content").Raw; got != `["1","2","","1","2"]` {
		t.Errorf("got results %s, want them in the order of the calls", got)
	}
}

// Leaving the loop cancels what runs; ranging again yields nothing.
func TestRunThatIsLeftCancelsItsTools(t *testing.T) {
	for _, kind := range []openai.RunEventKind{openai.RunText, openai.RunResponse, openai.RunCall, openai.RunOutcome, openai.RunRound} {
		t.Run(string(kind), func(t *testing.T) {
			server := clienttest.NewServer(t)
			server.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.Say("a b c").CallTool("slow", "{}").CallTool("quick", "{}")})
			slow := openai.MustTool("slow", "", func(ctx context.Context, _ struct{}) (string, error) {
				if kind == openai.RunRound {
					return "", nil
				}
				<-ctx.Done()
				return "", ctx.Err()
			})
			quick := openai.MustTool("quick", "", func(context.Context, struct{}) (string, error) { return "", nil })
			run := openai.From(server.Client()).RunTools(t.Context(), apis["chat"].request, slow, quick, openai.Streaming())
			seen := 0
			for event, err := range run.Events() {
				if err != nil {
					t.Fatal(err)
				}
				if event.Kind == kind {
					seen++
					break
				}
			}
			for event, err := range run.Events() {
				t.Errorf("got %v, %v after the end", event.Kind, err)
			}
			if seen != 1 || len(server.Requests()) != 1 {
				t.Errorf("saw %d events of %s, %d requests", seen, kind, len(server.Requests()))
			}
		})
	}
}

// The next request may be changed between rounds.
func TestRunChangesRequest(t *testing.T) {
	server := clienttest.NewServer(t)
	server.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.CallTool("weather", paris)}, clienttest.Answer{Output: clienttest.Say("ok")})
	request := apis["chat"].request.(openai.ChatRequest)
	run := openai.From(server.Client()).RunTools(t.Context(), request, weatherTool())
	for event, err := range run.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if event.Kind == openai.RunRound {
			run.Chat.Model, run.Chat.ToolChoice = "gpt-5", "none"
			run.Chat.Messages = append(run.Chat.Messages, openai.Developer("Be brief."))
		}
	}
	sent := server.LastRequest("createChatCompletion")
	if sent.Get("model").String() != "gpt-5" || sent.Get("tool_choice").String() != "none" || sent.Get("messages.3.content").String() != "Be brief." {
		t.Errorf("got %s", sent.Body)
	}
	if len(request.Messages) != 1 || request.Model != "gpt-5-mini" || request.Tools != nil {
		t.Errorf("the caller's request became %+v", request)
	}
}

func TestRunStopsAtItsLimits(t *testing.T) {
	var limit *openai.LimitError
	hook := errors.New("the hook failed")
	for name, test := range map[string]struct {
		option openai.RunOption
		ends   func(error) bool
		rounds int
	}{
		"function": {openai.StopWhen(func(run *openai.Run) bool { return run.Rounds() == 3 }), func(err error) bool { return err == nil }, 3},
		"tokens":   {openai.MaxTokens(1), func(err error) bool { return errors.As(err, &limit) && limit.Limit == "tokens" && limit.Got > 1 }, 1},
		"rounds":   {openai.MaxRounds(4), func(err error) bool { return errors.As(err, &limit) && limit.Limit == "rounds" && limit.Got == 4 }, 4},
		"default":  {weatherTool(), func(err error) bool { return errors.As(err, &limit) && limit.Got == openai.DefaultMaxRounds }, 10},
		"approval fails": {
			openai.Approve(func(context.Context, openai.Approval) (openai.Decision, error) { return openai.Allow(), hook }),
			func(err error) bool { return errors.Is(err, hook) }, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := clienttest.NewServer(t)
			server.Respond("createResponse", clienttest.Answer{Output: clienttest.CallTool("weather", paris)})
			options := []openai.RunOption{test.option}
			if name != "default" {
				options = append(options, weatherTool())
			}
			run, err := openai.From(server.Client()).RunTools(t.Context(), apis["respond"].request, options...).Final()
			if !test.ends(err) || run.Rounds() != test.rounds {
				t.Errorf("got %v after %d rounds", err, run.Rounds())
			}
			if _, again := run.Final(); !errors.Is(again, err) {
				t.Errorf("got %v the second time, want %v", again, err)
			}
		})
	}
}

// A model that never gets the arguments right is stopped, and the caller sees why.
func TestRunArgumentsWrongEveryTime(t *testing.T) {
	server := clienttest.NewServer(t)
	server.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.CallTool("weather", `not JSON`)})
	run, err := openai.From(server.Client()).RunTools(t.Context(), apis["chat"].request, weatherTool()).Final()
	var limit *openai.LimitError
	var tool *openai.ToolError
	if !errors.As(err, &limit) || !errors.As(err, &tool) || tool.Kind != openai.ToolArguments {
		t.Errorf("got %v, want a LimitError with the last ToolError", err)
	}
	if got := len(run.Chat.Messages); got != 21 {
		t.Errorf("got %d messages, want all that was said", got)
	}
}

func TestRunThatCannotBegin(t *testing.T) {
	c := newClient(t, client.WithAPIKey("k"))
	weather := weatherTool()
	request := apis["chat"].request
	for name, run := range map[string]*openai.Run{
		"no request":           c.RunTools(t.Context(), nil, weather),
		"nil chat request":     c.RunTools(t.Context(), (*openai.ChatRequest)(nil), weather),
		"nil respond request":  c.RunTools(t.Context(), (*openai.RespondRequest)(nil), weather),
		"nil tool":             c.RunTools(t.Context(), request, (*openai.ToolFunc)(nil)),
		"nil option":           c.RunTools(t.Context(), request, nil),
		"one name twice":       c.RunTools(t.Context(), request, weather, weatherTool()),
		"one tool twice":       c.RunTools(t.Context(), request, weather, weather),
		"no rounds":            c.RunTools(t.Context(), request, weather, openai.MaxRounds(0)),
		"nothing in parallel":  c.RunTools(t.Context(), request, weather, openai.Parallel(0)),
		"defined by a request": c.RunTools(t.Context(), openai.ChatRequest{Model: "m", Tools: []any{openai.FunctionTool{Name: "weather"}}}, weather),
		"no messages":          c.RunTools(t.Context(), openai.ChatRequest{Model: "m"}, weather),
		"no model":             c.RunTools(t.Context(), openai.ChatRequest{Messages: []openai.Message{openai.User("a")}}, weather),
	} {
		if _, err := run.Final(); err == nil || strings.Contains(err.Error(), "dial") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// An error of the API ends the run; what was said stays.
func TestRunErrorOfRequest(t *testing.T) {
	server := clienttest.NewServer(t)
	server.Respond("createResponse", clienttest.Answer{Output: clienttest.CallTool("weather", paris)}, clienttest.ErrorAnswer(429, "rate_limit_exceeded", "slow down"))
	run, err := openai.From(server.Client(client.WithMaxRetries(0))).RunTools(t.Context(), apis["respond"].request, weatherTool()).Final()
	var refused *client.APIError
	if !errors.As(err, &refused) || refused.StatusCode != http.StatusTooManyRequests {
		t.Errorf("got %v, want the 429", err)
	}
	if got := len(run.Respond.Input.([]any)); got != 3 {
		t.Errorf("got %d items, want the question, the call and its output", got)
	}
}

// A run of a cancelled context ends, whatever its tools do.
func TestRunEndsWithItsContext(t *testing.T) {
	server := clienttest.NewServer(t)
	server.Respond("createResponse", clienttest.Answer{Output: clienttest.CallTool("stuck", `{}`)})
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	stuck := openai.MustTool("stuck", "", func(context.Context, struct{}) (string, error) { cancel(); <-release; return "", nil })
	if _, err := openai.From(server.Client()).RunTools(ctx, apis["respond"].request, stuck).Final(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// A tool that panics, or ends its goroutine, ends neither the program nor the run.
func TestRunOfToolsThatPanic(t *testing.T) {
	server := clienttest.NewServer(t)
	server.Respond("createResponse", clienttest.Answer{Output: clienttest.CallTool("panics", `{}`).CallTool("exits", `{}`)}, clienttest.Answer{Output: clienttest.Say("ok")})
	panics := openai.MustTool("panics", "", func(context.Context, struct{}) (string, error) { panic("secret") })
	exits := openai.MustTool("exits", "", func(context.Context, struct{}) (string, error) { runtime.Goexit(); return "", nil })
	failed := 0
	for event, err := range openai.From(server.Client()).RunTools(t.Context(), apis["respond"].request, panics, exits).Events() {
		if err != nil {
			t.Fatal(err)
		}
		if event.Kind == openai.RunOutcome && event.Outcome.Err != nil && event.Outcome.Err.Kind == openai.ToolPanicked {
			failed++
		}
	}
	sent := string(server.LastRequest("createResponse").Body)
	if failed != 2 || strings.Contains(sent, "secret") || strings.Count(sent, "error: the tool failed") != 2 {
		t.Errorf("got %d panics, and sent %s", failed, sent)
	}
}
