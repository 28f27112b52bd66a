// Package overlay applies OpenAPI Overlay 1.0 documents to JSON text.
//
// A document is a tree that is opened where a path leads, and stays text everywhere
// else. Paths are JSONPath (RFC 9535). Every step is paid for from a budget in
// proportion to the size of the document, see MaxWork: an overlay is input, and may have
// been written by anybody.
//
// In reading order:
//
//	apply.go    Parse and Apply: the actions, one after the other
//	path.go     a JSONPath query as it is read
//	filter.go   the expressions of its filters
//	query.go    the nodes that a query selects
//	compare.go  comparisons and regular expressions
//	tree.go     the document as it is changed, and the budget
//
// # Deviations from the specifications
//
// Actions of Overlay 1.1 are refused where they say more than those of 1.0. An update of
// something other than an array or an object replaces it, which 1.0 leaves open.
// Regular expressions are those of Go, of which I-Regexp (RFC 9485) is a part.
package overlay
