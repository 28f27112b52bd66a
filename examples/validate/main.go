// Validate holds payloads of other programs against the description: bodies, a
// fine-tuning file line by line, and an answer of the API. It needs no key and
// calls nothing.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	c, err := client.New()
	if err != nil {
		return err
	}
	doc := c.Document()

	fmt.Println("Payloads:")
	for _, body := range []string{
		`{"model":"text-embedding-3-small","input":["a","b"]}`,
		`{"model":"text-embedding-3-small","input":"a","encoding_format":"base46"}`,
		`{"model":"text-embedding-3-small","dimension":256}`,
	} {
		explain(doc.Validate("CreateEmbeddingRequest", body))
	}

	fmt.Println("A fine-tuning file:")
	for line, err := range doc.ValidateLines("FineTuneChatRequestInput", strings.NewReader(trainingFile)) {
		if err != nil {
			return err
		}
		if line.Err != nil {
			fmt.Println(" ", line.Err)
			continue
		}
		fmt.Printf("  line %d: fine\n", line.Number)
	}

	fmt.Println("An answer, and where it and the description disagree:")
	for _, finding := range doc.Check("Model", []byte(`{"id":"gpt-5-mini","object":"model","created":"today","owned_by":"openai","mood":"good"}`)) {
		fmt.Println(" ", finding)
	}
	return nil
}

const trainingFile = `{"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4"}]}
{"messages":[{"role":"user","content":"2+2?"},{"role":"assistent","content":"4"}]}
{"messages":[{"role":"user"}]}
`

// explain prints every problem as data: where, what, and what may be meant.
func explain(err error) {
	var fault *schema.ValidationError
	if !errors.As(err, &fault) {
		fmt.Println("  fine")
		return
	}
	for _, p := range fault.Problems {
		fmt.Printf("  at %q (%s): %s\n", p.Pointer, p.Keyword, p.Message)
	}
}
