package schema

import (
	"slices"
	"strconv"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// facts is what can be told of a schema without building it.
type facts struct {
	types jsonvalue.Kinds
	tags  []tag
	name  string // of the component, or the title
}

// tag is a property of which a schema allows certain strings only.
type tag struct {
	name     string
	allowed  []string
	others   bool // it may be no string at all
	required bool
}

// allows reports whether an object's value for a property leaves the branch a
// chance.
func (f *facts) allows(name string, object map[string]any) bool {
	i := slices.IndexFunc(f.tags, func(t tag) bool { return t.name == name })
	if i < 0 {
		return true
	}
	value, ok := object[name]
	if !ok {
		return !f.tags[i].required
	}
	text, ok := value.(string)
	if !ok {
		return f.tags[i].others
	}
	return slices.Contains(f.tags[i].allowed, text)
}

const (
	// maxFactsDepth bounds how far facts looks through references and unions.
	maxFactsDepth = maxDepth

	// maxAllowedDepth bounds the same for the values of a property, which are
	// not remembered.
	maxAllowedDepth = 4
)

// facts reads types and tags off a schema. What it cannot tell it leaves open:
// all types, no tag.
func (c *compiler) facts(text string, at Pointer, depth int) facts {
	if depth > maxFactsDepth || text == "" || text[0] != '{' {
		return facts{types: jsonvalue.Any}
	}
	if depth == 0 {
		c.factsMu.Lock()
		defer c.factsMu.Unlock()
	}
	o := c.object(text, at)
	if o.facts == nil {
		o.facts = &facts{types: jsonvalue.Any} // for whoever comes back here on the way
		f := o.readFacts(depth)
		o.facts = &f
	}
	f := *o.facts
	f.tags = slices.Clone(f.tags)
	return f
}

func (o *object) readFacts(depth int) facts {
	f, c := facts{types: jsonvalue.Any}, o.compiler
	var required []string
	for key, value := range jsonscan.Members(o.text) {
		at := o.at.Append(key)
		switch key {
		case "title":
			if f.name == "" {
				f.name = jsonscan.String(value)
			}
		case "type":
			f.types &= jsonvalue.ParseKinds(value)
		case "const":
			f.types &= typesOfValues("[" + value + "]")
		case "enum":
			if value[0] == '[' {
				f.types &= typesOfValues(value)
			}
		case "$ref":
			if target, pointer, err := c.resolve(jsonscan.String(value), o.at); err == nil {
				f.and(c.facts(target, pointer, depth+1))
				if name, ok := componentName(pointer); ok {
					f.name = name
				}
			}
		case "allOf":
			for i, item := range jsonscan.Items(value) {
				f.and(c.facts(item, at.Append(strconv.Itoa(i)), depth+1))
			}
		case "anyOf", "oneOf":
			f.and(c.unionFacts(value, at, depth))
		case "required":
			required = jsonscan.Strings(value)
		case "properties":
			for name, property := range jsonscan.Members(value) {
				if allowed, others := c.allowed(property, at.Append(name), 0); allowed != nil {
					f.and(facts{types: jsonvalue.Any, tags: []tag{{name: name, allowed: allowed, others: others}}})
				}
			}
		}
	}
	for i := range f.tags {
		f.tags[i].required = f.tags[i].required || slices.Contains(required, f.tags[i].name)
	}
	return f
}

// typesOfValues returns the types of a list of values.
func typesOfValues(list string) (types jsonvalue.Kinds) {
	for _, item := range jsonscan.Items(list) {
		if v, ok := constant(item); ok {
			types |= jsonvalue.KindOf(v)
		}
	}
	return types
}

// and adds what another schema says of the same instance.
func (f *facts) and(other facts) {
	f.types &= other.types
next:
	for _, t := range other.tags {
		for i := range f.tags {
			if own := &f.tags[i]; own.name == t.name {
				own.allowed = slices.DeleteFunc(slices.Clone(own.allowed), func(s string) bool { return !slices.Contains(t.allowed, s) })
				own.others = own.others && t.others
				own.required = own.required || t.required
				continue next
			}
		}
		f.tags = append(f.tags, t)
	}
}

// unionFacts is what holds for every branch of a nested union. Tags are those
// that every branch for objects has.
func (c *compiler) unionFacts(list string, at Pointer, depth int) facts {
	var f facts
	for i, item := range jsonscan.Items(list) {
		b := c.facts(item, at.Append(strconv.Itoa(i)), depth+1)
		first := !f.types.Has(jsonvalue.Object)
		f.types |= b.types
		switch {
		case !b.types.Has(jsonvalue.Object):
		case first:
			f.tags = b.tags
		default:
			f.or(b)
		}
	}
	return f
}

// or keeps the tags that another branch has, too.
func (f *facts) or(other facts) {
	var common []tag
	for _, own := range f.tags {
		for _, t := range other.tags {
			if t.name == own.name {
				common = append(common, tag{
					name: own.name, allowed: united(own.allowed, t.allowed),
					others: own.others || t.others, required: own.required && t.required,
				})
			}
		}
	}
	f.tags = common
}

// united returns what is in one list or the other.
func united(a, b []string) []string {
	all := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(a, s) {
			all = append(all, s)
		}
	}
	return all
}

// allowed returns the strings that a property's schema allows, and whether it
// may allow other values; nil when any string will do.
func (c *compiler) allowed(text string, at Pointer, depth int) (values []string, others bool) {
	if depth > maxAllowedDepth || text[0] != '{' {
		return nil, true
	}
	others = true
	for key, value := range jsonscan.Members(c.prepare(text, at)) {
		list, more := []string(nil), true
		switch key {
		case "type":
			others = others && jsonvalue.ParseKinds(value) != jsonvalue.String
			continue
		case "const":
			list, more = stringsOf("[" + value + "]")
		case "enum":
			if value[0] != '[' {
				continue
			}
			list, more = stringsOf(value)
		case "$ref":
			if target, pointer, err := c.resolve(jsonscan.String(value), at); err == nil {
				list, more = c.allowed(target, pointer, depth+1)
			}
		case "anyOf", "oneOf":
			list, more = c.allowedByAny(value, at.Append(key), depth+1)
		}
		others = others && more
		if values == nil {
			values = list
		}
	}
	return values, others
}

// allowedByAny is what at least one of the branches allows.
func (c *compiler) allowedByAny(list string, at Pointer, depth int) (values []string, others bool) {
	for i, item := range jsonscan.Items(list) {
		place := at.Append(strconv.Itoa(i))
		item = c.prepare(item, place)
		if kind, ok := jsonscan.Member(item, "type"); ok && !jsonvalue.ParseKinds(kind).Has(jsonvalue.String) {
			others = true
			continue
		}
		own, more := c.allowed(item, place, depth)
		if own == nil {
			return nil, true
		}
		values, others = united(values, own), others || more
	}
	return values, others
}

// stringsOf returns the strings of a list, and whether it has other values.
func stringsOf(list string) (values []string, others bool) {
	values = []string{}
	for _, item := range jsonscan.Items(list) {
		if item[0] == '"' {
			values = append(values, jsonscan.String(item))
		} else {
			others = true
		}
	}
	return values, others
}
