// Package sample makes instances from schemas: what a test server responds with,
// and what a sweep over every operation sends.
//
// The way from a schema to an instance, in reading order:
//
//	sample.go       Minimal and Full (typical.go: Typical): try, validate, and where that fails decide otherwise
//	choice.go       the decisions of one try, and which of them a problem is blamed on
//	value.go        one instance location: from its schemas to a value
//	conjunction.go  everything that the schemas of a location say together
//	union.go        anyOf, oneOf, if: what there is to choose from
//	kind.go         which of several JSON types to take
//	object.go, array.go, text.go, pattern.go, number.go    values by type
//
// Nothing is random: the same schema gives the same bytes every time. What a
// schema leaves open is plain: strings are "text" or what their format asks
// for, numbers are 1, booleans are false, and null is used where nothing else
// is allowed.
//
// The keywords not, if, contains and unevaluatedProperties, and the overlaps of
// oneOf, have no say in how a value is made beyond a good guess; validation at
// the end decides, and another value is tried. $dynamicRef and $anchor are not
// followed.
package sample
