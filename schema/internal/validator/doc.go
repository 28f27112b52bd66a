// Package validator validates JSON instances against the schemas of an OpenAPI
// document (JSON Schema 2020-12) and explains what is wrong with them.
//
// An instance goes through it in one direction:
//
//	text → jsonvalue.Tree → walk through the graph → failures → problems
//
// The graph is the compiled schemas of the document, one per Mode, built as it is
// used. The walk visits values and schemas together. It records a failure as data:
// the path to the schema and the value, the keyword, typed details. Failures are
// explained when the walk is over: which branch of a union matches best, which
// field is a misspelt one, which failures are the same mistake. A valid instance
// pays for none of that.
//
// The graph uses nothing of the walk, and the walk nothing of the explanation. The
// explanation reads the record of the walk, and walks again where it has to know
// which branch a part of an invalid instance matches.
//
// # Modes
//
// Strict follows JSON Schema and OpenAPI by the letter. Closed and Open, the two
// sides of the Standard tier, read a document as its authors use it: errata are
// applied, several branches of oneOf may match, and a property that is required
// and not declared is declared. Closed also refuses a field that no schema of its
// object declares, where the document leaves that open.
//
// # Deviations
//
// In every mode: a pattern that Go's regexp cannot read is not validated; format and
// the content keywords are annotations, as the standard allows; keywords with a value
// that they cannot have are ignored; nothing outside of the document is fetched.
//
// A schema that comes back to itself with the same value, which the standard leaves
// undefined, counts as matched there, but not as a branch that is its own union.
//
// In the Standard tier, Closed and Open, also:
//
//   - oneOf is valid when any branch matches, as for anyOf.
//   - A name that is required and not declared is declared as a property that accepts
//     everything.
//   - In the Closed mode, an object whose schema declares fields and says nothing about
//     others refuses the others, as if it had unevaluatedProperties: false. Schemas
//     under not, if and contains, and branches of unions by themselves, are not closed.
//     A field of a value that several schemas describe is known when one of them knows
//     it.
//   - additionalProperties: false in a member of an allOf, or beside allOf or $ref,
//     refuses what no part of the whole declares.
//
// # The walk on the text
//
// An instance is never decoded. The walk relies on what jsonvalue.Parse guarantees of a
// Tree:
//
//   - The text is valid JSON (RFC 8259) in UTF-8, at most jsonvalue.MaxDepth levels
//     deep. So recursion over values is bounded, and an offset never leads out of the
//     text.
//   - A value is a number, its position among all values in the order of the text. The
//     parts of a value are those between it and Past, so that to skip one takes one
//     look.
//   - A member is two values in a row, the name and then its value: v-1 is the name of
//     the member v.
//   - No object has a name twice, so that members can be counted against the names of a
//     schema.
//   - A number knows whether it is an integer (1.0 and 1e3 are), and its text is short
//     enough for exact arithmetic.
//   - The hash of a name is known. Equal names have equal hashes; it proves nothing
//     about different ones.
//
// # Unions
//
// A union excludes the branches that cannot match, by the JSON type of the instance and
// by the values of properties (const, enum), which is sound. It tries the others in the
// order of the document. If none matches, the closest branch is reported, and its
// failures are the causes of the failure of the union. What is close is a heuristic
// that decides what is shown and never what is valid: see distance in walk_union.go.
//
// A discriminator orders the candidates and explains, and neither makes an instance
// valid nor invalid (OpenAPI 3.1 §4.8.25).
//
// # Concurrency
//
// Schemas and its graphs are shared by all goroutines. What they hold is built under a
// lock or a sync.Once and not changed afterwards. A walk, its record and an explainer
// belong to one call; their memory belongs to Schemas, which keeps it for the next one.
//
// # Bounds
//
// A document and an instance are both input, and neither may cost more than a small
// constant times its size. The walk counts steps and records a limited number of
// failures; the numbers are in bounds.go, with the reasons. Of a union only the
// failures of the closest branch are kept. Patterns are bounded by the size that
// they compile to. jsonschema, which validates schemas with $id, counts the same
// steps.
//
// A step is some thirty nanoseconds. One is taken for each pair of a schema object and
// a value; for each member or item that a schema looks at, as a large value may be sent
// through many schemas; for each branch that is measured; and in proportion for texts
// that a pattern is matched with, items that are compared and members that are passed
// over. The explanation uses the steps that the walk has left. Without any, it says
// less.
//
// # Reading order
//
// The graph:
//
//	graph.go            Schemas, Graph and Mode; schema objects and references
//	pointer.go          JSON Pointers as text
//	node.go             the compiled schema
//	keyword.go          the keywords that lead to a part or can fail
//	split.go            the members of a schema object, found once; what is behind references, below objects, and at keywords
//	compile.go          one schema object to one node; what closes it to unknown fields
//	compile_keyword.go  keywords of objects, arrays and scalars
//	enum.go             the values of enum and const
//	pattern.go          regular expressions and their size
//	set.go              a list without repeats
//	facts.go            what is known of a schema uncompiled: kinds and tags
//	fields.go           which fields a schema object declares, with its parts
//	closedparts.go      parts of an allOf that refuse what the other parts declare
//	joint.go            a value that several schemas describe: which fields all of them know
//	joint_kept.go       the same, kept by the way to the value
//	hints.go            what a document says of names of another API (x-opcall-hints)
//	union.go            anyOf and oneOf: which branches may match an instance
//	union_tag.go        the property that tells branches apart, and the discriminator
//	foreign.go          schemas with $id, by jsonschema; anchors and $dynamicRef
//	metaschema.go       members that are JSON Schemas (x-opcall-schema)
//	strictsubset.go     those that a model is held to (x-opcall-strict)
//
// The walk:
//
//	bounds.go           how many steps and failures, and why
//	failure.go          failures, the ways to them, and the record of both
//	walk.go             the schemas at hand, schemas that apply in place
//	walk_object.go      members, required, unevaluatedProperties
//	walk_array.go       items, contains, unevaluatedItems
//	walk_scalar.go      strings, numbers, enum
//	walk_schema.go      members that are JSON Schemas
//	walk_circle.go      schemas that lead back to themselves
//	walk_union.go       the branches, and which is closest where none matches
//	walk_joint.go       the way to a value, and what several schemas know of it
//	evaluated.go        which fields and items have been evaluated
//
// The explanation:
//
//	problem.go          Problem, their order, and which of them say the same
//	show.go             how values and names are shown, and the nearest names
//	choice.go           lists of accepted values
//	evaluate.go         Validate: from the root to problems
//	explain.go          which problem a failure is
//	explain_place.go    where a failure is, in the document and in the instance
//	explain_text.go     the texts of problems
//	explain_keyword.go  keywords that need no other schema to be explained
//	explain_field.go    missing and unknown fields
//	explain_hint.go     the hint for a field or value
//	explain_items.go    of what an array is wanted
//	explain_schema.go   JSON Schemas within an instance
//	explain_tag.go      unions, by their tag or their closest branch
//	explain_merge.go    several problems that are one mistake
//
// And value.go, which finds the schema of a part of a value.
package validator
