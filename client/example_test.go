package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

// testServer stands in for the API.
func testServer() *clienttest.Server {
	server, err := clienttest.Start()
	if err != nil {
		log.Fatal(err)
	}
	return server
}

func ExampleClient_Call() {
	server := testServer()
	defer server.Close()
	server.Respond("listFiles", clienttest.Answer{Body: json.RawMessage(`{
		"object": "list", "has_more": false, "first_id": "file-1", "last_id": "file-2",
		"data": [{"id": "file-1"}, {"id": "file-2"}]}`)})

	c := server.Client()
	r, err := c.Call(context.Background(), "listFiles", client.Params{"purpose": "fine-tune", "limit": 2})
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range r.Get("data.#.id").Array() {
		fmt.Println(id)
	}
	// Output:
	// file-1
	// file-2
}

func ExampleClient_Call_upload() {
	server := testServer()
	defer server.Close()
	file := strings.NewReader(`{"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4"}]}`)

	_, err := server.Client().Call(context.Background(), "createFile", client.Params{
		"purpose": "fine-tune",
		"file":    client.File{Name: "train.jsonl", Body: file},
	})
	if err != nil {
		log.Fatal(err)
	}
	sent := server.LastRequest("createFile")
	for _, part := range sent.Parts {
		fmt.Println(part.Name, part.FileName)
	}
	// Output:
	// file train.jsonl
	// purpose
}

func ExampleResponse_WriteTo() {
	server := testServer()
	defer server.Close()
	server.Respond("downloadFile", clienttest.Answer{Header: http.Header{"Content-Type": {"application/octet-stream"}}, Body: "line 1\nline 2\n"})

	r, err := server.Client().Call(context.Background(), "downloadFile", client.Params{"file_id": "file-1"})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := r.WriteTo(os.Stdout); err != nil { // as it comes, whatever its size
		log.Fatal(err)
	}
	// Output:
	// line 1
	// line 2
}

func ExampleResponse_Coverage() {
	server := testServer()
	defer server.Close()

	r, err := server.Client().Call(context.Background(), "createSpeech", client.Params{"model": "tts-1", "input": "Titan", "voice": "alloy"})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	for _, part := range r.Coverage() {
		fmt.Println(part)
	}
	// Output:
	// request body: CreateSpeechRequest, standard
	// response: not checked, it is application/octet-stream
}

func ExampleClient_Validate() {
	c, err := client.New()
	if err != nil {
		log.Fatal(err)
	}
	err = c.Validate("createChatCompletion", client.Params{
		"model":      "gpt-5-mini",
		"messages":   []any{client.Params{"role": "user", "content": "Hello"}},
		"temprature": 0.5,
	})
	fmt.Println(err)
	// Output: createChatCompletion: /temprature: unknown field "temprature"; did you mean "temperature"? (CreateChatCompletionRequest)
}

func ExampleClient_Request() {
	c, err := client.New(client.WithBaseURL("https://host.example/v1"), client.WithAPIKey("key"))
	if err != nil {
		log.Fatal(err)
	}
	req, err := c.Request(context.Background(), "listBatches", client.Params{"limit": 2, "after": "batch_1&2"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(req.Method, req.URL)
	// Output: GET https://host.example/v1/batches?after=batch_1%262&limit=2
}

func ExampleAPIError() {
	server := testServer()
	defer server.Close()
	server.Respond("retrieveModel", clienttest.ErrorAnswer(404, "model_not_found", "the model does not exist"))

	_, err := server.Client().Call(context.Background(), "retrieveModel", client.Params{"model": "gpt-0"})
	var refused *client.APIError
	if errors.As(err, &refused) {
		fmt.Println(refused.StatusCode, refused.Code, refused.RequestID)
	}
	var unknown *schema.UnknownOperationError
	_, err = server.Client().Call(context.Background(), "retreiveModel", nil)
	if errors.As(err, &unknown) {
		fmt.Println(unknown)
	}
	// Output:
	// 404 model_not_found req_test_0001
	// unknown operation "retreiveModel"; did you mean retrieveModel or retrieve-role?
}

func ExampleWithSpecFile() {
	dir, err := os.MkdirTemp("", "spec")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "openapi.yaml")
	const document = `
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets/{id}:
    get:
      operationId: getPet
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
      responses: {"200": {description: A pet}}
`
	if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
		log.Fatal(err)
	}

	c, err := client.New(client.WithSpecFile(path), client.WithBaseURL("https://pets.example/v2"))
	if err != nil {
		log.Fatal(err)
	}
	req, err := c.Request(context.Background(), "getPet", client.Params{"id": 7})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(req.URL)
	fmt.Println(c.Validate("getPet", client.Params{"id": "seven"}))
	// Output:
	// https://pets.example/v2/pets/7
	// getPet: path /id: got string "seven", want integer
}
