package jsonvalue

import (
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Kinds is a set of the kinds of JSON values that schemas tell apart.
// JSON Schema has seven names for types, and integer is a part of number (§6.1.1). With a bit
// for each that can be told apart, "may be" and "is" are one operation on bits.
type Kinds uint8

// The kinds. A number is either an Integer or a Fraction: 1.0 and 1e3 are
// integers (JSON Schema 2020-12 §6.1.1).
const (
	Null Kinds = 1 << iota
	Boolean
	Integer
	Fraction
	String
	Array
	Object

	Number = Integer | Fraction
	Any    = Null | Boolean | Number | String | Array | Object
)

// Has reports whether the set has one of the kinds in other.
// For one kind it is the question of whether the set has it.
func (k Kinds) Has(other Kinds) bool { return k&other != 0 }

// named lists the names of JSON Schema, in the order of Names.
// The order is that of messages: what people send most is named first.
var named = [...]struct {
	name  string
	kinds Kinds
}{
	{"string", String},
	{"object", Object},
	{"array", Array},
	{"boolean", Boolean},
	{"number", Number},
	{"integer", Integer},
	{"null", Null},
}

// ParseKind returns the kinds that a name of JSON Schema stands for, 0 for any
// other name.
// A name that JSON Schema does not have, such as "file" of OpenAPI 2.0, accepts nothing.
func ParseKind(name string) Kinds {
	for _, n := range named {
		if n.name == name {
			return n.kinds
		}
	}
	return 0
}

// ParseKinds reads the text of the keyword type: a name or a list of names (JSON Schema
// 2020-12 Validation §6.1.1). Of a list that repeats a name each name counts once.
func ParseKinds(text string) Kinds {
	// A name other than these seven accepts nothing by itself.
	kinds := ParseKind(jsonscan.String(text))
	for _, name := range jsonscan.Strings(text) {
		kinds |= ParseKind(name)
	}
	return kinds
}

// KindOfText returns the kind of a value from its JSON text, which must not be
// empty.
func KindOfText(text string) Kinds {
	// The first byte of a JSON value decides its kind (RFC 8259 §3).
	switch text[0] {
	case '{':
		return Object
	case '[':
		return Array
	case '"':
		return String
	case 't', 'f':
		return Boolean
	case 'n':
		return Null
	}
	if isInteger(text) {
		return Integer
	}
	return Fraction
}

// Names lists the set in the names of JSON Schema.
// It is the opposite of ParseKinds: the shortest list of names that accepts the same.
func (k Kinds) Names() []string { return k.appendNames(nil) }

func (k Kinds) appendNames(list []string) []string {
	for _, n := range named {
		// A schema that accepts numbers accepts integers, which then need not be named.
		if k&n.kinds == n.kinds && (n.kinds != Integer || k&Fraction == 0) {
			list = append(list, n.name)
		}
	}
	return list
}

// String returns what is accepted: "string or null".
func (k Kinds) String() string {
	if k == 0 {
		return "nothing"
	}
	var buf [8]string // there are seven types
	return strings.Join(k.appendNames(buf[:0]), " or ")
}
