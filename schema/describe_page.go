package schema

import (
	"slices"
	"strings"
	"unicode"
)

// textWidth is where the text of a description is wrapped, in characters.
const textWidth = 100

// page is text under way. It knows columns and lines, and nothing of schemas: what is
// written to it is plain already.
// Escaping is left to the caller, who knows which texts come from the document.
type page struct{ b strings.Builder }

// maxWidth bounds a line, in bytes, where names of any length stand in it.
// Beyond it a line is cut. Wrapping does not help there: the name of a field is one word.
const maxWidth = 1000

func (p *page) line(indent int, text string) {
	p.b.WriteString(strings.TrimRight(strings.Repeat(" ", indent)+bounded(text, maxWidth), " ") + "\n")
}

// A heading has an empty line before it, and no underline: what is copied from a terminal
// into an issue stays readable.
func (p *page) heading(text string) { p.b.WriteString("\n" + bounded(text, maxWidth) + "\n") }

// paragraph writes text wrapped, each line indented.
func (p *page) paragraph(indent int, text string) {
	if text != "" {
		p.row(indent, "", 0, text)
	}
}

// row writes a name and, in a column of its own, text wrapped. Where the name reaches
// into the column the text follows it on the same line, unless its first word would not
// fit there. A word is never cut, however long.
func (p *page) row(indent int, name string, column int, text string) {
	line := strings.Repeat(" ", indent) + name
	start := indent + column
	words := strings.Fields(text)
	switch gap := start - width(line); {
	case column == 0:
	case gap > 0:
		line += strings.Repeat(" ", gap)
	case len(words) > 0 && width(line)+2+width(words[0]) > textWidth:
		p.line(0, line)
		line = strings.Repeat(" ", start)
	default:
		line += "  "
	}
	for i, word := range words {
		switch {
		case i == 0:
		case width(line)+1+width(word) > textWidth:
			p.line(0, line)
			line = strings.Repeat(" ", start)
		default:
			line += " "
		}
		line += word
	}
	p.line(0, line)
}

// width counts characters, not columns of a terminal: East Asian text takes two columns
// for each, and its lines come out longer.
func width(s string) int { return len([]rune(s)) }

// plain replaces what would not print, or not stay on its line. Escapes, as messages
// have them, would be read as a part of a name; one sign for each keeps the width.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, s)
}

// when keeps the conditions of a line inside of the expression that writes it.
func when(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}

// joined puts commas between the texts that are not empty.
func joined(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), ", ")
}
