package schema_test

import "testing"

func TestMisspeltPathNamesTheNearestMember(t *testing.T) {
	t.Parallel()
	const response = `{"output":[{"type":"message","content":[]}],"usage":{"x-new":1},"metadata":{"a":"b"},"weather":{"a":1}}`
	tests := map[string]struct{ path, want string }{
		"member":               {"staus", `/: no member "staus" is declared; did you mean "status"?`},
		"deep":                 {"usage.total_token", `/usage: no member "total_token" is declared; did you mean "total_tokens"?`},
		"near an unknown one":  {"usage.x-nwe", `/usage: no member "x-nwe" is declared; did you mean "x-new"?`},
		"in an item":           {"output.0.contents", `/output/0: no member "contents" is declared; did you mean "content"?`},
		"nothing near":         {"frobnicate.0", `/: no member "frobnicate" is declared`},
		"name of an array":     {"output.content", `/output: got "content" for an item of an array, want an index`},
		"there":                {"output.0.type", ""},
		"absent and declared":  {"status", ""},
		"of another branch":    {"output.0.arguments", ""},
		"within absent":        {"incomplete_details.raeson", ""},
		"past the end":         {"output.5.contents", ""},
		"any name is declared": {"metadata.b", ""},
		"in an unknown member": {"weather.b", ""},
		"the whole":            {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := decoded(t, "Response", response).Misspelling(tt.path)
			got := ""
			if m.Name != "" {
				got = m.String()
			}
			if got != tt.want {
				t.Errorf("%q:\n got %s\nwant %s", tt.path, got, tt.want)
			}
		})
	}
}
