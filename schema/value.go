package schema

import (
	"encoding/json"
	"errors"
	"iter"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema/internal/validator"
)

// Value is a JSON value seen through its schema: its text, and what the
// document says of the place where it stands. Nothing is parsed before it is
// asked for, and nothing is lost: fields that the document does not know are
// there like the others.
//
//	v, err := doc.Decode("Response", body)
//	for _, item := range v.Get("output").Items() {
//		if item.Schema() == "FunctionToolCall" {
//			call(item.Get("name").String(), item.Get("arguments").String())
//		}
//	}
//
// Get always returns a Value; Exists reports whether there is one. Int64, Float64,
// Bool, Time, Number and Decode return a *ValueError where the value is not one of
// that kind or is not there; String never fails.
//
// The zero Value is one that does not exist. Values never change and are safe
// for concurrent use; each keeps the whole text that it was decoded from.
type Value struct {
	whole   string         // what was decoded; of a value that does not exist, the one that Get was called on
	text    string         // the part of it that is this value; "" when there is none
	node    validator.Node // its schema; of a value that does not exist, that of whole
	missing string         // of a value that does not exist, the path that led nowhere
}

// Kind is the JSON type of a value.
type Kind string

// The kinds of values.
const (
	KindNone    Kind = "" // there is no value
	KindNull    Kind = "null"
	KindBoolean Kind = "boolean"
	KindNumber  Kind = "number"
	KindString  Kind = "string"
	KindArray   Kind = "array"
	KindObject  Kind = "object"
)

// Decode returns raw, which is JSON, as an instance of a component. It checks
// the syntax and nothing else: Validate and Check report whether the value is valid
// against its schema. The error is an *UnknownComponentError or an *InstanceError.
func (d *Document) Decode(component string, raw []byte) (Value, error) {
	s, err := d.Component(component)
	if err != nil {
		return Value{}, err
	}
	return s.Decode(raw)
}

// Decode returns raw as an instance of the schema, as Document.Decode does. The text is
// copied, as Values outlive the buffers of a response.
func (s *Schema) Decode(raw []byte) (Value, error) {
	text := string(raw)
	if err := jsonscan.Check(text, maxDepth); err != nil {
		var syntax *jsonscan.SyntaxError
		if errors.As(err, &syntax) {
			err = (*InstanceError)(syntax)
		}
		return Value{}, err
	}
	start := jsonscan.Space(text, 0)
	return Value{
		whole: text,
		text:  text[start:jsonscan.Skip(text, start)],
		node:  s.doc.closed().Node(s.place()),
	}, nil
}

// Get returns the value that a path leads to: names of members and indexes of
// items, from 0, with dots between them, as in "output.0.content". A backslash
// takes the special meaning from a dot or backslash after it: `a\.b` is the
// member "a.b". The empty path is v itself. Where the path leads nowhere the
// result does not exist; of a member that appears twice it is the first.
func (v Value) Get(path string) Value {
	at := v
	for rest, more := path, path != ""; more; {
		var token string
		token, rest, more = cutPath(rest)
		next, ok := at.step(token)
		if !ok {
			return v.without(path)
		}
		at = next
	}
	return at
}

// without is the value that a path of v does not lead to. It keeps the way to it, from
// the last value that exists, for a hint of a misspelt name; the hint is made only when
// somebody asks, since most missing values are optional fields.
func (v Value) without(path string) Value {
	switch {
	case v.text != "":
		return Value{whole: v.text, node: v.node, missing: path}
	case v.missing != "":
		path = v.missing + "." + path
	}
	return Value{whole: v.whole, node: v.node, missing: path}
}

// cutPath splits the first name off a path. more reports whether a name follows, which
// an empty rest does not say: "a." has the names "a" and "". Without a backslash the
// name is a part of the path, and nothing is allocated.
func cutPath(path string) (token, rest string, more bool) {
	end := strings.IndexAny(path, `.\`)
	if end < 0 {
		return path, "", false
	}
	if path[end] == '.' {
		return path[:end], path[end+1:], true
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		switch {
		case path[i] == '.':
			return b.String(), path[i+1:], true
		case path[i] == '\\' && i+1 < len(path):
			i++
		}
		b.WriteByte(path[i])
	}
	return b.String(), "", false
}

// step returns the member or item that one name of a path means. The text is found by
// skimming the ones before it; the schema comes from the graph that Validate uses.
func (v Value) step(token string) (Value, bool) {
	text, ok := child(v.text, token)
	if !ok {
		return Value{}, false
	}
	next := Value{whole: v.whole, text: text}
	if v.text[0] == '[' {
		index, _ := arrayIndex(token)
		next.node = v.node.Item(v.text, index)
	} else {
		next.node = v.node.Member(v.text, token)
	}
	return next, true
}

// Exists reports whether there is a value. null is one.
func (v Value) Exists() bool { return v.text != "" }

// IsNull reports whether the value is null.
func (v Value) IsNull() bool { return v.Kind() == KindNull }

// Kind returns the value's JSON type, KindNone where there is no value.
func (v Value) Kind() Kind {
	if v.text == "" {
		return KindNone
	}
	switch v.text[0] {
	case '{':
		return KindObject
	case '[':
		return KindArray
	case '"':
		return KindString
	case 't', 'f':
		return KindBoolean
	case 'n':
		return KindNull
	}
	return KindNumber
}

// Schema returns the name of the component that the value is an instance of:
// behind references and unions, the branch that the value takes, chosen as
// Validate chooses it. It is "" where the schema stands inline or the document
// does not know the place. An item of a union whose tag the document does not
// know has the union's own name.
func (v Value) Schema() string { return v.node.Component(v.text) }

// Pointer returns where the value stands in what was decoded. It reads the text
// from the start up to the value, so that Values stay small; use it in messages, not
// in loops.
func (v Value) Pointer() Pointer {
	var p Pointer
	if v.text == "" {
		return p
	}
	target := offsetIn(v.whole, v.text)
	for text := v.whole[jsonscan.Space(v.whole, 0):]; len(text) > 0; {
		next := ""
		for key, value := range jsonscan.Members(text) {
			if start := offsetIn(v.whole, value); start <= target && target < start+len(value) {
				p, next = p.Append(key), value
				break
			}
		}
		for i, value := range jsonscan.Items(text) {
			if start := offsetIn(v.whole, value); start <= target && target < start+len(value) {
				p, next = p.Append(strconv.Itoa(i)), value
				break
			}
		}
		text = next
	}
	return p
}

// Fields yields the members of an object in the order of the text, those that the
// document does not know among them. Any other value has none. A loop over Fields takes
// time linear in the object; one over names with Get takes it for each name.
func (v Value) Fields() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if v.Kind() != KindObject {
			return
		}
		parts := v.node.Parts(v.text)
		for key, text := range jsonscan.Members(v.text) {
			if !yield(key, Value{whole: v.whole, text: text, node: parts.Member(key)}) {
				return
			}
		}
	}
}

// Items yields the items of an array. Any other value has none.
func (v Value) Items() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) {
		if v.Kind() != KindArray {
			return
		}
		parts := v.node.Parts(v.text)
		for i, text := range jsonscan.Items(v.text) {
			if !yield(i, Value{whole: v.whole, text: text, node: parts.Item(i)}) {
				return
			}
		}
	}
}

// Raw returns a copy of the value's JSON text, as it was decoded; nil where
// there is no value.
func (v Value) Raw() json.RawMessage {
	if v.text == "" {
		return nil
	}
	return json.RawMessage(v.text)
}

// MarshalJSON returns the value's JSON text, null where there is no value: a Value in a
// struct of the caller's marshals like what it is.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.text == "" {
		return []byte("null"), nil
	}
	return []byte(v.text), nil
}
