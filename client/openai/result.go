package openai

import (
	"encoding/json"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
)

// shown is how much of a response an error keeps.
const shown = 16 << 10

// missing makes the error of a response that lacks what it is asked for.
func missing(r *client.Response, member, want string) error {
	reason := "got a response without " + member + ", want " + want
	body := r.Raw()
	if !r.IsJSON() {
		reason = "got a response that is not JSON, want " + want
		r.Close()
	}
	return &client.ResponseError{
		Operation: r.Operation().ID, RequestID: r.RequestID(), StatusCode: r.StatusCode(), Header: r.Header(),
		Reason: reason, Body: body[:min(len(body), shown)],
	}
}

// Usage counts the tokens of a result. What it does not name, Get has:
// r.Get("usage.prompt_tokens_details").
type Usage struct {
	InputTokens     int64 // of the prompt, the cached ones included
	CachedTokens    int64 // read from the prompt cache
	CacheWrites     int64 // written to it
	OutputTokens    int64 // of the result, the reasoning included
	ReasoningTokens int64
	TotalTokens     int64

	InputAudioTokens         int64
	OutputAudioTokens        int64
	AcceptedPredictionTokens int64
	RejectedPredictionTokens int64
}

// usageOf reads the usage, whose members begin with one of two names in each API.
func usageOf(u gjson.Result, in, out string) Usage {
	count := func(path string) int64 { return u.Get(path).Int() }
	return Usage{
		InputTokens:              count(in + "_tokens"),
		CachedTokens:             count(in + "_tokens_details.cached_tokens"),
		CacheWrites:              count(in + "_tokens_details.cache_write_tokens"),
		OutputTokens:             count(out + "_tokens"),
		ReasoningTokens:          count(out + "_tokens_details.reasoning_tokens"),
		TotalTokens:              count("total_tokens"),
		InputAudioTokens:         count(in + "_tokens_details.audio_tokens"),
		OutputAudioTokens:        count(out + "_tokens_details.audio_tokens"),
		AcceptedPredictionTokens: count(out + "_tokens_details.accepted_prediction_tokens"),
		RejectedPredictionTokens: count(out + "_tokens_details.rejected_prediction_tokens"),
	}
}

// Add returns the sum of two counts.
func (u Usage) Add(other Usage) Usage {
	u.InputTokens += other.InputTokens
	u.CachedTokens += other.CachedTokens
	u.CacheWrites += other.CacheWrites
	u.OutputTokens += other.OutputTokens
	u.ReasoningTokens += other.ReasoningTokens
	u.TotalTokens += other.TotalTokens
	u.InputAudioTokens += other.InputAudioTokens
	u.OutputAudioTokens += other.OutputAudioTokens
	u.AcceptedPredictionTokens += other.AcceptedPredictionTokens
	u.RejectedPredictionTokens += other.RejectedPredictionTokens
	return u
}

// Annotation is a source that a text names: an address, or a file.
type Annotation struct {
	Type       string // "url_citation", "file_citation", …
	URL        string
	Title      string
	FileID     string
	Filename   string
	StartIndex int64 // of the text, in characters
	EndIndex   int64
	Raw        json.RawMessage // all of it
}

// annotationsOf reads a list of annotations. Chat completions hold the fields in
// a member that has the name of the type.
func annotationsOf(list gjson.Result) []Annotation {
	var out []Annotation
	for _, a := range list.Array() {
		fields := a
		for _, name := range [...]string{"url_citation", "file_citation", "container_file_citation", "file_path"} {
			if nested := a.Get(name); nested.IsObject() {
				fields = nested
			}
		}
		out = append(out, Annotation{
			Type: a.Get("type").String(), URL: fields.Get("url").String(), Title: fields.Get("title").String(),
			FileID: fields.Get("file_id").String(), Filename: fields.Get("filename").String(),
			StartIndex: fields.Get("start_index").Int(), EndIndex: fields.Get("end_index").Int(),
			Raw: json.RawMessage(a.Raw),
		})
	}
	return out
}

// Logprob is a token of a text with the logarithm of its probability.
type Logprob struct {
	Token   string
	Logprob float64
	Top     []Logprob       // the likeliest tokens at its place
	Raw     json.RawMessage // all of it
}

func logprobsOf(list gjson.Result) []Logprob {
	var out []Logprob
	for _, l := range list.Array() {
		token := logprobOf(l)
		for _, other := range l.Get("top_logprobs").Array() {
			token.Top = append(token.Top, logprobOf(other))
		}
		out = append(out, token)
	}
	return out
}

func logprobOf(l gjson.Result) Logprob {
	return Logprob{Token: l.Get("token").String(), Logprob: l.Get("logprob").Float(), Raw: json.RawMessage(l.Raw)}
}
