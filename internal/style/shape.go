package style

import (
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// A Shape is what a schema says about the types of a value and its parts: as much as it takes to tell the text "5"
// from the number 5. It plays no part where the wire form is JSON text. A nil *Shape allows everything; shapes may
// refer to themselves. Decoding only reads them, so that they may be shared.
type Shape struct {
	Type       jsonvalue.Kinds   // 0 for all of them
	Items      *Shape            // of an array
	Properties map[string]*Shape // of an object
	Additional *Shape            // of the members that Properties does not list
}

// has reports whether the shape names t; the shape that allows everything names nothing.
func (s *Shape) has(t jsonvalue.Kinds) bool { return s != nil && s.Type&t != 0 }

func (s *Shape) any() bool { return s == nil || s.Type == 0 }

// scalar reports whether a text may be neither array nor object. null beside other types does not count: it leaves
// nothing on the wire (RFC 6570 §2.3), so that a text is never null.
func (s *Shape) scalar() bool {
	return s.any() || s.has(jsonvalue.Boolean|jsonvalue.Number|jsonvalue.String) || s.Type == jsonvalue.Null
}

func (s *Shape) items() *Shape {
	if s == nil {
		return nil
	}
	return s.Items
}

// property returns the shape of the member called name, and whether the shape knows of one.
func (s *Shape) property(name string) (_ *Shape, known bool) {
	if s == nil {
		return nil, false
	}
	if p, ok := s.Properties[name]; ok {
		return p, true
	}
	return s.Additional, s.Additional != nil
}

// kind says how a text of n delimited parts is to be read: as an Array, an Object or, with String, as one scalar.
// Where the shape leaves a choice, several parts make an array, one part or none a scalar.
func (s *Shape) kind(n int) jsonvalue.Kinds {
	switch {
	case n <= 1 && s.scalar():
		return jsonvalue.String
	case s.has(jsonvalue.Array):
		return jsonvalue.Array
	case s.has(jsonvalue.Object):
		return jsonvalue.Object
	}
	return jsonvalue.String
}

// append writes text as the JSON value that the shape makes of it: a string where it allows strings, else the number,
// boolean or null that the text is. What fits nothing becomes a string, for the validator to report.
func (s *Shape) append(dst []byte, text string) []byte {
	switch {
	case s.any() || s.has(jsonvalue.String):
	case s.has(jsonvalue.Number) && isNumber(text),
		s.has(jsonvalue.Boolean) && (text == "true" || text == "false"),
		s.has(jsonvalue.Null) && text == "null":
		return append(dst, text...)
	}
	return jsonscan.AppendString(dst, text)
}
