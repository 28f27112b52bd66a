package schema_test

import (
	"strings"
	"testing"

	"github.com/opcall/opcall/schema"
)

// TestDiffCallsNothingSafeThatIsNotProven has changes that break somebody although each part of
// them looks as if it did not. "request" and "response" are the ways on which a change must not be
// called safe.
func TestDiffCallsNothingSafeThatIsNotProven(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ old, new, way string }{
		"null gives way to a value":              {`{"type":"null"}`, `{"type":"string"}`, "request response"},
		"null gives way among values":            {`{"enum":[null,"a"]}`, `{"enum":["a"]}`, "request"},
		"null joins values":                      {`{"enum":["a"]}`, `{"enum":["a",null]}`, "response"},
		"a type beside a union takes null away":  {`{"anyOf":[{"type":"string"},{"type":"null"}]}`, `{"type":"string","anyOf":[{"type":"string"},{"type":"null"}]}`, "request"},
		"null in two branches":                   {`{"type":["string","null"]}`, `{"oneOf":[{"type":["string","null"]},{"type":"null"}]}`, "request"},
		"closed without a type":                  {`{}`, `{"additionalProperties":false}`, "request"},
		"opened beside another type":             {`{"type":["object","string"],"additionalProperties":false}`, `{"type":["object","string"]}`, "response"},
		"closed beside a reference":              {`{"$ref":"#/components/schemas/Other"}`, `{"allOf":[{"$ref":"#/components/schemas/Other"}],"additionalProperties":false}`, "request"},
		"closed in a part of an allOf":           {`{"properties":{"a":{},"b":{}},"additionalProperties":false}`, `{"allOf":[{"properties":{"a":{}},"additionalProperties":false},{"properties":{"b":{}}}]}`, "request"},
		"opened by a part of an allOf":           {`{"allOf":[{"additionalProperties":false,"properties":{"a":{}}},{"additionalProperties":{"type":"string"}}]}`, `{"properties":{"a":{}},"additionalProperties":{"type":"string"}}`, "response"},
		"a field that a pattern declared":        {`{"properties":{},"patternProperties":{"^x-":{"type":"string"}}}`, `{"properties":{"x-a":{"type":"integer"}},"patternProperties":{"^x-":{"type":"string"}}}`, "request response"},
		"a field that a reference declared":      {`{"$ref":"#/components/schemas/Other","properties":{}}`, `{"$ref":"#/components/schemas/Other","properties":{"x":{"type":"string","maxLength":3}}}`, "request"},
		"a field that a branch declared":         {`{"properties":{"k":{}},"anyOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"b":{"type":"string"}}}]}`, `{"properties":{"k":{},"a":{"type":"integer"}},"anyOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"b":{"type":"string"}}}]}`, "request"},
		"a field of a free object":               {`{"type":"object"}`, `{"type":"object","properties":{"a":{"type":"integer"}}}`, "request"},
		"required before it was declared":        {`{"$ref":"#/components/schemas/Other","required":["x"]}`, `{"$ref":"#/components/schemas/Other","properties":{"x":{"type":"string"}}}`, "response"},
		"a bound beside a new union":             {`{"type":"string"}`, `{"anyOf":[{"type":"string"},{"type":"array"}],"minLength":3}`, "request"},
		"a type beside a new union":              {`{"properties":{"a":{}}}`, `{"type":["object","null"],"anyOf":[{"properties":{"a":{}}},{"type":"integer"}]}`, "request"},
		"a default beside a new union":           {`{"type":"string"}`, `{"anyOf":[{"type":"string"},{"type":"array"}],"default":"a"}`, "request"},
		"a branch that overlaps":                 {`{"oneOf":[{"type":"string"},{"type":"object"}]}`, `{"oneOf":[{"type":"string"},{"type":"object"},{"type":"string","minLength":3}]}`, "request"},
		"a branch that overlapped":               {`{"oneOf":[{"type":"string"},{"type":"object"},{"type":"string","minLength":3}]}`, `{"oneOf":[{"type":"string"},{"type":"object"}]}`, "response"},
		"a branch that grows into another":       {`{"oneOf":[{"type":"string","maxLength":2},{"type":"string","minLength":5}]}`, `{"oneOf":[{"type":"string","maxLength":9},{"type":"string","minLength":5}]}`, "request"},
		"oneOf of tags that may be left out":     {`{"anyOf":[{"type":"object","properties":{"t":{"const":"a"}}},{"type":"object","properties":{"t":{"const":"b"}}}]}`, `{"oneOf":[{"type":"object","properties":{"t":{"const":"a"}}},{"type":"object","properties":{"t":{"const":"b"}}}]}`, "request"},
		"another schema for a tag":               {`{"anyOf":[{"type":"string"}],"discriminator":{"propertyName":"t","mapping":{"a":"Other"}}}`, `{"anyOf":[{"type":"string"}],"discriminator":{"propertyName":"t","mapping":{"b":"Other"}}}`, "request response"},
		"another tag":                            {`{"discriminator":{"propertyName":"t"}}`, `{"discriminator":{"propertyName":"u"}}`, "request response"},
		"another name in XML":                    {`{"type":"object","xml":{"name":"a"}}`, `{"type":"object","xml":{"name":"b"}}`, "request response"},
		"definitions behind a new union":         {`{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"string"}}}`, `{"anyOf":[{"properties":{"a":{"$ref":"#/$defs/A"}}},{"type":"string"}],"$defs":{"A":{"type":"integer"}}}`, "request response"},
		"dependencies":                           {`{"properties":{"a":{},"b":{}}}`, `{"properties":{"a":{},"b":{}},"dependentRequired":{"a":["b"]}}`, "request"},
		"how many items are contained":           {`{"contains":{"type":"string"}}`, `{"contains":{"type":"string"},"maxContains":1}`, "request"},
		"what is left unevaluated":               {`{"allOf":[{"properties":{"a":{}}}]}`, `{"allOf":[{"properties":{"a":{}}}],"unevaluatedProperties":false}`, "request"},
		"a format":                               {`{"type":"string"}`, `{"type":"string","format":"date"}`, "request"},
		"an exclusive bound in place of another": {`{"type":"integer","minimum":1}`, `{"type":"integer","exclusiveMinimum":1}`, "request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, way := range []string{"request", "response"} {
				changes := schema.Diff(oneWay(t, way, test.old, `{"type":"string"}`), oneWay(t, way, test.new, `{"type":"string"}`))
				safe := changes.Count(schema.SeverityUnknown)+changes.Count(schema.SeverityBreaking) == 0
				if must := strings.Contains(test.way, way); must && safe {
					t.Errorf("%s: old %s\nnew %s\nnothing but %q", way, test.old, test.new, changes)
				}
			}
		})
	}
}

// TestDiffLooksBehindWhatTurnsASchemaRound changes a component by a keyword that accepts more,
// which is safe in a request until the component stands behind one of these.
func TestDiffLooksBehindWhatTurnsASchemaRound(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		root string
		safe bool
	}{
		"a reference":                     {`{"$ref":"#/components/schemas/Part"}`, true},
		"not":                             {`{"not":{"$ref":"#/components/schemas/Part"}}`, false},
		"if":                              {`{"if":{"$ref":"#/components/schemas/Part"},"then":{"maxLength":1}}`, false},
		"contains":                        {`{"contains":{"$ref":"#/components/schemas/Part"},"maxContains":1}`, false},
		"branches that overlap":           {`{"oneOf":[{"$ref":"#/components/schemas/Part"},{"type":"string","minLength":5}]}`, false},
		"branches that do not":            {`{"oneOf":[{"$ref":"#/components/schemas/Part"},{"type":"integer"}]}`, true},
		"a property called not":           {`{"properties":{"not":{"$ref":"#/components/schemas/Part"}}}`, true},
		"a place that is not a component": {`{"$ref":"#/x-shared/Part"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes := schema.Diff(oneWay(t, "request", test.root, `{"type":"string","maxLength":2}`), oneWay(t, "request", test.root, `{"type":"string","maxLength":9}`))
			if safe := changes.Count(schema.SeverityUnknown)+changes.Count(schema.SeverityBreaking) == 0; safe != test.safe || changes.Len() == 0 {
				t.Errorf("%s: safe is %v, want %v\n%s", test.root, safe, test.safe, changes)
			}
		})
	}
}

// oneWay is a document that sends or receives a component. Part stands at two places.
func oneWay(t *testing.T, way, root, part string) *schema.Document {
	t.Helper()
	content := `"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Root"}}}`
	operation := `"responses":{"200":{"description":"ok",` + content + `}}`
	if way == "request" {
		operation = `"requestBody":{` + content + `},"responses":{"200":{"description":"ok"}}`
	}
	return loadText(t, `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/a":{"post":{"operationId":"send",`+operation+`}}},
		"x-shared":{"Part":`+part+`},"components":{"schemas":{"Root":`+root+`,"Part":`+part+`,"Other":{"type":"object","properties":{"x":{"type":"string"}}}}}}`)
}

func TestDiffLooksAtEverythingThatAnOperationSays(t *testing.T) {
	t.Parallel()
	op := func(text string) string { return `{"/a":{"post":{"operationId":"make",` + text + `}}}` }
	const ok = `"responses":{"200":{"description":"ok"}}`
	query := func(rest string) string {
		return op(`"parameters":[{"name":"q","in":"query","schema":{"type":"string"}` + rest + `}],` + ok)
	}
	body := func(mediaTypes string) string { return op(`"requestBody":{"content":{` + mediaTypes + `}},` + ok) }
	errors := func(list string) string { return op(`"responses":{"200":{"description":"ok"},` + list + `}`) }
	failure := func(status, kind string) string {
		return `"` + status + `":{"description":"no","content":{"application/json":{"schema":{"type":"` + kind + `"}}}}`
	}
	server := func(values string) string {
		return op(`"servers":[{"url":"https://{r}.example","variables":{"r":{"default":"eu","enum":` + values + `}}}],` + ok)
	}
	for name, test := range map[string]struct {
		old, new string
		safe     bool
	}{
		"reserved characters":            {query(`,"allowReserved":true`), query(""), false},
		"an empty value":                 {query(`,"allowEmptyValue":true`), query(""), false},
		"a parameter of the media type":  {body(`"application/json;v=1":{},"application/json;v=2":{}`), body(`"application/json;v=1":{}`), false},
		"the charset":                    {body(`"application/json;charset=utf-8":{}`), body(`"application/json":{}`), true},
		"headers of a part":              {body(`"multipart/form-data":{"encoding":{"f":{"contentType":"image/png"}}}`), body(`"multipart/form-data":{"encoding":{"f":{"contentType":"image/png","headers":{"X-A":{"required":true}}}}}`), false},
		"an error that default had":      {errors(failure("default", "object")), errors(failure("default", "object") + "," + failure("404", "string")), false},
		"an error that 4XX had":          {errors(failure("4XX", "object")), errors(failure("4XX", "object") + "," + failure("404", "string")), false},
		"the same error by itself":       {errors(failure("default", "object")), errors(failure("default", "object") + "," + failure("404", "object")), true},
		"an error that nothing had":      {errors(failure("400", "object")), errors(failure("400", "object") + "," + failure("404", "string")), true},
		"scopes":                         {op(`"security":[{"key":["read"]}],` + ok), op(`"security":[{"key":["write"]}],` + ok), false},
		"scopes in another order":        {op(`"security":[{"key":["a","b"]}],` + ok), op(`"security":[{"key":["b","a"]}],` + ok), true},
		"a value of a server's variable": {server(`["eu","us"]`), server(`["eu"]`), false},
		"a callback":                     {op(`"callbacks":{"done":{"{$request.body#/url}":{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"string"}}}},` + ok + `}}}},` + ok), op(`"callbacks":{"done":{"{$request.body#/url}":{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"integer"}}}},` + ok + `}}}},` + ok), false},
		"a link that is gone":            {op(`"responses":{"200":{"description":"ok","links":{"next":{"operationId":"make"}}}}`), op(ok), false},
		"a link that is new":             {op(ok), op(`"responses":{"200":{"description":"ok","links":{"next":{"operationId":"make"}}}}`), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const components = `{"securitySchemes":{"key":{"type":"oauth2","flows":{}}}}`
			changes := schema.Diff(withOperations(t, test.old, components), withOperations(t, test.new, components))
			if safe := changes.Count(schema.SeverityUnknown)+changes.Count(schema.SeverityBreaking) == 0; safe != test.safe {
				t.Errorf("safe is %v, want %v\nold %s\nnew %s\n%s", safe, test.safe, test.old, test.new, changes)
			}
		})
	}
}

// TestDiffLooksBehindTheReferencesOfAnOperation has operations whose text is the same, and
// components beside schemas that are not.
func TestDiffLooksBehindTheReferencesOfAnOperation(t *testing.T) {
	t.Parallel()
	const link = `{"operationId":"make"}`
	for name, test := range map[string]struct{ operation, old, new string }{
		"links of a response":  {`"responses":{"200":{"$ref":"#/components/responses/R"}}`, `"responses":{"R":{"description":"ok","links":{"next":` + link + `}}}`, `"responses":{"R":{"description":"ok"}}`},
		"a link":               {`"responses":{"200":{"description":"ok","links":{"next":{"$ref":"#/components/links/L"}}}}`, `"links":{"L":` + link + `}`, `"links":{"L":{"operationId":"other"}}`},
		"a callback":           {`"callbacks":{"done":{"$ref":"#/components/callbacks/C"}}`, `"callbacks":{"C":{"{$url}":{"post":{}}}}`, `"callbacks":{"C":{"{$url}":{"put":{}}}}`},
		"the header of a part": {`"requestBody":{"content":{"multipart/form-data":{"encoding":{"f":{"headers":{"X-A":{"$ref":"#/components/headers/H"}}}}}}}`, `"headers":{"H":{}}`, `"headers":{"H":{"required":true}}`},
		"headers of a body":    {`"requestBody":{"$ref":"#/components/requestBodies/B"}`, `"requestBodies":{"B":{"content":{"multipart/form-data":{"encoding":{"f":{}}}}}}`, `"requestBodies":{"B":{"content":{"multipart/form-data":{"encoding":{"f":{"headers":{"X-A":{"required":true}}}}}}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			load := func(components string) *schema.Document {
				return loadText(t, `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/make":{"post":{"operationId":"make",`+test.operation+`}}},"components":{`+components+`}}`)
			}
			changes := schema.Diff(load(test.old), load(test.new))
			if changes.Count(schema.SeverityUnknown)+changes.Count(schema.SeverityBreaking) == 0 {
				t.Errorf("nothing but %q", changes)
			}
			if again := schema.Diff(load(test.old), load(test.old)); again.Len() != 0 {
				t.Errorf("the same documents: %s", again)
			}
		})
	}
}

func TestDiffLooksAtWhatSecuritySchemesAndWebhooksSay(t *testing.T) {
	t.Parallel()
	scheme := func(scopes, description string) string {
		return `"components":{"securitySchemes":{"o":{"type":"oauth2","description":"` + description + `","flows":{"clientCredentials":{"tokenUrl":"https://a.example/t","scopes":` + scopes + `}}}}}`
	}
	hook := func(header string) string {
		return `"webhooks":{"made":{"post":{"parameters":[{"name":"` + header + `","in":"header"}],"requestBody":{"content":{"application/json":{}}},"responses":{"200":{"description":"ok"}}}}}`
	}
	for name, test := range map[string]struct {
		old, new string
		safe     bool
	}{
		"a scope is gone":          {scheme(`{"read":"","write":""}`, "a"), scheme(`{"read":""}`, "a"), false},
		"texts of a scheme":        {scheme(`{"read":"a"}`, "a"), scheme(`{"read":"b"}`, "b"), true},
		"the signature's header":   {hook("X-Old"), hook("X-New"), false},
		"a webhook as it has been": {hook("X-Old"), hook("X-Old"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			load := func(rest string) *schema.Document {
				return loadText(t, `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{},`+rest+`}`)
			}
			changes := schema.Diff(load(test.old), load(test.new))
			if safe := changes.Count(schema.SeverityUnknown)+changes.Count(schema.SeverityBreaking) == 0; safe != test.safe {
				t.Errorf("safe is %v, want %v\n%s", safe, test.safe, changes)
			}
		})
	}
}
