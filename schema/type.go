package schema

import (
	"encoding/json"
	"math/big"
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

func (s typeSet) has(t typeSet) bool { return s&t != 0 }

// typesOf reads the keyword type.
func typesOf(value string) typeSet {
	set := namedType(jsonscan.String(value))
	for _, name := range jsonscan.Strings(value) {
		set |= namedType(name)
	}
	return set
}

func namedType(name string) typeSet {
	switch name {
	case "null":
		return typeNull
	case "boolean":
		return typeBoolean
	case "integer":
		return typeInteger
	case "number":
		return typeNumber
	case "string":
		return typeString
	case "array":
		return typeArray
	case "object":
		return typeObject
	}
	return 0
}

// typeOf returns the type of an instance.
func typeOf(v any) typeSet {
	switch v := v.(type) {
	case nil:
		return typeNull
	case bool:
		return typeBoolean
	case json.Number:
		if !isWhole(v) {
			return typeFraction
		}
		return typeInteger
	case string:
		return typeString
	case []any:
		return typeArray
	}
	return typeObject
}

// String tells what is accepted: "string or null".
func (s typeSet) String() string {
	if s == 0 {
		return "nothing"
	}
	return strings.Join(s.names(), " or ")
}

// names lists the types as JSON Schema calls them.
func (s typeSet) names() []string {
	var list []string
	for _, t := range []struct {
		set  typeSet
		name string
	}{
		{typeString, "string"},
		{typeObject, "object"},
		{typeArray, "array"},
		{typeBoolean, "boolean"},
		{typeNumber, "number"},
		{typeInteger, "integer"},
		{typeNull, "null"},
	} {
		if s&t.set == t.set && (t.set != typeInteger || s&typeFraction == 0) {
			list = append(list, t.name)
		}
	}
	return list
}

// isWhole reports whether a number has no fraction: 1.0 and 1e3 have none.
func isWhole(v json.Number) bool {
	if strings.ContainsAny(string(v), "eE") {
		n, ok := new(big.Rat).SetString(string(v))
		return ok && n.IsInt()
	}
	_, fraction, _ := strings.Cut(string(v), ".")
	return strings.Trim(fraction, "0") == ""
}
