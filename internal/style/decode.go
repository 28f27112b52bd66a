package style

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// A pair is a name and the text that follows its =. The name is unescaped, the text is not.
type pair struct{ name, raw string }

// pairs takes raw apart at sep. In a query, a part whose name cannot be unescaped is another parameter's.
func (w *wire) pairs(raw, sep string) ([]pair, error) {
	if strings.Count(raw, sep) >= maxParts {
		return nil, w.tooMany()
	}
	var list []pair
	for part := range strings.SplitSeq(raw, sep) {
		if part == "" && w.In == "query" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, err := w.unescape(name)
		switch {
		case err == nil:
			list = append(list, pair{name, value})
		case w.In != "query":
			return nil, err
		}
	}
	return list, nil
}

// own returns the texts of the pairs that carry the parameter's name.
func (w *wire) own(pairs []pair) (raws []string) {
	for _, p := range pairs {
		if p.name == w.Name {
			raws = append(raws, p.raw)
		}
	}
	return raws
}

// decodeNamed reads a named style. It reports false where the pairs hold nothing of the parameter.
func (w *wire) decodeNamed(pairs []pair, s *Shape) (_ []byte, found bool, err error) {
	raws := w.own(pairs)
	if w.spread() && s.has(jsonvalue.Object) && (len(raws) == 0 || !s.scalar() && !s.has(jsonvalue.Array)) {
		return w.decodeSpread(pairs, s)
	}
	var value []byte
	switch {
	case len(raws) == 0:
		return nil, false, nil
	case w.explode:
		value, err = w.appendRepeated(nil, raws, s)
	case len(raws) > 1:
		err = w.repeated(len(raws))
	default:
		value, err = w.decodeJoined(raws[0], s)
	}
	return value, err == nil, err
}

// decodeSpread reads an object whose members are pairs of their own. In a query they stand among those of others.
func (w *wire) decodeSpread(pairs []pair, s *Shape) (_ []byte, found bool, err error) {
	var members []pair
	for _, p := range pairs {
		if _, known := s.property(p.name); known || w.In == "path" {
			members = append(members, p)
		}
	}
	if len(members) == 0 {
		return nil, false, nil
	}
	value, err := w.appendMembers(nil, members, s)
	return value, err == nil, err
}

// decodeJoined reads a text whose parts a delimiter separates.
func (w *wire) decodeJoined(raw string, s *Shape) ([]byte, error) {
	if !s.has(jsonvalue.Array | jsonvalue.Object) {
		return w.appendUnescaped(nil, raw, s)
	}
	parts, err := w.split(raw, s)
	if err != nil {
		return nil, err
	}
	switch s.kind(len(parts)) {
	case jsonvalue.Array:
		return w.appendItems(nil, parts, s)
	case jsonvalue.Object:
		pairs, ok, err := w.pairUp(parts)
		if err != nil {
			return nil, err
		}
		if ok {
			return w.appendMembers(nil, pairs, s)
		}
	}
	return w.appendUnescaped(nil, raw, s)
}

// split takes raw apart at the delimiter of the style, without unescaping the parts.
func (w *wire) split(raw string, s *Shape) ([]string, error) {
	delim := w.delim
	switch {
	case w.explode && !w.named:
		delim = w.sep
	case delim == "%20":
		raw = strings.ReplaceAll(raw, "+", "%20")
	case delim == "%7C":
		raw = strings.NewReplacer("%7c", "%7C", "|", "%7C").Replace(raw)
	}
	if strings.Count(raw, delim) >= maxParts {
		return nil, w.tooMany()
	}
	parts := strings.Split(raw, delim)
	if w.In != "header" {
		return parts, nil
	}
	kept := parts[:0]
	for _, part := range parts {
		part = strings.Trim(part, " \t")
		if part != "" || !s.has(jsonvalue.Array) {
			kept = append(kept, part)
		}
	}
	return kept, nil
}

// pairUp makes pairs of the parts of an object, and reports false where they do not pair up.
func (w *wire) pairUp(parts []string) (pairs []pair, ok bool, err error) {
	step := 2
	if w.explode && !w.named {
		step = 1
	}
	if len(parts)%step != 0 {
		return nil, false, nil
	}
	for i := 0; i < len(parts); i += step {
		name, raw, ok := strings.Cut(parts[i], "=")
		if step == 2 {
			name, raw, ok = parts[i], parts[i+1], true
		}
		if !ok {
			return nil, false, nil
		}
		if name, err = w.unescape(name); err != nil {
			return nil, false, err
		}
		pairs = append(pairs, pair{name, raw})
	}
	return pairs, true, nil
}

func (w *wire) appendItems(dst []byte, raws []string, s *Shape) ([]byte, error) {
	dst = append(dst, '[')
	for i, raw := range raws {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = w.appendUnescaped(dst, raw, s.items()); err != nil {
			return nil, at(err, strconv.Itoa(i))
		}
	}
	return append(dst, ']'), nil
}

// appendMembers writes an object; pairs of one name are the items of one member.
func (w *wire) appendMembers(dst []byte, pairs []pair, s *Shape) ([]byte, error) {
	var names []string
	raws := make(map[string][]string)
	for _, p := range pairs {
		if raws[p.name] == nil {
			names = append(names, p.name)
		}
		raws[p.name] = append(raws[p.name], p.raw)
	}
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsonscan.AppendString(dst, name), ':')
		shape, _ := s.property(name)
		var err error
		if dst, err = w.appendRepeated(dst, raws[name], shape); err != nil {
			return nil, at(err, name)
		}
	}
	return append(dst, '}'), nil
}

// appendRepeated writes what one name was given: a scalar, or an array with an item for each text.
func (w *wire) appendRepeated(dst []byte, raws []string, s *Shape) ([]byte, error) {
	switch {
	case len(raws) == 1 && (s.scalar() || !s.has(jsonvalue.Array)):
		return w.appendUnescaped(dst, raws[0], s)
	case s.any() || s.has(jsonvalue.Array):
		return w.appendItems(dst, raws, s)
	}
	return nil, w.repeated(len(raws))
}

func (w *wire) appendUnescaped(dst []byte, raw string, s *Shape) ([]byte, error) {
	text, err := w.unescape(raw)
	if err != nil {
		return nil, err
	}
	if w.JSONParts && isPart(text, s) {
		return append(dst, text...), nil
	}
	return s.append(dst, text), nil
}

// isPart reports whether text is the JSON text of an array or object that the shape allows.
func isPart(text string, s *Shape) bool {
	kind := jsonvalue.Object
	switch {
	case strings.HasPrefix(text, "["):
		kind = jsonvalue.Array
	case !strings.HasPrefix(text, "{"):
		return false
	}
	return (s.any() || s.has(kind)) && depth(text) <= maxDepth && json.Valid([]byte(text))
}

// unescape undoes the escapes of the location: + and %XX in a query, none in a header, %XX elsewhere.
func (w *wire) unescape(raw string) (text string, err error) {
	switch w.In {
	case "query":
		text, err = url.QueryUnescape(raw)
	case "header":
		text = strings.Trim(raw, " \t")
	default:
		text, err = url.PathUnescape(raw)
	}
	switch {
	case err != nil:
		return "", w.fail("got a % that begins no escape", "")
	case !utf8.ValidString(text):
		return "", w.fail("got invalid UTF-8", "")
	}
	return text, nil
}

// decodeContent reads JSON text and returns it compact.
func (w *wire) decodeContent(raw string) (json.RawMessage, error) {
	text, err := w.unescape(raw)
	if err != nil {
		return nil, err
	}
	if depth(text) > maxDepth {
		return nil, w.tooDeep()
	}
	var value bytes.Buffer
	if err := json.Compact(&value, []byte(text)); err != nil {
		return nil, w.fail("got text that is not JSON", "")
	}
	return value.Bytes(), nil
}
