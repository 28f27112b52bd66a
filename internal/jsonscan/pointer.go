package jsonscan

import "strings"

// EscapeToken returns a name as it stands in a JSON Pointer (RFC 6901 §3). Percent escapes are
// not part of it: they belong to a pointer in a URI (§6).
func EscapeToken(name string) string {
	if strings.IndexByte(name, '~') < 0 && strings.IndexByte(name, '/') < 0 {
		return name
	}
	// In this order: the tildes that escaping a slash writes are not to be escaped again.
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// UnescapeToken returns the name that a token of a JSON Pointer stands for. A tilde before any
// other character is not allowed (RFC 6901 §3) and stays: no name can be found by it.
func UnescapeToken(token string) string {
	if strings.IndexByte(token, '~') < 0 {
		return token
	}
	// In this order, so that "~01" becomes "~1" and not a slash (RFC 6901 §4).
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}
