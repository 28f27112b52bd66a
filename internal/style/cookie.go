package style

import (
	"encoding/json"
	"strings"

	"github.com/tidwall/gjson"
)

// Cookie returns name=value for the Cookie header, and false for an undefined value, whose cookie is left out.
// Characters that are not a cookie-octet (RFC 6265 §4.1.1), and %, are escaped. Arrays and objects need explode: false;
// the comma between their parts is the one character of the result that the RFC does not allow and OpenAPI asks for.
func (p Param) Cookie(v gjson.Result) (pair string, defined bool, err error) {
	return p.text("cookie", v)
}

// DecodeCookie reads the parameter from a Cookie header and reports false where it is absent. Of several cookies of
// the name it takes the first, which is the most specific (RFC 6265 §5.4). Errors are of type *Error: an invalid
// escape, invalid UTF-8, text that is not JSON.
func (p Param) DecodeCookie(header string, s *Shape) (value json.RawMessage, found bool, err error) {
	w, err := p.resolve("cookie")
	if err != nil {
		return nil, false, err
	}
	for cookie := range strings.SplitSeq(header, ";") {
		name, raw, ok := strings.Cut(strings.Trim(cookie, " \t"), "=")
		if !ok || name != w.Name {
			continue
		}
		if len(raw) >= 2 && raw[0] == '"' && raw[len(raw)-1] == '"' {
			raw = raw[1 : len(raw)-1]
		}
		if w.JSON {
			value, err = w.decodeContent(raw)
		} else {
			value, err = w.decodeJoined(raw, s)
		}
		return value, err == nil, err
	}
	return nil, false, nil
}
