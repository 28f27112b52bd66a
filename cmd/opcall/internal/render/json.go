package render

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/internal/jsonscan"
)

// maxDepth is how deep JSON may be nested that is shown.
const maxDepth = 1000

// JSON writes a JSON text to Out and ends the line: on a terminal indented and in colour,
// else in one line as it is.
func JSON(t *terminal.IO, text []byte) error {
	if t.OutTerminal {
		return Indented(t.Out, text, t.Paint(t.Out))
	}
	return Compact(t.Out, text)
}

// Compact writes a JSON text without white space between its tokens, and ends the line.
func Compact(w io.Writer, text []byte) error {
	if err := jsonscan.Check(string(text), maxDepth); err != nil {
		return err
	}
	var b bytes.Buffer
	for token := range tokens(string(text)) {
		b.WriteString(token)
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}

// Indented writes a JSON text with a member or item per line, and ends the line. Numbers
// and the order of members are those of the text; characters that would control a
// terminal are escaped.
func Indented(w io.Writer, text []byte, p terminal.Painter) error {
	if err := jsonscan.Check(string(text), maxDepth); err != nil {
		return err
	}
	f := formatter{paint: p}
	var before string
	for token := range tokens(string(text)) {
		if before != "" {
			f.write(before, token)
		}
		before = token
	}
	f.write(before, "")
	f.b.WriteByte('\n')
	_, err := w.Write(f.b.Bytes())
	return err
}

// formatter writes tokens with the white space between them.
type formatter struct {
	b     bytes.Buffer
	paint terminal.Painter
	depth int
}

// write writes a token; next is the one behind it.
func (f *formatter) write(token, next string) {
	switch token[0] {
	case '{', '[':
		f.b.WriteString(token)
		if next != "}" && next != "]" {
			f.depth++
			f.line()
		}
		return
	case ',':
		f.b.WriteByte(',')
		f.line()
		return
	case ':':
		f.b.WriteString(": ")
		return
	case '}', ']':
		f.b.WriteString(token)
	default:
		f.b.WriteString(f.paint.Text(style(token, next), printable(token)))
	}
	if next == "}" || next == "]" {
		f.depth--
		f.line()
	}
}

func (f *formatter) line() {
	f.b.WriteByte('\n')
	for range f.depth {
		f.b.WriteString("  ")
	}
}

func style(token, next string) terminal.Style {
	switch {
	case token[0] == '"' && next == ":":
		return terminal.Blue
	case token[0] == '"':
		return terminal.Green
	case token[0] == 'n':
		return terminal.Faint
	}
	return terminal.Cyan
}

// printable escapes what a JSON string may hold as it is and a terminal may not show.
func printable(token string) string {
	if !strings.ContainsFunc(token, Unprintable) {
		return token
	}
	var b strings.Builder
	for i, r := range token {
		if Unprintable(r) {
			b.WriteString(escaped(r))
			continue
		}
		b.WriteString(token[i : i+utf8.RuneLen(r)])
	}
	return b.String()
}

// tokens yields the tokens of a JSON text that is valid.
func tokens(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for i := jsonscan.Space(text, 0); i < len(text); i = jsonscan.Space(text, i) {
			end := i + 1
			if !strings.ContainsRune("{}[],:", rune(text[i])) {
				end = jsonscan.Skip(text, i)
			}
			if !yield(text[i:end]) {
				return
			}
			i = end
		}
	}
}
