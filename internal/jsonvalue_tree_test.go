package internal_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

func parse(tb testing.TB, text string) *jsonvalue.Tree {
	tb.Helper()
	t, err := jsonvalue.Parse(text)
	if err != nil {
		tb.Fatalf("%.200s: %v", text, err)
	}
	return t
}

// FuzzParse compares Parse with encoding/json: what it reads, both decode alike,
// and what it refuses is a documented limit.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-0.5e+3,true,false,null,"\u00e9\n\"\\\/"],"":{}}`, ` [ ] `, `{"a":1,"a":2}`, `"\ud83d\ude00 \ud800"`, "\"\xff\"", `1e999`, `1e1000`, `-`, `01`, `nul`, `[1,]`, `"a`, "\ufeff1", `{"a" 1}`,
		`{"\u0061":1,"a":2}`, `"12345678é"`, "\"1234567\x01\"", `"1234567\"` + `8"`, `{"long name of a member":{"long name of a member":[]}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tree, err := jsonvalue.Parse(text)
		if err == nil {
			d := json.NewDecoder(strings.NewReader(text))
			d.UseNumber()
			var want any
			if err := d.Decode(&want); err != nil {
				t.Fatalf("%q is read, encoding/json says %v", text, err)
			}
			if got := tree.Decode(0); !reflect.DeepEqual(got, want) {
				t.Errorf("%q is read as %#v, by encoding/json as %#v", text, got, want)
			}
			if got := tree.Raw(0); got != strings.Trim(text, " \t\r\n") {
				t.Errorf("%q: got raw %q", text, got)
			}
			tree.Release()
			return
		}
		var syntax *jsonscan.SyntaxError
		if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(text) || syntax.Line < 1 || syntax.Column < 1 || len(err.Error()) > 300 {
			t.Fatalf("%q: got %#v", text, err)
		}
		known := func(reason string) bool { return strings.Contains(syntax.Reason, reason) }
		if json.Valid([]byte(text)) && !known("twice in one object") && !known("deep") && !known("a number") && !known("out of range") && !known("UTF-8") {
			t.Errorf("%q is refused: %v", text, err)
		}
	})
}

func TestTreeFindsDirectMembersAndItems(t *testing.T) {
	t.Parallel()
	tree := parse(t, `{"a":[1,{"b":null},"x\ty"],"n\u00e4me":{"deep":[[]]},"last":1.50}`)
	if got := strings.Join(tree.Names(0), ","); got != "a,näme,last" {
		t.Errorf("got names %s", got)
	}
	list, ok := tree.Find(0, "a")
	if !ok || tree.Len(list) != 3 || tree.Len(0) != 3 || tree.Kind(list) != jsonvalue.Array {
		t.Fatalf("got %v, %v", list, ok)
	}
	for i, want := range []string{`1`, `{"b":null}`, `"x\ty"`} {
		item, ok := tree.Item(list, i)
		if !ok || tree.Raw(item) != want {
			t.Errorf("item %d: got %s, want %s", i, tree.Raw(item), want)
		}
	}
	if item, ok := tree.Item(list, 3); ok {
		t.Errorf("item 3: got %v", item)
	}
	if r, ok := tree.Find(0, "näme"); !ok || tree.Raw(r) != `{"deep":[[]]}` {
		t.Errorf("an escaped name is not found")
	}
	if _, ok := tree.Find(0, "deep"); ok {
		t.Error("a name of a nested object is found")
	}
	last, _ := tree.Find(0, "last")
	if tree.Kind(last) != jsonvalue.Fraction || tree.Raw(last) != "1.50" {
		t.Errorf("got %v %s", tree.Kind(last), tree.Raw(last))
	}
}

func TestShallowHasOneLevel(t *testing.T) {
	t.Parallel()
	tree := jsonvalue.Shallow(`{"a":[1,2],"b\n":"x\ty" , "c":{"d":1},"e":2.5}`)
	if got, want := fmt.Sprintf("%q", tree.Names(0)), `["a" "b\n" "c" "e"]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if r, ok := tree.Find(0, "b\n"); !ok || tree.String(r) != "x\ty" {
		t.Errorf("got %v, %v", r, ok)
	}
	if _, ok := tree.Find(0, "d"); ok {
		t.Error("a nested member is found")
	}
	for text, want := range map[string]jsonvalue.Kinds{`[1]`: jsonvalue.Array, `"a"`: jsonvalue.String, `1.0`: jsonvalue.Integer, `null`: jsonvalue.Null, `{}`: jsonvalue.Object} {
		if got := jsonvalue.Shallow(text).Kind(0); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

func TestRefsOfTheSameValueAreEqual(t *testing.T) {
	t.Parallel()
	wide := func(from, to, step int) string {
		var members []string
		for i := from; i != to; i += step {
			members = append(members, fmt.Sprintf(`"m%d":[%d]`, i, i))
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{`1`, `1.0`, true},
		{`1`, `10e-1`, true},
		{`-0`, `0.0`, true},
		{`0`, `0e5`, true},
		{`1e400`, `1e401`, false},
		{`100`, `1e2`, true},
		{`0.001`, `1e-3`, true},
		{`-1`, `1`, false},
		{`12.5`, `125e-1`, true},
		{`9007199254740993`, `9007199254740992`, false},
		{`"a"`, `"\u0061"`, true},
		{`"a"`, `"b"`, false},
		{`true`, `false`, false},
		{`null`, `null`, true},
		{`null`, `0`, false},
		{`false`, `0`, false},
		{`[]`, `[]`, true},
		{`[1]`, `[]`, false},
		{`[1,2]`, `[2,1]`, false},
		{`{}`, `[]`, false},
		{`{"a":1,"b":2}`, `{"b":2.0,"a":1}`, true},
		{`{"a":1}`, `{"b":1}`, false},
		{`{"a":1}`, `{"a":1,"b":1}`, false},
		{wide(0, 100, 1), wide(99, -1, -1), true},
		{wide(0, 100, 1), wide(1, 101, 1), false},
	} {
		a, b := parse(t, tt.a), parse(t, tt.b)
		if got := a.EqualRefs(0, b, 0); got != tt.want {
			t.Errorf("%.40s and %.40s: got %v", tt.a, tt.b, got)
		}
		if got := b.EqualRefs(0, a, 0); got != tt.want {
			t.Errorf("%.40s and %.40s: got %v", tt.b, tt.a, got)
		}
	}
}

func TestDuplicateItemIsFoundWhateverItsSpelling(t *testing.T) {
	t.Parallel()
	many := func(last string) string {
		var b strings.Builder
		for i := range 1000 {
			fmt.Fprintf(&b, `{"n":%d},`, i)
		}
		return "[" + b.String() + last + "]"
	}
	for text, want := range map[string]string{
		`[]`: "", `[1]`: "", `[1,2,1.0]`: "0 2", `[{"a":1,"b":[2]},{},{"b":[2e0],"a":1}]`: "0 2", `["a",["a"],"\u0061"]`: "0 2",
		many(`1`): "", many(`{"n":700.0}`): "700 1000", many(`{"n":3},{"n":4}`): "3 1000", many(`0,1,0e1,1`): "1000 1002",
	} {
		tree := parse(t, text)
		got := ""
		if i, j, found := tree.DuplicateItem(0); found {
			got = fmt.Sprint(i, " ", j)
		}
		if got != want {
			t.Errorf("%.60s: got %q, want %q", text, got, want)
		}
	}
}

// FuzzDecimal compares decimals with exact rational numbers.
func FuzzDecimal(f *testing.F) {
	for _, seed := range [][2]string{{"1", "1.0"}, {"0.3", "0.1"}, {"-0", "0e9"}, {"1e400", "12345678901234567890123"}, {"100", "1e2"}, {"0.0010", "2.5e-4"}, {"99999999999999999999", "3"}, {"1e-999", "7e-998"}, {"1.5e300", "5e-1"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, okX := jsonvalue.Rational(a)
		y, okY := jsonvalue.Rational(b)
		if !okX || !okY {
			return
		}
		d, okD := jsonvalue.ParseDecimal(a)
		e, okE := jsonvalue.ParseDecimal(b)
		if !okD || !okE {
			t.Fatalf("%s, %s: read %v, %v", a, b, okD, okE)
		}
		if got, want := d.Compare(e), x.Cmp(y); got != want {
			t.Errorf("%s and %s: got %d, want %d", a, b, got, want)
		}
		if got, want := d.IsInteger(), x.IsInt(); got != want {
			t.Errorf("%s is an integer: got %v", a, got)
		}
		if y.Sign() > 0 {
			if got, want := d.IsMultipleOf(e), new(big.Rat).Quo(x, y).IsInt(); got != want {
				t.Errorf("%s is a multiple of %s: got %v", a, b, got)
			}
		}
	})
}

// Names that share a hash cost what others cost: the check for duplicates stays
// proportional.
func TestNamesThatShareAHashCostNoMore(t *testing.T) {
	t.Parallel()
	count := 200_000
	if testing.Short() {
		count = 50_000 // a billion comparisons still, if each name met all others
	}
	var b strings.Builder
	for i := range count {
		fmt.Fprintf(&b, `"headhead%06dtailtail":1,`, i) // HashName looks at both ends only
	}
	tree := parse(t, "{"+b.String()+`"x":1}`)
	if got := tree.Len(0); got != count+1 {
		t.Errorf("got %d members", got)
	}
	if _, err := jsonvalue.Parse("{" + b.String() + fmt.Sprintf(`"headhead%06dtailtail":1}`, count-1)); err == nil {
		t.Error("a name that is there twice is accepted")
	}
}

func BenchmarkParse(b *testing.B) {
	const text = `{"model":"gpt-4o","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"Hello!"}],"temperature":0.2}`
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		t, err := jsonvalue.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		t.Release()
	}
}
