package clienttest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
)

// chatAudio is the spoken text of a chat completion whose request asks for audio, nil of
// any other.
func (t *turn) chatAudio() jsonObject {
	text := t.output.text(textPart)
	asked := false
	for _, modality := range t.req.Get("modalities").Array() {
		asked = asked || modality.String() == "audio"
	}
	if !asked || text == "" {
		return nil
	}
	mediaType := audioType(t.req.Get("audio.format").String())
	return jsonObject{
		{"id", "audio_test_" + t.number},
		{"expires_at", created + 3600},
		{"data", base64.StdEncoding.EncodeToString(specimen(mediaType))},
		{"transcript", valid(text)},
	}
}

// audioType is the media type of a format of audio, "mp3".
func audioType(format string) string {
	if format == "mp3" || format == "" {
		return "audio/mpeg"
	}
	return "audio/" + format
}

// speak hands out the deltas that audio comes in: its transcript, its bytes, how long it can
// be referred to.
func (t *turn) speak(audio jsonObject, say func(jsonObject)) {
	id := jsonObject{{"id", audio.text("id")}}
	for _, piece := range t.heard(audio.text("transcript")) {
		say(append(id, member{"transcript", piece}))
		id = nil
	}
	say(append(id, member{"data", audio.text("data")}))
	for _, m := range audio {
		if m.name == "expires_at" {
			say(jsonObject{m})
		}
	}
}

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
	t.plain = content{mediaType: "application/octet-stream", data: bytes.Repeat(specimen("audio/mpeg"), words)}
	if kind := audioType(t.req.Get("response_format").String()); kind != "audio/mpeg" {
		t.plain.data = specimen(kind)
	}
	return nil
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
	t.plain = content{mediaType: "text/plain; charset=utf-8"}
	switch format {
	case "verbose_json":
		t.plain = content{}
		return jsonObject{{"language", "english"}, {"duration", len(segments)}, text, {"segments", verbose(segments)}}
	case "srt":
		t.plain.data = []byte(subtitles(segments, ","))
	case "vtt":
		t.plain.data = []byte("WEBVTT\n\n" + subtitles(segments, "."))
	default:
		t.plain.data = []byte(t.output.text(textPart) + "\n")
	}
	return nil
}

// verbose returns the segments with what verbose_json says of each.
func verbose(segments []jsonObject) []jsonObject {
	list := []jsonObject{}
	for i, s := range segments {
		list = append(list, jsonObject{
			{"id", i},
			{"seek", 0},
			{"start", i},
			{"end", i + 1},
			{"text", s.text("text")},
			{"tokens", []int{}},
			{"temperature", 0},
			{"avg_logprob", 0},
			{"compression_ratio", 1},
			{"no_speech_prob", 0},
		})
	}
	return list
}

// subtitles writes segments of a second as SubRip and WebVTT do.
func subtitles(segments []jsonObject, point string) string {
	var b strings.Builder
	for i, s := range segments {
		stamp := func(second int) string {
			return fmt.Sprintf("%02d:%02d:%02d%s000", second/3600, second/60%60, second%60, point)
		}
		fmt.Fprintf(&b, "%d\n%s --> %s\n%s\n\n", i+1, stamp(i), stamp(i+1), s.text("text"))
	}
	return b.String()
}
