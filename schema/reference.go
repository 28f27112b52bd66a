package schema

import (
	"fmt"
	"strings"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
)

// maxReferences bounds a chain of references: longer ones are circular. No chain of a
// real document has more than a few links, and a bound needs no memory of where one
// was.
const maxReferences = 32

// resolve returns what a reference names and where it stands. References are URI
// fragments with a JSON Pointer (RFC 6901 §6) into this document; others are refused.
// Those of a schema that was made for itself, such as #/$defs/Name, mean the nearest
// schema around them that has it, where the document has none.
//
// The text is the document's, without errata and repairs: internal/validator asks here
// for what it does not have in its own reading.
func (d *Document) resolve(ref string, at Pointer) (string, Pointer, error) {
	pointer, err := localPointer(ref)
	if err != nil {
		reason := err.Error()
		if why, ok := d.source.whyUnresolved(at); ok {
			reason = why
		}
		return "", "", &DocumentError{Pointer: at, Reason: reason}
	}
	text, ok := d.Lookup(pointer)
	if !ok && isPasted(ref) {
		text, pointer, ok = d.pasted(pointer, at)
	}
	if !ok {
		return "", "", &DocumentError{Pointer: at, Reason: fmt.Sprintf("$ref %.120q names nothing in the document%s", ref, d.nearestRef(pointer))}
	}
	return text, pointer, nil
}

// localPointer returns the JSON Pointer of a reference to this document. Other documents
// and anchors are errors: nothing is fetched, and an anchor is known only once its schema
// is compiled.
func localPointer(ref string) (Pointer, error) {
	if !strings.HasPrefix(ref, "#") {
		return "", fmt.Errorf("$ref %.120q leaves the document, and nothing is fetched; a relative one is followed by LoadFile and LoadFS", ref)
	}
	pointer, ok := dialect.LocalPointer(ref)
	if !ok {
		return "", fmt.Errorf("$ref %.120q names an anchor; want a JSON Pointer such as \"#/components/schemas/Name\"", ref)
	}
	return Pointer(pointer), nil
}

// follow resolves text as long as it is a reference object. Members beside $ref
// are ignored here (OpenAPI 3.1 §4.8.23): this is for parameters, bodies, responses, headers and path
// items; schemas are resolved by internal/validator.
func (d *Document) follow(text string, at Pointer) (string, Pointer, error) {
	for range maxReferences {
		ref, ok := jsonscan.Member(text, "$ref")
		if !ok {
			return text, at, nil
		}
		var err error
		if text, at, err = d.resolve(jsonscan.String(ref), at); err != nil {
			return "", "", err
		}
	}
	return "", "", &DocumentError{Pointer: at, Reason: "the chain of $ref is circular"}
}
