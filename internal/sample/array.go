package sample

import (
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// arrayScope is what one schema object says of items.
type arrayScope struct {
	prefix    []string
	items     string // "" when not given
	component string
}

func (c *conjunction) addArray(a *arrayScope, key, value string) {
	switch key {
	case "items":
		a.items = value
	case "prefixItems":
		a.prefix = jsonscan.List(value)
	case "contains":
		c.contains = append(c.contains, place{value, a.component})
	case "minContains":
		c.minContains = max(c.minContains, count(value))
	case "minItems":
		c.minItems = max(c.minItems, count(value))
	case "maxItems":
		c.maxItems = lower(c.maxItems, count(value))
	case "uniqueItems":
		c.unique = c.unique || value == "true"
	}
}

// array makes an array: as many items as there must be and, in full, one of
// each kind.
func (g *generator) array(l location, c *conjunction) (string, bool) {
	least := max(c.minItems, 0)
	if len(c.contains) > 0 {
		least = max(least, c.minContains, 1)
	}
	if c.maxItems >= 0 && least > c.maxItems {
		return g.fail(l, "at least %d items are asked for, and at most %d", least, c.maxItems)
	}
	wanted := least
	if l.full || g.typical && l.depth < maxListDepth && g.nodes <= maxTypical {
		wanted = max(least, 1)
	}
	if l.full {
		for _, a := range c.arrays {
			wanted = max(wanted, len(a.prefix))
		}
	}
	if c.maxItems >= 0 {
		wanted = min(wanted, c.maxItems)
	}
	var items []string
	for i := range wanted {
		add := func() bool {
			item, ok := g.item(l, c, i, items)
			if ok {
				items = append(items, item)
			}
			return ok
		}
		switch {
		case i < least && !add():
			return "", false
		case i >= least && !g.optional(l.child(strconv.Itoa(i)), add):
			return list(items), true
		}
	}
	return list(items), true
}

func list(items []string) string { return "[" + strings.Join(items, ",") + "]" }

// maxVariations is how many values are made to find one that is not yet among
// the items.
const maxVariations = 64

// item makes the i-th item. Where items have to differ it begins with the i-th
// of the values that it might have.
func (g *generator) item(l location, c *conjunction, i int, before []string) (string, bool) {
	at := l.child(strconv.Itoa(i))
	at.present, at.index = true, i
	if g.typical {
		at.hint = hintOf(l, c) // of an object; other hints are the whole list
	}
	places := c.item(i)
	if !c.unique {
		return g.value(at, places...)
	}
	for n := range maxVariations {
		at.vary = i + n
		text, ok := g.value(at, places...)
		if !ok {
			return "", false
		}
		if !slices.ContainsFunc(before, func(other string) bool { return jsonvalue.EqualText(other, text) }) {
			return text, true
		}
	}
	return g.fail(at, "the items have to differ, and no other value is known")
}

// item returns the schemas that the i-th item has to satisfy.
func (c *conjunction) item(i int) []place {
	var places []place
	for _, a := range c.arrays {
		switch {
		case i < len(a.prefix):
			places = append(places, place{a.prefix[i], a.component})
		case a.items != "":
			places = append(places, place{a.items, a.component})
		}
	}
	if i < max(c.minContains, 1) {
		places = append(places, c.contains...)
	}
	return places
}
