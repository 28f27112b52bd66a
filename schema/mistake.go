package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// This file makes one problem of several that are one mistake: whoever mends it
// mends it once.

// isUnknownField reports whether a problem is a field that nothing declares.
func (p *Problem) isUnknownField() bool {
	return p.Keyword == unknownKeyword || p.Keyword == "additionalProperties"
}

// mergeProblems goes through the problems of each object that has several.
func (x *explainer) mergeProblems() {
	if len(x.problems) < 2 {
		return
	}
	sortProblems(x.problems)
	x.problems = slices.CompactFunc(x.problems, func(a, b Problem) bool { return a.Pointer == b.Pointer && a.Message == b.Message })
	objects := make(map[Pointer]*faulty)
	at := func(p Pointer) *faulty {
		if objects[p] == nil {
			objects[p] = &faulty{}
		}
		return objects[p]
	}
	for i := range x.problems {
		switch p := &x.problems[i]; {
		case p.isUnknownField():
			o := at(p.Pointer.parent())
			o.unknown = append(o.unknown, p)
		case p.Keyword == "required":
			o := at(p.Pointer)
			o.missing = append(o.missing, p)
		}
	}
	gone := make(map[*Problem]bool)
	for at, o := range objects {
		switch {
		case len(o.unknown) == 0:
		case x.tagless[at]:
			drop(gone, o.unknown)
		case len(o.missing) == 0:
		case x.alien(at, o):
			drop(gone, o.unknown)
			drop(gone, o.missing)
		default:
			x.unwrap(o, gone)
			x.wrap(o, gone)
		}
	}
	if len(gone) == 0 {
		return
	}
	var kept []Problem
	for i := range x.problems {
		if p := &x.problems[i]; !gone[p] {
			kept = append(kept, *p)
		}
	}
	x.problems = kept
}

// sortProblems orders by place, then by message.
func sortProblems(problems []Problem) {
	slices.SortFunc(problems, func(a, b Problem) int {
		return cmp.Or(comparePointers(a.Pointer, b.Pointer), strings.Compare(a.Message, b.Message), strings.Compare(string(a.Schema), string(b.Schema)))
	})
}

// faulty is an object with fields that are missing and others that are unknown.
type faulty struct{ missing, unknown []*Problem }

// alien reports whether an object with a wrong tag is of another kind rather than
// of this one, changed: beside the tag, most of its fields are unknown or most of
// those that are required are missing.
func (x *explainer) alien(at Pointer, o *faulty) bool {
	tag, wrong := x.otherKind[at]
	if !wrong || slices.ContainsFunc(o.unknown, func(p *Problem) bool { return len(p.Nearest) > 0 }) {
		return false
	}
	var by set[Pointer]
	required := 0
	for _, p := range o.missing {
		if by.add(p.Schema) {
			list, _ := jsonscan.Member(x.compiler.nodeText(p.Schema.parent()), "required")
			names := slices.DeleteFunc(jsonscan.Strings(list), func(name string) bool { return name == tag })
			required += len(names)
		}
	}
	object, _ := x.value(at).(map[string]any)
	return 2*len(o.unknown) > len(object)-1 || 2*len(o.missing) > required
}

func drop(gone map[*Problem]bool, problems []*Problem) {
	for _, p := range problems {
		gone[p] = true
	}
}

// unwrap finds missing fields inside of an unknown one.
func (x *explainer) unwrap(o *faulty, gone map[*Problem]bool) {
	for _, unknown := range o.unknown {
		inner, ok := x.value(unknown.Pointer).(map[string]any)
		if !ok {
			continue
		}
		var names []string
		var at Pointer // of the schema that misses them
		for _, missing := range o.missing {
			if _, ok := inner[missing.Want]; ok && !gone[missing] {
				names = append(names, missing.Want)
				gone[missing] = true
				at = missing.Schema.parent()
			}
		}
		if len(names) > 0 {
			known := x.compiler.object(x.compiler.nodeText(at), at).everything()
			for name := range inner {
				if known.names.has(name) && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
			unknown.Nearest = nil
			unknown.Message = fmt.Sprintf("unknown field %s; its %s one level up", quoted(unknown.Got), belong(names))
		}
	}
}

// wrap finds unknown fields that are those of a missing one.
func (x *explainer) wrap(o *faulty, gone map[*Problem]bool) {
	for _, missing := range o.missing[:min(len(o.missing), maxProblems)] {
		if gone[missing] {
			continue
		}
		at := missing.Schema.parent()
		properties, _ := jsonscan.Member(x.compiler.nodeText(at), "properties")
		text, ok := jsonscan.Member(properties, missing.Want)
		if !ok {
			continue
		}
		inner := x.compiler.object(text, at.Append("properties").Append(missing.Want)).everything()
		var names []string
		for _, unknown := range o.unknown {
			if inner.names.has(unknown.Got) && !gone[unknown] {
				names = append(names, unknown.Got)
				gone[unknown] = true
			}
		}
		if len(names) > 0 {
			missing.Nearest = nil
			missing.Message = fmt.Sprintf("missing property %s; %s in it", quoted(missing.Want), belong(names))
		}
	}
}

// belong names fields, and the verb for them.
func belong(names []string) string {
	slices.Sort(names)
	if len(names) == 1 {
		return quoted(names[0]) + " belongs"
	}
	quoted := quotedAll(names[:min(len(names), maxChoices)])
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " and " + quoted[last] + " belong"
}
