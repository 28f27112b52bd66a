package openai

import (
	"encoding/base64"
	"fmt"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// Part is one part of a message's content, in the form that chat completions
// have for it: Text, ImageURL and the other constructors of this file make the
// everyday ones, any other is written as the API wants it. A Part serves both
// APIs: RespondRequest writes {"type": "image_url", "image_url": {"url": …}} as
// {"type": "input_image", "image_url": …}, and ChatRequest the other way round. A
// Part of a type that has no counterpart is sent as it is.
type Part map[string]any

// Text returns a part of text.
func Text(text string) Part { return Part{"type": "text", "text": text} }

// ImageURL returns an image by its address, which may be a data: URL.
func ImageURL(url string) Part {
	return Part{"type": "image_url", "image_url": map[string]any{"url": url}}
}

// ImageBytes returns an image by its content: PNG, JPEG, GIF or WebP, which is
// told from its first bytes.
func ImageBytes(image []byte) Part {
	return ImageURL(dataURL(http.DetectContentType(image), image))
}

// ImageFile returns the image in a file, which is read at once.
func ImageFile(path string) (Part, error) {
	image, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return ImageBytes(image), nil
}

// AudioBytes returns sound in a format that the API takes, "wav" or "mp3". The
// Responses API has no such part.
func AudioBytes(audio []byte, format string) Part {
	return Part{"type": "input_audio", "input_audio": map[string]any{
		"data": base64.StdEncoding.EncodeToString(audio), "format": format,
	}}
}

// AudioFile returns the sound in a file, which is read at once. The format is
// the extension of its name.
func AudioFile(path string) (Part, error) {
	audio, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return AudioBytes(audio, strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))), nil
}

// UploadedFile returns a file that was uploaded, by its ID.
func UploadedFile(id string) Part {
	return Part{"type": "file", "file": map[string]any{"file_id": id}}
}

// FileBytes returns a file, such as a PDF, by its name and content.
func FileBytes(name string, content []byte) Part {
	mediaType := mime.TypeByExtension(filepath.Ext(name))
	if mediaType == "" {
		mediaType = http.DetectContentType(content)
	}
	return Part{"type": "file", "file": map[string]any{"filename": name, "file_data": dataURL(mediaType, content)}}
}

// LocalFile returns a file of the disk, which is read at once.
func LocalFile(path string) (Part, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return FileBytes(filepath.Base(path), content), nil
}

// dataURL writes content as RFC 2397 has it.
func dataURL(mediaType string, content []byte) string {
	return "data:" + mediaType + ";base64," + base64.StdEncoding.EncodeToString(content)
}

// maxFile is the size up to which a file is read into a request: base64 makes it
// a third larger, and the API takes 50 MB.
const maxFile = 64 << 20

// readFile reads a file that has an end.
func readFile(path string) ([]byte, error) {
	return readFileOf(os.Stat, os.ReadFile, path)
}

// readFileOf reads a file that fits into a request, by the functions of a file system.
func readFileOf(stat func(string) (fs.FileInfo, error), read func(string) ([]byte, error), path string) ([]byte, error) {
	info, err := stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: got %s, want a file", path, kindOfFile(info.Mode()))
	case info.Size() > maxFile:
		return nil, fmt.Errorf("%s: got %d bytes, want at most %d; upload it with createFile and use UploadedFile", path, info.Size(), maxFile)
	}
	return read(path)
}

func kindOfFile(mode os.FileMode) string {
	if mode.IsDir() {
		return "a directory"
	}
	return "a device, pipe or socket"
}

// twin is a kind of part that has a form in each API: its type and, in chat
// completions, the member that holds the fields.
type twin struct{ chat, member, response string }

var twins = []twin{
	{"text", "", "input_text"},
	{"image_url", "image_url", "input_image"},
	{"file", "file", "input_file"},
}

// forResponses writes parts as the input of the Responses API has them.
func forResponses(parts []Part) []Part { return eachPart(parts, Part.forResponses) }

// forChat writes parts as chat completions have them.
func forChat(parts []Part) []Part { return eachPart(parts, Part.forChat) }

func eachPart(parts []Part, write func(Part) Part) []Part {
	out := make([]Part, len(parts))
	for i, part := range parts {
		out[i] = write(part)
	}
	return out
}

func (p Part) forResponses() Part {
	for _, t := range twins {
		if p["type"] != t.chat {
			continue
		}
		out := maps.Clone(p)
		out["type"] = t.response
		if t.member == "" {
			return out
		}
		fields, ok := p[t.member].(map[string]any)
		if !ok { // validation says what is wrong with it
			return p
		}
		delete(out, t.member)
		maps.Copy(out, fields)
		if url, ok := out["url"]; ok && t.chat == "image_url" {
			delete(out, "url")
			out["image_url"] = url
		}
		return out
	}
	return p
}

func (p Part) forChat() Part {
	for _, t := range twins {
		if p["type"] != t.response {
			continue
		}
		if t.member == "" {
			out := maps.Clone(p)
			out["type"] = t.chat
			return out
		}
		fields := maps.Clone(map[string]any(p))
		delete(fields, "type")
		if url, ok := fields["image_url"]; ok && t.chat == "image_url" {
			delete(fields, "image_url")
			fields["url"] = url
		}
		return Part{"type": t.chat, t.member: fields}
	}
	return p
}

// texts joins the texts of parts, of which there may be others; each is the text
// of its API.
func texts(parts []Part) string {
	var text strings.Builder
	for _, part := range parts {
		switch part["type"] {
		case "text", "input_text", "output_text":
			if s, ok := part["text"].(string); ok {
				text.WriteString(s)
			}
		}
	}
	return text.String()
}
