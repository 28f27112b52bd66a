package schema

import (
	"regexp"
	"slices"
	"strconv"
	"sync"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// unknownKeyword marks, in a compiled schema's location, that a field failed
// because nothing declares it.
const unknownKeyword = "unevaluatedProperties"

// fields is what a schema object says of the fields of an instance.
type fields struct {
	names    []string // of properties and, as documents forget them there, of required
	patterns []*regexp.Regexp
	required []string // those of names that are no properties
	open     bool     // there may be others
	free     bool     // it takes objects, and says nothing of their fields
	parts    []applied
	unions   []*union
	tags     []lazyTags // of the unions

	all      sync.Once
	everyone declaration // see everything

	owning sync.Once
	owners map[string]property // see owner
}

// lazyTags are the tags of a union, once they are asked for.
type lazyTags struct {
	once sync.Once
	tags *tags
}

// applied is a schema object that applies to an instance with another one.
type applied struct {
	*object
	conjunct bool    // a member of allOf
	field    string  // it applies where this field is, "" for always
	test     *object // it applies where the instance passes, nil for always
	negated  bool    // or where it fails: else
}

// applies reports whether the schema object has a say about an instance.
func (a applied) applies(instance map[string]any) bool {
	if _, present := instance[a.field]; a.field != "" && !present {
		return false
	}
	if a.test == nil {
		return true
	}
	c := a.test.compiler
	if c.mode == modeClosed {
		c = &c.doc.open // see builder.test
	}
	return suits(c.schema(a.test.raw, a.test.at, false), instance) != a.negated
}

// declared returns what the schema object itself says of fields.
func (o *object) declared() *fields {
	o.once.Do(func() { o.fields = o.readFields() })
	return o.fields
}

func (o *object) readFields() *fields {
	f, c := &fields{}, o.compiler
	add := func(text string, at Pointer, p applied) {
		p.object = c.object(text, at)
		f.parts = append(f.parts, p)
	}
	types, typed, says, restricts, base := jsonvalue.Any, false, false, false, false
	var required []string
	for key, value := range jsonscan.Members(o.text) {
		at := o.at.Append(key)
		switch key {
		case "type":
			types, typed = jsonvalue.ParseKinds(value), true
		case "properties":
			for name := range jsonscan.Members(value) {
				f.names = append(f.names, name)
			}
		case "patternProperties":
			for pattern := range jsonscan.Members(value) {
				if re, err := dialect.Pattern(pattern); err == nil {
					f.patterns = append(f.patterns, re)
				} else {
					f.open = true // nobody can tell which
				}
			}
		case "additionalProperties", "unevaluatedProperties":
			f.open = f.open || value != "false"
			says = true
		case "$ref":
			if text, pointer, err := c.resolve(jsonscan.String(value), o.at); err == nil {
				add(text, pointer, applied{})
			}
			says = true
		case "allOf":
			for i, item := range jsonscan.Items(value) {
				add(item, at.Append(strconv.Itoa(i)), applied{conjunct: true})
			}
		case "if", "then", "else":
			test, _ := jsonscan.Member(o.text, "if")
			if test == "" {
				continue
			}
			add(value, at, applied{test: c.object(test, o.at.Append("if")), negated: key == "else"})
			says = true
		case "dependentSchemas":
			for name, item := range jsonscan.Members(value) {
				add(item, at.Append(name), applied{field: name})
			}
			says = true
		case "anyOf", "oneOf":
			f.unions = append(f.unions, newUnion(c, key, o.text, o.at))
			f.tags = make([]lazyTags, len(f.unions))
			says = true
		case "discriminator":
			base = true
		case "required":
			required = append(required, jsonscan.Strings(value)...)
			restricts = true
		case "dependentRequired":
			for _, list := range jsonscan.Members(value) {
				required = append(required, jsonscan.Strings(list)...)
			}
			restricts = true
		case "not", "minProperties", "maxProperties", "propertyNames":
			restricts = true
		}
	}
	for _, p := range f.parts {
		says = says || p.conjunct && !p.declared().silent()
	}
	// Subtypes refer to a base by allOf, and nothing refers to them (OpenAPI 3.1
	// §4.8.25): which fields there are cannot be told.
	f.open = f.open || base && len(f.unions) == 0
	f.free = !says && f.silent() && types.Has(jsonvalue.Object) && (typed || !restricts)
	var names set[string]
	for _, name := range f.names {
		names.add(name)
	}
	for _, name := range required {
		if names.add(name) {
			f.required = append(f.required, name)
		}
	}
	f.names = names.list
	return f
}

// silent reports whether an object's own keywords name no field and bring in
// no other schema.
func (f *fields) silent() bool {
	return !f.some() && len(f.unions) == 0 &&
		!slices.ContainsFunc(f.parts, func(p applied) bool { return !p.conjunct || !p.declared().silent() })
}

// declaresAny reports whether a schema object names a field, itself or through
// any of its parts and branches. Where none is named, none is unknown.
func (o *object) declaresAny() bool {
	f := o.declared()
	return f.some() || (len(f.parts) > 0 || len(f.unions) > 0) && o.partDeclares(make(map[*object]bool))
}

func (f *fields) some() bool { return len(f.names) > len(f.required) || len(f.patterns) > 0 || f.open }

func (o *object) partDeclares(seen map[*object]bool) bool {
	if seen[o] {
		return false
	}
	seen[o] = true
	f := o.declared()
	for _, p := range f.parts {
		if p.declared().some() || p.partDeclares(seen) {
			return true
		}
	}
	for _, u := range f.unions {
		for _, b := range u.all() {
			if o := u.objectOf(b); o.declared().some() || o.partDeclares(seen) {
				return true
			}
		}
	}
	return false
}

// everything returns the fields that a schema object declares with all its parts
// and branches, whatever the instance.
func (o *object) everything() *declaration {
	f := o.declared()
	f.all.Do(func() { f.everyone.add(o, nil, (*union).all) })
	return &f.everyone
}

// declaration is the set of fields that a schema object declares with its parts
// and branches.
type declaration struct {
	names    set[string]
	patterns []*regexp.Regexp
	open     bool // any other field is allowed too
	varies   bool // with the instance: some of it is of unions and conditions
	seen     set[*object]
}

// knows reports whether a field is declared by name.
func (d *declaration) knows(name string) bool {
	return d.names.has(name) ||
		slices.ContainsFunc(d.patterns, func(re *regexp.Regexp) bool { return re.MatchString(name) })
}

// add collects the fields of a schema object. Which branches of its unions
// count, the caller decides; a nil object has every field that a part may
// depend on.
func (d *declaration) add(o *object, instance map[string]any, taken func(*union) []*branch) {
	if !d.seen.add(o) {
		return
	}
	f := o.declared()
	d.addOwn(f)
	d.open = d.open || f.open
	d.varies = d.varies || len(f.unions) > 0
	for _, p := range f.parts {
		d.varies = d.varies || p.field != "" || p.test != nil
		if instance != nil && !p.applies(instance) {
			continue
		}
		d.open = d.open || !p.conjunct && p.declared().free
		d.add(p.object, instance, taken)
	}
	for _, u := range f.unions {
		for _, b := range taken(u) {
			o := u.objectOf(b)
			d.open = d.open || o.declared().free
			d.add(o, instance, taken)
		}
	}
}

// addOwn adds the fields that a schema object itself names.
func (d *declaration) addOwn(f *fields) {
	for _, name := range f.names {
		d.names.add(name)
	}
	d.patterns = append(d.patterns, f.patterns...)
}

// covers reports whether a branch declares every field of the object.
func (c *compiler) covers(b *branch, object map[string]any) bool {
	b.covering.Do(func() {
		o := c.object(b.text, b.at)
		b.declares.open = o.declared().free
		b.declares.add(o, nil, (*union).all)
	})
	if b.declares.open {
		return true
	}
	for name := range object {
		if !b.declares.knows(name) {
			return false
		}
	}
	return true
}
