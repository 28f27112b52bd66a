package schema

import (
	"fmt"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// noVersionReason is also what a JSON file gets that is not a description at all.
const noVersionReason = `the document has no member "openapi"; want OpenAPI 3.0, 3.1 or 3.2`

// reads reports whether this package reads a version of OpenAPI: 3.0, 3.1 and 3.2, of which
// only what 3.1 has. What follows a version is a patch or, of an unfinished one, a suffix.
//
// The patch is not looked at, since it changes no feature (OpenAPI 3.1 §4.1). One more digit is
// another minor version: 3.10 is not 3.1.
func reads(version string) bool {
	rest, ok := strings.CutPrefix(version, "3.")
	return ok && rest != "" && rest[0] >= '0' && rest[0] <= '2' && (len(rest) == 1 || rest[1] == '.' || rest[1] == '-')
}

// checkVersion returns the version of OpenAPI that a document follows (3.1 §4.1).
// Swagger 2.0, the commonest version that is not read, gets a message of its own: its
// schemas stand in other places, so that any other message would be beside the point.
func checkVersion(top map[string]string) (string, error) {
	if old, ok := top["swagger"]; ok {
		return "", &DocumentError{Pointer: "/swagger", Reason: fmt.Sprintf("got Swagger %s, want OpenAPI 3.0, 3.1 or 3.2; convert the document first, for example with npx swagger2openapi", shown(old, 20))}
	}
	text, ok := top["openapi"]
	if !ok {
		return "", &DocumentError{Reason: noVersionReason}
	}
	version := jsonscan.String(text)
	if isNumber(text) {
		version = text // YAML reads an unquoted 3.1 as one
	}
	if !reads(version) {
		return "", &DocumentError{Pointer: "/openapi", Reason: fmt.Sprintf("got OpenAPI version %s, want 3.0.x, 3.1.x or 3.2.x", shown(text, 40))}
	}
	return version, nil
}

// isNumber reports whether a JSON text is a number.
func isNumber(text string) bool {
	return text != "" && (text[0] == '-' || '0' <= text[0] && text[0] <= '9')
}
