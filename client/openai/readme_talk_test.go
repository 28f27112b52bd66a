package openai_test

import (
	"context"
	"fmt"
	"log"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

// The Examples of this file are what the README shows, like those of readme_test.go.

func ExampleClient_NewConversation() {
	server := testServer()
	defer server.Close()
	server.Respond("createResponse", clienttest.Answer{Output: clienttest.Say("Titan.")}, clienttest.Answer{Output: clienttest.Say("5,150 km.")})
	ctx, c := context.Background(), openai.From(server.Client())

	talk, err := c.NewConversation(openai.RespondRequest{Model: "gpt-5-mini", Instructions: "Be brief."}) // or a ChatRequest
	if err != nil {
		log.Fatal(err)
	}
	for _, question := range []string{"Which is the largest moon of Saturn?", "How wide is it?"} {
		turn, err := talk.Send(ctx, question)
		if err != nil {
			log.Fatal(err) // and talk is as it was
		}
		fmt.Println(turn.Text())
	}
	// Output:
	// Titan.
	// 5,150 km.
}

func ExampleTool() {
	server := testServer()
	defer server.Close()
	server.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.CallTool("weather", `{"city":"Paris"}`)}, clienttest.Answer{Output: clienttest.Say("It is sunny in Paris.")})
	ctx, c := context.Background(), openai.From(server.Client())

	type query struct {
		City string `json:"city" jsonschema:"description=in English"`
	}
	weather, err := openai.Tool("weather", "the weather in a city", func(ctx context.Context, in query) (string, error) {
		return "sunny in " + in.City, nil
	})
	if err != nil {
		log.Fatal(err)
	}
	run, err := c.RunTools(ctx, openai.ChatRequest{ // or a RespondRequest
		Model:    "gpt-5-mini",
		Messages: []openai.Message{openai.User("What is the weather in Paris?")},
	}, weather).Final()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(run.Text())
	// Output: It is sunny in Paris.
}

func ExampleParse() {
	server := testServer()
	defer server.Close()
	server.Respond("createResponse", clienttest.Answer{Output: clienttest.Say(`{"name":"Titan","planet":"Saturn","radius":2574.7}`)})
	ctx, c := context.Background(), openai.From(server.Client())

	type moon struct {
		Name   string   `json:"name"`
		Planet string   `json:"planet" jsonschema:"enum=Mars,enum=Jupiter,enum=Saturn"`
		Radius *float64 `json:"radius"` // null where it is not known
	}
	titan, err := openai.Parse[moon](ctx, c, openai.RespondRequest{Model: "gpt-5-mini", Input: "Tell me about Titan."})
	if err != nil {
		log.Fatal(err) // a refusal is a *openai.RefusalError, a text that is cut off an *openai.IncompleteError
	}
	fmt.Println(titan.Value.Name, "is a moon of", titan.Value.Planet)
	// Output: Titan is a moon of Saturn
}

func ExampleClient_RunTools_events() {
	server := testServer()
	defer server.Close()
	server.Respond("createResponse", clienttest.Answer{Output: clienttest.Say("Let me see. ").CallTool("remove", `{"name":"thesis.txt"}`)}, clienttest.Answer{Output: clienttest.Say("I kept it.")})
	ctx, c := context.Background(), openai.From(server.Client())
	remove := openai.MustTool("remove", "removes a file", func(context.Context, struct {
		Name string `json:"name"`
	},
	) (string, error) {
		return "removed", nil
	})
	askFirst := func(context.Context, openai.Approval) (openai.Decision, error) {
		return openai.Deny("not this one"), nil
	}
	request := openai.RespondRequest{Model: "gpt-5-mini", Input: "Clean up."}

	run := c.RunTools(ctx, request, remove, openai.Streaming(), openai.Approve(askFirst), openai.MaxRounds(8))
	for event, err := range run.Events() {
		if err != nil {
			log.Fatal(err)
		}
		switch event.Kind {
		case openai.RunText:
			fmt.Print(event.Text)
		case openai.RunOutcome:
			fmt.Println(event.Call.Name(), "→", event.Outcome.Output)
		}
	}
	// Output:
	// Let me see. remove → error: the call was denied: not this one
	// I kept it.
}
