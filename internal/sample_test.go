package internal_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/schema"
)

// component loads a document whose component schemas are the members of text,
// and returns the one named X.
func component(t testing.TB, schemas string) *schema.Schema {
	t.Helper()
	doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{` + schemas + `}}}`))
	if err != nil {
		t.Fatalf("Load(%s): %v", schemas, err)
	}
	s, err := doc.Component("X")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMinimalAndFullInstancesSatisfyTheSchema(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		schemas string // component schemas; an instance of X is made
		minimal string
		full    string // where it is another
	}{
		// Anything and nothing much.
		"empty schema":   {`"X":{}`, `"text"`, ``},
		"true":           {`"X":true`, `"text"`, ``},
		"type list":      {`"X":{"type":["null","integer"]}`, `1`, ``},
		"null only":      {`"X":{"type":"null"}`, `null`, ``},
		"boolean":        {`"X":{"type":"boolean"}`, `false`, ``},
		"inferred type":  {`"X":{"required":["a"],"properties":{"a":{"minimum":3}}}`, `{"a":3}`, ``},
		"const":          {`"X":{"const":{"a":[1]}}`, `{"a":[1]}`, ``},
		"enum":           {`"X":{"type":"string","enum":["b","a"]}`, `"b"`, ``},
		"enum and type":  {`"X":{"type":"integer","enum":["a",2.5,2]}`, `2`, ``},
		"enum twice":     {`"X":{"enum":["a","b"],"allOf":[{"enum":["c","b"]}]}`, `"b"`, ``},
		"enum and bound": {`"X":{"enum":[1,10],"minimum":5}`, `10`, ``},
		"default":        {`"X":{"type":"string","default":"dark"}`, `"dark"`, ``},
		"enum before default": {
			`"X":{"type":"string","enum":["a","b"],"default":"b"}`, `"a"`, ``,
		},
		"default that may not stand": {`"X":{"type":"integer","maximum":5,"default":9}`, `1`, ``},
		"null default":               {`"X":{"type":["string","null"],"default":null}`, `"text"`, ``},

		// Numbers.
		"integer":               {`"X":{"type":"integer"}`, `1`, ``},
		"number":                {`"X":{"type":"number"}`, `1`, ``},
		"minimum":               {`"X":{"type":"integer","minimum":16}`, `16`, ``},
		"minimum, fraction":     {`"X":{"type":"integer","minimum":16.5}`, `17`, ``},
		"maximum":               {`"X":{"type":"number","maximum":-0.25}`, `-1`, ``},
		"open interval":         {`"X":{"type":"number","exclusiveMinimum":2,"exclusiveMaximum":2.25}`, `2.125`, ``},
		"exclusive, integer":    {`"X":{"type":"integer","exclusiveMinimum":7}`, `8`, ``},
		"multiple":              {`"X":{"type":"integer","multipleOf":64,"minimum":100}`, `128`, ``},
		"multiple, decimal":     {`"X":{"type":"number","multipleOf":0.25,"exclusiveMinimum":0.5,"maximum":0.9}`, `0.75`, ``},
		"bounds of two schemas": {`"X":{"minimum":3,"allOf":[{"type":"integer","minimum":5}]}`, `5`, ``},
		"unixtime":              {`"X":{"type":"integer","format":"unixtime"}`, `1735689600`, ``},

		// Strings.
		"string":              {`"X":{"type":"string"}`, `"text"`, ``},
		"minLength":           {`"X":{"type":"string","minLength":10}`, `"texttetext"`, ``},
		"maxLength":           {`"X":{"type":"string","maxLength":2}`, `"xt"`, ``},
		"date-time":           {`"X":{"type":"string","format":"date-time"}`, `"2025-01-01T00:00:00Z"`, ``},
		"uri":                 {`"X":{"type":"string","format":"uri"}`, `"https://example.com/"`, ``},
		"uuid":                {`"X":{"type":"string","format":"uuid"}`, `"00000000-0000-4000-8000-000000000000"`, ``},
		"base64":              {`"X":{"type":"string","format":"byte"}`, `"dGV4dA=="`, ``},
		"binary":              {`"X":{"type":"string","format":"binary"}`, `"text"`, ``},
		"unknown format":      {`"X":{"type":"string","format":"shade","minLength":5}`, `"ttext"`, ``},
		"pattern, plain word": {`"X":{"type":"string","pattern":"^[a-zA-Z0-9_-]{1,64}$"}`, `"text"`, ``},
		"pattern, prefix":     {`"X":{"type":"string","pattern":"^tunnel_[a-z0-9]{8}$"}`, `"tunnel_aaaaaaaa"`, ``},
		"pattern, alternatives": {
			`"X":{"type":"string","pattern":"^(?:ab|cd)+[0-9]?\\.[A-F]{2,}$","minLength":9}`, `"ababab.AA"`, ``,
		},
		"pattern, negated class": {`"X":{"type":"string","pattern":"^[^a-z0-9]$"}`, `"A"`, ``},
		"two patterns":           {`"X":{"type":"string","pattern":"^[a-z]+$","allOf":[{"pattern":"z$"}]}`, `"z"`, ``},
		"pattern and format":     {`"X":{"type":"string","format":"uri","pattern":"^data:"}`, `"data:"`, ``},

		// Objects.
		"required": {`"X":{"type":"object","required":["b"],"properties":{"a":{"type":"string"},"b":{"type":"integer"}}}`, `{"b":1}`, `{"a":"text","b":1}`},
		"deprecated": {
			`"X":{"type":"object","properties":{"a":{"type":"string","deprecated":true}}}`, `{}`, `{"a":"text"}`,
		},
		"allOf": {
			`"X":{"allOf":[{"$ref":"#/components/schemas/A"},{"required":["b"],"properties":{"b":{"const":2}}}]},"A":{"type":"object","properties":{"a":{"const":1},"b":{"type":"integer"}}}`,
			`{"b":2}`, `{"a":1,"b":2}`,
		},
		"siblings of $ref": {
			`"X":{"$ref":"#/components/schemas/A","required":["a"]},"A":{"type":"object","properties":{"a":{"type":"string"}}}`, `{"a":"text"}`, ``,
		},
		"map":                   {`"X":{"type":"object","additionalProperties":{"type":"integer"}}`, `{}`, `{"key":1}`},
		"open object":           {`"X":{"type":"object","additionalProperties":true}`, `{}`, ``},
		"minProperties":         {`"X":{"type":"object","additionalProperties":{"type":"integer"},"minProperties":2}`, `{"key":1,"key-2":1}`, ``},
		"minProperties, fields": {`"X":{"type":"object","properties":{"a":{},"b":{},"c":{}},"minProperties":2}`, `{"a":"text","b":"text"}`, `{"a":"text","b":"text","c":"text"}`},
		"maxProperties":         {`"X":{"type":"object","required":["c"],"properties":{"a":{},"b":{},"c":{}},"maxProperties":2}`, `{"c":"text"}`, `{"a":"text","c":"text"}`},
		"propertyNames":         {`"X":{"type":"object","propertyNames":{"pattern":"^x_[a-z]$"},"additionalProperties":{"type":"integer"}}`, `{}`, `{"x_a":1}`},
		"patternProperties":     {`"X":{"type":"object","patternProperties":{"^x-":{"type":"integer"}},"additionalProperties":false}`, `{}`, `{"x-":1}`},
		"dependentRequired":     {`"X":{"type":"object","required":["a"],"properties":{"a":{},"b":{},"c":{}},"dependentRequired":{"a":["c"]}}`, `{"a":"text","c":"text"}`, `{"a":"text","b":"text","c":"text"}`},
		"dependentSchemas":      {`"X":{"type":"object","required":["a"],"properties":{"a":{},"b":{"type":"integer"}},"dependentSchemas":{"a":{"required":["b"]}}}`, `{"a":"text","b":1}`, ``},
		"quoted names":          {`"X":{"type":"object","required":["a\"<b"],"properties":{"a\"<b":{"type":"integer"}}}`, `{"a\"<b":1}`, ``},
		"impossible field":      {`"X":{"type":"object","properties":{"a":false,"b":{"type":"integer"}}}`, `{}`, `{"b":1}`},

		// Arrays.
		"array":         {`"X":{"type":"array","items":{"type":"integer"}}`, `[]`, `[1]`},
		"minItems":      {`"X":{"type":"array","items":{"type":"integer"},"minItems":2}`, `[1,1]`, ``},
		"maxItems 0":    {`"X":{"type":"array","maxItems":0}`, `[]`, ``},
		"prefixItems":   {`"X":{"type":"array","prefixItems":[{"type":"integer"},{"type":"boolean"}],"items":false}`, `[]`, `[1,false]`},
		"unique enum":   {`"X":{"type":"array","uniqueItems":true,"minItems":3,"items":{"enum":["a","b","c"]}}`, `["a","b","c"]`, ``},
		"unique text":   {`"X":{"type":"array","uniqueItems":true,"minItems":2,"items":{"type":"string","maxLength":4}}`, `["text","xt-2"]`, ``},
		"unique bool":   {`"X":{"type":"array","uniqueItems":true,"minItems":2,"items":{"type":"boolean"}}`, `[false,true]`, ``},
		"unique object": {`"X":{"type":"array","uniqueItems":true,"minItems":2,"items":{"type":"object","required":["n"],"properties":{"n":{"type":"integer"}}}}`, `[{"n":1},{"n":0}]`, ``},
		"contains":      {`"X":{"type":"array","contains":{"const":7},"minItems":2,"items":{"type":"integer"}}`, `[7,1]`, ``},

		// Unions.
		"first branch":        {`"X":{"anyOf":[{"type":"integer"},{"type":"string"}]}`, `1`, ``},
		"null branch is last": {`"X":{"anyOf":[{"type":"null"},{"type":"string"}]}`, `"text"`, ``},
		"branch that cannot be": {
			`"X":{"type":"string","oneOf":[{"type":"integer"},{"minLength":6}]}`, `"tetext"`, ``,
		},
		"siblings of a union": {
			`"X":{"type":"object","required":["a"],"properties":{"a":{"type":"string"},"b":{"type":"string"}},"anyOf":[{"required":["b"]},{"required":["a"]}]}`,
			`{"a":"text","b":"text"}`, ``,
		},
		"branches of two unions that go together": {
			`"X":{"allOf":[{"anyOf":[{"const":1},{"const":2}]},{"anyOf":[{"const":3},{"const":2}]}]}`, `2`, ``,
		},
		"oneOf by the letter": {
			`"X":{"oneOf":[{"type":"number"},{"type":"integer"},{"type":"string"}]}`, `"text"`, ``,
		},
		"tag by const": {
			`"X":{"oneOf":[{"$ref":"#/components/schemas/A"},{"$ref":"#/components/schemas/B"}],"discriminator":{"propertyName":"kind"}},
			 "A":{"type":"object","properties":{"kind":{"const":"a"},"n":{"type":"integer"}}},"B":{"type":"object","properties":{"kind":{"const":"b"}}}`,
			`{"kind":"a"}`, `{"kind":"a","n":1}`,
		},
		"tag by mapping": {
			`"X":{"oneOf":[{"$ref":"#/components/schemas/A"}],"discriminator":{"propertyName":"kind","mapping":{"first":"#/components/schemas/A"}}},
			 "A":{"type":"object","required":["kind"],"properties":{"kind":{"type":"string"}}}`,
			`{"kind":"first"}`, ``,
		},
		"tag by name": {
			`"X":{"oneOf":[{"$ref":"#/components/schemas/A"}],"discriminator":{"propertyName":"kind"}},
			 "A":{"type":"object","required":["kind"],"properties":{"kind":{"type":"string"}}}`,
			`{"kind":"A"}`, ``,
		},
		"not":           {`"X":{"type":"string","not":{"const":"text"}}`, `"text-2"`, ``},
		"not, fields":   {`"X":{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"not":{"required":["a","b"]}}`, `{}`, `{"b":1}`},
		"if then else":  {`"X":{"type":"object","required":["a"],"properties":{"a":{"enum":["x","y"]},"b":{"type":"integer"}},"if":{"properties":{"a":{"const":"y"}}},"then":{"required":["b"]}}`, `{"a":"y","b":1}`, ``},
		"if impossible": {`"X":{"type":"integer","if":{"type":"string"},"else":{"minimum":4}}`, `4`, ``},

		// Recursion.
		"optional recursion": {
			`"X":{"type":"object","properties":{"n":{"type":"integer"},"next":{"$ref":"#/components/schemas/X"}}}`,
			`{}`, `{"n":1,"next":{"n":1,"next":{}}}`,
		},
		"required recursion ends in another branch": {
			`"X":{"oneOf":[{"$ref":"#/components/schemas/Group"},{"$ref":"#/components/schemas/Leaf"}]},
			 "Group":{"type":"object","required":["of"],"properties":{"of":{"type":"array","minItems":1,"items":{"$ref":"#/components/schemas/X"}}}},
			 "Leaf":{"type":"object","required":["leaf"],"properties":{"leaf":{"type":"integer"}}}`,
			`{"of":[{"leaf":1}]}`, `{"of":[{"of":[{"leaf":1}]}]}`,
		},
		"required recursion ends in null": {
			`"X":{"type":"object","required":["next"],"properties":{"next":{"anyOf":[{"$ref":"#/components/schemas/X"},{"type":"null"}]}}}`,
			`{"next":null}`, `{"next":{"next":null}}`,
		},
		"the same base again is not a recursion": {
			`"X":{"allOf":[{"$ref":"#/components/schemas/Base"},{"required":["a"],"properties":{"a":{"allOf":[{"$ref":"#/components/schemas/Base"},{"type":"object"}]}}}]},
			 "Base":{"type":"object","required":["id"],"properties":{"id":{"type":"integer"}}}`,
			`{"id":1,"a":{"id":1}}`, ``,
		},
		"$recursiveRef": {
			`"X":{"type":"object","$recursiveAnchor":true,"properties":{"of":{"type":"array","items":{"$recursiveRef":"#"}}}}`,
			`{}`, `{"of":[{"of":[]}]}`,
		},

		// The dialect of OpenAPI 3.0, and errata.
		"nullable":            {`"X":{"type":"string","nullable":true}`, `"text"`, ``},
		"nullable reference":  {`"X":{"type":"object","required":["next"],"properties":{"next":{"$ref":"#/components/schemas/X","nullable":true}}}`, `{"next":null}`, `{"next":{"next":null}}`},
		"nullable in allOf":   {`"X":{"type":"object","required":["next"],"properties":{"next":{"allOf":[{"$ref":"#/components/schemas/X"},{"nullable":true}]}}}`, `{"next":null}`, `{"next":{"next":null}}`},
		"nullable enum":       {`"X":{"type":"string","nullable":true,"enum":["a"],"not":{"const":"a"}}`, `null`, ``},
		"boolean exclusive":   {`"X":{"type":"integer","minimum":5,"exclusiveMinimum":true}`, `6`, ``},
		"items as a list":     {`"X":{"type":"array","minItems":2,"items":[{"const":1},{"const":2}]}`, `[1,2]`, ``},
		"erratum, type":       {`"X":{"type":"object","required":["a"],"properties":{"a":{"type":"string","x-opcall-patch":{"type":"integer"}}}}`, `{"a":1}`, ``},
		"erratum, new field":  {`"X":{"type":"object","properties":{"a":{"type":"integer"}},"x-opcall-patch":{"properties":{"a":null,"b":{"type":"boolean"}}}}`, `{}`, `{"b":false}`},
		"erratum, optional":   {`"X":{"type":"object","required":["a"],"properties":{"a":{"type":"integer"}},"x-opcall-patch":{"required":[]}}`, `{"a":1}`, ``},
		"erratum, or null":    {`"X":{"type":"string","enum":["a"],"x-opcall-patch":{"type":["string","null"],"enum":["a",null]}}`, `"a"`, ``},
		"erratum, no pattern": {`"X":{"type":"string","pattern":"^a$","x-opcall-patch":{"pattern":null}}`, `"text"`, ``},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := component(t, tt.schemas)
			if tt.full == "" {
				tt.full = tt.minimal
			}
			check(t, "Minimal", s, sample.Minimal, tt.minimal)
			check(t, "Full", s, sample.Full, tt.full)
		})
	}
}

func check(t *testing.T, name string, s *schema.Schema, make func(*schema.Schema) (json.RawMessage, error), want string) {
	t.Helper()
	got, err := make(s)
	if err != nil {
		t.Errorf("%s(%s): %v", name, s.JSON(), err)
		return
	}
	if string(got) != want {
		t.Errorf("%s(%s)\n got %s\nwant %s", name, s.JSON(), got, want)
	}
	if err := s.Validate(got); err != nil {
		t.Errorf("%s(%s) = %s: %v", name, s.JSON(), got, err)
	}
}

func TestUnsatisfiableSchemaIsAnErrorThatSaysWhy(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ schemas, want string }{
		"false":             {`"X":false`, `no instance of X found: /: the schema is false, which allows nothing`},
		"types":             {`"X":{"type":"string","allOf":[{"type":"integer"}]}`, `no instance of X found: /: the types that the schemas ask for exclude each other`},
		"enums":             {`"X":{"enum":[1],"allOf":[{"enum":[2]}]}`, `no instance of X found: /: no value of the enum is allowed by what stands beside it`},
		"bounds":            {`"X":{"type":"object","required":["a"],"properties":{"a":{"type":"integer","minimum":3,"maximum":2}}}`, `no instance of X found: /a: no value is known that satisfies bounds, lengths and patterns`},
		"union":             {`"X":{"type":"string","anyOf":[{"type":"integer"},{"type":"null"}]}`, `no instance of X found: /: the types that the schemas ask for exclude each other`},
		"endless":           {`"X":{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/components/schemas/X"}}}`, `no instance of X found: /a/a: a value here contains another of the same schema, without end`},
		"not":               {`"X":{"const":1,"not":{"type":"integer"}}`, `no instance of X found: /: got 1, want a value that does not match the schema under not`},
		"too many items":    {`"X":{"type":"array","minItems":1000000000}`, `no instance of X found: /19999: the instance grows past 100 levels or 20000 values`},
		"too many distinct": {`"X":{"type":"array","uniqueItems":true,"minItems":20000,"items":{"type":"integer"}}`, `no instance of X found: /201: the items have to differ, and no other value is known`},
		"too long":          {`"X":{"type":"string","minLength":1000000000000}`, `no instance of X found: /: no value is known that satisfies bounds, lengths and patterns`},
		"too few distinct":  {`"X":{"type":"array","uniqueItems":true,"minItems":3,"items":{"type":"boolean"}}`, `no instance of X found: /2: the items have to differ, and no other value is known`},
		"fields":            {`"X":{"type":"object","required":["a","b"],"properties":{"a":{},"b":{}},"maxProperties":1}`, `no instance of X found: /: 2 fields are required, and 1 allowed`},
		"more fields":       {`"X":{"type":"object","additionalProperties":false,"minProperties":1}`, `no instance of X found: /key: the schema is false, which allows nothing`},
		"items":             {`"X":{"type":"array","minItems":2,"maxItems":1}`, `no instance of X found: /: at least 2 items are asked for, and at most 1`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := component(t, tt.schemas)
			_, err := sample.Minimal(s)
			var sampleErr *sample.Error
			if !errors.As(err, &sampleErr) {
				t.Fatalf("Minimal(%s): got %v, want a *sample.Error", tt.schemas, err)
			}
			if err.Error() != tt.want {
				t.Errorf("Minimal(%s):\n got %s\nwant %s", tt.schemas, err, tt.want)
			}
			if _, err = sample.Full(s); !errors.As(err, &sampleErr) || !strings.HasSuffix(tt.want, sampleErr.Reason) {
				t.Errorf("Full(%s):\n got %v\nwant %s", tt.schemas, err, tt.want)
			}
		})
	}
}

// TestUnionsDoNotExplode bounds the work for schemas whose branches multiply
// and never fit.
func TestUnionsDoNotExplode(t *testing.T) {
	t.Parallel()
	union := `{"anyOf":[` + strings.Repeat(`{"required":["a"]},`, 9) + `{"required":["b"]}]}`
	s := component(t, `"X":{"type":"object","additionalProperties":false,"properties":{"a":false,"b":false},"allOf":[`+strings.Repeat(union+",", 30)+union+`]}`)
	if got, err := sample.Minimal(s); err == nil {
		t.Errorf("Minimal(%s) = %s, want an error", s.JSON(), got)
	}
}

// TestFullIsBounded checks the limits of Full where every level has several
// fields of the same kind as the level above.
func TestFullIsBounded(t *testing.T) {
	t.Parallel()
	var schemas []string
	for _, name := range strings.Split("X A B C D E F G H I J K L M N O", " ") {
		next := string(rune(name[0] + 1))
		if name == "X" {
			next = "A"
		}
		ref := `{"$ref":"#/components/schemas/` + next + `"}`
		schemas = append(schemas, `"`+name+`":{"type":"object","properties":{"a":`+ref+`,"b":`+ref+`,"c":`+ref+`}}`)
	}
	schemas = append(schemas, `"P":{"type":"integer"}`)
	got, err := sample.Full(component(t, strings.Join(schemas, ",")))
	if err != nil {
		t.Fatal(err)
	}
	if values := strings.Count(string(got), ":"); values < 1_500 || values > 2_500 {
		t.Errorf("Full made %d values, want about 2000", values)
	}
}
