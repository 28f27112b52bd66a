package schema_test

import (
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/schema"
)

// open loads a document that the test wrote.
func open(tb testing.TB, text string, opts ...schema.Option) *schema.Document {
	tb.Helper()
	doc, err := schema.Load([]byte(text), opts...)
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

// withPaths is a document of GET operations, each called by its path key.
func withPaths(keys ...string) string {
	var b strings.Builder
	b.WriteString(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{`)
	for i, key := range keys {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(`"` + key + `":{"get":{"operationId":"` + key + `"}}`)
	}
	b.WriteString("}}")
	return b.String()
}

func TestMatchPrefersTheLeftmostLiteral(t *testing.T) {
	t.Parallel()
	type values = map[string]string
	tests := map[string]struct {
		keys         []string
		method, path string
		want         string // the path key; "" when nothing matches
		values       values
	}{
		"literal":                  {[]string{"/pets"}, "GET", "/pets", "/pets", values{}},
		"no slash before":          {[]string{"/pets"}, "GET", "pets", "/pets", values{}},
		"parameter":                {[]string{"/pets/{id}"}, "GET", "/pets/7", "/pets/{id}", values{"id": "7"}},
		"literal over parameter":   {[]string{"/pets/{id}", "/pets/mine"}, "GET", "/pets/mine", "/pets/mine", values{}},
		"leftmost literal wins":    {[]string{"/{a}/toys", "/pets/{b}"}, "GET", "/pets/toys", "/pets/{b}", values{"b": "toys"}},
		"back to the parameter":    {[]string{"/pets/mine/toys", "/pets/{id}/food"}, "GET", "/pets/mine/food", "/pets/{id}/food", values{"id": "mine"}},
		"suffix over parameter":    {[]string{"/pets/{id}", "/pets/{id}.json"}, "GET", "/pets/7.json", "/pets/{id}.json", values{"id": "7"}},
		"suffix twice":             {[]string{"/pets/{id}.json"}, "GET", "/pets/a.json.json", "/pets/{id}.json", values{"id": "a.json"}},
		"suffix missing":           {[]string{"/pets/{id}.json"}, "GET", "/pets/7", "", nil},
		"empty before slashes":     {[]string{"//{+rest}"}, "GET", "//a/b", "//{+rest}", values{"rest": "a/b"}},
		"empty, another path":      {[]string{"//{rest...}"}, "GET", "/a", "", nil},
		"several in a segment":     {[]string{"/{from}-{to}"}, "GET", "/a-b-c", "/{from}-{to}", values{"from": "a", "to": "b-c"}},
		"prefix and suffix":        {[]string{"/v{major}.{minor}"}, "GET", "/v1.2", "/v{major}.{minor}", values{"major": "1", "minor": "2"}},
		"side by side":             {[]string{"/{a}{b}"}, "GET", "/xyz", "/{a}{b}", values{"a": "x", "b": "yz"}},
		"side by side, too short":  {[]string{"/{a}{b}"}, "GET", "/x", "", nil},
		"action after a parameter": {[]string{"/pets/{id}:feed", "/pets/{id}"}, "GET", "/pets/7:feed", "/pets/{id}:feed", values{"id": "7"}},
		"empty value":              {[]string{"/pets/{id}"}, "GET", "/pets/", "", nil},
		"empty value within":       {[]string{"/pets/{id}/toys"}, "GET", "/pets//toys", "", nil},
		"slash at the end":         {[]string{"/pets"}, "GET", "/pets/", "/pets", values{}},
		"slash in the key":         {[]string{"/pets", "/pets/"}, "GET", "/pets/", "/pets/", values{}},
		"slash after a value":      {[]string{"/pets/{id}"}, "GET", "/pets/7/", "/pets/{id}", values{"id": "7"}},
		"two slashes at the end":   {[]string{"/pets"}, "GET", "/pets//", "", nil},
		"root":                     {[]string{"/"}, "GET", "/", "/", values{}},
		"nothing":                  {[]string{"/"}, "GET", "", "/", values{}},
		"escaped value stays":      {[]string{"/pets/{id}"}, "GET", "/pets/a%2Fb%20c", "/pets/{id}", values{"id": "a%2Fb%20c"}},
		"escaped literal":          {[]string{"/pets/{id}/toys"}, "GET", "/p%65ts/7/toys", "/pets/{id}/toys", values{"id": "7"}},
		"badly escaped literal":    {[]string{"/pets"}, "GET", "/pets%zz", "", nil},
		"dots are a value":         {[]string{"/pets/{id}"}, "GET", "/pets/..", "/pets/{id}", values{"id": ".."}},
		"too long":                 {[]string{"/pets/{id}"}, "GET", "/pets/7/toys", "", nil},
		"too short":                {[]string{"/pets/{id}/toys"}, "GET", "/pets/7", "", nil},
		"case of the path":         {[]string{"/pets"}, "GET", "/Pets", "", nil},
		"case of the method":       {[]string{"/pets"}, "gEt", "/pets", "/pets", values{}},
		"another method":           {[]string{"/pets"}, "POST", "/pets", "", nil},
		"query passed over":        {[]string{"/pets/{id}"}, "GET", "/pets/7?page=2&x=/", "/pets/{id}", values{"id": "7"}},
		"query of the key":         {[]string{"/pets", "/pets?beta=true"}, "GET", "/pets?page=2&beta=true", "/pets?beta=true", values{}},
		"query of the key missing": {[]string{"/pets?beta=true", "/pets"}, "GET", "/pets?page=2", "/pets", values{}},
		"query of the key only":    {[]string{"/pets?beta=true"}, "GET", "/pets", "", nil},
		"another value":            {[]string{"/pets?beta=true", "/pets"}, "GET", "/pets?beta=false", "/pets", values{}},
		"broken query":             {[]string{"/pets?beta=true", "/pets"}, "GET", "/pets?beta=%zz", "/pets", values{}},
		"unclosed brace":           {[]string{"/pets/{id"}, "GET", "/pets/7", "", nil},
		"very long":                {[]string{"/pets"}, "GET", strings.Repeat("/a", 10_000), "", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op, got, ok := open(t, withPaths(tt.keys...)).Match(tt.method, tt.path)
			id := ""
			if ok {
				id = op.ID
			}
			if id != tt.want || ok && !maps.Equal(got, tt.values) {
				t.Errorf("Match(%s, %.80s) among %q:\n got %q %v\nwant %q %v", tt.method, tt.path, tt.keys, id, got, tt.want, tt.values)
			}
		})
	}
}

func TestMatchKeepsMethodsApart(t *testing.T) {
	t.Parallel()
	doc := open(t, `{"openapi":"3.1.0","paths":{"/pets":{
		"get":{"operationId":"list"},"put":{"operationId":"replace"},"post":{"operationId":"add"},"delete":{"operationId":"remove"},
		"options":{"operationId":"ask"},"head":{"operationId":"peek"},"patch":{"operationId":"change"},"trace":{"operationId":"follow"},
		"x-extra":{"operationId":"none"}}}}`)
	want := map[string]string{
		http.MethodGet: "list", http.MethodPut: "replace", http.MethodPost: "add", http.MethodDelete: "remove",
		http.MethodOptions: "ask", http.MethodHead: "peek", http.MethodPatch: "change", http.MethodTrace: "follow",
	}
	got := make(map[string]string)
	for method := range want {
		if op, _, ok := doc.Match(method, "/pets"); ok {
			got[method] = op.ID
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("operations by method (-want +got):\n%s", diff)
	}
}

var inBraces = regexp.MustCompile(`\{[^}]*\}`)

func TestEveryBuiltInOperationMatchesItself(t *testing.T) {
	t.Parallel()
	doc := builtin(t)
	count := 0
	for op := range doc.Operations() {
		count++
		path := inBraces.ReplaceAllString(op.Path, "a%2Fb")
		if op.Query != "" {
			path += "?" + op.Query
		}
		got, values, ok := doc.Match(op.Method, path)
		if !ok || got.ID != op.ID {
			t.Errorf("Match(%s, %s) = %v, want %s", op.Method, path, got, op.ID)
			continue
		}
		for name, value := range values {
			if p, ok := op.Parameter(name); !ok || p.In != "path" || value != "a%2Fb" {
				t.Errorf("%s: value %q of %q is not a path parameter's", op.ID, value, name)
			}
		}
	}
	if count != 288 {
		t.Errorf("the built-in document has %d operations, want 288", count)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("/pets/{id}", "/pets/7")
	f.Add("/v{major}.{minor}?beta=true", "/v1.2?beta=true")
	f.Add("/{a}{b}-{c}.json", "/xy-z.json")
	f.Add("/pets/{id", "/pets/%zz/")
	f.Fuzz(func(t *testing.T, key, path string) {
		raw, err := schema.Load([]byte(`{"openapi":"3.1.0","paths":{` + quote(key) + `:{"get":{}}}}`))
		if err != nil {
			return
		}
		op, values, ok := raw.Match("GET", path)
		if !ok {
			return
		}
		for name, value := range values {
			if value == "" || strings.Contains(value, "/") {
				t.Errorf("Match(%q) with key %q gives %q = %q, want a part of a segment", path, op.Path, name, value)
			}
		}
	})
}
