package dialect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Repair is a keyword that is not JSON Schema 2020-12, and how it is read.
// It is shown to whoever opens the document: a keyword that is read in another way than it is
// written should surprise nobody.
type Repair struct {
	Pointer string // JSON Pointer into the document
	Keyword string
	Reason  string // what it said, and what it is read as
}

// Translate returns the schema object at a pointer in the keywords of JSON
// Schema 2020-12, and what had to change. Text that needs no repair is returned
// as it is.
func Translate(text, at string) (string, []Repair) {
	if !isForeign(text) {
		return text, nil
	}
	// nullable comes last, as it may move keywords into a branch of their own.
	s := &translation{Object: jsonscan.ReadObject(text), at: at}
	s.recursion()
	s.types()
	s.emptyUnions()
	s.bounds("exclusiveMinimum", "minimum")
	s.bounds("exclusiveMaximum", "maximum")
	s.required()
	s.tuple()
	s.nullable()
	return s.String(), s.repairs
}

// isForeign reports whether Translate has something to do.
func isForeign(text string) bool {
	for key, value := range jsonscan.Members(text) {
		if isForeignKeyword(key, value) {
			return true
		}
	}
	return false
}

// isForeignKeyword reports whether Translate has something to do for a keyword with
// this value. Nearly all keywords of real documents pass.
func isForeignKeyword(key, value string) bool {
	switch key {
	case "nullable", "$recursiveRef", "$recursiveAnchor":
		return true
	case "type":
		return !areTypes(value)
	case "anyOf", "oneOf":
		return isEmptyList(value)
		// A boolean in OpenAPI 3.0 and draft 4, a number since draft 6.
	case "exclusiveMinimum", "exclusiveMaximum":
		return value == "true" || value == "false"
		// true and false in draft 3, which documents still have on properties.
	case "required":
		return value[0] != '[' || hasDuplicate(value)
		// A list before 2020-12, where prefixItems took its place (§10.3.1.1).
	case "items":
		return value[0] == '['
	case "allOf":
		if isEmptyList(value) {
			return true
		}
		for _, item := range jsonscan.Items(value) {
			if saysOnlyNullable(item) {
				return true
			}
		}
	}
	return false
}

// translation is a schema object that is being translated.
type translation struct {
	jsonscan.Object
	at      string
	repairs []Repair
}

func (s *translation) note(at, keyword, format string, args ...any) {
	s.repairs = append(s.repairs, Repair{Pointer: at, Keyword: keyword, Reason: fmt.Sprintf(format, args...)})
}

func hasDuplicate(array string) bool {
	// One name, as most lists have, needs no map.
	if strings.Count(array, ",") == 0 {
		return false
	}
	// Comparing a few names takes less time than to hash them.
	var buf [16]string
	few := buf[:0]
	var many map[string]bool
	for _, item := range jsonscan.Items(array) {
		if item[0] != '"' {
			continue
		}
		name := jsonscan.String(item)
		switch {
		case many[name] || slices.Contains(few, name):
			return true
		case len(few) < len(buf):
			few = append(few, name)
		case many == nil:
			many = make(map[string]bool)
			fallthrough
		default:
			many[name] = true
		}
	}
	return false
}

// recursion reads $recursiveRef (JSON Schema 2019-09) as a reference to the
// component that it stands in.
func (s *translation) recursion() {
	if _, ok := s.Take("$recursiveAnchor"); ok {
		s.note(s.at, "$recursiveAnchor", "a keyword of JSON Schema 2019-09; dropped, the reference is a plain one")
	}
	if _, ok := s.Take("$recursiveRef"); !ok {
		return
	}
	// In a document of components it leads to the outermost schema, which is the component.
	component := Component(s.at)
	if component == "" {
		s.note(s.at, "$recursiveRef", "outside of a component; dropped")
		return
	}
	// Not recursion to wherever the dynamic scope begins: no published document asks for that.
	ref := "#" + component
	s.Set("$ref", string(jsonscan.AppendString(nil, ref)))
	s.note(s.at, "$recursiveRef", "a keyword of JSON Schema 2019-09; read as $ref %q", ref)
}

// Component returns the pointer to the component that a pointer leads to or into,
// "" for none.
func Component(at string) string {
	tokens := strings.SplitN(at, "/", 5)
	if len(tokens) < 4 || tokens[1] != "components" {
		return ""
	}
	return strings.Join(tokens[:4], "/")
}

// bounds reads the boolean form of OpenAPI 3.0.
// Both spellings of a bound come out as one of the numbers of 2020-12.
func (s *translation) bounds(exclusive, inclusive string) {
	value, ok := s.Get(exclusive)
	if !ok || value != "true" && value != "false" {
		return
	}
	s.Take(exclusive)
	// exclusiveMinimum: true says that minimum itself is excluded (OpenAPI 3.0.3
	// §4.7.24.1).
	limit, bounded := s.Get(inclusive)
	if value == "true" && bounded {
		s.Take(inclusive)
		s.Set(exclusive, limit)
		s.note(s.at, exclusive, "the boolean of OpenAPI 3.0; read as %s: %s", exclusive, limit)
		return
	}
	s.note(s.at, exclusive, "the boolean of OpenAPI 3.0 that bounds nothing here; dropped")
}

// Names must be unique (JSON Schema 2020-12 Validation §6.5.3).
func (s *translation) required() {
	value, ok := s.Get("required")
	if !ok {
		return
	}
	if value[0] != '[' {
		s.Take("required")
		s.note(s.at, "required", "got %.20s, want a list of names; dropped", value)
		return
	}
	if !hasDuplicate(value) {
		return
	}
	buf := []byte{'['}
	seen := make(map[string]bool)
	for _, name := range jsonscan.Strings(value) {
		if seen[name] {
			continue
		}
		if len(seen) > 0 {
			buf = append(buf, ',')
		}
		seen[name] = true
		buf = jsonscan.AppendString(buf, name)
	}
	s.Set("required", string(append(buf, ']')))
	s.note(s.at, "required", "a name is there twice; read once")
}

// tuple reads the array form of items (before JSON Schema 2020-12).
func (s *translation) tuple() {
	value, ok := s.Get("items")
	if !ok || value[0] != '[' {
		return
	}
	s.Take("items")
	s.Set("prefixItems", value)
	// additionalItems was for the items after the list, as items is now.
	if rest, ok := s.Take("additionalItems"); ok {
		s.Set("items", rest)
	}
	s.note(s.at, "items", "a list of schemas, as before JSON Schema 2020-12; read as prefixItems")
}
