package bench

import (
	"os"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/pb33f/libopenapi"

	"github.com/opcall/opcall/client"
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

// BenchmarkLoadOfficial opens the official description as it is published, in YAML,
// until its first operation can be called.
func BenchmarkLoadOfficial(b *testing.B) {
	data, err := os.ReadFile(official(b, "openapi.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	load := func(b *testing.B, data []byte, opts ...schema.Option) *schema.Document {
		doc, err := schema.Load(data, opts...)
		if err == nil {
			_, err = doc.Operation("createResponse")
		}
		if err != nil {
			b.Fatal(err)
		}
		return doc
	}
	text := load(b, data).JSON()
	cache := schema.WithCache(b.TempDir())
	load(b, data, client.Errata(), cache)
	for _, one := range []struct {
		name string
		data []byte
		opts []schema.Option
	}{
		{"opcall/yaml", data, nil},
		{"opcall/yaml, errata", data, []schema.Option{client.Errata()}},
		{"opcall/json", text, nil},
		{"opcall/cache, errata", data, []schema.Option{client.Errata(), cache}},
	} {
		b.Run(one.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				load(b, one.data, one.opts...)
			}
		})
	}
	b.Run("libopenapi/yaml", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			doc, err := libopenapi.NewDocument(data)
			if err == nil {
				_, err = doc.BuildV3Model()
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("kin-openapi/yaml", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := openapi3.NewLoader().LoadFromData(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
