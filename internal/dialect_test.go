package internal_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/internal/dialect"
)

const at = "/components/schemas/A~1B/properties/p"

func TestReadAppliesErrataTheLetterDoesNot(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, letter, read string }{
		"no erratum": {`{"type":"string"}`, `{"type":"string"}`, `{"type":"string"}`},
		"an erratum in the words of OpenAPI 3.0": {
			`{"type":"string","x-opcall-patch":{"nullable":true}}`,
			`{"type":"string","x-opcall-patch":{"nullable":true}}`,
			`{"type":["string","null"],"x-opcall-patch":{"nullable":true}}`,
		},
		"an erratum that takes away and goes deep": {
			`{"minimum":1,"properties":{"a":{"type":"string"},"b":{}},"x-opcall-patch":{"minimum":null,"properties":{"a":{"type":"integer"},"b":null,"c":{}}}}`,
			`{"minimum":1,"properties":{"a":{"type":"string"},"b":{}},"x-opcall-patch":{"minimum":null,"properties":{"a":{"type":"integer"},"b":null,"c":{}}}}`,
			`{"properties":{"a":{"type":"integer"},"c":{}},"x-opcall-patch":{"minimum":null,"properties":{"a":{"type":"integer"},"b":null,"c":{}}}}`,
		},
		"a recursion anywhere in a component": {
			`{"$recursiveRef":"#"}`, `{"$ref":"#/components/schemas/A~1B"}`, `{"$ref":"#/components/schemas/A~1B"}`,
		},
		"subschemas wait for their turn": {`{"items":{"nullable":true}}`, `{"items":{"nullable":true}}`, `{"items":{"nullable":true}}`},
		"no object":                      {`true`, `true`, `true`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := dialect.ByTheLetter(tt.text, at); got != tt.letter {
				t.Errorf("ByTheLetter(%s)\n got %s\nwant %s", tt.text, got, tt.letter)
			}
			if got := dialect.Read(tt.text, at); got != tt.read {
				t.Errorf("Read(%s)\n got %s\nwant %s", tt.text, got, tt.read)
			}
		})
	}
}

func TestRecursionOutsideOfComponentsIsDropped(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"", "/components", "/components/schemas", "/paths/~1a/get/parameters/0/schema"} {
		if got, _ := dialect.Translate(`{"$recursiveRef":"#"}`, at); got != `{}` {
			t.Errorf("at %q: got %s, want {}", at, got)
		}
	}
}

func TestUnreadablePatternsAreTakenOut(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"readable":          {`{"pattern":"^a$"}`, `{"pattern":"^a$"}`},
		"pattern":           {`{"type":"string","pattern":"(?=a)"}`, `{"type":"string"}`},
		"patternProperties": {`{"patternProperties":{"(?!a)":{},"b":{}},"additionalProperties":false}`, `{"patternProperties":{"b":{}}}`},
		"additionalProperties stay beside readable ones": {
			`{"pattern":"(?=a)","patternProperties":{"b":{}},"additionalProperties":false}`, `{"patternProperties":{"b":{}},"additionalProperties":false}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := dialect.WithoutUnreadablePatterns(tt.text); got != tt.want {
				t.Errorf("%s\n got %s\nwant %s", tt.text, got, tt.want)
			}
		})
	}
}

// TestRewriteVisitsSchemasAlone lists what counts as a schema object: neither
// data nor a property that is called like a keyword.
func TestRewriteVisitsSchemasAlone(t *testing.T) {
	t.Parallel()
	const document = `{"paths":{"/a~":{"get":{"parameters":[{"schema":{"a":1},"example":{"schema":{}}}]}}},
		"components":{"schemas":{"X":{"properties":{"items":{"b":1},"schema":{"c":1}},"default":{"items":{}},"x-y":{"not":{}}}}}}`
	var got []string
	text := dialect.Rewrite(document, func(at, text string) string {
		got = append(got, at)
		if at == "/components/schemas/X/properties/items" {
			return `{"not":{"d":1}}`
		}
		return text
	})
	want := []string{
		"/paths/~1a~0/get/parameters/0/schema", "/components/schemas/X", "/components/schemas/X/properties/items",
		"/components/schemas/X/properties/items/not", "/components/schemas/X/properties/schema",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("visited (-want +got):\n%s", diff)
	}
	const rewritten = `{"paths":{"/a~":{"get":{"parameters":[{"schema":{"a":1},"example":{"schema":{}}}]}}},` +
		`"components":{"schemas":{"X":{"properties":{"items":{"not":{"d":1}},"schema":{"c":1}},"default":{"items":{}},"x-y":{"not":{}}}}}}`
	if text != rewritten {
		t.Errorf("got %s\nwant %s", text, rewritten)
	}
}

// A component may have a percent sign in its name, which a reference does not always escape.
func TestLocalPointerTakesPercentSignsOfNames(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		ref, want string
		local     bool
	}{
		"component":             {"#/components/schemas/Pet", "/components/schemas/Pet", true},
		"the document":          {"#", "", true},
		"escaped":               {"#/components/schemas/a%20b~1c", "/components/schemas/a b~1c", true},
		"percent sign in names": {"#/components/schemas/100%", "/components/schemas/100%", true},
		"anchor":                {"#pet", "pet", false},
		"another document":      {"pets.yaml#/Pet", "", false},
		"relative":              {"Pet", "", false},
		"nothing":               {"", "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, local := dialect.LocalPointer(test.ref)
			if got != test.want || local != test.local {
				t.Errorf("LocalPointer(%q) = %q, %v, want %q, %v", test.ref, got, local, test.want, test.local)
			}
		})
	}
}
