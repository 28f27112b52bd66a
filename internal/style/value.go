package style

import (
	"strings"

	"github.com/tidwall/gjson"
)

// defined reports whether v leaves a trace on the wire. It refuses what is not JSON and what is nested too deep, so that
// every later step may recurse.
func (w *wire) defined(v gjson.Result) (bool, error) {
	switch {
	case v.Type != gjson.JSON:
	case depth(v.Raw) > maxDepth:
		return false, w.tooDeep()
	case !gjson.Valid(v.Raw):
		return false, w.fail("got invalid JSON", "")
	case !w.JSON:
		return w.JSONParts && v.IsObject() || !undefined(v), nil
	}
	return v.Type != gjson.Null, nil
}

// depth returns how deep the arrays and objects of a JSON text are nested; of an invalid text, at least as deep as a
// parser would go.
func depth(text string) int {
	deepest, level := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '[', '{':
			level++
			deepest = max(deepest, level)
		case ']', '}':
			level--
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		}
	}
	return deepest
}

// undefined reports whether v is one of the values that RFC 6570 §2.3 calls undefined, which leave no trace:
// null, an array without items, an object without defined members. v is of valid JSON.
func undefined(v gjson.Result) bool {
	switch {
	case v.Type == gjson.Null:
		return true
	case v.Type != gjson.JSON:
		return false
	}
	object := v.IsObject()
	for _, member := range v.All() {
		if !object || !undefined(member) {
			return false
		}
	}
	return true
}

// scalar returns the text of a value that is neither array nor object nor null: a string as it is, the rest as its
// JSON text.
func (w *wire) scalar(v gjson.Result) (string, error) {
	switch v.Type {
	case gjson.String:
		return v.Str, nil
	case gjson.True:
		return "true", nil
	case gjson.False:
		return "false", nil
	case gjson.Number:
		if isNumber(v.Raw) {
			return v.Raw, nil
		}
		return "", w.fail("got a number that is not a JSON number", "")
	case gjson.Null:
		return "", w.fail("got null inside an array, where nothing stands for it", "leave the item out")
	}
	kind := "an object"
	if v.IsArray() {
		kind = "an array"
	}
	return "", w.fail("got "+kind+" inside an array or object, which this style has no form for", remedyNested)
}

// isNumber reports whether text is a JSON number (RFC 8259 §6) and nothing else.
func isNumber(text string) bool {
	if text == "" || text[0] != '-' && !isDigit(text[0]) {
		return false
	}
	return isDigit(text[len(text)-1]) && gjson.Valid(text)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// A member is a defined member of an object.
type member struct {
	name  string
	value gjson.Result
}

// members returns the defined members of an object in their order, and refuses a name that occurs twice.
func (w *wire) members(object gjson.Result) ([]member, error) {
	var list []member
	seen := make(map[string]bool)
	for name, value := range object.All() {
		if seen[name.Str] {
			return nil, at(w.fail("got two members of one name", ""), name.Str)
		}
		seen[name.Str] = true
		if !undefined(value) {
			list = append(list, member{name.Str, value})
		}
	}
	if len(seen) > maxParts {
		return nil, w.tooMany()
	}
	return list, nil
}

// sizeHint is about how long v becomes with name before each of its parts.
func sizeHint(name string, v gjson.Result) int {
	n := len(v.Raw) + len(name) + 8
	if v.Type == gjson.JSON {
		n += min(strings.Count(v.Raw, ","), 64) * (len(name) + 8)
	}
	return n
}
