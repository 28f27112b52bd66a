package schema_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/opcall/opcall/schema"
)

// cyclic is a Go value that contains itself.
type cyclic struct{ Next *cyclic }

func TestInstancesThatAreNotJSONAreRefused(t *testing.T) {
	t.Parallel()
	loop := &cyclic{}
	loop.Next = loop
	loopMap := map[string]any{}
	loopMap["x"] = loopMap
	tests := map[string]struct {
		instance any
		want     string // prefix of the problem
	}{
		"empty":                  {``, "invalid JSON at line 1, column 1: the text ends, want a value"},
		"no bytes":               {[]byte(nil), "invalid JSON at line 1, column 1: the text ends, want a value"},
		"white space":            {" \n ", "invalid JSON at line 2, column 2: the text ends, want a value"},
		"two values":             {`{} {}`, "invalid JSON at line 1, column 4: got more text after the value"},
		"word":                   {`nul`, "invalid JSON at line 1, column 1: got 'n', want a value"},
		"Infinity":               {`[Infinity]`, "invalid JSON at line 1, column 2: got 'I', want a value"},
		"leading zero":           {`01`, "invalid JSON at line 1, column 1: got '0', want a value"},
		"plus":                   {`+1`, "invalid JSON at line 1, column 1: got '+', want a value"},
		"bare minus":             {`-`, "invalid JSON at line 1, column 1: got '-', want a value"},
		"comma at the end":       {`{"a":1,}`, "invalid JSON at line 1, column 8: got '}', want a member name in quotes"},
		"no colon":               {`{"a" 1}`, "invalid JSON at line 1, column 6: got '1', want ':'"},
		"no comma":               {"[1\n 2]", "invalid JSON at line 2, column 2: got '2', want ',' or ']'"},
		"name without quotes":    {`{a:1}`, "invalid JSON at line 1, column 2: got 'a', want a member name in quotes"},
		"truncated string":       {`"abc`, "invalid JSON at line 1, column 5: the text ends inside a string"},
		"truncated escape":       {`"abc\`, "invalid JSON at line 1, column 6: the text ends inside a string"},
		"line end in a string":   {"\"a\nb\"", "invalid JSON at line 1, column 3: got control character 0x0a in a string, want an escape"},
		"unknown escape":         {`"\x41"`, "invalid JSON at line 1, column 3: got 'x', want an escape of RFC 8259 §7"},
		"broken escape":          {`"\u12"`, `invalid JSON at line 1, column 3: got \u without four hexadecimal digits`},
		"key twice":              {`{"a":1,"b":{},"a":2}`, `invalid JSON at line 1, column 15: got key "a" twice in one object`},
		"key twice, escaped":     {`{"a":1,"\u0061":2}`, `invalid JSON at line 1, column 8: got key "a" twice in one object`},
		"long key twice":         {`{"` + strings.Repeat("k", 5000) + `":1,"` + strings.Repeat("k", 5000) + `":2}`, `invalid JSON at line 1, column 5007: got key "` + strings.Repeat("k", 80) + `" twice in one object`},
		"byte order mark":        {"\ufeff{}", "invalid JSON at line 1, column 1: got '\\ufeff', want a value"},
		"no UTF-8":               {"{\"a\":\n\"\xff\"}", "invalid JSON at line 2, column 2: got a byte that is not UTF-8"},
		"cut UTF-8":              {"\"\xe2\x82\"", "invalid JSON at line 1, column 2: got a byte that is not UTF-8"},
		"huge exponent":          {`1e2000000`, "invalid JSON at line 1, column 1: got number 1e2000000, out of range; want an exponent under 1000"},
		"huge negative exponent": {`[-0.5E-2000000]`, "invalid JSON at line 1, column 2: got number -0.5E-2000000, out of range; want an exponent under 1000"},
		"too many digits":        {strings.Repeat("9", 100_000), "invalid JSON at line 1, column 1: got a number of 100000 characters, want at most 1000"},
		"too deep":               {strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), "invalid JSON at line 1, column 257: nested more than 256 deep"},
		"too deep, objects":      {strings.Repeat(`{"a":`, 100_000), "invalid JSON at line 1, column 1281: nested more than 256 deep"},
		"NaN":                    {math.NaN(), "the Go value cannot be written as JSON: json: unsupported value: NaN"},
		"NaN within":             {map[string]any{"a": []float64{math.Inf(1)}}, "the Go value cannot be written as JSON: json: unsupported value: +Inf"},
		"channel":                {map[string]any{"a": make(chan int)}, "the Go value cannot be written as JSON: json: unsupported type: chan int"},
		"function":               {func() {}, "the Go value cannot be written as JSON: json: unsupported type: func()"},
		"complex number":         {complex(1, 2), "the Go value cannot be written as JSON: json: unsupported type: complex128"},
		"cyclic struct":          {loop, "the Go value cannot be written as JSON: json: unsupported value: encountered a cycle via *schema_test.cyclic"},
		"cyclic map":             {loopMap, "the Go value cannot be written as JSON: json: unsupported value: encountered a cycle via map[string]interface {}"},
		"broken RawMessage":      {map[string]any{"a": json.RawMessage(`{`)}, "the Go value cannot be written as JSON: "},
		"reader that fails":      {iotest.ErrReader(io.ErrClosedPipe), "the instance cannot be read: io: read/write on closed pipe"},
		"endless reader":         {io.MultiReader(strings.NewReader(`"`), &blank{}), "the instance has more than 268435456 bytes"},
	}
	doc := open(t, with(`{"X":{}}`))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if name == "endless reader" && testing.Short() {
				t.Skip("reads as much as an instance may have, three times")
			}
			for _, tier := range []schema.Tier{schema.Standard, schema.Strict, schema.Lenient} {
				err := doc.Validate("X", tt.instance, schema.WithTier(tier))
				if strings.HasPrefix(tt.want, "invalid JSON") && tier == schema.Lenient {
					if err != nil { // no text is invalid there, and Check reports it
						t.Errorf("lenient: got %v", err)
					}
					continue
				}
				var invalid *schema.ValidationError
				if !errors.As(err, &invalid) || invalid.Err == nil || len(invalid.Problems) != 1 {
					t.Fatalf("%s: got a %T, %v; want a *ValidationError with its cause", tier, err, err)
				}
				if got := invalid.Problems[0]; !strings.HasPrefix(got.Message, tt.want) || got.Keyword != "json" || len(err.Error()) > 400 {
					t.Errorf("%s: got %s\nwant %s", tier, got.Message, tt.want)
				}
				if _, ok := tt.instance.(io.Reader); ok {
					break // it has been read
				}
			}
		})
	}
}

// blank is a reader of spaces without end.
type blank struct{}

func (*blank) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestInstanceMayBeTextReaderOrGoValue(t *testing.T) {
	t.Parallel()
	type pet struct {
		Name string `json:"name"`
		Age  int16  `json:"age,omitempty"`
	}
	doc := open(t, with(`{"X":{"type":"object","required":["name"],"properties":{"name":{"type":"string","pattern":"^[a-z<&>]+$"},"age":{"type":"integer"}}}}`))
	for name, instance := range map[string]any{
		"string":       `{"name":"rex"}`,
		"bytes":        []byte(` {"name":"rex"} `),
		"RawMessage":   json.RawMessage(`{"name":"rex","age":12345678901234567890}`),
		"reader":       strings.NewReader(`{"name":"rex"}`),
		"buffer":       bytes.NewBufferString(`{"name":"rex"}`),
		"struct":       pet{"rex", 3},
		"pointer":      &pet{Name: "rex"},
		"map":          map[string]any{"name": "rex", "age": json.Number("3")},
		"typed map":    map[string]string{"name": "rex"},
		"HTML letters": pet{Name: "<a&b>"},
		"with BOM":     nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := doc.Validate("X", instance)
			if instance == nil { // the Go value nil is null
				if want := "X: /: got null, want object (X)"; err == nil || err.Error() != want {
					t.Errorf("got %v, want %s", err, want)
				}
				return
			}
			if err != nil {
				t.Errorf("got %v, want it valid", err)
			}
		})
	}
}

func TestNumbersAreExact(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("9", 120)
	tests := map[string]struct {
		text, instance string
		valid          bool
	}{
		"400 digits":                 {`{"type":"integer"}`, long, true},
		"400 digits and one":         {`{"const":` + long + `}`, long[1:] + "8", false},
		"400 digits after the point": {`{"type":"integer"}`, "1." + strings.Repeat("0", 120), true},
		"one in the 400th place":     {`{"maximum":1}`, "1." + strings.Repeat("0", 399) + "1", false},
		"largest exponent":           {`{"type":"integer","minimum":1}`, "1e999", true},
		"smallest exponent":          {`{"exclusiveMinimum":0}`, "1e-999", true},
		"exponent with zeros":        {`{"const":10}`, "1e+0001", true},
		"beyond float64":             {`{"const":9007199254740993}`, "9007199254740992", false},
		"minus zero":                 {`{"const":0}`, "-0", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := open(t, with(`{"X":`+tt.text+`}`))
			if err := doc.Validate("X", tt.instance); (err == nil) != tt.valid || err != nil && len(err.Error()) > 400 {
				t.Errorf("%.40s of %.40s…: got %v, want it valid: %v", tt.text, tt.instance, err, tt.valid)
			}
		})
	}
}

// A large instance costs time and memory in proportion, and none of it is in
// the message.
func TestLargeInstanceCostsInProportion(t *testing.T) {
	doc := builtin(t)
	large := 100 << 20
	if testing.Short() {
		large = 4 << 20
	}
	text := strings.Repeat("x", large)
	tests := map[string]struct {
		instance string
		valid    bool
	}{
		"large string":           {`{"model":"gpt-4o","messages":[{"role":"user","content":"` + text + `"}]}`, true},
		"large, of another type": {`{"model":"gpt-4o","messages":"` + text + `"}`, false},
		"20,000 unknown fields":  {`{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]` + numbered(`,"f%d":1`, 20_000) + `}`, false},
		"20,000 mistakes":        {`{"model":"gpt-4o","messages":[{"role":"usr"}` + strings.Repeat(`,{"role":"usr"}`, 20_000) + `]}`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := doc.Validate("CreateChatCompletionRequest", tt.instance)
			runtime.ReadMemStats(&after)
			if (err == nil) != tt.valid || err != nil && len(err.Error()) > 64<<10 {
				t.Errorf("got %.400v, want it valid: %v", err, tt.valid)
			}
			if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > uint64(large)>>20+64 {
				t.Errorf("%d MiB were allocated", got)
			}
		})
	}
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestRecursiveSchemaValidatesDeepInstances(t *testing.T) {
	t.Parallel()
	doc := open(t, with(`{
		"List":{"type":"object","required":["n"],"properties":{"n":{"type":"integer"},"next":{"$ref":"#/components/schemas/List"}}},
		"Tree":{"anyOf":[{"type":"array","items":{"$ref":"#/components/schemas/Tree"}},{"type":"string"}]},
		"Filter":{"oneOf":[{"$ref":"#/components/schemas/All"},{"type":"object","required":["is"],"properties":{"is":{"type":"string"}}}]},
		"All":{"type":"object","required":["all"],"properties":{"all":{"type":"array","items":{"$ref":"#/components/schemas/Filter"}}}}}`))
	nested := func(open, middle, end string, depth int) string {
		return strings.Repeat(open, depth) + middle + strings.Repeat(end, depth)
	}
	tests := map[string]struct {
		component, instance, want string
	}{
		"list of 250":          {"List", nested(`{"n":1,"next":`, `{"n":1}`, `}`, 250), ``},
		"mistake in the 250th": {"List", nested(`{"n":1,"next":`, `{"n":"x"}`, `}`, 250), strings.Repeat("/next", 250) + `/n: got string "x", want integer (List)`},
		"tree of 250":          {"Tree", nested(`[`, `"x"`, `]`, 250), ``},
		"leaf of 250":          {"Tree", nested(`[`, `1`, `]`, 250), strings.Repeat("/0", 250) + `: got number 1, want string or array of Tree (Tree)`},
		"filter of 120":        {"Filter", nested(`{"all":[`, `{"is":"x"}`, `]}`, 120), ``},
		"leaf of a filter":     {"Filter", nested(`{"all":[`, `{"is":1}`, `]}`, 120), strings.Repeat("/all/0", 120) + `/is: got number 1, want string (Filter)`},
		"field in a filter":    {"Filter", nested(`{"all":[`, `{"is":"x","no":1}`, `]}`, 20), strings.Repeat("/all/0", 20) + `/no: unknown field "no" (Filter)`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := verdict(t, doc, tt.component, tt.instance); got != tt.want {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
		})
	}
}
