package validator

import (
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// HintsKeyword is the extension of a schema object with hints for what people send out
// of habit with another API. Its member fields has the end of a message for names of
// fields that the schema does not declare, its member values for strings that its enum,
// or the tag of its union, does not have.
const HintsKeyword = "x-opcall-hints"

// maxHint bounds the hint of a document, in bytes.
const maxHint = 200

// fieldHint returns what a document says of a field that nothing declares.
func (x *explainer) fieldHint(f failed, name string) string {
	if hint := hintFor(f.object.Text, "fields", name); hint != "" || f.failure.detail == foreignKeyword {
		return hint
	}
	o, _ := x.closest(f)
	return hintFor(o.text, "fields", name)
}

// valueHint returns what a document says of a string that is not accepted.
func valueHint(schema string, t *jsonvalue.Tree, v jsonvalue.Ref) string {
	if t.Kind(v) != jsonvalue.String {
		return ""
	}
	return hintFor(schema, "values", t.String(v))
}

// hintFor returns the hint of a schema object for a name or value, "" where it has
// none.
func hintFor(schema, kind, name string) string {
	hints, _ := jsonscan.Member(schema, HintsKeyword)
	ofKind, _ := jsonscan.Member(hints, kind)
	hint, _ := jsonscan.Member(ofKind, name)
	return printable(bounded(jsonscan.String(hint), maxHint))
}
