package client_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// A path value stays within its segment and arrives as it was given.
func TestPathValueStaysWithinItsSegment(t *testing.T) {
	tests := map[string]struct {
		value any
		path  string // as it arrives, "" for an error
		want  string // of the error
	}{
		"plain":           {"file-1", "/files/file-1", ""},
		"two dots":        {"..", "", `retrieveFile: path /file_id: got a dot segment, which leads to another path, escaped or not (RFC 3986 §6.2.2)`},
		"one dot":         {".", "", `retrieveFile: path /file_id: got a dot segment, which leads to another path, escaped or not (RFC 3986 §6.2.2)`},
		"escaped dots":    {"%2e%2e", "/files/%252e%252e", ""},
		"slash":           {"a/b", "/files/a%2Fb", ""},
		"up and away":     {"../../admin", "/files/..%2F..%2Fadmin", ""},
		"backslash":       {`a\b`, "/files/a%5Cb", ""},
		"question mark":   {"a?b=c", "/files/a%3Fb%3Dc", ""},
		"number sign":     {"a#b", "/files/a%23b", ""},
		"percent":         {"100%", "/files/100%25", ""},
		"semicolon":       {"a;b,c", "/files/a%3Bb%2Cc", ""},
		"space":           {"a b+c", "/files/a%20b%2Bc", ""},
		"template":        {"{file_id}", "/files/%7Bfile_id%7D", ""},
		"non-ASCII":       {"é/😀", "/files/%C3%A9%2F%F0%9F%98%80", ""},
		"line end":        {"a\r\nX: y", "/files/a%0D%0AX%3A%20y", ""},
		"absolute":        {"//evil.example/", "/files/%2F%2Fevil.example%2F", ""},
		"empty":           {"", "", `retrieveFile: path /file_id: got an empty text, want at least one character: an empty segment is another route`},
		"NUL":             {"a\x00b", "", `retrieveFile: path /file_id: got U+0000, which does not belong in a path`},
		"invalid UTF-8":   {"a\xff", "", `retrieveFile: path /file_id: got a text that is not UTF-8`},
		"raw JSON string": {json.RawMessage(`"a\u002fb"`), "/files/a%2Fb", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t)
			c := newClient(t, client.WithBaseURL(w.URL))
			_, err := c.Call(t.Context(), "retrieveFile", client.Params{"file_id": test.value})
			if test.path == "" {
				var invalid *schema.ValidationError
				if !errors.As(err, &invalid) || invalid.Problems[0].Pointer != "/file_id" || invalid.Problems[0].In != "path" || err.Error() != test.want || len(w.all()) != 0 {
					t.Errorf("got %T %v\nwant %s", err, err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := w.only(t); got.Path != test.path {
				t.Errorf("path\n got: %s\nwant: %s", got.Path, test.path)
			}
		})
	}
}

// What a server reads from the query is what was given.
func TestQueryValuesArriveAsGiven(t *testing.T) {
	for name, value := range map[string]string{
		"plain": "a", "ampersand": "a&b=c", "number sign": "a#b", "percent": "100%41", "plus": "1+1", "spaces": " a  b ",
		"all of them": "&=#%+ /?;:@!$'()*,[]\"<>\\^`{|}~", "non-ASCII": "é😀", "line end": "a\r\nX: y", "NUL": "a\x00b", "empty": "",
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			w := newWitness(t, func(w http.ResponseWriter, req *http.Request) {
				got = append(got, req.URL.Query()["after"]...)
				responding(200, "application/json", "{}")(w, req)
			})
			c := newClient(t, client.WithBaseURL(w.URL))
			if _, err := c.Call(t.Context(), "listFiles", client.Params{"after": value, "limit": 3}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{value}, got); diff != "" {
				t.Errorf("query %s (-want +got):\n%s", w.only(t).Query, diff)
			}
		})
	}
}

// A header value stays on its line.
func TestHeaderValueStaysOnItsLine(t *testing.T) {
	const refusal = `place: header /X-Trace: `
	tests := map[string]struct{ value, want, err string }{
		"plain":      {"a b", "a b", ""},
		"signs":      {`",;=:%+&#`, `",;=:%+&#`, ""},
		"line end":   {"a\r\nX-Evil: 1", "", refusal + "got U+000D, want visible ASCII; encode the text first, for instance in base64"},
		"line feed":  {"a\nb", "", refusal + "got U+000A, want visible ASCII; encode the text first, for instance in base64"},
		"NUL":        {"a\x00", "", refusal + "got U+0000, want visible ASCII; encode the text first, for instance in base64"},
		"non-ASCII":  {"é", "", refusal + "got U+00E9, want visible ASCII; encode the text first, for instance in base64"},
		"outer tabs": {" a", "", refusal + "got white space at an end of a text, which a header loses; describe the parameter with content: application/json"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t)
			c := newClient(t, places, client.WithBaseURL(w.URL))
			_, err := c.Call(t.Context(), "place", client.Params{"id": "i", "list": []string{"l"}, "X-Trace": test.value})
			if test.err != "" {
				var invalid *schema.ValidationError
				if !errors.As(err, &invalid) || err.Error() != test.err || len(w.all()) != 0 {
					t.Errorf("got %T %v\nwant %s", err, err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := w.only(t).Header.Get("X-Trace"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
