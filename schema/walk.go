package schema

import (
	"fmt"
	"iter"
	"slices"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/schema/internal/validator"
)

// Schemas yields every schema object of the document with its subschemas, references
// not followed: components first to last, parameters, bodies, responses, headers,
// webhooks, in document order. Those of parts that are refused are left out. A schema
// comes before the schemas within it. Each walk reads the whole text, also one that is
// left early.
func (d *Document) Schemas() iter.Seq[*Schema] {
	return func(yield func(*Schema) bool) {
		stopped := false
		dialect.Rewrite(d.text, func(at, text string) string {
			if !stopped && d.refusedAt(Pointer(at)) == nil && !yield(d.schemaAt(Pointer(at), text)) {
				stopped = true
			}
			return text
		})
	}
}

// Repairs returns every repair that the document needs, in document order: first those of
// operations, then those of schema objects, and last those of parts of an allOf. The first
// call walks the whole document; later ones copy the list.
func (d *Document) Repairs() []Repair {
	d.allRepairs.once.Do(func() { d.allRepairs.list = d.findRepairs() })
	return slices.Clone(d.allRepairs.list)
}

// findRepairs collects the repairs that were made while the document was indexed, those
// of its operations, and those of every schema object. It walks the text and compiles
// nothing: the same translation runs when a schema is compiled, on that schema alone,
// so that no list has to be kept for the few who ask.
func (d *Document) findRepairs() []Repair {
	repairs := slices.Clone(d.repairs)
	for op := range d.Operations() {
		repairs = append(repairs, op.repairs...)
	}
	var wholes []Repair // what several schema objects say together
	closed := d.closed().ClosedParts()
	dialect.Rewrite(d.text, func(at, text string) string {
		given := text
		text, found := dialect.Translate(given, at)
		found = append(found, dialect.UnreadablePatterns(text, at)...)
		for _, r := range append(found, dialect.Contradictions(given, at)...) {
			repairs = append(repairs, Repair{Pointer: Pointer(r.Pointer), Keyword: r.Keyword, Reason: r.Reason})
		}
		for _, part := range closed.Of(validator.Place{Text: given, At: at}) {
			another := "another part of the allOf at " + at
			if part.Property != "" {
				another = fmt.Sprintf("another schema of the property %.120s of the allOf at %s", part.Property, at)
			}
			wholes = append(wholes, Repair{Pointer: Pointer(part.At), Keyword: "additionalProperties", Reason: fmt.Sprintf("false refuses %.80q, which %s declares; read as: no field besides those of all parts", part.Field, another)})
		}
		return text
	})
	return append(repairs, wholes...)
}
