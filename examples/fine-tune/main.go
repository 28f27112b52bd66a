// Fine-tune validates a file of conversations, uploads it, starts a job and waits for its
// end.
//
//	go run ./examples/fine-tune [train.jsonl]
//
// Without OPENAI_API_KEY it asks the built-in test server, which trains nothing.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

func main() {
	path := ""
	if len(os.Args) > 1 {
		path = os.Args[1]
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, path string) error {
	server, err := clienttest.StartWithoutKey() // nil if OPENAI_API_KEY is set
	if err != nil {
		return err
	}
	defer server.Close()
	c, err := openai.New(server.Options()...)
	if err != nil {
		return err
	}

	upload := openai.UploadRequest{File: openai.Path(path), Purpose: openai.ForFineTuning}
	if path == "" {
		line := `{"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4"}]}` + "\n"
		wrong := `{"messages":[{"role":"usr","content":"2+2?"}]}` + "\n"
		upload.File = openai.Bytes("train.jsonl", []byte(line+wrong))
		var invalid *openai.LinesError
		if err := c.CheckUpload(ctx, upload); errors.As(err, &invalid) { // what Upload would say as well
			fmt.Println(invalid)
		}
		upload.File = openai.Bytes("train.jsonl", []byte(strings.Repeat(line, 10)))
	}
	file, err := c.Upload(ctx, upload)
	if err != nil {
		return err
	}
	fmt.Println("Uploaded:", file.Name())

	job, err := c.Call(ctx, "createFineTuningJob", client.Params{"model": "gpt-4.1-mini", "training_file": file.ID()})
	if err != nil {
		return err
	}
	done, err := c.Wait(ctx, "retrieveFineTuningJob", client.Params{"fine_tuning_job_id": job.Get("id").String()},
		client.WithWaitPace(100*time.Millisecond, time.Minute),
		client.WithWaitProgress(func(r *client.Response) { fmt.Println("Status:", r.Get("status")) }),
	)
	if err != nil { // it failed: the error has the reason
		return err
	}
	fmt.Println("Model:", done.Get("fine_tuned_model"))
	return nil
}
