package openai_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/schema"
)

// The Examples of this file are what the README shows.

// fromEnvironment points the environment at a test server: openai.New finds it
// there.
func fromEnvironment(server *clienttest.Server) (restore func()) {
	os.Setenv("OPENAI_API_KEY", clienttest.Key)
	os.Setenv("OPENAI_BASE_URL", server.URL())
	return func() {
		os.Unsetenv("OPENAI_API_KEY")
		os.Unsetenv("OPENAI_BASE_URL")
	}
}

func Example() {
	server := testServer()
	defer server.Close()
	defer fromEnvironment(server)()
	server.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.Say("Titan")})
	ctx := context.Background()

	c, err := openai.New() // reads OPENAI_API_KEY
	if err != nil {
		log.Fatal(err)
	}
	result, err := c.Chat(ctx, openai.ChatRequest{
		Model:       "gpt-5-mini",
		Messages:    []openai.Message{openai.User("Which is the largest moon of Saturn?")},
		Temperature: new(0.0), // zero, not absent
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Text())
	// Output: Titan
}

func Example_stream() {
	server := testServer()
	defer server.Close()
	server.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.Say("Titan is a moon.")})
	ctx, c := context.Background(), openai.From(server.Client())

	s, err := c.Stream(ctx, "createChatCompletion", client.Params{
		"model":    "gpt-5-mini",
		"messages": []openai.Message{openai.User("What is Titan?")},
	})
	if err != nil {
		log.Fatal(err)
	}
	for text, err := range s.Text() {
		if err != nil {
			log.Fatal(err) // a stream that breaks off is a *client.TruncatedError
		}
		fmt.Print(text)
	}
	// Output: Titan is a moon.
}

func Example_anyOperation() {
	server := testServer()
	defer server.Close()
	server.Respond("listFiles", clienttest.Answer{Body: `{"object": "list", "has_more": false, "first_id": "file-1", "last_id": "file-1",
		"data": [{"id": "file-1", "object": "file", "bytes": 120, "created_at": 1767225600, "filename": "a.jsonl", "purpose": "fine-tune", "status": "processed"}]}`})
	ctx, c := context.Background(), openai.From(server.Client())

	r, err := c.Call(ctx, "listFiles", client.Params{"purpose": "fine-tune", "limit": 2})
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range r.Get("data.#.id").Array() {
		fmt.Println(id)
	}
	// Output: file-1
}

func Example_upload() {
	server := testServer()
	defer server.Close()
	file := strings.NewReader(`{"messages": [{"role": "user", "content": "2 + 2"}, {"role": "assistant", "content": "4"}]}`)
	ctx, c := context.Background(), openai.From(server.Client())

	_, err := c.Call(ctx, "createFile", client.Params{
		"purpose": "fine-tune",
		"file":    client.File{Name: "train.jsonl", Body: file},
	})
	fmt.Println(err)
	// Output: <nil>
}

func Example_mistake() {
	server := testServer()
	defer server.Close()
	ctx, c := context.Background(), openai.From(server.Client())

	_, err := c.Call(ctx, "createChatCompletion", client.Params{
		"model":      "gpt-5-mini",
		"messages":   []any{client.Params{"role": "user", "content": "Hello"}},
		"temprature": 0.5,
	})
	var invalid *schema.ValidationError // or *client.APIError, *client.ConnectionError
	if errors.As(err, &invalid) {
		fmt.Println(err)
	}
	// Output: createChatCompletion: /temprature: unknown field "temprature"; did you mean "temperature"? (CreateChatCompletionRequest)
}

func Example_validate() {
	server := testServer()
	defer server.Close()
	c := openai.From(server.Client())
	file := strings.NewReader(`{"messages": [{"role": "usr", "content": "2 + 2"}, {"role": "assistant", "content": "4"}]}`)

	doc := c.Document()
	for line, err := range doc.ValidateLines("FineTuneChatRequestInput", file) {
		if err != nil {
			log.Fatal(err) // the file cannot be read
		}
		if line.Err != nil {
			fmt.Println(line.Err)
		}
	}
	// Output: line 1: /messages/0/role: got "usr", want one of "user", "system", "assistant", "tool", "function"; did you mean "user"? (ChatCompletionRequestUserMessage)
}

func ExampleNew_otherHosts() {
	server := testServer()
	defer server.Close()
	ctx := context.Background()

	c, err := openai.New(client.WithBaseURL(server.URL()), client.WithAPIKey("ollama")) // "http://localhost:11434/v1", say
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.Call(ctx, "listModels", nil, client.WithUnknownFields(), client.WithTimeout(5e9))
	fmt.Println(err)
	// Output: <nil>
}

func ExampleClient_Realtime_readme() {
	server := testServer()
	defer server.Close()
	server.RespondSocket("realtime", clienttest.SocketAnswer{Output: clienttest.Say("Hello.")})
	ctx, c := context.Background(), openai.From(server.Client())

	socket, err := c.Realtime(ctx, client.Params{"model": "gpt-realtime"}) // or c.ResponsesSocket(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Close()
	if err := socket.Send(ctx, client.Params{"type": "response.create"}); err != nil {
		log.Fatal(err) // validated like every request
	}
	for event, err := range socket.Events() {
		if err != nil {
			log.Fatal(err) // a connection that breaks off is a *client.ConnectionError
		}
		fmt.Print(event.Text())
		if event.Type == "response.done" {
			break // the socket stays open
		}
	}
	// Output: Hello.
}

// TestReadmeTestServer runs the README's snippet about tests, which needs a
// *testing.T.
func TestReadmeTestServer(t *testing.T) {
	server := clienttest.NewServer(t)
	server.Respond("createChatCompletion", clienttest.ErrorAnswer(429, "rate_limit_exceeded", "slow down"))
	c := openai.From(server.Client(client.WithMaxRetries(0)))
	_, err := c.Chat(t.Context(), openai.ChatRequest{Model: "gpt-5-mini", Messages: []openai.Message{openai.User("Hello")}})
	var refused *client.APIError
	if !errors.As(err, &refused) || refused.StatusCode != 429 {
		t.Errorf("got %v, want a 429", err)
	}
	if got := server.LastRequest("createChatCompletion"); got == nil || !bytes.Contains(got.Body, []byte("Hello")) {
		t.Errorf("got request %+v", got)
	}
}
