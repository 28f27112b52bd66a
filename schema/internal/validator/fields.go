package validator

import (
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/near"
)

// Whether a field is known is not for one schema object to say. A request body is an
// allOf of a base and an extension, one of them behind a reference, with a union
// inside; each part declares some of the fields. So a schema object first says what it
// declares itself, and which other objects apply to the same instance, under which
// condition. A declaration then collects the fields over all of them, or over those
// that apply to an instance.
//
// An object that declares nothing is not one that accepts no field. {"type":"object"}
// is how documents write a map of anything, and so are objects with an open part. Where
// in doubt, fields are accepted: a valid request that is refused does more harm than a
// misspelt name that the server reports.

// fields is what a schema object says about the fields of an instance, its parts not
// included.
// Most of it is asked for by the explanation only. What closing needs (open, free, names) is
// read with the text of the object; the rest waits behind a sync.Once each, as it reads other
// schema objects, and those of a large union are many.
type fields struct {
	names    []string // of properties and, as documents forget them there, of required
	patterns []*pattern
	required []string // those of names that are not properties
	open     bool     // there may be other fields
	free     bool     // it accepts objects and says nothing about their fields
	parts    []applied
	unions   []*union
	hints    *hints // nil when there are none

	asked atomic.Pointer[askedFields] // see later
}

// askedFields is what an explanation asks about fields. No valid instance needs it, and
// nearly all of the thousands of schema objects of a document go without.
type askedFields struct {
	all      sync.Once
	everyone *declaration // see everything

	besiding sync.Once
	besides  *declaration // see beside

	refusing sync.Once
	refuses  bool // see refusesUnknown

	owning sync.Once
	owners map[string]property // see propertyOwning
}

// later returns the part of fields that waits for a first question.
func (f *fields) later() *askedFields {
	if a := f.asked.Load(); a != nil {
		return a
	}
	f.asked.CompareAndSwap(nil, new(askedFields)) // another goroutine may have been first
	return f.asked.Load()
}

// applied is a schema object that applies to an instance together with another.
type applied struct {
	*object
	conjunct bool    // a member of allOf
	field    string  // it applies where this field is present, "" for always
	test     *object // it applies where the instance matches this schema, nil for always
	negated  bool    // or where it does not: else
}

// declared returns what the schema object itself says about fields. It is read once.
func (o *object) declared() *fields {
	o.once.Do(func() {
		var buf [16]jsonscan.Field
		o.fields = o.readFields(jsonscan.AppendFields(buf[:0], o.text))
	})
	return o.fields
}

// declaredBy is declared for a caller that has the members of the object.
func (o *object) declaredBy(members jsonscan.Object) *fields {
	o.once.Do(func() { o.fields = o.readFields(members) })
	return o.fields
}

// fieldsReader collects the fields of one schema object.
type fieldsReader struct {
	*fields
	object  *object
	members jsonscan.Object

	kinds     jsonvalue.Kinds
	typed     bool // there is the keyword type
	says      bool // something else than properties speaks of fields
	restricts bool // it constrains objects without speaking of fields
	base      bool // there is a discriminator
	required  []string
}

// readFields reads the keywords of one schema object. It does not look into unions,
// which may be large: their branches count when somebody asks for the fields of the
// branches.
func (o *object) readFields(members jsonscan.Object) *fields {
	r := fieldsReader{fields: &fields{}, object: o, members: members, kinds: jsonvalue.Any}
	var buf [32]string
	properties := buf[:0]
	for _, m := range members {
		r.keyword(m.Name, m.Text)
		// Their schemas are not read: any declared field is known, whatever it accepts.
		if m.Name == "properties" {
			for name := range jsonscan.Members(m.Text) {
				properties = append(properties, name)
			}
		}
	}
	f := r.fields
	// A document may list a name twice, in properties as in required.
	names := set[string]{list: make([]string, 0, len(properties))}
	for _, name := range properties {
		names.add(name)
	}
	for _, name := range r.required {
		if names.add(name) {
			f.required = append(f.required, name)
		}
	}
	f.names = names.list
	for _, p := range f.parts {
		r.says = r.says || p.conjunct && !p.declared().silent()
	}
	// Subtypes refer to a base by allOf, and nothing refers to them (OpenAPI 3.1
	// §4.8.25): which fields there are is not known.
	// A base with branches of its own is different: then the branches are the subtypes.
	f.open = f.open || r.base && len(f.unions) == 0
	// An object that only constrains fields, by required or minProperties, is free if it
	// also says that it is an object. Without that it is a condition on another schema.
	f.free = !r.says && f.silent() && r.kinds.Has(jsonvalue.Object) && (r.typed || !r.restricts)
	return f
}

// add notes a schema object that applies to the same instance.
func (r *fieldsReader) add(p Place, a applied) {
	a.object = r.object.graph.object(p)
	r.parts = append(r.parts, a)
}

// keyword reads one keyword. additionalProperties and unevaluatedProperties make the
// object open unless they are false: also a schema there accepts fields of any name. A
// field that is only required, or only named by dependentRequired, counts as declared.
func (r *fieldsReader) keyword(key, value string) {
	o, f := r.object, r.fields
	switch key {
	case HintsKeyword:
		f.hints = &hints{text: value}
	case "type":
		r.kinds, r.typed = jsonvalue.ParseKinds(value), true
	case "patternProperties":
		for text := range jsonscan.Members(value) {
			if re, err := o.graph.patterns.compile(text); err == nil {
				f.patterns = append(f.patterns, re)
			} else {
				f.open = true // which fields match is not known
			}
		}
	case "additionalProperties", "unevaluatedProperties":
		f.open = f.open || value != "false"
		r.says = true
	case "$ref":
		if target, err := o.graph.Resolve(jsonscan.String(value), o.at); err == nil {
			r.add(target, applied{})
		}
		r.says = true
	case "$dynamicRef":
		f.open, r.says = true, true
	case "allOf":
		for i, item := range jsonscan.Items(value) {
			r.add(o.below(item, key, strconv.Itoa(i)), applied{conjunct: true})
		}
	case "if", "then", "else":
		if test, ok := r.members.Get("if"); ok {
			r.add(o.below(value, key), applied{test: o.graph.object(o.below(test, "if")), negated: key == "else"})
			r.says = true
		}
	case "dependentSchemas":
		for name, item := range jsonscan.Members(value) {
			r.add(o.below(item, key, name), applied{field: name})
		}
		r.says = true
	case "anyOf", "oneOf":
		f.unions = append(f.unions, o.graph.union(key, value, r.members, o))
		r.says = true
	case "discriminator":
		r.base = true
	case "required":
		r.required = append(r.required, jsonscan.Strings(value)...)
		r.restricts = true
	case "dependentRequired":
		for _, list := range jsonscan.Members(value) {
			r.required = append(r.required, jsonscan.Strings(list)...)
		}
		r.restricts = true
	case "not", "minProperties", "maxProperties", "propertyNames":
		r.restricts = true
	}
}

// silent reports whether an object's own keywords name no field and apply no other
// schema.
func (f *fields) silent() bool {
	return !f.some() && len(f.unions) == 0 &&
		!slices.ContainsFunc(f.parts, func(p applied) bool { return !p.conjunct || !p.declared().silent() })
}

// some reports whether the object itself names a field in properties or
// patternProperties, or is open.
func (f *fields) some() bool { return len(f.names) > len(f.required) || len(f.patterns) > 0 || f.open }

// partSome reports whether a part of the object does.
func (f *fields) partSome() bool {
	return slices.ContainsFunc(f.parts, func(p applied) bool { return p.declared().some() })
}

// declaresAny reports whether a schema object names a field, itself or through any
// of its parts and branches. Where no field is named, none is unknown.
func (o *object) declaresAny() bool {
	f := o.declared()
	return f.some() || (len(f.parts) > 0 || len(f.unions) > 0) && o.partDeclares(make(map[*object]bool))
}

// partDeclares is declaresAny for the parts and branches, each object once.
func (o *object) partDeclares(seen map[*object]bool) bool {
	if seen[o] {
		return false
	}
	seen[o] = true
	f := o.declared()
	for _, p := range f.parts {
		// The first field that is found decides.
		if p.declared().some() || p.partDeclares(seen) {
			return true
		}
	}
	for _, u := range f.unions {
		for _, b := range u.all() {
			if o := u.object(b); o.declared().some() || o.partDeclares(seen) {
				return true
			}
		}
	}
	return false
}

// everything returns the fields that a schema object declares with all its parts and
// branches, whatever the instance. It is the list that a misspelt name is compared
// with.
func (o *object) everything() *declaration {
	f := o.declared().later()
	f.all.Do(func() {
		f.everyone = &declaration{kept: true}
		f.everyone.add(o, always, (*union).all)
		f.everyone.seen = set[*object]{} // as large as the names, and of no more use
	})
	return f.everyone
}

// beside returns the fields that a schema object declares itself, without its parts:
// additionalProperties looks at no others. By the letter a name that is only required is
// not declared.
func (o *object) beside() *declaration {
	f := o.declared()
	a := f.later()
	a.besiding.Do(func() {
		a.besides = &declaration{kept: true}
		a.besides.addOwn(f)
		if o.graph.mode == Strict {
			a.besides.names = set[string]{}
			for _, name := range f.names[:len(f.names)-len(f.required)] {
				a.besides.names.add(name)
			}
		}
	})
	return a.besides
}

func always(applied) bool { return true }

// declaration is the set of fields that a schema object declares with its parts
// and branches.
type declaration struct {
	names    set[string]
	patterns []*pattern
	open     bool // any other field is accepted too
	varies   bool // with the instance: some of it is in unions and conditions
	kept     bool // for all instances
	seen     set[*object]

	once sync.Once
	near *near.List // names, see prepared
}

// isLasting reports whether it is worth while to prepare the names for searches.
func (d *declaration) isLasting() bool { return d.kept && len(d.names.list) <= maxNearest }

// prepared returns the names as they are searched for one that is near.
func (d *declaration) prepared() *near.List {
	d.once.Do(func() { d.near = near.NewList(d.names.list) })
	return d.near
}

// knows reports whether a field is declared by name.
func (d *declaration) knows(name string) bool {
	// Patterns come last, as they cost most.
	return d.names.has(name) ||
		slices.ContainsFunc(d.patterns, func(p *pattern) bool { return p.re.MatchString(name) })
}

// add collects the fields of a schema object, each object once. The caller decides
// which parts apply and which branches of unions are taken. A part or branch that
// accepts objects and names no field opens the declaration; a member of allOf that
// names no field does not, as it is there to constrain the others.
// An object that several parts refer to is added once, also where it is reached in a
// circle: the set of fields is the same in any order.
func (d *declaration) add(o *object, applies func(applied) bool, taken func(*union) []*branch) {
	if !d.seen.add(o) {
		return
	}
	f := o.declared()
	// Its own fields first, so that they come first among those that are near.
	d.addOwn(f)
	d.open = d.open || f.open
	d.varies = d.varies || len(f.unions) > 0
	for _, p := range f.parts {
		// A condition may hold for one instance and not for another.
		d.varies = d.varies || p.field != "" || p.test != nil
		if !applies(p) {
			continue
		}
		d.open = d.open || !p.conjunct && p.declared().free
		d.add(p.object, applies, taken)
	}
	for _, u := range f.unions {
		for _, b := range taken(u) {
			o := u.object(b)
			d.open = d.open || o.declared().free
			d.add(o, applies, taken)
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

// refusesUnknown reports whether fields that the object does not declare are refused:
// they are if it declares any at all. To find out can take reading many unions, so it
// waits for the first unknown field.
// An object of which nothing is known is a map of anything, and refuses nothing.
func (o *object) refusesUnknown() bool {
	f := o.declared().later()
	f.refusing.Do(func() { f.refuses = o.declaresAny() })
	return f.refuses
}

// property is a field of a schema object with its schema.
type property struct {
	name string
	*object
}

// propertyOwning returns the one property of an object whose own fields include a
// name, the zero property when none or several do.
// "name" sent beside "function" in a tool is a field of function: an object was flattened by
// one level.
func (o *object) propertyOwning(name string) property {
	f := o.declared().later()
	f.owning.Do(func() {
		f.owners = make(map[string]property)
		o.addOwners(f.owners, make(map[*object]bool))
	})
	return f.owners[name]
}

// addOwners records under the name of each field of a property which property has it;
// an entry without an object marks a name that several have. Of a condition it is not
// known whether it applies, so conditional parts are left out.
// A field that two properties have belongs in neither for certain, so nothing is said.
func (o *object) addOwners(owners map[string]property, seen map[*object]bool) {
	if seen[o] {
		return
	}
	seen[o] = true
	properties, _ := jsonscan.Member(o.text, "properties")
	for key, text := range jsonscan.Members(properties) {
		// Also a property that is a reference or an allOf owns the fields of its parts.
		own := property{key, o.graph.object(o.below(text, "properties", key))}
		for _, name := range own.everything().names.list {
			if other, taken := owners[name]; taken && other.name != key {
				owners[name] = property{}
			} else {
				owners[name] = own
			}
		}
	}
	for _, p := range o.declared().parts {
		if p.test == nil && p.field == "" {
			p.addOwners(owners, seen)
		}
	}
}
