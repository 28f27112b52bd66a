package openai

import (
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// arranged is the schema of a type on its way to what a request has: the type's
// own schema at the root instead of a reference, definitions that are used once in
// their place, and for a strict one what the API demands of it.
type arranged struct {
	strict      bool
	definitions map[string]string
	uses        map[string]int
	root        string // the name of the definition at the root
}

const defs = "#/$defs/"

// arrange writes a schema of the package jsonschema as a request has it. Fields
// that may be null are given by the name of their definition.
func arrange(text string, optional map[string]map[string]bool, strict bool) string {
	a := arranged{strict: strict, definitions: map[string]string{}, uses: map[string]int{}}
	root := jsonscan.ReadObject(text)
	root.Take("$schema")
	listed, _ := root.Take("$defs")
	for name, definition := range jsonscan.Members(listed) {
		if strict {
			definition = a.close(definition, optional[name])
		} else {
			definition = a.loosen(definition, optional[name])
		}
		a.definitions[name] = definition
		a.count(definition)
	}
	a.count(root.String())
	ref, _ := root.Get("$ref")
	if name, ok := strings.CutPrefix(jsonscan.String(ref), defs); ok {
		a.root = name
		root = jsonscan.ReadObject(a.definitions[name])
	} else if strict {
		root = jsonscan.ReadObject(a.close(root.String(), nil))
	}
	out := jsonscan.ReadObject(a.place(root.String()))
	var kept jsonscan.Object
	for name := range jsonscan.Members(listed) {
		if name != a.root && a.uses[name] > 1 {
			kept.Set(name, a.place(a.definitions[name]))
		}
	}
	if len(kept) > 0 {
		out.Set("$defs", kept.String())
	}
	return out.String()
}

// close does what the strict subset demands of a schema object and all in it: no
// other properties, all required, null for those that may be left out.
func (a *arranged) close(text string, optional map[string]bool) string {
	schema := jsonscan.ReadObject(text)
	if len(schema) == 0 {
		return text
	}
	schema.Take("default") // all is required, so that nothing falls back on it
	if encoding, ok := schema.Take("contentEncoding"); ok && !schema.Has("description") {
		schema.Set("description", encoding)
	}
	if branches, ok := schema.Get("oneOf"); ok && !schema.Has("anyOf") {
		for i := range schema {
			if schema[i].Name == "oneOf" {
				schema[i].Name, schema[i].Text = "anyOf", branches
			}
		}
	}
	for i, keyword := range schema {
		switch keyword.Name {
		case "properties":
			required, _ := schema.Get("required")
			schema[i].Text = a.closeProperties(keyword.Text, jsonscan.Strings(required), optional)
		case "anyOf", "allOf":
			var branches []string
			for _, branch := range jsonscan.Items(keyword.Text) {
				branches = append(branches, a.close(branch, nil))
			}
			schema[i].Text = "[" + strings.Join(branches, ",") + "]"
		case "items":
			schema[i].Text = a.close(keyword.Text, nil)
		}
	}
	if kind, _ := schema.Get("type"); kind == `"object"` {
		closeObject(&schema)
	}
	return schema.String()
}

// closeObject requires all properties and allows no others.
func closeObject(schema *jsonscan.Object) {
	properties, ok := schema.Get("properties")
	if !ok {
		if schema.Has("additionalProperties") && !schema.Has("patternProperties") {
			return // a map, which the check of strict schemas reports
		}
		properties = "{}"
	}
	var names []string
	for name := range jsonscan.Members(properties) {
		names = append(names, quote(name))
	}
	schema.Set("properties", properties)
	schema.Set("required", "["+strings.Join(names, ",")+"]")
	schema.Set("additionalProperties", "false")
}

func (a *arranged) closeProperties(text string, required []string, optional map[string]bool) string {
	properties := jsonscan.ReadObject(text)
	for i, p := range properties {
		closed := a.close(p.Text, nil)
		if optional[p.Name] || !slices.Contains(required, p.Name) {
			closed = orNull(closed)
		}
		properties[i].Text = closed
	}
	return properties.String()
}

// loosen lets the fields that may be left out be null, too, as encoding/json does.
func (a *arranged) loosen(text string, optional map[string]bool) string {
	schema := jsonscan.ReadObject(text)
	listed, ok := schema.Get("properties")
	if !ok {
		return text
	}
	properties := jsonscan.ReadObject(listed)
	for i, p := range properties {
		if optional[p.Name] {
			properties[i].Text = orNull(p.Text)
		}
	}
	schema.Set("properties", properties.String())
	return schema.String()
}

const null = `{"type":"null"}`

// orNull lets a schema take null as well. What describes it stays in front.
func orNull(text string) string {
	schema := jsonscan.ReadObject(text)
	var out jsonscan.Object
	for _, name := range [...]string{"title", "description"} {
		if value, ok := schema.Take(name); ok {
			out.Set(name, value)
		}
	}
	branches := []string{schema.String()}
	if anyOf, ok := schema.Get("anyOf"); ok && len(schema) == 1 {
		branches = jsonscan.List(anyOf)
	}
	if !slices.Contains(branches, null) {
		branches = append(branches, null)
	}
	out.Set("anyOf", "["+strings.Join(branches, ",")+"]")
	return out.String()
}

// count counts the references in a definition.
func (a *arranged) count(text string) {
	for keyword, value := range jsonscan.Members(text) {
		if keyword == "$ref" && value[0] == '"' {
			a.uses[strings.TrimPrefix(jsonscan.String(value), defs)]++
			continue
		}
		a.count(value)
		for _, item := range jsonscan.Items(value) {
			a.count(item)
		}
	}
}

// place puts definitions that are used once where they are used, and lets a
// reference to the root lead there.
func (a *arranged) place(text string) string {
	schema := jsonscan.ReadObject(text)
	if len(schema) == 0 { // true, false or {}
		return text
	}
	for i, keyword := range schema {
		switch keyword.Name {
		case "$ref":
			return a.placeReference(schema, jsonscan.String(keyword.Text))
		case "properties", "patternProperties":
			inner := jsonscan.ReadObject(keyword.Text)
			for j := range inner {
				inner[j].Text = a.place(inner[j].Text)
			}
			schema[i].Text = inner.String()
		case "items", "additionalProperties":
			if len(keyword.Text) > 0 && keyword.Text[0] == '{' {
				schema[i].Text = a.place(keyword.Text)
			}
		case "anyOf", "oneOf", "allOf", "prefixItems":
			var branches []string
			for _, branch := range jsonscan.Items(keyword.Text) {
				branches = append(branches, a.place(branch))
			}
			schema[i].Text = "[" + strings.Join(branches, ",") + "]"
		}
	}
	return schema.String()
}

// placeReference writes a schema object that is a reference. The strict subset has
// nothing beside one, so that its description stands around it.
func (a *arranged) placeReference(schema jsonscan.Object, to string) string {
	name, ok := strings.CutPrefix(to, defs)
	definition, known := a.definitions[name]
	schema.Take("$ref")
	switch {
	case !ok || !known:
		schema.Set("$ref", quote(to))
		return schema.String()
	case name != a.root && a.uses[name] == 1:
		out := jsonscan.ReadObject(a.place(definition))
		for _, beside := range schema {
			out.Set(beside.Name, beside.Text)
		}
		return out.String()
	case name == a.root:
		to = "#"
	}
	ref := `{"$ref":` + quote(to) + `}`
	if len(schema) == 0 {
		return ref
	}
	if a.strict {
		schema.Set("anyOf", "["+ref+"]")
	} else {
		schema.Set("$ref", quote(to))
	}
	return schema.String()
}
