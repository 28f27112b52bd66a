package validator

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/opcall/opcall/internal/jsonscan"
)

// The accepted values of an enum or a tag may be hundreds. A message shows eight, those
// first that are near the value that was sent; Problem.Want lists more, for programs.

const (
	// maxChoices bounds the accepted values in a message.
	maxChoices = 8

	// maxWanted bounds those in Problem.Want.
	maxWanted = 100
)

// choices are the values that are accepted at a place: of an enum, or of the tag
// of a union.
type choices struct {
	strings []string
	others  []string // values that are not strings, or types
}

// newChoices makes the choices of known strings and others, without repeats: branches
// of a union often list the same value.
func newChoices(known, others []string) *choices {
	var all set[string]
	for _, value := range known {
		all.add(value)
	}
	return &choices{all.list, others}
}

// enumChoices reads the keyword enum. Null is listed only where there is nothing else:
// an enum with null makes a value optional, which is seldom the mistake.
func enumChoices(list string) *choices {
	var known, others []string
	null := "nothing"
	for _, item := range jsonscan.Items(list) {
		switch {
		case item[0] == '"':
			known = append(known, jsonscan.String(item))
		case item == "null":
			null = item
		default:
			others = append(others, bounded(item, maxShown))
		}
	}
	if known == nil && others == nil {
		others = []string{null}
	}
	return newChoices(known, others)
}

// all lists the values for Problem.Want.
func (c *choices) all() string {
	list := QuotedAll(c.strings[:min(len(c.strings), maxWanted)])
	return strings.Join(append(list, c.others[:min(len(c.others), maxWanted-len(list))]...), ", ")
}

// text lists the values, those first that are nearest.
func (c *choices) text(nearest []string) string {
	if len(c.strings) == 0 {
		return choice(c.others, len(c.others))
	}
	first := QuotedAll(nearest)
	for _, value := range c.strings {
		if len(first) == maxChoices {
			break
		}
		if !slices.Contains(nearest, value) {
			first = append(first, Quoted(value))
		}
	}
	text := choice(first, len(c.strings))
	if len(c.others) > 0 {
		text += " or " + strings.Join(c.others[:min(len(c.others), maxChoices)], " or ")
	}
	return text
}

// choice writes the first of so many values, eight at most.
func choice(values []string, of int) string {
	values = values[:min(maxChoices, len(values))]
	text := strings.Join(values, ", ")
	if more := of - len(values); more > 0 {
		text += " or " + strconv.Itoa(more) + " more"
	}
	if of > 1 {
		return "one of " + text
	}
	return text
}

// OneOf lists accepted values for a message, the nearest first.
func OneOf(values, nearest []string) string { return newChoices(values, nil).text(nearest) }

// printable escapes what would change the line that a text is printed in: control
// characters, line ends and marks that change the direction of text.
func printable(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRune(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

// Printable returns a pointer for a message: escaped, and cut where it is long.
func Printable(pointer string, limit int) string {
	text := printable(pointer[:min(len(pointer), limit)])
	if len(text) > limit || len(pointer) > limit {
		return strings.ToValidUTF8(text[:min(len(text), limit)], "") + "…"
	}
	return text
}
