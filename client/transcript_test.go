package client_test

import (
	"io"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
)

// TestTranscriptAsTextIsAResponse: with response_format srt, vtt or text the
// response of a transcription is a text, which Call hands out as it came.
func TestTranscriptAsTextIsAResponse(t *testing.T) {
	const subtitles = "1\n00:00:00,000 --> 00:00:01,000\nHello\n"
	for _, operation := range []string{"createTranscription", "createTranslation"} {
		for _, mediaType := range []string{"text/plain; charset=utf-8", "text/vtt"} {
			server := newWitness(t, responding(200, mediaType, subtitles))
			c := newClient(t, client.WithBaseURL(server.URL+"/v1"), client.WithAPIKey("sk-test-0123456789"))
			r, err := c.Call(t.Context(), operation, client.Params{
				"model": "whisper-1", "response_format": "srt",
				"file": client.File{Name: "a.mp3", Body: strings.NewReader("ID3")},
			})
			if err != nil {
				t.Errorf("%s, %s: %v", operation, mediaType, err)
				continue
			}
			text, err := io.ReadAll(r.Body())
			r.Close()
			if err != nil || string(text) != subtitles {
				t.Errorf("%s, %s: got %q, %v", operation, mediaType, text, err)
			}
		}
	}
}
