package style

// A Type is a set of JSON types; the zero Type is all of them.
type Type uint8

const (
	Null Type = 1 << iota
	Boolean
	Integer
	Number
	String
	Array
	Object
)

// ParseType returns the Type of that name in JSON Schema, or 0.
func ParseType(name string) Type {
	switch name {
	case "null":
		return Null
	case "boolean":
		return Boolean
	case "integer":
		return Integer
	case "number":
		return Number
	case "string":
		return String
	case "array":
		return Array
	case "object":
		return Object
	}
	return 0
}

// A Shape is what a schema says about the types of a value and its parts: as much as it takes to tell the text "5"
// from the number 5. It plays no part where the wire form is JSON text. A nil *Shape allows everything; shapes may
// refer to themselves. Decoding only reads them, so that they may be shared.
type Shape struct {
	Type       Type
	Items      *Shape            // of an array
	Properties map[string]*Shape // of an object
	Additional *Shape            // of the members that Properties does not list
}

// has reports whether the shape names t; the shape that allows everything names nothing.
func (s *Shape) has(t Type) bool { return s != nil && s.Type&t != 0 }

func (s *Shape) any() bool { return s == nil || s.Type == 0 }

// scalar reports whether the value may be neither array nor object.
func (s *Shape) scalar() bool { return s.any() || s.has(Null|Boolean|Integer|Number|String) }

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
func (s *Shape) kind(n int) Type {
	switch {
	case n <= 1 && s.scalar():
		return String
	case s.has(Array):
		return Array
	case s.has(Object):
		return Object
	}
	return String
}

// append writes text as the JSON value that the shape makes of it: a string where it allows strings, else the number,
// boolean or null that the text is. What fits nothing becomes a string, for the validator to report.
func (s *Shape) append(dst []byte, text string) []byte {
	switch {
	case s.any() || s.has(String):
	case s.has(Integer|Number) && isNumber(text),
		s.has(Boolean) && (text == "true" || text == "false"),
		s.has(Null) && text == "null":
		return append(dst, text...)
	}
	return appendString(dst, text)
}

// appendString writes text, which is valid UTF-8, as a JSON string without needless escapes (RFC 8259 §7).
func appendString(dst []byte, text string) []byte {
	dst = append(dst, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, `\u00`...)
			dst = append(dst, upperHex[c>>4], upperHex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
