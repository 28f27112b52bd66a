package inbound_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/schema"
)

const manyDocument = `{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"post": {"operationId": "a",
	"parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
	"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": {"x": {"type": "string"}}}}}},
	"responses": {"200": {"description": "d"}}}}}}`

// A query or a form of very many names is refused, or read in one pass, and never makes a
// message of its size.
func TestManyPairsAreBounded(t *testing.T) {
	doc, err := schema.Load([]byte(manyDocument))
	if err != nil {
		t.Fatal(err)
	}
	pairs := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "&limitt%d=1", i)
		}
		return b.String()[1:]
	}
	tests := map[string]struct {
		query, body string
		message     string
		problems    int // reported and counted
	}{
		"query":          {query: pairs(9_000), message: "9000 problems", problems: 9_000},
		"query too long": {query: pairs(200_000), message: "more than 10000 pairs"},
		"form":           {body: pairs(9_000), message: "unknown field", problems: 9_000},
		"form too long":  {body: pairs(200_000), message: "more than 10000 fields"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			hr := httptest.NewRequest("POST", "/a?"+tt.query, strings.NewReader(tt.body))
			if tt.body != "" {
				hr.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			op, path, refusal := inbound.Route(doc, inbound.NewBases(doc), "POST", hr.URL)
			if refusal != nil {
				t.Fatal(refusal)
			}
			_, refusal = new(inbound.Validator).Read(hr, op, path)
			if refusal == nil || !strings.Contains(refusal.Message, tt.message) || len(refusal.Message) > 64<<10 {
				t.Fatalf("got %.300v, want a bounded refusal with %q", refusal, tt.message)
			}
			var invalid *schema.ValidationError
			if tt.problems == 0 {
				return
			}
			if !errors.As(refusal, &invalid) || tt.query != "" && len(invalid.Problems)+invalid.More != tt.problems || len(invalid.Problems) > 500 {
				t.Errorf("got %d problems and %d more, want %d in all", len(invalid.Problems), invalid.More, tt.problems)
			}
		})
	}
}
