package sample

import (
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema"
)

const (
	// maxNodes and maxFullDepth are where Full goes on as Minimal.
	maxNodes     = 2_000
	maxFullDepth = 12

	// maxDepth and maxTotal bound what must be there: required fields, items up
	// to minItems.
	maxDepth = 100
	maxTotal = 20_000
)

// location is where in the instance a value is made, and how.
type location struct {
	at    schema.Pointer
	depth int
	full  bool
	vary  int    // which of several values to begin with, so that items differ
	tag   string // what a discriminator has this string say, "" for none

	name    string // of the field, "" for an item and the whole
	index   int    // of the item, in a list
	hint    string // JSON text of what a typical instance has here, "" for nothing
	present bool   // not to be null without need
}

func (l location) child(token string) location {
	return location{at: l.at.Append(token), depth: l.depth + 1, full: l.full, vary: l.vary}
}

// frame is a location on the way from the root, and the schemas it was given.
type frame struct {
	places []place
	full   bool
}

// value makes the JSON text of one value that satisfies every one of the
// schemas. A location that stands below one with the very same schemas is a
// recursion: in full it goes on as minimal, and a minimal instance never needs
// one, as what is made here could have been made there.
func (g *generator) value(l location, places ...place) (string, bool) {
	g.nodes++
	l.full = l.full && l.depth < maxFullDepth && g.nodes <= maxNodes
	for _, f := range g.frames {
		if !slices.Equal(f.places, places) {
			continue
		}
		if !f.full {
			return g.fail(l, "a value here contains another of the same schema, without end")
		}
		l.full = false
	}
	if l.depth > maxDepth || g.nodes > maxTotal {
		return g.fail(l, "the instance grows past %d levels or %d values", maxDepth, maxTotal)
	}
	g.frames = append(g.frames, frame{places, l.full})
	defer func() { g.frames = g.frames[:len(g.frames)-1] }()
	c := newConjunction()
	for _, p := range places {
		c.add(g.doc, p)
	}
	return g.hinted(l, l.hint, func(l location) (string, bool) { return g.resolve(l, c) })
}

// resolve chooses a branch of each union, then makes the value.
func (g *generator) resolve(l location, c *conjunction) (text string, ok bool) {
	if why := c.impossible(); why != "" {
		return g.fail(l, "%s", why)
	}
	if len(c.unions) == 0 {
		return g.make(l, c)
	}
	u := c.unions[0]
	branches := g.nullFirst(l, c, u)
	ok = g.choose(l, len(branches), func(i int) bool {
		branch := branches[(i+l.vary)%len(branches)]
		d := c.clone()
		d.unions = d.unions[1:]
		d.add(g.doc, branch)
		if u.tag != "" {
			d.tags = append(d.tags, jsonscan.Field{Name: u.tag, Text: u.tagValue(branch)})
		}
		text, ok = g.resolve(l, d)
		return ok
	})
	if !ok {
		return g.fail(l, "no branch of a union can be satisfied")
	}
	return text, true
}

// make makes a value where no union is left: the first of an enum, else one of
// the first type that can be had.
func (g *generator) make(l location, c *conjunction) (text string, ok bool) {
	if c.hint != "" && l.hint == "" && c.hint[0] != '{' && c.admits(c.hint) {
		return g.hinted(l, c.hint, func(l location) (string, bool) { return g.makeFreely(l, c) })
	}
	return g.makeFreely(l, c)
}

// makeFreely is make where no hint is followed.
func (g *generator) makeFreely(l location, c *conjunction) (text string, ok bool) {
	if len(c.enums) > 0 {
		return g.enum(l, c)
	}
	kinds := c.kinds()
	if last := len(kinds) - 1; last > 0 && kinds[last] == jsonvalue.Null && g.prefersNull(l, c) {
		kinds = append([]jsonvalue.Kinds{jsonvalue.Null}, kinds[:last]...)
	}
	ok = g.choose(l, len(kinds), func(i int) bool {
		switch kinds[i] {
		case jsonvalue.Object:
			text, ok = g.object(l, c)
		case jsonvalue.Array:
			text, ok = g.array(l, c)
		case jsonvalue.String:
			if g.typical && l.tag == "" && isStatus(l.name) {
				l.tag = finished[0]
			}
			text, ok = g.scalar(l, c, c.strings(l.tag))
		case jsonvalue.Number, jsonvalue.Integer:
			text, ok = g.scalar(l, c, c.numbers(kinds[i]))
		case jsonvalue.Boolean:
			text, ok = g.scalar(l, c, func(yield func(string) bool) { _ = yield("false") && yield("true") })
		case jsonvalue.Null:
			text, ok = "null", true
		}
		return ok
	})
	return text, ok
}

func (g *generator) enum(l location, c *conjunction) (string, bool) {
	var list []string
	for _, value := range c.enums[0] {
		inAll := !slices.ContainsFunc(c.enums[1:], func(other []string) bool {
			return !slices.ContainsFunc(other, func(o string) bool { return jsonvalue.EqualText(o, value) })
		})
		if inAll && c.admits(value) {
			list = append(list, value)
		}
	}
	if g.typical && isStatus(l.name) {
		list = finishedFirst(list)
	}
	if len(list) == 0 {
		return g.fail(l, "no value of the enum is allowed by what stands beside it")
	}
	var text string
	ok := g.choose(l, len(list), func(i int) bool {
		text = list[(i+l.vary)%len(list)]
		return true
	})
	return text, ok
}

const (
	// maxScalars is how many values of a string or number are worth a try.
	maxScalars = 4

	// maxValues is how many of them are looked at to find some that may stand,
	// and about as many items may be asked for that all differ.
	maxValues = 200
)

// scalar takes the default if it may stand, else the first value of a sequence
// that may.
func (g *generator) scalar(l location, c *conjunction, values func(func(string) bool)) (string, bool) {
	var list []string
	enough := maxScalars + l.vary
	if c.fallback != "" && isScalar(c.fallback) && c.fallback != "null" && l.tag == "" && c.admits(c.fallback) {
		list = append(list, c.fallback)
	}
	for text := range values {
		if c.admits(text) && !slices.Contains(list, text) {
			list = append(list, text)
		}
		if len(list) == enough {
			break
		}
	}
	if l.vary < len(list) {
		list = list[l.vary:]
	}
	var text string
	ok := g.choose(l, len(list), func(i int) bool {
		text = list[i]
		return true
	})
	if !ok {
		return g.fail(l, "no value is known that satisfies bounds, lengths and patterns")
	}
	return text, ok
}

func isScalar(text string) bool { return text[0] != '{' && text[0] != '[' }

// impossible says why nothing can satisfy the conjunction, as far as that
// shows without trying.
func (c *conjunction) impossible() string {
	if c.nothing == "" && c.types == 0 {
		return "the types that the schemas ask for exclude each other"
	}
	return c.nothing
}

// admits reports whether a value of the document may stand here: its type and,
// for strings and numbers, their keywords. The rest is for the verdict to see.
func (c *conjunction) admits(text string) bool {
	kind := jsonvalue.KindOfText(text)
	if c.types&kind == 0 {
		return false
	}
	switch kind {
	case jsonvalue.String:
		return c.admitsString(jsonscan.String(text))
	case jsonvalue.Integer, jsonvalue.Fraction:
		return c.admitsNumber(text)
	}
	return true
}
