// Swap keeps calling while the description changes on the disk: the client notices, loads
// the new document beside the old one, reports what changed and calls by the new one.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

const before = `
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: "https://shop.example/v1"}]
paths:
  /orders:
    get:
      operationId: listOrders
      parameters: [{name: state, in: query, schema: {enum: [open]}}]
      responses: {"200": {description: OK}}
`

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "swap")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "shop.yaml")
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		return err
	}
	updates := make(chan schema.Update, 1)
	c, err := client.New(
		client.WithDocumentServer(),
		client.WithSpecReload(path, 20*time.Millisecond, func(u schema.Update) { updates <- u }),
	)
	if err != nil {
		return err
	}
	defer c.Close()

	paid := client.Params{"state": "paid"}
	fmt.Println("Before:", c.Validate("listOrders", paid))
	after := strings.Replace(before, "[open]", "[open, paid]", 1)
	if err := os.WriteFile(path, []byte(after), 0o600); err != nil {
		return err
	}
	for {
		select {
		case u := <-updates:
			if u.Err != nil { // the old document stays in use
				fmt.Println("Not used:", u.Err)
				continue
			}
			fmt.Println(u.Changes)
			fmt.Println("After:", c.Validate("listOrders", paid))
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
