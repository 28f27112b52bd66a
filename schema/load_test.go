package schema_test

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/opcall/opcall/schema"
)

const minimal = `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{}`

// Documents that are invalid, each with the message that it must give.
var invalidDocuments = map[string]struct{ document, want string }{
	"empty":          {"", "openapi document: the document is empty; want OpenAPI 3.0, 3.1 or 3.2 in JSON or YAML"},
	"white space":    {" \n\t", "openapi document: the document is empty; want OpenAPI 3.0, 3.1 or 3.2 in JSON or YAML"},
	"not OpenAPI":    {`{"a":1}`, `openapi document: the document has no member "openapi"; want OpenAPI 3.0, 3.1 or 3.2`},
	"YAML no API":    {"a: 1\n", `openapi document: the document has no member "openapi"; want OpenAPI 3.0, 3.1 or 3.2`},
	"plain text":     {"hello", "openapi document: the document is not an object; want OpenAPI 3.0, 3.1 or 3.2"},
	"Swagger 2.0":    {`{"swagger":"2.0","info":{},"paths":{}}`, `openapi document:1: /swagger: got Swagger "2.0", want OpenAPI 3.0, 3.1 or 3.2; convert the document first, for example with npx swagger2openapi`},
	"Swagger YAML":   {"info: {}\nswagger: '2.0'\n", `openapi document:2: /swagger: got Swagger "2.0", want OpenAPI 3.0, 3.1 or 3.2; convert the document first, for example with npx swagger2openapi`},
	"version 4":      {`{"openapi":"4.0.0","info":{},"paths":{}}`, `openapi document:1: /openapi: got OpenAPI version "4.0.0", want 3.0.x, 3.1.x or 3.2.x`},
	"version number": {`{"openapi":3.3,"info":{},"paths":{}}`, `openapi document:1: /openapi: got OpenAPI version 3.3, want 3.0.x, 3.1.x or 3.2.x`},
	"version 3.10":   {`{"openapi":"3.10.0","info":{},"paths":{}}`, `openapi document:1: /openapi: got OpenAPI version "3.10.0", want 3.0.x, 3.1.x or 3.2.x`},
	"member twice":   {"{\"openapi\":\"3.1.0\",\n\"paths\":{},\n\"p\\u0061ths\":{}}", "openapi document:3:1: the document is not JSON: got member \"p\\u0061ths\" twice in one object"},
	"truncated JSON": {minimal + `,"components":{"sche`, "openapi document:1:85: the document is not JSON: the text ends inside a string"},
	"truncated YAML": {"openapi: 3.1.0\ninfo: {title: t\npaths:\n  /a: {", "the document is neither JSON nor YAML"},
	"trailing comma": {minimal + ",}", `openapi document:1:66: the document is not JSON: got '}', want a member name in quotes`},
	"paths a list":   {`{"openapi":"3.1.0","paths":[]}`, "openapi document:1: /paths: got an array, want an object"},
	"item a string":  {`{"openapi":"3.1.0","paths":{"/a":"x"}}`, "openapi document:1: /paths/~1a: got a string, want a path item object"},
	"op a number":    {`{"openapi":"3.1.0","paths":{"/a":{"get":7}}}`, "openapi document:1: /paths/~1a/get: got a number, want an operation object"},
	"schemas a list": {`{"openapi":"3.1.0","components":{"schemas":[]}}`, "openapi document:1: /components/schemas: got an array, want an object"},
	"schema null":    {`{"openapi":"3.1.0","components":{"schemas":{"A":null}}}`, "openapi document:1: /components/schemas/A: got null, want a schema"},
	"bad parameter": {
		`{"openapi":"3.1.0","paths":{"/a":{"get":{"parameters":[{"name":"x","in":"body"}]}}}}`,
		`openapi document:1: /paths/~1a/get/parameters/0/in: got "body", want path, query, header or cookie`,
	},
	"dangling schema": {
		"{\"openapi\":\"3.1.0\",\n\"components\":{\"schemas\":{\n\"Message\":{},\n\"A\":{\"items\":{\"$ref\":\"#/components/schemas/Mesage\"}}}}}",
		`openapi document:4: /components/schemas/A/items: $ref "#/components/schemas/Mesage" names nothing in the document; did you mean Message?`,
	},
	"dangling in an erratum": {
		"{\"openapi\":\"3.1.0\",\n\"components\":{\"schemas\":{\n\"Message\":{},\n\"A\":{\"x-opcall-patch\":{\"properties\":{\"m\":{\"$ref\":\"#/components/schemas/Mesage\"}}}}}}}",
		`openapi document:4: /components/schemas/A/x-opcall-patch/properties/m: $ref "#/components/schemas/Mesage" names nothing in the document; did you mean Message?`,
	},
	"dangling parameter": {
		"openapi: 3.1.0\npaths:\n  /a:\n    get:\n      parameters:\n        - $ref: '#/components/parameters/X'\n",
		`openapi document:6: /paths/~1a/get/parameters/0: $ref "#/components/parameters/X" names nothing in the document`,
	},
	"file reference": {
		`{"openapi":"3.1.0","components":{"schemas":{"A":{"$ref":"other.yaml#/A"}}}}`,
		`openapi document:1: /components/schemas/A: $ref "other.yaml#/A" leaves the document, and nothing is fetched; a relative one is followed by LoadFile and LoadFS`,
	},
	"circular": {
		`{"openapi":"3.1.0","components":{"schemas":{"A":{"$ref":"#/components/schemas/B"},"B":{"$ref":"#/components/schemas/A"}}}}`,
		`openapi document:1: /components/schemas/B: $ref "#/components/schemas/A" is circular: it leads back to itself with nothing in between`,
	},
	"circular allOf": {
		`{"openapi":"3.1.0","components":{"schemas":{"A":{"allOf":[{"$ref":"#/components/schemas/A"}]}}}}`,
		`openapi document:1: /components/schemas/A/allOf/0: $ref "#/components/schemas/A" is circular: it leads back to itself with nothing in between`,
	},
	"circular response": {
		`{"openapi":"3.1.0","paths":{"/a":{"get":{"responses":{"200":{"$ref":"#/components/responses/A"}}}}},"components":{"responses":{"A":{"$ref":"#/components/responses/A"}}}}`,
		"openapi document:1: /components/responses/A: the chain of $ref is circular",
	},
	"circular path item": {
		`{"openapi":"3.1.0","paths":{"/a":{"$ref":"#/paths/~1a"}}}`,
		"openapi document:1: /paths/~1a: the chain of $ref is circular",
	},
	"deep JSON":     {strings.Repeat(`{"a":`, 100_000), "openapi document:1:5001: the document is not JSON: nested more than 1000 deep"},
	"deep YAML":     {"openapi: 3.1.0\npaths: " + strings.Repeat("[", 100_000), "the document is neither JSON nor YAML"},
	"duplicate key": {"openapi: 3.1.0\ninfo: {}\npaths: {}\npaths: {}\n", `"paths"`},
	"YAML bomb": {
		"openapi: 3.1.0\na: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n" +
			"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n" +
			"g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]\nh: [*g,*g,*g,*g,*g,*g,*g,*g,*g,*g]\n",
		"as its aliases are expanded",
	},
	"YAML key":        {"openapi: 3.1.0\ninfo: {}\npaths: {? [a] : 1}\n", "got a key that is not a scalar"},
	"merge key":       {"openapi: 3.1.0\npaths:\n  <<: 1\n", "openapi document:3:7: the document is neither JSON nor YAML: a merge key (<<) takes a mapping"},
	"tab in YAML":     {"openapi: 3.1.0\npaths:\n\t/a: {}\n", "openapi document:3: the document is neither JSON nor YAML: the line is indented with a tab; YAML takes spaces (YAML 1.2 §6.1)"},
	"half UTF-16":     {"\xff\xfe{\x00}", "the document is UTF-16 and ends within a character"},
	"a key's escapes": {"{\"openapi\":\"3.1.0\",\"paths\":{\"/a\\nFORGED\\u001b[31m\\u202e\":\"x\"}}", `/paths/~1a\nFORGED\x1b[31m\u202e: got a string`},
	"bad UTF-8":       {"{\"openapi\":\"3.1.0\xff\"}", "got a byte that is not UTF-8"},
}

func TestLoadRefusesInvalidDocuments(t *testing.T) {
	t.Parallel()
	for name, tt := range invalidDocuments {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := schema.Load([]byte(tt.document), schema.WithVerification())
			var docErr *schema.DocumentError
			if !errors.As(err, &docErr) {
				t.Fatalf("Load gives %v, %v; want a *DocumentError", doc, err)
			}
			if got := err.Error(); got != tt.want && !strings.Contains(got, tt.want) || len(got) > 500 {
				t.Errorf("Load:\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestLoadFileNamesTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.yaml")
	if err := os.WriteFile(broken, []byte("openapi: 3.1.0\npaths:\n  /a: [1]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	huge := filepath.Join(dir, "huge.json")
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, 1<<30); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ path, want string }{
		"absent": {filepath.Join(dir, "none.yaml"), "the file cannot be read: stat "},
		"broken": {broken, broken + ":3: /paths/~1a: got an array, want a path item object"},
		"1 GiB":  {huge, huge + ": the document has 1073741824 bytes, more than the limit of 67108864; raise it with WithMaxSize"},
		"folder": {dir, "got a folder, want a regular file"},
		"device": {os.DevNull, "got a device, want a regular file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := schema.LoadFile(tt.path, schema.WithVerification())
			var docErr *schema.DocumentError
			if !errors.As(err, &docErr) || docErr.Path != tt.path || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("LoadFile:\n got %v\nwant %s", err, tt.want)
			}
		})
	}
}

const petsYAML = "openapi: 3.1.0\ninfo: {title: Pets, version: '2'}\npaths:\n  /pets:\n    get:\n      operationId: listPets\n"

func utf16Text(order binary.ByteOrder, text string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, 0, 0)
		order.PutUint16(b[len(b)-2:], unit)
	}
	return string(b)
}

func TestLoadReadsEveryForm(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"JSON":        `{"openapi":"3.1.0","info":{"title":"Pets","version":"2"},"paths":{"/pets":{"get":{"operationId":"listPets"}}}}`,
		"JSON BOM":    "\ufeff" + `{"openapi":"3.0.3","info":{"title":"Pets","version":"2"},"paths":{"/pets":{"get":{"operationId":"listPets"}}}}`,
		"YAML":        "openapi: 3.1.1\ninfo: {title: Pets, version: '2'}\npaths:\n  /pets:\n    get:\n      operationId: listPets\n",
		"YAML CRLF":   "openapi: 3.0.0\r\ninfo:\r\n  title: Pets\r\n  version: '2'\r\npaths:\r\n  /pets:\r\n    get:\r\n      operationId: listPets\r\n",
		"YAML marker": "---\n# pets\nopenapi: 3.1.0\ninfo: {title: Pets, version: 0x2}\npaths: {/pets: {get: {operationId: listPets}}}\n",
		"UTF-16 LE":   utf16Text(binary.LittleEndian, "\ufeff"+petsYAML),
		"UTF-16 BE":   utf16Text(binary.BigEndian, "\ufeff"+petsYAML),
		"no mark":     utf16Text(binary.LittleEndian, petsYAML),
		"UTF-16 JSON": utf16Text(binary.BigEndian, `{"openapi":"3.1.0","info":{"title":"Pets","version":"2"},"paths":{"/pets":{"get":{"operationId":"listPets"}}}}`),
		"YAML BOM":    "\ufeff" + petsYAML,
		"3.0 number":  strings.Replace(petsYAML, "3.1.0", "3.0", 1),
		"3.1 number":  strings.Replace(petsYAML, "3.1.0", "3.1", 1),
		"3.2":         strings.Replace(petsYAML, "3.1.0", "3.2.0", 1),
		"merge key":   "openapi: 3.1.0\ninfo: {title: Pets, version: '2'}\nx-get: &g {operationId: listPets, x-a: 1}\npaths:\n  /pets:\n    get:\n      <<: *g\n      summary: all\n",
		"anchors":     "openapi: 3.1.0\ninfo: {title: Pets, version: '2'}\npaths:\n  /pets: &p\n    get: {operationId: listPets}\nx-again: *p\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := schema.Load([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			op, err := doc.Operation("listPets")
			if err != nil || op.Method != "GET" || op.Path != "/pets" || doc.Title() != "Pets" {
				t.Errorf("got %+v, %v of %q; want GET /pets of Pets", op, err, doc.Title())
			}
		})
	}
}

func TestOverlayChangesTheDocument(t *testing.T) {
	t.Parallel()
	const document = `{"openapi":"3.1.0","info":{"title":"Pets","version":"2"},"tags":[{"name":"a"}],"paths":{"/pets":{"get":{"operationId":"listPets"},"post":{"operationId":"addPet"}},"/cats":{"get":{"operationId":"listCats"}}}}`
	tests := map[string]struct{ actions, path, want string }{
		"update merges":      {`- {target: $.info, update: {version: "3", x-new: 1.50}}`, "/info", `{"title":"Pets","version":"3","x-new":1.50}`},
		"arrays grow":        {`- {target: $, update: {tags: [{name: b}]}}`, "/tags", `[{"name":"a"},{"name":"b"}]`},
		"array target":       {`- {target: $.tags, update: {name: b}}`, "/tags", `[{"name":"a"},{"name":"b"}]`},
		"several targets":    {`- {target: "$.paths['/pets','/cats'].get", update: {deprecated: true}}`, "/paths/~1cats/get/deprecated", "true"},
		"wildcard":           {`- {target: "$.paths['/pets'][*]", update: {summary: s}}`, "/paths/~1pets/post/summary", `"s"`},
		"remove":             {`- {target: "$.paths['/pets'].post", remove: true}`, "/paths/~1pets", `{"get":{"operationId":"listPets"}}`},
		"remove what is new": {"- {target: $.info, update: {x: {y: 1}}}\n- {target: $.info.x, remove: true}", "/info", `{"title":"Pets","version":"2"}`},
		"nothing selected":   {`- {target: $.components.schemas.Dog, update: {type: object}}`, "/info/title", `"Pets"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overlay := "overlay: 1.0.0\ninfo: {title: o, version: '1'}\nactions:\n" + tt.actions
			doc, err := schema.Load([]byte(document), schema.WithOverlay([]byte(overlay)))
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := doc.Lookup(schema.Pointer(tt.path)); got != tt.want {
				t.Errorf("after the overlay %s is\n got %s\nwant %s", tt.path, got, tt.want)
			}
		})
	}
}

func TestInvalidOverlaysAreRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ overlay, want string }{
		"no YAML":    {"\t{", "the overlay cannot be read"},
		"no actions": {"overlay: 1.0.0\ninfo: {title: o, version: '1'}\n", "has no version or no actions"},
		"bad target": {"overlay: 1.0.0\ninfo: {title: o, version: '1'}\nactions:\n- {target: '$.[', update: {a: 1}}\n", "/actions/0/target: action 0 of the overlay: its target \"$.[\" is not a JSONPath"},
		"copy":       {"overlay: 1.1.0\ninfo: {title: o, version: '1'}\nactions:\n- {target: $.info, copy: $.paths}\n", "/actions/0/copy: action 0 of the overlay: it copies, which is Overlay 1.1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := schema.Load([]byte(minimal+"}"), schema.WithOverlay([]byte(tt.overlay)))
			var docErr *schema.DocumentError
			if !errors.As(err, &docErr) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want a *DocumentError with %q", err, tt.want)
			}
		})
	}
}

func FuzzLoad(f *testing.F) {
	for _, tt := range invalidDocuments {
		if len(tt.document) < 4096 {
			f.Add([]byte(tt.document))
		}
	}
	f.Add([]byte(`{"openapi":"3.0.0","paths":{"/a/{b}?c=d":{"parameters":[{"name":"b","in":"path","schema":{"nullable":true,"type":"string"}}],"get":{"responses":{"200":{"content":{"application/json":{"schema":{"oneOf":[{"type":"null"},{"$ref":"#/components/schemas/A"}]}}}}}}}},"components":{"schemas":{"A":{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/components/schemas/A"}}}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := schema.Load(data, schema.WithMaxSize(1<<16))
		if err != nil {
			var docErr *schema.DocumentError
			if !errors.As(err, &docErr) {
				t.Errorf("Load gives a %T, want a *DocumentError", err)
			}
			return
		}
		doc.Repairs()
		for op := range doc.Operations() {
			if _, err := doc.Operation(op.ID); err != nil {
				t.Errorf("operation %q is listed, but: %v", op.ID, err)
			}
			doc.Match(op.Method, op.Path)
		}
		for s := range doc.Schemas() {
			for _, instance := range []string{"null", `{"a":[1,"x"]}`} {
				_ = s.Validate(instance)
				_ = s.Validate(instance, schema.WithTier(schema.Strict))
			}
		}
	})
}

// An index serves the text that it is of, beside WithoutChecks, and no other: with checks, for
// a text of another length, or behind an overlay, the text is scanned.
func TestIndexOfAnotherTextHasNoEffect(t *testing.T) {
	text := []byte(cachedJSON("t"))
	doc, err := schema.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	index := schema.WithIndex(doc.Index())
	other := schema.WithIndex([]byte{5, 1, 1, 1})
	longer := []byte(cachedJSON("a longer title"))
	for name, c := range map[string]struct {
		text []byte
		opts []schema.Option
	}{
		"its own":       {text, []schema.Option{index, schema.WithoutChecks()}},
		"checked":       {text, []schema.Option{index}},
		"longer":        {longer, []schema.Option{index, schema.WithoutChecks()}},
		"of another":    {text, []schema.Option{other, schema.WithoutChecks()}},
		"none":          {text, []schema.Option{schema.WithIndex(nil), schema.WithoutChecks()}},
		"length alone":  {text, []schema.Option{schema.WithIndex(doc.Index()[:2]), schema.WithoutChecks()}},
		"with overlay":  {text, []schema.Option{index, schema.WithoutChecks(), schema.WithOverlay([]byte(cachedOverlay))}},
		"for all bytes": {text, []schema.Option{schema.WithIndex([]byte{0xff, 0xff, 0xff}), schema.WithoutChecks()}},
	} {
		want := summary(t, string(c.text), c.opts[1:]...)
		if name == "with overlay" {
			want = summary(t, string(c.text), c.opts[2])
		}
		if got := summary(t, string(c.text), c.opts...); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func cachedJSON(title string) string {
	return `{"openapi":"3.1.0","info":{"title":"` + title + `","version":"1"},"paths":{"/a":{"get":{"operationId":"a","responses":{"200":{"description":""}}},` +
		`"put":{"responses":{"200":{"description":""}}}}},"components":{"schemas":{"A":{"type":"string","maxLength":3},"B":{"properties":{"a":{}}}}}}`
}
