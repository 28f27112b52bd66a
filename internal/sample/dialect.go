package sample

import (
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// read returns a schema object as the Standard tier reads it: what OpenAPI 3.0
// and older drafts say in the words of JSON Schema 2020-12, and the erratum,
// a JSON Merge Patch of the object, applied. Subschemas wait for their turn.
func read(p place) string {
	text := translate(p.text, p.component)
	if patch, ok := jsonscan.Member(text, "x-opcall-patch"); ok {
		text = translate(mergePatch(text, patch), p.component)
	}
	return text
}

// requiredByTheLetter returns the fields that a schema object requires before
// its erratum. The Standard tier can do without them, the Strict tier cannot.
func requiredByTheLetter(text string) []string {
	if _, ok := jsonscan.Member(text, "x-opcall-patch"); !ok {
		return nil
	}
	required, _ := jsonscan.Member(text, "required")
	return jsonscan.Strings(required)
}

// translate does for one schema object what schema.Document.Repairs lists.
func translate(text, component string) string {
	if !isForeign(text) {
		return text
	}
	o := object(membersOf(text))
	o.exclusive("exclusiveMinimum", "minimum")
	o.exclusive("exclusiveMaximum", "maximum")
	if o.take("$recursiveRef") != "" {
		o.set("$ref", quote("#"+string(schema.Pointer("/components/schemas").Append(component))))
	}
	if items := o.get("items"); strings.HasPrefix(items, "[") {
		o.take("items")
		o.set("prefixItems", items)
		if rest := o.take("additionalItems"); rest != "" {
			o.set("items", rest)
		}
	}
	if o.hoist(); o.take("nullable") == "true" {
		o.orNull()
	}
	return o.text()
}

// isForeign is the quick look that nearly every schema object passes.
func isForeign(text string) bool {
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "nullable", "$recursiveRef":
			return true
		case "exclusiveMinimum", "exclusiveMaximum":
			if value == "true" || value == "false" {
				return true
			}
		case "items":
			if value[0] == '[' {
				return true
			}
		case "allOf":
			if strings.Contains(value, `"nullable"`) {
				return true
			}
		}
	}
	return false
}

// named is a member of a JSON object, its value as text.
type named struct{ name, text string }

// object is a JSON object under change, in the order of its members.
type object []named

func (o object) get(name string) string {
	for _, m := range o {
		if m.name == name {
			return m.text
		}
	}
	return ""
}

func (o *object) take(name string) string {
	text := o.get(name)
	*o = slices.DeleteFunc(*o, func(m named) bool { return m.name == name })
	return text
}

func (o *object) set(name, text string) {
	i := slices.IndexFunc(*o, func(m named) bool { return m.name == name })
	if i < 0 {
		*o = append(*o, named{name, text})
		return
	}
	(*o)[i].text = text
}

func (o object) text() string {
	buf := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = append(append(append(buf, quote(m.name)...), ':'), m.text...)
	}
	return string(append(buf, '}'))
}

// exclusive reads the boolean form of a bound.
func (o *object) exclusive(keyword, inclusive string) {
	value := o.get(keyword)
	if value != "true" && value != "false" {
		return
	}
	o.take(keyword)
	if limit := o.get(inclusive); value == "true" && limit != "" {
		o.take(inclusive)
		o.set(keyword, limit)
	}
}

// hoist takes the members out of allOf that say nothing but nullable, which
// stands for the whole.
func (o *object) hoist() {
	all := o.get("allOf")
	var kept []string
	hoisted := false
	for _, item := range jsonscan.Items(all) {
		if nullable, _ := jsonscan.Member(item, "nullable"); nullable == "true" && saysNothingElse(item) {
			hoisted = true
			continue
		}
		kept = append(kept, item)
	}
	if hoisted {
		o.set("allOf", "["+strings.Join(kept, ",")+"]")
		o.wrap("allOf")
	}
}

func saysNothingElse(text string) bool {
	for key := range jsonscan.Members(text) {
		switch key {
		case "nullable", "description", "title", "default", "example", "deprecated":
		default:
			return false
		}
	}
	return true
}

// orNull lets null in: into the type and the enum, and around what else could
// refuse it.
func (o *object) orNull() {
	if kind := o.get("type"); strings.HasPrefix(kind, `"`) {
		o.set("type", "["+kind+`,"null"]`)
	} else if strings.HasPrefix(kind, "[") {
		o.set("type", withItem(kind, `"null"`))
	}
	if enum := o.get("enum"); strings.HasPrefix(enum, "[") {
		o.set("enum", withItem(enum, "null"))
	}
	o.wrap("$ref", "allOf", "oneOf", "anyOf")
}

// wrap moves keywords into an anyOf beside null.
func (o *object) wrap(keywords ...string) {
	var rest object
	for _, keyword := range keywords {
		if text := o.take(keyword); text != "" {
			rest = append(rest, named{keyword, text})
		}
	}
	if len(rest) > 0 {
		o.set("anyOf", "["+rest.text()+","+nullSchema+"]")
	}
}

const nullSchema = `{"type":"null"}`

// withItem adds an item to an array that lacks it.
func withItem(array, item string) string {
	items := itemsOf(array)
	if slices.Contains(items, item) {
		return array
	}
	return "[" + strings.Join(append(items, item), ",") + "]"
}

// mergePatch applies a JSON Merge Patch (RFC 7396 §2).
func mergePatch(target, patch string) string {
	if patch[0] != '{' {
		return patch
	}
	o := object(membersOf(target))
	for name, value := range jsonscan.Members(patch) {
		if value == "null" {
			o.take(name)
			continue
		}
		o.set(name, mergePatch(o.get(name), value))
	}
	return o.text()
}

func membersOf(object string) []named {
	var list []named
	for name, text := range jsonscan.Members(object) {
		list = append(list, named{name, text})
	}
	return list
}

func itemsOf(array string) []string {
	list := []string{}
	for _, item := range jsonscan.Items(array) {
		list = append(list, item)
	}
	return list
}
