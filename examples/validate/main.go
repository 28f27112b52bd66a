// Validate checks payloads of other programs against the description of the API:
// a request, a fine-tuning file, a response. Nothing is sent.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		return err
	}
	validateRequest(doc)
	if err := validateFile(doc); err != nil {
		return err
	}
	checkResponse(doc)
	return nil
}

// validateRequest shows that each mistake is one problem, as text and as data.
func validateRequest(doc *schema.Document) {
	fmt.Println("# A request")
	err := doc.Validate("CreateResponse", `{
		"model": "gpt-5-mini",
		"input": [{"role": "user", "content": [{"type": "input_txt", "text": "Hello"}]}],
		"tools": [{"type": "function", "name": "now", "parameters": {}, "strict": "yes"}],
		"max_tokens": 100
	}`)
	fmt.Println(err)

	var invalid *schema.ValidationError
	if errors.As(err, &invalid) {
		for _, p := range invalid.Problems {
			fmt.Printf("as data: pointer %s, keyword %s, nearest %q\n", p.Pointer, p.Keyword, p.Nearest)
		}
	}
}

const fineTuning = `{"messages": [{"role": "user", "content": "2 + 2"}, {"role": "assistant", "content": "4"}]}
{"messages": [{"role": "user", "content": "3 + 3"}, {"role": "assistent", "content": "6"}]}

{"messages": [{"role": "user", "content": "4 + 4"}, {"role": "assistant", "content": "8", "weight": 2}]}
{"messages": [{"role": "user", "content": "5 + 5"}
`

// validateFile shows that a broken line stops nothing: a file of any length is
// read line by line, and each line has its own result.
func validateFile(doc *schema.Document) error {
	fmt.Println("\n# A fine-tuning file")
	good, bad := 0, 0
	for line, err := range doc.ValidateLines("FineTuneChatRequestInput", strings.NewReader(fineTuning)) {
		if err != nil {
			return err
		}
		if line.Err == nil {
			good++
			continue
		}
		bad++
		fmt.Println(line.Err)
	}
	fmt.Printf("%d good, %d bad\n", good, bad)
	return nil
}

// checkResponse shows what an operator wants to know about a server that is newer
// than the description: the response is accepted, and each difference reported.
func checkResponse(doc *schema.Document) {
	fmt.Println("\n# A response")
	for _, f := range doc.Check("CreateChatCompletionResponse", []byte(`{
		"id": "chatcmpl-1", "object": "chat.completion", "created": 1767225600, "model": "gpt-5-mini",
		"choices": [{
			"index": 0, "finish_reason": "budget", "logprobs": null,
			"message": {"role": "assistant", "content": "Titan", "mood": "calm"}
		}],
		"usage": {"prompt_tokens": 17, "completion_tokens": null, "total_tokens": 19}
	}`)) {
		fmt.Println(f)
	}
}
