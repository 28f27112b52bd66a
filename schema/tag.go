package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// unionOrBranch explains why no branch of a union fits: by the mistakes in the
// branch that was meant, when it is clear which one that is.
func (x *explainer) unionOrBranch(f failed, err *jsonschema.ValidationError) {
	u := x.unionOf(f)
	switch {
	case len(err.Causes) == 0:
		x.union(f, u, err.Message)
	case x.tagOf(u, f.value) != nil:
		x.add(x.wrongTag(f, x.tagOf(u, f.value)))
	case len(err.Causes) > 1: // of the stock compiler
		causes := make([]error, len(err.Causes))
		for i, cause := range err.Causes {
			causes[i] = cause
		}
		x.explain(leastWrong(causes, err.InstanceLocation).(*jsonschema.ValidationError))
	case x.misspeltTag(f, u):
		x.tagless[f.at] = true
		x.add(x.wrongTag(f, x.tags(f, u)))
	default:
		if tag := secondTag(u, f.value); tag != nil {
			x.add(x.wrongTag(f, tag))
		} else if known, others := u.values(f.value); known != nil {
			f.keyword = "enum"
			x.add(f.oneOf(newChoices(known, others)))
		} else {
			x.explain(err.Causes[0])
		}
	}
}

// unionOf returns the union that failed.
func (x *explainer) unionOf(f failed) *union {
	for _, u := range x.compiler.object(f.text, f.schema).declared().unions {
		if u.keyword == f.keyword {
			u.prepare()
			return u
		}
	}
	u := newUnion(x.compiler, f.keyword, f.text, f.schema)
	u.prepare()
	return u
}

// values returns what a string may be, when every branch for strings lists it,
// and what else is accepted in its place.
func (u *union) values(v any) (known, others []string) {
	if _, ok := v.(string); !ok {
		return nil, nil
	}
	for _, b := range u.candidates(v) {
		allowed, _ := u.compiler.allowed(b.text, b.at, 0)
		if allowed == nil {
			return nil, nil
		}
		known = append(known, allowed...)
	}
	var accepted jsonvalue.Kinds
	for _, b := range u.branches {
		accepted |= b.types
	}
	return known, (accepted &^ (jsonvalue.String | jsonvalue.Null)).Names()
}

// tags is a property that tells the branches of a union apart, and its values.
type tags struct {
	*choices
	name string
	of   map[string]*branch
}

// tagsOf collects the values that branches give a property.
func tagsOf(name string, branches []*branch) *tags {
	w := &tags{name: name, of: make(map[string]*branch)}
	var values []string
	for _, b := range branches {
		for _, t := range b.tags {
			if t.name != name {
				continue
			}
			for _, value := range t.allowed {
				if w.of[value] == nil {
					values, w.of[value] = append(values, value), b
				}
			}
		}
	}
	w.choices = newChoices(values, nil)
	return w
}

// tags returns the tag of a union, for objects.
func (x *explainer) tags(f failed, u *union) *tags {
	fields := x.compiler.object(f.text, f.schema).declared()
	for i, own := range fields.unions {
		if own == u {
			tags := &fields.tags[i]
			tags.once.Do(func() {
				objects := slices.DeleteFunc(slices.Clone(u.branches), func(b *branch) bool { return !b.types.Has(jsonvalue.Object) })
				tags.tags = tagsOf(u.tag, objects)
			})
			return tags.tags
		}
	}
	return tagsOf(u.tag, u.branches)
}

// tagOf returns the declared discriminator of a union that no branch restricts,
// when an object has it wrong.
func (x *explainer) tagOf(u *union, v any) *tags {
	object, ok := v.(map[string]any)
	if !ok || len(u.named) == 0 || u.meant(v) != nil {
		return nil
	}
	values := slices.Sorted(maps.Keys(u.named))
	if value, ok := object[u.declared].(string); ok && len(nearest(value, values, 1)) == 0 && len(u.mapping) == 0 {
		return nil // the names of components are a default that many documents do not mean
	}
	return &tags{name: u.declared, choices: newChoices(values, nil), of: u.named}
}

// misspeltTag reports whether an object without the tag, which some branches can
// do without, has it under a name that is nearly the same.
func (x *explainer) misspeltTag(f failed, u *union) bool {
	object, ok := f.value.(map[string]any)
	if _, tagged := object[u.tag]; !ok || u.tag == "" || tagged {
		return false
	}
	w := x.tags(f, u)
	return slices.ContainsFunc(x.misspelt(u.tag, f), func(name string) bool {
		value, _ := object[name].(string)
		return w.of[value] != nil
	})
}

// secondTag returns a property that tells those branches apart which have the
// tag of an object, when it has a value that none of them knows.
func secondTag(u *union, v any) *tags {
	object, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	branches := u.tagged(nil, v)
	if len(branches) < 2 {
		return nil
	}
	for _, t := range branches[0].tags {
		value, ok := object[t.name].(string)
		if !ok || t.name == u.tag || slices.ContainsFunc(branches, func(b *branch) bool { return b.allows(t.name, object) }) {
			continue
		}
		if w := tagsOf(t.name, branches); len(w.strings) > len(t.allowed) && w.of[value] == nil {
			return w
		}
	}
	return nil
}

// union explains why no branch may fit, or more than one does.
func (x *explainer) union(f failed, u *union, why string) {
	if why == overlap {
		p := f.problem()
		var names []string
		for i, b := range u.candidates(f.value) {
			names = append(names, b.label(i))
		}
		p.Message = "got a value that fits more than one of " + strings.Join(names, ", ") + "; by the letter of oneOf it may fit one only"
		x.add(p)
		return
	}
	if _, ok := f.value.(map[string]any); ok {
		if w := x.tags(f, u); len(w.strings) > 0 {
			x.add(x.wrongTag(f, w))
			return
		}
	}
	var accepted jsonvalue.Kinds
	for _, b := range u.branches {
		accepted |= b.types
	}
	p := f.problem()
	p.Keyword = "type"
	p.Got, p.Want = show(f.value), accepted.String()
	p.Message = fmt.Sprintf("got %s, want %s", describe(f.value), p.Want)
	x.add(p)
}

// wrongTag reports a tag that is none of the known ones, or missing.
func (x *explainer) wrongTag(f failed, w *tags) Problem {
	object, _ := f.value.(map[string]any)
	value, ok := object[w.name]
	if !ok {
		p := f.problem()
		p.Keyword = "required"
		p.Want = w.name
		p.Message = fmt.Sprintf("missing property %s, which says what this is: %s", quoted(w.name), w.text(nil))
		x.suggest(&p, f)
		return p
	}
	f.at, f.value, f.keyword = f.at.Append(w.name), value, "enum"
	p := f.oneOf(w.choices)
	if len(p.Nearest) > 0 {
		if name := x.taggedName(w.of[p.Nearest[0]], w.name, p.Nearest[0]); name != "" {
			p.Component = name
		}
	}
	return p
}

// noteKind notes an object that has the one value that a string may have there
// wrong, by more than a typing mistake: it may be of another kind altogether.
func (x *explainer) noteKind(f failed, p *Problem) {
	if _, ok := f.value.(string); ok && len(p.Nearest) == 0 && f.at != "" && strings.HasPrefix(p.Want, `"`) && !strings.Contains(p.Want, `", "`) {
		x.otherKind[f.at.parent()] = jsonscan.UnescapeToken(f.at.last())
	}
}

// taggedName returns the component that a tag's value stands for: that of the
// branch, or of a branch of its own unions.
func (x *explainer) taggedName(b *branch, name, value string) string {
	component := b.name
	o := x.compiler.object(b.text, b.at)
search:
	for range maxReferences {
		f := o.declared()
		if len(f.parts) == 1 && len(f.unions) == 0 {
			o = f.parts[0].object
			continue
		}
		for _, u := range f.unions {
			for _, b := range u.all() {
				if slices.ContainsFunc(b.tags, func(t tag) bool { return t.name == name && slices.Contains(t.allowed, value) }) {
					component, o = cmp.Or(b.name, component), u.objectOf(b)
					continue search
				}
			}
		}
		break
	}
	return component
}

func (b *branch) label(i int) string {
	if b.name != "" {
		return b.name
	}
	return fmt.Sprintf("branch %d", i)
}
