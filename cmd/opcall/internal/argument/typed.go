package argument

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema"
)

// maxDepth is how deep the JSON of a value may be nested.
const maxDepth = 256

// expected is what the document says of the place that a value goes to.
type expected struct {
	known bool // it says something
	types []string
	null  bool
	file  bool // its content is a file
	free  bool // any text may stand there, and not only words of a list
}

// allows reports whether a type may stand there.
func (e expected) allows(kind string) bool { return !e.known || slices.Contains(e.types, kind) }

// expect finds what the document says of a path of an operation. Where the path leads into a
// map, that is what its values are; where it leads nowhere, nothing is expected: it is
// validation that refuses it, and names the nearest field.
func expect(doc *schema.Document, operation string, steps []step) expected {
	for n := len(steps); n > 0; n-- {
		d, err := doc.Describe(describePath(operation, steps[:n]))
		if err != nil {
			continue
		}
		shapes := []*schema.Shape{d.Expand(2).Schema}
		for i, s := range steps[:n] {
			// Names are found within lists; what is left are the items behind the last name.
			if s.item && !slices.ContainsFunc(steps[i:n], func(s step) bool { return !s.item }) {
				shapes = inner(shapes, func(s *schema.Shape) *schema.Shape { return s.Items })
			}
		}
		for _, s := range steps[n:] {
			if s.item {
				shapes = inner(shapes, func(s *schema.Shape) *schema.Shape { return s.Items })
			} else {
				shapes = inner(shapes, func(s *schema.Shape) *schema.Shape { return s.Other })
			}
		}
		return merge(shapes)
	}
	return expected{}
}

// IsFile reports whether a field of an operation takes a file, or files as its items.
func IsFile(op *schema.Operation, field string) bool {
	at := []step{{name: field}}
	return expect(op.Document(), op.ID, at).file || expect(op.Document(), op.ID, append(at, step{item: true})).file
}

// inner returns a part of each shape and of its branches.
func inner(shapes []*schema.Shape, part func(*schema.Shape) *schema.Shape) []*schema.Shape {
	var parts []*schema.Shape
	for _, s := range shapes {
		if s == nil {
			continue
		}
		if p := part(s); p != nil {
			parts = append(parts, p)
		}
		for _, v := range s.Variants {
			parts = append(parts, inner([]*schema.Shape{v.Schema}, part)...)
		}
	}
	return parts
}

// merge adds up what shapes and their branches accept.
func merge(shapes []*schema.Shape) expected {
	e := expected{known: len(shapes) > 0}
	var add func(s *schema.Shape)
	add = func(s *schema.Shape) {
		if s == nil {
			e.known = false
			return
		}
		e.null = e.null || s.Nullable
		e.file = e.file || s.Format == "binary"
		if len(s.Variants) == 0 {
			e.known = e.known && len(s.Types) > 0
			e.free = e.free || slices.Contains(s.Types, "string") && len(s.Enum) == 0
		}
		e.types = append(e.types, s.Types...)
		for _, v := range s.Variants {
			add(v.Schema)
		}
	}
	for _, s := range shapes {
		add(s)
	}
	e.null = e.null || slices.Contains(e.types, "null")
	return e
}

// typed returns the JSON that a text means where it is expected. A number, true and false are
// taken as such where one is allowed. A list, an object and null are taken as such where no
// text is allowed but the words of a list; else they are text, and note says so: whoever
// passes on a text that a stranger wrote wants it to stay one.
func typed(text string, e expected) (value any, note string, err error) {
	trimmed := strings.TrimSpace(jsonscan.TrimMark(text))
	if trimmed != "" && jsonscan.Check(trimmed, maxDepth) == nil {
		switch kind := jsonvalue.KindOfText(trimmed); kind {
		case jsonvalue.Integer, jsonvalue.Fraction:
			if e.allows("number") || slices.Contains(e.types, "integer") {
				return json.RawMessage(trimmed), "", nil
			}
		case jsonvalue.Boolean:
			if e.allows("boolean") {
				return json.RawMessage(trimmed), "", nil
			}
		case jsonvalue.Array, jsonvalue.Object, jsonvalue.Null:
			structured := !e.known || slices.Contains(e.types, kind.String()) || kind == jsonvalue.Null && e.null
			if structured && !(e.known && e.free) {
				return json.RawMessage(trimmed), "", nil
			}
			if structured {
				note = "is sent as a text; with := in place of = it is JSON"
			}
		}
	}
	if e.known && len(e.types) > 0 && !slices.ContainsFunc(e.types, func(t string) bool { return t != "array" && t != "object" && t != "null" }) {
		return nil, "", e.notStructured(trimmed)
	}
	return text, note, nil
}

// notStructured is the error of a text where a list or an object is wanted.
func (e expected) notStructured(text string) error {
	shown := fmt.Sprintf("got the text %.60q, want ", text)
	if text != "" && (text[0] == '[' || text[0] == '{') {
		return fmt.Errorf("got %.60q, which is not JSON; the shell takes quotes away unless there are others around them: NAME='[\"a\"]'", text)
	}
	if slices.Contains(e.types, "array") {
		return fmt.Errorf("%sa list; write NAME[]=VALUE for each item, or NAME='[…]'", shown)
	}
	return fmt.Errorf("%san object; write NAME.FIELD=VALUE for each field, or NAME='{…}'", shown)
}
