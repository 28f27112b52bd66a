// Package paging finds out how the list of an operation is paged: from the names and
// kinds that its parameters and its response have in the document, or from what
// x-opcall-page says.
//
//	style.go   Style: where the list is, what asks for the next page
//	find.go    Find: the style of an operation
//	list.go    where the list is in the response
//	name.go    which names mean what, and what fits together
//	extend.go  x-opcall-page
//	link.go    the Link header (RFC 8288)
//
// It knows names that many APIs use and none of a single API. What it cannot tell it
// does not guess: the operation is then a list of one page, or no list, and says why.
package paging
