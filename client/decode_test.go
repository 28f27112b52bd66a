package client_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
)

// TestDecodeReportsMisspeltFields: a field that nothing can fill is an error, one that
// another host may fill is none.
func TestDecodeReportsMisspeltFields(t *testing.T) {
	r, err := retrieve(t, 200, "application/json", `{"id":"gpt-5-mini","object":"model","created":1,"owned_by":"openai","own_by":"x","context_length":8192}`)
	if err != nil {
		t.Fatal(err)
	}
	type model struct {
		ID      string
		OwnedBy string `json:"owned_by"`
	}
	if got, err := client.Decode[model](r); err != nil || got != (model{"gpt-5-mini", "openai"}) {
		t.Errorf("got %+v, %v", got, err)
	}
	for range 2 { // the second is from memory
		got, err := client.Decode[struct{ ID, OwnedBy string }](r)
		var misspelt *client.MisspeltFieldError
		if !errors.As(err, &misspelt) || got.ID != "gpt-5-mini" {
			t.Fatalf("got %+v, %v, want the value and a *MisspeltFieldError", got, err)
		}
		const want = `retrieveModel: struct { ID string; OwnedBy string } cannot be filled: /: no member "OwnedBy" is declared; did you mean "owned_by"?`
		if err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	if got, err := client.Decode[struct {
		Context int    `json:"context_length"` // of another host
		OwnBy   string `json:"own_by"`         // undeclared, but there
		Absent  string `json:"frobnicate"`
	}](r); err != nil || got.Context != 8192 || got.OwnBy != "x" {
		t.Errorf("members of a host: got %+v, %v", got, err)
	}
	if got, err := client.Decode[map[string]any](r); err != nil || got["id"] != "gpt-5-mini" {
		t.Errorf("a map: got %v, %v", got, err)
	}
	if _, err := client.Decode[int](r); err == nil || !strings.Contains(err.Error(), "cannot decode the response into *int") {
		t.Errorf("another type: got %v", err)
	}
}

func TestDecodeOfAFailedCallIsAnError(t *testing.T) {
	t.Parallel()
	for name, from := range map[string]client.Decodable{"nil": nil, "nil response": (*client.Response)(nil)} {
		if _, err := client.Decode[struct{}](from); err == nil || !strings.Contains(err.Error(), "got") {
			t.Errorf("%s: got %v, want an error", name, err)
		}
	}
}

func TestDecodeTypesEventsByTheDocument(t *testing.T) {
	s, err := openStream(t, responding(200, "text/event-stream",
		"data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"),
		"createChatCompletion", client.Params{"model": "m", "messages": []any{client.Params{"role": "user", "content": "Hi"}}})
	if err != nil {
		t.Fatal(err)
	}
	type chunk struct {
		Choices []struct{ Delta struct{ Content string } }
	}
	type wrong struct {
		Choices []struct {
			Delta struct {
				Content string `json:"contnt"`
			}
		}
	}
	for ev, err := range s.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if got, err := client.Decode[chunk](ev); err != nil || got.Choices[0].Delta.Content != "Hi" {
			t.Errorf("got %+v, %v", got, err)
		}
		_, err := client.Decode[wrong](ev)
		if err == nil || !strings.Contains(err.Error(), `/choices/0/delta: no member "contnt" is declared; did you mean "content"?`) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := client.Decode[chunk](client.Event{Type: "x", Data: []byte("{")}); err == nil {
		t.Error("an event that is not JSON is decoded")
	}
}

// TestDecodeOfNamedEvents: where the document has name and data of an event in one
// object, T is the data.
func TestDecodeOfNamedEvents(t *testing.T) {
	s, err := openStream(t, responding(200, "text/event-stream",
		"event: thread.message.delta\ndata: {\"id\":\"m\",\"object\":\"thread.message.delta\",\"delta\":{\"content\":[]}}\n\nevent: done\ndata: [DONE]\n\n"),
		"createRun", client.Params{"thread_id": "t", "assistant_id": "a"})
	if err != nil {
		t.Fatal(err)
	}
	for ev, err := range s.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if got, err := client.Decode[struct{ ID string }](ev); err != nil || got.ID != "m" {
			t.Errorf("got %+v, %v", got, err)
		}
		_, err := client.Decode[struct{ Objekt string }](ev)
		if err == nil || !strings.Contains(err.Error(), `: /: no member "Objekt" is declared; did you mean "object"?`) {
			t.Errorf("got %v", err)
		}
	}
}
