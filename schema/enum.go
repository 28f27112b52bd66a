package schema

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
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
	return slices.ContainsFunc(e.others, func(other any) bool { return jsonvalue.Equal(v, other) })
}
