package schema_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/opcall/opcall/schema"
)

// quote writes a string as JSON.
func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

func TestPointerTokensSurviveEscaping(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		tokens []string
		want   schema.Pointer
	}{
		"whole":         {nil, ""},
		"member":        {[]string{"a"}, "/a"},
		"empty member":  {[]string{""}, "/"},
		"empty members": {[]string{"", ""}, "//"},
		"item":          {[]string{"a", "0"}, "/a/0"},
		"slash":         {[]string{"/v1/{id}", "get"}, "/~1v1~1{id}/get"},
		"tilde":         {[]string{"~", "~1", "~01"}, "/~0/~01/~001"},
		"anything":      {[]string{"a b%20\"\\\n", "é"}, "/a b%20\"\\\n/é"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var p schema.Pointer
			for _, token := range tt.tokens {
				p = p.Append(token)
			}
			if p != tt.want {
				t.Errorf("%q appended give %q, want %q", tt.tokens, p, tt.want)
			}
			if got := p.Tokens(); !slices.Equal(got, tt.tokens) {
				t.Errorf("tokens of %q: got %q, want %q", p, got, tt.tokens)
			}
		})
	}
}

func TestLookupFindsWhatThePointerNames(t *testing.T) {
	t.Parallel()
	doc := open(t, `{"openapi":"3.1.0","info":{"title":"t","":"empty"},"x-list":[10,[20,{"a":30}]],"x":{"a/b":{"m~n":1}},
		"components":{"schemas":{"A":{"type":"object","properties":{"b":{"type":"string"}}},"odd/name":{"const":1}},"responses":{"R":{"description":"d"}}}}`)
	tests := map[schema.Pointer]string{
		"/openapi":                      `"3.1.0"`,
		"/info/":                        `"empty"`,
		"/x-list/0":                     "10",
		"/x-list/1/1/a":                 "30",
		"/x/a~1b/m~0n":                  "1",
		"/components/schemas/A/type":    `"object"`,
		"/components/schemas/odd~1name": `{"const":1}`,
		"/components/schemas/A/properties/b/type": `"string"`,
		"/components/responses/R/description":     `"d"`,

		"/none":                            "",
		"/x-list/2":                        "",
		"/x-list/00":                       "",
		"/x-list/-":                        "",
		"/x-list/-1":                       "",
		"/x-list/0/0":                      "",
		"/x-list/99999999999":              "",
		"/x-list/18446744073709551616":     "", // 0, for one that counts in 64 bits
		"/openapi/0":                       "",
		"/components/schemas/B":            "",
		"/components/schemas/A/properties": `{"b":{"type":"string"}}`,
		"/components/none/A":               "",
		"openapi":                          `"3.1.0"`, // the first slash may be left out
	}
	for pointer, want := range tests {
		t.Run(string(pointer), func(t *testing.T) {
			t.Parallel()
			if got, ok := doc.Lookup(pointer); got != want || ok != (want != "") {
				t.Errorf("Lookup(%q) = %s, %v; want %s", pointer, got, ok, want)
			}
		})
	}
	if whole, ok := doc.Lookup(""); !ok || !strings.HasPrefix(whole, `{"openapi"`) {
		t.Errorf("Lookup of the whole document gives %.40s, %v", whole, ok)
	}
}

// FuzzPointer compares tokens with their pointer, and pointers of any text
// against panics.
func FuzzPointer(f *testing.F) {
	doc := open(f, shop)
	f.Add("a", "b/c", "/components/schemas/Order/properties/id")
	f.Add("~", "~01", "/paths/~1orders/post")
	f.Add("", "", "//")
	f.Fuzz(func(t *testing.T, first, second, any string) {
		p := schema.Pointer("").Append(first).Append(second)
		if got := p.Tokens(); !slices.Equal(got, []string{first, second}) {
			t.Errorf("tokens of %q: got %q, want %q", p, got, []string{first, second})
		}
		if strings.Count(string(p), "/") != 2 {
			t.Errorf("%q does not have two tokens", p)
		}
		if text, ok := doc.Lookup(schema.Pointer(any)); ok && !json.Valid([]byte(text)) {
			t.Errorf("Lookup(%q) gives %q, which is not JSON", any, text)
		}
		if line := doc.Line(schema.Pointer(any)); line < 0 {
			t.Errorf("Line(%q) = %d", any, line)
		}
	})
}
