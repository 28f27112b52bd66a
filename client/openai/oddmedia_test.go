package openai_test

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/schema"
)

// helpers are the helpers for media and the like, each with a small request.
func helpers(t *testing.T) map[string]func(context.Context, *openai.Client) error {
	sound, picture := openai.Bytes("a.wav", []byte("RIFF")), openai.Bytes("a.png", []byte(pixel))
	image := openai.ImageRequest{Model: "m", Prompt: "x"}
	speech := openai.SpeechRequest{Model: "m", Voice: "alloy", Input: "x"}
	transcribe := openai.TranscribeRequest{Model: "m", File: sound}
	path := filepath.Join(t.TempDir(), "out")
	return map[string]func(context.Context, *openai.Client) error{
		"Embed":    func(ctx context.Context, c *openai.Client) error { _, err := c.Embed(ctx, "m", "x"); return err },
		"Moderate": func(ctx context.Context, c *openai.Client) error { _, err := c.Moderate(ctx, "x"); return err },
		"Image":    func(ctx context.Context, c *openai.Client) error { _, err := c.Image(ctx, image); return err },
		"Speak": func(ctx context.Context, c *openai.Client) error {
			_, err := c.Speak(ctx, io.Discard, speech)
			return err
		},
		"SpeakFile": func(ctx context.Context, c *openai.Client) error {
			_, err := c.SpeakFile(ctx, path, speech)
			return err
		},
		"Transcribe": func(ctx context.Context, c *openai.Client) error { _, err := c.Transcribe(ctx, transcribe); return err },
		"Translate":  func(ctx context.Context, c *openai.Client) error { _, err := c.Translate(ctx, transcribe); return err },
		"Video": func(ctx context.Context, c *openai.Client) error {
			_, err := c.Video(ctx, openai.VideoRequest{Prompt: "x"})
			return err
		},
		"WaitVideo": func(ctx context.Context, c *openai.Client) error { _, err := c.WaitVideo(ctx, "v"); return err },
		"DownloadVideo": func(ctx context.Context, c *openai.Client) error {
			_, err := c.DownloadVideo(ctx, io.Discard, "v", "")
			return err
		},
		"EditImage": func(ctx context.Context, c *openai.Client) error {
			_, err := c.EditImage(ctx, openai.EditImageRequest{ImageRequest: image, Images: []openai.Media{picture}})
			return err
		},
		"ImageStream": func(ctx context.Context, c *openai.Client) error {
			s, err := c.ImageStream(ctx, image)
			if err == nil {
				_, err = s.Final()
			}
			return err
		},
		"TranscribeStream": func(ctx context.Context, c *openai.Client) error {
			s, err := c.TranscribeStream(ctx, transcribe)
			if err == nil {
				_, err = s.Final()
			}
			return err
		},
		"ClientSecret": func(ctx context.Context, c *openai.Client) error {
			_, err := c.ClientSecret(ctx, openai.RealtimeSettings{}, 0)
			return err
		},
		"RealtimeSession": func(ctx context.Context, c *openai.Client) error {
			s, err := c.RealtimeSession(ctx, openai.RealtimeSettings{Model: "m"})
			if err == nil {
				s.Close()
			}
			return err
		},
	}
}

// TestHelpersOnOddHosts: what a host says under a status of success, and is not what
// was asked for, is a typed error of every helper.
func TestHelpersOnOddHosts(t *testing.T) {
	t.Parallel()
	bodies := map[string][2]string{
		"HTML":              {"text/html", "<!DOCTYPE html><title>Sign in</title>"},
		"HTML as JSON":      {"application/json", "<html>"},
		"nothing":           {"application/json", ""},
		"an error":          {"application/json", `{"error":{"message":"no credit","type":"insufficient_quota"}}`},
		"another object":    {"application/json", `{"object":"dog","name":"Rex"}`},
		"a list":            {"application/json", `[]`},
		"null":              {"application/json", `null`},
		"half of an answer": {"application/json", `{"data":[{"b64_json":"`},
	}
	for name, call := range helpers(t) {
		for kind, body := range bodies {
			h := newHost(t, responding(body[0], body[1]))
			err := call(t.Context(), openai.From(mustClient(t, client.WithBaseURL(h.URL))))
			var unusable *client.ResponseError
			var refused *client.APIError
			var cut *client.TruncatedError
			if !errors.As(err, &unusable) && !errors.As(err, &refused) && !errors.As(err, &cut) {
				t.Errorf("%s of %s: got %T %v", name, kind, err, err)
			}
		}
	}
}

// TestHelpersWithoutAContext are errors, as are a context that has ended and one that
// ends while the host is silent.
func TestHelpersWithoutAContext(t *testing.T) {
	t.Parallel()
	h := newHost(t, responding("application/json", "{}"))
	c := openai.From(mustClient(t, client.WithBaseURL(h.URL)))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range helpers(t) {
		var unbound *client.BindError
		if err := call(nil, c); !errors.As(err, &unbound) {
			t.Errorf("%s: got %T %v", name, err, err)
		}
		if err := call(ended, c); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, ended: got %T %v", name, err, err)
		}
	}
	if n := len(h.All()); n != 0 {
		t.Errorf("got %d requests", n)
	}
}

// TestHelpersWithoutAToken get the error of the source, and send nothing.
func TestHelpersWithoutAToken(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	c := openai.From(mustClient(t, client.WithBaseURL(h.URL), client.WithTokenSource(func(context.Context) (string, time.Time, error) {
		return "", time.Time{}, errors.New("no identity")
	})))
	for name, call := range helpers(t) {
		var none *client.TokenError
		if err := call(t.Context(), c); !errors.As(err, &none) {
			t.Errorf("%s: got %T %v", name, err, err)
		}
	}
	if n := len(h.All()); n != 0 {
		t.Errorf("got %d requests", n)
	}
}

func TestResultsAreDecodedLikeResponses(t *testing.T) {
	t.Parallel()
	h := newHost(t, responding("application/json", `{"created":1,"data":[{"b64_json":"AAAA"}]}`))
	r, err := openai.From(mustClient(t, client.WithBaseURL(h.URL))).Image(t.Context(), openai.ImageRequest{Prompt: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := client.Decode[struct{ Created int64 }](r); err != nil || got.Created != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	var misspelt *client.MisspeltFieldError
	if _, err := client.Decode[struct{ Data []struct{ B64JSON string } }](r); !errors.As(err, &misspelt) {
		t.Errorf("got %v", err)
	}
	var invalid *schema.ValidationError
	if errors.As(err, &invalid) {
		t.Error("a misspelt field is not an invalid response")
	}
}
