// Package dialect reads the schema objects of an OpenAPI document as JSON Schema
// 2020-12, whatever version of OpenAPI they were written for. It is the only
// place that knows nullable, boolean exclusive bounds, $recursiveRef, lists of
// schemas in items, and x-opcall-patch.
//
// A schema object goes in and comes out as JSON text. Only the object's own
// keywords are read: its subschemas are read when they are used.
//
// What is read as what:
//
//	nullable: true (OpenAPI 3.0)             null as one more type, value or branch
//	exclusiveMinimum: true (3.0, draft 4)    exclusiveMinimum with the number of minimum
//	items: [...] (before 2020-12)            prefixItems; additionalItems becomes items
//	$recursiveRef (2019-09)                  $ref to the component that it stands in
//	required: true (draft 3)                 nothing
//	required with a name twice               the name once
//	type: int, null, "" …                    the type that is meant, or any
//	anyOf: [], oneOf: [], allOf: []          nothing
//	x-opcall-patch                           applied, outside of the Strict tier
//	enum: [], values of another type         what is meant, outside of the Strict tier
//
// Each change is reported as a Repair, as a reader of the document would otherwise look
// for a keyword that is not in it. Schemas that need none, which is nearly all of them,
// are returned as they are, after a look at the names of their keywords.
//
// In reading order:
//
//	read.go       Read and ByTheLetter: what the Standard and the Strict tier see
//	translate.go  Translate: the keywords of OpenAPI 3.0 and older drafts, and the repairs
//	nullable.go   nullable, in the object itself and in a member of allOf
//	typename.go   names in type that JSON Schema does not have, and unions without branches
//	values.go     Meant: enum and const that contradict the type beside them
//	patch.go      errata: JSON Merge Patch
//	pattern.go    regular expressions, and those that Go cannot read
//	place.go      where in a document schemas, names and data are
//	reference.go  LocalPointer: where a reference within the document leads
//	rewrite.go    every schema object of a document, outer ones first
//
// Functions are pure and safe for concurrent use. Text must be well-formed JSON.
package dialect
