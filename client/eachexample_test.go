package client_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"

	"github.com/opcall/opcall/client"
)

func ExampleClient_Each() {
	server := testServer()
	defer server.Close()
	c := server.Client()
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "each-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	journal := filepath.Join(folder, "journal.jsonl")
	calls := slices.Values([]client.Call{
		{ID: "titan", OperationID: "createEmbedding", Params: client.Params{"model": "text-embedding-3-small", "input": "Titan"}},
		{ID: "rhea", OperationID: "createEmbedding", Params: client.Params{"model": "text-embedding-3-small"}},
		{ID: "dione", OperationID: "createEmbedding", Params: client.Params{"model": "text-embedding-3-small", "input": "Dione"}},
	})
	n := 0

	for r, err := range c.Each(ctx, calls, client.EachConcurrency(64), client.EachJournal(journal, "moons"), client.EachInOrder()) {
		if err != nil {
			log.Fatal(err) // the run has ended
		}
		if r.Err != nil {
			fmt.Println(r.Call.ID, r.Err) // a call that failed is a result
			continue
		}
		n += len(r.Response.Get("data").Array())
	}

	fmt.Println(n, "embeddings")
	// Output:
	// rhea createEmbedding: /: missing property "input" (CreateEmbeddingRequest)
	// 2 embeddings
}

func ExampleShard() {
	os.Setenv("JOB_COMPLETION_INDEX", "2") // as Kubernetes does
	defer os.Unsetenv("JOB_COMPLETION_INDEX")

	shard, err := client.ShardFromEnvironment(4) // spec.completions
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range []string{"titan", "rhea", "dione", "tethys", "mimas"} {
		if shard.Has(id) {
			fmt.Println(shard, id)
		}
	}
	// Output:
	// 2/4 titan
	// 2/4 rhea
	// 2/4 dione
}
