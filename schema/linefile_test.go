package schema_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/schema"
)

// fileOf loads a YAML document from a file, so that its problems have lines.
func fileOf(t *testing.T, text string) *schema.Document {
	t.Helper()
	path := filepath.Join(t.TempDir(), "api.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	doc, err := schema.LoadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// A problem has the line of the keyword in the document, whether the instance comes
// alone or as a line of a file.
func TestLinesOfAFileHaveTheProblemsOfValidate(t *testing.T) {
	t.Parallel()
	doc := fileOf(t, `openapi: 3.1.0
paths: {}
components:
  schemas:
    Rating:
      type: object
      required: [film]
      properties:
        stars:
          type: integer
          minimum: 1
`)
	for name, instance := range map[string]string{
		"keyword of a field": `{"film": "M", "stars": 0}`,
		"missing":            `{"stars": 1}`,
		"unknown and wrong":  `{"film": "M", "stars": "x", "star": 1}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var alone, line *schema.ValidationError
			if err := doc.Validate("Rating", instance); !errors.As(err, &alone) {
				t.Fatalf("got %v, want a *ValidationError", err)
			}
			for got, err := range doc.ValidateLines("Rating", strings.NewReader(instance)) {
				if err != nil || !errors.As(got.Err, &line) {
					t.Fatalf("got %v, %v, want a *ValidationError", got.Err, err)
				}
			}
			if diff := cmp.Diff(alone.Problems, line.Problems); diff != "" {
				t.Errorf("problems (-alone +as a line):\n%s", diff)
			}
			for _, p := range line.Problems {
				if p.Line == 0 {
					t.Errorf("%s has no line in the document", p)
				}
			}
		})
	}
	for line := range doc.ValidateLines("Rating", strings.NewReader(`{"film": "M", "stars": 0}`)) {
		var invalid *schema.ValidationError
		if !errors.As(line.Err, &invalid) || invalid.Problems[0].Line != 11 {
			t.Errorf("got %#v, want minimum on line 11", line.Err)
		}
	}
}

// In the Lenient tier nothing is an error, text that is not JSON included.
func TestLenientTierHasNoErrorForBrokenText(t *testing.T) {
	t.Parallel()
	doc := open(t, of(`{"type":"object"}`))
	lenient := schema.WithTier(schema.Lenient)
	for _, text := range []string{`{`, `{"a":1,"a":2}`, "\xff", `[1]`, `{"a":1e99999}`} {
		if err := doc.Validate("X", text, lenient); err != nil {
			t.Errorf("Validate of %q: %v", text, err)
		}
		for line, err := range doc.ValidateLines("X", strings.NewReader(text), lenient) {
			if err != nil || line.Err != nil {
				t.Errorf("ValidateLines of %q: %v, %v", text, line.Err, err)
			}
		}
		for line, err := range builtin(t).ValidateLines(schema.BatchRequestInput, strings.NewReader(text), lenient) {
			if err != nil || line.Err != nil {
				t.Errorf("ValidateLines of %q in a batch file: %v, %v", text, line.Err, err)
			}
		}
	}
}

// The caller may modify what JSON returns.
func TestJSONOfADocumentIsACopy(t *testing.T) {
	t.Parallel()
	doc := open(t, of(`{"type":"object"}`))
	clear(doc.JSON())
	if _, err := doc.Component("X"); err != nil || doc.JSON()[0] != '{' {
		t.Errorf("the document has changed: %v, %q", err, doc.JSON()[0])
	}
}

// doc.go says so among the deviations: OpenAPI 3.0 ignores what stands beside $ref.
func TestMembersBesideRefApplyInOpenAPI30(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"3.0.3", "3.1.0"} {
		doc, err := schema.Load([]byte(`{"openapi":"` + version + `","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{
			"A":{"$ref":"#/components/schemas/B","minLength":3},"B":{"type":"string"}}}}`))
		if err != nil {
			t.Fatal(err)
		}
		if err := doc.Validate("A", `"ab"`); err == nil {
			t.Errorf("%s: minLength beside $ref is ignored", version)
		}
	}
}
