package dialect

import (
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// typeNames are names that documents write for a type, without regard to case: those of
// programming languages and of format. A name with two meanings, such as byte, is not
// among them.
var typeNames = map[string]string{
	"str": "string", "text": "string", "varchar": "string", "uuid": "string", "guid": "string",
	"date": "string", "datetime": "string", "date-time": "string", "uri": "string", "url": "string", "email": "string",
	"password": "string", "binary": "string", "file": "string",
	"int": "integer", "int32": "integer", "int64": "integer", "long": "integer", "short": "integer",
	"float": "number", "double": "number", "decimal": "number",
	"bool": "boolean", "list": "array", "map": "object", "dict": "object",
}

// isType reports whether a name is that of a type (JSON Schema 2020-12 Validation
// §6.1.1).
func isType(name string) bool {
	switch name {
	case "string", "object", "integer", "array", "boolean", "number", "null":
		return true
	}
	return false
}

// areTypes reports whether the value of type is one that the keyword can have: a name
// or a list of names, not empty.
func areTypes(value string) bool {
	switch value[0] {
	case '"':
		return isType(value[1 : len(value)-1])
	case '[':
		if isEmptyList(value) {
			return false
		}
		for _, item := range jsonscan.Items(value) {
			if item[0] != '"' || !isType(item[1:len(item)-1]) {
				return false
			}
		}
		return true
	}
	return false
}

func isEmptyList(value string) bool {
	return value[0] == '[' && jsonscan.Space(value, 1) == len(value)-1
}

// types reads a value of type that the keyword cannot have. The null of YAML means
// "null" in a list and as a branch of a union, where {type: null} is all that there is;
// elsewhere it is a type that was left empty. A name is read as the type that it
// obviously means. Where it means none, the keyword is dropped.
func (s *translation) types() {
	value, ok := s.Get("type")
	if !ok || areTypes(value) {
		return
	}
	list := []string{value}
	if value[0] == '[' {
		list = jsonscan.List(value)
	}
	var names []string
	for _, item := range list {
		name := typeNamed(item)
		if item == "null" && (value[0] == '[' || s.isBranch()) {
			name = `"null"`
		}
		if name == "" {
			names = nil
			break
		}
		names = append(names, name)
	}
	switch {
	case names == nil:
		s.Take("type")
		s.note(s.at, "type", "got %.40s, want the name of a type; read as any type", value)
		return
	case value[0] == '[':
		s.Set("type", "["+strings.Join(names, ",")+"]")
	default:
		s.Set("type", names[0])
		// The type of Swagger 2.0 for an upload (OpenAPI 3.0.3 §4.7.12.1 shows what
		// took its place).
		if _, given := s.Get("format"); !given && strings.EqualFold(value, `"file"`) {
			s.Set("format", `"binary"`)
		}
	}
	read, _ := s.Get("type")
	if read != value {
		s.note(s.at, "type", "got %.40s, want the name of a type; read as %.80s", value, read)
	}
}

// typeNamed returns the JSON text of the type that a value of the keyword means, "" for
// none.
func typeNamed(value string) string {
	if value[0] != '"' {
		return ""
	}
	name := strings.ToLower(strings.Trim(jsonscan.String(value), " \t\n,;."))
	if !isType(name) {
		name = typeNames[name]
	}
	if name == "" {
		return ""
	}
	return `"` + name + `"`
}

// isBranch reports whether the schema object is a branch of a union and asserts nothing
// but its type.
func (s *translation) isBranch() bool {
	parts := strings.Split(s.at, "/")
	if len(parts) < 2 {
		return false
	}
	if union := parts[len(parts)-2]; union != "anyOf" && union != "oneOf" {
		return false
	}
	for _, f := range s.Object {
		switch f.Name {
		case "type", "description", "title", "default", "example", "deprecated":
		default:
			return false
		}
	}
	return true
}

// emptyUnions drops the lists of schemas that have none: each must have one (JSON Schema
// 2020-12 Core §10.2.1), and a union without branches would match nothing.
func (s *translation) emptyUnions() {
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		if value, ok := s.Get(key); ok && isEmptyList(value) {
			s.Take(key)
			s.note(s.at, key, "an empty list, want at least one schema; dropped")
		}
	}
}
