// Realtime says a recording to a model, which may call a function, and writes what it
// says to answer.pcm.
//
//	ffmpeg -i question.wav -f s16le -ar 24000 -ac 1 question.pcm
//	go run ./examples/realtime < question.pcm
//
// Without OPENAI_API_KEY it asks the built-in test server, which speaks silence.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

func main() {
	if err := run(context.Background(), os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// weather is what the model may call.
func weather(_ context.Context, in struct{ City string }) (string, error) {
	return "18 °C and sunny in " + in.City, nil
}

func run(ctx context.Context, microphone io.Reader) error {
	server, err := clienttest.StartWithoutKey() // nil if OPENAI_API_KEY is set
	if err != nil {
		return err
	}
	defer server.Close()
	server.RespondSocket("realtime",
		clienttest.SocketAnswer{Output: clienttest.CallTool("weather", `{"City": "Paris"}`)},
		clienttest.SocketAnswer{Output: clienttest.Say("It is sunny in Paris, at 18 °C.")})
	if server != nil {
		microphone = strings.NewReader(strings.Repeat("\x00", 24000)) // half a second of silence
	}
	c, err := openai.New(server.Options()...)
	if err != nil {
		return err
	}
	session, err := c.RealtimeSession(ctx, openai.RealtimeSettings{
		Model: "gpt-realtime", ManualTurns: true, Tools: []any{openai.MustTool("weather", "the weather in a city", weather)},
	})
	if err != nil {
		return err
	}
	defer session.Close()
	file, err := os.Create("answer.pcm")
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := session.SendAudio(ctx, microphone, 0); err != nil {
		return err
	}
	if err := errors.Join(session.Commit(ctx), session.Respond(ctx)); err != nil {
		return err
	}
	for out, err := range session.Outputs(ctx) {
		if err != nil {
			return err
		}
		fmt.Print(out.Text)
		if _, err := file.Write(out.Audio); err != nil {
			return err
		}
	}
	fmt.Println()
	return file.Close()
}
