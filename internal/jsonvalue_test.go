package internal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/jsonvalue"
)

func TestEqualComparesValuesNotSpelling(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		a, b string
		want bool
	}{
		"number with a zero fraction":   {`1`, `1.0`, true},
		"number with an exponent":       {`1e2`, `100`, true},
		"number beyond float64":         {`9007199254740993`, `9007199254740992`, false},
		"zeros":                         {`-0`, `0`, true},
		"number out of range":           {`1e5000`, `1e5001`, false},
		"number out of range, the same": {`1e5000`, `1e5000`, true},
		"string escapes":                {`"a\u0062"`, `"ab"`, true},
		"strings":                       {`"a"`, `"b"`, false},
		"string and number":             {`"1"`, `1`, false},
		"true and false":                {`true`, `false`, false},
		"false and null":                {`false`, `null`, false},
		"nulls":                         {`null`, `null`, true},
		"array order":                   {`[1,2]`, `[2,1]`, false},
		"array with white space":        {`[ 1.0 , "a"]`, `[1,"\u0061"]`, true},
		"array longer":                  {`[1]`, `[1,1]`, false},
		"member order":                  {`{"a":1,"b":[2]}`, `{"b":[2.0],"a":1}`, true},
		"member name escaped":           {`{"\u0061":null}`, `{"a":null}`, true},
		"other member":                  {`{"a":null}`, `{"b":null}`, false},
		"array and object":              {`[]`, `{}`, false},
		"null and array":                {`null`, `[]`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, pair := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
				if got := jsonvalue.EqualText(pair[0], pair[1]); got != tt.want {
					t.Errorf("EqualText(%s, %s) = %v, want %v", pair[0], pair[1], got, tt.want)
				}
				a, errA := jsonvalue.Parse(pair[0])
				b, errB := jsonvalue.Parse(pair[1])
				if errA != nil || errB != nil { // out of range
					continue
				}
				if got := a.EqualRefs(0, b, 0); got != tt.want {
					t.Errorf("EqualRefs(%s, %s) = %v, want %v", pair[0], pair[1], got, tt.want)
				}
			}
		})
	}
}

// TestDuplicateAgreesForFewAndMany gives the same items to both ways of looking.
func TestDuplicateAgreesForFewAndMany(t *testing.T) {
	t.Parallel()
	for _, last := range []string{`{"a":1.0,"b":[null]}`, `{"a":2,"b":[null]}`} {
		for _, between := range []int{0, 100} {
			var b strings.Builder
			b.WriteString(`[-1,{"b":[null],"a":1}`)
			for i := range between {
				fmt.Fprintf(&b, `,"%d",%d`, i, i+10)
			}
			b.WriteString("," + last + "]")
			tree, err := jsonvalue.Parse(b.String())
			if err != nil {
				t.Fatal(err)
			}
			items := tree.Len(0)
			i, j, found := tree.DuplicateItem(0)
			if want := last[5] == '1'; found != want || found && (i != 1 || j != items-1) {
				t.Errorf("%d items, last %s: got %d, %d, %v; want %v", items, last, i, j, found, want)
			}
		}
	}
}

func TestKindGoesByValueNotSpelling(t *testing.T) {
	t.Parallel()
	tests := map[string]jsonvalue.Kinds{
		`null`: jsonvalue.Null, `true`: jsonvalue.Boolean, `"a"`: jsonvalue.String, `[]`: jsonvalue.Array, `{}`: jsonvalue.Object,
		`1`: jsonvalue.Integer, `1.0`: jsonvalue.Integer, `-1.50`: jsonvalue.Fraction, `15e-1`: jsonvalue.Fraction, `1.5e1`: jsonvalue.Integer,
	}
	for text, want := range tests {
		if got := jsonvalue.KindOfText(text); got != want {
			t.Errorf("KindOfText(%s) = %s, want %s", text, got, want)
		}
		if tree, err := jsonvalue.Parse(text); err != nil || tree.Kind(0) != want {
			t.Errorf("Parse(%s): %v, want a %s", text, err, want)
		}
	}
}

func TestKindsReadTheKeywordType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"string"`:                      "string",
		`["null","integer"]`:            "integer or null",
		`["integer","number"]`:          "number",
		`["array","object","boolean"]`:  "object or array or boolean",
		`"file"`:                        "nothing",
		`{"type":"string"}`:             "nothing",
		`["string",1,null,"nonsense"]`:  "string",
		`["null","number","string"]   `: "string or number or null",
	} {
		if got := jsonvalue.ParseKinds(text).String(); got != want {
			t.Errorf("ParseKinds(%s) = %q, want %q", text, got, want)
		}
	}
}

func TestRationalRefusesOtherTextsAndLargeNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`1.50`: "3/2", `-2e1`: "-20/1", `1e-999`: "", `1e1000`: "", `1e-0000003`: "1/1000",
		``: "", `1/2`: "", `0x10`: "", `1_0`: "", `"1"`: "", `Inf`: "", `01`: "", `1.`: "",
		strings.Repeat("9", jsonvalue.MaxDigits+1): "",
	} {
		n, ok := jsonvalue.Rational(text)
		if text == `1e-999` {
			if !ok {
				t.Errorf("Rational(%s) is refused, want a number", text)
			}
			continue
		}
		if got := ""; ok {
			if got = n.String(); got != want {
				t.Errorf("Rational(%.20s) = %s, want %q", text, got, want)
			}
		} else if want != "" {
			t.Errorf("Rational(%.20s) is refused, want %s", text, want)
		}
	}
}
