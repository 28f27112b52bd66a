// Any-operation shows that every operation of the description is one Call away:
// it lists those of a tag, describes one, and calls it.
//
//	go run ./examples/any-operation [tag [operation]]
package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/opcall/opcall/examples/internal/demo"
)

func main() {
	tag, operation := "Models", "listModels"
	if len(os.Args) > 1 {
		tag, operation = os.Args[1], ""
	}
	if len(os.Args) > 2 {
		operation = os.Args[2]
	}
	if err := run(context.Background(), tag, operation); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, tag, operation string) error {
	c, stop, err := demo.Client(nil)
	if err != nil {
		return err
	}
	defer stop()

	fmt.Printf("\nOperations of %s:\n", tag)
	for op := range c.Document().Operations() {
		if slices.Contains(op.Tags, tag) {
			fmt.Printf("  %-32s %-6s %s\n", op.ID, op.Method, op.Path)
		}
	}
	if operation == "" {
		return nil
	}
	description, err := c.Document().Describe(operation)
	if err != nil {
		return err
	}
	fmt.Printf("\n%s\n", description)

	r, err := c.Call(ctx, operation, nil)
	if err != nil {
		return err
	}
	fmt.Printf("\nAnswer %d, request %s\n", r.StatusCode(), r.RequestID())
	for _, id := range r.Get("data.#.id").Array() {
		fmt.Println(" ", id)
	}
	return nil
}
