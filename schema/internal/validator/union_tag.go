package validator

import (
	"slices"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// The tag is the property that tells the branches of a union apart. It is derived from
// the schemas, as many documents have unions without a discriminator, and others have
// one that their schemas contradict. Where the declared discriminator does restrict the
// branches, it is the tag. Where it does not, the values that it names are kept beside
// the tag, as a hint.

// sortByTag lists the branches for objects by each value of the tag that they name, and
// apart those that do not restrict it. A branch that restricts the tag without requiring it
// also accepts objects that do not have it.
func (u *union) sortByTag() {
	if u.tag == "" {
		return
	}
	u.byTag = make(map[string][]*branch)
	for _, b := range u.branches {
		if !b.Kinds.Has(jsonvalue.Object) {
			continue
		}
		i := slices.IndexFunc(b.Tags, func(t Tag) bool { return t.Name == u.tag })
		if i < 0 {
			u.anyTag = append(u.anyTag, b)
			continue
		}
		t := &b.Tags[i]
		// A value that several branches name keeps them all: "role":"assistant" may be a
		// message or one with tool calls.
		for _, value := range t.Values {
			if list := u.byTag[value]; len(list) == 0 || list[len(list)-1] != b { // an enum may repeat it
				u.byTag[value] = append(list, b)
			}
		}
		if !t.required {
			u.noTag = append(u.noTag, b)
		}
		if t.others {
			u.otherTag = append(u.otherTag, b)
		}
	}
}

// readMapping records which branch each value of the discriminator names: by the
// mapping or, for branches that it does not mention, by the name of the component
// (OpenAPI 3.1 §4.8.25). It is read only where the schemas do not restrict the
// property, as their const and enum are exact and the mapping may be out of date.
func (u *union) readMapping() {
	u.named = make(map[string]*branch)
	// A target is a reference or the name of a component (OpenAPI 3.1 §4.8.25).
	byPointer, byName := make(map[string][]string), make(map[string][]string)
	for value, target := range jsonscan.Members(u.mapping) {
		target := jsonscan.String(target)
		if to, ok := dialect.LocalPointer(target); ok {
			byPointer[to] = append(byPointer[to], value)
		} else {
			byName[target] = append(byName[target], value)
		}
	}
	for _, b := range u.branches {
		// Inline branches have no name that a mapping could use.
		ref, _ := jsonscan.Member(b.Text, "$ref")
		pointer, ok := dialect.LocalPointer(jsonscan.String(ref))
		if !ok {
			continue
		}
		values := byPointer[pointer]
		name, whole := componentOf(pointer)
		if whole && name != "" {
			if values = slices.Concat(values, byName[name]); len(values) == 0 {
				values = []string{name}
			}
		}
		for _, value := range values {
			u.named[value] = b
		}
	}
}

// namedBranch returns the branch that the discriminator of an object names, nil when it
// names no branch.
func (u *union) namedBranch(t *jsonvalue.Tree, v jsonvalue.Ref) *branch {
	if u.named == nil {
		return nil
	}
	if value, ok := t.Find(v, u.declared); ok && t.Kind(value) == jsonvalue.String {
		return u.named[t.String(value)]
	}
	return nil
}

// tags are the values of a property that tells branches apart, for messages, and the
// first branch that each value stands for.
type tags struct {
	*choices
	name string
	of   map[string]*branch
}

// accept reports whether a value is one of the tag.
func (w *tags) accept(t *jsonvalue.Tree, v jsonvalue.Ref) bool {
	return t.Kind(v) == jsonvalue.String && w.of[t.String(v)] != nil
}

// newTags collects the values that branches give a property, in the order of the
// document.
func newTags(name string, branches []*branch) *tags {
	w := &tags{name: name, of: make(map[string]*branch)}
	var values []string
	for _, b := range branches {
		for _, t := range b.Tags {
			if t.Name != name {
				continue
			}
			for _, value := range t.Values {
				// The first branch of the document stands for the value in messages.
				if w.of[value] == nil {
					values, w.of[value] = append(values, value), b
				}
			}
		}
	}
	w.choices = newChoices(values, nil)
	return w
}

// tagsOf returns the values of the tag that branches for objects accept.
func (u *union) tagsOf() *tags {
	u.tagging.Do(func() {
		objects := slices.DeleteFunc(slices.Clone(u.branches), func(b *branch) bool { return !b.Kinds.Has(jsonvalue.Object) })
		u.tags = newTags(u.tag, objects)
	})
	return u.tags
}

// branchWith returns the first branch that names a value for a property, nil when there
// is no such branch.
func (u *union) branchWith(name, value string) *branch {
	for _, b := range u.all() {
		if slices.ContainsFunc(b.Tags, func(t Tag) bool { return t.Name == name && slices.Contains(t.Values, value) }) {
			return b
		}
	}
	return nil
}
