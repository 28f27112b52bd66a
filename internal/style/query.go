package style

import (
	"encoding/json"
	"slices"

	"github.com/tidwall/gjson"
)

// AppendQuery writes v as the name=value pairs of a query parameter and joins them with & to the query that dst holds.
// For an undefined value (null; also [] and {}, except as JSON text) nothing is written. v must be of valid JSON and
// valid UTF-8. Errors are of type *Error and leave dst as it was.
func (p Param) AppendQuery(dst []byte, v gjson.Result) ([]byte, error) {
	w, err := p.resolve("query")
	if err != nil {
		return dst, err
	}
	defined, err := w.defined(v)
	if !defined {
		return dst, err
	}
	out := slices.Grow(dst, sizeHint(p.Name, v))
	if len(dst) > 0 {
		out = append(out, '&')
	}
	if w.nested() {
		out, err = w.appendNested(out, v)
	} else {
		out, err = w.append(out, v)
	}
	if err != nil {
		return dst, err
	}
	return out, nil
}

// DecodeQuery reads the parameter from a query, without its question mark, and reports false where it is absent.
// Both %20 and + are a space. A style that makes parameters of an object's members finds those that the shape lists
// under Properties and, with Additional, every other parameter of the query, so that a caller with several
// parameters removes theirs first. Errors are of type *Error: an invalid escape, invalid UTF-8, invalid JSON text,
// a parameter given more often than the shape allows, more than 10,000 pairs, more than 64 levels of brackets.
func (p Param) DecodeQuery(rawQuery string, s *Shape) (value json.RawMessage, found bool, err error) {
	w, err := p.resolve("query")
	if err != nil {
		return nil, false, err
	}
	pairs, err := w.pairs(rawQuery, "&")
	switch {
	case err != nil:
		return nil, false, err
	case w.JSON:
		return w.decodeOnlyContent(w.own(pairs))
	case w.nested():
		return w.decodeNested(pairs, s)
	}
	return w.decodeNamed(pairs, s)
}

func (w *wire) decodeOnlyContent(raws []string) (value json.RawMessage, found bool, err error) {
	switch len(raws) {
	case 0:
		return nil, false, nil
	case 1:
		value, err = w.decodeContent(raws[0])
		return value, err == nil, err
	}
	return nil, false, w.repeated(len(raws))
}
