package schema

import (
	"fmt"
	"strconv"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
)

// check looks for what would make the document fail later: references that
// lead nowhere or in a circle, and operations and components of the wrong
// shape. The first fault found is the one reported.
func (d *Document) check() error {
	for _, key := range []string{"info", "components"} {
		if text, ok := d.top[key]; ok && text[0] != '{' {
			return &DocumentError{Pointer: Pointer("/" + key), Reason: "got " + kindOf(text) + ", want an object"}
		}
	}
	for _, name := range d.names {
		if text := d.schemas[name]; text[0] != '{' && text != "true" && text != "false" {
			return &DocumentError{Pointer: componentPointer(name), Reason: "got " + kindOf(text) + ", want a schema"}
		}
	}
	for _, entry := range d.operations {
		if _, err := entry.parsed(); err != nil {
			return err
		}
	}
	if err := d.checkReferences(); err != nil {
		return err
	}
	straight := make(map[Pointer]bool)
	for _, name := range d.names {
		if err := d.checkCircle(name, straight); err != nil {
			return err
		}
	}
	return nil
}

func componentPointer(name string) Pointer {
	return Pointer("/components/schemas").Append(name)
}

// checkReferences resolves every $ref of the document, those of errata too, in
// one pass.
func (d *Document) checkReferences() error {
	known := make(map[string]bool)
	c := jsonscan.NewCursor(d.text)
	var walk func(at []string, p dialect.Place) error
	walk = func(at []string, p dialect.Place) error {
		switch {
		case c.EnterArray():
			for i := 0; c.NextItem(); i++ {
				if err := walk(append(at, strconv.Itoa(i)), dialect.Item(p)); err != nil {
					return err
				}
			}
		case c.Enter():
			for c.Next() {
				key := c.Key()
				if key == "$ref" && (p == dialect.Object || p == dialect.Schema) {
					if ref := jsonscan.String(c.Value()); ref != "" && !known[ref] {
						if _, err := d.closed().Resolve(ref, string(pointerTo(at))); err != nil { // errata may make what is referred to
							return err
						}
						known[ref] = true
					}
					continue
				}
				inner := dialect.Inner(p, key)
				if key == dialect.PatchKeyword && p == dialect.Schema {
					inner = dialect.Schema
				}
				if inner == dialect.Data {
					c.Value()
					continue
				}
				if err := walk(append(at, key), inner); err != nil {
					return err
				}
			}
		default:
			c.Value()
		}
		return nil
	}
	return walk(nil, dialect.Object)
}

// checkCircle refuses a component that is nothing but itself: one whose chain
// of $ref, directly or as a member of allOf, comes back to it. (Recursion
// through properties, items or a union that has another way out is fine.) What
// has been found to be none is straight.
func (d *Document) checkCircle(name string, straight map[Pointer]bool) error {
	onPath := map[Pointer]bool{}
	var walk func(text string, at Pointer) error
	walk = func(text string, at Pointer) error {
		if len(onPath) > maxDepth {
			return nil
		}
		if ref, ok := jsonscan.Member(text, "$ref"); ok && ref[0] == '"' {
			target, pointer, err := d.resolve(jsonscan.String(ref), at)
			switch {
			case err != nil:
				return err
			case onPath[pointer]:
				return &DocumentError{Pointer: at, Reason: fmt.Sprintf("$ref %.120s is circular: it leads back to itself with nothing in between", ref)}
			case !straight[pointer]:
				onPath[pointer] = true
				err = walk(target, pointer)
				delete(onPath, pointer)
				if err != nil {
					return err
				}
				straight[pointer] = true
			}
		}
		if all, ok := jsonscan.Member(text, "allOf"); ok {
			for i, item := range jsonscan.Items(all) {
				if err := walk(item, at.Append("allOf").Append(strconv.Itoa(i))); err != nil {
					return err
				}
			}
		}
		return nil
	}
	start := componentPointer(name)
	if straight[start] {
		return nil
	}
	onPath[start] = true
	if err := walk(d.schemas[name], start); err != nil {
		return err
	}
	straight[start] = true
	return nil
}
