package bench

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

func document(tb testing.TB) *schema.Document {
	tb.Helper()
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks(), schema.WithIndex(embed.Index()))
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

// BenchmarkValidate is the time from JSON text to the result, decoding included.
// A peer that refuses the body, all of which are valid, is reported as such.
// libopenapi-validator validates whole HTTP requests.
func BenchmarkValidate(b *testing.B) {
	doc, kinDoc, whole := document(b), kin(b), pb33f(b)
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
			component := kinDoc.Components.Schemas[p.Component].Value
			measure(b, func() bool { return kinVerdict(b, component, p.Body) == nil })
		})
		if p.Path == "" {
			continue
		}
		b.Run(p.Name+"/libopenapi-validator", func(b *testing.B) {
			measure(b, func() bool {
				ok, _ := whole.ValidateHttpRequestSync(request(b, p.Path, p.Body))
				return ok
			})
		})
	}
}

// measure measures how a peer validates.
func measure(b *testing.B, accepts func() bool) {
	b.ReportAllocs()
	accepted := true
	for b.Loop() {
		accepted = accepts()
	}
	if !accepted {
		b.ReportMetric(1, "refused")
	}
}

func kinVerdict(b *testing.B, s *openapi3.Schema, body string) error {
	var instance any
	if err := json.Unmarshal([]byte(body), &instance); err != nil {
		b.Fatal(err)
	}
	return s.VisitJSON(instance)
}

func request(b *testing.B, path, body string) *http.Request {
	req, err := http.NewRequest(http.MethodPost, "https://api.openai.com/v1"+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer test")
	return req
}

// BenchmarkValidateRejected is a body with one mistake: what the error costs, its
// text included, and how many lines that has.
func BenchmarkValidateRejected(b *testing.B) {
	doc, kinDoc := document(b), kin(b)
	for _, p := range Payloads() {
		wrong := strings.Replace(p.Body, `"type":`, `"tipe":`, 1)
		if wrong == p.Body {
			wrong = strings.Replace(p.Body, `"role":"user"`, `"role":"usr"`, 1)
		}
		rejected := func(b *testing.B, validate func() error) {
			b.ReportAllocs()
			var text string
			for b.Loop() {
				err := validate()
				if err == nil {
					b.Fatal("accepted")
				}
				text = err.Error()
			}
			b.ReportMetric(float64(1+strings.Count(strings.TrimSpace(text), "\n")), "lines")
		}
		b.Run(p.Name+"/opcall", func(b *testing.B) {
			rejected(b, func() error { return doc.Validate(p.Component, wrong) })
		})
		b.Run(p.Name+"/kin-openapi", func(b *testing.B) {
			component := kinDoc.Components.Schemas[p.Component].Value
			rejected(b, func() error { return kinVerdict(b, component, wrong) })
		})
	}
}
