package sample

import (
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// orderOf returns the types that the keyword type lists, in its order.
func orderOf(value string) []jsonvalue.Kinds {
	if value[0] == '"' {
		return []jsonvalue.Kinds{jsonvalue.ParseKinds(value)}
	}
	var order []jsonvalue.Kinds
	for _, name := range jsonscan.Strings(value) {
		order = append(order, jsonvalue.ParseKind(name))
	}
	return order
}

// kinds returns the types that a value may have, best first: in the order of
// the list that names them, or by the keywords that speak of one; null last.
func (c *conjunction) kinds() []jsonvalue.Kinds {
	var list []jsonvalue.Kinds
	add := func(kinds ...jsonvalue.Kinds) {
		for _, kind := range kinds {
			if kind &= c.types; kind == jsonvalue.Fraction {
				kind = 0 // a number that must not be an integer: nothing says so
			}
			if kind != 0 && !slices.Contains(list, kind) {
				list = append(list, kind)
			}
		}
	}
	for _, kind := range c.order {
		if kind != jsonvalue.Null {
			add(kind)
		}
	}
	if len(c.objects) > 0 || len(c.required) > 0 || c.minProperties > 0 || len(c.propertyNames) > 0 {
		add(jsonvalue.Object)
	}
	if len(c.arrays) > 0 || c.minItems > 0 || len(c.contains) > 0 {
		add(jsonvalue.Array)
	}
	if len(c.bounds) > 0 || len(c.multiples) > 0 {
		add(jsonvalue.Number)
	}
	add(jsonvalue.String, jsonvalue.Object, jsonvalue.Array, jsonvalue.Number, jsonvalue.Boolean, jsonvalue.Null)
	return list
}
