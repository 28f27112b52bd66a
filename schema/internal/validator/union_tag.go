package validator

import (
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// sortByTag lists the branches for objects by the values of the tag.
func (u *union) sortByTag() {
	if u.tag == "" {
		return
	}
	u.byTag = map[string][]*branch{"": nil}
	for _, b := range u.branches {
		for _, t := range b.Tags {
			if t.Name == u.tag {
				for _, value := range t.Values {
					u.byTag[value] = nil
				}
			}
		}
	}
	for value := range u.byTag {
		u.byTag[value] = u.allowing(value, true)
	}
	u.untagged = u.allowing("", false)
}

// allowing returns the branches for objects with that tag, or without one.
func (u *union) allowing(value string, present bool) (list []*branch) {
	for _, b := range u.branches {
		if b.Kinds.Has(jsonvalue.Object) && b.allowsValue(u.tag, value, present) {
			list = append(list, b)
		}
	}
	return list
}

// readMapping notes the branches that the discriminator names, by its mapping or,
// without one, by the components' own names (OpenAPI 3.1 §4.8.25). It only tells
// which branch is meant: what matches another one is valid all the same.
func (u *union) readMapping() {
	u.named = make(map[string]*branch)
	for _, b := range u.branches {
		ref, _ := jsonscan.Member(b.Text, "$ref")
		pointer, ok := localPointer(jsonscan.String(ref))
		if !ok {
			continue
		}
		name, whole := componentOf(pointer)
		mapped := false
		for value, target := range jsonscan.Members(u.mapping) {
			target := jsonscan.String(target)
			if to, ok := localPointer(target); ok && to == pointer || whole && target == name {
				u.named[value] = b
				mapped = true
			}
		}
		if !mapped && whole && name != "" {
			u.named[name] = b
		}
	}
}

// namedBranch returns the branch that the discriminator names, nil when it names
// none.
func (u *union) namedBranch(t *jsonvalue.Tree, v jsonvalue.Ref) *branch {
	if u.named == nil {
		return nil
	}
	if value, ok := t.Find(v, u.declared); ok && t.Kind(value) == jsonvalue.String {
		return u.named[t.String(value)]
	}
	return nil
}

// tags is a property that tells the branches of a union apart, and its values.
type tags struct {
	*choices
	name string
	of   map[string]*branch
}

// newTags collects the values that branches give a property.
func newTags(name string, branches []*branch) *tags {
	w := &tags{name: name, of: make(map[string]*branch)}
	var values []string
	for _, b := range branches {
		for _, t := range b.Tags {
			if t.Name != name {
				continue
			}
			for _, value := range t.Values {
				if w.of[value] == nil {
					values, w.of[value] = append(values, value), b
				}
			}
		}
	}
	w.choices = newChoices(values, nil)
	return w
}

// tagsOf returns the tag of a union, for objects.
func (u *union) tagsOf() *tags {
	u.tagging.Do(func() {
		objects := slices.DeleteFunc(slices.Clone(u.branches), func(b *branch) bool { return !b.Kinds.Has(jsonvalue.Object) })
		u.tags = newTags(u.tag, objects)
	})
	return u.tags
}

// branchWith returns the first branch that accepts a value for a property.
func (u *union) branchWith(name, value string) *branch {
	for _, b := range u.all() {
		if slices.ContainsFunc(b.Tags, func(t Tag) bool { return t.Name == name && slices.Contains(t.Values, value) }) {
			return b
		}
	}
	return nil
}
