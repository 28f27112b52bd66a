package schema

import (
	"slices"

	"github.com/opcall/opcall/internal/dialect"
)

// Repair is one tolerance that a document needed: something that is not what
// OpenAPI 3.1 (JSON Schema 2020-12) says, read as what its author meant.
type Repair struct {
	Pointer Pointer // where in the document
	Keyword string  // what is repaired: "nullable"
	Reason  string  // what it said, and what it is read as
}

func (r Repair) String() string {
	return string(r.Pointer) + ": " + r.Keyword + ": " + r.Reason
}

// Repairs returns every repair that the document needs, in document order. The
// first call walks the whole document.
func (d *Document) Repairs() []Repair {
	return slices.Clone(d.repaired())
}

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

// Repaired returns the document's JSON text with every repair carried out: a
// document of plain OpenAPI 3.1 schemas that needs none.
func (d *Document) Repaired() []byte {
	return []byte(dialect.Rewrite(d.text, func(at, text string) string { return dialect.ByTheLetter(text, at) }))
}
