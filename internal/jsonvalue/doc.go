// Package jsonvalue reads and compares JSON values the way JSON Schema 2020-12 does.
//
//	kind.go     the kinds of values, as a set
//	number.go   numbers, exactly
//	decimal.go  the same without big numbers: order, multiples
//	equal.go    equality of decoded values, and items of an array that are equal
//	parse.go    Parse: the strict reader of a text, to a Tree
//	tree.go     Tree: a text with an index of its values
//	compare.go  equality and equal items of values in a Tree
//
// Values come as JSON text, in a Tree, or decoded: nil, bool, json.Number, string,
// []any, map[string]any. Functions are pure and safe for concurrent use.
package jsonvalue
