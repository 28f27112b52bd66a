// Package dialect reads the schema objects of an OpenAPI document as JSON Schema
// 2020-12, whatever version of OpenAPI they were written for. It is the only
// place that knows nullable, boolean exclusive bounds, $recursiveRef, lists of
// schemas in items, and x-opcall-patch.
//
// A schema object goes in and comes out as JSON text. Only the object's own
// keywords are read: its subschemas are read when they are used.
//
// In reading order:
//
//	read.go       Read and ByTheLetter: what the Standard and the Strict tier see
//	translate.go  Translate: the keywords of OpenAPI 3.0 and older drafts, and the repairs
//	nullable.go   nullable, in the object itself and in a member of allOf
//	patch.go      errata: JSON Merge Patch
//	pattern.go    regular expressions, and those that Go cannot read
//	place.go      where in a document schemas, names and data are
//	rewrite.go    every schema object of a document, outer ones first
//
// Functions are pure and safe for concurrent use. Text must be well-formed JSON.
package dialect
