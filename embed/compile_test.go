package embed_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/opcall/opcall/schema"
)

// Every schema compiles and gives a verdict, by the letter and with the errata:
// every component, every inline schema, and every part of them.
func TestEverySchemaValidates(t *testing.T) {
	t.Parallel()
	official := func(name string) func(*testing.T) *schema.Document {
		return func(t *testing.T) *schema.Document { return openOfficial(t, name) }
	}
	tests := map[string]struct {
		open                func(t *testing.T) *schema.Document
		components, schemas int
		instances           []string
	}{
		"built-in":      {openBuiltIn, 1429, 12000, []string{`null`, `{}`, `[]`, `"x"`, `1`, `true`}},
		"official":      {official(officialNew), 1422, 12000, []string{`{}`, `1`}},
		"official 2025": {official(officialOld), 477, 4000, []string{`{}`, `1`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && name == "official" {
				t.Skip("the built-in description is made from it: run without -short")
			}
			document := tt.open(t)
			step := 1
			if testing.Short() {
				step = 5
				t.Log("-short: every fifth schema")
			}
			components := 0
			for component := range document.Components() {
				components++
				if _, err := document.Component(component); err != nil {
					t.Error(err)
				}
			}
			schemas := 0 // components, inline schemas, and the subschemas of both
			for s := range document.Schemas() {
				if schemas%step == 0 {
					verdicts(t, s, tt.instances)
				}
				schemas++
			}
			if components < tt.components || schemas < tt.schemas {
				t.Errorf("validated by %d components and %d schemas, want at least %d and %d", components, schemas, tt.components, tt.schemas)
			}
		})
	}
}

// verdicts validates instances in both tiers that return an error.
func verdicts(t *testing.T, s *schema.Schema, instances []string) {
	t.Helper()
	for _, tier := range []schema.Tier{schema.Strict, schema.Standard} {
		for _, instance := range instances {
			if reason := verdict(s, instance, tier); reason != "" {
				t.Fatalf("%s, %s: %s: %s", s.Pointer(), tier, instance, reason)
			}
		}
	}
}

// verdict returns why there is none, or "".
func verdict(s *schema.Schema, instance string, tier schema.Tier) (reason string) {
	defer func() {
		if r := recover(); r != nil {
			reason = fmt.Sprintf("panic: %v", r)
		}
	}()
	err := s.Validate(instance, schema.WithTier(tier))
	if err == nil {
		return ""
	}
	var invalid *schema.ValidationError
	if !errors.As(err, &invalid) || len(invalid.Problems) == 0 {
		return fmt.Sprintf("no verdict but %v", err)
	}
	for _, problem := range invalid.Problems {
		if problem.Keyword == "x-opcall-unusable" {
			return problem.String()
		}
	}
	return ""
}
