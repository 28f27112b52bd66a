// Package schema opens OpenAPI 3.0 and 3.1 documents and holds JSON against
// them.
//
//	doc, err := schema.LoadFile("openapi.yaml")
//	op, err := doc.Operation("createPet")
//	err = doc.Validate("Pet", `{"name": 1}`)
//
// # The way of a document
//
//	bytes → JSON → overlays → index → (on demand) repaired schema → compiled schema → verdict, or typed value
//
// Opening a document reads an index of offsets. An operation is parsed, a
// schema repaired and compiled, when it is first used, once.
//
//	load.go       Load: formats, limits, options; text.go, file.go; YAML is read by
//	              internal/yamltext
//	overlay.go    overlays, which internal/overlay applies
//	document.go   Document: the text and its index; index.go, match.go, template.go
//	operation.go  Operation and its parts: parameter.go, mediatype.go, security.go
//	reference.go  $ref, pointer.go
//	check.go      Verify: what is wrong in a document; refuse.go: what is refused for it
//	repair.go     what internal/dialect had to repair; walk.go yields every schema object
//	compile.go    schema objects to the graph of santhosh-tekuri/jsonschema
//	union.go      anyOf and oneOf: the branches that may be meant; facts.go, unknown.go
//	validate.go   Validate and its tiers (tier.go); instance.go parses what is judged
//	refute.go     what an instance fails, place by place: assert.go; meant.go picks the
//	              branch that an instance is least far from where it fits none
//	verdict.go    from failures to problems (problem.go): keyword.go, choice.go, field.go,
//	              tag.go; mistake.go makes one of those that are one mistake
//	value.go      Value: JSON seen through its schema; scalar.go reads it,
//	              misspelling.go says which name of a path is wrong
//	finding.go    Check: where an answer and the document disagree
//	withoutvalue.go problems for logs that must not quote the instance
//	lines.go      ValidateLines: JSONL; batch.go for the lines of a batch file
//	webhook.go    ValidateWebhook: what the API sends
//	describe.go   Describe: locate.go follows a path, reading.go and shape.go tell what
//	              stands there, explain.go, expr.go and page.go write it down
//
// # Deviations from JSON Schema
//
// In the Standard and Lenient tiers a oneOf is met by the first branch that
// fits, however many do, errata (x-opcall-patch) are applied, and a field that
// no schema of its object declares is an error or a finding; to require a field
// is to declare it. format, content and the like are annotations in every tier
// (JSON Schema 2020-12 §7.2.1). Patterns are those of Go's regexp; one that it
// cannot read is not checked and listed by Repairs. The Strict tier judges by the
// letter.
//
// # Limits
//
// Documents have at most 64 MiB (WithMaxSize) and are nested at most 1,000 deep,
// instances that are judged at most 256 deep; numbers in them have at most 1,000
// digits and exponents of three, a ValidationError at most 100 problems. Beyond
// them is an error, as is a document that sends one value through tens of
// thousands of schemas.
package schema
