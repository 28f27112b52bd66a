// Package bundle makes one OpenAPI document of several files.
//
// What a relative $ref leads to becomes a component of the document, and the $ref leads
// there: the result is a document that any tool reads, and nothing of it says that it
// was files. Only what is referred to is taken, once however often it is referred to.
//
// In reading order:
//
//	kind.go    which objects of OpenAPI are where, and where they may be references
//	target.go  what a reference names: a file, and a place in it
//	bundle.go  Bundle: the files are read and their parts put into the document
//
// A $ref counts where the specification has a Reference Object or a schema (OpenAPI
// 3.1 §4.8.23, §4.8.24), or a path item (§4.8.9), and in the mapping of a discriminator.
// Elsewhere it is a member like any other.
//
// Work and memory are bounded by the size of the result, which the caller limits.
// Functions are safe for concurrent use.
package bundle
