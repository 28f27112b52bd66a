// Wait starts a response in the background, waits for it and prints its text.
//
//	go run ./examples/wait [-cancel] [response ID]
//
// With an ID it waits for that response, in place of a new one: waiting can be taken up
// again by another program. With -cancel an interrupt cancels the response. Without
// OPENAI_API_KEY it asks the built-in test server.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

func main() {
	cancel := flag.Bool("cancel", false, "cancel the response when interrupted")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, flag.Arg(0), *cancel); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, id string, cancel bool) error {
	server, err := clienttest.StartWithoutKey() // nil if OPENAI_API_KEY is set
	if err != nil {
		return err
	}
	defer server.Close()
	c, err := client.New(server.Options()...)
	if err != nil {
		return err
	}

	if id == "" {
		started, err := c.Call(ctx, "createResponse", client.Params{
			"model": "gpt-5-mini", "input": "Which is the largest moon of Saturn?", "background": true,
		})
		if err != nil {
			return err
		}
		id = started.Get("id").String()
		fmt.Println("Started:", id)
	}

	opts := []client.CallOption{
		client.WithWaitLimit(30 * time.Minute),
		client.WithWaitPace(100*time.Millisecond, 10*time.Second),
		client.WithWaitProgress(func(r *client.Response) { fmt.Println("Status:", r.Get("status")) }),
	}
	if cancel {
		opts = append(opts, client.WithWaitCancel())
	}
	done, err := c.Wait(ctx, "getResponse", client.Params{"response_id": id}, opts...)
	var ended *client.WaitError
	switch {
	case errors.As(err, &ended) && ended.Failed:
		return fmt.Errorf("no response, %s: %s", ended.Code, ended.Message)
	case errors.Is(err, client.ErrWaitLimit):
		return fmt.Errorf("run this again with %s to wait on: %w", id, err)
	case err != nil:
		return err
	}
	fmt.Println("Response:", done.Get(`output.#(type=="message").content.0.text`))
	return nil
}
