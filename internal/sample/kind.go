package sample

import (
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// typeSet is a set of JSON types.
type typeSet uint8

const (
	typeNull typeSet = 1 << iota
	typeBoolean
	typeInteger // a number without a fraction
	typeFraction
	typeString
	typeArray
	typeObject

	typeNumber = typeInteger | typeFraction
	typeAny    = typeNull | typeBoolean | typeNumber | typeString | typeArray | typeObject
)

var typeNames = map[string]typeSet{
	"null": typeNull, "boolean": typeBoolean, "integer": typeInteger, "number": typeNumber,
	"string": typeString, "array": typeArray, "object": typeObject,
}

// typesOf reads the keyword type, as a set and in its order.
func typesOf(value string) (set typeSet, order []typeSet) {
	names := []string{jsonscan.String(value)}
	if value[0] == '[' {
		names = jsonscan.Strings(value)
	}
	for _, name := range names {
		set |= typeNames[name]
		order = append(order, typeNames[name])
	}
	return set, order
}

// typeOf returns the type of a value's text.
func typeOf(text string) typeSet {
	switch text[0] {
	case '{':
		return typeObject
	case '[':
		return typeArray
	case '"':
		return typeString
	case 't', 'f':
		return typeBoolean
	case 'n':
		return typeNull
	}
	if strings.ContainsAny(text, ".eE") {
		if n, ok := rational(text); !ok || !n.IsInt() {
			return typeFraction
		}
	}
	return typeInteger
}

// kinds returns the types that a value may have, best first: in the order of
// the list that names them, or by the keywords that speak of one; null last.
func (c *conjunction) kinds() []typeSet {
	var list []typeSet
	add := func(kinds ...typeSet) {
		for _, kind := range kinds {
			if kind &= c.types; kind == typeFraction {
				kind = 0 // a number that must not be an integer: nothing says so
			}
			if kind != 0 && !slices.Contains(list, kind) {
				list = append(list, kind)
			}
		}
	}
	for _, kind := range c.order {
		if kind != typeNull {
			add(kind)
		}
	}
	if len(c.objects) > 0 || len(c.required) > 0 || c.minProperties > 0 || len(c.propertyNames) > 0 {
		add(typeObject)
	}
	if len(c.arrays) > 0 || c.minItems > 0 || len(c.contains) > 0 {
		add(typeArray)
	}
	if len(c.bounds) > 0 || len(c.multiples) > 0 {
		add(typeNumber)
	}
	add(typeString, typeObject, typeArray, typeNumber, typeBoolean, typeNull)
	return list
}

// equal compares values of the document: as text, numbers by value.
func equal(a, b string) bool {
	if a == b {
		return true
	}
	x, okX := rational(a)
	y, okY := rational(b)
	return okX && okY && x.Cmp(y) == 0
}
