package accumulate_test

import (
	"encoding/base64"
	"testing"
)

func TestAccumulateTranscription(t *testing.T) {
	segment := func(id, start, end string) string {
		return `{"type":"transcript.text.segment","id":"` + id + `","start":` + start + `,"end":` + end + `,"text":"x","speaker":"A"}`
	}
	runSums(t, operationOf(t, "createTranscription"), map[string]sumCase{
		"text": {
			[]string{
				`{"type":"transcript.text.delta","delta":"Hi","logprobs":[{"token":"Hi","logprob":-1,"bytes":[72,105]}]}`, `{"type":"transcript.text.delta","delta":" you"}`,
				`{"type":"transcript.text.done","text":"Hi you.","logprobs":[],"usage":{"type":"tokens","input_tokens":1,"output_tokens":2,"total_tokens":3}}`,
			},
			`{"text":"Hi you.","logprobs":[],"usage":{"type":"tokens","input_tokens":1,"output_tokens":2,"total_tokens":3}}`, nil,
		},
		"cut off": {
			[]string{`{"type":"transcript.text.delta","delta":"Hi","logprobs":[{"token":"Hi","logprob":-1,"bytes":[72,105]}]}`, `{"type":"transcript.text.delta","delta":" you","logprobs":[{"token":" you","logprob":-1,"bytes":[]}]}`},
			`{"text":"Hi you","logprobs":[{"token":"Hi","logprob":-1,"bytes":[72,105]},{"token":" you","logprob":-1,"bytes":[]}]}`, nil,
		},
		"segments": {
			[]string{
				`{"type":"transcript.text.delta","delta":"x","segment_id":"s0"}`, segment("s0", "0", "1.5"), segment("s1", "1.5", "2.25"),
				`{"type":"transcript.text.done","text":"xx","usage":{"type":"tokens","input_tokens":1,"output_tokens":2,"total_tokens":3}}`,
			},
			`{"task":"transcribe","duration":2.25,"text":"xx","segments":[` + segment("s0", "0", "1.5") + `,` + segment("s1", "1.5", "2.25") + `],"usage":{"type":"tokens","input_tokens":1,"output_tokens":2,"total_tokens":3}}`, nil,
		},
		"segments alone": {
			[]string{segment("s0", "0", "1.5")},
			`{"task":"transcribe","duration":1.5,"text":"","segments":[` + segment("s0", "0", "1.5") + `]}`, nil,
		},
		"duration of the usage": {
			[]string{segment("s0", "0", "1.5"), `{"type":"transcript.text.done","text":"x","usage":{"type":"duration","seconds":3}}`},
			`{"task":"transcribe","duration":3,"text":"x","segments":[` + segment("s0", "0", "1.5") + `],"usage":{"type":"duration","seconds":3}}`, nil,
		},
		"types in the names": {
			[]string{`transcript.text.delta {"delta":"a"}`, `transcript.text.delta {"delta":"b"}`}, `{"text":"ab"}`, nil,
		},
		"not streamed": {[]string{`message {"text":"x"}`}, `{"text":"x"}`, nil},
	})
}

func TestImageEventsAddUpToTheLastImage(t *testing.T) {
	image := func(kind, data string) string {
		return `{"type":"` + kind + `","b64_json":"` + data + `","created_at":5,"size":"1024x1024","quality":"high","background":"auto","output_format":"png"`
	}
	usage := `,"usage":{"total_tokens":2,"input_tokens":1,"output_tokens":1,"input_tokens_details":{"text_tokens":1,"image_tokens":0}}`
	for id, kind := range map[string]string{"createImage": "image_generation", "createImageEdit": "image_edit"} {
		runSums(t, operationOf(t, id), map[string]sumCase{
			id + " complete": {
				[]string{image(kind+".partial_image", "AAAA") + `,"partial_image_index":0}`, image(kind+".completed", "BBBB") + usage + `}`},
				`{"data":[{"b64_json":"BBBB"}],"created":5,"size":"1024x1024","quality":"high","output_format":"png"` + usage + `}`, nil,
			},
			id + " two images": {
				[]string{image(kind+".completed", "AAAA") + `}`, image(kind+".partial_image", "XXXX") + `,"partial_image_index":0}`, image(kind+".completed", "BBBB") + usage + `}`},
				`{"data":[{"b64_json":"AAAA"},{"b64_json":"BBBB"}],"created":5,"size":"1024x1024","quality":"high","output_format":"png"` + usage + `}`, nil,
			},
			id + " cut off": {
				[]string{image(kind+".partial_image", "AAAA") + `,"partial_image_index":0}`, image(kind+".partial_image", "BBBB") + `,"partial_image_index":1}`},
				`{"data":[{"b64_json":"BBBB"}],"created":5,"size":"1024x1024","quality":"high","output_format":"png"}`, nil,
			},
			id + " not streamed": {[]string{`{"created":5,"data":[{"b64_json":"AAAA"}]}`}, `{"created":5,"data":[{"b64_json":"AAAA"}]}`, nil},
		})
	}
}

func TestAccumulateSpeech(t *testing.T) {
	text := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	audio := func(pieces ...string) (events []string) {
		for _, piece := range pieces {
			events = append(events, `{"type":"speech.audio.delta","audio":"`+piece+`"}`)
		}
		return events
	}
	whole := `{"audio":"` + text("some sound, that is") + `"}`
	runSums(t, operationOf(t, "createSpeech"), map[string]sumCase{
		"with usage": {
			append(audio(text("abc")), `{"type":"speech.audio.done","usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}`),
			`{"audio":"` + text("abc") + `","usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}`, nil,
		},
		"each piece padded":    {audio(text("some"), text(" sound"), text(", t"), text("h"), text("at is")), whole, nil},
		"cut anywhere":         {audio(text("some sound, that is")[:5], text("some sound, that is")[5:6], text("some sound, that is")[6:]), whole, nil},
		"slashes escaped":      {audio(`\/\/8=`, `\/\/8=`), `{"audio":"/////w=="}`, nil},
		"what is not base64":   {audio(`a\"=`, `\u0000b`), `{"audio":"a\"=\u0000b"}`, nil},
		"an empty piece":       {audio(text("some"), "", text(" sound, that is")), whole, nil},
		"types in the names":   {[]string{`speech.audio.delta {"audio":"` + text("some sound") + `"}`, `speech.audio.delta {"audio":"` + text(", that is") + `"}`}, whole, nil},
		"what is not a string": {[]string{`{"type":"speech.audio.delta","audio":null}`, `{"type":"speech.audio.delta","audio":7}`}, `{"audio":7}`, nil},
	})
}
