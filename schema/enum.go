package schema

import (
	"encoding/json"
	"math/big"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/jsonscan"
)

// enum is the keyword enum. jsonschema has its own, whose error a schema built
// by hand cannot set: without a message it is lost on the way up.
type enum struct {
	strings map[string]bool
	others  []any
}

func newEnum(list string) *enum {
	e := &enum{strings: make(map[string]bool)}
	for _, item := range jsonscan.Items(list) {
		v, ok := constant(item)
		if text, isText := v.(string); isText {
			e.strings[text] = true
		} else if ok {
			e.others = append(e.others, v)
		}
	}
	return e
}

// Validate implements jsonschema.ExtSchema.
func (e *enum) Validate(ctx jsonschema.ValidationContext, v any) error {
	if e.has(v) {
		return nil
	}
	return ctx.Error("enum", "enum")
}

// has reports whether an instance is one of the values.
func (e *enum) has(v any) bool {
	if s, ok := v.(string); ok {
		return e.strings[s]
	}
	return slices.ContainsFunc(e.others, func(other any) bool { return equal(v, other) })
}

// equal compares instances by value: 1.0 is 1 (JSON Schema 2020-12 §4.2.2).
func equal(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		n, ok := b.(json.Number)
		if !ok || a == n {
			return ok
		}
		x, okX := new(big.Rat).SetString(string(a))
		y, okY := new(big.Rat).SetString(string(n))
		return okX && okY && x.Cmp(y) == 0
	case []any:
		list, ok := b.([]any)
		if !ok || len(a) != len(list) {
			return false
		}
		for i := range a {
			if !equal(a[i], list[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		object, ok := b.(map[string]any)
		if !ok || len(a) != len(object) {
			return false
		}
		for key, value := range a {
			other, ok := object[key]
			if !ok || !equal(value, other) {
				return false
			}
		}
		return true
	}
	switch b.(type) {
	case []any, map[string]any:
		return false
	}
	return a == b
}
