// Shadow tries a candidate description in production: every exchange of a client is
// validated against the description in use and against the candidate, and neither changes
// what is sent or received.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/schema"
)

const inUse = `
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: "https://shop.example/v1"}]
paths:
  /orders:
    get:
      operationId: listOrders
      parameters: [{name: state, in: query, schema: {enum: [open, paid]}}]
      responses: {"200": {description: OK}}
`

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	current, err := schema.Load([]byte(inUse))
	if err != nil {
		return err
	}
	candidate, err := schema.Load([]byte(strings.Replace(inUse, "[open, paid]", "[open]", 1)))
	if err != nil {
		return err
	}
	server, err := clienttest.Start(clienttest.WithDocument(current)) // in place of shop.example
	if err != nil {
		return err
	}
	defer server.Close()

	shadow := conform.NewShadow(nil, current, candidate)
	c, err := client.New(
		client.WithDocument(current),
		client.WithBaseURL(server.URL()),
		client.WithMiddleware(func(http.RoundTripper) http.RoundTripper { return shadow }),
	)
	if err != nil {
		return err
	}
	for _, state := range []string{"open", "paid"} {
		if _, err := c.Call(ctx, "listOrders", client.Params{"state": state}); err != nil {
			return err
		}
	}
	fmt.Println(shadow.Comparison())
	return nil
}
