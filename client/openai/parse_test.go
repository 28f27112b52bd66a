package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/schema"
)

// recipe is nested, has an enum, optional fields, and contains itself.
type recipe struct {
	Name  string   `json:"name"`
	Kind  string   `json:"kind" jsonschema:"enum=soup,enum=bread"`
	Grams *float64 `json:"grams"`
	Note  string   `json:"note,omitempty"`
	Steps []step   `json:"steps"`
	Parts []recipe `json:"parts"`
}

type step struct {
	Text    string `json:"text"`
	Minutes int    `json:"minutes"`
}

const recipeText = `{"name":"Soup","kind":"soup","grams":null,"note":null,"steps":[{"text":"Boil","minutes":20}],` +
	`"parts":[{"name":"Bread","kind":"bread","grams":250.5,"note":"warm","steps":[],"parts":[]}]}`

var recipeValue = recipe{
	Name: "Soup", Kind: "soup", Steps: []step{{"Boil", 20}},
	Parts: []recipe{{Name: "Bread", Kind: "bread", Grams: new(250.5), Note: "warm", Steps: []step{}, Parts: []recipe{}}},
}

// The test parses in both APIs, streamed or not, and compares all that is
// sent with what was read line by line.
func TestParseSendsTheTranscriptLineByLine(t *testing.T) {
	for name, test := range map[string]struct {
		output  clienttest.Output
		failure any // the type of the error, nil for none
	}{
		"value":          {output: clienttest.Say(recipeText)},
		"refusal":        {output: clienttest.Refuse("I do not cook."), failure: new(*openai.RefusalError)},
		"cut":            {output: clienttest.Say(recipeText[:40]).Stop("length"), failure: new(*openai.IncompleteError)},
		"content filter": {output: clienttest.Say(recipeText[:40]).Stop("content_filter"), failure: new(*openai.IncompleteError)},
		"another value":  {output: clienttest.Say(strings.Replace(recipeText, `"kind":"soup"`, `"kind":"cake"`, 1)), failure: new(*openai.ParseError)},
		"no JSON":        {output: clienttest.Say("Here you are: " + recipeText), failure: new(*openai.ParseError)},
		"tool call":      {output: clienttest.CallTool("oven", `{}`), failure: new(*openai.ParseError)},
		"nothing":        {output: clienttest.Say(""), failure: new(*openai.ParseError)},
	} {
		for api, with := range apis {
			for _, streamed := range []bool{false, true} {
				how := ""
				if streamed {
					how = " streamed"
				}
				t.Run(api+" "+name+how, func(t *testing.T) {
					server, c, tr := scripted(t)
					server.Respond(with.operation, clienttest.Answer{Output: test.output})
					got, err := parse(t.Context(), c, with.request, streamed, tr)
					switch {
					case test.failure == nil && err != nil:
						t.Errorf("got %v", err)
					case test.failure != nil && !errors.As(err, test.failure):
						t.Errorf("got %v, want a %T", err, test.failure)
					case test.failure == nil:
						if diff := cmp.Diff(recipeValue, got.Value); diff != "" {
							t.Errorf("value (-want +got):\n%s", diff)
						}
						if (got.Chat == nil) == (got.Response == nil) {
							t.Error("got no result beside the value")
						}
					}
					tr.note("=== %v", err)
					if !streamed || test.failure == nil {
						tr.check(t)
					}
				})
			}
		}
	}
}

func parse(ctx context.Context, c *openai.Client, request openai.Request, streamed bool, tr *transcript) (*openai.Parsed[recipe], error) {
	if !streamed {
		return openai.Parse[recipe](ctx, c, request)
	}
	s, err := openai.ParseStream[recipe](ctx, c, request)
	if err != nil {
		return nil, err
	}
	last := ""
	for value, err := range s.Values() {
		if err != nil {
			break
		}
		text, _ := json.Marshal(value)
		if string(text) != last {
			last = string(text)
			tr.note("=== %s", last)
		}
	}
	return s.Final()
}

// An error keeps the whole result.
func TestParseErrorKeepsResult(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.From(server.Client())
	server.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.Refuse("No.")})
	server.Respond("createResponse", clienttest.Answer{Output: clienttest.Say(`{"name":5}`)})
	var refusal *openai.RefusalError
	if _, err := openai.Parse[recipe](t.Context(), c, apis["chat"].request); !errors.As(err, &refusal) || refusal.Refusal != "No." || refusal.Chat.Usage().TotalTokens == 0 {
		t.Errorf("got %v", err)
	}
	var wrong *openai.ParseError
	var invalid *schema.ValidationError
	if _, err := openai.Parse[recipe](t.Context(), c, apis["respond"].request); !errors.As(err, &wrong) || wrong.Text != `{"name":5}` || wrong.Response.ID() == "" || !errors.As(err, &invalid) {
		t.Errorf("got %v", err)
	}
}

// The last message is the value: those before may be comments.
func TestParseOfSeveralMessages(t *testing.T) {
	message := func(phase, text string) string {
		quoted, _ := json.Marshal(text)
		return fmt.Sprintf(`{"id":"m","type":"message","role":"assistant","phase":%q,"status":"completed","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":%s}]}`, phase, quoted)
	}
	server := clienttest.NewServer(t)
	server.Respond("createResponse", clienttest.Answer{Body: `{"id":"r","object":"response","status":"completed","created_at":1,"model":"m","output":[` +
		message("commentary", "I look it up.") + `,` + message("final_answer", recipeText) + `]}`})
	got, err := openai.Parse[recipe](t.Context(), openai.From(server.Client()), apis["respond"].request)
	if err != nil || got.Value.Name != "Soup" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestParseThatCannotBegin(t *testing.T) {
	c := newClient(t, client.WithAPIKey("k"))
	chat := apis["chat"].request.(openai.ChatRequest)
	chat.ResponseFormat = client.Params{"type": "json_object"}
	respond := apis["respond"].request.(openai.RespondRequest)
	respond.Text = client.Params{}
	run := func(request openai.Request) error {
		_, err := openai.Parse[recipe](t.Context(), c, request)
		_, streamed := openai.ParseStream[recipe](t.Context(), c, request)
		if err == nil || streamed == nil || err.Error() != streamed.Error() {
			t.Errorf("got %v and, streamed, %v", err, streamed)
		}
		return err
	}
	_, typed := openai.Parse[map[string]int](t.Context(), c, chat)
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"no request":             {run(nil), "got no request"},
		"nil request":            {run((*openai.ChatRequest)(nil)), "got no request"},
		"a format of its own":    {run(chat), "a format of its own"},
		"a text of its own":      {run(respond), "a format of its own"},
		"a type without schema":  {typed, "got map[string]int"},
		"an empty request":       {run(openai.RespondRequest{Input: 5}), "/input"},
		"a request without text": {run(openai.ChatRequest{Model: "m"}), "messages"},
	} {
		if test.err == nil || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, test.err, test.want)
		}
	}
}

type event struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
	Tags []string  `json:"tags"`
}

// A time of which a part has come is not an error, and the number of values is bounded.
func TestParseStreamOfLongText(t *testing.T) {
	long := strings.Repeat("word ", 4000)
	text, err := json.Marshal(event{Name: long, At: time.Unix(1767225600, 0).UTC(), Tags: []string{"a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	server := clienttest.NewServer(t)
	server.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.Say(string(text))})
	s, err := openai.ParseStream[event](t.Context(), openai.From(server.Client()), apis["chat"].request)
	if err != nil {
		t.Fatal(err)
	}
	values, bytes := 0, 0
	var last event
	for value, err := range s.Values() {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(value.Name, last.Name) {
			t.Fatalf("got %.50q behind %.50q", value.Name, last.Name)
		}
		values, bytes, last = values+1, bytes+len(value.Name), value
	}
	if last.Name != long || last.At.Unix() != 1767225600 || len(last.Tags) != 2 {
		t.Errorf("got %d bytes of name, %v, %v", len(last.Name), last.At, last.Tags)
	}
	if values < 10 || bytes > 20*len(text) {
		t.Errorf("got %d values of %d bytes in all for a text of %d", values, bytes, len(text))
	}
	for value, err := range s.Values() { // again: the last alone
		if err != nil || value.Name != long {
			t.Errorf("got %v, %v", value, err)
		}
	}
}

// Leaving the loop closes the stream.
func TestParseStreamThatIsLeftIsClosed(t *testing.T) {
	server := clienttest.NewServer(t)
	server.Respond("createResponse", clienttest.Answer{Output: clienttest.Say(recipeText)})
	s, err := openai.ParseStream[recipe](t.Context(), openai.From(server.Client()), apis["respond"].request)
	if err != nil {
		t.Fatal(err)
	}
	for range s.Values() {
		break
	}
	if _, err := s.Final(); err == nil {
		t.Error("got a value of a stream that was closed")
	}
}

// A stream that is cut off is not a value.
func TestParseStreamThatIsCutOffHasNoValue(t *testing.T) {
	server := clienttest.NewServer(t)
	server.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.Say(recipeText), Fail: clienttest.CutBody(900)})
	s, err := openai.ParseStream[recipe](t.Context(), openai.From(server.Client(client.WithMaxRetries(0))), apis["chat"].request)
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	for _, err := range s.Values() {
		failed = err
	}
	var cut *client.TruncatedError
	if !errors.As(failed, &cut) {
		t.Errorf("got %v, want a TruncatedError", failed)
	}
}

// RunTools ends in a value where the request has its format.
func TestRunToolsToValue(t *testing.T) {
	format, err := openai.FormatOf[recipe]()
	if err != nil {
		t.Fatal(err)
	}
	for api, with := range apis {
		server := clienttest.NewServer(t)
		server.Respond(with.operation, clienttest.Answer{Output: clienttest.CallTool("weather", paris)}, clienttest.Answer{Output: clienttest.Say(recipeText)})
		var request openai.Request
		switch r := with.request.(type) {
		case openai.ChatRequest:
			r.ResponseFormat = format
			request = r
		case openai.RespondRequest:
			r.ResponseFormat = format
			request = r
		}
		run, err := openai.From(server.Client()).RunTools(t.Context(), request, weatherTool()).Final()
		if err != nil {
			t.Errorf("%s: %v", api, err)
			continue
		}
		if got, err := openai.DecodeText[recipe](run.Text()); err != nil || got.Name != "Soup" {
			t.Errorf("%s: got %+v, %v", api, got, err)
		}
	}
}
