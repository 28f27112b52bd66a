package render

import (
	"bytes"
	"io"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// YAML writes a JSON text as YAML 1.2 in block style. It is the same value: numbers keep
// their digits, members their order, and a string that YAML would take for something else
// is quoted as in JSON, which YAML 1.2 includes.
func YAML(w io.Writer, text []byte) error {
	if err := jsonscan.Check(string(text), maxDepth); err != nil {
		return err
	}
	var y yamlWriter
	y.value(strings.TrimSpace(string(text)), 0)
	_, err := w.Write(y.b.Bytes())
	return err
}

type yamlWriter struct{ b bytes.Buffer }

// value writes a value from where the line stands, and ends the line. Parts of it stand
// on lines of their own, indented by depth.
func (y *yamlWriter) value(text string, depth int) {
	switch {
	case text[0] == '{' && jsonscan.Space(text, 1) < len(text)-1:
		y.members(text, depth)
	case text[0] == '[' && jsonscan.Space(text, 1) < len(text)-1:
		y.items(text, depth)
	case text[0] == '{':
		y.b.WriteString("{}\n")
	case text[0] == '[':
		y.b.WriteString("[]\n")
	case text[0] == '"':
		y.text(text, depth)
	default:
		y.b.WriteString(text + "\n")
	}
}

func (y *yamlWriter) members(object string, depth int) {
	first := true
	for name, value := range jsonscan.Members(object) {
		y.margin(depth, first)
		first = false
		y.b.WriteString(yamlKey(name) + ":")
		y.below(value, depth)
	}
}

func (y *yamlWriter) items(array string, depth int) {
	first := true
	for _, item := range jsonscan.Items(array) {
		y.margin(depth, first)
		first = false
		y.b.WriteString("- ")
		y.value(item, depth+1)
	}
}

// below writes the value of a member: behind it where it is short, else on the lines
// below.
func (y *yamlWriter) below(value string, depth int) {
	nested := (value[0] == '{' || value[0] == '[') && jsonscan.Space(value, 1) < len(value)-1
	if !nested {
		y.b.WriteByte(' ')
		y.value(value, depth+1)
		return
	}
	y.b.WriteByte('\n')
	y.b.WriteString(strings.Repeat("  ", depth+1))
	y.value(value, depth+1)
}

// margin begins a line; the first of a block stands where the line is already.
func (y *yamlWriter) margin(depth int, first bool) {
	if !first {
		y.b.WriteString(strings.Repeat("  ", depth))
	}
}

// text writes a string: as a block where it has several lines that YAML keeps as they
// are, plainly where nothing else could be meant, else quoted.
func (y *yamlWriter) text(quoted string, depth int) {
	s := jsonscan.String(quoted)
	if block(s) {
		chomp := "-"
		if strings.HasSuffix(s, "\n") {
			chomp, s = "", strings.TrimSuffix(s, "\n")
		}
		y.b.WriteString("|" + chomp + "\n")
		for line := range strings.SplitSeq(s, "\n") {
			if line != "" {
				y.b.WriteString(strings.Repeat("  ", depth) + line)
			}
			y.b.WriteByte('\n')
		}
		return
	}
	y.b.WriteString(yamlText(s, quoted) + "\n")
}

// block reports whether a string may be written with the indicator | and its lines as
// they are (YAML 1.2 §8.1).
func block(s string) bool {
	return strings.Contains(strings.TrimSuffix(s, "\n"), "\n") && !strings.HasSuffix(s, "\n\n") &&
		!strings.HasPrefix(s, " ") && !strings.HasPrefix(s, "\n") &&
		!strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && !plainRune(r) })
}

func yamlKey(name string) string {
	var b bytes.Buffer
	b.Write(jsonscan.AppendString(nil, name))
	return yamlText(name, b.String())
}

// yamlText returns a string as a plain scalar where it begins with a letter, has nothing
// but letters, digits, spaces and a few signs, and is not a word that a reader of YAML 1.1 or
// 1.2 takes for a boolean or null; else the string in quotes.
func yamlText(s, quoted string) string {
	plain := s != "" && letter(s[0]) && !strings.HasSuffix(s, " ") && !reserved(strings.ToLower(s)) &&
		!strings.ContainsFunc(s, func(r rune) bool {
			return r >= 0x80 || !letter(byte(r)) && !strings.ContainsRune("0123456789 _-./", r)
		})
	if plain {
		return s
	}
	return printable(quoted)
}

// reserved reports whether a YAML reader takes a word for something else than a text.
func reserved(word string) bool {
	switch word {
	case "null", "true", "false", "yes", "no", "on", "off", "y", "n":
		return true
	}
	return false
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// plainRune reports whether a character stands for itself in a block.
func plainRune(r rune) bool {
	return r >= ' ' && r != 0x7f && r != 0xfeff && r != 0xfffd && r != 0x85 && r != 0x2028 && r != 0x2029 && !Unprintable(r)
}
