package extension

import (
	"github.com/opcall/opcall/internal/style"
	"github.com/opcall/opcall/schema"
)

// Brackets reports whether the document writes arrays and objects in forms as
// a[]=x and a[k]=y: x-opcall-brackets.
func Brackets(doc *schema.Document) bool {
	text, _ := doc.Extension("x-opcall-brackets")
	return text == "true"
}

// Wire returns a parameter in the form that the package style serializes.
func Wire(p *schema.Parameter) style.Param {
	operator, prefix := "", 0
	if p.In == "path" {
		if prefix = p.Prefix; p.Operator == "+" || p.Operator == "/" {
			operator = p.Operator
		}
	}
	return style.Param{
		Name: p.Name, In: p.In, Operator: operator, Prefix: prefix, Style: p.Style, Explode: &p.Explode,
		AllowReserved: p.AllowReserved, JSON: schema.IsJSON(p.MediaType), Brackets: p.Brackets,
	}
}

// WireField returns a field of an urlencoded form, which is written as a query
// parameter is (OpenAPI 3.1 §4.8.14.4): by its encoding or, without one, as
// OpenAPI does by default: objects as JSON text (3.0.4 §4.7.15.1, 3.1.1 §4.8.15.1.1). The
// content type counts where the encoding gives no style.
func WireField(media *schema.MediaType, name string, brackets bool) style.Param {
	encoding, given := media.Encoding[name]
	explode := !given || encoding.Explode
	return style.Param{
		Name: name, In: "query", Style: encoding.Style, Explode: &explode,
		AllowReserved: encoding.AllowReserved, JSON: !encoding.Styled && schema.IsJSON(encoding.ContentType),
		JSONParts: !encoding.Styled && !brackets, Brackets: brackets,
	}
}
