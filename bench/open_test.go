package bench

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/pb33f/libopenapi"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// BenchmarkOpen opens the built-in description, 288 operations and 1,422
// components, as far as each library needs to before it can be asked anything.
func BenchmarkOpen(b *testing.B) {
	b.Run("opcall", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			document(b)
		}
	})
	b.Run("opcall/checked", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := schema.Load(embed.OpenAI()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("kin-openapi", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := openapi3.NewLoader().LoadFromData(embed.OpenAI()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("libopenapi", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			doc, err := libopenapi.NewDocument(embed.OpenAI())
			if err != nil {
				b.Fatal(err)
			}
			if _, err := doc.BuildV3Model(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
