package opcall

import (
	"context"
	"errors"
	"io"

	"github.com/opcall/opcall/client/openai"
)

// Realtime says a recording to a model and writes what it says.
func Realtime(ctx context.Context, c *openai.Client, microphone io.Reader, speaker io.Writer) error {
	session, err := c.RealtimeSession(ctx, openai.RealtimeSettings{Model: "gpt-realtime", ManualTurns: true})
	if err != nil {
		return err
	}
	defer session.Close()
	if _, err := session.SendAudio(ctx, microphone, 0); err != nil {
		return err
	}
	if err := errors.Join(session.Commit(ctx), session.Respond(ctx)); err != nil {
		return err
	}
	for sound, err := range session.Audio(ctx) {
		if err != nil {
			return err
		}
		if _, err := speaker.Write(sound); err != nil {
			return err
		}
	}
	return nil
}
