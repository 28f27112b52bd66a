package client_test

import "github.com/opcall/opcall/client"

// kindDocuments are documents that contradict themselves or the specification, each in a
// way that real ones do. What they mean is plain, and goes through the test server.
func kindDocuments() map[string]otherDocument {
	body := func(root, schema string, values ...client.Params) otherDocument {
		return otherDocument{
			method: "post", root: root, values: values,
			op: `requestBody: {required: true, content: {application/json: {schema: ` + schema + `}}}, responses: {"200": {description: OK, content: {application/json: {schema: ` + schema + `}}}}`,
		}
	}
	query := func(schema string, values ...client.Params) otherDocument {
		return otherDocument{op: `parameters: [{name: q, in: query, schema: ` + schema + `}]`, values: values}
	}
	part := func(name string) string {
		return `{type: object, required: [` + name + `], properties: {` + name + `: {type: integer}}, additionalProperties: false}`
	}
	unquoted := query(`{type: integer}`, client.Params{"q": 1})
	unquoted.version = "3.0"
	noted := query(`{type: integer}`, client.Params{"q": 1})
	noted.root = "tags: [{name: a, description: {$ref: a.md}}]"
	readOnly := body("", `{type: object, required: [id, name, password], properties: {id: {type: string, readOnly: true}, name: {type: string}, password: {type: string, writeOnly: true}}}`,
		client.Params{"name": "n", "password": "p"})
	readOnly.version = "3.0.3"
	return map[string]otherDocument{
		"kind closed parts": body("", `{allOf: [`+part("a")+`, `+part("b")+`]}`, client.Params{"a": 1, "b": 2}),
		"kind closed property of two parts": body("", `{type: object, required: [p], allOf: [{properties: {p: `+part("a")+`}}, {properties: {p: `+part("b")+`}}]}`,
			client.Params{"p": client.Params{"a": 1, "b": 2}}),
		"kind property of two parts": body("", `{allOf: [{type: object, properties: {p: {type: object, properties: {a: {type: integer}}}}}, {type: object, properties: {p: {type: object, properties: {b: {type: integer}}}}}]}`,
			client.Params{"p": client.Params{"a": 1, "b": 2}}),
		"kind required and not declared": body("", `{type: object, required: [name], additionalProperties: false, properties: {id: {type: integer}}}`, client.Params{"name": "x", "id": 1}),
		"kind parent of its own parts": body(`components: {schemas: {Shape: {type: object, required: [kind], properties: {kind: {type: string}}, oneOf: [{$ref: "#/components/schemas/Circle"}, {$ref: "#/components/schemas/Square"}], discriminator: {propertyName: kind, mapping: {circle: "#/components/schemas/Circle", square: "#/components/schemas/Square"}}},
			Circle: {allOf: [{$ref: "#/components/schemas/Shape"}, {type: object, required: [radius], properties: {radius: {type: number}}}]}, Square: {allOf: [{$ref: "#/components/schemas/Shape"}, {type: object, required: [side], properties: {side: {type: number}}}]}}}`,
			`{$ref: "#/components/schemas/Shape"}`, client.Params{"kind": "circle", "radius": 1.5}, client.Params{"kind": "square", "side": 2}),
		"kind types that are none": body("", `{type: object, properties: {a: {type: int}, b: {type: bool}, c: {type: String}, d: {type: any}, e: {anyOf: [{type: string}, {type: null}]}, f: {type: ""}}}`,
			client.Params{"a": 1, "b": true, "c": "x", "d": []any{"y"}, "e": nil, "f": 1.5}),
		"kind enum of another type":       query(`{type: integer, enum: ["1", "2"]}`, client.Params{"q": 2}),
		"kind enum of the items":          query(`{type: array, items: {type: string}, enum: [titles, images]}`, client.Params{"q": []string{"titles", "images"}}),
		"kind empty unions":               body("", `{type: object, properties: {a: {type: integer, oneOf: []}, b: {anyOf: []}, c: {enum: []}, d: {allOf: []}}}`, client.Params{"a": 1, "b": "x", "c": 2, "d": true}),
		"kind list that may be null":      query(`{anyOf: [{type: array, items: {type: string}}, {type: "null"}]}`, client.Params{"q": []string{"one"}}, client.Params{"q": []string{"one", "two"}}),
		"kind pasted definitions":         body("", `{type: object, properties: {e: {$ref: "#/$defs/Event"}}, $defs: {Event: {type: string}}}`, client.Params{"e": "x"}),
		"kind reference in a description": noted,
		"kind read only and required":     readOnly,
		"kind version without quotes":     unquoted,
		"kind numbers of YAML 1.1":        query(`{enum: [0127, 12_34, yes, on]}`, client.Params{"q": "yes"}, client.Params{"q": "12_34"}),
		"kind merge keys":                 {root: "x-base: &base {type: integer, minimum: 1}", op: `parameters: [{name: q, in: query, schema: {<<: *base, maximum: 3}}]`, values: []client.Params{{"q": 3}}},
		"kind response of any type":       {op: `responses: {"200": {description: OK, content: {"*/*": {schema: {type: object, required: [ok], properties: {ok: {type: boolean}}}}}}}`},
		"kind key that is a parameter": {
			root: "components: {securitySchemes: {K: {type: apiKey, in: query, name: key}}}", op: `security: [{K: []}], parameters: [{name: key, in: query, required: true, schema: {type: string}}]`,
			values: []client.Params{{"key": "my-own-key"}}, options: []client.Option{client.WithAPIKey("")},
		},
		"kind parameter without a place": {op: `parameters: [{name: id, in: path, required: true, schema: {type: string}}]`},
		"kind place without a parameter": {path: "/a/{id}", values: []client.Params{{"id": "x"}}},
	}
}
