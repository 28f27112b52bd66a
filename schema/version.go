package schema

import (
	"fmt"
	"regexp"

	"github.com/opcall/opcall/internal/jsonscan"
)

// noVersionReason is also what a JSON file gets that is no description at all.
const noVersionReason = `the document has no member "openapi"; want OpenAPI 3.0 or 3.1`

// versions are those of OpenAPI that this package reads. What 3.2 adds to 3.1 is
// ignored.
var versions = regexp.MustCompile(`^3\.[012](?:[.-]|$)`)

// checkVersion returns the version of OpenAPI that a document follows (3.1 §4.1).
// Swagger 2.0, the commonest version that is not read, gets a message of its own: its
// schemas stand in other places, so that any other message would be beside the point.
func checkVersion(top map[string]string) (string, error) {
	if old, ok := top["swagger"]; ok {
		return "", &DocumentError{Pointer: "/swagger", Reason: fmt.Sprintf("got Swagger %s, want OpenAPI 3.0 or 3.1; convert the document first, for example with npx swagger2openapi", shown(old, 20))}
	}
	text, ok := top["openapi"]
	if !ok {
		return "", &DocumentError{Reason: noVersionReason}
	}
	version := jsonscan.String(text)
	if isNumber(text) {
		version = text // YAML reads an unquoted 3.1 as one
	}
	if !versions.MatchString(version) {
		return "", &DocumentError{Pointer: "/openapi", Reason: fmt.Sprintf("got OpenAPI version %s, want 3.0.x or 3.1.x", shown(text, 40))}
	}
	return version, nil
}

// isNumber reports whether a JSON text is a number.
func isNumber(text string) bool {
	return text != "" && (text[0] == '-' || '0' <= text[0] && text[0] <= '9')
}
