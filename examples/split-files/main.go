// Split-files loads a description that is spread over several files, from a file system
// that the program carries with it, and lists what can be called. References cannot leave
// the file system, and none is fetched over the network.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"testing/fstest"

	"github.com/opcall/opcall/client"
)

// files stands for what go:embed or os.DirFS would give.
var files fs.FS = fstest.MapFS{
	"openapi.yaml": {Data: []byte(`
openapi: 3.1.0
info: {title: Library, version: "1"}
servers: [{url: "https://library.example/v1"}]
paths:
  /books/{id}: {$ref: "paths/book.yaml"}
`)},
	"paths/book.yaml": {Data: []byte(`
get:
  operationId: getBook
  parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
  responses:
    "200":
      description: OK
      content: {application/json: {schema: {$ref: "../schemas.yaml#/Book"}}}
`)},
	"schemas.yaml": {Data: []byte("Book: {type: object, required: [title], properties: {title: {type: string}}}\n")},
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	c, err := client.New(client.WithSpecFS(files, "openapi.yaml"), client.WithDocumentServer())
	if err != nil {
		return err
	}
	for _, wrong := range c.Document().Verify() {
		fmt.Println("Wrong:", wrong)
	}
	for op := range c.Document().Operations() {
		fmt.Println(op.ID, op.Method, op.Path)
	}
	fmt.Println("Refused:", c.Validate("getBook", client.Params{"id": "seven"}))
	return nil
}
