package openai_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/schema"
)

const pixel = "\x89PNG\r\n\x1a\n"

// written makes a file and returns its path.
func written(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestFilesThatCannotBeSent are errors before anything is sent, of every helper.
func TestFilesThatCannotBeSent(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.From(server.Client())
	ctx := t.Context()
	calls := map[string]func(openai.Media) error{
		"EditImage": func(m openai.Media) error {
			_, err := c.EditImage(ctx, openai.EditImageRequest{ImageRequest: openai.ImageRequest{Prompt: "x"}, Images: []openai.Media{m}})
			return err
		},
		"the mask": func(m openai.Media) error {
			_, err := c.EditImage(ctx, openai.EditImageRequest{
				ImageRequest: openai.ImageRequest{Prompt: "x"}, Images: []openai.Media{openai.Bytes("a.png", []byte(pixel))}, Mask: &m,
			})
			return err
		},
		"EditImageStream": func(m openai.Media) error {
			_, err := c.EditImageStream(ctx, openai.EditImageRequest{ImageRequest: openai.ImageRequest{Prompt: "x"}, Images: []openai.Media{m}})
			return err
		},
		"Transcribe": func(m openai.Media) error {
			_, err := c.Transcribe(ctx, openai.TranscribeRequest{Model: "whisper-1", File: m})
			return err
		},
		"TranscribeStream": func(m openai.Media) error {
			_, err := c.TranscribeStream(ctx, openai.TranscribeRequest{Model: "whisper-1", File: m})
			return err
		},
		"Translate": func(m openai.Media) error {
			_, err := c.Translate(ctx, openai.TranscribeRequest{Model: "whisper-1", File: m})
			return err
		},
		"Video": func(m openai.Media) error {
			_, err := c.Video(ctx, openai.VideoRequest{Prompt: "x", Reference: &m})
			return err
		},
	}
	files := map[string]struct {
		media openai.Media
		want  string
	}{
		"a directory": {openai.Path(t.TempDir()), "got a directory, want a file"},
		"absent":      {openai.Path(filepath.Join(t.TempDir(), "none.png")), "no such file"},
		"a device":    {openai.Path(os.DevNull), "got a device, pipe or socket, want a file"},
		"none":        {openai.Media{}, "got no file: use Path, Bytes, Reader or FS"},
	}
	for name, call := range calls {
		for kind, file := range files {
			var unreadable *client.FileError
			if err := call(file.media); !errors.As(err, &unreadable) || !strings.Contains(err.Error(), file.want) {
				t.Errorf("%s of %s: got %v, want %s", name, kind, err, file.want)
			}
		}
	}
	if got := server.Requests(); len(got) != 0 {
		t.Errorf("got %d requests", len(got))
	}
}

// TestImageRequestTellsZeroFromAbsent on the wire.
func TestImageRequestTellsZeroFromAbsent(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.From(server.Client(client.WithRequestValidation(schema.Lenient)))
	for want, req := range map[string]openai.ImageRequest{
		`{"prompt":"x"}`: {Prompt: "x"},
		`{"n":1,"output_compression":0,"partial_images":0,"prompt":"x"}`: {Prompt: "x", N: new(int64(1)), OutputCompression: new(int64(0)), PartialImages: new(int64(0))},
		`{"background":"opaque","model":"gpt-image-1","moderation":"low","output_format":"jpeg","prompt":"x","quality":"high","size":"auto","style":null,"user":"u"}`: {
			Model: "gpt-image-1", Prompt: "x", Size: "auto", Quality: "high", Background: "opaque", Moderation: "low", OutputFormat: "jpeg", User: "u",
			Extra: map[string]any{"style": nil},
		},
	} {
		r, err := c.Image(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := r.Bytes()
		if err != nil || len(picture) == 0 || len(r.Pictures()) != 1 {
			t.Errorf("got %d bytes, %v", len(picture), err)
		}
		if got := string(server.LastRequest("createImage").Body); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	h := newHost(t)
	lenient := openai.From(mustClient(t, client.WithBaseURL(h.URL), client.WithRequestValidation(schema.Lenient)))
	lenient.Image(t.Context(), openai.ImageRequest{Prompt: "x", N: new(int64(0))}) // which the API refuses
	if got := h.only(t).Body; got != `{"n":0,"prompt":"x"}` {
		t.Errorf("got %s", got)
	}
}

// TestEditImageSendsFiles of every kind, one or several, with a mask.
func TestEditImageSendsFiles(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.From(server.Client())
	path := written(t, "on disk.png", pixel+"disk")
	mask := openai.Bytes("mask.png", []byte(pixel+"mask"))
	req := openai.EditImageRequest{
		ImageRequest: openai.ImageRequest{Model: "gpt-image-1", Prompt: "x", N: new(int64(2)), OutputCompression: new(int64(0))},
		Images:       []openai.Media{openai.Path(path), openai.Bytes("b.png", []byte(pixel+"bytes")), openai.Reader("r.png", strings.NewReader(pixel+"reader"))},
		Mask:         &mask, InputFidelity: "high",
	}
	r, err := c.EditImage(t.Context(), req)
	if err != nil || len(r.Pictures()) != 2 {
		t.Fatalf("got %v, %v", r, err)
	}
	var got []string
	for _, p := range server.LastRequest("createImageEdit").Parts {
		got = append(got, p.Name+" "+p.FileName+" "+strings.TrimPrefix(string(p.Content), pixel))
	}
	want := "image[] on disk.png disk\nimage[] b.png bytes\nimage[] r.png reader\ninput_fidelity  high\nmask mask.png mask\nmodel  gpt-image-1\nn  2\noutput_compression  0\nprompt  x"
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	req.Images = req.Images[:1]
	if _, err := c.EditImage(t.Context(), req); err != nil || server.LastRequest("createImageEdit").Parts[0].Name != "image" {
		t.Errorf("one: got %v", err)
	}
	req.Images = nil
	var invalid *schema.ValidationError
	if _, err := c.EditImage(t.Context(), req); !errors.As(err, &invalid) || !strings.Contains(err.Error(), `missing property "image"`) {
		t.Errorf("none: got %v", err)
	}
}

// TestImageStreamsShowPartialPictures before the whole one.
func TestImageStreamsShowPartialPictures(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.From(server.Client())
	s, err := c.ImageStream(t.Context(), openai.ImageRequest{Model: "gpt-image-1", Prompt: "x", PartialImages: new(int64(2))})
	if err != nil {
		t.Fatal(err)
	}
	checkPictures(t, s)
	path := written(t, "a.png", pixel)
	s, err = c.EditImageStream(t.Context(), openai.EditImageRequest{ImageRequest: openai.ImageRequest{Model: "gpt-image-1", Prompt: "x", PartialImages: new(int64(2))}, Images: []openai.Media{openai.Path(path)}})
	if err != nil {
		t.Fatal(err)
	}
	checkPictures(t, s)
}

func checkPictures(t *testing.T, s *openai.ImageStream) {
	t.Helper()
	var partial []bool
	for picture, err := range s.Pictures() {
		if err != nil {
			t.Fatal(err)
		}
		if content, err := picture.Bytes(); err != nil || len(content) == 0 {
			t.Errorf("got %d bytes, %v", len(content), err)
		}
		partial = append(partial, picture.Partial)
	}
	if len(partial) < 2 || !partial[0] || partial[len(partial)-1] {
		t.Errorf("got pictures %v, want partial ones before the last", partial)
	}
	if r, err := s.Final(); err != nil || len(r.Pictures()) != 1 {
		t.Errorf("Final: got %v, %v", r, err)
	}
}

// TestImagesThatCannotBeDecodedAreErrors are errors, in a list and in what it does not stream.
func TestImagesThatCannotBeDecodedAreErrors(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"no list": `{"created":1}`, "empty": `{"created":1,"data":[]}`, "an empty one": `{"created":1,"data":[{}]}`} {
		h := newHost(t, responding("application/json", body))
		var unusable *client.ResponseError
		if _, err := openai.From(mustClient(t, client.WithBaseURL(h.URL))).Image(t.Context(), openai.ImageRequest{Prompt: "x"}); !errors.As(err, &unusable) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	h := newHost(t, responding("application/json", `{"created":1,"data":[{"b64_json":"AAAA"},{"url":"https://example.com/a.png"}]}`))
	s, err := openai.From(mustClient(t, client.WithBaseURL(h.URL))).ImageStream(t.Context(), openai.ImageRequest{Prompt: "x"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for p, err := range s.Pictures() {
		if err != nil {
			t.Fatal(err)
		}
		content, _ := p.Bytes()
		got = append(got, p.URL+string(content))
	}
	if len(got) != 2 || got[0] != "\x00\x00\x00" || got[1] != "https://example.com/a.png" {
		t.Errorf("got %q", got)
	}
}

// The file is written while sound arrives.
func TestSpeakLeavesNoHalfOfAFile(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.From(server.Client(client.WithMaxRetries(0)))
	sound := bytes.Repeat([]byte("sound"), 1000)
	server.Respond("createSpeech", clienttest.Answer{Body: bytes.NewReader(sound), Header: http.Header{"Content-Type": {"audio/mpeg"}}})
	var b bytes.Buffer
	req := openai.SpeechRequest{Model: "tts-1", Input: "Hello", Voice: "alloy", Format: "mp3", Speed: new(1.0), Instructions: "softly"}
	if n, err := c.Speak(t.Context(), &b, req); err != nil || n != 5000 || !bytes.Equal(b.Bytes(), sound) {
		t.Errorf("got %d bytes, %v", n, err)
	}
	const want = `{"input":"Hello","instructions":"softly","model":"tts-1","response_format":"mp3","speed":1,"voice":"alloy"}`
	if got := string(server.LastRequest("createSpeech").Body); got != want {
		t.Errorf("got %s", got)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "a.mp3")
	server.Respond("createSpeech", clienttest.Answer{Body: bytes.NewReader(sound), Header: http.Header{"Content-Type": {"audio/mpeg"}}, Fail: clienttest.CutBody(100)})
	if _, err := c.SpeakFile(t.Context(), path, req); err == nil {
		t.Error("half of a file is not an error")
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	server.Respond("createSpeech", clienttest.Answer{Body: bytes.NewReader(sound), Header: http.Header{"Content-Type": {"audio/mpeg"}}})
	if n, err := c.SpeakFile(t.Context(), path, req); err != nil || n != 5000 {
		t.Errorf("got %d, %v", n, err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, sound) {
		t.Errorf("the file: got %d bytes, %v", len(got), err)
	}
	before := len(server.Requests())
	if _, err := c.SpeakFile(t.Context(), dir, req); err == nil || !strings.Contains(err.Error(), "got a directory, want the name of a file") {
		t.Errorf("a directory: got %v", err)
	}
	if _, err := c.SpeakFile(t.Context(), filepath.Join(dir, "none", "a.mp3"), req); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no such directory: got %v", err)
	}
	if got := len(server.Requests()); got != before {
		t.Errorf("sound was paid for that cannot be written: %d requests", got-before)
	}
}

// TestSpeechRequestTellsZeroFromAbsent on the wire; the API refuses a speed of 0.
func TestSpeechRequestTellsZeroFromAbsent(t *testing.T) {
	t.Parallel()
	for want, req := range map[string]openai.SpeechRequest{
		`{"input":"x","model":"m","voice":"alloy"}`:           {Model: "m", Input: "x", Voice: "alloy"},
		`{"input":"x","model":"m","speed":0,"voice":"alloy"}`: {Model: "m", Input: "x", Voice: "alloy", Speed: new(0.0)},
	} {
		h := newHost(t, responding("audio/mpeg", ""))
		var unusable *client.ResponseError
		_, err := openai.From(mustClient(t, client.WithBaseURL(h.URL), client.WithRequestValidation(schema.Lenient))).Speak(t.Context(), io.Discard, req)
		if !errors.As(err, &unusable) {
			t.Errorf("without sound: got %v", err)
		}
		if got := h.only(t).Body; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTranscribeReadsEveryFormat(t *testing.T) {
	tests := map[string]struct {
		format, mediaType, body string
		want                    string
	}{
		"json":     {"json", "application/json", `{"text":"Hello"}`, "Hello"},
		"text":     {"text", "text/plain", "Hello\n", "Hello\n"},
		"srt":      {"srt", "application/x-subrip", "1\n00:00:00,000 --> 00:00:01,000\nHello\n", "1\n00:00:00,000 --> 00:00:01,000\nHello\n"},
		"vtt":      {"vtt", "text/vtt", "WEBVTT\n", "WEBVTT\n"},
		"silence":  {"json", "application/json", `{"text":""}`, ""},
		"speakers": {"diarized_json", "application/json", `{"task":"transcribe","duration":2.5,"text":"Hi","segments":[{"type":"transcript.text.segment","id":"s","start":0.5,"end":1.25,"text":"Hi","speaker":"A"}]}`, "Hi"},
		"words":    {"verbose_json", "application/json", `{"language":"english","duration":2.5,"text":"Hi","words":[{"word":"Hi","start":0.5,"end":1.25}],"segments":[]}`, "Hi"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := clienttest.NewServer(t)
			c := openai.From(server.Client())
			for operation, call := range map[string]func(*openai.Client) (*openai.Transcript, error){
				"createTranscription": func(c *openai.Client) (*openai.Transcript, error) {
					return c.Transcribe(t.Context(), openai.TranscribeRequest{
						Model: "whisper-1", File: openai.Path(written(t, "a.wav", "RIFF")), Format: tt.format, Temperature: new(0.0),
						Words: tt.format == "verbose_json", Segments: tt.format == "verbose_json", Language: "en", Include: []string{"logprobs"},
					})
				},
				"createTranslation": func(c *openai.Client) (*openai.Transcript, error) {
					return c.Translate(t.Context(), openai.TranscribeRequest{Model: "whisper-1", File: openai.Bytes("a.wav", []byte("RIFF")), Prompt: "x"})
				},
			} {
				server.Respond(operation, clienttest.Answer{Body: strings.NewReader(tt.body), Header: http.Header{"Content-Type": {tt.mediaType}}})
				got, err := call(c)
				if err != nil || got.Text() != tt.want {
					t.Fatalf("%s: got %v, %v", operation, got, err)
				}
				if name == "speakers" {
					s := got.Segments()
					if len(s) != 1 || s[0].Speaker != "A" || s[0].Start != 500*time.Millisecond || s[0].End != 1250*time.Millisecond || got.Duration() != 2500*time.Millisecond {
						t.Errorf("got %+v", s)
					}
				}
				if w := got.Words(); name == "words" && (len(w) != 1 || w[0] != openai.Word{Start: 500 * time.Millisecond, End: 1250 * time.Millisecond, Text: "Hi"}) {
					t.Errorf("got %+v", w)
				}
			}
			sent := server.LastRequest("createTranscription")
			if sent.Get("temperature").Raw != "0" || sent.Get("file").String() != "a.wav" || tt.format == "verbose_json" != sent.Get("timestamp_granularities").Exists() {
				t.Errorf("got %s", sent.Body)
			}
			if sent := server.LastRequest("createTranslation"); sent.Get("temperature").Exists() {
				t.Errorf("got %s", sent.Body)
			}
		})
	}
}

// TestTranscribeStreams delivers the text piece by piece.
func TestTranscribeStreams(t *testing.T) {
	server := clienttest.NewServer(t)
	server.Respond("createTranscription", clienttest.Answer{Output: clienttest.Say("Titan is a moon.")})
	s, err := openai.From(server.Client()).TranscribeStream(t.Context(), openai.TranscribeRequest{Model: "gpt-4o-transcribe", File: openai.Path(written(t, "a.wav", "RIFF"))})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for piece, err := range s.Text() {
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(piece)
	}
	final, err := s.Final()
	if err != nil || final.Text() != "Titan is a moon." || text.String() != final.Text() {
		t.Errorf("got %q, %v, %v", text.String(), final, err)
	}
}

// TestTranscriptsThatCannotBeReadAreErrors are errors.
func TestTranscriptsThatCannotBeReadAreErrors(t *testing.T) {
	t.Parallel()
	for name, response := range map[string][2]string{
		"no text": {"application/json", `{"usage":{}}`}, "another type": {"application/json", `{"text":5}`}, "HTML": {"text/html", "<p>"}, "nothing": {"application/json", ""},
	} {
		h := newHost(t, responding(response[0], response[1]))
		_, err := openai.From(mustClient(t, client.WithBaseURL(h.URL))).Transcribe(t.Context(), openai.TranscribeRequest{Model: "m", File: openai.Bytes("a.wav", nil)})
		var unusable *client.ResponseError
		if !errors.As(err, &unusable) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A form has a field for zero and none for what is absent.
func TestEditImageTellsZeroFromAbsent(t *testing.T) {
	for name, n := range map[string]*int64{"zero": new(int64(0)), "absent": nil} {
		h := newHost(t)
		c := openai.From(mustClient(t, client.WithBaseURL(h.URL), client.WithRequestValidation(schema.Lenient)))
		c.EditImage(t.Context(), openai.EditImageRequest{
			ImageRequest: openai.ImageRequest{Prompt: "x", N: n}, Images: []openai.Media{openai.Bytes("a.png", []byte(pixel))},
		})
		if body := h.only(t).Body; strings.Contains(body, "name=\"n\"\r\n\r\n0\r\n") != (n != nil) || strings.Contains(body, `name="n"`) != (n != nil) {
			t.Errorf("%s: got %q", name, body)
		}
	}
}
