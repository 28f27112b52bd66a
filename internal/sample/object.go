package sample

import (
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
)

// objectScope is what one schema object says of fields. additionalProperties
// is about the fields that this very object does not declare (JSON Schema
// 2020-12 §10.3.2.3).
type objectScope struct {
	properties  []jsonscan.Field
	patterns    []jsonscan.Field
	additional  string // "" when not given
	unevaluated string // "" when not given
	required    []string
	component   string
}

// isForgotten reports whether a field is required here and declared nowhere. The
// Standard tier takes it as declared, unless the document says what any other
// field is.
func (o *objectScope) isForgotten(name string) bool {
	described := len(o.additional) > 0 && o.additional[0] == '{' || len(o.unevaluated) > 0 && o.unevaluated[0] == '{'
	return !described && slices.Contains(o.required, name)
}

// dependency is what the presence of a field brings with it.
type dependency struct {
	name     string
	required []string
	schema   place
}

func (o *objectScope) declares() bool {
	return o.properties != nil || o.patterns != nil || o.additional != "" || o.unevaluated != "" || o.required != nil
}

func (c *conjunction) addObject(o *objectScope, key, value string) {
	switch key {
	case "properties":
		o.properties = jsonscan.ReadObject(value)
	case "patternProperties":
		o.patterns = jsonscan.ReadObject(value)
	case "additionalProperties":
		o.additional = value
	case "unevaluatedProperties":
		o.unevaluated = value
	case "required":
		o.required = append(o.required, jsonscan.Strings(value)...)
		c.require(jsonscan.Strings(value)...)
	case "minProperties":
		c.minProperties = max(c.minProperties, count(value))
	case "maxProperties":
		c.maxProperties = lower(c.maxProperties, count(value))
	case "propertyNames":
		c.propertyNames = append(c.propertyNames, place{value, o.component})
	case "dependentRequired":
		for name, list := range jsonscan.Members(value) {
			o.required = append(o.required, jsonscan.Strings(list)...)
			c.dependencies = append(c.dependencies, dependency{name: name, required: jsonscan.Strings(list)})
		}
	case "dependentSchemas":
		for name, text := range jsonscan.Members(value) {
			c.dependencies = append(c.dependencies, dependency{name: name, schema: place{text, o.component}})
		}
	}
}

func (c *conjunction) require(names ...string) {
	for _, name := range names {
		if !slices.Contains(c.required, name) {
			c.required = append(c.required, name)
		}
	}
}

// object makes an object: the fields that must be there and, in full, those
// that may, in the order in which they are declared.
func (g *generator) object(l location, c *conjunction) (string, bool) {
	if d, more := c.depend(g, l.full); more {
		return g.resolve(l, d)
	}
	b := objectBuilder{generator: g, l: l, c: c}
	var wanted []string
	if g.typical {
		wanted = g.wanted(l, c)
	}
	var hidden []string
	if g.typical {
		hidden = g.writeOnly(c)
	}
	for _, name := range c.declared() {
		if slices.Contains(hidden, name) {
			continue
		}
		if slices.Contains(c.required, name) || c.isTag(name) {
			if !b.field(name) {
				return "", false
			}
		} else if (l.full || slices.Contains(wanted, name)) && b.room() {
			b.optional(name)
		}
	}
	for _, name := range c.required {
		if !slices.Contains(hidden, name) && !b.fields.Has(name) && !b.field(name) {
			return "", false
		}
	}
	if l.full && b.room() && c.isMap() {
		b.entry()
	}
	for _, name := range c.declared() {
		if len(b.fields) < c.minProperties && !b.fields.Has(name) {
			b.optional(name)
		}
	}
	for len(b.fields) < c.minProperties {
		if !b.entry() {
			return g.fail(l, "no more than %d of at least %d fields can be had", len(b.fields), c.minProperties)
		}
	}
	if g.typical {
		b.presentOne()
	}
	if c.maxProperties >= 0 && len(b.fields) > c.maxProperties {
		return g.fail(l, "%d fields are required, and %d allowed", len(b.fields), c.maxProperties)
	}
	return b.fields.String(), true
}

// depend works in what required fields, or in full all fields, bring with
// them. It reports whether there was anything.
func (c *conjunction) depend(g *generator, full bool) (*conjunction, bool) {
	declared := c.declared()
	for i, d := range c.dependencies {
		if !slices.Contains(c.required, d.name) && !(full && slices.Contains(declared, d.name)) {
			continue
		}
		more := c.clone()
		more.dependencies = slices.Delete(slices.Clone(c.dependencies), i, i+1)
		more.require(d.required...)
		more.add(g.doc, d.schema)
		return more, true
	}
	return c, false
}

// declared returns the names of the fields that the schemas declare.
func (c *conjunction) declared() []string {
	var names []string
	for _, o := range c.objects {
		for _, p := range o.properties {
			if !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	return names
}

// isTag reports whether a field tells the branches of a union apart.
func (c *conjunction) isTag(name string) bool {
	return slices.ContainsFunc(c.tags, func(t jsonscan.Field) bool { return t.Name == name })
}

// isMap reports whether fields of any name are described: additionalProperties
// or patternProperties is a schema that says something.
func (c *conjunction) isMap() bool {
	return slices.ContainsFunc(c.objects, func(o objectScope) bool {
		return len(o.patterns) > 0 || len(o.additional) > len("{}") && o.additional[0] == '{'
	})
}

// field returns the schemas that a field has to satisfy.
func (c *conjunction) field(name string) []place {
	var places, rest []place
	evaluated := false
	for _, o := range c.objects {
		own := false
		for _, p := range o.named(name) {
			places, own = append(places, place{p.Text, o.component}), true
		}
		own = own || o.isForgotten(name)
		// A part of an allOf that is closed knows the fields of the whole, in the Standard tier.
		if !own && o.additional == "false" {
			own = slices.ContainsFunc(c.objects, func(o objectScope) bool { return len(o.named(name)) > 0 || o.isForgotten(name) })
		}
		if !own && o.additional != "" {
			places, own = append(places, place{o.additional, o.component}), true
		}
		evaluated = evaluated || own
		if o.unevaluated != "" {
			rest = append(rest, place{o.unevaluated, o.component})
		}
	}
	if !evaluated {
		places = rest
	}
	return places
}

// named returns the properties and pattern properties of a name.
func (o *objectScope) named(name string) []jsonscan.Field {
	var list []jsonscan.Field
	for _, p := range o.properties {
		if p.Name == name {
			list = append(list, p)
		}
	}
	for _, p := range o.patterns {
		if matches(p.Name, name) {
			list = append(list, p)
		}
	}
	return list
}

func matches(pattern, name string) bool {
	re, err := dialect.Pattern(pattern)
	return err == nil && re.MatchString(name)
}

// objectBuilder collects the fields of one object.
type objectBuilder struct {
	*generator
	l      location
	c      *conjunction
	fields jsonscan.Object
}

// room reports whether one more optional field leaves place for the required.
func (b *objectBuilder) room() bool {
	if b.c.maxProperties < 0 {
		return true
	}
	n := len(b.fields) + 1
	for _, name := range b.c.required {
		if !b.fields.Has(name) {
			n++
		}
	}
	return n <= b.c.maxProperties
}

// field makes a field that must be there.
func (b *objectBuilder) field(name string) bool {
	text, ok := b.make(name, false)
	if ok {
		b.fields = append(b.fields, jsonscan.Field{Name: name, Text: text})
	}
	return ok
}

// presentOne makes the first field of an object that has nothing but nulls anew.
func (b *objectBuilder) presentOne() {
	if slices.ContainsFunc(b.fields, func(f jsonscan.Field) bool { return f.Text != "null" }) {
		return
	}
	for i, f := range b.fields {
		if isError(f.Name) {
			continue
		}
		if text, ok := b.make(f.Name, true); ok {
			b.fields[i].Text = text
		}
		return
	}
}

func (b *objectBuilder) make(name string, present bool) (string, bool) {
	l := b.l.child(name)
	l.name, l.present = name, present
	if hint := hintOf(b.l, b.c); b.typical && !present {
		l.hint, _ = jsonscan.Member(hint, name)
		if name == "index" && l.hint == "" {
			l.hint = strconv.Itoa(b.l.index)
		}
	}
	for _, t := range b.c.tags {
		if t.Name == name {
			l.tag = t.Text
		}
	}
	return b.value(l, b.c.field(name)...)
}

// optional makes a field that may be left out.
func (b *objectBuilder) optional(name string) bool {
	return b.generator.optional(b.l.child(name), func() bool { return b.field(name) })
}

// entry makes a field of a name that is not declared.
func (b *objectBuilder) entry() bool {
	for i := range maxScalars + len(b.fields) {
		if name, ok := b.name(i); ok && !b.fields.Has(name) && !slices.Contains(b.c.declared(), name) {
			return b.optional(name)
		}
	}
	return false
}

// name makes the i-th name: by propertyNames, else by a pattern of
// patternProperties where nothing else is described, else a plain word.
func (b *objectBuilder) name(i int) (string, bool) {
	if len(b.c.propertyNames) > 0 {
		l := b.l.child("")
		l.vary = i
		text, ok := b.value(l, append(slices.Clip(b.c.propertyNames), place{text: `{"type":"string"}`})...)
		return jsonscan.String(text), ok
	}
	for _, o := range b.c.objects {
		if o.additional != "" && o.additional != "false" {
			break
		}
		for _, p := range o.patterns {
			return fromPattern(p.Name, i, 1)
		}
	}
	return strings.Replace(plain(i, 0, -1), "text", "key", 1), true
}
