package client_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

func TestPathCheckReportsPathsThatLeadNowhere(t *testing.T) {
	const body = `{"object":"list","data":[{"id":"m","object":"model","created":1,"owned_by":"o","x":{"y":1}}]}`
	tests := map[string]string{
		"dta":              `/: no member "dta" is declared; did you mean "data"?`,
		"data.0.ownedby":   `/data/0: no member "ownedby" is declared; did you mean "owned_by"?`,
		"data.#.craeted":   `/data/0: no member "craeted" is declared; did you mean "created"?`,
		"data.ownd_by":     `/data: got "ownd_by" for an item of an array, want an index`,
		"dta.#":            `/: no member "dta" is declared; did you mean "data"?`,
		`dta.#(id="m").id`: `/: no member "dta" is declared; did you mean "data"?`,
		"data.0.id":        "",
		"data.#.id":        "",
		"data.#":           "",
		"data.7.id":        "",
		"data.0.x.z":       "",
		"*":                "",
		"da*":              "",
		"":                 "",
	}
	server := newWitness(t, responding(200, "application/json", body))
	for path, want := range tests {
		got := []string{}
		check := client.WithPathCheck(func(operationID, path string, wrong schema.Misspelling) {
			got = append(got, operationID+" "+path+" "+wrong.String())
		})
		c := newClient(t, client.WithBaseURL(server.URL+"/v1"), client.WithAPIKey("sk-test-0123456789"), check)
		r, err := c.Call(t.Context(), "listModels", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Get(path)
		all := []string{}
		if want != "" {
			all = []string{"listModels " + path + " " + want}
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", path, diff)
		}
	}
}

// The events are those of streams and sockets.
func TestPathCheckReportsPathsOfEvents(t *testing.T) {
	delta := `{"type":"response.output_text.delta","item_id":"i","output_index":0,"content_index":0,"delta":"a","sequence_number":1,"logprobs":[]}`
	step := "event: thread.run.created\n" + dataLines(`{"id":"run_1","object":"thread.run"}`, "[DONE]")
	for name, test := range map[string]struct {
		operation, body, path string
		params                client.Params
		want                  string
	}{
		"chunk":                   {"createChatCompletion", dataLines(deltaChunk(0, "a"), "[DONE]"), "choices.0.delta.contnet", chat(), `/choices/0/delta: no member "contnet" is declared; did you mean "content"?`},
		"chunk, right":            {"createChatCompletion", dataLines(deltaChunk(0, "a"), "[DONE]"), "choices.0.delta.tool_calls", chat(), ""},
		"response event":          {"createResponse", dataLines(delta), "detla", client.Params{"model": "m", "input": "i"}, `/: no member "detla" is declared; did you mean "delta"?`},
		"of another event":        {"createResponse", dataLines(delta), "response.output.0.id", client.Params{"model": "m", "input": "i"}, ""},
		"within an event":         {"createRun", step, "staus", client.Params{"thread_id": "t", "assistant_id": "a"}, `/: no member "staus" is declared; did you mean "status"?`},
		"a response in its place": {"createChatCompletion", `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"a"}}]}`, "choices.0.mesage", chat(), `/choices/0: no member "mesage" is declared; did you mean "message"?`},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			check := client.WithPathCheck(func(operationID, path string, wrong schema.Misspelling) {
				got += operationID + " " + path + " " + wrong.String()
			})
			media := "text/event-stream"
			if test.body[0] == '{' {
				media = "application/json"
			}
			s, err := openStream(t, responding(200, media, test.body), test.operation, test.params, check)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for ev, err := range s.Events() {
				if err != nil {
					break // what follows the one event is of no interest
				}
				ev.Get(test.path)
			}
			want := test.want
			if want != "" {
				want = test.operation + " " + test.path + " " + want
			}
			if got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
}
