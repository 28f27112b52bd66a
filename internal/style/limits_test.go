package style_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/style"
)

// TestValuesThatCannotBeWrittenAreRefused has what a case file cannot: values that are not JSON, not UTF-8, or too large.
func TestValuesThatCannotBeWrittenAreRefused(t *testing.T) {
	var (
		query    = style.Param{Name: "a", In: "query"}
		brackets = style.Param{Name: "a", In: "query", Brackets: true}
		content  = style.Param{Name: "a", In: "query", JSON: true}
		header   = style.Param{Name: "a", In: "header", JSON: true}
	)
	for name, c := range map[string]struct {
		param style.Param
		value gjson.Result
		want  string
	}{
		"invalid UTF-8, path":   {style.Param{Name: "a", In: "path"}, gjson.Parse("\"\xff\""), "got invalid UTF-8"},
		"invalid UTF-8, query":  {query, gjson.Parse("\"\xff\""), "got invalid UTF-8"},
		"invalid UTF-8, member": {query, gjson.Parse("{\"\xff\":1}"), `at "/\xff": got invalid UTF-8`},
		"invalid UTF-8, header": {style.Param{Name: "a", In: "header"}, gjson.Parse("\"\xff\""), "got invalid UTF-8"},
		"invalid UTF-8, cookie": {style.Param{Name: "a", In: "cookie"}, gjson.Parse("\"\xff\""), "got invalid UTF-8"},
		"invalid UTF-8, JSON":   {content, gjson.Parse("\"\xff\""), "got invalid JSON"},
		"invalid UTF-8, name":   {style.Param{Name: "\xff", In: "query"}, gjson.Parse("1"), "invalid UTF-8"},
		"array cut short":       {query, gjson.Parse("[1,2"), "got invalid JSON"},
		"array cut short, path": {style.Param{Name: "a", In: "path"}, gjson.Parse("[1,2"), "got invalid JSON"},
		"NUL in a name":         {style.Param{Name: "a\x00", In: "path", Style: "matrix"}, gjson.Parse("[1]"), "got U+0000"},
		"text after an array":   {query, gjson.Parse("[1] 2"), "got invalid JSON"},
		"member without value":  {brackets, gjson.Parse(`{"a"}`), "got invalid JSON"},
		"no number":             {query, gjson.Parse("1&admin=true"), "got a number that is not a JSON number"},
		"infinity":              {query, gjson.Parse("Infinity"), "got a number that is not a JSON number"},
		"number without text":   {query, gjson.Result{Type: gjson.Number, Num: 0.1}, "got a number that is not a JSON number"},
		"JSON without text":     {content, gjson.Result{Type: gjson.String, Str: "a"}, "got invalid JSON"},
		"65 levels":             {brackets, gjson.Parse(strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65)), "more than 64 levels"},
		"65 levels of JSON":     {content, gjson.Parse(strings.Repeat("[", 65) + strings.Repeat("]", 65)), "more than 64 levels"},
		"levels without end":    {query, gjson.Parse(strings.Repeat("[", 10_000_000)), "more than 64 levels"},
		"10,001 items":          {query, gjson.Parse("[0" + strings.Repeat(",0", 10_000) + "]"), "more than 10000 parts"},
		"10,001 bracket items":  {brackets, gjson.Parse("[0" + strings.Repeat(",0", 10_000) + "]"), "more than 10000 parts"},
		"10,001 members":        {query, manyMembers(10_001), "more than 10000 parts"},
		"5,001 joined members":  {style.Param{Name: "a", In: "query", Explode: new(false)}, manyMembers(5_001), "more than 10000 parts"},
		"12,000 pairs":          {brackets, gjson.Parse(`{"a":[0` + strings.Repeat(",0", 5_999) + `],"b":[0` + strings.Repeat(",0", 5_999) + "]}"), "more than 10000 parts"},
		"2 MiB":                 {query, gjson.Parse(`"` + strings.Repeat("a", 2<<20) + `"`), "more than 1048576 bytes"},
		"2 MiB of JSON":         {header, gjson.Parse(`"` + strings.Repeat("a", 2<<20) + `"`), "more than 1048576 bytes"},
		"2 GiB from 1 MiB": {
			brackets,
			gjson.Parse(`{"` + strings.Repeat("a", 1<<19) + `":[0` + strings.Repeat(",0", 4_000) + "]}"),
			"more than 1048576 bytes",
		},
	} {
		t.Run(name, func(t *testing.T) {
			wire, _, err := encode(c.param, c.value)
			if err == nil {
				t.Fatalf("got %.80q, want the error %q", wire, c.want)
			}
			checkError(t, err, c.want)
			if len(err.Error()) > 1024 {
				t.Errorf("got a message of %d bytes, want 1024 at most", len(err.Error()))
			}
		})
	}
}

func manyMembers(n int) gjson.Result {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"m%d":0`, i)
	}
	return gjson.Parse("{" + b.String()[1:] + "}")
}

func TestDecodeRefusesTooManyPartsAndLevels(t *testing.T) {
	array := &style.Shape{Type: jsonvalue.Array}
	for name, c := range map[string]struct {
		param style.Param
		wire  string
		want  string
	}{
		"pairs":          {style.Param{Name: "a", In: "query"}, strings.Repeat("a=&", 10_001), "more than 10000"},
		"commas":         {style.Param{Name: "a", In: "header"}, strings.Repeat(",", 10_001), "more than 10000"},
		"pipes":          {style.Param{Name: "a", In: "query", Style: "pipeDelimited"}, "a=" + strings.Repeat("|", 10_001), "more than 10000"},
		"matrix":         {style.Param{Name: "a", In: "path", Style: "matrix", Explode: new(true)}, strings.Repeat(";a", 10_001), "more than 10000"},
		"brackets":       {style.Param{Name: "a", In: "query", Brackets: true}, "a" + strings.Repeat("[]", 65), "more than 64 levels"},
		"levels of JSON": {style.Param{Name: "a", In: "query", JSON: true}, "a=" + strings.Repeat("[", 10_000_000), "more than 64 levels"},
	} {
		t.Run(name, func(t *testing.T) {
			value, _, err := decode(c.param, c.wire, true, array)
			if err == nil {
				t.Fatalf("got %.80q, want the error %q", value, c.want)
			}
			checkError(t, err, c.want)
		})
	}
}

func TestValuesAtTheLimitsAreReadBack(t *testing.T) {
	brackets := style.Param{Name: "a", In: "query", Brackets: true}
	for name, c := range map[string]struct {
		param style.Param
		value string
	}{
		"64 levels":      {brackets, strings.Repeat(`{"a":`, 64) + "1" + strings.Repeat("}", 64)},
		"10,000 items":   {brackets, "[0" + strings.Repeat(",0", 9_999) + "]"},
		"a long string":  {brackets, `"` + strings.Repeat("a", 1<<20-2) + `"`},
		"10,000 members": {style.Param{Name: "a", In: "query"}, manyMembers(10_000).Raw},
		"5,000 members":  {style.Param{Name: "a", In: "header"}, manyMembers(5_000).Raw},
		"many commas":    {style.Param{Name: "a", In: "header"}, `"` + strings.Repeat("a,", 10_001) + `a"`},
	} {
		t.Run(name, func(t *testing.T) {
			v := gjson.Parse(c.value)
			wire, _, err := encode(c.param, v)
			if err != nil {
				t.Fatal(err)
			}
			got, found, err := decode(c.param, wire, true, shapeOf(v))
			if err != nil || !found || string(got) != c.value {
				t.Errorf("got %.80q, found %t, error %v, want %.80q", got, found, err, c.value)
			}
		})
	}
}

func TestAppendQueryKeepsTheQueryBefore(t *testing.T) {
	p := style.Param{Name: "a", In: "query"}
	for name, c := range map[string]struct {
		query, value, want string
		fails              bool
	}{
		"to nothing":         {"", `1`, "a=1", false},
		"to a query":         {"beta=true", `[1,2]`, "beta=true&a=1&a=2", false},
		"an undefined value": {"beta=true", `null`, "beta=true", false},
		"an error":           {"beta=true", `[1,[2]]`, "beta=true", true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := p.AppendQuery([]byte(c.query), gjson.Parse(c.value))
			if string(got) != c.want || (err != nil) != c.fails {
				t.Errorf("got %q, error %v, want %q, error %t", got, err, c.want, c.fails)
			}
		})
	}
}

func TestResolveFillsInStyleAndExplode(t *testing.T) {
	for _, c := range []struct {
		param   style.Param
		style   string
		explode bool
	}{
		{style.Param{Name: "a", In: "path"}, "simple", false},
		{style.Param{Name: "a", In: "query"}, "form", true},
		{style.Param{Name: "a", In: "header"}, "simple", false},
		{style.Param{Name: "a", In: "cookie"}, "form", true},
		{style.Param{Name: "a", In: "query", Explode: new(false)}, "form", false},
		{style.Param{Name: "a", In: "query", Style: "pipeDelimited"}, "pipeDelimited", false},
	} {
		p, err := c.param.Resolve()
		if err != nil || p.Style != c.style || *p.Explode != c.explode {
			t.Errorf("%+v: got %+v, error %v, want style %s, explode %t", c.param, p, err, c.style, c.explode)
		}
	}
	if _, err := (style.Param{Name: "a", In: "path", Style: "form"}).Resolve(); err == nil {
		t.Error("got no error for a path parameter of style form")
	}
	if _, err := (style.Param{Name: "a", In: "path"}).AppendQuery(nil, gjson.Parse("1")); err == nil {
		t.Error("got no error for a path parameter in a query")
	}
}

func TestRepeatedHeaderIsReadAsOne(t *testing.T) {
	p := style.Param{Name: "a", In: "header"}
	for name, c := range map[string]struct {
		shape *style.Shape
		want  string
	}{
		"array":  {&style.Shape{Type: jsonvalue.Array, Items: &style.Shape{Type: jsonvalue.Integer}}, `[1,2,3]`},
		"string": {&style.Shape{Type: jsonvalue.String}, `"1,2, 3"`},
	} {
		t.Run(name, func(t *testing.T) {
			got, found, err := p.DecodeHeader([]string{"1,2", "3"}, c.shape)
			if err != nil || !found || string(got) != c.want {
				t.Errorf("got %s, found %t, error %v, want %s", got, found, err, c.want)
			}
		})
	}
}

func TestErrorNamesThePlaceNotTheValue(t *testing.T) {
	p := style.Param{Name: "filter", In: "query", Brackets: true}
	_, err := p.AppendQuery(nil, gjson.Parse(`{"secret": [["sk-1234"]]}`))
	var e *style.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *style.Error", err)
	}
	if e.Param != "filter" || e.In != "query" || e.Style != "brackets" || e.Pointer != "/secret/0" || e.Remedy == "" {
		t.Errorf("got %+v", e)
	}
	if strings.Contains(err.Error(), "sk-1234") {
		t.Errorf("got the value in the message %q", err)
	}
}

// TestWritingIntoABufferAllocatesNothing holds that writing into a buffer with room allocates nothing, and a path its result alone.
func TestWritingIntoABufferAllocatesNothing(t *testing.T) {
	buffer := make([]byte, 0, 1024)
	for name, c := range map[string]struct {
		param style.Param
		value string
		want  float64
	}{
		"string":   {style.Param{Name: "after", In: "query"}, `"batch_67d450cd"`, 0},
		"array":    {style.Param{Name: "include", In: "query"}, `["a", "b", "c"]`, 0},
		"brackets": {style.Param{Name: "include[]", In: "query", Brackets: true}, `["a", "b", "c"]`, 0},
		"path":     {style.Param{Name: "file_id", In: "path"}, `"file-GFRkZJmvdZaYXHtGr2Zcyq"`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			v := gjson.Parse(c.value)
			got := testing.AllocsPerRun(100, func() {
				var err error
				if c.param.In == "path" {
					_, err = c.param.Path(v)
				} else {
					_, err = c.param.AppendQuery(buffer, v)
				}
				if err != nil {
					t.Error(err)
				}
			})
			if got != c.want {
				t.Errorf("got %v allocations, want %v", got, c.want)
			}
		})
	}
}
