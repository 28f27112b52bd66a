package client_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/opcall/opcall/client/internal/mask"
)

func TestNoSecretSurvivesInText(t *testing.T) {
	req := &http.Request{
		Header: http.Header{"Authorization": {"Bearer own-key-0123456789"}, "Cookie": {"session=abcdefgh"}, "Accept": {"application/json"}},
		URL:    &url.URL{User: url.UserPassword("me", "pass word/1"), RawQuery: "token=from-the-query&sig=a%2Fb%3D%3Dcdefg&limit=123456789"},
	}
	secrets := append(mask.Secrets(req), "own-key-0123456789-and-more")
	tests := map[string]struct{ text, want string }{
		"credential":          {"got own-key-0123456789.", "got ***."},
		"whole value":         {"got Bearer own-key-0123456789.", "got ***."},
		"cut off":             {"got own-key-01234", "got ***"},
		"cookie":              {"session=abcdefgh", "***"},
		"query":               {"from-the-query?", "***?"},
		"password":            {"pass word/1", "***"},
		"password in a URL":   {"https://me:pass%20word%2F1@host", "https://me:***@host"},
		"query in a URL":      {"?sig=a%2Fb%3D%3Dcdefg", "?sig=***"},
		"query, read":         {"a/b==cdefg", "***"},
		"cut to the shortest": {"got own-key-", "got ***"},
		"cut to a word":       {"got own-key", "got own-key"},
		"part of another":     {"got own-key-0123456789-and-more!", "got ***!"},
		"by its look":         {"sk-proj-ABCDEF", "***"},
		"other words":         {"application/json 123456789", "application/json 123456789"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := mask.Text(tt.text, secrets); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNoSecretSurvivesInTheEscapesOfJSON(t *testing.T) {
	secrets := []string{"/a&b<c=0123456789", `back\slash "quoted"`, "plain-01234567"}
	tests := map[string]struct{ text, want string }{
		"as Go writes it":         {`{"a":"/a\u0026b\u003cc=0123456789","b":1}`, `{"a":"***","b":1}`},
		"as PHP writes it":        {`"\/a&b<c=0123456789"`, `"***"`},
		"as Gson writes it":       {`"/a\u0026b\u003Cc\u003d0123456789"`, `"***"`},
		"quotes and backslashes":  {`"back\\slash \"quoted\""`, `"***"`},
		"all of it":               {`"` + strings.NewReplacer("p", `\u0070`, "-", `\u002d`).Replace("plain-01234567") + `"`, `"***"`},
		"twice":                   {`"\u0070lain-01234567 \u0070lain-01234567!"`, `"*** ***!"`},
		"cut off":                 {`"/a\u0026b\u003cc=01`, `"***`},
		"cut off in an escape":    {`"/a\u0026b\u003cc=0\u00`, `"***`},
		"cut off before 8 bytes":  {`"/a\u0026b`, `"/a\u0026b`},
		"behind a backslash":      {`"\\u0070lain-01234567"`, `"\\u0070lain-01234567"`},
		"another one":             {`"\/a&b<c=0123456780 \n"`, `"\/a&b<c=0123456780 \n"`},
		"a backslash at the end":  {`plain-01\`, `***`},
		"only escapes of the end": {`\`, `\`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := mask.Given(tt.text, secrets); got != tt.want {
				t.Errorf("%s: got %s, want %s", tt.text, got, tt.want)
			}
		})
	}
}

func TestLineIsOneLineAndBounded(t *testing.T) {
	if got := mask.Line("a\r\n\x1b[31mb\u202e c\xff", 100); got != "a [31mb c" {
		t.Errorf("got %q", got)
	}
	if got := mask.Line(strings.Repeat("é", 100), 9); got != "éééé…" {
		t.Errorf("got %q", got)
	}
}
