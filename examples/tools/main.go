// Tools lets a model call Go functions until it has what it needs. Without
// OPENAI_API_KEY the built-in test server plays the model.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

// query is what the model calls weather with: its JSON Schema is made of it.
type query struct {
	City string `json:"city"`
	Unit string `json:"unit,omitempty" jsonschema:"enum=celsius,enum=fahrenheit,description=celsius if it is left out"`
}

type report struct {
	Degrees float64 `json:"degrees"`
	Sky     string  `json:"sky"`
}

// weather is the function. Its errors are for the model, which may try again.
func weather(_ context.Context, in query) (report, error) {
	if in.City != "Paris" {
		return report{}, fmt.Errorf("no station in %s; there is one in Paris", in.City)
	}
	return report{18, "sunny"}, nil
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	server, err := clienttest.StartWithoutKey() // nil if OPENAI_API_KEY is set
	if err != nil {
		return err
	}
	defer server.Close()
	server.Respond("createChatCompletion",
		clienttest.Answer{Output: clienttest.CallTool("weather", `{"city":"Oslo","unit":null}`).CallTool("weather", `{"town":"Paris"}`)},
		clienttest.Answer{Output: clienttest.CallTool("weather", `{"city":"Paris","unit":"celsius"}`)},
		clienttest.Answer{Output: clienttest.Say("It is sunny in Paris, at 18 °C.")})
	c, err := openai.New(server.Options()...)
	if err != nil {
		return err
	}

	tool, err := openai.Tool("weather", "the weather in a city", weather)
	if err != nil {
		return err
	}
	run := c.RunTools(ctx, openai.ChatRequest{ // or a RespondRequest
		Model:    "gpt-5-mini",
		Messages: []openai.Message{openai.User("What is the weather in Paris, and in Oslo?")},
	}, tool, openai.MaxRounds(5))
	for event, err := range run.Events() {
		if err != nil {
			return err
		}
		if event.Kind == openai.RunOutcome {
			fmt.Println(event.Call.Name(), event.Call.Input(), "→", event.Outcome.Output)
		}
	}
	fmt.Println(run.Text())
	fmt.Println(run.Rounds(), "rounds,", run.Usage().TotalTokens, "tokens")
	return nil
}
