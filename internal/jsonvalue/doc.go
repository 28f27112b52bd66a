// Package jsonvalue compares JSON values the way JSON Schema 2020-12 does.
//
//	kind.go    the kinds of values, as a set
//	number.go  numbers, exactly
//	equal.go   equality, and items of an array that are equal
//
// Values come as JSON text, or decoded: nil, bool, json.Number, string, []any,
// map[string]any. Functions are pure and safe for concurrent use.
package jsonvalue
