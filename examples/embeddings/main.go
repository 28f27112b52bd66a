// Embeddings finds the sentence that is closest to a question.
//
//	go run ./examples/embeddings [question]
//
// Without OPENAI_API_KEY it asks the built-in test server, whose vectors mean nothing.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

func main() {
	if err := run(context.Background(), strings.Join(os.Args[1:], " ")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, question string) error {
	server, err := clienttest.StartWithoutKey() // nil if OPENAI_API_KEY is set
	if err != nil {
		return err
	}
	defer server.Close()
	var meter openai.Meter
	c, err := openai.New(append(server.Options(), meter.Setting())...)
	if err != nil {
		return err
	}

	if question == "" {
		question = "Which moon has an atmosphere?"
	}
	sentences := []string{"Titan is wrapped in nitrogen.", "Saturn has rings.", "Ganymede has a magnetic field."}
	vectors, err := c.Embed(ctx, "text-embedding-3-small", append(sentences, question)...)
	if err != nil {
		return err
	}
	asked := vectors[len(sentences)]
	best, closest := "", float32(-2)
	for i, sentence := range sentences {
		if near := dot(vectors[i], asked); near > closest {
			best, closest = sentence, near
		}
	}
	fmt.Printf("%s\nClosest: %s\n", question, best)
	for model, used := range meter.Used() {
		fmt.Printf("%s: %d tokens in %d requests\n", model, used.InputTokens, used.Requests)
	}
	return nil
}

// dot is the cosine of the angle between vectors, which have the length 1.
func dot(a, b []float32) (sum float32) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
