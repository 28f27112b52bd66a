package bench

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

func document(tb testing.TB) *schema.Document {
	tb.Helper()
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

// TestPayloadsAreValid keeps the benchmarks honest: a refused body would
// measure something else.
func TestPayloadsAreValid(t *testing.T) {
	doc := document(t)
	for _, p := range Payloads() {
		if err := doc.Validate(p.Component, p.Body); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		t.Logf("%s: %d bytes", p.Name, len(p.Body))
	}
}

// BenchmarkValidate is the time from JSON text to a verdict, decoding included.
// A peer that refuses the body, all of which are valid, is reported as such.
func BenchmarkValidate(b *testing.B) {
	doc := document(b)
	other := kin(b)
	for _, p := range Payloads() {
		b.Run(p.Name+"/opcall", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := doc.Validate(p.Component, p.Body); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(p.Name+"/kin-openapi", func(b *testing.B) {
			component := other.Components.Schemas[p.Component].Value
			b.ReportAllocs()
			refused := false
			for b.Loop() {
				var v any
				if err := json.Unmarshal([]byte(p.Body), &v); err != nil {
					b.Fatal(err)
				}
				refused = component.VisitJSON(v) != nil
			}
			if refused {
				b.ReportMetric(1, "refused")
			}
		})
	}
}

// BenchmarkValidateRejected is a body with one mistake: what the error costs.
func BenchmarkValidateRejected(b *testing.B) {
	doc := document(b)
	for _, p := range Payloads() {
		wrong := strings.Replace(p.Body, `"type":`, `"tipe":`, 1)
		if wrong == p.Body {
			wrong = strings.Replace(p.Body, `"role":"user"`, `"role":"usr"`, 1)
		}
		b.Run(p.Name+"/opcall", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if doc.Validate(p.Component, wrong) == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}

// BenchmarkValidateRequest compares with libopenapi-validator, which validates
// whole HTTP requests.
func BenchmarkValidateRequest(b *testing.B) {
	v := pb33f(b)
	for _, p := range Payloads() {
		if p.Operation == "" {
			continue
		}
		path := map[string]string{"createChatCompletion": "/chat/completions", "createResponse": "/responses"}[p.Operation]
		b.Run(p.Name+"/libopenapi-validator", func(b *testing.B) {
			b.ReportAllocs()
			refused := false
			for b.Loop() {
				req, err := http.NewRequest(http.MethodPost, "https://api.openai.com/v1"+path, bytes.NewReader([]byte(p.Body)))
				if err != nil {
					b.Fatal(err)
				}
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("Authorization", "Bearer x")
				ok, _ := v.ValidateHttpRequestSync(req)
				refused = !ok
			}
			if refused {
				b.ReportMetric(1, "refused")
			}
		})
	}
}
