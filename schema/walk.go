package schema

import (
	"fmt"
	"iter"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/layout"
)

// rewriteSchemas returns the document's text with each schema object replaced
// by what edit makes of it: outer schemas first, subschemas of the edited text
// after.
func (d *Document) rewriteSchemas(edit func(Pointer, string) string) string {
	return string(rewrite(make([]byte, 0, len(d.text)+len(d.text)/8), d.text, "", layout.Object, edit))
}

func rewrite(dst []byte, text string, at Pointer, p layout.Place, edit func(Pointer, string) string) []byte {
	if text[0] == '[' {
		dst = append(dst, '[')
		for i, item := range jsonscan.Items(text) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = rewrite(dst, item, at.Append(fmt.Sprint(i)), layout.Item(p), edit)
		}
		return append(dst, ']')
	}
	if text[0] != '{' {
		return append(dst, text...)
	}
	if p == layout.Schema {
		text = edit(at, text)
	}
	dst = append(dst, '{')
	first := true
	for key, value := range jsonscan.Members(text) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(appendString(dst, key), ':')
		inner := layout.Inner(p, key)
		if inner == layout.Data || inner == layout.Value {
			dst = append(dst, value...)
			continue
		}
		dst = rewrite(dst, value, at.Append(key), inner, edit)
	}
	return append(dst, '}')
}

// Schemas yields every schema object of the document with its subschemas,
// references not followed: components first to last, parameters, bodies,
// responses, headers, webhooks, in document order.
func (d *Document) Schemas() iter.Seq[*Schema] {
	return func(yield func(*Schema) bool) {
		stopped := false
		d.rewriteSchemas(func(at Pointer, text string) string {
			if !stopped && !yield(d.schemaAt(at, text)) {
				stopped = true
			}
			return text
		})
	}
}
