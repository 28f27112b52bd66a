// Transcribe prints what is said in a recording, while it is found.
//
//	go run ./examples/transcribe [recording]
//
// Without OPENAI_API_KEY it asks the built-in test server, which hears the same
// in every recording.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

func main() {
	recording := openai.Bytes("silence.wav", make([]byte, 4800))
	if len(os.Args) > 1 {
		recording = openai.Path(os.Args[1])
	}
	if err := run(context.Background(), recording); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, recording openai.Media) error {
	server, err := clienttest.StartWithoutKey() // nil if OPENAI_API_KEY is set
	if err != nil {
		return err
	}
	defer server.Close()
	server.Respond("createTranscription",
		clienttest.Answer{Output: clienttest.Say("Titan is a moon.")},
		clienttest.Answer{Body: `{"task":"transcribe","duration":1.5,"text":"Titan is a moon.","segments":[
			{"type":"transcript.text.segment","id":"1","start":0,"end":1.5,"text":"Titan is a moon.","speaker":"A"}]}`})
	c, err := openai.New(server.Options()...)
	if err != nil {
		return err
	}

	stream, err := c.TranscribeStream(ctx, openai.TranscribeRequest{Model: "gpt-4o-transcribe", File: recording})
	if err != nil {
		return err
	}
	for piece, err := range stream.Text() {
		if err != nil {
			return err
		}
		fmt.Print(piece)
	}
	fmt.Println()

	transcript, err := c.Transcribe(ctx, openai.TranscribeRequest{
		Model: "gpt-4o-transcribe-diarize", File: recording, Format: "diarized_json",
		Extra: map[string]any{"chunking_strategy": "auto"},
	})
	if err != nil {
		return err
	}
	for _, s := range transcript.Segments() {
		fmt.Printf("%v to %v, speaker %s: %s\n", s.Start, s.End, s.Speaker, s.Text)
	}
	return nil
}
