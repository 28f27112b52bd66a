package validator

import "github.com/opcall/opcall/internal/jsonvalue"

// Members that are JSON Schemas are validated after the members themselves: by the
// metaschema, as by any other schema, then by the rules of strict schemas, then for
// misspelt keywords. What the metaschema refuses is not looked at any further.

// schemas validates the members that are JSON Schemas. What is not an object was said to be
// one by the schema of the member.
func (w *walk) schemas(r *rareRules, v jsonvalue.Ref) bool {
	ok := true
	for i := range r.schemas {
		m := &r.schemas[i]
		if value, present := w.tree.FindHashed(v, m.name, m.hash); present && w.tree.Kind(value) == jsonvalue.Object {
			// In this order, and each only after the one before it: the rules read the schema by
			// what the metaschema has established about the types of its keywords.
			ok = w.inner(m.node, kwSchema, i, value) && w.strict(m, i, v, value) && ok
		}
		if !ok && w.stops() {
			return false
		}
	}
	return ok
}

// strict validates a schema by the rules of strict ones, where it is one.
func (w *walk) strict(m *schemaMember, index int, v, value jsonvalue.Ref) bool {
	if m.when == "" {
		return true
	}
	// The flag stands beside the schema, in the same object: {"strict": true, "parameters": …}.
	if flag, has := w.tree.Find(v, m.when); !has || w.tree.Raw(flag) != "true" {
		return true
	}
	rules := m.rules()
	if rules == nil {
		return true
	}
	// Which rules are broken is found again by the explanation, as most walks end with the
	// verdict, and a list kept here would be paid for by all.
	// The check reads the whole schema.
	w.left -= w.tree.Size(value)
	if len(rules.check(w.tree, value)) == 0 {
		return true
	}
	return w.failWith(failure{keyword: kwSchema, detail: notStrict, a: int32(index), b: int32(value)})
}

// misspelt refuses the members of a schema whose names are misspelt keywords.
func (w *walk) misspelt(f *fieldRules, v jsonvalue.Ref) bool {
	ok := true
	for name, end := v+1, w.tree.Past(v); name < end; name = w.tree.Past(name + 1) {
		// A known keyword misspells none.
		if f.properties.member(w.tree, name) >= 0 {
			continue
		}
		w.left--
		if f.misspeltKeyword(w.tree, v, name) != "" {
			ok = w.failWith(failure{keyword: kwMisspelt, detail: badName, a: int32(name)})
			if w.stops() {
				break
			}
		}
	}
	return ok
}

// misspeltKeyword returns the keyword that the name of a member stands for beyond
// doubt, "" if there is none: one letter is wrong, missing, too many or two changed
// places, or only letter case, hyphens and underscores differ; the object does not have
// the keyword; and the value is of a type that the keyword takes. Everything else may
// be an annotation of somebody's own, which the standard allows (JSON Schema 2020-12
// §6.5).
func (f *fieldRules) misspeltKeyword(t *jsonvalue.Tree, object, name jsonvalue.Ref) string {
	text := t.String(name)
	// Below four letters a name is near to too many words, and above the limit to none.
	if len(text) < 4 || len(text) > maxNameLength {
		return ""
	}
	for _, keyword := range f.rare.misspelt {
		if !misspells(text, keyword) {
			continue
		}
		if _, present := t.Find(object, keyword); present {
			continue
		}
		if i := f.properties.index(keyword); f.nodes[i].kinds.Has(t.Kind(name + 1)) {
			return keyword
		}
	}
	return ""
}

// misspells reports whether a name is a keyword with one mistake. In a keyword of four
// letters that can only be two letters that changed places: "typ" may be any word.
func misspells(name, keyword string) bool {
	if difference := len(name) - len(keyword); difference < -1 || difference > len(keyword) {
		return false
	}
	var a, b [2 * maxKeyword]byte
	x, y := foldKeyword(a[:0], name), foldKeyword(b[:0], keyword)
	// "ref" for "$ref" is not a slip of a finger: tools write fields of that name.
	if len(x) > 0 && x[0] == '$' != (y[0] == '$') {
		return false
	}
	// What is left between the common beginning and the common end is the mistake.
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	switch {
	case len(x)+len(y) == 0:
		return true
	case len(x) == 2 && len(y) == 2:
		return x[0] == y[1] && x[1] == y[0]
	}
	return len(x) <= 1 && len(y) <= 1 && len(keyword) > 4
}

// maxKeyword is more letters than any keyword has.
const maxKeyword = 24

// foldKeyword appends a name in lower case, without hyphens and underscores, to a
// buffer that it does not outgrow.
func foldKeyword(to []byte, name string) []byte {
	for i := 0; i < len(name) && len(to) < cap(to); i++ {
		switch c := name[i]; {
		case c == '-' || c == '_':
		case 'A' <= c && c <= 'Z':
			to = append(to, c+'a'-'A')
		default:
			to = append(to, c)
		}
	}
	return to
}
