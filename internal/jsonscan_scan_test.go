package internal_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/internal/jsonscan"
)

func TestMembersYieldsValueTexts(t *testing.T) {
	t.Parallel()
	type member struct{ Key, Value string }
	tests := map[string]struct {
		text string
		want []member
	}{
		"empty":            {`{}`, nil},
		"not an object":    {`[1]`, nil},
		"scalars":          {`{"a":1,"b" : "x" , "c":null}`, []member{{"a", "1"}, {"b", `"x"`}, {"c", "null"}}},
		"nested":           {`{"a":{"b":[1,{"c":2}]},"d":[]}`, []member{{"a", `{"b":[1,{"c":2}]}`}, {"d", "[]"}}},
		"brackets in text": {`{"a":"}]{[","b":"\"}"}`, []member{{"a", `"}]{["`}, {"b", `"\"}"`}}},
		"escaped key":      {`{"a\"b\u0041":1}`, []member{{`a"bA`, "1"}}},
		"trailing slashes": {`{"a":"x\\","b":2}`, []member{{"a", `"x\\"`}, {"b", "2"}}},
		"cut":              {`{"a":1,"b":[1,`, []member{{"a", "1"}, {"b", "[1,"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []member
			for k, v := range jsonscan.Members(tt.text) {
				got = append(got, member{k, v})
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Members(%s) (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

func TestCheckSaysWhereAndWhy(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"ok":                {`{"a":[1,-0.5e+3,true,false,null,"\u00e9\n"]}`, ""},
		"empty":             {``, "line 1, column 1: the text ends, want a value"},
		"truncated object":  {"{\"a\":1,\n", `line 2, column 1: the text ends, want a member name in quotes`},
		"truncated string":  {`{"a`, "line 1, column 4: the text ends inside a string"},
		"trailing comma":    {`[1,]`, `line 1, column 4: got ']', want a value`},
		"two values":        {`1 2`, "line 1, column 3: got more text after the value"},
		"leading zero":      {`[01]`, `line 1, column 3: got '1', want ',' or ']'`},
		"bare word":         {"{\n \"a\": nul}", `line 2, column 7: got 'n', want a value`},
		"control character": {"[\"a\tb\"]", "line 1, column 4: got control character 0x09 in a string, want an escape"},
		"bad escape":        {`["\x"]`, `line 1, column 4: got 'x', want an escape of RFC 8259 §7`},
		"bad unicode":       {`["\u12g4"]`, `line 1, column 4: got \u without four hexadecimal digits`},
		"control in escape": {"\"\\u00\x100\"", `line 1, column 3: got \u without four hexadecimal digits`},
		"bad UTF-8":         {"[\"a\xff\"]", "line 1, column 4: got a byte that is not UTF-8"},
		"too deep":          {strings.Repeat("[", 101), "line 1, column 101: nested more than 100 deep"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := jsonscan.Check(tt.text, 100)
			got := ""
			if err != nil {
				var syntax *jsonscan.SyntaxError
				if !errors.As(err, &syntax) {
					t.Fatalf("error is %T, want *SyntaxError", err)
				}
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("Check(%q):\n got %s\nwant %s", tt.text, got, tt.want)
			}
		})
	}
}

// FuzzCheck compares Check with encoding/json, and the walkers against panics
// on whatever text they are given.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{`{"a":[1,"b",{"c":null}]}`, `[1,]`, `"\ud800"`, `{"a":1`, "\xff", `{"a" "b"}`, `[[[`, `-`, `1e5`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		valid := jsonscan.Check(text, 1000) == nil
		if want := json.Valid([]byte(text)); valid && !want {
			t.Errorf("Check accepts %q, encoding/json does not", text)
		}
		n := 0
		for _, v := range jsonscan.Members(text) {
			n++
			for range jsonscan.Items(v) {
			}
		}
		c := jsonscan.NewCursor(text)
		if c.Enter() {
			m := 0
			for c.Next() {
				c.Key()
				c.Value()
				m++
			}
			if valid && m != n {
				t.Errorf("%q: cursor saw %d members, Members %d", text, m, n)
			}
		}
		if valid {
			trimmed := strings.Trim(text, " \t\r\n")
			if end := jsonscan.Skip(trimmed, 0); end != len(trimmed) {
				t.Errorf("Skip(%q) = %d, want %d", trimmed, end, len(trimmed))
			}
		}
	})
}
