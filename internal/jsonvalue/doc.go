// Package jsonvalue reads and compares JSON values the way JSON Schema 2020-12 does.
//
//	kind.go     the kinds of values, as a set
//	number.go   numbers, exactly
//	decimal.go  the same without big numbers: order, multiples
//	parse.go    Parse: the strict reader of a text, to a Tree
//	tree.go     Tree: a text with an index of its values
//	compare.go  equal values, and items of an array that are equal
//
// Values come as JSON text or in a Tree. Functions are pure and safe for concurrent use.
package jsonvalue
