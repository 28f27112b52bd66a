package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

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
	quoted  []string // the same
	others  []string // values that are no strings, or types
	all     string   // for Problem.Want
}

func newChoices(known, others []string) *choices {
	c := &choices{others: others}
	seen := make(map[string]bool, len(known))
	for _, value := range known {
		if !seen[value] {
			seen[value] = true
			c.strings, c.quoted = append(c.strings, value), append(c.quoted, quoted(value))
		}
	}
	all := slices.Concat(c.quoted, others)
	c.all = strings.Join(all[:min(len(all), maxWanted)], ", ")
	return c
}

// enumChoices reads the keyword enum. Of null it speaks only where there is
// nothing else.
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

// text lists the values, those first that are nearest.
func (c *choices) text(nearest []string) string {
	if len(c.strings) == 0 {
		return choice(c.others, len(c.others))
	}
	first := quotedAll(nearest)
	for i, value := range c.strings {
		if len(first) == maxChoices {
			break
		}
		if !slices.Contains(nearest, value) {
			first = append(first, c.quoted[i])
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
		text += fmt.Sprintf(" or %d more", more)
	}
	if of > 1 {
		return "one of " + text
	}
	return text
}

// list writes accepted values, the nearest first.
func list(values, nearest []string) string { return newChoices(values, nil).text(nearest) }
