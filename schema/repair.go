package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Repair is one tolerance that a document needed: something that is not what
// OpenAPI 3.1 (JSON Schema 2020-12) says, read as what its author meant.
type Repair struct {
	Pointer Pointer // where in the document
	Keyword string  // what is mended: "nullable"
	Reason  string  // what it said, and what it is read as
}

func (r Repair) String() string {
	return string(r.Pointer) + ": " + r.Keyword + ": " + r.Reason
}

// Repairs returns every repair that the document needs, in document order. The
// first call walks the whole document.
func (d *Document) Repairs() []Repair {
	return slices.Clone(d.repaired())
}

func (d *Document) findRepairs() []Repair {
	repairs := slices.Clone(d.repairs)
	for op := range d.Operations() {
		repairs = append(repairs, op.repairs...)
	}
	d.rewriteSchemas(func(at Pointer, text string) string {
		text, found := d.repair(text, at)
		repairs = append(repairs, found...)
		repairs = append(repairs, unreadablePatterns(text, at)...)
		return text
	})
	return repairs
}

// unreadablePatterns lists the patterns of a schema object that Go's regexp
// cannot read: ECMA 262 has look-around and back references, RE2 has not.
// Verdicts pass over them; the text keeps them, for others may read them.
func unreadablePatterns(text string, at Pointer) []Repair {
	var repairs []Repair
	check := func(at Pointer, keyword, pattern, instead string) {
		if _, err := regexp.Compile(pattern); err != nil {
			reason := fmt.Sprintf("%.80q is no regular expression of Go; %s", pattern, instead)
			repairs = append(repairs, Repair{Pointer: at, Keyword: keyword, Reason: reason})
		}
	}
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "pattern":
			check(at, key, jsonscan.String(value), "not checked")
		case "patternProperties":
			for pattern := range jsonscan.Members(value) {
				check(at.Append(key), key, pattern, "not checked, and any other field is allowed for it")
			}
		}
	}
	return repairs
}

// Repaired returns the document's JSON text with every repair carried out: a
// document of plain OpenAPI 3.1 schemas that needs none.
func (d *Document) Repaired() []byte {
	return []byte(d.rewriteSchemas(func(at Pointer, text string) string {
		text, _ = d.repair(text, at)
		return text
	}))
}

// member is one member of a JSON object, its value as text.
type member struct{ key, value string }

func membersOf(object string) []member {
	var list []member
	for key, value := range jsonscan.Members(object) {
		list = append(list, member{key, value})
	}
	return list
}

func objectOf(members []member) string {
	size := 2
	for _, m := range members {
		size += len(m.key) + len(m.value) + 4
	}
	buf := append(make([]byte, 0, size), '{')
	for i, m := range members {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = appendString(buf, m.key)
		buf = append(buf, ':')
		buf = append(buf, m.value...)
	}
	return string(append(buf, '}'))
}

// schemaText is a schema object under repair.
type schemaText struct {
	members []member
	at      Pointer
	repairs []Repair
}

func (s *schemaText) get(key string) (string, bool) {
	for _, m := range s.members {
		if m.key == key {
			return m.value, true
		}
	}
	return "", false
}

func (s *schemaText) set(key, value string) {
	for i, m := range s.members {
		if m.key == key {
			s.members[i].value = value
			return
		}
	}
	s.members = append(s.members, member{key, value})
}

func (s *schemaText) take(key string) (string, bool) {
	for i, m := range s.members {
		if m.key == key {
			s.members = slices.Delete(s.members, i, i+1)
			return m.value, true
		}
	}
	return "", false
}

func (s *schemaText) note(at Pointer, keyword, format string, args ...any) {
	s.repairs = append(s.repairs, Repair{Pointer: at, Keyword: keyword, Reason: fmt.Sprintf(format, args...)})
}

// repair turns one schema object into the dialect of OpenAPI 3.1. It looks at
// the object's own keywords and leaves subschemas to their turn; text without
// a fault is returned as it is.
func (d *Document) repair(text string, at Pointer) (string, []Repair) {
	if !d.needsRepair(text) {
		return text, nil
	}
	s := &schemaText{members: membersOf(text), at: at}
	s.recursion()
	s.bounds("exclusiveMinimum", "minimum")
	s.bounds("exclusiveMaximum", "maximum")
	s.required()
	s.tuple()
	s.nullable()
	return objectOf(s.members), s.repairs
}

// needsRepair is the quick look that nearly every schema passes.
func (d *Document) needsRepair(text string) bool {
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "nullable", "$recursiveRef", "$recursiveAnchor":
			return true
		case "exclusiveMinimum", "exclusiveMaximum":
			if value == "true" || value == "false" {
				return true
			}
		case "required":
			if value[0] != '[' || hasDuplicate(value) {
				return true
			}
		case "items":
			if value[0] == '[' {
				return true
			}
		case "allOf":
			for _, item := range jsonscan.Items(value) {
				if saysOnlyNullable(item) {
					return true
				}
			}
		}
	}
	return false
}

func hasDuplicate(array string) bool {
	if strings.Count(array, ",") == 0 {
		return false
	}
	seen := make(map[string]bool)
	for _, name := range jsonscan.Strings(array) {
		if seen[name] {
			return true
		}
		seen[name] = true
	}
	return false
}

// recursion reads $recursiveRef (JSON Schema 2019-09) as a reference to the
// component that it stands in.
func (s *schemaText) recursion() {
	if _, ok := s.take("$recursiveAnchor"); ok {
		s.note(s.at, "$recursiveAnchor", "a keyword of JSON Schema 2019-09; dropped, the reference is a plain one")
	}
	if _, ok := s.take("$recursiveRef"); !ok {
		return
	}
	tokens := s.at.Tokens()
	if len(tokens) < 3 || tokens[0] != "components" {
		s.note(s.at, "$recursiveRef", "outside of a component; dropped")
		return
	}
	ref := "#" + string(pointerTo(tokens[:3]))
	s.set("$ref", string(appendString(nil, ref)))
	s.note(s.at, "$recursiveRef", "a keyword of JSON Schema 2019-09; read as $ref %q", ref)
}

// bounds reads the boolean form of OpenAPI 3.0.
func (s *schemaText) bounds(exclusive, inclusive string) {
	value, ok := s.get(exclusive)
	if !ok || value != "true" && value != "false" {
		return
	}
	s.take(exclusive)
	limit, bounded := s.get(inclusive)
	if value == "true" && bounded {
		s.take(inclusive)
		s.set(exclusive, limit)
		s.note(s.at, exclusive, "the boolean of OpenAPI 3.0; read as %s: %s", exclusive, limit)
		return
	}
	s.note(s.at, exclusive, "the boolean of OpenAPI 3.0 that bounds nothing here; dropped")
}

func (s *schemaText) required() {
	value, ok := s.get("required")
	if !ok {
		return
	}
	if value[0] != '[' {
		s.take("required")
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
		buf = appendString(buf, name)
	}
	s.set("required", string(append(buf, ']')))
	s.note(s.at, "required", "a name stands twice; read once")
}

// tuple reads the array form of items (before JSON Schema 2020-12).
func (s *schemaText) tuple() {
	value, ok := s.get("items")
	if !ok || value[0] != '[' {
		return
	}
	s.take("items")
	s.set("prefixItems", value)
	if rest, ok := s.take("additionalItems"); ok {
		s.set("items", rest)
	}
	s.note(s.at, "items", "a list of schemas, as before JSON Schema 2020-12; read as prefixItems")
}

// saysOnlyNullable finds the member of an allOf that says {nullable: true} and
// asserts nothing: by the letter it says nothing, its author means the whole.
func saysOnlyNullable(text string) bool {
	nullable := false
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "nullable":
			nullable = value == "true"
		case "description", "title", "default", "example", "deprecated":
		default:
			return false
		}
	}
	return nullable
}

// hoistNull takes such members out of allOf and reports whether there were any.
func (s *schemaText) hoistNull() bool {
	all, ok := s.get("allOf")
	if !ok {
		return false
	}
	var kept []string
	hoisted := false
	for i, item := range jsonscan.Items(all) {
		if saysOnlyNullable(item) {
			hoisted = true
			s.note(s.at.Append("allOf").Append(strconv.Itoa(i)), "nullable", "a member of allOf; read as: or null")
			continue
		}
		kept = append(kept, item)
	}
	switch {
	case hoisted && len(kept) == 0:
		s.take("allOf")
	case hoisted:
		s.set("allOf", "["+strings.Join(kept, ",")+"]")
	}
	return hoisted
}

const nullSchema = `{"type":"null"}`

// orNull moves the named keywords into the first branch of an anyOf whose
// second is null.
func (s *schemaText) orNull(keys ...string) {
	var branch []member
	for _, key := range keys {
		if value, ok := s.take(key); ok {
			branch = append(branch, member{key, value})
		}
	}
	s.set("anyOf", "["+objectOf(branch)+","+nullSchema+"]")
}

// nullable reads the keyword of OpenAPI 3.0.
func (s *schemaText) nullable() {
	value, given := s.take("nullable")
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

// allowNull makes null one of the values, and tells how. By OpenAPI 3.0 an enum
// beside nullable has to list null itself; nobody who leaves it out means that.
func (s *schemaText) allowNull() (how string) {
	how = "read as: or null"
	if value, ok := s.take("const"); ok {
		s.set("enum", "["+value+"]")
	}
	if enum, ok := s.get("enum"); ok && enum[0] == '[' && !slices.Contains(itemsOf(enum), "null") {
		s.set("enum", extended(enum, "null"))
	}
	if kind, ok := s.get("type"); ok && kind[0] == '"' {
		s.set("type", "["+kind+`,"null"]`)
		how = "read as type [" + kind + `,"null"]`
	} else if ok && kind[0] == '[' && !slices.Contains(jsonscan.Strings(kind), "null") {
		s.set("type", extended(kind, `"null"`))
	}
	anyOf, hasAny := s.get("anyOf")
	_, hasOne := s.get("oneOf")
	_, hasRef := s.get("$ref")
	_, hasAll := s.get("allOf")
	switch {
	case hasRef || hasAll || hasOne:
		s.orNull("$ref", "allOf", "oneOf", "anyOf", "discriminator")
	case hasAny:
		s.set("anyOf", extended(anyOf, nullSchema))
	}
	return how
}

// extended adds an item to an array's text.
func extended(array, item string) string {
	return "[" + strings.Join(append(itemsOf(array), item), ",") + "]"
}

func itemsOf(array string) []string {
	var list []string
	for _, item := range jsonscan.Items(array) {
		list = append(list, item)
	}
	return list
}
