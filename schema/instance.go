package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// maxInstanceDepth bounds the nesting of instances. An error of jsonschema
// costs the square of the depth it happens at, and a mistake at the bottom
// fails every level above: at 1,000 that is minutes.
const maxInstanceDepth = 256

// InstanceError tells that an instance is not JSON that can be judged: broken
// syntax, a key that stands twice, a number out of all range.
type InstanceError struct {
	Offset int // bytes before the fault
	Line   int // from 1
	Column int // in bytes, from 1
	Reason string
}

func (e *InstanceError) Error() string {
	return fmt.Sprintf("invalid JSON at line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// parseInstance builds the value that jsonschema validates: map[string]any,
// []any, string, json.Number, bool, nil. Strings without escapes share text's
// memory.
func parseInstance(text string) (any, error) {
	p := instanceParser{s: text}
	v := p.value(0)
	if p.reason == "" {
		p.space()
		if p.i < len(text) {
			p.fail("got more text after the value")
		}
	}
	if p.reason == "" && p.high && !utf8.ValidString(text) {
		p.i = invalidUTF8(text)
		p.fail("got a byte that is not UTF-8")
	}
	if p.reason != "" {
		at := jsonscan.At(text, p.at, p.reason)
		return nil, &InstanceError{Offset: at.Offset, Line: at.Line, Column: at.Column, Reason: at.Reason}
	}
	return v, nil
}

func invalidUTF8(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
				return i
			}
		}
	}
	return len(text)
}

type instanceParser struct {
	s      string
	i      int
	high   bool // a byte above 0x7f was seen
	at     int
	reason string

	fields []field // of the objects that are being read, to be counted first
	items  []any   // of the arrays
}

type field struct {
	key   string
	value any
	at    int
}

func (p *instanceParser) fail(reason string) any {
	if p.reason == "" {
		p.at, p.reason = p.i, reason
	}
	p.i = len(p.s)
	return nil
}

func (p *instanceParser) space() {
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

func (p *instanceParser) value(depth int) any {
	p.space()
	if p.i >= len(p.s) {
		return p.fail("the text ends, want a value")
	}
	switch p.s[p.i] {
	case '{':
		return p.object(depth + 1)
	case '[':
		return p.array(depth + 1)
	case '"':
		return p.string()
	case 't':
		if strings.HasPrefix(p.s[p.i:], "true") {
			p.i += 4
			return true
		}
	case 'f':
		if strings.HasPrefix(p.s[p.i:], "false") {
			p.i += 5
			return false
		}
	case 'n':
		if strings.HasPrefix(p.s[p.i:], "null") {
			p.i += 4
			return nil
		}
	}
	return p.number()
}

func (p *instanceParser) object(depth int) any {
	if depth > maxInstanceDepth {
		return p.fail(fmt.Sprintf("nested more than %d deep", maxInstanceDepth))
	}
	p.i++
	p.space()
	if p.peek() == '}' {
		p.i++
		return map[string]any{}
	}
	if p.fields == nil {
		p.fields = make([]field, 0, 8)
	}
	first := len(p.fields)
	for {
		p.space()
		if p.peek() != '"' {
			return p.fail(p.got("a member name in quotes"))
		}
		start := p.i
		key := p.string()
		p.space()
		if p.reason == "" && p.peek() != ':' {
			return p.fail(p.got("':'"))
		}
		p.i++
		v := p.value(depth)
		if p.reason != "" {
			return nil
		}
		p.fields = append(p.fields, field{key, v, start})
		p.space()
		switch p.peek() {
		case ',':
			p.i++
		case '}':
			p.i++
			return p.collect(first)
		default:
			return p.fail(p.got("',' or '}'"))
		}
	}
}

// collect makes an object of the fields from an index on.
func (p *instanceParser) collect(first int) any {
	m := make(map[string]any, len(p.fields)-first)
	for i, f := range p.fields[first:] {
		m[f.key] = f.value
		if len(m) == i {
			p.i = f.at
			return p.fail(fmt.Sprintf("key %.80q stands twice in one object", f.key))
		}
	}
	p.fields = p.fields[:first]
	return m
}

func (p *instanceParser) array(depth int) any {
	if depth > maxInstanceDepth {
		return p.fail(fmt.Sprintf("nested more than %d deep", maxInstanceDepth))
	}
	p.i++
	p.space()
	if p.peek() == ']' {
		p.i++
		return []any{}
	}
	first := len(p.items)
	for {
		v := p.value(depth)
		if p.reason != "" {
			return nil
		}
		p.items = append(p.items, v)
		p.space()
		switch p.peek() {
		case ',':
			p.i++
		case ']':
			p.i++
			list := slices.Clone(p.items[first:])
			p.items = p.items[:first]
			return list
		default:
			return p.fail(p.got("',' or ']'"))
		}
	}
}

func (p *instanceParser) peek() byte {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

func (p *instanceParser) got(want string) string {
	if p.i >= len(p.s) {
		return "the text ends, want " + want
	}
	r, _ := utf8.DecodeRuneInString(p.s[p.i:])
	return fmt.Sprintf("got %q, want %s", r, want)
}

func (p *instanceParser) string() string {
	start := p.i
	escaped := false
	for i := start + 1; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '"':
			p.i = i + 1
			if !escaped {
				return p.s[start+1 : i]
			}
			raw := p.s[start:p.i]
			if err := jsonscan.Check(raw, 0); err != nil {
				var syntax *jsonscan.SyntaxError
				if errors.As(err, &syntax) && !strings.Contains(syntax.Reason, "UTF-8") {
					p.i = start + syntax.Offset
					p.fail(syntax.Reason)
					return ""
				}
			}
			return gjson.Parse(raw).String()
		case c == '\\':
			escaped = true
			i++
		case c < 0x20:
			p.i = i
			p.fail(fmt.Sprintf("got control character %#02x in a string, want an escape", c))
			return ""
		case c >= utf8.RuneSelf:
			p.high = true
		}
	}
	p.i = len(p.s)
	p.fail("the text ends inside a string")
	return ""
}

func (p *instanceParser) number() any {
	start := p.i
	if end := p.digits(start); end > start {
		p.i = end
		return json.Number(p.s[start:end])
	}
	end := jsonscan.Skip(p.s, start)
	text := p.s[start:end]
	if len(text) > jsonvalue.MaxDigits {
		return p.fail(fmt.Sprintf("got a number of %d characters, want at most %d", len(text), jsonvalue.MaxDigits))
	}
	if err := jsonscan.Check(text, 0); err != nil || text == "" {
		return p.fail(p.got("a value"))
	}
	if !jsonvalue.SmallExponent(text) {
		return p.fail(fmt.Sprintf("got number %.40s, out of range; want an exponent under %d", text, jsonvalue.MaxDigits))
	}
	p.i = end
	return json.Number(text)
}

// digits returns the offset past an integer of the usual length that nothing
// follows but the structure around it, else i.
func (p *instanceParser) digits(i int) int {
	end := i
	for end < len(p.s) && end-i < 20 && '0' <= p.s[end] && p.s[end] <= '9' {
		end++
	}
	if end == i || p.s[i] == '0' && end > i+1 {
		return i
	}
	if end < len(p.s) {
		switch p.s[end] {
		case ',', '}', ']', ' ', '\n':
		default:
			return i
		}
	}
	return end
}
