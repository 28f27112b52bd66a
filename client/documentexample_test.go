package client_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// The document validates payloads that no call of the client has
// made.
func ExampleClient_Document() {
	c, err := client.New()
	if err != nil {
		log.Fatal(err)
	}
	doc := c.Document()
	err = doc.Validate("CreateEmbeddingRequest", `{"model":"text-embedding-3-small","input":"a","encoding_format":"base46"}`)
	fmt.Println(err)

	file := strings.NewReader(`{"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4"}]}
{"messages":[{"role":"user","content":"2+2?"},{"role":"asistant","content":"4"}]}
`)
	for line, err := range doc.ValidateLines("FineTuneChatRequestInput", file) {
		if err != nil {
			log.Fatal(err) // the file cannot be read
		}
		if line.Err != nil {
			fmt.Println(line.Err)
		}
	}

	answer := []byte(`{"id": "resp_1", "object": "response", "created_at": 1767225600, "model": "gpt-5-mini", "output": [],
		"error": null, "incomplete_details": null, "instructions": null, "metadata": {}, "parallel_tool_calls": true,
		"temperature": 1, "tool_choice": "auto", "tools": [], "top_p": 1, "mood": "good"}`)
	for _, finding := range doc.Check("Response", answer) { // what the API sent and the description does not know
		fmt.Println(finding)
	}
	description, err := doc.Describe("createResponse.tools.function.parameters")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(description)
	// Output:
	// CreateEmbeddingRequest: /encoding_format: got "base46", want one of "base64", "float"; did you mean "base64"? (CreateEmbeddingRequest)
	// line 2: /messages/1/role: got "asistant", want one of "assistant", "system", "user", "tool", "function"; did you mean "assistant"? (FineTuneChatCompletionRequestAssistantMessage)
	// unknown_field /mood: unknown field "mood" (Response)
	// createResponse.tools.function.parameters
	//     object of any fields | null
}

func ExampleClient_Swap() {
	const pets = `{
		"openapi": "3.1.0", "info": {"title": "Pets", "version": "2"},
		"paths": {"/pets": {"get": {"operationId": "listPets", "responses": {"200": {"description": "Pets"}}}}}}`

	c, err := client.New(client.WithBaseURL("https://pets.example/v2"))
	if err != nil {
		log.Fatal(err)
	}
	doc, err := schema.Load([]byte(pets))
	if err != nil {
		log.Fatal(err)
	}
	c.Swap(doc) // calls in flight finish on the old one
	req, err := c.Request(context.Background(), "listPets", nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c)
	fmt.Println(req.URL)
	// Output:
	// opcall client of Pets 2
	// https://pets.example/v2/pets
}
