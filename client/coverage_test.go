package client_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

func TestCoverageSaysWhatWasValidated(t *testing.T) {
	answer := func(status int, mediaType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if mediaType != "" {
				w.Header().Set("Content-Type", mediaType)
			}
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	json := answer(200, "application/json", "{}")
	for name, test := range map[string]struct {
		operation string
		params    any
		opts      []client.CallOption
		answer    http.HandlerFunc
		want      []string
	}{
		"all of it": {
			"listFiles",
			client.Params{"limit": 2, "purpose": "batch"},
			nil, json,
			[]string{
				"query parameter purpose: /paths/~1files/get/parameters/0/schema, standard",
				"query parameter limit: /paths/~1files/get/parameters/1/schema, standard",
				"response: ListFilesResponse, lenient",
			},
		},
		"tiers": {
			"createEmbedding",
			client.Params{"model": "m", "input": "x"},
			[]client.CallOption{client.WithRequestValidation(schema.Strict), client.WithResponseValidation(schema.Off)},
			json,
			[]string{"request body: CreateEmbeddingRequest, strict", "response: not checked, responses are not, in the tier off"},
		},
		"requests off": {
			"createEmbedding",
			client.Params{"input": 3},
			[]client.CallOption{client.WithRequestValidation(schema.Off)},
			json,
			[]string{"request body: not checked, requests are not, in the tier off", "response: CreateEmbeddingResponse, lenient"},
		},
		"audio": {
			"createSpeech",
			client.Params{"model": "tts-1", "voice": "alloy", "input": "x"},
			nil, answer(200, "audio/mpeg", "ID3"),
			[]string{"request body: CreateSpeechRequest, standard", "response: not checked, it is audio/mpeg"},
		},
		"form": {
			"createFile",
			client.Params{"purpose": "batch", "file": client.File{Name: "a", Body: strings.NewReader("x")}},
			nil, json,
			[]string{"request body: CreateFileRequest, standard", "response: OpenAIFile, lenient"},
		},
		"status nobody describes": {
			"createEmbedding",
			client.Params{"model": "m", "input": "x"},
			nil, answer(207, "application/json", "{}"),
			[]string{"request body: CreateEmbeddingRequest, standard", "response: not checked, the document describes no response with status 207"},
		},
		"nothing": {
			"hangup-realtime-call",
			client.Params{"call_id": "c"},
			nil, answer(204, "", ""),
			[]string{"path parameter call_id: /paths/~1realtime~1calls~1{call_id}~1hangup/post/parameters/0/schema, standard", "response: not checked, it is empty"},
		},
		"a body that nobody gave": {
			"createVectorStore", nil, nil, json,
			[]string{"request body: CreateVectorStoreRequest, standard", "response: VectorStoreObject, lenient"},
		},
		"nothing but extra fields": {
			"createVectorStore", nil,
			[]client.CallOption{client.WithExtraBody("/a/b", true)},
			json,
			[]string{
				"request body: not checked, all of it is from WithExtraBody",
				"field /a/b of the request body: not checked, WithExtraBody is for what the document does not know",
				"response: VectorStoreObject, lenient",
			},
		},
		"what the document does not know": {
			"createEmbedding",
			client.Params{"model": "m", "input": "x"},
			[]client.CallOption{client.WithExtraBody("truncate", true), client.WithQuery("b", "1"), client.WithQuery("a", "1")},
			json,
			[]string{
				"request body: CreateEmbeddingRequest, standard",
				"field truncate of the request body: not checked, WithExtraBody is for what the document does not know",
				"query parameter a: not checked, WithQuery is for what the document does not know",
				"query parameter b: not checked, WithQuery is for what the document does not know",
				"response: CreateEmbeddingResponse, lenient",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := newWitness(t, test.answer)
			c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"))
			r, err := c.Call(t.Context(), test.operation, test.params, test.opts...)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			var got []string
			for _, part := range r.Coverage() {
				if (part.Schema == nil) != (part.Skipped != "") {
					t.Errorf("%s: got schema %v and %q, want one of them", part.Part, part.Schema, part.Skipped)
				}
				got = append(got, part.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A request that Standard refuses goes out in the Lenient tier, and is told of.
func TestLenientTierSendsAndReportsMistakes(t *testing.T) {
	server := newWitness(t)
	var got []string
	c := newClient(
		t, client.WithBaseURL(server.URL), client.WithAPIKey("test"), client.WithRequestValidation(schema.Lenient),
		client.WithResponseValidation(schema.Off),
		client.WithFindings(func(operation string, found []schema.Finding) {
			for _, f := range found {
				got = append(got, operation+" "+f.String())
			}
		}),
	)
	if _, err := c.Call(t.Context(), "createEmbedding", client.Params{"model": "m", "imput": "x", "dimensions": "3"}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`createEmbedding wrong_type /dimensions: got string "3", want integer (CreateEmbeddingRequest)`,
		`createEmbedding unknown_field /imput: unknown field "imput"; did you mean "input"? (CreateEmbeddingRequest)`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if body := server.all()[0].Body; body != `{"dimensions":"3","imput":"x","model":"m"}` {
		t.Errorf("got body %s", body)
	}
	got = nil
	if _, err := c.Call(t.Context(), "listFiles", client.Params{"limit": "many"}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, []string{`listFiles wrong_type query /limit: got string "many", want integer`}) {
		t.Errorf("got %q", got)
	}
}

// Streams and sockets say what their events are validated against.
func TestCoverageOfEvents(t *testing.T) {
	server := clienttest.NewServer(t)
	c := server.Client()
	texts := func(list []client.Coverage) (all []string) {
		for _, part := range list {
			all = append(all, part.String())
		}
		return all
	}
	stream, err := c.Stream(t.Context(), "createChatCompletion", chat(), client.WithResponseValidation(schema.Standard))
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	want := []string{"request body: CreateChatCompletionRequest, standard", "events: CreateChatCompletionStreamResponse, standard"}
	if diff := cmp.Diff(want, texts(stream.Coverage())); diff != "" {
		t.Error(diff)
	}
	socket, err := c.Socket(t.Context(), "realtime", client.Params{"model": "gpt-realtime"}, client.WithResponseValidation(schema.Off))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	want = []string{
		"query parameter model: not checked, the document gives no schema for it",
		"events to send: RealtimeClientEvent, standard",
		"events: not checked, they are not, in the tier off",
	}
	if diff := cmp.Diff(want, texts(socket.Coverage())); diff != "" {
		t.Error(diff)
	}
}
