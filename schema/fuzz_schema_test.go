package schema_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/schema"
)

// FuzzSchema makes up schemas and instances. Results are explained, and the same each
// time and for the same value in another notation; Strict agrees with jsonschema; what
// Standard accepts, it accepts with unknown fields allowed.
func FuzzSchema(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"type":"object","required":["a"],"properties":{"a":{"type":"string","minLength":2}}}`, `{"a":"b","c":1}`},
		{`{"oneOf":[{"$ref":"#/components/schemas/B"},{"type":["array","null"],"items":{"$ref":"#/components/schemas/X"}}]}`, `[[{"b":"x"}]]`},
		{`{"anyOf":[{"properties":{"t":{"const":"a"}},"required":["t"]},{"properties":{"t":{"enum":["b","c"]}}}],"discriminator":{"propertyName":"t"}}`, `{"t":"b"}`},
		{`{"allOf":[{"nullable":true},{"type":"integer","exclusiveMinimum":true,"minimum":1}],"nullable":true}`, `2`},
		{`{"if":{"type":"string"},"then":{"pattern":"^a"},"else":{"multipleOf":0.1},"not":{"const":3}}`, `0.3`},
		{`{"patternProperties":{"^x":{"uniqueItems":true,"contains":{"type":"string"},"maxContains":1}},"additionalProperties":false,"propertyNames":{"maxLength":3}}`, `{"xyzz":["a",1,1]}`},
		{`{"dependentRequired":{"a":["b"]},"dependentSchemas":{"b":{"minProperties":3}},"unevaluatedProperties":{"type":"null"}}`, `{"a":1,"b":null}`},
		{`{"items":[{"type":"string"},false],"additionalItems":{"type":"number"}}`, `["a"]`},
		{`{"$recursiveAnchor":true,"properties":{"x":{"$recursiveRef":"#"}},"x-opcall-patch":{"required":["x"]}}`, `{"x":{}}`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, instance string) {
		if len(text) > 4096 || len(instance) > 4096 {
			return
		}
		doc, err := schema.Load([]byte(of(text)))
		if err != nil || doc.Version() != "1" { // the text may have closed the schema, and gone on
			return
		}
		if len(doc.Verify()) > 0 { // a reference that leads nowhere: what uses it is refused
			var refused *schema.DocumentError
			var invalid *schema.ValidationError
			if err := doc.Validate("X", instance); err != nil && !errors.As(err, &refused) && !errors.As(err, &invalid) {
				t.Errorf("%s: got a %T, %v", text, err, err)
			}
			return
		}
		errs := make(map[string]error)
		for name, opts := range map[string][]schema.ValidateOption{
			"strict":   {schema.WithTier(schema.Strict)},
			"standard": nil,
			"open":     {schema.WithUnknownFields()},
		} {
			err := doc.Validate("X", instance, opts...)
			errs[name] = err
			if again := doc.Validate("X", instance, opts...); (again == nil) != (err == nil) || err != nil && again.Error() != err.Error() {
				t.Errorf("%s, %s: %v, then %v", text, name, err, again)
			}
			var invalid *schema.ValidationError
			if err != nil && (!errors.As(err, &invalid) || len(invalid.Problems) == 0 || len(invalid.Problems) > 100) {
				t.Errorf("%s, %s: got a %T, %v", text, name, err, err)
			}
		}
		if errs["standard"] == nil && errs["open"] != nil && monotone(text) {
			t.Errorf("%s of %s: valid, with unknown fields allowed: %v", text, instance, errs["open"])
		}
		if doc.Validate("Any", instance) != nil { // it is not JSON that can be validated
			return
		}
		other := reencoded(rand.New(rand.NewPCG(1, uint64(len(instance)))), instance)
		if again := doc.Validate("X", other); problems(t, again) != problems(t, errs["standard"]) {
			t.Errorf("%s of %s: %v\nas %s: %v", text, instance, errs["standard"], other, again)
		}
		v := parsed(t, []byte(instance))
		if want, ok := stockVerdict(doc, v); ok && want != (errs["strict"] == nil) {
			t.Errorf("%s of %s: got %v, stock says valid: %v", text, instance, errs["strict"], want)
		}
	})
}

// monotone reports whether a schema accepts more where its parts do, and leaves
// it to the tier which fields are known.
func monotone(text string) bool {
	for _, keyword := range []string{`"not"`, `"if"`, `"maxContains"`, `"unevaluatedProperties"`, `\u`} {
		if strings.Contains(text, keyword) {
			return false
		}
	}
	return true
}

// stockVerdict validates by the compiler of jsonschema; it is not ok where that
// cannot read the schema, or reads it otherwise than JSON Schema 2020-12 says.
func stockVerdict(doc *schema.Document, v any) (valid, ok bool) { return stockOf(doc)(v) }

// stockOf is stockVerdict for several instances of component X.
func stockOf(doc *schema.Document) func(v any) (valid, ok bool) {
	compiled := stockSchema(doc)
	return func(v any) (valid, ok bool) {
		defer func() {
			if recover() != nil {
				ok = false
			}
		}()
		if compiled == nil {
			return false, false
		}
		err := compiled.Validate(v)
		var invalid *jsonschema.ValidationError
		return err == nil, err == nil || errors.As(err, &invalid)
	}
}

// stockSchema is component X as jsonschema compiles it, nil where it does not.
func stockSchema(doc *schema.Document) (compiled *jsonschema.Schema) {
	defer func() {
		if recover() != nil {
			compiled = nil
		}
	}()
	text := doc.OracleText()
	for _, keyword := range []string{"dependencies", `"enum":[]`, "regexProperties", "$"} {
		if strings.Contains(strings.NewReplacer(`"$ref"`, "", `"$schema"`, "").Replace(text), keyword) {
			return nil
		}
	}
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	if c.AddResource(stockResource, bytes.NewReader([]byte(text))) != nil {
		return nil
	}
	compiled, err := c.Compile(stockResource + "#/components/schemas/X")
	if err != nil {
		return nil
	}
	return compiled
}
