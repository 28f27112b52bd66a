package schema

import (
	"iter"
	"slices"

	"github.com/opcall/opcall/internal/dialect"
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

// Repairs returns every repair that the document needs, in document order. The first
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
	dialect.Rewrite(d.text, func(at, text string) string {
		text, found := dialect.Translate(text, at)
		for _, r := range append(found, dialect.UnreadablePatterns(text, at)...) {
			repairs = append(repairs, Repair{Pointer: Pointer(r.Pointer), Keyword: r.Keyword, Reason: r.Reason})
		}
		return text
	})
	return repairs
}
