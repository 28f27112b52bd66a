// Package mcpserver hands an API to a language model over the Model Context Protocol:
// four tools for any document, in place of one tool per operation.
//
//	search_operations  which operations there are, by words
//	describe           what an operation, a component or a field may be
//	validate           whether a call would be valid; nothing is sent
//	call               a call
//
// A model that calls an operation finds it, reads what it takes, and mends a call by the
// problems that validate or call report: one per line, each with its place and the
// nearest name.
//
// # What may be called
//
// Operations that only read (GET, HEAD, OPTIONS) may be called, and others where
// Options say so: all of them, or those that are named. All can be found, described and
// validated. The annotations of the tools follow from that.
//
// # Trust
//
// Credentials are those of the client. They are in no result and no error. A model
// cannot choose the host, and no file of this machine is read: operations that take files
// are not called. Results are as long as Options allow, and say what was cut.
//
// # Reading order
//
//	server.go  New: the tools and their annotations
//	tool.go    what they do: search, describe, validate, call
//	search.go  which operations the words of a query mean
//	result.go  results and errors as text of bounded length
//	http.go    Handler: the protocol over HTTP, for programs of this machine that have the token
package mcpserver
