package validator

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// An API may hold a model to a JSON Schema, and takes only some of JSON Schema for that.
// Which, the document says at its root (StrictKeyword); which schemas are meant, an entry
// of SchemaKeyword says: {parameters: {strict: NAME}}, where the member NAME beside them
// is true. A schema that breaks a rule is one failure, which the explanation looks into.

// StrictKeyword is the extension of a document with the rules of strict schemas.
const StrictKeyword = "x-opcall-strict"

// strictRules are the rules as the document has them. Texts are what helps, the end of a
// message.
type strictRules struct {
	Root struct { // the outermost schema object
		Type    string            `json:"type"`    // that it has
		Refuses map[string]string `json:"refuses"` // keywords
	} `json:"root"`
	Refuses map[string]string   `json:"refuses"` // keywords
	Needs   []string            `json:"needs"`   // a schema object has one of these keywords
	Typed   map[string][]string `json:"typed"`   // keywords that a schema of this type has
	Alone   []string            `json:"alone"`   // keywords with nothing beside them
	Closed  bool                `json:"closed"`  // objects have additionalProperties: false
	All     bool                `json:"all"`     // objects require all properties
	Formats []string            `json:"formats"`
	Limits  struct {
		Properties    int `json:"properties"`    // in all
		Levels        int `json:"levels"`        // of objects within the outermost
		EnumValues    int `json:"enumValues"`    // in all
		Characters    int `json:"characters"`    // of names, enum and const values, in all
		LargeEnum     int `json:"largeEnum"`     // an enum with more strings than this …
		LargeEnumText int `json:"largeEnumText"` // … has at most as many characters
	} `json:"limits"`

	typed []typedKeywords // of Typed, by the name of the type
}

// A member that a document leaves out switches its rule off: a nil map refuses nothing, a
// limit of 0 bounds nothing, and false asks for nothing. So another API states only its own rules.

// typedKeywords are the keywords that a schema of a type has.
type typedKeywords struct {
	name     string
	kinds    jsonvalue.Kinds
	keywords []string
}

// readStrict returns the rules of a document, nil where it has none that can be read.
// Rules that cannot be read are not an error here: they are an extension, and a document is
// valid whatever its extensions say (OpenAPI 3.1 §4.9).
func readStrict(text string) *strictRules {
	if text == "" {
		return nil
	}
	var rules strictRules
	if json.Unmarshal([]byte(text), &rules) != nil {
		return nil
	}
	// Sorted, so that the same schema gets the same messages.
	for _, name := range slices.Sorted(maps.Keys(rules.Typed)) {
		rules.typed = append(rules.typed, typedKeywords{name, jsonvalue.ParseKinds(strconv.Quote(name)), rules.Typed[name]})
	}
	return &rules
}

// unstrict is a place in a schema that breaks a rule: the schema object, and the
// message.
type unstrict struct {
	at      jsonvalue.Ref
	message string
}

// maxUnstrict bounds what is reported of one schema. A generator that does not close its
// objects does so nowhere, and twenty places show that as well as a thousand.
const maxUnstrict = 20

// strictCheck is the check of one schema.
// It reads the schema as a value of the instance, in the tree, and compiles nothing: what it
// asks is how the schema is written, not what it accepts.
type strictCheck struct {
	*strictRules
	tree  *jsonvalue.Tree
	found []unstrict

	properties, enumValues, characters, levels int
}

// check returns what in a schema breaks the rules.
func (r *strictRules) check(t *jsonvalue.Tree, root jsonvalue.Ref) []unstrict {
	if saysNothing(t, root) {
		return nil
	}
	c := strictCheck{strictRules: r, tree: t}
	// Some keywords are refused at the root and taken further down, such as anyOf: the root has
	// to be an object.
	for name, end := root+1, t.Past(root); name < end; name = t.Past(name + 1) {
		keyword := t.String(name)
		if help, refused := r.Root.Refuses[keyword]; refused {
			c.add(root, "got keyword "+Quoted(keyword)+" at the root of a strict schema; "+help)
		}
	}
	// A keyword that the root does not have, such as anyOf, stands where the type should be:
	// the missing type would be a second problem of the same mistake.
	if value, has := t.Find(c.behind(root), "type"); len(c.found) == 0 && r.Root.Type != "" && (!has || t.String(value) != r.Root.Type) {
		got := "no type"
		if has {
			got = "type " + show(t, value)
		}
		c.add(root, "got "+got+", want "+Quoted(r.Root.Type)+" at the root of a strict schema; put other types into a property")
	}
	// The limits are on the whole, so they come last, when everything has been counted.
	c.schema(root, 0, true)
	c.limit(root, "properties", c.properties, r.Limits.Properties)
	c.limit(root, "levels of objects", c.levels, r.Limits.Levels)
	c.limit(root, "values of enum", c.enumValues, r.Limits.EnumValues)
	c.limit(root, "characters in names and values", c.characters, r.Limits.Characters)
	return c.found
}

// saysNothing reports whether an object has members of which none is a keyword or could
// be a property: {"foo": "bar"}. Such an object stands for a schema that is not there, as
// in the tests of SDKs; what is missing in it says nothing about the caller's schema. A
// member with an object, a property that was forgotten to be put into properties, does.
func saysNothing(t *jsonvalue.Tree, root jsonvalue.Ref) bool {
	name, end := root+1, t.Past(root)
	if name >= end {
		return false
	}
	for ; name < end; name = t.Past(name + 1) {
		keyword := t.String(name)
		if kind := t.Kind(name + 1); kind == jsonvalue.Object || kind == jsonvalue.Array ||
			keyword == "description" || keyword == "title" || slices.Contains(keywordNames[:], keyword) {
			return false
		}
	}
	return true
}

// behind returns the definition that the root of a schema refers to, as that of a
// recursive type does, else the root. A reference that leads nowhere, or in a circle, ends
// the search: that is the mistake of the metaschema's check, and not of these rules.
func (c *strictCheck) behind(root jsonvalue.Ref) jsonvalue.Ref {
	at := root
	for range maxReferences {
		ref, has := c.tree.Find(at, "$ref")
		if !has || c.tree.Kind(ref) != jsonvalue.String {
			return at
		}
		names := pointerTokens(strings.TrimPrefix(c.tree.String(ref), "#"))
		target := root
		for _, name := range names {
			if c.tree.Kind(target) != jsonvalue.Object {
				return at
			}
			var found bool
			if target, found = c.tree.Find(target, name); !found {
				return at
			}
		}
		if c.tree.Kind(target) != jsonvalue.Object {
			return at
		}
		at = target
	}
	return root
}

// add records a place, up to maxUnstrict. Checking goes on after that, as the limits count
// the whole schema.
func (c *strictCheck) add(at jsonvalue.Ref, message string) {
	if len(c.found) < maxUnstrict {
		c.found = append(c.found, unstrict{at, message})
	}
}

// limit reports a count that is too high, at the root: no single place is the cause.
func (c *strictCheck) limit(root jsonvalue.Ref, what string, got, most int) {
	if most > 0 && got > most {
		c.add(root, "got "+strconv.Itoa(got)+" "+what+", want at most "+strconv.Itoa(most)+" in a strict schema; split it, or set strict to false")
	}
}

// schema checks a schema object and all in it. Level is the number of objects around it.
func (c *strictCheck) schema(at jsonvalue.Ref, level int, isRoot bool) {
	t := c.tree
	if t.Kind(at) != jsonvalue.Object {
		c.add(at, "got "+show(t, at)+", want a schema with a type: a strict schema says the type of everything")
		return
	}
	// Nesting counts objects only: an array adds no level.
	kinds := c.kinds(at)
	inner := level
	if kinds.Has(jsonvalue.Object) {
		c.levels = max(c.levels, level)
		inner++
		c.object(at)
	}
	if !isRoot {
		c.needs(at)
	}
	// A type that is one of several counts: ["array", "null"] needs items as "array" does.
	for i := range c.typed {
		typed := &c.typed[i]
		if !kinds.Has(typed.kinds) {
			continue
		}
		for _, keyword := range typed.keywords {
			if _, has := t.Find(at, keyword); !has {
				c.add(at, "missing keyword "+Quoted(keyword)+", which a strict schema of type "+Quoted(typed.name)+" has")
			}
		}
	}
	for name, end := at+1, t.Past(at); name < end; name = t.Past(name + 1) {
		c.keyword(at, t.String(name), name+1, inner, isRoot)
	}
}

// kinds are those that a schema object says, in type or by having properties.
// A schema with properties and no type is written for objects, and counted as one.
func (c *strictCheck) kinds(at jsonvalue.Ref) jsonvalue.Kinds {
	if value, has := c.tree.Find(at, "type"); has {
		return jsonvalue.ParseKinds(c.tree.Raw(value))
	}
	if _, has := c.tree.Find(at, "properties"); has {
		return jsonvalue.Object
	}
	return 0
}

// needs checks that a schema object says what it is about. The root is exempt: its type has
// a rule of its own, whose message says more.
func (c *strictCheck) needs(at jsonvalue.Ref) {
	if len(c.Needs) == 0 {
		return
	}
	for _, keyword := range c.Needs {
		if _, has := c.tree.Find(at, keyword); has {
			return
		}
	}
	c.add(at, "got a schema without a type, which a strict schema says of everything; want "+list(c.Needs))
}

// list writes names as alternatives.
func list(names []string) string {
	text := ""
	for i, name := range names {
		switch {
		case i == 0:
		case i == len(names)-1:
			text += " or "
		default:
			text += ", "
		}
		text += Quoted(name)
	}
	return text
}

// keyword checks a keyword of a schema object, and the schemas in it.
func (c *strictCheck) keyword(at jsonvalue.Ref, name string, value jsonvalue.Ref, level int, isRoot bool) {
	t := c.tree
	if help, refused := c.Refuses[name]; refused {
		c.add(at, "got keyword "+Quoted(name)+", which a strict schema does not have; "+help)
		return
	}
	// check has reported these, and what is in them belongs at another place.
	if isRoot {
		if _, refused := c.Root.Refuses[name]; refused {
			return
		}
	}
	if slices.Contains(c.Alone, name) && t.Len(at) > 1 && !isRoot {
		c.add(at, "got "+Quoted(name)+" beside other keywords, want it alone in a strict schema; put it into anyOf with one item")
	}
	switch name {
	case "format":
		if format := t.String(value); len(c.Formats) > 0 && !slices.Contains(c.Formats, format) {
			c.add(at, "got format "+Quoted(format)+", which a strict schema does not have; there are "+list(c.Formats))
		}
	case "const":
		c.characters += utf8.RuneCountInString(t.String(value))
	case "enum":
		c.enum(at, value)
	}
	// Only what the dialect says is a schema is entered: an enum or a default may have objects
	// that look like schemas. additionalProperties: true is reported by object.
	switch dialect.Inner(dialect.Schema, name) {
	case dialect.Schema:
		if t.Kind(value) == jsonvalue.Object || t.Kind(value) == jsonvalue.Boolean && name != "additionalProperties" {
			c.schema(value, level, false)
		}
	case dialect.Schemas:
		c.schemas(name, value, level)
	}
}

// schemas checks a map or a list of schemas.
func (c *strictCheck) schemas(name string, value jsonvalue.Ref, level int) {
	t := c.tree
	switch t.Kind(value) {
	case jsonvalue.Array:
		for item, end := value+1, t.Past(value); item < end; item = t.Past(item) {
			c.schema(item, level, false)
		}
	case jsonvalue.Object:
		// A definition stands beside the tree, and has no objects around it. Where it is used
		// its nesting counts once, however often it is referred to.
		if name == "$defs" || name == "definitions" {
			level = 0
		}
		for key, end := value+1, t.Past(value); key < end; key = t.Past(key + 1) {
			c.characters += utf8.RuneCountInString(t.String(key))
			c.schema(key+1, level, false)
		}
	}
}

// enum counts the values of an enum. The whole schema has a limit of values and one of
// characters; a single enum that is large has a limit of characters of its own.
func (c *strictCheck) enum(at, value jsonvalue.Ref) {
	t := c.tree
	if t.Kind(value) != jsonvalue.Array {
		return
	}
	n, characters := 0, 0
	for item, end := value+1, t.Past(value); item < end; item = t.Past(item) {
		n++
		characters += utf8.RuneCountInString(t.String(item))
	}
	c.enumValues += n
	c.characters += characters
	if most := c.Limits.LargeEnumText; c.Limits.LargeEnum > 0 && n > c.Limits.LargeEnum && characters > most {
		c.add(at, "got "+strconv.Itoa(n)+" values of "+strconv.Itoa(characters)+" characters, want at most "+strconv.Itoa(most)+
			" characters in a strict schema; shorten them, or take a string and describe it")
	}
}

// object checks a schema object of objects: what it requires, and that it is closed.
func (c *strictCheck) object(at jsonvalue.Ref) {
	t := c.tree
	if extra, has := t.Find(at, "additionalProperties"); c.Closed && (!has || t.Raw(extra) != "false") {
		message := `missing "additionalProperties": false, which every object of a strict schema has`
		if has {
			message = `got another additionalProperties than false, which every object of a strict schema has`
		}
		// An object without properties is a map, whose keys are data. Closing it would leave
		// nothing that it can have, so the remedy is another shape.
		if _, named := t.Find(at, "properties"); !named {
			message += "; use a list of objects with a key and a value, or set strict to false"
		}
		c.add(at, message)
	}
	properties, has := t.Find(at, "properties")
	if !has || t.Kind(properties) != jsonvalue.Object {
		properties = none
	} else {
		c.properties += t.Len(properties)
	}
	required, has := t.Find(at, "required")
	if !has || t.Kind(required) != jsonvalue.Array {
		required = none
	}
	// The comparison in order costs no map, and generators write both lists in one order.
	if c.All && !c.inOrder(properties, required) {
		c.required(at, properties, required)
	}
}

// none stands for a value that is not there.
const none jsonvalue.Ref = -1

// inOrder reports whether the names of the properties are the items of required, in
// their order, as most schemas have them.
func (c *strictCheck) inOrder(properties, required jsonvalue.Ref) bool {
	t := c.tree
	if properties == none || required == none {
		return (properties == none || t.Len(properties) == 0) && (required == none || t.Len(required) == 0)
	}
	if t.Len(properties) != t.Len(required) {
		return false
	}
	item := required + 1
	for name, end := properties+1, t.Past(properties); name < end; name = t.Past(name + 1) {
		if t.String(name) != t.String(item) {
			return false
		}
		item = t.Past(item)
	}
	return true
}

// required reports properties that are not required, and required names that are not
// properties.
func (c *strictCheck) required(at, properties, required jsonvalue.Ref) {
	t := c.tree
	names := map[string]bool{} // of required: whether they are properties
	if required != none {
		for item, end := required+1, t.Past(required); item < end; item = t.Past(item) {
			names[t.String(item)] = false
		}
	}
	if properties != none {
		for name, end := properties+1, t.Past(properties); name < end; name = t.Past(name + 1) {
			text := t.String(name)
			if _, listed := names[text]; listed {
				names[text] = true
				continue
			}
			c.add(at, "property "+Quoted(text)+" is not required, want all properties in required of a strict schema; what is optional is null")
		}
	}
	if required == none {
		return
	}
	for item, end := required+1, t.Past(required); item < end; item = t.Past(item) {
		if text := t.String(item); !names[text] {
			c.add(at, "required has "+Quoted(text)+", which is not a property; remove it")
		}
	}
}
