package style

import (
	"encoding/json"
	"strings"

	"github.com/tidwall/gjson"
)

// Header returns the field value of a header parameter, and false for an undefined value, whose header is left out.
// A header has no escapes: what is not visible US-ASCII or a space within the text is refused with an *Error, and so
// is a comma in an item. JSON text (content) has \u escapes and carries everything.
func (p Param) Header(v gjson.Result) (value string, defined bool, err error) {
	return p.text("header", v)
}

// DecodeHeader reads the parameter from the values of its header, and reports false where there is none. Several
// values are one, joined with commas (RFC 9110 §5.3); white space around items and, in arrays, empty items do not count.
// Errors are of type *Error: invalid UTF-8, text that is not JSON.
func (p Param) DecodeHeader(values []string, s *Shape) (value json.RawMessage, found bool, err error) {
	w, err := p.resolve("header")
	if err != nil || len(values) == 0 {
		return nil, false, err
	}
	raw := strings.Join(values, ", ")
	if w.JSON {
		value, err = w.decodeContent(raw)
	} else {
		value, err = w.decodeJoined(raw, s)
	}
	return value, err == nil, err
}
