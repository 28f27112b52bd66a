package dialect

import (
	"net/url"
	"strings"
)

// LocalPointer returns the JSON Pointer of a reference to the document that it stands in,
// percent-decoded, as a URI fragment may have escapes (RFC 6901 §6). A fragment that cannot
// be decoded is taken as it stands: a schema's name may have a percent sign. It reports
// false for a reference to another document, and for a fragment that is not a pointer, which
// is the name of an anchor.
func LocalPointer(ref string) (pointer string, ok bool) {
	fragment, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return "", false
	}
	// Hardly any reference has an escape.
	if strings.IndexByte(fragment, '%') >= 0 {
		if plain, err := url.PathUnescape(fragment); err == nil {
			fragment = plain
		}
	}
	return fragment, fragment == "" || fragment[0] == '/'
}
