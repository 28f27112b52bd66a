// Package mask keeps credentials and control characters out of messages and logs.
package mask

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Mask stands where a credential stood.
const Mask = "***"

// MinSecret is the shortest value that is masked by comparison. Shorter ones
// protect nothing, and as placeholders ("none", "ollama") they are words that
// messages need.
const MinSecret = 8

// keyPattern finds API keys by their looks, whole or already shortened with
// asterisks by the server: a response may quote a key that this program never
// sent.
var keyPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b(?:sk-|sess-|ek_)[A-Za-z0-9_*-]{6,}`)
})

// Secrets returns every value in req that a server or a transport could quote
// and nobody may read: credentials in headers, in the query and before the
// host, the longest first.
func Secrets(req *http.Request) []string {
	var found []string
	add := func(value string) {
		if len(value) >= MinSecret && !slices.Contains(found, value) {
			found = append(found, value)
		}
	}
	for name, values := range req.Header {
		if name == "Sec-Websocket-Protocol" { // browsers have no other header: "openai-insecure-api-key.KEY"
			for item := range strings.SplitSeq(strings.Join(values, ","), ",") {
				if kind, credential, ok := strings.Cut(strings.TrimSpace(item), "."); ok && Sensitive(kind) {
					add(credential)
				}
			}
		}
		if !Sensitive(name) {
			continue
		}
		for _, value := range values {
			add(value)
			if _, credential, ok := strings.Cut(value, " "); ok { // RFC 9110, 11.4: scheme SP credential
				add(strings.TrimSpace(credential))
			}
		}
	}
	if req.URL != nil {
		if password, ok := req.URL.User.Password(); ok {
			add(password)
			add(url.PathEscape(password))
		}
		for name, values := range req.URL.Query() {
			if !Sensitive(name) {
				continue
			}
			for _, value := range values {
				add(value)
				add(url.QueryEscape(value))
			}
		}
	}
	slices.SortFunc(found, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return found
}

// Sensitive reports whether the name of a header or a query parameter says that its
// value is a credential.
func Sensitive(name string) bool {
	name = strings.ToLower(name)
	for _, part := range [...]string{"auth", "key", "token", "secret", "password", "cookie", "signature"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return name == "sig" // Azure shared access signatures
}

// Text masks the given secrets in text, and whatever looks like an API key. One
// that text was cut in the middle of is masked, too.
func Text(text string, secrets []string) string {
	text = Given(text, secrets)
	if strings.Contains(text, "sk-") || strings.Contains(text, "sess-") || strings.Contains(text, "ek_") {
		text = keyPattern().ReplaceAllString(text, Mask)
	}
	return text
}

// Given masks the given secrets in text, and no others, also where JSON text has them with
// escapes. The longest is masked first: another one, which is a part of it, would leave the rest.
func Given(text string, secrets []string) string {
	escapes := strings.Contains(text, `\`)
	var found []string
	for _, secret := range secrets {
		if len(secret) >= MinSecret && (escapes || strings.Contains(text, secret[:MinSecret])) {
			found = append(found, secret)
		}
	}
	slices.SortStableFunc(found, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range found {
		text = strings.ReplaceAll(escaped(text, secret), secret, Mask)
		for n := min(len(secret)-1, len(text)); n >= MinSecret; n-- {
			if strings.HasSuffix(text, secret[:n]) {
				text = text[:len(text)-n] + Mask
				break
			}
		}
	}
	return text
}

// Line makes text from a stranger fit for a line of a log or a terminal: runs
// of white space, control and invisible characters become one space, and what
// exceeds limit bytes is cut at a character and ends in "…".
func Line(text string, limit int) string {
	var b strings.Builder
	gap := false
	for _, r := range text {
		if r == utf8.RuneError || r == ' ' || !unicode.IsPrint(r) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		if b.Len()+utf8.RuneLen(r) > limit {
			return strings.TrimRight(b.String(), " ") + "…"
		}
		b.WriteRune(r)
	}
	return b.String()
}
