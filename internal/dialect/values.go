package dialect

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// By the letter, an enum whose values are all of another type than the type beside it
// matches nothing, and so does an empty one. Authors mean something: the values of a
// list, numbers that a generator put in quotes, names where the generator knew no type.

// Meant returns a schema object that Translate has read, with an enum or const that
// contradicts its type read as its author means it, and what had to change. It is no
// part of the Strict tier, where JSON Schema says what such an object accepts: nothing.
func Meant(text, at string) (string, []Repair) {
	var v values
	for key, value := range jsonscan.Members(text) {
		v.keyword(key, value)
	}
	if !v.contradictory() {
		return text, nil
	}
	s := &translation{Object: jsonscan.ReadObject(text), at: at}
	if values, ok := s.Get("enum"); ok && isEmptyList(values) {
		s.Take("enum")
		s.note(at, "enum", "an empty list, which no value matches; dropped")
	}
	kind, _ := s.Get("type")
	if list, ok := s.Get("enum"); ok && contradict(list, kind) {
		s.enum(jsonscan.List(list), typeList(kind), kind)
	}
	// enum may have taken the type.
	kind, _ = s.Get("type")
	if value, ok := s.Get("const"); ok && isOther(value, kind) {
		if read, ok := valueAs(typeList(kind), value); ok {
			s.Set("const", read)
			s.note(at, "const", "%.80s is not of the type %.80s: the description contradicts itself; read as %.80s", value, kind, read)
		} else {
			s.Take("type")
			s.note(at, "type", "%.80s is not the type of the const %.80s: the description contradicts itself; type dropped", kind, value)
		}
	}
	return s.String(), s.repairs
}

// values are the keywords that may contradict each other. Most schema objects have
// neither enum nor const.
type values struct{ kind, enum, constant string }

func (v *values) keyword(key, value string) {
	switch key {
	case "type":
		v.kind = value
	case "enum":
		v.enum = value
	case "const":
		v.constant = value
	}
}

// contradictory reports whether Meant has something to do.
func (v *values) contradictory() bool {
	return v.enum != "" && (isEmptyList(v.enum) || contradict(v.enum, v.kind)) || v.constant != "" && isOther(v.constant, v.kind)
}

// enum reads values of which none has one of the types.
func (s *translation) enum(values, types []string, kind string) {
	const contradiction = "no value is of the type %.80s beside it: the description contradicts itself; "
	if !slices.ContainsFunc(types, func(t string) bool { return t != "array" && t != "null" }) && s.enumOfItems(values) {
		s.note(s.at, "enum", contradiction+"read as the values of the items", kind)
		return
	}
	read := make([]string, len(values))
	for i, value := range values {
		if value == "null" {
			read[i] = value
			continue
		}
		var ok bool
		if read[i], ok = valueAs(types, value); ok {
			continue
		}
		// The names of numbers: which of the two an API sends is not known.
		if slices.Contains(types, "integer") || slices.Contains(types, "number") {
			s.Take("enum")
			s.Set("type", `["`+strings.Join(append(types, "string"), `","`)+`"]`)
			s.note(s.at, "enum", contradiction+"read as any number or string", kind)
			return
		}
		s.Take("type")
		s.note(s.at, "type", contradiction+"type dropped", kind)
		return
	}
	list := "[" + strings.Join(read, ",") + "]"
	s.Set("enum", list)
	s.note(s.at, "enum", contradiction+"read as %.120s", kind, list)
}

// enumOfItems moves the values, none of which is an array, to the schema of the items.
func (s *translation) enumOfItems(values []string) bool {
	values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "null" })
	text, ok := s.Get("items")
	if !ok || text == "true" {
		text = "{}"
	}
	if text[0] != '{' {
		return false
	}
	items := jsonscan.ReadObject(text)
	if _, ok := items.Get("enum"); !ok {
		items.Set("enum", "["+strings.Join(values, ",")+"]")
	}
	s.Take("enum")
	s.Set("items", items.String())
	return true
}

// contradict reports whether a list has values, apart from null, and none of them has
// one of the types. Anything but a list has none. No type at all accepts every value.
func contradict(list, kind string) bool {
	var types []string
	some := false
	for _, value := range jsonscan.Items(list) {
		if value == "null" {
			continue
		}
		// The first value of most enums is a string beside this type, and decides.
		if value[0] == '"' && kind == `"string"` {
			return false
		}
		if types == nil {
			types = typeList(kind)
		}
		if len(types) == 0 || hasType(types, value) {
			return false
		}
		some = true
	}
	return some
}

// isOther reports whether a const is of none of the types beside it.
func isOther(value, kind string) bool {
	if value == "null" || value[0] == '"' && kind == `"string"` {
		return false
	}
	types := typeList(kind)
	return len(types) > 0 && !hasType(types, value)
}

// typeList returns the names in a value of type.
func typeList(value string) []string {
	if value == "" {
		return nil
	}
	if value[0] == '[' {
		return jsonscan.Strings(value)
	}
	return []string{jsonscan.String(value)}
}

// hasType reports whether a JSON text is of one of the types. A number without a
// fraction is an integer, however it is written (JSON Schema 2020-12 Core §4.2.3).
func hasType(types []string, value string) bool {
	kind := kindOf(value)
	return slices.ContainsFunc(types, func(t string) bool {
		if t != "integer" {
			return t == kind
		}
		n, err := strconv.ParseFloat(value, 64)
		return kind == "number" && err == nil && n == math.Trunc(n)
	})
}

// kindOf returns the type of a JSON text, "number" for every number.
func kindOf(value string) string {
	name := jsonscan.TypeName(value)
	return name[strings.IndexByte(name, ' ')+1:] // without its article
}

// valueAs writes a scalar as a value of one of the types: without its quotes, or with.
func valueAs(types []string, value string) (string, bool) {
	switch kindOf(value) {
	case "string":
		text := strings.TrimSpace(jsonscan.String(value))
		if lower := strings.ToLower(text); lower == "true" || lower == "false" {
			text = lower
		}
		scalar := text != "" && !strings.ContainsAny(text[:1], `"[{n`) && jsonscan.Check(text, 1) == nil
		return text, scalar && hasType(types, text)
	case "number", "boolean":
		return string(jsonscan.AppendString(nil, value)), slices.Contains(types, "string")
	}
	return "", false
}
