package openai_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

// The Examples of this file are what the README shows.

// elsewhere changes to a directory that goes away.
func elsewhere() (back func()) {
	before, err := os.Getwd()
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.Chdir(dir); err != nil {
		log.Fatal(err)
	}
	return func() {
		os.Chdir(before)
		os.RemoveAll(dir)
	}
}

func ExampleClient_Embed() {
	server := testServer()
	defer server.Close()
	ctx, c := context.Background(), openai.From(server.Client())
	texts := []string{"Titan", "Rhea", "Iapetus"} // a request takes 2048: more are several requests

	vectors, err := c.Embed(ctx, "text-embedding-3-small", texts...) // [][]float32, in the order of the texts
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(vectors), len(vectors[0]))
	// Output: 3 1536
}

func ExampleClient_Moderate() {
	server := testServer()
	defer server.Close()
	ctx, c := context.Background(), openai.From(server.Client())

	verdicts, err := c.Moderate(ctx, "a kind word", "another one")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(verdicts))
	// Output: 2
}

func ExampleClient_Image() {
	server := testServer()
	defer server.Close()
	defer elsewhere()()
	ctx, c := context.Background(), openai.From(server.Client())

	drawn, err := c.Image(ctx, openai.ImageRequest{Model: "gpt-image-1", Prompt: "A moon above an orange haze"})
	if err != nil {
		log.Fatal(err)
	}
	picture, err := drawn.Bytes()
	if err != nil {
		log.Fatal(err)
	}
	edited, err := c.EditImage(ctx, openai.EditImageRequest{
		ImageRequest: openai.ImageRequest{Model: "gpt-image-1", Prompt: "The same at night"},
		Images:       []openai.Media{openai.Bytes("moon.png", picture)}, // or openai.Path("moon.png")
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(edited.Pictures()))
	// Output: 1
}

func ExampleClient_SpeakFile() {
	server := testServer()
	defer server.Close()
	defer elsewhere()()
	server.Respond("createTranscription", clienttest.Answer{Body: `{"text": "Titan is a moon."}`})
	ctx, c := context.Background(), openai.From(server.Client())

	_, err := c.SpeakFile(ctx, "titan.mp3", openai.SpeechRequest{
		Model: "gpt-4o-mini-tts", Voice: "alloy", Input: "Titan is a moon.",
	})
	if err != nil {
		log.Fatal(err)
	}
	heard, err := c.Transcribe(ctx, openai.TranscribeRequest{Model: "gpt-4o-transcribe", File: openai.Path("titan.mp3")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(heard.Text())
	// Output: Titan is a moon.
}

func ExampleClient_WaitVideo() {
	server := testServer()
	defer server.Close()
	defer elsewhere()()
	ctx, c := context.Background(), openai.From(server.Client())

	video, err := c.Video(ctx, openai.VideoRequest{Model: "sora-2", Prompt: "A moon rises", Seconds: "4"})
	if err != nil {
		log.Fatal(err)
	}
	if video, err = c.WaitVideo(ctx, video.ID()); err != nil {
		log.Fatal(err) // one that failed is an *openai.VideoError
	}
	_, err = c.DownloadVideoFile(ctx, "moon.mp4", video.ID(), "video")
	fmt.Println(err)
	// Output: <nil>
}

func ExampleClient_RealtimeSession() {
	server := testServer()
	defer server.Close()
	server.RespondSocket("realtime", clienttest.SocketAnswer{Output: clienttest.Say("Titan is a moon.")})
	ctx, c := context.Background(), openai.From(server.Client())
	microphone, speaker := strings.NewReader(strings.Repeat("\x00", 4800)), new(strings.Builder)

	session, err := c.RealtimeSession(ctx, openai.RealtimeSettings{Model: "gpt-realtime", ManualTurns: true})
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()
	if _, err := session.SendAudio(ctx, microphone, 1); err != nil { // PCM16, as fast as it is spoken
		log.Fatal(err)
	}
	session.Commit(ctx)
	session.Respond(ctx)
	for out, err := range session.Outputs(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		speaker.Write(out.Audio)
		fmt.Print(out.Text)
	}
	// Output: Titan is a moon.
}

func ExampleAzure() {
	entraToken := func(context.Context) (string, time.Time, error) { return "token", time.Now().Add(time.Hour), nil }
	ctx := context.Background()

	c, err := openai.New(openai.Azure("https://NAME.openai.azure.com", ""), client.WithTokenSource(entraToken))
	if err != nil {
		log.Fatal(err)
	}
	req, err := c.Request(ctx, "listModels", nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(req.URL)
	// Output: https://NAME.openai.azure.com/openai/v1/models
}

func ExampleMeter() {
	server := testServer()
	defer server.Close()
	ctx := context.Background()
	var meter openai.Meter
	c := openai.From(server.Client(meter.Setting()))
	server.Respond("createEmbedding", clienttest.Answer{
		Body: `{"object": "list", "model": "text-embedding-3-small", "data": [{"object": "embedding", "index": 0, "embedding": [1]}], "usage": {"prompt_tokens": 5000000, "total_tokens": 5000000}}`,
	})
	c.Embed(ctx, "text-embedding-3-small", "a very long text")

	cost, unpriced := meter.Cost(map[string]openai.Price{"text-embedding-3-small": {Input: 0.02}}) // per million tokens
	fmt.Printf("%.2f %q\n", cost, unpriced)
	// Output: 0.10 []
}

func Example_decode() {
	server := testServer()
	defer server.Close()
	server.Respond("retrieveFile", clienttest.Answer{
		Body: `{"id": "file-1", "object": "file", "bytes": 120, "created_at": 1767225600, "filename": "a.jsonl", "purpose": "fine-tune", "status": "processed"}`,
	})
	ctx, c := context.Background(), openai.From(server.Client())

	r, err := c.Call(ctx, "retrieveFile", client.Params{"file_id": "file-1"})
	if err != nil {
		log.Fatal(err)
	}
	file, err := client.Decode[struct {
		ID    string
		Bytes int64 `json:"byte"`
	}](r)
	fmt.Println(file.ID, err)
	// Output: file-1 retrieveFile: struct { ID string; Bytes int64 "json:\"byte\"" } cannot be filled: /: no member "byte" is declared; did you mean "bytes"?
}
