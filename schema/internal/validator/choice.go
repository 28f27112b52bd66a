package validator

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/near"
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
// of a union. They are read once, and shared by all messages about the place.
// The texts are made once, as a message about a wrong value shows the same list every
// time, and a client that is wrong is wrong often.
type choices struct {
	strings []string
	quoted  []string // the first maxWanted of strings, as they are shown
	others  []string // values that are not strings, or types
	want    string   // all of them, for Problem.Want
	shown   string   // the first of them, for messages about a value that none is near

	once sync.Once
	near *near.List // the first maxNearest of strings, see prepared
}

// newChoices makes the choices of known strings and others, without repeats: branches
// of a union often list the same value.
func newChoices(known, others []string) *choices {
	var different set[string]
	for _, value := range known {
		// Two branches of a union may name one value, as "type":"message" of an input and
		// of an output.
		different.add(value)
	}
	c := &choices{strings: different.list, others: others}
	c.quoted = QuotedAll(c.strings[:min(len(c.strings), maxWanted)])
	// A list for programs is cut too: an enum can be as large as the document.
	all := slices.Concat(c.quoted, others[:min(len(others), maxWanted-len(c.quoted))])
	c.want, c.shown = strings.Join(all, ", "), string(c.appendList(nil, nil))
	return c
}

// enumChoices returns the choices of the keyword enum, by its text. A client that sends
// one wrong value tends to send it again, so they are kept. There are no more than the
// document has enums, as the key is a text of the document.
func (g *Graph) enumChoices(list string) *choices {
	g.choicesMu.Lock()
	defer g.choicesMu.Unlock()
	c := g.choices[list]
	if c == nil {
		c = readEnum(list)
		if g.choices == nil {
			g.choices = make(map[string]*choices)
		}
		g.choices[list] = c
	}
	return c
}

// readEnum reads the keyword enum. Null is listed only where there is nothing else:
// an enum with null makes a value optional, which is seldom the mistake.
func readEnum(list string) *choices {
	var known, others []string
	null := "nothing"
	for _, item := range jsonscan.Items(list) {
		switch {
		case item[0] == '"':
			known = append(known, jsonscan.String(item))
		case item == "null":
			null = item
		default:
			others = append(others, printable(bounded(item, maxShown)))
		}
	}
	// An enum of null alone, or an empty one, which accepts nothing (Validation §6.1.2).
	if known == nil && others == nil {
		others = []string{null}
	}
	return newChoices(known, others)
}

// prepared returns the strings as they are searched for one that is near. Many wrong values
// are looked for in one enum, so what the search needs of its strings is made once.
func (c *choices) prepared() *near.List {
	c.once.Do(func() { c.near = near.NewList(c.strings[:min(len(c.strings), maxNearest)]) })
	return c.near
}

// appendTo lists the values, those first that are nearest, which are values of c.strings.
func (c *choices) appendTo(l line, nearest []string) line {
	// Most wrong values are near to nothing, and take the list as it is.
	if len(nearest) == 0 {
		return l.text(c.shown)
	}
	return c.appendList(l, nearest)
}

func (c *choices) appendList(l line, nearest []string) line {
	if len(c.strings) == 0 {
		return l.choice(c.others, len(c.others))
	}
	var buf [maxChoices]string
	// The near ones go first: of eight that are shown, they must be among them.
	first := buf[:0]
	for _, value := range nearest {
		first = append(first, c.quotedOf(value))
	}
	// The others follow in the order of the document.
	for i, quoted := range c.quoted {
		if len(first) == maxChoices {
			break
		}
		if !slices.Contains(nearest, c.strings[i]) {
			first = append(first, quoted)
		}
	}
	l = l.choice(first, len(c.strings))
	for _, other := range c.others[:min(len(c.others), maxChoices)] {
		l = l.text(" or ", other)
	}
	return l
}

// quotedOf returns a value as it is shown. A near one is nearly always among those that have
// been quoted; beyond maxWanted it is quoted again.
func (c *choices) quotedOf(value string) string {
	if i := slices.Index(c.strings[:len(c.quoted)], value); i >= 0 {
		return c.quoted[i]
	}
	return Quoted(value)
}

// choice appends the first of so many values, eight at most.
func (l line) choice(values []string, of int) line {
	values = values[:min(maxChoices, len(values))]
	if of > 1 {
		l = l.text("one of ")
	}
	for i, value := range values {
		if i > 0 {
			l = l.text(", ")
		}
		l = l.text(value)
	}
	if more := of - len(values); more > 0 {
		l = strconv.AppendInt(l.text(" or "), int64(more), 10)
		l = l.text(" more")
	}
	return l
}

// OneOf lists accepted values for a message, the nearest first.
func OneOf(values, nearest []string) string {
	return string(newChoices(values, nil).appendTo(nil, nearest))
}
