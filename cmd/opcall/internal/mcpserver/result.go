package mcpserver

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// maxError bounds the text of an error, in bytes.
const maxError = 8_000

// failed is the result of a call that went wrong.
func failed(err error) *mcp.CallToolResult {
	return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: whole(explain(err), maxError)}}}
}

// explain is an error in words that help a model: no option of Go and no flag is among
// its means.
func explain(err error) string {
	var invalid *schema.ValidationError
	var refused *client.APIError
	switch {
	case errors.As(err, &refused):
		return "the server responded with an error: " + err.Error()
	case !errors.As(err, &invalid):
		return exit.Text(err)
	}
	var b strings.Builder
	for line := range strings.Lines(err.Error()) {
		if before, _, ok := strings.Cut(line, ", want a file"); ok && strings.Contains(line, "client.File") {
			line = before + ", want a file; files cannot be sent over MCP\n"
		} else if before, _, ok := strings.Cut(line, ", want files"); ok && strings.Contains(line, "client.File") {
			line = before + ", want files; files cannot be sent over MCP\n"
		}
		b.WriteString(strings.Replace(line, " and use Stream, which sets it", ", as streams are not for MCP", 1))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// result is a response as text: a part of it where a path selects one.
func (a *api) result(r *client.Response, path string) (string, error) {
	if !r.IsJSON() {
		return a.other(r, path)
	}
	raw := a.client.Masked(string(r.Raw()))
	if path == "" {
		return a.cut(raw, "select a part of it. It has: "+outline(gjson.Parse(raw))), nil
	}
	found := gjson.Get(raw, path)
	if !found.Exists() {
		return "", fmt.Errorf("select %.200q leads nowhere in the response (gjson syntax; data.#.id, choices.0.message). It has: %s", path, outline(gjson.Parse(raw)))
	}
	text := found.Raw
	if text == "" {
		text = found.String() // what a modifier made
	}
	return a.cut(text, "select less. It has: "+outline(found)), nil
}

// other is a response that is not JSON: its text, or what kind of bytes it has.
func (a *api) other(r *client.Response, path string) (string, error) {
	if path != "" {
		return "", fmt.Errorf("select: the response is %s, and not JSON", kindOfMedia(r))
	}
	body := r.Body()
	defer body.Close()
	head, err := io.ReadAll(io.LimitReader(body, int64(a.maxBytes)+1))
	if err != nil {
		return "", err
	}
	complete := len(head) <= a.maxBytes
	if len(head) == 0 {
		return fmt.Sprintf("status %d, an empty response", r.StatusCode()), nil
	}
	if text := trimRune(head); utf8.Valid(text) && !slices.Contains(text, 0) {
		shown := a.client.Masked(string(head))
		if complete {
			return shown, nil
		}
		return fmt.Sprintf("%s\n… cut: this is the beginning, the response has more than %d bytes; the rest is not shown", trimRune([]byte(shown)), a.maxBytes), nil
	}
	size := fmt.Sprint(len(head), " bytes")
	if !complete {
		size = fmt.Sprintf("more than %d bytes", a.maxBytes)
	}
	return fmt.Sprintf("status %d, %s of %s, which are not shown", r.StatusCode(), size, kindOfMedia(r)), nil
}

// kindOfMedia is the media type of a response, fit for a message.
func kindOfMedia(r *client.Response) string {
	name, _, err := mime.ParseMediaType(r.MediaType())
	if err != nil {
		return "no media type"
	}
	return printable(name, 80)
}

// cut bounds a text. What was cut is said, and what to do.
func (a *api) cut(text, remedy string) string {
	if len(text) <= a.maxBytes {
		return text
	}
	return fmt.Sprintf("%s\n… cut: this is the beginning, %d of %d bytes; %s", trimRune([]byte(text[:a.maxBytes])), a.maxBytes, len(text), whole(remedy, 1_000))
}

// outline says what a JSON value has, in a few words: "object string, data array of 100".
func outline(v gjson.Result) string {
	switch {
	case v.IsArray():
		items := jsonscan.List(v.Raw)
		if len(items) == 0 {
			return "an empty array"
		}
		return fmt.Sprintf("an array of %d, the first %s", len(items), short(gjson.Parse(items[0])))
	case !v.IsObject():
		return short(v)
	}
	var parts []string
	v.ForEach(func(name, value gjson.Result) bool {
		parts = append(parts, printable(name.String(), 60)+" "+short(value))
		return len(parts) < 30
	})
	return strings.Join(parts, ", ")
}

// short names the kind of a JSON value.
func short(v gjson.Result) string {
	switch {
	case v.IsArray():
		return fmt.Sprintf("array of %d", len(jsonscan.List(v.Raw)))
	case v.IsObject():
		var names []string
		v.ForEach(func(name, _ gjson.Result) bool {
			names = append(names, printable(name.String(), 40))
			return len(names) < 12
		})
		return "{" + strings.Join(names, " ") + "}"
	}
	return strings.ToLower(v.Type.String())
}

// whole bounds a text of several lines.
func whole(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return string(trimRune([]byte(text[:limit]))) + "…"
}

// trimRune takes off what a cut has left of a character.
func trimRune(text []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if c := text[len(text)-n]; utf8.RuneStart(c) {
			if !utf8.FullRune(text[len(text)-n:]) {
				return text[:len(text)-n]
			}
			break
		}
	}
	return text
}

// printable makes a text of the document or the server one line of bounded length.
func printable(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	return whole(text, limit)
}
