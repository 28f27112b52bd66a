package internal_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/yamltext"
)

func TestYAMLReadsAsJSON(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ yaml, want string }{
		"empty":                        {"", "null"},
		"block":                        {"a: 1\nb:\n  - x\n  - y: z\n", `{"a":1,"b":["x",{"y":"z"}]}`},
		"flow":                         {"{a: [1, 2], b: {c: d}}", `{"a":[1,2],"b":{"c":"d"}}`},
		"quoted scalars are strings":   {`[ "1", '2', "", !!str 3]`, `["1","2","","3"]`},
		"null":                         {"[~, null, Null, NULL, ]", `[null,null,null,null]`},
		"booleans of 1.2 only":         {"[true, False, TRUE, yes, no, on, off, y]", `[true,false,true,"yes","no","on","off","y"]`},
		"numbers":                      {"[1, -2, +3, 0.5, .5, 1., 1e3, 1E+3, -0, 1.e5]", `[1,-2,3,0.5,0.5,1,1e3,1E+3,-0,1e5]`},
		"leading zero is not octal":    {"[0127, -007, 00]", `[127,-7,0]`},
		"octal and hexadecimal":        {"[0o17, 0x1F, 0xff]", `[15,31,255]`},
		"YAML 1.1 numbers":             {"[12_34, 0b11, 1:30, 190:20:30]", `["12_34","0b11","1:30","190:20:30"]`},
		"dates":                        {"[2020-01-01, 2020-01-01T10:00:00Z]", `["2020-01-01","2020-01-01T10:00:00Z"]`},
		"digits are kept":              {"[12345678901234567890123, 1.10, 1e400]", `[12345678901234567890123,1.10,1e400]`},
		"almost numbers":               {"[1e, e5, ., -, 1.2.3, 0x, 0xg, 0o8]", `["1e","e5",".","-","1.2.3","0x","0xg","0o8"]`},
		"explicit tags":                {`[!!int "5", !!float 1, !!bool "true", !!null "", !!binary aGk=]`, `[5,1,true,null,"aGk="]`},
		"own tags":                     {"[!thing 5, !thing {a: 1}]", `["5",{"a":1}]`},
		"keys are their text":          {"{200: a, null: b, true: c, 1.0: d}", `{"200":"a","null":"b","true":"c","1.0":"d"}`},
		"anchor":                       {"a: &x {b: 1}\nc: *x\nd: [*x, *x]\n", `{"a":{"b":1},"c":{"b":1},"d":[{"b":1},{"b":1}]}`},
		"alias as key":                 {"a: &x k\n*x : 1\n", `{"a":"k","k":1}`},
		"merge":                        {"a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n", `{"a":{"b":1,"c":2},"d":{"c":3,"b":1}}`},
		"merge before own":             {"a: &x {b: 1}\nd: {<<: *x, b: 2}\n", `{"a":{"b":1},"d":{"b":2}}`},
		"merge of several":             {"a: &x {b: 1}\ny: &y {b: 2, c: 3}\nd: {<<: [*x, *y]}\n", `{"a":{"b":1},"y":{"b":2,"c":3},"d":{"b":1,"c":3}}`},
		"merge of a merge":             {"a: &x {b: 1}\ny: &y {<<: *x, c: 3}\nd: {<<: *y}\n", `{"a":{"b":1},"y":{"c":3,"b":1},"d":{"c":3,"b":1}}`},
		"merge in place":               {"d: {<<: {b: 1}, c: 2}\n", `{"d":{"c":2,"b":1}}`},
		"two merge keys":               {"a: &x {b: 1}\ny: &y {c: 3}\nd:\n  <<: *x\n  <<: *y\n", `{"a":{"b":1},"y":{"c":3},"d":{"b":1,"c":3}}`},
		"quoted << is a key":           {`{"<<": 1}`, `{"<<":1}`},
		"block scalars":                {"a: |-\n  x\n  y\nb: >\n  x\n  y\n", `{"a":"x\ny","b":"x y\n"}`},
		"block scalar behind a tab":    {"a: |-\n\n  \ttab\n  text\n", `{"a":"\n\ttab\ntext"}`},
		"escapes":                      {`a: "\t\u00e9\x41\"<&>"`, `{"a":"\té` + "A" + `\"<&>"}`},
		"comments":                     {"# head\na: 1 # behind\n# foot\n", `{"a":1}`},
		"with directive":               {"%YAML 1.2\n---\na: 1\n", `{"a":1}`},
		"plain scalar of many lines":   {"a: x\n  y\n", `{"a":"x y"}`},
		"what the stand-in looks like": {"just text", `"just text"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := yamltext.JSON([]byte(c.yaml), 1<<30)
			if err != nil || text.JSON != c.want {
				t.Errorf("JSON(%q)\n got %s, %v\nwant %s", c.yaml, text.JSON, err, c.want)
			}
		})
	}
}

func TestBrokenYAMLNamesItsLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		yaml string
		line int
		want string
	}{
		"tab":                {"a:\n\tb: 1\n", 2, "spaces"},
		"tab after spaces":   {"a:\n  b: 1\n  \tc: 2\n", 3, "spaces"},
		"not UTF-8":          {"a: \xff\n", 0, "invalid leading UTF-8 octet"},
		"open bracket":       {"a: [1\nb: 2\n", 0, "did not find"},
		"key twice":          {"a: 1\nb: 2\na: 3\n", 3, `"a" appears twice`},
		"key twice, deep":    {"x:\n  - {a: 1, a: 2}\n", 2, "appears twice"},
		"mapping as key":     {"? {a: 1}\n: 2\n", 1, "not a scalar"},
		"infinity":           {"a: .inf\n", 1, "JSON cannot write"},
		"not a number":       {"a: .nan\n", 1, "JSON cannot write"},
		"long hexadecimal":   {"a: 0x" + strings.Repeat("f", 2000), 1, "JSON cannot write"},
		"unknown alias":      {"a: *b\n", 0, "unknown anchor"},
		"alias in itself":    {"a: &x\n  b: *x\n", 2, "inside of what it names"},
		"merge of itself":    {"a: &x\n  <<: *x\n", 0, "merge key"},
		"merge of a scalar":  {"a:\n  <<: 1\n", 2, "takes a mapping"},
		"merge of lists":     {"a: {<<: [[{b: 1}]]}\n", 1, "takes a mapping"},
		"tag that cannot be": {"a: !!int x\n", 1, "cannot have"},
		"deep":               {strings.Repeat("[", 1002) + strings.Repeat("]", 1002), 1, "deep"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := yamltext.JSON([]byte(c.yaml), 1<<30)
			var yamlErr *yamltext.Error
			if !errors.As(err, &yamlErr) || strings.Contains(yamlErr.Reason, "go-yaml") || c.line > 0 && yamlErr.Line != c.line || !strings.Contains(yamlErr.Reason, c.want) {
				t.Errorf("JSON(%.60q) = %.60s, %v; want line %d, %q", c.yaml, text.JSON, err, c.line, c.want)
			}
		})
	}
}

// Each text means far more than it is long, or has more values than its length
// lets expect. The bounds are of work and of values, so no clock is needed: one
// that is not bounded never ends here.
func TestYAMLIsBoundedByItsSize(t *testing.T) {
	t.Parallel()
	laughs := func(first, each string) string {
		var b strings.Builder
		b.WriteString("x0: &x0 " + first + "\n")
		for i := range 40 {
			level, below := fmt.Sprintf("x%d", i+1), fmt.Sprintf("x%d", i)
			b.WriteString(strings.NewReplacer("NEW", level, "OLD", below).Replace(each) + "\n")
		}
		return b.String()
	}
	for name, c := range map[string]struct{ yaml, want string }{
		"aliases":              {laughs("[lol, lol]", "NEW: &NEW [*OLD, *OLD, *OLD]"), "aliases are expanded"},
		"empty aliases":        {laughs("[]", "NEW: &NEW [*OLD, *OLD, *OLD]"), "aliases are expanded"},
		"merges of nothing":    {laughs("{}", "NEW: &NEW {<<: [*OLD, *OLD, *OLD]}"), "aliases are expanded"},
		"merges of one member": {laughs("{a: 1}", "NEW: &NEW {<<: [*OLD, *OLD, *OLD]}"), "aliases are expanded"},
		"list of short values": {"a: [" + strings.Repeat("1,", 100_000) + "1]", "one value in 8 bytes"},
		"keys without values":  {"a: {" + strings.Repeat("a,", 100_000) + "a}", "one value in 8 bytes"},
		"many values":          {"a:\n" + strings.Repeat("  - abcdefghijkl\n", 400_001), "one value in 20 bytes"},
		"nested dashes":        {"a:\n  " + strings.Repeat("- ", 100_000) + "1", "one value in 8 bytes"},
		"brackets":             {"a: " + strings.Repeat("[", 100_000), "one value in 8 bytes"},
		"question marks":       {"a: {" + strings.Repeat("? ", 100_000), "one value in 8 bytes"},
		"equal keys":           {"a:\n" + strings.Repeat("  equalkey: 1\n", 100_000), "appears twice"},
		"merge keys":           {strings.Repeat("<<: {some: long thing, and: another long one}\n", 100_000), "merge keys"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := yamltext.JSON([]byte(c.yaml), 1<<30)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%d bytes of YAML became %d of JSON, %v; want %q", len(c.yaml), len(text.JSON), err, c.want)
			}
		})
	}
}

func TestValuesKnowTheirLineOfTheYAML(t *testing.T) {
	t.Parallel()
	text, err := yamltext.JSON([]byte("a: 1\nb:\n  - x\n\n  - y: &k z\nc: *k\nd: end\n"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]int{`1`: 1, `["x`: 3, `"x"`: 3, `{"y"`: 5, `"z"}`: 5, `"c"`: 6, `"end"`: 7} {
		if got := text.Lines.At(strings.Index(text.JSON, value)); got != want {
			t.Errorf("line of %s in %s = %d, want %d", value, text.JSON, got, want)
		}
	}
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{"a: &x {b: 1}\nc: {<<: *x}\n", "- [1, .5]\n- |\n  x\n", "? a\n: !!str 1\n", "\xff\xfea\x00", "{a: [*b]}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, yaml string) {
		text, err := yamltext.JSON([]byte(yaml), 1<<20)
		if err != nil {
			var yamlErr *yamltext.Error
			if !errors.As(err, &yamlErr) {
				t.Fatalf("JSON(%q) = %T %v, want an *Error", yaml, err, err)
			}
			return
		}
		if err := jsonscan.Check(text.JSON, yamltext.MaxDepth); err != nil {
			t.Fatalf("JSON(%q) = %q, which is not JSON: %v", yaml, text.JSON, err)
		}
	})
}

// A second document would go unread.
func TestSecondDocumentIsRefused(t *testing.T) {
	tests := map[string]struct {
		text string
		line int // of the second document, 0 where there is none
	}{
		"one":                      {"a: 1\n", 0},
		"one with its mark":        {"# c\n%YAML 1.2\n---\na: 1\n", 0},
		"mark with the content":    {"--- {a: 1}\n", 0},
		"ended":                    {"---\na: 1\n...\n# c\n", 0},
		"a mark at the end":        {"a: 1\n---\n\n# nothing\n", 0},
		"within text":              {"a: |\n  b\n  ---\n  c\nd: '\n  ---\n  '\n", 0},
		"no mark":                  {"---a: 1\nb: 2\n", 0},
		"two":                      {"a: 1\n---\nb: 2\n", 2},
		"two, on the line of it":   {"a: 1\n--- {b: 2}\n", 2},
		"two, with ends":           {"---\na: 1\n...\n---\r\nb: 2\r\n", 4},
		"two, an empty one before": {"a: 1\n---\n---\nb: 2\n", 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := yamltext.JSON([]byte(tt.text), 1000)
			var refused *yamltext.Error
			if tt.line == 0 && err != nil || tt.line > 0 && (!errors.As(err, &refused) || refused.Line != tt.line) {
				t.Errorf("got %v, want line %d", err, tt.line)
			}
		})
	}
}
