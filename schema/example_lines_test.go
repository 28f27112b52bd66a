package schema_test

import (
	"fmt"
	"strings"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

func ExampleDocument_ValidateLines() {
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		panic(err)
	}
	batch := `{"custom_id": "a", "method": "POST", "url": "/v1/embeddings", "body": {"model": "text-embedding-3-small", "input": "sea"}}
{"custom_id": "b", "method": "POST", "url": "/v1/embedings", "body": {"model": "text-embedding-3-small", "input": "sky"}}
{"custom_id": "a", "method": "POST", "url": "/v1/embeddings", "body": {"model": "text-embedding-3-small", "inptu": "sun"}}
`
	for line, err := range doc.ValidateLines(schema.BatchRequestInput, strings.NewReader(batch), schema.WithSubject("batch.jsonl")) {
		if err != nil {
			panic(err) // the file cannot be read
		}
		if line.Err != nil {
			fmt.Println(line.Err)
			continue
		}
		fmt.Println(line.Number, "is fine for", line.Operation)
	}
	// Output:
	// 1 is fine for createEmbedding
	// batch.jsonl line 2: /url: got "/v1/embedings", want one of "/v1/embeddings", "/v1/responses", "/v1/chat/completions", "/v1/completions", "/v1/moderations", "/v1/images/generations", "/v1/images/edits", "/v1/videos"; did you mean "/v1/embeddings"? (BatchRequestInput)
	// batch.jsonl line 3: 2 problems
	//   /body/inptu: unknown field "inptu"; did you mean "input"? (CreateEmbeddingRequest)
	//   /custom_id: got "a", which line 1 has too; want one of its own (BatchRequestInput)
}

func ExampleDocument_ValidateWebhook() {
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		panic(err)
	}
	hook, err := doc.ValidateWebhook([]byte(`{"id": "evt_1", "object": "event", "created_at": 1741476542, "type": "response.completed", "data": {"id": "resp_1"}}`))
	fmt.Println(hook.Name, hook.Event.Get("data.id"), err)
	_, err = doc.ValidateWebhook([]byte(`{"id": "evt_1", "created_at": 1741476542, "type": "batch.complete", "data": {"id": "batch_1"}}`))
	fmt.Println(err)
	// Output:
	// response_completed resp_1 <nil>
	// webhook: /type: got "batch.complete", want one of "batch.completed", "batch.cancelled", "batch.expired", "batch.failed", "eval.run.canceled", "eval.run.failed", "eval.run.succeeded", "fine_tuning.job.cancelled" or 8 more; did you mean "batch.completed"? (WebhookBatchCompleted)
}
