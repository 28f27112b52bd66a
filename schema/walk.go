package schema

import (
	"iter"

	"github.com/opcall/opcall/internal/dialect"
)

// Schemas yields every schema object of the document with its subschemas,
// references not followed: components first to last, parameters, bodies,
// responses, headers, webhooks, in document order. Those of parts that are
// refused are passed over.
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
