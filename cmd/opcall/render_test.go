package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"

	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/yamltext"
	"github.com/opcall/opcall/schema"
)

var texts = []string{
	`{}`, `[]`, `null`, `"a"`, `-1.50e3`, `[[],[[]],{}]`, `{"":[{"a":{"b":[1,2]}},"x"]}`,
	`{"a: b":"c # d","- e":"@f","yes":"no","null":"~","1":"1","0x1":"1_000"}`,
	`["two\nlines","ends\n","\nbegins"," indented\nlines","a\n\n\nb","tab\tin\nlines","\r\n","trailing \nspace"]`,
	`{"long":"` + strings.Repeat("word ", 40) + `","é":"ü","emoji":"👩‍👩‍👧","control":"\u001b[2J\u0085\u2028"}`,
	`["=","<<","*a","&a","!a","|",">","%a","` + "`" + `","{a}","[a]",",","?","? a",": ","a:","#","a #b","---","..."]`,
	`12345678901234567890.123456789`, `"\ud800"`,
}

// asJSON reads YAML with the reader of the project.
func asJSON(t *testing.T, yaml string) string {
	t.Helper()
	text, err := yamltext.JSON([]byte(yaml), 1<<24)
	if err != nil {
		t.Fatalf("the YAML cannot be read: %v\n%s", err, yaml)
	}
	return text.JSON
}

func TestYAMLIsTheSameValue(t *testing.T) {
	for _, text := range texts[:len(texts)-1] {
		var b bytes.Buffer
		if err := render.YAML(&b, []byte(text)); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := asJSON(t, b.String()); !jsonvalue.EqualText(got, text) {
			t.Errorf("%s\nis as YAML\n%s\nwhich reads as\n%s", text, b.String(), got)
		}
	}
}

func FuzzYAML(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.TrimSpace(text)
		if jsonscan.CheckUnique(text, 100) != nil || strings.Contains(text, `\u`) || len(text) > 4096 {
			t.Skip() // no JSON, or with half a character, which YAML does not have
		}
		var b bytes.Buffer
		if err := render.YAML(&b, []byte(text)); err != nil {
			t.Fatal(err)
		}
		read, err := yamltext.JSON(b.Bytes(), 1<<24)
		if err != nil {
			t.Fatalf("%q is as YAML %q, which cannot be read: %v", text, b.String(), err)
		}
		if !jsonvalue.EqualText(read.JSON, text) {
			t.Errorf("%q is as YAML %q, which reads as %q", text, b.String(), read.JSON)
		}
	})
}

func TestIndentedJSONIsTheSameValueAndHarmless(t *testing.T) {
	for _, text := range texts {
		var indented, compact bytes.Buffer
		if err := render.Indented(&indented, []byte(text), terminal.Painter{}); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if strings.ContainsAny(indented.String(), "\x1b\u0085\u2028") {
			t.Errorf("%q has characters that control a terminal", indented.String())
		}
		if err := render.Compact(&compact, indented.Bytes()); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSuffix(compact.String(), "\n"); !jsonvalue.EqualText(got, text) {
			t.Errorf("got %s, want %s", got, text)
		}
	}
	if err := render.Indented(&bytes.Buffer{}, []byte(`{"a":`), terminal.Painter{}); err == nil {
		t.Error("half a text is not an error")
	}
}

// TestEmptyContainersDoNotIndentWhatFollows: the text is that of encoding/json.
func TestEmptyContainersDoNotIndentWhatFollows(t *testing.T) {
	for _, text := range []string{
		`{"a":[]}`, `{"a":{},"b":{"c":{}},"d":[[],{},1]}`, `[[]]`, `[[[],[]],{}]`, `[]`, `{}`, `{"a":[{"b":[]}],"c":1}`,
	} {
		var got, want bytes.Buffer
		if err := render.Indented(&got, []byte(text), terminal.Painter{}); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if err := json.Indent(&want, []byte(text), "", "  "); err != nil {
			t.Fatal(err)
		}
		if strings.TrimSuffix(got.String(), "\n") != want.String() {
			t.Errorf("%s: got\n%s\nwant\n%s", text, got.String(), want.String())
		}
	}
}

func TestTableFitsItsWidth(t *testing.T) {
	for width := 20; width < 90; width += 7 {
		table := render.Table{Width: width}
		table.Row("id", "a name of some length", "日本語のテキスト")
		table.Row(strings.Repeat("x", 30), "y", strings.Repeat("👩‍👩‍👧", 9)+"\x1b[31m")
		var b bytes.Buffer
		if err := table.Write(&b); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if got := uniseg.StringWidth(strings.TrimSuffix(line, "\n")); got > max(width, 3*8+2*2) {
				t.Errorf("a line of a table of %d columns has %d: %q", width, got, line)
			}
		}
		if strings.Contains(b.String(), "\x1b") {
			t.Errorf("the table lets an escape sequence through: %q", b.String())
		}
	}
}

// renderedAs writes a value as a pipe gets it.
func renderedAs(t *testing.T, o render.Output, text string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	w, err := o.Writer(&terminal.IO{Out: &out, Err: &out, Getenv: func(string) string { return "" }})
	if err != nil {
		return "", err
	}
	err = w.Value(context.Background(), []byte(text), schema.Value{})
	if closing := w.Close(); err == nil {
		err = closing
	}
	return out.String(), err
}

func TestEachFormatWritesTheSelectedValue(t *testing.T) {
	const list = `{"object":"list","data":[{"id":"a","n":1,"deep":{"x":1}},{"id":"b","extra":true}]}`
	for name, tc := range map[string]struct {
		output render.Output
		text   string
		want   string
	}{
		"raw is as it came":             {render.Output{}, `{ "a" : 1 }`, "{ \"a\" : 1 }\n"},
		"lines of an array":             {render.Output{Format: "jsonl", Select: "data"}, list, `{"id":"a","n":1,"deep":{"x":1}}` + "\n" + `{"id":"b","extra":true}` + "\n"},
		"table of a list":               {render.Output{Format: "table"}, list, "ID  N  EXTRA\na   1\nb      true\n"},
		"table of an object":            {render.Output{Format: "table"}, `{"id":"a","n":null,"l":[1]}`, "id  a\nn\nl   [1]\n"},
		"text without quotes":           {render.Output{Select: "data.0.id"}, list, "a\n"},
		"nothing there is no output":    {render.Output{Select: "data.9.id"}, list, ""},
		"several results of a program":  {render.Output{JQ: ".data[].id, 1"}, list, "a\nb\n1\n"},
		"digits survive a program":      {render.Output{JQ: ".n"}, `{"n":12345678901234567890123}`, "12345678901234567890123\n"},
		"a program that makes a string": {render.Output{JQ: `"\(.n) is it"`}, `{"n":1}`, "1 is it\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := renderedAs(t, tc.output, tc.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestEndlessProgramEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w, err := (&render.Output{JQ: "def f: f; f"}).Writer(&terminal.IO{Out: &bytes.Buffer{}, Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Value(ctx, []byte(`{}`), schema.Value{}); err == nil {
		t.Error("got no error, want that of the context")
	}
}
