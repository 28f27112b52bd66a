package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/opcall/opcall/internal/jsonscan"
)

func TestObjectKeepsOrderUnderChange(t *testing.T) {
	t.Parallel()
	o := jsonscan.ReadObject(`{"a": 1, "b\"" :[2], "c":null}`)
	o.Set("a", `"new"`)
	o.Set("d", `{}`)
	taken, had := o.Take("c")
	if taken != "null" || !had || o.Has("c") {
		t.Errorf("took %q, %v; still there: %v", taken, had, o.Has("c"))
	}
	if _, had := o.Take("c"); had {
		t.Error("took a member twice")
	}
	if text, ok := o.Get(`b"`); text != "[2]" || !ok {
		t.Errorf("got %q, %v", text, ok)
	}
	if got, want := o.String(), `{"a":"new","b\"":[2],"d":{}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := jsonscan.ReadObject(`[1]`).String(); got != "{}" {
		t.Errorf("an array became %s, want {}", got)
	}
}

func TestPointerTokensRoundTrip(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]string{"a": "a", "a/b": "a~1b", "~": "~0", "~1": "~01", "/~/": "~1~0~1", "": ""} {
		if got := jsonscan.EscapeToken(name); got != token {
			t.Errorf("EscapeToken(%q) = %q, want %q", name, got, token)
		}
		if got := jsonscan.UnescapeToken(token); got != name {
			t.Errorf("UnescapeToken(%q) = %q, want %q", token, got, name)
		}
	}
}

// FuzzAppendString compares with encoding/json, byte for byte.
func FuzzAppendString(f *testing.F) {
	for _, seed := range []string{"", "plain", "<a&b>", `"\`, "\x00\b\f\n\r\t\x1f\x7f", "é\u2028\u2029😀", "a\xffb\xc3", "\ufffd"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var want bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(text); err != nil {
			t.Fatal(err)
		}
		if got := string(jsonscan.AppendString(nil, text)) + "\n"; got != want.String() {
			t.Errorf("%q:\n got %s\nwant %s", text, got, &want)
		}
	})
}
