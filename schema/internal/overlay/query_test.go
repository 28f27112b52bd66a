package overlay

import (
	"strings"
	"testing"
)

const shop = `{"a":[{"n":1,"t":"x"},{"n":2,"t":"y","u":{"v":[1,2,3]}},{"n":3}],"o":{"j":{"x":1},"k":{"x":2,"y":true}},"s":"text","e\"q":0,"null":null,"7":"seven","é":"e"}`

// selected returns what a path selects in a document, as one JSON array.
func selected(t *testing.T, document, text string) string {
	t.Helper()
	p, err := parsePath(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	e := &evaluation{root: &node{text: document}, work: &work{left: 1 << 20}}
	var parts []string
	for _, n := range e.nodes(p, e.root) {
		parts = append(parts, n.text)
	}
	return strings.Join(parts, " ")
}

func TestPathSelectsWhatItsSyntaxSays(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"$.s":                         `"text"`,
		"$['s']":                      `"text"`,
		`$["s"]`:                      `"text"`,
		"$ .s":                        `"text"`,
		"$.none":                      "",
		"$.s.x":                       "",
		"$['e\"q']":                   "0",
		`$["e\"q"]`:                   "0",
		`$['\u00e9']`:                 `"e"`,
		"$.é":                         `"e"`,
		"$['7']":                      `"seven"`,
		"$.null":                      "null",
		"$.a[0].n":                    "1",
		"$.a[-1].n":                   "3",
		"$.a[3]":                      "",
		"$.a[-4]":                     "",
		"$.o[0]":                      "",
		"$.a[0,1].n":                  "1 2",
		"$.a[1,0].n":                  "2 1",
		"$.a[0,0].n":                  "1 1",
		"$.o['j','k'].x":              "1 2",
		"$.o.*.x":                     "1 2",
		"$.o[*].x":                    "1 2",
		"$.a[1:].n":                   "2 3",
		"$.a[:-1].n":                  "1 2",
		"$.a[::2].n":                  "1 3",
		"$.a[::-1].n":                 "3 2 1",
		"$.a[5:0:-2].n":               "3",
		"$.a[::0].n":                  "",
		"$.a[4294967296].n":           "", // 0 in 32 bits
		"$.a[-4294967295].n":          "",
		"$.a[-4294967296:2].n":        "1 2",
		"$.a[1:4294967296].n":         "2 3",
		"$.a[::4294967297].n":         "1",
		"$.a[::9007199254740991].n":   "1",
		"$.a[::-9007199254740991].n":  "3",
		"$.a[-9:9].n":                 "1 2 3",
		"$..x":                        "1 2",
		"$..v[0]":                     "1",
		"$.a..[0].n":                  "1",
		"$..[?@.v].v[2]":              "3",
		"$.a[?@.t].n":                 "1 2",
		"$.a[?!@.t].n":                "3",
		"$.a[?(@.t && @.u)].n":        "2",
		"$.a[?@.u || !@.t].n":         "2 3",
		"$.a[?@.t == 'x'].n":          "1",
		"$.a[?'x' == @.t].n":          "1",
		"$.a[?@.t != 'x'].n":          "2 3",
		"$.a[?@.n > 1].n":             "2 3",
		"$.a[?@.n >= 1.0 && @.n<3].n": "1 2",
		"$.a[?@.n == 1e0].n":          "1",
		"$.a[?@.t > 'x'].n":           "2",
		"$.a[?@.t < 1].n":             "",
		"$.a[?@.z == @.y].n":          "1 2 3",
		"$.a[?@.u == $.a[1].u].n":     "2",
		"$.a[?!(@.n == 2)].n":         "1 3",
		"$.a[?@.n == 1 || @.n == 2 && @.t == 'q'].n": "1",
		"$.a[?length(@.t) == 1].n":                   "1 2",
		"$.a[?length(@) == 3].n":                     "2",
		"$.a[?length(@.n) == 1].n":                   "",
		"$.a[?count(@.*) == 2].n":                    "1",
		"$.a[?count(@..*) > 5].n":                    "2",
		"$.a[?match(@.t, '[xz]')].n":                 "1",
		"$.a[?!match(@.t, 'x')].n":                   "2 3",
		"$[?search(@, 'ex')]":                        `"text"`,
		"$[?match(@, 'ex')]":                         "",
		"$[?match(@, $.a[0].t)]":                     "",
		"$.a[?value(@..v[2]) == 3].n":                "2",
		"$.o[?@.y == true].x":                        "2",
		"$[?@ == null]":                              "null",
		"$.a[?@.u.v[?@ == 2]].n":                     "2",
		"$.a[? @.n == 1 ].n":                         "1",
		"$.a[?match(@.t, '(')].n":                    "",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			if got := selected(t, shop, path); got != want {
				t.Errorf("%s selects\n got %s\nwant %s", path, got, want)
			}
		})
	}
}

func TestPathSelectsTheRoot(t *testing.T) {
	t.Parallel()
	if got := selected(t, `[1]`, "$"); got != "[1]" {
		t.Errorf("$ selects %s", got)
	}
}

func TestPathThatIsNotJSONPathIsRefused(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"", "a", "@", "$.", "$..", "$[", "$[]", "$['a", "$['a'", "$[a]", "$.1a", "$.a b", " $", "$ ", "$.a[01]", "$[-0]", "$[9007199254740992]",
		"$[?]", "$[?@.a ==]", "$[?1]", "$[?'a']", "$[?true]", "$[?@.* == 1]", "$[?@..a == 1]", "$[?@[0:1] == 1]", "$[?!@.a == 1]", "$[?(@.a]", "$[?@.a = 1]",
		"$[?@.a === 1]", "$[?length(@.a)]", "$[?count(1) == 1]", "$[?count(@.a)]", "$[?match(@.a)]", "$[?match(@.a, 'b') == true]", "$[?nope(@)]",
		"$[?length(@.*) == 1]", "$[?@.a == {}]", "$[?@.a == 01]", "$['\\q']", "$['\\ud800']", "$['\x01']", "$['\\'", "$.a~", "$[1:2:3:4]", "$[?@.a && ]", "$\xff",
		"$" + strings.Repeat("[?@", 100), "$[?" + strings.Repeat("(", 100) + "@" + strings.Repeat(")", 100) + "]", "$" + strings.Repeat(".a", 40_000),
	} {
		if _, err := parsePath(path); err == nil || len(err.Error()) > 300 {
			t.Errorf("parsePath(%.60q) gives %v, want an error of at most 300 bytes", path, err)
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{"$.a[?@.t == 'x'].n", "$..[1:2,'a',*]", "$[?!match(@.a, $.b) || (count(@..*) > 1)]", `$["\u00e9"]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePath(text)
		if err != nil {
			return
		}
		e := &evaluation{root: &node{text: shop}, work: &work{left: 10_000}}
		e.nodes(p, e.root)
	})
}
