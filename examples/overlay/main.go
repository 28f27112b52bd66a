// Overlay corrects a description without touching its file: an OpenAPI Overlay is applied
// when the document is loaded, and Diff says what it did.
package main

import (
	"fmt"
	"os"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

const description = `
openapi: 3.1.0
info: {title: Maps, version: "1"}
servers: [{url: "https://maps.example/v1"}]
paths:
  /route:
    get:
      operationId: findRoute
      parameters: [{name: mode, in: query, schema: {enum: [car]}}]
      responses: {"200": {description: OK}}
`

const overlay = `
overlay: 1.0.0
info: {title: What the server takes, version: "1"}
actions:
  - target: $.paths['/route'].get.parameters[0].schema
    update: {enum: [bike]}
`

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	published, err := schema.Load([]byte(description))
	if err != nil {
		return err
	}
	corrected, err := schema.Load([]byte(description), schema.WithOverlay([]byte(overlay)))
	if err != nil {
		return err
	}
	fmt.Println(schema.Diff(published, corrected))
	for _, doc := range []*schema.Document{published, corrected} {
		c, err := client.New(client.WithDocument(doc), client.WithDocumentServer())
		if err != nil {
			return err
		}
		fmt.Println("By bike:", c.Validate("findRoute", client.Params{"mode": "bike"}))
	}
	return nil
}
