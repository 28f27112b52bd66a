package schema

import (
	"fmt"
	"maps"
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
)

// maxMissing bounds the missing properties of one object that are looked at.
const maxMissing = 1000

func (x *explainer) required(f failed) {
	object, _ := f.value.(map[string]any)
	missing := missingOf(jsonscan.Strings(f.member("required")), object)
	for i, name := range missing[:min(len(missing), maxMissing)] {
		p := f.problem()
		p.Want = name
		p.Message = "missing property " + quoted(name)
		if i < maxProblems {
			x.suggest(&p, f)
		}
		x.add(p)
	}
}

// suggest adds to a missing property the field that may be it, misspelt.
func (x *explainer) suggest(p *Problem, f failed) {
	if names := x.misspelt(p.Want, f); len(names) > 0 {
		p.Nearest = names[:1]
		p.Message += fmt.Sprintf("; is %s meant?", quoted(names[0]))
	}
}

// misspelt returns the fields of an object that may be another one, misspelt:
// those that the schema, with all parts and branches, does not know by name.
func (x *explainer) misspelt(wanted string, f failed) []string {
	object, _ := f.value.(map[string]any)
	near := nearest(wanted, slices.Sorted(maps.Keys(object)), 3)
	if len(near) == 0 {
		return nil
	}
	d := x.around(f).everything()
	return slices.DeleteFunc(near, d.knows)
}

// around returns the schema object that the instance is judged by, of which the
// failed one may only be a part.
func (x *explainer) around(f failed) *object {
	schema, text := f.schema, f.text
	if x.root != nil {
		_, schema = placeOf(x.root, f.path)
		text = x.compiler.nodeText(schema)
	}
	return x.compiler.object(text, schema)
}

// additional finds what additionalProperties: false refused. By the letter, it
// does not look beside itself: fields that another part declares are refused,
// too.
func (x *explainer) additional(f failed) {
	object, _ := f.value.(map[string]any)
	own := x.compiler.object(f.text, f.schema).declared()
	var d declaration
	d.addOwn(own)
	if x.compiler.mode == modeStrict {
		d.names = set[string]{}
		for _, name := range own.names[:len(own.names)-len(own.required)] {
			d.names.add(name)
		}
	}
	for name := range object {
		if !d.knows(name) {
			x.stranger(f, name, &d)
		}
	}
}

// unknown reports a field that nothing declares. One that a branch with a
// mistake elsewhere declares is not accounted for by jsonschema, but known.
func (x *explainer) unknown(f failed, name string) {
	d := x.declaration(f)
	if x.verbatim || !d.open && !d.knows(name) {
		x.stranger(f, name, d)
	}
}

func (x *explainer) stranger(f failed, name string, d *declaration) {
	object, _ := f.value.(map[string]any)
	free := slices.DeleteFunc(slices.Clone(d.names.list), func(n string) bool { _, taken := object[n]; return taken })
	p := f.problem()
	if f.keyword == unknownKeyword {
		o, component := x.meant(f)
		p.Schema = o.at // where it would be declared
		if component != "" {
			p.Component = component
		}
	}
	p.Pointer = f.at.Append(name)
	p.Got = name
	p.Nearest = nearest(name, free, 3)
	p.Message = fmt.Sprintf("unknown field %s%s", quoted(name), didYouMean(quotedAll(p.Nearest)))
	if len(p.Nearest) == 0 {
		if owner := x.around(f).owner(name, object); owner != "" {
			p.Message += fmt.Sprintf("; it belongs in %s", quoted(owner))
		}
	}
	x.add(p)
}

// owner returns the one property, absent from an instance, whose own fields
// include a name and, where that is a tag, its value.
func (o *object) owner(name string, instance map[string]any) string {
	f := o.declared()
	f.owning.Do(func() {
		f.owners = make(map[string]property)
		o.addOwners(f.owners, make(map[*object]bool))
	})
	p := f.owners[name]
	if p.object == nil {
		return ""
	}
	if _, present := instance[p.name]; present {
		return ""
	}
	facts := o.compiler.facts(p.raw, p.at, 0)
	if !facts.allows(name, instance) {
		return ""
	}
	return p.name
}

// property is a field of a schema object with its schema.
type property struct {
	name string
	*object
}

// addOwners notes under the name of each field of a property which property it
// is; one without an object is for names that several have.
func (o *object) addOwners(owners map[string]property, seen map[*object]bool) {
	if seen[o] {
		return
	}
	seen[o] = true
	properties, _ := jsonscan.Member(o.text, "properties")
	for key, text := range jsonscan.Members(properties) {
		own := property{key, o.compiler.object(text, o.at.Append("properties").Append(key))}
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

// declaration collects the fields that a schema object declares for the
// instance at hand: with the branches that fit it, or else those that it may
// be meant for.
func (x *explainer) declaration(f failed) *declaration {
	key := [2]Pointer{f.schema, f.at}
	if d := x.declarations[key]; d != nil {
		return d
	}
	o := x.compiler.object(f.text, f.schema)
	if d := o.everything(); !d.varies {
		x.declarations[key] = d
		return d
	}
	object, _ := f.value.(map[string]any)
	d := &declaration{}
	x.declarations[key] = d
	d.add(o, object, func(u *union) []*branch {
		branches := x.taken(u, f)
		if len(branches) == 0 {
			d.open = true // a mistake in the tag hides which fields are known
		}
		return branches
	})
	return d
}

// taken returns the branches of a union that an instance fits or, where it fits
// none, those that it may be meant for.
func (x *explainer) taken(u *union, f failed) []*branch {
	u.prepare()
	candidates := u.candidates(f.value)
	if len(candidates) < 2 || x.failures[[2]Pointer{u.at, f.at}] {
		return candidates
	}
	var fit []*branch
	for _, b := range candidates {
		if suits(u.schemaOf(b), f.value) {
			fit = append(fit, b)
		}
	}
	if fit == nil {
		return candidates
	}
	return fit
}

// meant returns the schema object that an instance is judged by, behind
// references and unions with one branch for it, and the last component on the
// way there.
func (x *explainer) meant(f failed) (o *object, component string) {
	component, _ = componentName(f.schema)
	o = x.compiler.object(f.text, f.schema)
	for range maxReferences {
		fields := o.declared()
		switch {
		case len(fields.names) > 0 || len(fields.unions)+len(fields.parts) != 1:
			return o, component
		case len(fields.parts) == 1:
			o = fields.parts[0].object
		default:
			u := fields.unions[0]
			taken := x.taken(u, f)
			if len(taken) != 1 {
				return o, component
			}
			o = u.objectOf(taken[0])
		}
		if name, ok := wholeComponent(o.at); ok {
			component = name
		}
	}
	return o, component
}
