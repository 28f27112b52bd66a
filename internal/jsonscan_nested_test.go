package internal_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Ends are looked for eight bytes at a time: whatever makes a difference is
// moved through all places of a word.
func TestSkipFindsTheEnd(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"empty":              `{}`,
		"brackets":           `[[{"a":[]}],{}]`,
		"brackets in string": `{"}]":"[{"}`,
		"quotes escaped":     `{"a":"}\"}","b":["\\"]}`,
		"slashes":            `["\\\\\\\\\"]\\",{"\\":"]"}]`,
		"long string":        `["` + strings.Repeat("[}x", 20) + `\"]` + strings.Repeat("]", 20) + `"]`,
		"many ends":          strings.Repeat("[", 30) + strings.Repeat("]", 30),
		"other bytes":        "[\"\u00fb\u00fd\u20ac\x7f\",-1.5e3,null]",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for before := range 9 {
				for after := range 9 {
					s := strings.Repeat("[", before) + text + strings.Repeat("]", after) + "x"
					if got, want := jsonscan.Skip(s, before), before+len(text); got != want {
						t.Errorf("Skip(%q, %d) = %d, want %d", s, before, got, want)
					}
				}
			}
			for end := range text {
				if got := jsonscan.Skip(text[:end], 0); got != end {
					t.Errorf("Skip(%q, 0) = %d, want all of a text that is cut", text[:end], got)
				}
			}
		})
	}
}

func TestLeaveSkipsTheRestOfAnObject(t *testing.T) {
	t.Parallel()
	c := jsonscan.NewCursor(`{"a":{"b":"}","c":[{"d":1}],"e":{}},"f":2}`)
	var got []string
	for c.Enter(); c.Next(); {
		got = append(got, c.Key())
		if c.Enter() {
			c.Next()
			c.Value()
			c.Leave()
		} else {
			c.Value()
		}
	}
	if fmt.Sprint(got) != "[a f]" {
		t.Errorf("got members %v, want a and f", got)
	}
}

func BenchmarkSkip(b *testing.B) {
	data, err := os.ReadFile("../embed/openai.json")
	if err != nil {
		b.Fatal(err)
	}
	text := string(data)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		jsonscan.Skip(text, 0)
	}
}
