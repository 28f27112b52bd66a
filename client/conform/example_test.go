package conform_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// Any program's requests are checked before they are sent.
func ExampleNewTransport() {
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		fmt.Println(err)
		return
	}
	c := &http.Client{Transport: conform.NewTransport(doc, nil, conform.WithReport(func(r conform.Report) {
		fmt.Println("report:", r.Operation, "rejected:", r.Rejected)
	}))}

	body := strings.NewReader(`{"model": "gpt-5-mini", "messages": [{"role": "usr", "content": "Hello"}]}`)
	_, err = c.Post("https://api.openai.com/v1/chat/completions", "application/json", body)

	var invalid *schema.ValidationError
	if errors.As(err, &invalid) {
		fmt.Println(invalid.Problems[0].Pointer, invalid.Problems[0].Got)
	}
	// Output:
	// report: createChatCompletion rejected: true
	// /messages/0/role "usr"
}

// A gateway refuses what the API would refuse, without asking it.
func ExampleNewHandler() {
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		fmt.Println(err)
		return
	}
	api := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Println("the API was called") })
	gateway := httptest.NewServer(conform.NewHandler(doc, api, conform.WithReport(func(conform.Report) {})))
	defer gateway.Close()

	resp, err := gateway.Client().Post(gateway.URL+"/v1/embeddings", "application/json", strings.NewReader(`{"model": "text-embedding-3-small"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	fmt.Println(resp.StatusCode, string(text))
	// Output:
	// 400 {"error":{"message":"createEmbedding: /: missing property \"input\" (CreateEmbeddingRequest)","type":"invalid_request_error","param":"input","code":"missing_required_parameter"}}
}
