package openai

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
)

// TranscribeRequest is a request for the text of a recording. Fields at their zero value
// are left out; pointers tell zero from absent.
type TranscribeRequest struct {
	Model       string
	File        Media
	Language    string // of the recording, ISO 639-1; not of translations
	Prompt      string
	Format      string // "json", "verbose_json", "diarized_json", "text", "srt", "vtt"
	Temperature *float64
	Words       bool     // with the times of words: needs the format "verbose_json"
	Segments    bool     // with the times of segments: likewise
	Include     []string // "logprobs"

	// Extra holds every other field of the request by its name in the API, such as
	// chunking_strategy, which models that tell speakers apart need. Its entries
	// override the fields above; one that is nil is written as null.
	Extra map[string]any
}

// params are those of an operation for transcription; the file is open until u is
// closed.
func (r TranscribeRequest) params(operation string, u *uploads) (client.Params, error) {
	file, err := u.add(operation, "file", r.File)
	if err != nil {
		return nil, err
	}
	p := client.Params{"file": file}
	setText(p, "model", r.Model)
	setText(p, "language", r.Language)
	setText(p, "prompt", r.Prompt)
	setText(p, "response_format", r.Format)
	set(p, "temperature", r.Temperature)
	var times []string
	if r.Words {
		times = append(times, "word")
	}
	if r.Segments {
		times = append(times, "segment")
	}
	if times != nil {
		p["timestamp_granularities"] = times
	}
	if len(r.Include) > 0 {
		p["include"] = r.Include
	}
	maps.Copy(p, r.Extra)
	return p, nil
}

// Transcript is the text of a recording.
type Transcript struct {
	*client.Response
	text string // of a response that is not JSON
}

// maxTranscript bounds a transcript that is not JSON.
const maxTranscript = 64 << 20

// Text is the text, or the subtitles in the format that was asked for.
func (t *Transcript) Text() string {
	if t.IsJSON() {
		return t.Get("text").String()
	}
	return t.text
}

// Language is the language of the recording, where the format has it.
func (t *Transcript) Language() string { return t.Get("language").String() }

// Duration is the length of the recording, where the format has it.
func (t *Transcript) Duration() time.Duration { return seconds(t.Get("duration")) }

// Segment is a part of a transcript.
type Segment struct {
	Start, End time.Duration
	Text       string
	Speaker    string // "A", or a name that the request gave; "" where speakers are not told apart
	Raw        json.RawMessage
}

// Segments are the parts of the transcript, where the request asks for them.
func (t *Transcript) Segments() []Segment {
	var segments []Segment
	for _, s := range t.Get("segments").Array() {
		segments = append(segments, segmentOf(s))
	}
	return segments
}

func segmentOf(s gjson.Result) Segment {
	return Segment{
		Start: seconds(s.Get("start")), End: seconds(s.Get("end")),
		Text: s.Get("text").String(), Speaker: s.Get("speaker").String(), Raw: json.RawMessage(s.Raw),
	}
}

// Word is a word of a transcript.
type Word struct {
	Start, End time.Duration
	Text       string
}

// Words are the words of the transcript, where the request asks for them.
func (t *Transcript) Words() []Word {
	var words []Word
	for _, w := range t.Get("words").Array() {
		words = append(words, Word{Start: seconds(w.Get("start")), End: seconds(w.Get("end")), Text: w.Get("word").String()})
	}
	return words
}

// seconds reads a number of seconds.
func seconds(v gjson.Result) time.Duration {
	n := v.Float() * float64(time.Second)
	if !(n > 0 && n < float64(1<<62)) {
		return 0
	}
	return time.Duration(n)
}

// Transcribe returns the text of a recording: Call of createTranscription. A file that
// cannot be read is a *client.FileError, a response without a text a
// *client.ResponseError; the text of silence is empty.
func (c *Client) Transcribe(ctx context.Context, req TranscribeRequest, opts ...client.CallOption) (*Transcript, error) {
	return c.transcribe(ctx, "createTranscription", req, opts)
}

// Translate returns the text of a recording in English: Call of createTranslation.
func (c *Client) Translate(ctx context.Context, req TranscribeRequest, opts ...client.CallOption) (*Transcript, error) {
	return c.transcribe(ctx, "createTranslation", req, opts)
}

func (c *Client) transcribe(ctx context.Context, operation string, req TranscribeRequest, opts []client.CallOption) (*Transcript, error) {
	var u uploads
	defer u.close()
	params, err := req.params(operation, &u)
	if err != nil {
		return nil, err
	}
	return transcript(c.Call(ctx, operation, params, opts...))
}

// transcript reads the text of a response.
func transcript(r *client.Response, err error) (*Transcript, error) {
	if r == nil {
		return nil, err
	}
	t := &Transcript{Response: r}
	switch {
	case err != nil:
		return t, err
	case r.IsJSON() && r.Get("text").Type != gjson.String:
		return t, missing(r, "text", "a text")
	case r.IsJSON():
		return t, nil
	case isText(r):
		return t, missing(r, "text", "a text")
	}
	body := r.Body()
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, maxTranscript+1))
	if err == nil && len(text) > maxTranscript {
		err = fmt.Errorf("%s: got a text of more than %d bytes", r.Operation().ID, maxTranscript)
	}
	t.text = string(text)
	return t, err
}

// TranscribeStream returns the text of a recording while it is found: Stream of
// createTranscription. The file is in memory until it returns.
func (c *Client) TranscribeStream(ctx context.Context, req TranscribeRequest, opts ...client.CallOption) (*TranscriptStream, error) {
	const operation = "createTranscription"
	file, err := req.File.inMemory()
	if err != nil {
		return nil, &client.FileError{Operation: operation, Field: "file", Name: req.File.path, Err: err}
	}
	req.File = file
	params, err := req.params(operation, &uploads{})
	if err != nil {
		return nil, err
	}
	s, err := c.Stream(ctx, operation, params, append([]client.CallOption{client.WithStreamAccumulation()}, opts...)...)
	if err != nil {
		return nil, err
	}
	return &TranscriptStream{s}, nil
}

// TranscriptStream is a text that is found piece by piece: Text yields the pieces.
type TranscriptStream struct{ *client.Stream }

// Final reads the stream to its end and returns what Transcribe would have returned,
// with the errors of client.Stream.Final.
func (s *TranscriptStream) Final() (*Transcript, error) { return transcript(s.Stream.Final()) }
