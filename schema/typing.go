package schema

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/jsonscan"
)

// This file finds the schema of a part of a value in the compiled graph, the
// one that Validate walks too: what was built for one serves the other.

// search walks the schema objects that apply to a value, the nearest first: that
// of its place, and through it those of $ref, allOf and the branches taken. It
// stops at the first that says something about the part it is after.
type search struct {
	text  string // of the value
	after part
	name  string // of a member
	index int    // of an item
	seen  []*jsonschema.Schema
}

// part is what a search is after.
type part int

const (
	nothing part = iota // everything is walked, and remembered
	aMember
	anItem
)

// applying returns every schema object that applies to a value.
func applying(n *jsonschema.Schema, text string) *search {
	s := &search{text: text}
	s.walk(n)
	return s
}

// memberNode returns the schema of a member of the object text, nil when
// nothing is said of it.
func memberNode(n *jsonschema.Schema, text, name string) *jsonschema.Schema {
	var buf [8]*jsonschema.Schema
	s := search{text: text, after: aMember, name: name, seen: buf[:0]}
	if found := s.walk(n); found != nil {
		return found
	}
	return s.other()
}

// itemNode returns the schema of an item of the array text.
func itemNode(n *jsonschema.Schema, text string, index int) *jsonschema.Schema {
	var buf [8]*jsonschema.Schema
	s := search{text: text, after: anItem, index: index, seen: buf[:0]}
	return s.walk(n)
}

// walk returns the schema of the part. Unions come last, as choosing a branch
// has to read the value.
func (s *search) walk(n *jsonschema.Schema) *jsonschema.Schema {
	if n == nil || slices.Contains(s.seen, n) {
		return nil
	}
	s.seen = append(s.seen, n)
	if found := s.in(n); found != nil {
		return found
	}
	if found := s.walk(referred(n)); found != nil {
		return found
	}
	for _, conjunct := range n.AllOf {
		if found := s.walk(conjunct); found != nil {
			return found
		}
	}
	for _, keyword := range unionKeywords {
		if found := s.walk(branchTaken(n, keyword, s.text)); found != nil {
			return found
		}
	}
	return nil
}

func (s *search) in(n *jsonschema.Schema) *jsonschema.Schema {
	switch s.after {
	case aMember:
		return declaredMember(n, s.name)
	case anItem:
		return declaredItem(n, s.index)
	}
	return nil
}

// member returns the schema of a member from what has been walked.
func (s *search) member(name string) *jsonschema.Schema {
	for _, n := range s.seen {
		if found := declaredMember(n, name); found != nil {
			return found
		}
	}
	return s.other()
}

// item returns the schema of an item from what has been walked.
func (s *search) item(index int) *jsonschema.Schema {
	for _, n := range s.seen {
		if found := declaredItem(n, index); found != nil {
			return found
		}
	}
	return nil
}

// other is the schema of members without one of their own.
func (s *search) other() *jsonschema.Schema {
	for _, n := range s.seen {
		if additional, ok := n.AdditionalProperties.(*jsonschema.Schema); ok {
			return additional
		}
	}
	return nil
}

func declaredMember(n *jsonschema.Schema, name string) *jsonschema.Schema {
	if found := n.Properties[name]; found != nil {
		return found
	}
	var found *jsonschema.Schema
	first := "" // of the patterns that match
	for pattern, s := range n.PatternProperties {
		if pattern.MatchString(name) && (found == nil || pattern.String() < first) {
			found, first = s, pattern.String()
		}
	}
	return found
}

func declaredItem(n *jsonschema.Schema, index int) *jsonschema.Schema {
	if index < len(n.PrefixItems) {
		return n.PrefixItems[index]
	}
	return n.Items2020
}

var unionKeywords = [...]string{"anyOf", "oneOf"}

// referred returns what a schema object's $ref names.
func referred(n *jsonschema.Schema) *jsonschema.Schema {
	if n.Ref != nil {
		return n.Ref
	}
	if lazy, ok := n.Extensions["$ref"].(*lazyReference); ok {
		if target, err := lazy.resolve(); err == nil {
			return target
		}
	}
	return nil
}

// componentOf names the component that a value is an instance of: the last one
// on the way through references and unions.
func componentOf(n *jsonschema.Schema, text string) string {
	name := ""
	var way []*jsonschema.Schema
	for n != nil && text != "" && !slices.Contains(way, n) {
		way = append(way, n)
		if own, ok := componentAt(n); ok {
			name = own
		}
		next := referred(n)
		if next == nil && len(n.AllOf) == 1 && n.Properties == nil {
			next = n.AllOf[0] // a reference in the manner of OpenAPI 3.0
		}
		for _, keyword := range unionKeywords {
			if next == nil {
				next = branchTaken(n, keyword, text)
			}
		}
		n = next
	}
	return name
}

// componentAt names the component that a schema object is the whole of.
func componentAt(n *jsonschema.Schema) (string, bool) {
	name, ok := strings.CutPrefix(n.Location, "#/components/schemas/")
	if !ok || strings.IndexByte(name, '/') >= 0 {
		return "", false
	}
	return jsonscan.UnescapeToken(name), true
}

// branchTaken returns the branch of a schema object's union that a value takes.
func branchTaken(n *jsonschema.Schema, keyword, text string) *jsonschema.Schema {
	u, ok := n.Extensions[keyword].(*union)
	if !ok {
		return nil
	}
	u.prepare()
	if text == "" {
		return nil
	}
	candidates := u.candidates(u.outline(text))
	switch len(candidates) {
	case 0:
		return nil
	case 1:
		return u.schemaOf(candidates[0])
	}
	return u.schemaOf(u.fitting(candidates, text))
}

// outline returns of a value what candidates looks at: its type, and the
// members that may be tags.
func (u *union) outline(text string) any {
	switch text[0] {
	case '{':
		object := make(map[string]any, 1)
		for key, value := range jsonscan.Members(text) {
			switch {
			case !u.isTag(key):
			case value[0] == '"':
				object[key] = jsonscan.String(value)
			default:
				object[key] = nil
			}
		}
		return object
	case '[':
		return []any(nil)
	case '"':
		return ""
	}
	v, err := parseInstance(text)
	if err != nil {
		return json.Number("0") // out of range, but a number
	}
	return v
}

func (u *union) isTag(name string) bool {
	for _, b := range u.branches {
		for i := range b.tags {
			if b.tags[i].name == name {
				return true
			}
		}
	}
	return false
}

// fitting picks from branches that pruning cannot tell apart as Validate does:
// the first that fits and declares every field, else the first that fits, else
// the one that the value is least far from.
func (u *union) fitting(candidates []*branch, text string) *branch {
	instance, err := parseInstance(text)
	if err != nil {
		return candidates[0]
	}
	object, _ := instance.(map[string]any)
	var fit *branch
	var attempts []attempt
	left := minSteps/10 + stepsPerByte/5*len(text)
	for _, b := range candidates[:min(len(candidates), maxAttempts)] {
		failures, fits := tries(u.schemaOf(b), instance, &left)
		switch {
		case !fits:
			attempts = append(attempts, attempt{branch: b, failures: failures})
		case object == nil || u.compiler.covers(b, object):
			return b
		case fit == nil:
			fit = b
		}
	}
	switch {
	case fit != nil:
		return fit
	case attempts != nil:
		return leastFar(attempts, u.compiler, object, 1).branch
	}
	return candidates[0]
}
