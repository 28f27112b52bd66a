package inbound

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/style"
)

// FuzzJoinFields holds the assembly of forms, whose field names are anybody's,
// to making JSON or an error.
func FuzzJoinFields(f *testing.F) {
	for _, seed := range []string{"a=1", "a[]=1&a[]=2", "a[b]=1&a[c][]=2", "a[][b]=1&a[][b]=2", "a[0]=x&a[1]=y", "a=1&a[]=2", "a[=1", "[]=1", "a]b[=", "a[][]=1", "a[][b][]=1&a[][c]=2"} {
		f.Add(seed, true)
	}
	scalar := &style.Shape{Type: jsonvalue.Integer | jsonvalue.Null}
	shape := &style.Shape{Type: jsonvalue.Object}
	shape.Properties = map[string]*style.Shape{"a": shape, "n": scalar, "l": {Type: jsonvalue.Array, Items: shape}, "i": {Type: jsonvalue.Array, Items: scalar}}
	f.Fuzz(func(t *testing.T, form string, brackets bool) {
		var fields []formField
		for pair := range strings.SplitSeq(form, "&") {
			name, text, _ := strings.Cut(pair, "=")
			fields = append(fields, formField{name: name, kind: fieldKind(len(text) % 3), text: text})
		}
		for _, s := range []*style.Shape{nil, shape} {
			got, err := joinFields(fields, s, brackets)
			if err == nil && !json.Valid(got) {
				t.Errorf("got %s of %q", got, form)
			}
		}
	})
}
