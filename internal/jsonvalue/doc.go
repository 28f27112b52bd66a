// Package jsonvalue reads and compares JSON values the way JSON Schema 2020-12 does.
//
//	kind.go     the kinds of values, as a set
//	number.go   numbers, exactly
//	decimal.go  the same without big numbers: order, multiples
//	parse.go    Parse: the strict reader of a text, to a Tree
//	tree.go     Tree: a text with an index of its values
//	compare.go  equal values, and items of an array that are equal
//
// # Trees
//
// An instance is read once. What is kept of it is its text and twelve bytes for each
// value: where it begins, where it ends, its kind, and for the name of a member a hash.
// Strings are unescaped and numbers parsed when somebody asks, which for most values
// nobody does. A value is its position in the index, so that the parts of a value are a
// range of numbers and no pointers are followed.
//
// # Numbers
//
// JSON Schema compares numbers by their mathematical value: 1.0 is 1, and
// 9007199254740993 is not 9007199254740992. So no number passes through a float64. A
// Decimal is the digits as they are in the text, and most comparisons look at a few of
// them; only multipleOf may need big integers.
//
// # Names
//
// A schema has its names sorted by a 16-bit hash, and an instance has the same hash for
// each name. So most lookups compare one string, and a member that a schema does not
// have compares none. The hash reads the length and both ends of a name, since names of
// an API differ there, and can be made to collide: whatever could be slowed down by that
// (many names in one object, many names in one schema) uses a seeded hash or a map
// beyond a few names.
//
// # Bounds
//
// Parse takes time and memory in proportion to the text. It bounds the nesting
// (MaxDepth), as the functions here and in the validator are recursive, and the length
// of numbers and of their exponents (MaxDigits), as exact arithmetic on 1e2000000 takes
// a gigabyte. No instance that a program sends or gets comes near either.
//
// # Concurrency
//
// A Tree is made by one goroutine and read by any number. Release returns it to a pool,
// and is for who knows that nobody reads it any more.
//
// Values come as JSON text or in a Tree. Functions are pure and safe for concurrent use.
package jsonvalue
