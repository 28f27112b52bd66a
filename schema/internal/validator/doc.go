// Package validator validates JSON instances against the schemas of an OpenAPI
// document (JSON Schema 2020-12) and explains what is wrong with them.
//
// An instance goes through it in one direction:
//
//	text → jsonvalue.Tree → walk through the graph → failures → problems
//
// The graph is the compiled schemas of the document, one per Mode, built as it is
// used. The walk visits values and schemas together and notes a failure as data: the
// way to the schema and the value, the keyword, typed details. Only when it has come
// to an end are failures explained: which branch of a union was meant, which field
// is a misspelt one, which of them are the same mistake.
//
// # Bounds
//
// A document and an instance are both input. The walk counts steps, 64 per byte of
// the instance beyond a fixed number, to which patterns add by their size; it ends at
// the first failure where nobody asks for more, and after 400 noted ones elsewhere.
// Of a union only the failures of the closest branch are kept. Patterns are bounded
// by the size that they compile to. jsonschema, which validates schemas with $id,
// counts the same steps.
//
// # Reading order
//
// The graph:
//
//	graph.go            Schemas, Graph and Mode; schema objects and references
//	pointer.go          JSON Pointers as text
//	node.go             the compiled schema
//	compile.go          one schema object to one node; what closes it to unknown fields
//	compile_keyword.go  keywords of objects, arrays and scalars
//	enum.go             the values of enum and const
//	pattern.go          regular expressions and their size
//	facts.go            what is known of a schema uncompiled: kinds and tags
//	fields.go           which fields a schema object declares, with its parts
//	union.go            anyOf and oneOf: which branches may match an instance
//	foreign.go          schemas with $id, by jsonschema; anchors and $dynamicRef
//
// The walk:
//
//	walk.go             steps, the schemas at hand, schemas in place
//	failure.go          failures and the ways to them
//	walk_object.go      members, required, unevaluatedProperties
//	walk_array.go       items, contains, unevaluatedItems
//	walk_scalar.go      strings, numbers, enum
//	walk_union.go       the branches, and which is closest where none matches
//	evaluated.go        which fields and items have been evaluated
//
// The explanation:
//
//	problem.go          Problem, and how values are shown
//	evaluate.go         Validate: from the root to problems
//	explain.go          which problem a failure is, and where
//	explain_keyword.go  keywords that stand for themselves
//	explain_choice.go   lists of accepted values
//	explain_field.go    missing and unknown fields
//	explain_hint.go     fields and values of another API (x-opcall-hints)
//	explain_tag.go      unions, by their tag or their closest branch
//	explain_merge.go    several problems that are one mistake
//
// And value.go, which finds the schema of a part of a value.
package validator
