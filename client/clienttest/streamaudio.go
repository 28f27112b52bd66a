package clienttest

import (
	"encoding/base64"
	"fmt"
)

// speech speaks the output, or without one the input of the request: a moment of
// silence for each piece.
func (t *turn) speech() jsonObject {
	text := t.output.text(textPart)
	if text == "" || text == defaultText {
		text = t.req.Get("input").String()
	}
	words := max(1, len(pieces(text)))
	silence := base64.StdEncoding.EncodeToString(specimen("audio/mpeg"))
	for range words {
		t.emit("", jsonObject{{"type", "speech.audio.delta"}, {"audio", silence}})
	}
	if t.output.failure != nil {
		t.emitFailure()
		return nil
	}
	in := t.promptTokens()
	t.emit("", jsonObject{{"type", "speech.audio.done"}, {"usage", jsonObject{
		{"input_tokens", in}, {"output_tokens", words}, {"total_tokens", in + words},
	}}})
	return nil // the answer that is not streamed is no JSON
}

// transcription writes down the texts of the output. In diarized form each is a
// segment of a second, by the speakers A and B in turn.
func (t *turn) transcription() jsonObject {
	format := t.req.Get("response_format").String()
	diarized := format == "diarized_json"
	var segments []jsonObject
	for _, p := range t.output.parts {
		if p.kind != textPart {
			continue
		}
		id := fmt.Sprintf("seg_%03d", len(segments)+1)
		text := valid(p.text)
		for _, piece := range pieces(text) {
			delta := jsonObject{{"type", "transcript.text.delta"}, {"delta", piece}}
			if diarized {
				delta = append(delta, member{"segment_id", id})
			}
			t.emit("", delta)
		}
		segment := jsonObject{
			{"type", "transcript.text.segment"},
			{"id", id},
			{"start", len(segments)},
			{"end", len(segments) + 1},
			{"text", text},
			{"speaker", string("AB"[len(segments)%2])},
		}
		segments = append(segments, segment)
		if diarized {
			t.emit("", segment)
		}
	}
	if t.output.failure != nil {
		t.emitFailure()
		return nil
	}
	in, out := t.promptTokens(), t.output.tokens()
	text := member{"text", valid(t.output.text(textPart))}
	usage := member{"usage", jsonObject{
		{"type", "tokens"},
		{"input_tokens", in},
		{"input_token_details", jsonObject{{"text_tokens", 0}, {"audio_tokens", in}}},
		{"output_tokens", out},
		{"total_tokens", in + out},
	}}
	t.emit("", jsonObject{{"type", "transcript.text.done"}, text, usage})
	switch {
	case diarized:
		return jsonObject{{"task", "transcribe"}, {"duration", len(segments)}, text, {"segments", segments}, usage}
	case format == "" || format == "json":
		return jsonObject{text, usage}
	}
	return nil
}
