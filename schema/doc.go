// Package schema opens OpenAPI 3.0, 3.1 and 3.2 documents and validates JSON against
// them.
//
//	doc, err := schema.LoadFile("openapi.yaml")
//	op, err := doc.Operation("createPet")
//	err = doc.Validate("Pet", `{"name": 1}`)
//
// # The pipeline
//
//	bytes → JSON → overlays → index → (on first use) repaired schema → compiled schema → problems, or a typed value
//
// Opening a document makes an index: which part of the text is which operation
// and which component. Nothing is copied. An operation is parsed, and a schema
// repaired and compiled, once, when it is first used, so that a program pays for
// what it calls and not for the size of the document. A Document never changes
// afterwards; it and all that comes from it are safe for concurrent use.
//
// Files, in reading order. Opening a document:
//
//	load.go           Load: formats, limits, options
//	file.go           LoadFile and LoadFS: regular files only; internal/bundle makes one document of several
//	cache.go          WithCache: a folder of documents in the form in which they open at once
//	cache_entry.go    what it has of a document, as bytes, and how they are known to be whole
//	sized.go          texts behind their lengths, as the cache has them
//	cache_stage.go    a document on its way through the overlays, read or made where it must be
//	fetch.go          Fetch: a document from a URL, when the program asks for it
//	text.go           UTF-8 and UTF-16; foreign text in messages
//	overlay.go        overlays, which internal/overlay applies
//	unmatched.go      actions of overlays that have no effect
//	version.go        the versions of OpenAPI that are read
//	root.go           Root: what a document says of itself, which conditions of overlays see
//	document.go       Document: the text and its index
//	index.go          paths and operation IDs; what is looked up by name
//	alias.go          names for operations without an ID
//	check.go          Verify: dangling and circular references, wrong structure
//	refuse.go         the parts that are refused because of what Verify finds
//	source.go         line numbers in the text that was loaded
//	documenterror.go  DocumentError
//
// Parts of a document:
//
//	pointer.go        Pointer (RFC 6901)
//	reference.go      $ref
//	operation.go      Operation and Server
//	summary.go        what a list shows of every operation
//	parameter.go      Parameter, its defaults
//	parameter_template.go  parameters and path key made to agree
//	mediatype.go      request bodies, responses, headers
//	security.go       security schemes and requirements
//	template.go       what path keys have beyond the templates of OpenAPI
//	match.go          Match: from method and path to an operation
//	match_template.go a path compared with a template, segment by segment
//	schema.go         Schema: a schema object and where it stands
//	repair.go         Repair: one deviation of a document, and how it is read
//	walk.go           every schema object, every repair
//
// Validating:
//
//	tier.go           Tier: how strictly
//	validate.go       Validate and its options; internal/validator does the work
//	instance.go       what can be validated: text, readers, Go values
//	problem.go        Problem and ValidationError
//	withoutvalue.go   problems for logs that must not quote the instance
//	finding.go        Check: problems as data, sorted into kinds
//	lines.go          ValidateLines: JSONL
//	batch.go          the lines of a batch file
//	webhook.go        ValidateWebhook: what the API sends
//
// Reading values:
//
//	value.go          Value: JSON seen through its schema
//	scalar.go         numbers, times and Go values from it
//	misspelling.go    which name of a path is wrong
//	gotype.go         which fields of a Go type no member is for
//
// Describing a document to a person:
//
//	describe.go          Describe and Description
//	describe_path.go     from a path to a place of the document
//	describe_reading.go  a schema object with references and allOf merged in
//	describe_shape.go    Shape: that as data, to a depth
//	describe_expr.go     a shape in one line
//	describe_text.go     a description as text
//	describe_page.go     columns and wrapped lines
//
// Comparing two documents:
//
//	diff.go            Diff, Changes and Change
//	diff_document.go   servers, security schemes, webhooks, components by name
//	diff_operation.go  operations by ID, and their parameters
//	diff_body.go       request bodies, responses, headers
//	diff_schema.go     two schema objects, and what each difference means for callers
//	diff_fields.go     fields of objects, texts for people
//	diff_sketch.go     a schema object as it is compared: references, allOf and null in one form
//	diff_union.go      branches of unions, paired by what they accept
//	diff_turned.go     what not and overlapping branches turn round; references to places that are not components
//	diff_reach.go      which operations use which component, and on which way
//	diff_fold.go       the same change at many places, reported once
//	diff_text.go       changes as lines and as Markdown
//	watch.go           Watch: the documents that follow each other in a file
//
// # The index
//
// Loading reads the text once, from its first byte to its last, and notes where each
// operation and each component schema begins and ends. What is noted are parts of the
// text itself, not copies and not trees: the built-in document, 0.8 MB, is opened in
// less than a millisecond. Checking takes longer than indexing. An operation becomes an
// Operation, and a schema object a compiled schema, when it is first asked for.
//
// # References
//
// $ref is followed where it stands, when the thing that has it is read, and leads into
// the same document only: a JSON Pointer in a fragment (RFC 6901 §6). In schema objects
// the validator follows it, so that recursion is a circle of compiled schemas; in
// parameters, bodies, responses, headers and path items this package does, and what is
// behind the reference takes its place (OpenAPI 3.1 §4.8.23). A component that is
// nothing but a reference to itself is an error of the document.
//
// # Errors in a document
//
// A description of hundreds of operations is rarely without a mistake, and most
// programs call a few of them. So a mistake is an error of Load only where there is no
// document to speak of. Otherwise it belongs to a part: an operation, a path item, a
// webhook, a component. That part, and every part that leads to it through references,
// is refused with a *DocumentError when it is asked for; the others work. Verify lists
// all errors, WithVerification makes the first of them an error of Load.
//
// # Repairs
//
// Some deviations have one obvious meaning: nullable in a document of OpenAPI 3.1, a
// path parameter that nobody declares, an operationId that is used twice. They are read
// with that meaning, and Repairs lists each with its place and what it is read as, so
// that nothing is mended in silence. The text of the document stays as it is.
//
// # Matching
//
// Match finds the operation of a request that some program has made. Templates of the
// same number of segments are tried in the order of how much of the path they fix, from
// left to right, so that "/files/search" comes before "/files/{id}" wherever they stand
// in the document. Where OpenAPI is silent, servers decide: a slash at the end is
// ignored, a literal segment may be percent-encoded, "{id}.json" is a parameter with a
// literal behind it, and a query in a path key must be in the request.
//
// # Problems and findings
//
// One mistake in an instance is one Problem. Where a union fails, its branches do not
// each report: the closest branch does, chosen by the tag where there is one and by how
// far the instance matches otherwise. A Problem has the place in the instance, the
// keyword and its place in the document, what was got and what is wanted, and near names
// where a name is wrong. An error lists them in the order of the instance.
//
// A Finding is a Problem with a kind. It is what the Lenient tier makes of the same
// disagreement: nothing fails, and a program can count what an API does differently from
// its description.
//
// # Values
//
// Decode does not build a tree of Go values. A Value is a piece of the text together
// with the schema that describes it, so that numbers keep their digits, undeclared fields
// are there, and a value can say which branch of a union it is. A path that leads nowhere
// gives a Value that does not exist; Misspelling says whether it could ever have led
// somewhere, by what the schema declares.
//
// # Descriptions
//
// Describe is for people, in a terminal or a prompt. It merges what validation keeps
// apart: references, allOf and nested unions, until what is left is fields, types and
// branches. What it shows is a summary; a schema's exact meaning is what Validate does.
//
// # Deviations from the specifications
//
// The Strict tier follows JSON Schema 2020-12 to the letter. The Standard and
// Lenient tiers deviate where documents of real APIs do:
//
//   - A oneOf accepts an instance that is valid against one of its branches or
//     more; the standard (JSON Schema 2020-12 §10.2.1.3) says exactly one.
//   - Errata (x-opcall-patch) are applied.
//   - A field that no schema of its object declares is an error or a finding. To
//     list a name in required declares it. Where several schemas describe one object,
//     as members of an allOf do that share a property, any of them may declare it.
//   - additionalProperties: false in a part of an allOf, or beside one, refuses what no
//     part of the whole declares; by the letter (§10.3.2.3) it refuses what the other
//     parts declare. Repairs lists each.
//   - An enum or const whose values are all of another type than the type beside it, and
//     an empty enum, are read as what their author means: the values of the items, the
//     number in quotes, the value without the type. Repairs lists each.
//
// In every tier:
//
//   - Members beside $ref in a schema object apply, as in OpenAPI 3.1 (JSON Schema
//     2020-12 §8.2.3.1). OpenAPI 3.0 ignores them (3.0.3 §4.7.23.1); documents of
//     3.0 that have some, such as nullable, want them to apply.
//   - In OpenAPI 3.0, a required property that is readOnly is required in
//     responses only, one that is writeOnly in requests only (3.0.3 §4.7.24.2),
//     where WithDirection says which way the instance goes. In 3.1 both are
//     annotations.
//   - nullable and the boolean exclusiveMinimum of OpenAPI 3.0 are read as their
//     equivalents of 3.1, in documents of either version. Repairs lists each.
//   - A type that does not exist is read as the one that it obviously means (int, String,
//     the null of YAML in a union), else as any; anyOf, oneOf and allOf without a schema
//     in them are dropped. Repairs lists each.
//   - A schema that leads back to itself with the same value counts as matched there
//     (undefined by §9.4.1), so that a base can list its subtypes.
//   - format, contentEncoding and contentMediaType are annotations: they are
//     described, not validated (JSON Schema 2020-12 §7.2.1, Validation §8).
//   - Patterns are those of Go's regexp, which has no lookaround and no
//     backreferences. Repairs lists those that it cannot read; they are not
//     validated.
//   - References lead into the document only. Nothing is fetched.
//
// # Limits
//
// Documents have at most 64 MiB (WithMaxSize) and are nested at most 1,000 deep,
// instances that are validated at most 256 deep. Numbers in them have at most 1,000
// digits and exponents of three, a ValidationError at most 100 problems. What
// exceeds a limit is an error, and so is a document that sends one value through
// tens of thousands of schemas.
package schema
