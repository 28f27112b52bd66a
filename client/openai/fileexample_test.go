package openai_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
)

// The Examples of this file are what the README shows.

func ExampleClient_Upload() {
	server := testServer()
	defer server.Close()
	defer elsewhere()()
	ctx, c := context.Background(), openai.From(server.Client())
	if err := os.WriteFile("train.jsonl", []byte(strings.Repeat(chatLine, 10)), 0o600); err != nil {
		log.Fatal(err)
	}

	file, err := c.Upload(ctx, openai.UploadRequest{
		File:    openai.Path("train.jsonl"),
		Purpose: openai.ForFineTuning, // the lines are validated before anything is sent
		State:   "train.upload",       // run again after an error, or a crash: the rest is sent
	})
	if err != nil {
		log.Fatal(err)
	}
	n, err := c.DownloadFile(ctx, "copy.jsonl", openai.DownloadRequest{File: file.ID()})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(file.Name(), n == file.Size())
	// Output: train.jsonl true
}

func ExampleClient_CheckUpload() {
	server := testServer()
	defer server.Close()
	ctx, c := context.Background(), openai.From(server.Client())

	lines := chatLine + `{"messages":[{"role":"user","contents":"3+3?"}]}`
	err := c.CheckUpload(ctx, openai.UploadRequest{File: openai.Bytes("train.jsonl", []byte(lines)), Purpose: openai.ForFineTuning})
	first, _, _ := strings.Cut(err.Error(), "\n")
	fmt.Println(first)
	// Output: "train.jsonl": 1 of 2 lines are invalid
}

func ExampleBatch() {
	server := testServer()
	defer server.Close()
	defer elsewhere()()
	ctx, c := context.Background(), openai.From(server.Client(client.WithWaitPace(time.Millisecond, time.Second)))
	moons := []string{"Titan", "Ganymede"}

	batch, err := c.NewBatch(openai.BatchOptions{State: "moons.batch"}) // run again after a crash: no call is started twice
	if err != nil {
		log.Fatal(err)
	}
	defer batch.Close()
	for _, moon := range moons {
		err := batch.Add(moon, "createChatCompletion", openai.ChatRequest{ // validated now
			Model:    "gpt-5-mini",
			Messages: []openai.Message{openai.User("Which planet does " + moon + " belong to?")},
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	run, err := batch.Start(ctx) // or c.ResumeBatch(ids...), anywhere else
	if err != nil {
		log.Fatal(err)
	}
	for result, err := range run.InOrder(ctx) {
		if err != nil {
			log.Fatal(err) // the batches go on
		}
		if result.Err != nil {
			log.Print(result.CustomID, ": ", result.Err)
			continue
		}
		fmt.Println(result.CustomID, result.Response.Get("choices.0.finish_reason"))
	}
	if err := os.Remove("moons.batch"); err != nil { // the next run starts over
		log.Fatal(err)
	}
	// Output:
	// Titan stop
	// Ganymede stop
}
