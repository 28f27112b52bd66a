// Upload-large uploads a file of any size in parts, which go on after an error, after
// Ctrl-C and after the end of the process, and downloads it again.
//
//	go run ./examples/upload-large [file]
//
// Run again after an interruption, it sends the parts that are missing. Without
// OPENAI_API_KEY a file is made up and sent to the built-in test server.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

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
	dir, err := os.MkdirTemp("", "upload-large-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if path == "" {
		path = filepath.Join(dir, "report.txt")
		if err := os.WriteFile(path, bytes.Repeat([]byte("Titan is a moon.\n"), 200_000), 0o600); err != nil {
			return err
		}
	}

	file, err := c.Upload(ctx, openai.UploadRequest{
		File:     openai.Path(path),
		Purpose:  openai.ForAssistants,
		PartSize: 1 << 20, // larger files go in parts of 1 MiB; the default is 64 MiB
		State:    path + ".upload",
		Progress: func(done, total int64) { fmt.Fprintf(os.Stderr, "\r%3d %%", 100*done/total) },
	})
	fmt.Fprintln(os.Stderr)
	if err != nil {
		return err // it says whether the upload goes on
	}
	fmt.Println("Uploaded:", file.Name(), file.Size(), "bytes")

	n, err := c.DownloadFile(ctx, filepath.Join(dir, "copy"), openai.DownloadRequest{File: file.ID()})
	if err != nil {
		return err
	}
	fmt.Println("Downloaded:", n, "bytes")
	return nil
}
