// Any-operation explores the description: it searches the operations by word,
// describes one, and builds the request that a call would send. It calls nothing.
//
//	go run ./examples/any-operation [word | operation]
package main

import (
	"context"
	"fmt"
	"net/http/httputil"
	"os"
	"strings"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

func main() {
	word := "file"
	if len(os.Args) > 1 {
		word = os.Args[1]
	}
	if err := run(context.Background(), word); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, word string) error {
	c, err := client.New(client.WithAPIKey("not-a-key")) // nothing is sent
	if err != nil {
		return err
	}
	doc := c.Document()
	found := search(doc, word)
	if len(found) == 0 {
		return fmt.Errorf("no operation has %q in its ID, path, tags or summary", word)
	}
	for _, op := range found {
		fmt.Printf("%-32s %-6s %s\n", op.ID, op.Method, op.Path)
	}
	description, err := doc.Describe(found[0].ID)
	if err != nil {
		return err
	}
	fmt.Printf("\n%s\n", description)

	// Request does all that Call does, except for sending.
	request, err := c.Request(ctx, "createEmbedding", client.Params{"model": "text-embedding-3-small", "input": "Titan"})
	if err != nil {
		return err
	}
	request.Header.Del("Authorization")
	wire, err := httputil.DumpRequestOut(request, true)
	if err != nil {
		return err
	}
	fmt.Printf("\nWhat createEmbedding would send:\n%s\n", wire)
	return nil
}

// search returns the operation with an ID, else those with the word in their ID,
// path, tags or summary, in any case.
func search(doc *schema.Document, word string) []*schema.Operation {
	if op, err := doc.Operation(word); err == nil {
		return []*schema.Operation{op}
	}
	var found []*schema.Operation
	for op := range doc.Operations() {
		text := strings.ToLower(op.ID + " " + op.Path + " " + strings.Join(op.Tags, " ") + " " + op.Summary)
		if strings.Contains(text, strings.ToLower(word)) {
			found = append(found, op)
		}
	}
	return found
}
