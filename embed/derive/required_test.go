package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUndeclaredListsRequiredNamesWithoutProperty(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		schemas string // of the components
		want    []string
	}{
		"declared":                 {`"A":{"required":["a"],"properties":{"a":{}}}`, nil},
		"phantom":                  {`"A":{"required":["a","b"],"properties":{"a":{}}}`, []string{"A: b"}},
		"no properties at all":     {`"A":{"type":"object","required":["a"]}`, []string{"A: a"}},
		"of a list":                {`"A":{"type":"array","required":["a"],"items":{"properties":{"a":{}}}}`, []string{"A: a"}},
		"declared where it refers": {`"A":{"$ref":"#/components/schemas/B","required":["b"]},"B":{"properties":{"b":{}}}`, nil},
		"in another component":     {`"A":{"required":["b"]},"B":{"properties":{"b":{}}}`, []string{"A: b"}},
		"declared by a branch":     {`"A":{"required":["b"],"allOf":[{"$ref":"#/components/schemas/B"}]},"B":{"properties":{"b":{}}}`, nil},
		"declared beside a branch": {`"A":{"properties":{"a":{}},"anyOf":[{"required":["a"]},{"required":["c"]}]}`, []string{"A/anyOf/1: c"}},
		"declared by a sibling":    {`"A":{"allOf":[{"required":["a"]},{"properties":{"a":{}}}]}`, nil},
		"of what must not be":      {`"A":{"properties":{"a":{}},"not":{"required":["a"]}}`, nil},
		"of a property":            {`"A":{"properties":{"a":{},"b":{"required":["a"]}}}`, []string{"A/properties/b: a"}},
		"property named required":  {`"A":{"properties":{"required":{"enum":["a"]}},"required":["required"]}`, nil},
		"schemas that go around":   {`"A":{"required":["a"],"allOf":[{"$ref":"#/components/schemas/A"}]}`, []string{"A: a"}},
		"erratum takes it away":    {`"A":{"required":["a"],"x-opcall-patch":{"required":null}}`, nil},
		"erratum declares it":      {`"A":{"required":["a"],"x-opcall-patch":{"properties":{"a":{}}}}`, nil},
		"erratum brings it":        {`"A":{"properties":{"a":{}},"x-opcall-patch":{"required":["b"]}}`, []string{"A: b"}},
		"reference to nothing":     {`"A":{"$ref":"#/components/schemas/B","required":["b"]}`, []string{"A: b"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := undeclared(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"components":{"schemas":{` + tt.schemas + `}}}`)
			for i, line := range got {
				got[i] = strings.TrimPrefix(line, "/components/schemas/")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.schemas, diff)
			}
		})
	}
}
