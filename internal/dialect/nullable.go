package dialect

import (
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// saysOnlyNullable finds the member of an allOf that says {nullable: true} and
// asserts nothing: by the letter it says nothing, its author means the whole.
// Generators write {"allOf":[{"$ref":…},{"nullable":true}]}, as in OpenAPI 3.0 nothing may
// stand beside $ref.
func saysOnlyNullable(text string) bool {
	nullable := false
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "nullable":
			nullable = value == "true"
			// Annotations do not make it a schema of its own.
		case "description", "title", "default", "example", "deprecated":
		default:
			return false
		}
	}
	return nullable
}

// hoistNull takes such members out of allOf and reports whether there were any.
func (s *translation) hoistNull() bool {
	// The member is taken out, and null becomes a value of the whole.
	all, ok := s.Get("allOf")
	if !ok {
		return false
	}
	var kept []string
	hoisted := false
	for i, item := range jsonscan.Items(all) {
		if saysOnlyNullable(item) {
			hoisted = true
			s.note(s.at+"/allOf/"+strconv.Itoa(i), "nullable", "a member of allOf; read as: or null")
			continue
		}
		kept = append(kept, item)
	}
	switch {
	// An allOf must have a member (JSON Schema 2020-12 §10.2.1.1).
	case hoisted && len(kept) == 0:
		s.Take("allOf")
	case hoisted:
		s.Set("allOf", "["+strings.Join(kept, ",")+"]")
	}
	return hoisted
}

// NullSchema is the text of the branch that nullable becomes.
// It is a text of its own, so that those who show a union can leave the branch out.
const NullSchema = `{"type":"null"}`

// orNull moves the named keywords into the first branch of an anyOf whose
// second is null.
// anyOf and not oneOf: a schema that accepts null already would make it match twice.
func (s *translation) orNull(keys ...string) {
	// Keywords that are not named stay beside the anyOf, where they apply to both branches:
	// they are those of one type, and accept null by themselves.
	var branch jsonscan.Object
	for _, key := range keys {
		if value, ok := s.Take(key); ok {
			branch = append(branch, jsonscan.Field{Name: key, Text: value})
		}
	}
	s.Set("anyOf", "["+branch.String()+","+NullSchema+"]")
}

// nullable reads the keyword of OpenAPI 3.0.
// Nullable false is what a schema is without it, and is dropped.
func (s *translation) nullable() {
	// OpenAPI 3.0.3 §4.7.24.2: nullable is false by default, and adds null to type.
	value, given := s.Take("nullable")
	hoisted := s.hoistNull()
	switch {
	case value == "true":
		s.note(s.at, "nullable", "a keyword of OpenAPI 3.0; %s", s.allowNull())
	case hoisted:
		s.allowNull()
	}
	if given && value != "true" {
		s.note(s.at, "nullable", "a keyword of OpenAPI 3.0 that says nothing here; dropped")
	}
}

// allowNull makes null one of the values, and returns how. By OpenAPI 3.0 an enum
// beside nullable has to list null itself; nobody who leaves it out means that.
func (s *translation) allowNull() (how string) {
	how = "read as: or null"
	// const has one value, so with null it is an enum of two.
	if value, ok := s.Take("const"); ok {
		s.Set("enum", "["+value+"]")
	}
	if enum, ok := s.Get("enum"); ok && enum[0] == '[' && !slices.Contains(jsonscan.List(enum), "null") {
		s.Set("enum", extended(enum, "null"))
	}
	// type becomes a list. Without a type, null is accepted already as far as type is
	// concerned.
	if kind, ok := s.Get("type"); ok && kind[0] == '"' {
		s.Set("type", "["+kind+`,"null"]`)
		how = "read as type [" + kind + `,"null"]`
	} else if ok && kind[0] == '[' && !slices.Contains(jsonscan.Strings(kind), "null") {
		s.Set("type", extended(kind, `"null"`))
	}
	anyOf, hasAny := s.Get("anyOf")
	_, hasOne := s.Get("oneOf")
	_, hasRef := s.Get("$ref")
	_, hasAll := s.Get("allOf")
	switch {
	// These would have to match null themselves. In a union with null they need not.
	case hasRef || hasAll || hasOne:
		s.orNull("$ref", "allOf", "oneOf", "anyOf", "discriminator")
		// A union gets null as one more branch.
	case hasAny:
		s.Set("anyOf", extended(anyOf, NullSchema))
	}
	return how
}

// extended adds an item to an array's text.
func extended(array, item string) string {
	return "[" + strings.Join(append(jsonscan.List(array), item), ",") + "]"
}
