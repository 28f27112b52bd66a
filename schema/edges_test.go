package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opcall/opcall/schema"
)

// TestEdgesOfKeywordsAreExact checks the edges of keywords that are easily got wrong.
// X is the schema, valid and invalid are instances, in each tier that validates.
func TestEdgesOfKeywordsAreExact(t *testing.T) {
	t.Parallel()
	var numbers []string
	for i := range 60 {
		numbers = append(numbers, fmt.Sprint(i))
	}
	many := strings.Join(numbers, ",")
	var nested strings.Builder // in which 256 levels of values pass 1,024 schemas
	nested.WriteString(strings.Repeat(`{"a":`, 254) + `{}` + strings.Repeat(`}`, 254))
	tests := map[string]struct{ schema, valid, invalid string }{
		"numbers that are equal":            {`{"const":1}`, `10e-1`, `1.1`},
		"a constant out of range":           {`{"not":{"const":1e1000}}`, `null`, ``},
		"no constant in range":              {`{"const":1e1000}`, ``, `null`},
		"an enum out of range":              {`{"enum":[1e1000,"a"]}`, `"a"`, `null`},
		"a minimum out of range":            {`{"minimum":-1e1000}`, `-9e999`, ``},
		"a minimum above all":               {`{"minimum":1e1000}`, ``, `1e999`},
		"a maximum of many digits":          {`{"maximum":1e2000000}`, `1e999`, ``},
		"items alike, among many":           {`{"uniqueItems":true}`, `[` + many + `,-1,"1",true,[1],{"a":1}]`, `[` + many + `,1.0]`},
		"objects alike, among many":         {`{"uniqueItems":true}`, `[` + many + `,{"a":1,"b":2},{"a":2,"b":1}]`, `[` + many + `,{"a":1,"b":2.0},{"b":2,"a":10e-1}]`},
		"lists alike, among many":           {`{"uniqueItems":true}`, `[` + many + `,[0,1],[1,0],[[0],1],[0,[1]]]`, `[` + many + `,[0,1],[-0,1e0]]`},
		"null and false":                    {`{"uniqueItems":true}`, `[` + many + `,null,false,"",[],{},true]`, `[` + many + `,null,null]`},
		"items that contains has looked at": {`{"contains":{"type":"string"},"unevaluatedItems":{"type":"number"}}`, `["a",1,"b"]`, `["a",true]`},
		"items of a branch":                 {`{"anyOf":[{"prefixItems":[{"const":1}]},{"prefixItems":[true,{"const":2}]}],"unevaluatedItems":false}`, `[1,2]`, `[1,3]`},
		"items of a branch that fails":      {`{"anyOf":[{"prefixItems":[true,{"const":1}]},true],"unevaluatedItems":false}`, `[5,1]`, `[5,2]`},
		"items of a condition":              {`{"if":{"prefixItems":[{"const":1}]},"unevaluatedItems":{"const":2}}`, `[1,2]`, `[3]`},
		"required, yet no property":         {`{"required":["c"],"additionalProperties":{"type":"string"}}`, `{"c":"x"}`, `{"c":7}`},
		"required, else unevaluated":        {`{"required":["c"],"unevaluatedProperties":{"type":"string"}}`, `{"c":"x"}`, `{"c":7}`},
		"an enum that is not a list":        {`{"anyOf":[{"type":"string","enum":"a"}]}`, `"b"`, `7`},
		"a schema within itself, 254 times": {`{"allOf":[{"anyOf":[{"allOf":[{"$ref":"#/components/schemas/X/$defs/x"}]},{"type":"null"}]}],"$defs":{"x":{"type":"object","properties":{"a":{"$ref":"#/components/schemas/X"}}}}}`, nested.String(), strings.Replace(nested.String(), `{}`, `7`, 1)},
		"a tag that may be a number":        {`{"anyOf":[{"properties":{"t":{"anyOf":[{"const":"a"},{"type":"integer"}]}}},{"properties":{"t":{"const":"b"}}}]}`, `{"t":7}`, `{"t":"c"}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := schema.Load([]byte(of(tt.schema)))
			if err != nil {
				t.Fatal(err)
			}
			for _, tier := range []schema.Tier{schema.Strict, schema.Standard} {
				if err := doc.Validate("X", tt.valid, schema.WithTier(tier)); tt.valid != "" && err != nil {
					t.Errorf("%v, %.200s: %v", tier, tt.valid, err)
				}
				if err := doc.Validate("X", tt.invalid, schema.WithTier(tier)); tt.invalid != "" && err == nil {
					t.Errorf("%v, %.200s: got no error", tier, tt.invalid)
				}
			}
		})
	}
}

// A branch that fits accounts for its fields beside another that does, in
// whatever tier.
func TestEveryBranchThatFitsAccountsForItsFields(t *testing.T) {
	t.Parallel()
	doc, err := schema.Load([]byte(of(`{"anyOf":[{"properties":{"a":{}}},{"properties":{"b":{}}},{"properties":{"c":{"type":"null"}}}],"unevaluatedProperties":false}`)))
	if err != nil {
		t.Fatal(err)
	}
	for name, opt := range map[string]schema.ValidateOption{
		"strict": schema.WithTier(schema.Strict), "standard": schema.WithTier(schema.Standard), "open": schema.WithUnknownFields(),
	} {
		if err := doc.Validate("X", `{"a":1,"b":2}`, opt); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := doc.Validate("X", `{"a":1,"c":2}`, opt); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

// Of a name that is required and no property, documents mean that it may be
// there, unless they are taken by the letter.
func TestRequiredNameCountsAsDeclared(t *testing.T) {
	t.Parallel()
	doc, err := schema.Load([]byte(of(`{"type":"object","required":["c"],"properties":{"a":{}},"additionalProperties":false}`)))
	if err != nil {
		t.Fatal(err)
	}
	const instance = `{"c":1}`
	if err := doc.Validate("X", instance); err != nil {
		t.Error(err)
	}
	if err := doc.Validate("X", instance, schema.WithUnknownFields()); err != nil {
		t.Error(err)
	}
	if err := doc.Validate("X", instance, schema.WithTier(schema.Strict)); err == nil {
		t.Errorf("strict: got no error for %s", instance)
	}
}

// An erratum of a tag tells the branches apart in the tiers that apply it, and in
// no other.
func TestErratumOfATagDistinguishesBranches(t *testing.T) {
	t.Parallel()
	doc, err := schema.Load([]byte(of(`{"anyOf":[` +
		`{"required":["t"],"properties":{"t":{"anyOf":[{"const":"a"},{"type":"integer","x-opcall-patch":{"type":"string"}}]}}},` +
		`{"required":["t"],"properties":{"t":{"const":"b"}}}]}`)))
	if err != nil {
		t.Fatal(err)
	}
	for text, valid := range map[string]map[schema.Tier]bool{
		`{"t":7}`:   {schema.Strict: true, schema.Standard: false},
		`{"t":"z"}`: {schema.Strict: false, schema.Standard: true},
		`{"t":"b"}`: {schema.Strict: true, schema.Standard: true},
	} {
		for tier, want := range valid {
			if err := doc.Validate("X", text, schema.WithTier(tier)); (err == nil) != want {
				t.Errorf("%v, %s: got %v, want valid: %t", tier, text, err, want)
			}
		}
	}
}
