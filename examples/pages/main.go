// Pages ranges over lists that come in pages: every file of a purpose, and what each day
// has cost.
//
//	go run ./examples/pages [days]
//
// Costs need an admin key, in OPENAI_ADMIN_KEY. Without OPENAI_API_KEY it asks the
// built-in test server.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	days := 30
	if len(args) > 0 {
		var err error
		if days, err = strconv.Atoi(args[0]); err != nil {
			return err
		}
	}
	server, err := clienttest.StartWithoutKey() // nil if OPENAI_API_KEY is set
	if err != nil {
		return err
	}
	defer server.Close()
	c, err := client.New(server.Options()...)
	if err != nil {
		return err
	}
	if err := files(ctx, c); err != nil {
		return err
	}
	return costs(ctx, c, days)
}

// files adds up the size of all files. The next page is fetched while one is read.
func files(ctx context.Context, c *client.Client) error {
	var count, bytes int64
	for file, err := range c.Items(ctx, "listFiles", client.Params{"purpose": "batch", "limit": 100}, client.WithPrefetch()) {
		var broken *client.PageError
		switch {
		case errors.As(err, &broken):
			return fmt.Errorf("after %d files: %w", broken.Items, err) // "after": broken.Cursor goes on there
		case err != nil:
			return err
		}
		size, err := file.Get("bytes").Int64()
		if err != nil {
			return err
		}
		count, bytes = count+1, bytes+size
	}
	fmt.Printf("Files: %d of %d bytes\n", count, bytes)
	return nil
}

// costs prints the costs per day. How this list goes on, by next_page, is another way
// than that of files, and the same loop.
func costs(ctx context.Context, c *client.Client, days int) error {
	since := time.Now().AddDate(0, 0, -days).Unix()
	for day, err := range c.Items(ctx, "usage-costs", client.Params{"start_time": since, "group_by": []string{"line_item"}}) {
		if err != nil {
			return err
		}
		start, err := day.Get("start_time").Int64()
		if err != nil {
			return err
		}
		var sum float64
		for _, result := range day.Get("results").Items() {
			if amount, err := result.Get("amount.value").Float64(); err == nil {
				sum += amount
			}
		}
		fmt.Printf("Costs of %s: %.2f USD\n", time.Unix(start, 0).UTC().Format(time.DateOnly), sum)
	}
	return nil
}
