package internal_test

import (
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

// schemasOf yields what a document's users have instances of: its components
// and, of every operation, the parameters, bodies and answers.
func schemasOf(doc *schema.Document) iter.Seq[*schema.Schema] {
	return func(yield func(*schema.Schema) bool) {
		for name := range doc.Components() {
			if s, err := doc.Component(name); err == nil && !yield(s) {
				return
			}
		}
		for op := range doc.Operations() {
			for _, s := range schemasOfOperation(op) {
				if s != nil && !yield(s) {
					return
				}
			}
		}
	}
}

func schemasOfOperation(op *schema.Operation) []*schema.Schema {
	var list []*schema.Schema
	for _, p := range op.Parameters {
		list = append(list, p.Schema)
	}
	if op.RequestBody != nil {
		for _, m := range op.RequestBody.Content {
			list = append(list, m.Schema)
		}
	}
	for _, r := range op.Responses {
		for _, m := range r.Content {
			list = append(list, m.Schema)
		}
		for _, h := range r.Headers {
			list = append(list, h.Schema)
		}
	}
	return list
}

func builtIn(t testing.TB) *schema.Document {
	t.Helper()
	doc, err := schema.Load(embed.OpenAI())
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// official loads an official description with its errata.
func official(t *testing.T, name string) *schema.Document {
	t.Helper()
	doc, err := schema.LoadFile(shared.Path(t, "openai-api", name), schema.WithOverlay(embed.Errata()))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestEverySchemaHasInstances makes a minimal, a full and a typical instance of
// every schema there is, and validates them in the Standard and the Strict tier.
func TestEverySchemaHasInstances(t *testing.T) {
	t.Parallel()
	documents := map[string]struct {
		load  func(*testing.T) *schema.Document
		least int // schemas; fewer mean that the sweep misses some
	}{
		"built-in":                {func(t *testing.T) *schema.Document { return builtIn(t) }, 2_500},
		"openapi.yaml":            {func(t *testing.T) *schema.Document { return official(t, "openapi.yaml") }, 2_500},
		"openapi-2025-04-29.yaml": {func(t *testing.T) *schema.Document { return official(t, "openapi-2025-04-29.yaml") }, 1_000},
	}
	for name, d := range documents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && name == "openapi.yaml" {
				t.Skip("the built-in description is made from it")
			}
			doc := d.load(t)
			schemas, step := 0, 1
			if testing.Short() {
				step = 5
				t.Log("-short: every fifth schema")
			}
			for s := range schemasOf(doc) {
				if schemas++; schemas%step != 0 {
					continue
				}
				sweep(t, "Minimal", s, sample.Minimal)
				sweep(t, "Full", s, sample.Full)
				sweep(t, "Typical", s, sample.Typical)
			}
			if schemas < d.least {
				t.Errorf("swept %d schemas, want at least %d", schemas, d.least)
			}
		})
	}
}

func sweep(t *testing.T, name string, s *schema.Schema, make func(*schema.Schema) (json.RawMessage, error)) {
	t.Helper()
	got, err := make(s)
	if err != nil {
		t.Errorf("%s(%s): %v", name, s.Pointer(), err)
		return
	}
	for _, tier := range []schema.Tier{schema.Standard, schema.Strict} {
		err := s.Validate(got, schema.WithTier(tier))
		var invalid *schema.ValidationError
		if tier == schema.Strict && errors.As(err, &invalid) && len(invalid.Problems) == 1 && slices.Contains(dropped, invalid.Problems[0].Message) {
			continue
		}
		if tier == schema.Strict && name == "Typical" && invalid != nil && len(invalid.Problems) == 1 &&
			strings.HasSuffix(string(invalid.Problems[0].Pointer), "/error") && invalid.Problems[0].Got == "null" {
			continue // nothing went wrong, whatever the letter says
		}
		if err != nil {
			t.Errorf("%s(%s) = %.300s: %s: %v", name, s.Pointer(), got, tier, err)
		}
	}
}

// dropped are what the official letter asks for and the errata do not: an
// instance without them is valid in the Standard tier alone.
var dropped = []string{
	`missing property "request_id"`,    // of an MCP approval, which Standard refuses
	`missing property "client_secret"`, // of a session in a Realtime event
	`missing property "file_ids"`,      // of a file batch
}

// TestInstancesAreTheSameEveryTime makes each instance twice, from two loads of
// the document.
func TestInstancesAreTheSameEveryTime(t *testing.T) {
	if testing.Short() {
		t.Skip("long: run without -short")
	}
	t.Parallel()
	doc, again := builtIn(t), builtIn(t)
	for name := range doc.Components() {
		for _, make := range []func(*schema.Schema) (json.RawMessage, error){sample.Minimal, sample.Full, sample.Typical} {
			got := instance(t, doc, name, make)
			if other := instance(t, again, name, make); other != got {
				t.Errorf("%s:\n got %.300s\nthen %.300s", name, got, other)
			}
		}
	}
}

// instance returns an instance of a component, or why there is none.
func instance(t *testing.T, doc *schema.Document, name string, make func(*schema.Schema) (json.RawMessage, error)) string {
	t.Helper()
	s, err := doc.Component(name)
	if err != nil {
		t.Fatal(err)
	}
	got, err := make(s)
	if err != nil {
		return err.Error()
	}
	return string(got)
}
