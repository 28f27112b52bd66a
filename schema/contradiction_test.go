package schema_test

import (
	"strings"
	"testing"

	"github.com/opcall/opcall/schema"
)

// componentsOf loads a document of component schemas, given as JSON.
func componentsOf(t *testing.T, version, schemas string) *schema.Document {
	t.Helper()
	doc, err := schema.Load([]byte(`{"openapi":"` + version + `","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":` + schemas + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	if errs := doc.Verify(); len(errs) > 0 {
		t.Fatal(errs[0])
	}
	return doc
}

// validity is which tiers accept an instance of the component X.
type validity struct {
	standard, strict bool
}

func (v validity) check(t *testing.T, doc *schema.Document, instance string) {
	t.Helper()
	for tier, want := range map[schema.Tier]bool{schema.Standard: v.standard, schema.Strict: v.strict} {
		if err := doc.Validate("X", instance, schema.WithTier(tier)); (err == nil) != want {
			t.Errorf("%s, %v: got %v, want valid %v", instance, tier, err, want)
		}
	}
}

func repairsAt(doc *schema.Document, pointer schema.Pointer) string {
	var found []string
	for _, r := range doc.Repairs() {
		if r.Pointer == pointer {
			found = append(found, r.Keyword+": "+r.Reason)
		}
	}
	return strings.Join(found, "\n")
}

var (
	both         = validity{standard: true, strict: true}
	neither      = validity{}
	standardOnly = validity{standard: true}
)

func TestTypesThatThereAreNotAreReadOrDropped(t *testing.T) {
	t.Parallel()
	const at = "/components/schemas/X"
	tests := map[string]struct {
		schema    string
		instances map[string]validity
		repair    string
	}{
		"a name of another language":  {`{"type":"Int64"}`, map[string]validity{`1`: both, `"a"`: neither}, `read as "integer"`},
		"another letter case":         {`{"type":"String"}`, map[string]validity{`"a"`: both, `1`: neither}, `read as "string"`},
		"a comma that was left":       {`{"type":"boolean,"}`, map[string]validity{`true`: both, `1`: neither}, `read as "boolean"`},
		"an upload of Swagger 2.0":    {`{"type":"file"}`, map[string]validity{`"a"`: both, `1`: neither}, `read as "string"`},
		"a name that means nothing":   {`{"type":"whatever"}`, map[string]validity{`1`: both, `{"a":[]}`: both}, "any type"},
		"an empty name":               {`{"type":""}`, map[string]validity{`1`: both, `null`: both}, "any type"},
		"null in a list":              {`{"type":["string",null]}`, map[string]validity{`null`: both, `"a"`: both, `1`: neither}, `["string","null"]`},
		"null for a type of its own":  {`{"type":null,"maxLength":1}`, map[string]validity{`1`: both, `"a"`: both, `"ab"`: neither}, "any type"},
		"an empty list":               {`{"type":[]}`, map[string]validity{`1`: both}, "any type"},
		"a name and another word":     {`{"type":["string","thing"]}`, map[string]validity{`1`: both}, "any type"},
		"nullable beside it":          {`{"type":"bool","nullable":true}`, map[string]validity{`true`: both, `null`: both, `1`: neither}, `read as "boolean"`},
		"no oneOf":                    {`{"type":"integer","oneOf":[]}`, map[string]validity{`1`: both, `"a"`: neither}, "oneOf: an empty list"},
		"no anyOf":                    {`{"anyOf":[ ]}`, map[string]validity{`1`: both}, "anyOf: an empty list"},
		"no allOf":                    {`{"allOf":[]}`, map[string]validity{`1`: both}, "allOf: an empty list"},
		"a oneOf and a discriminator": {`{"type":"object","oneOf":[],"discriminator":{"propertyName":"t"}}`, map[string]validity{`{"t":"a"}`: both}, "oneOf: an empty list"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := componentsOf(t, "3.0.3", `{"X":`+tt.schema+`}`)
			for instance, v := range tt.instances {
				v.check(t, doc, instance)
			}
			if got := repairsAt(doc, at); !strings.Contains(got, tt.repair) {
				t.Errorf("got repairs %q, want %q", got, tt.repair)
			}
		})
	}
}

func TestNullBranchOfYAMLAcceptsNull(t *testing.T) {
	t.Parallel()
	doc := componentsOf(t, "3.1.0", `{"X":{"anyOf":[{"type":"string"},{"type":null,"description":"or nothing"}]}}`)
	for instance, v := range map[string]validity{`null`: both, `"a"`: both, `1`: neither} {
		v.check(t, doc, instance)
	}
	if got := repairsAt(doc, "/components/schemas/X/anyOf/1"); !strings.Contains(got, `read as "null"`) {
		t.Errorf("got repairs %q", got)
	}
}

func TestEnumThatContradictsItsTypeIsReadAsMeant(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		schema    string
		instances map[string]validity
		repair    string
	}{
		"numbers in quotes":     {`{"type":"integer","enum":["1","2"]}`, map[string]validity{`1`: standardOnly, `3`: neither, `"1"`: neither}, "read as [1,2]"},
		"fractions for numbers": {`{"type":"number","enum":["0.5"]}`, map[string]validity{`0.5`: standardOnly, `0.6`: neither}, "read as [0.5]"},
		"booleans in quotes":    {`{"type":"boolean","enum":["true","False"]}`, map[string]validity{`true`: standardOnly, `false`: standardOnly}, "read as [true,false]"},
		"values without quotes": {`{"type":"string","enum":[1,2.50,true]}`, map[string]validity{`"1"`: standardOnly, `"2.50"`: standardOnly, `"true"`: standardOnly, `1`: neither}, `read as ["1","2.50","true"]`},
		"values of the items":   {`{"type":"array","items":{"type":"string"},"enum":["a","b"]}`, map[string]validity{`["a"]`: standardOnly, `[]`: standardOnly, `["c"]`: neither, `"a"`: neither}, "values of the items"},
		"items in quotes":       {`{"type":"array","items":{"type":"integer"},"enum":["1"]}`, map[string]validity{`[1]`: standardOnly, `[2]`: neither}, "values of the items"},
		"names of numbers":      {`{"type":"integer","enum":["low","high"]}`, map[string]validity{`1`: standardOnly, `"low"`: standardOnly, `true`: neither}, "any number or string"},
		"names of objects":      {`{"type":"object","enum":["low","high"]}`, map[string]validity{`"low"`: standardOnly, `"mid"`: neither}, "type dropped"},
		"null besides":          {`{"type":"integer","nullable":true,"enum":["1"]}`, map[string]validity{`1`: standardOnly, `null`: both, `2`: neither}, "read as [1,null]"},
		"none":                  {`{"type":"string","enum":[]}`, map[string]validity{`"a"`: standardOnly, `1`: neither}, "dropped"},
		"a const":               {`{"type":"integer","const":"1"}`, map[string]validity{`1`: standardOnly, `2`: neither}, "read as 1"},
		"one value that fits":   {`{"type":"string","enum":["a",1]}`, map[string]validity{`"a"`: both, `"1"`: neither}, ""},
		"one integer that fits": {`{"type":"integer","enum":["a",1e2]}`, map[string]validity{`100`: both, `1`: neither}, ""},
		"an erratum that mends": {`{"type":"integer","enum":["a"],"x-opcall-patch":{"type":"string"}}`, map[string]validity{`"a"`: standardOnly, `1`: neither}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := componentsOf(t, "3.0.3", `{"X":`+tt.schema+`}`)
			for instance, v := range tt.instances {
				v.check(t, doc, instance)
			}
			got := repairsAt(doc, "/components/schemas/X")
			if !strings.Contains(got, tt.repair) || tt.repair == "" && strings.Contains(got, "contradicts") {
				t.Errorf("got repairs %q, want %q", got, tt.repair)
			}
		})
	}
}

// A plain schema is compiled once for all places that have its keywords: a
// contradiction in a property must not be shared with the letter.
func TestContradictionsOfPropertiesAreRead(t *testing.T) {
	t.Parallel()
	doc := componentsOf(t, "3.1.0", `{"X":{"type":"object","properties":{"a":{"type":"integer","enum":["1"]},"b":{"type":"int"},"c":{"type":"array","items":{"type":"string","enum":[]}}}}}`)
	for instance, v := range map[string]validity{`{"a":1}`: standardOnly, `{"b":1}`: both, `{"b":"x"}`: neither, `{"c":["x"]}`: standardOnly} {
		v.check(t, doc, instance)
	}
}
