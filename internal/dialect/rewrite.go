package dialect

import (
	"strconv"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Rewrite returns the text of an OpenAPI document with each schema object
// replaced by what edit returns for it and its JSON Pointer. Outer schemas come
// first; subschemas are those of the edited text.
func Rewrite(document string, edit func(at, text string) string) string {
	// One buffer for the whole text, with room for what repairs add.
	dst := make([]byte, 0, len(document)+len(document)/8)
	return jsonscan.Alias(rewrite(dst, document, "", Object, edit))
}

// It is recursive by the nesting of the document, which is bounded when the document is
// opened.
func rewrite(dst []byte, text, at string, p Place, edit func(at, text string) string) []byte {
	if text[0] == '[' {
		dst = append(dst, '[')
		for i, item := range jsonscan.Items(text) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = rewrite(dst, item, at+"/"+strconv.Itoa(i), Item(p), edit)
		}
		return append(dst, ']')
	}
	if text[0] != '{' {
		return append(dst, text...)
	}
	// Before its parts, since an edit may move them: a list in items becomes prefixItems.
	if p == Schema {
		text = edit(at, text)
	}
	dst = append(dst, '{')
	first := true
	for key, value := range jsonscan.Members(text) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(jsonscan.AppendString(dst, key), ':')
		inner := Inner(p, key)
		// Copied as it is: what is within examples and extensions is nobody's schema.
		if inner == Data || inner == Value {
			dst = append(dst, value...)
			continue
		}
		dst = rewrite(dst, value, at+"/"+jsonscan.EscapeToken(key), inner, edit)
	}
	return append(dst, '}')
}
