// Batch asks many questions by the Batch API: it collects the calls, starts the batches
// and prints what comes of each.
//
//	go run ./examples/batch [batch ID ...]
//
// With the IDs of batches it waits for those, in place of new ones. Without
// OPENAI_API_KEY it asks the built-in test server, which carries batches out at once.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, ids []string) error {
	server, err := clienttest.StartWithoutKey() // nil if OPENAI_API_KEY is set
	if err != nil {
		return err
	}
	defer server.Close()
	c, err := openai.New(server.Options()...)
	if err != nil {
		return err
	}

	job := c.ResumeBatch(ids...)
	if len(ids) == 0 {
		batch, err := c.NewBatch(openai.BatchOptions{})
		if err != nil {
			return err
		}
		defer batch.Close()
		for _, moon := range []string{"Titan", "Ganymede", "Callisto"} {
			err := batch.Add(moon, "createChatCompletion", openai.ChatRequest{
				Model:    "gpt-5-mini",
				Messages: []openai.Message{openai.User("Which planet does " + moon + " belong to?")},
			})
			if err != nil { // the call is invalid, or its name is taken
				return err
			}
		}
		if job, err = batch.Start(ctx); err != nil {
			return err
		}
	}
	fmt.Println("Batches:", job.IDs())

	failed := 0
	for result, err := range job.InOrder(ctx, client.WithWaitPace(100*time.Millisecond, time.Minute)) {
		if err != nil {
			return err // the batches go on: run this again with their IDs
		}
		if result.Err != nil {
			failed++
			fmt.Printf("%s: %v\n", result.CustomID, result.Err)
			continue
		}
		fmt.Printf("%s: %s\n", result.CustomID, result.Response.Get("choices.0.message.content"))
	}
	fmt.Println("Failed:", failed)
	return nil
}
