package openai

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCutJSONIsToldFromWrongJSON(t *testing.T) {
	for text, want := range map[string]string{
		``:                           ``,
		`  `:                         ``,
		`{`:                          `{}`,
		`{"a`:                        `{}`,
		`{"a"`:                       `{}`,
		`{"a":`:                      `{}`,
		`{"a":"`:                     `{"a":""}`,
		`{"a":"x`:                    `{"a":"x"}`,
		`{"a":"x\`:                   `{"a":"x"}`,
		`{"a":"x\n`:                  `{"a":"x\n"}`,
		`{"a":"x\u00`:                `{"a":"x"}`,
		`{"a":"x\u00e9`:              `{"a":"x\u00e9"}`,
		`{"a":"\ud83d`:               `{"a":""}`,
		`{"a":"\ud83d\ude0`:          `{"a":""}`,
		`{"a":"\ud83d\ude00`:         `{"a":"\ud83d\ude00"}`,
		"{\"a\":\"x\xc3":             `{"a":"x"}`,
		"{\"a\":\"\xf0\x9f\x98":      `{"a":""}`,
		`{"a":"x","b`:                `{"a":"x"}`,
		`{"a":"x",`:                  `{"a":"x"}`,
		`{"a":1`:                     `{}`,
		`{"a":12,`:                   `{"a":12}`,
		`{"a":1.`:                    `{}`,
		`{"a":tru`:                   `{}`,
		`{"a":true `:                 `{"a":true}`,
		`{"a":[1,2`:                  `{"a":[1]}`,
		`{"a":[1,2]`:                 `{"a":[1,2]}`,
		`{"a":[{"b":"c"},{"b`:        `{"a":[{"b":"c"},{}]}`,
		`{"a":{"b":[["x"`:            `{"a":{"b":[["x"]]}}`,
		`{"a":{},"b":"`:              `{"a":{},"b":""}`,
		`{"a":"b"}`:                  `{"a":"b"}`,
		`{"a":"b"} `:                 `{"a":"b"}`,
		`[ "a", "b`:                  `[ "a", "b"]`,
		`Sure! {"a":1}`:              ``,
		"```json\n{":                 ``,
		`{"a":1}}`:                   ``,
		`{"a":1}{"b":2`:              ``,
		`{"a":]`:                     ``,
		`{"\u00`:                     `{}`,
		`{"a":"\uzz`:                 ``,
		`{"a": null, "b": [null, "`:  `{"a": null, "b": [null, ""]}`,
		`{"a":"\\","b":"\"`:          `{"a":"\\","b":"\""}`,
		`"text`:                      ``,
		`12`:                         ``,
		`{"a":[],"b":[{},"x"],"c":-`: `{"a":[],"b":[{},"x"]}`,
	} {
		var c cutJSON
		c.write(text)
		got, ok := c.complete()
		if string(got) != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", text, got, ok, want)
		}
	}
}

// FuzzCutJSON: whatever way a JSON object is cut, what is completed is JSON, and
// the whole text completes to itself.
func FuzzCutJSON(f *testing.F) {
	for _, text := range []string{
		`{"a":"x\u00e9\ud83d\ude00 é😀","b":[1,-2.5e3,true,null,{"c":[[],{}]}],"":" \" \\ \/"}`, `[{"a":{}}]`, ` { } `, `{"a" : [ "b" , 1 ] }`,
	} {
		f.Add(text, 1)
	}
	f.Fuzz(func(t *testing.T, text string, size int) {
		var c cutJSON
		sound := json.Valid([]byte(text)) && strings.ContainsAny(strings.TrimLeft(text, " \t\r\n")[:1], "{[")
		for len(text) > 0 {
			n := min(max(size&7, 1), len(text))
			c.write(text[:n])
			text = text[n:]
			got, ok := c.complete()
			if sound && ok && !json.Valid(got) {
				t.Fatalf("%q completes to %q", c.text, got)
			}
			if sound && c.broken {
				t.Fatalf("%q is taken for broken", c.text)
			}
			if sound && ok && utf8.Valid(c.text) && !utf8.Valid(got) {
				t.Fatalf("%q completes to half a character: %q", c.text, got)
			}
		}
		if got, ok := c.complete(); sound && (!ok || string(got) != strings.TrimRight(string(c.text), " \t\r\n")) {
			t.Fatalf("%q completes to %q", c.text, got)
		}
	})
}
