package sample

import (
	"errors"
	"slices"
	"strings"

	"github.com/opcall/opcall/schema"
)

// choice is a decision: which branch, which type, which of several values,
// whether an optional field is there.
type choice struct {
	at   schema.Pointer // in the instance
	took int
	of   int
}

// choose decides by trying: it takes the first alternative that make reports
// true for, beginning with the one that the script names. The trace then holds
// what was chosen, here and within make; where nothing fits it is as before.
func (g *generator) choose(l location, alternatives int, make func(i int) bool) bool {
	position, nodes := len(g.trace), g.nodes
	first := 0
	if position < len(g.script) {
		first = g.script[position]
	}
	for i := first; i < alternatives && g.steps < maxSteps; i++ {
		g.steps++
		g.trace = append(g.trace[:position], choice{l.at, i, alternatives})
		if make(i) {
			return true
		}
		// The script went on from a decision that is no more.
		g.script = g.script[:min(position, len(g.script))]
		g.nodes = nodes
	}
	g.trace = g.trace[:position]
	return false
}

// optional decides whether something is there: it is, unless there is no way to
// make it or a problem is blamed on it.
func (g *generator) optional(l location, make func() bool) (there bool) {
	g.choose(l, 2, func(i int) bool {
		there = i == 0 && make()
		return there || i == 1
	})
	return there
}

// reconsider writes the script of the next try: the decisions of the last one
// up to one that a problem is blamed on, which is taken otherwise. It reports
// false when none is left that could help. Scripts grow in lexical order, so
// that no try comes twice.
func (g *generator) reconsider(verdict error) bool {
	var invalid *schema.ValidationError
	if !errors.As(verdict, &invalid) {
		return false
	}
	// The earliest decision: what later ones have mended would be lost with it.
	earliest := len(g.trace)
	for _, p := range invalid.Problems {
		if i := g.blame(p.Pointer); i >= 0 {
			earliest = min(earliest, i)
		}
	}
	if earliest == len(g.trace) {
		return false
	}
	g.script = g.script[:0]
	for _, c := range g.trace[:earliest+1] {
		g.script = append(g.script, c.took)
	}
	g.script[earliest]++
	return true
}

// blame finds the decision to change for a problem: the last one at its
// location that has an alternative, else one above it, nearest first, else one
// below it: there, too, the nearest, and whether a field is there at all before
// what it is. It returns -1 where there is none.
func (g *generator) blame(at schema.Pointer) int {
	for above := at; ; above = above[:strings.LastIndexByte(string(above), '/')] {
		for i, c := range slices.Backward(g.trace) {
			if c.at == above && c.took+1 < c.of {
				return i
			}
		}
		if above == "" {
			break
		}
	}
	nearest, depth := -1, 0
	for i, c := range g.trace {
		below, ok := strings.CutPrefix(string(c.at), string(at)+"/")
		if !ok || c.took+1 >= c.of {
			continue
		}
		if n := strings.Count(below, "/"); nearest < 0 || n < depth {
			nearest, depth = i, n
		}
	}
	return nearest
}
