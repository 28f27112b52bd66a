package validator

import (
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// Facts are read from the text of a schema object, in a fraction of the time that it
// takes to compile it. They say whether an instance can match at all. Each
// fact is a necessary condition, so that a schema which the facts exclude would have
// failed. Where a keyword is not understood here, nothing is excluded.

// Facts is what is known of a schema without compiling it: enough to exclude it, for
// most instances that it does not match.
// They are kept with the schema object and copied for each branch, which narrows them.
type Facts struct {
	Kinds jsonvalue.Kinds // that it may accept
	Tags  []Tag
	Name  string // of the component, or the title
}

// Tag is a property of which a schema accepts certain strings only, by const, enum or a
// union of these.
type Tag struct {
	Name     string
	Values   []string
	others   bool // it may be something else than a string
	required bool
	hash     uint16 // of Name
}

// Requires reports whether an object must have the property, and one of its values.
func (f *Facts) Requires(name string) bool {
	return slices.ContainsFunc(f.Tags, func(t Tag) bool { return t.Name == name && t.required && !t.others })
}

// allows reports whether the schema may match an object, as far as its value for one
// property decides that.
func (f *Facts) allows(name string, t *jsonvalue.Tree, object jsonvalue.Ref) bool {
	value, present := t.Find(object, name)
	return f.allowsRef(name, t, value, present)
}

// allowsRef is allows where the caller has found the property.
func (f *Facts) allowsRef(name string, t *jsonvalue.Tree, value jsonvalue.Ref, present bool) bool {
	// A schema has one or two tags, so that to look through them takes less than a map.
	for i := range f.Tags {
		tag := &f.Tags[i]
		if tag.Name != name {
			continue
		}
		switch {
		case !present:
			return !tag.required
			// Which numbers or booleans it accepts is not kept: they never tell branches
			// apart in practice.
		case t.Kind(value) != jsonvalue.String:
			return tag.others
		}
		return slices.Contains(tag.Values, t.String(value))
	}
	return true
}

const (
	// maxFactsDepth bounds how far Facts looks through references and unions.
	maxFactsDepth = 1000

	// maxAllowedDepth bounds the same for the values of a property, which are
	// not remembered.
	maxAllowedDepth = 4
)

// Facts reads kinds and tags off a schema. What it cannot decide it leaves open: all
// kinds, no tag.
func (g *Graph) Facts(p Place) Facts { return g.facts(p, 0) }

// anything is what is known of a schema without keywords.
var anything = Facts{Kinds: jsonvalue.Any}

// facts is Facts inside of another schema, whose caller holds factsMu. The facts of
// each object are kept. While they are being read they are those of a schema without
// keywords, which a schema that refers to itself finds.
func (g *Graph) facts(p Place, depth int) Facts {
	// true and false are schemas too (§4.3.2). They are left to the walk.
	if depth > maxFactsDepth || p.Text == "" || p.Text[0] != '{' {
		return Facts{Kinds: jsonvalue.Any}
	}
	if depth == 0 {
		g.factsMu.Lock()
		defer g.factsMu.Unlock()
	}
	// Most branches are a reference and nothing else. They take no object of their own:
	// the facts are kept with the target.
	if target, ok := g.component(p.Text); ok {
		f := g.objectFacts(target, depth+1)
		f.Name, _ = componentOf(target.At)
		return f
	}
	return g.objectFacts(p, depth)
}

// objectFacts is facts of one schema object, which are kept with it.
func (g *Graph) objectFacts(p Place, depth int) Facts {
	if p.Text[0] != '{' {
		return Facts{Kinds: jsonvalue.Any}
	}
	var buf [16]jsonscan.Field
	list := jsonscan.Object(buf[:0])
	o := g.known(p)
	if o == nil {
		if list = jsonscan.AppendFields(list, p.Text); g.isRead(list) {
			o = g.objectRead(p, p.Text)
		} else {
			o, list = g.object(p), list[:0]
		}
	}
	if o.facts == nil {
		// A schema that leads back here finds no facts, and excludes nothing.
		o.facts = &anything
		if len(list) == 0 {
			list = jsonscan.AppendFields(list, o.text)
		}
		f := o.readFacts(list, depth)
		o.facts = &f
	}
	// The tags are shared, and never changed in place: see and.
	return *o.facts
}

// readFacts combines the keywords of one schema object. They all apply to the same
// instance, so kinds and tags are intersected; only within a union are they united. The
// name of a reference takes precedence over the title.
func (o *object) readFacts(members jsonscan.Object, depth int) Facts {
	f, g := Facts{Kinds: jsonvalue.Any}, o.graph
	var required string
	for _, m := range members {
		key, value := m.Name, m.Text
		switch key {
		case "title":
			if f.Name == "" {
				f.Name = jsonscan.String(value)
			}
		case "type":
			f.Kinds &= jsonvalue.ParseKinds(value)
			// What is equal to a value has its kind, with one exception that does not
			// matter here: 1.0 and 1 are both integers.
		case "const":
			f.Kinds &= KindsOfValues(value)
		case "enum":
			if value[0] == '[' {
				f.Kinds &= kindsOfList(value)
			}
		case "$ref":
			if target, err := g.Resolve(jsonscan.String(value), o.at); err == nil {
				// The keywords beside $ref apply too (§8.2.3.1), so that they are
				// intersected and not replaced.
				f.and(g.facts(target, depth+1))
				if name, _ := componentOf(target.At); name != "" {
					f.Name = name
				}
			}
		case "allOf":
			for i, item := range jsonscan.Items(value) {
				f.and(g.facts(o.below(item, key, strconv.Itoa(i)), depth+1))
			}
		case "anyOf", "oneOf":
			f.and(g.unionFacts(value, o.below("", key).At, depth))
		case "required":
			required = value
		case "properties":
			own := Facts{Kinds: jsonvalue.Any} // a name stands there once
			for name, property := range jsonscan.Members(value) {
				// Only const, enum and what leads to them make a property a tag.
				if !mayRestrict(property) {
					continue
				}
				if values, others := g.allowed(o.below(property, key, name), 0); values != nil {
					own.Tags = append(own.Tags, Tag{Name: name, Values: values, others: others, hash: jsonvalue.HashName(name)})
				}
			}
			if len(f.Tags) == 0 {
				f.Tags = own.Tags // which nobody else has
			} else {
				f.and(own)
			}
		}
	}
	// A name may be required in one part and declared in another. Most objects have no tag,
	// and then their list is not read.
	if required == "" || len(f.Tags) == 0 {
		return f
	}
	var names set[string]
	names.addAll(jsonscan.Strings(required))
	for i := range f.Tags {
		f.Tags[i].required = f.Tags[i].required || names.has(f.Tags[i].Name)
	}
	return f
}

// mayRestrict reports whether a property's schema may accept certain strings only. It
// is the quick look that most properties do not pass: to read them all would cost as
// much as to compile the schema.
func mayRestrict(text string) bool {
	for key := range jsonscan.Members(text) {
		switch key {
		case "const", "enum", "$ref", "anyOf", "oneOf", "$recursiveRef", dialect.PatchKeyword:
			return true
		}
	}
	return false
}

// KindsOfValues returns the kinds of values, each as JSON text.
func KindsOfValues(texts ...string) (kinds jsonvalue.Kinds) {
	for _, text := range texts {
		kinds |= kindsOfValue(text)
	}
	return kinds
}

// kindsOfList is KindsOfValues for the items of a list.
func kindsOfList(list string) (kinds jsonvalue.Kinds) {
	for _, item := range jsonscan.Items(list) {
		kinds |= kindsOfValue(item)
	}
	return kinds
}

// kindsOfValue returns the kind of one value. One that no instance can equal has none.
func kindsOfValue(text string) jsonvalue.Kinds {
	if isPlainString(text) {
		return jsonvalue.String
	}
	tree, err := jsonvalue.Parse(text)
	if err != nil {
		return 0
	}
	defer tree.Release()
	return tree.Kind(0)
}

// and adds what another schema says about the same instance: both must accept it. The
// list of its tags is one that the caller has made; those of the other are copied.
// Tags of both stay, since every part of an allOf applies. Kinds may become empty: then no
// instance matches, and the branch is excluded for all of them.
func (f *Facts) and(other Facts) {
	f.Kinds &= other.Kinds
	if len(f.Tags) == 0 || len(other.Tags) == 0 {
		f.Tags = append(f.Tags, other.Tags...)
		return
	}
	var names set[string] // of f.Tags
	for i := range f.Tags {
		names.add(f.Tags[i].Name)
	}
	// Two parts that restrict one property leave what both accept. If that is nothing,
	// no value matches, which is what the walk would find too.
	for _, t := range other.Tags {
		i := names.position(t.Name)
		if i < 0 {
			f.Tags = append(f.Tags, t)
			continue
		}
		var both set[string]
		both.addAll(t.Values)
		own := &f.Tags[i]
		own.Values = slices.DeleteFunc(slices.Clone(own.Values), func(s string) bool { return !both.has(s) })
		own.others = own.others && t.others
		own.required = own.required || t.required
	}
}

// unionFacts is what holds for every branch of a nested union. A property is a tag if
// every branch for objects restricts it; branches for other types say nothing about
// tags.
func (g *Graph) unionFacts(list, at string, depth int) Facts {
	var f Facts
	var values []set[string] // of each tag, where a second branch has it too
	for i, item := range jsonscan.Items(list) {
		b := g.facts(Place{item, pointerBelow(at, strconv.Itoa(i))}, depth+1)
		first := !f.Kinds.Has(jsonvalue.Object)
		f.Kinds |= b.Kinds
		switch {
		// A null beside objects does not make the tag of the objects optional.
		case !b.Kinds.Has(jsonvalue.Object):
		case first:
			f.Tags = b.Tags
		default:
			if values == nil {
				f.Tags, values = slices.Clone(f.Tags), make([]set[string], len(f.Tags))
				for i := range f.Tags {
					values[i].addAll(f.Tags[i].Values)
				}
			}
			values = f.or(b, values)
		}
	}
	for i := range values {
		f.Tags[i].Values = values[i].list
	}
	return f
}

// or keeps the tags that another branch has too, and adds its values to those of each.
func (f *Facts) or(other Facts, values []set[string]) []set[string] {
	var names set[string]
	for i := range other.Tags {
		names.add(other.Tags[i].Name)
	}
	n := 0
	for i, own := range f.Tags {
		// What one branch leaves open is open for the union.
		j := names.position(own.Name)
		if j < 0 {
			continue
		}
		t := &other.Tags[j]
		own.others, own.required = own.others || t.others, own.required && t.required
		f.Tags[n], values[n] = own, values[i]
		values[n].addAll(t.Values)
		n++
	}
	f.Tags = f.Tags[:n]
	return values[:n]
}

// allowed returns the strings that a property's schema accepts, and whether it may
// accept values that are not strings; nil when it accepts any string. Of several
// keywords that restrict it the first is taken, which is a superset of what they accept
// together.
// Nil and an empty list differ: nil restricts nothing, and a list without strings accepts
// none.
func (g *Graph) allowed(p Place, depth int) (values []string, others bool) {
	if depth > maxAllowedDepth || p.Text[0] != '{' {
		return nil, true
	}
	// Until a keyword says otherwise, anything that is not a string may be accepted.
	others = true
	for key, value := range jsonscan.Members(g.Read(p)) {
		list, more := []string(nil), true
		switch key {
		// A type of string alone rules out the rest, and restricts no string.
		case "type":
			others = others && jsonvalue.ParseKinds(value) != jsonvalue.String
			continue
		case "const":
			list, more = stringsOf(value)
		case "enum":
			if value[0] != '[' {
				continue
			}
			list, more = stringsOf(jsonscan.List(value)...)
		case "$ref":
			if target, err := g.Resolve(jsonscan.String(value), p.At); err == nil {
				list, more = g.allowed(target, depth+1)
			}
		case "anyOf", "oneOf":
			list, more = g.allowedByAny(value, pointerBelow(p.At, key), depth+1)
		}
		others = others && more
		if values == nil {
			values = list
		}
	}
	return values, others
}

// allowedByAny is what at least one of the branches accepts. One branch that accepts
// any string is enough for nil.
func (g *Graph) allowedByAny(list, at string, depth int) (values []string, others bool) {
	var all set[string]
	for i, item := range jsonscan.Items(list) {
		p := Place{item, pointerBelow(at, strconv.Itoa(i))}
		p.Text = g.Read(p)
		if kind, ok := jsonscan.Member(p.Text, "type"); ok && !jsonvalue.ParseKinds(kind).Has(jsonvalue.String) {
			others = true
			continue
		}
		own, more := g.allowed(p, depth)
		// Without a list of its own the branch accepts any string.
		if own == nil {
			return nil, true
		}
		all.addAll(own)
		others = others || more
	}
	return all.list, others
}

// stringsOf returns the strings among values, and whether there are others.
func stringsOf(texts ...string) (values []string, others bool) {
	values = []string{}
	for _, text := range texts {
		if text[0] == '"' {
			values = append(values, jsonscan.String(text))
		} else {
			others = true
		}
	}
	return values, others
}

// ChooseTag returns the property that tells schemas apart; "" when there is none. It
// must be restricted by two of them at least, to values that differ. The declared
// discriminator takes precedence; without one it is the property with the most
// different lists of values, and the first such property in the document, as a hundred
// values of "type" say more than two of "role".
// A property that differs between all branches selects one of them at once. One that
// differs between two halves leaves the rest to narrow, which takes longer.
func ChooseTag(schemas []*Facts, declared string) string {
	values := make(map[string]map[string]bool)
	restricted := make(map[string]int)
	// By the order of the document, so that the choice is the same each time: the order of
	// a map is not.
	var order []string
	for _, f := range schemas {
		for _, t := range f.Tags {
			if values[t.Name] == nil {
				values[t.Name] = make(map[string]bool)
				order = append(order, t.Name)
			}
			restricted[t.Name]++
			values[t.Name][joined(t.Values)] = true
		}
	}
	best := ""
	for _, name := range order {
		// A property that one branch restricts tells it from the others only if they
		// restrict it too; one that all restrict to the same values tells nothing.
		if restricted[name] < 2 || len(values[name]) < 2 {
			continue
		}
		if name == declared {
			return name
		}
		if best == "" || len(values[name]) > len(values[best]) {
			best = name
		}
	}
	return best
}

// joined makes a key of a list of values.
func joined(values []string) string {
	return strings.Join(values, "\x00")
}
