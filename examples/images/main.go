// Images draws a picture, shows how it comes about, and has it edited.
//
//	go run ./examples/images [prompt]
//
// It writes moon.png and moon-night.png. Without OPENAI_API_KEY it asks the built-in
// test server, whose pictures have one pixel.
package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

func main() {
	if err := run(context.Background(), strings.Join(os.Args[1:], " ")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, prompt string) error {
	server, err := clienttest.StartWithoutKey() // nil if OPENAI_API_KEY is set
	if err != nil {
		return err
	}
	defer server.Close()
	c, err := openai.New(server.Options()...)
	if err != nil {
		return err
	}

	stream, err := c.ImageStream(ctx, openai.ImageRequest{
		Model: "gpt-image-1", Prompt: cmp.Or(prompt, "A moon above an orange haze"), PartialImages: new(int64(2)),
	})
	if err != nil {
		return err
	}
	for picture, err := range stream.Pictures() {
		if err != nil {
			return err
		}
		content, err := picture.Bytes()
		if err != nil {
			return err
		}
		fmt.Printf("Picture of %d bytes, partial: %t\n", len(content), picture.Partial)
		if !picture.Partial {
			if err := os.WriteFile("moon.png", content, 0o644); err != nil {
				return err
			}
		}
	}

	edited, err := c.EditImage(ctx, openai.EditImageRequest{
		ImageRequest: openai.ImageRequest{Model: "gpt-image-1", Prompt: "The same at night"},
		Images:       []openai.Media{openai.Path("moon.png")},
	})
	if err != nil {
		return err
	}
	content, err := edited.Bytes()
	if err != nil {
		return err
	}
	return os.WriteFile("moon-night.png", content, 0o644)
}
