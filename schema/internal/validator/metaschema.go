package validator

import (
	_ "embed"
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// Some members of an instance are JSON Schemas themselves: the parameters of a tool,
// the format of a result. A document calls them objects and no more, so that a misspelt
// type is found by the server at best. SchemaKeyword says which members they are, and
// outside the Strict mode they are validated against the metaschema below, by the same
// walk as everything else. A response is not: what the server returns it has accepted.
//
// The metaschema accepts what any draft from 4 to 2020-12 accepts. Every draft allows
// keywords that it does not know, so an unknown one is refused only if it is a known
// one misspelt beyond doubt, see misspeltKeyword.

// SchemaKeyword is the extension of a schema object for objects that hold JSON Schemas:
// the names of these members, each with an object of rules for it: {parameters: {}}. The
// rule {strict: NAME} is for schemas that a model is held to, see strictsubset.go.
const SchemaKeyword = "x-opcall-schema"

// misspeltKeywords lists in the metaschema the keywords whose misspelling is refused:
// those that decide what is valid, and the description, which a model reads.
const misspeltKeywords = "x-opcall-misspelt"

// metaschemaAt is where references find the metaschema.
const metaschemaAt = "/" + SchemaKeyword

//go:embed metaschema.json
var metaschema string

// schemaMember is an entry of SchemaKeyword: a member that is a JSON Schema.
type schemaMember struct {
	name string
	hash uint16
	node *node // the metaschema

	when  string       // the member that makes the schema a strict one, "" for none
	rules *strictRules // nil where the document has none
}

// schemaMembers compiles SchemaKeyword.
// The entry stands beside properties: the member is validated by its own schema too.
func (b *builder) schemaMembers(value string) {
	// All members share the node of the metaschema, which is built once.
	for name, rules := range jsonscan.Members(value) {
		when, _ := jsonscan.Member(rules, "strict")
		b.rare().schemas = append(b.rare().schemas, schemaMember{
			name: name, hash: jsonvalue.HashName(name),
			node: b.build(Place{metaschema, metaschemaAt}, alone, b.depth+1),
			when: jsonscan.String(when), rules: b.schemas.strict(),
		})
	}
}

// schemas validates the members that are JSON Schemas. What is no object was said to be
// one by the schema of the member.
func (w *walk) schemas(r *rareRules, v jsonvalue.Ref) bool {
	ok := true
	for i := range r.schemas {
		m := &r.schemas[i]
		if value, present := w.tree.FindHashed(v, m.name, m.hash); present && w.tree.Kind(value) == jsonvalue.Object {
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
	if m.when == "" || m.rules == nil {
		return true
	}
	if flag, has := w.tree.Find(v, m.when); !has || w.tree.Raw(flag) != "true" {
		return true
	}
	// The check reads the whole schema.
	w.left -= w.tree.Size(value)
	if len(m.rules.check(w.tree, value)) == 0 {
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

// misspeltKeyword reports one.
func (x *explainer) misspeltKeyword(f failed) {
	name := jsonvalue.Ref(f.failure.a)
	text := x.tree.String(name)
	p := f.problem()
	p.Keyword = UnknownKeyword
	p.Schema = f.object.At
	p.Pointer = bounded(pointerBelow(p.Pointer, text), maxPointer)
	p.Got = bounded(text, maxShown)
	p.Nearest = []string{x.walk.ways[f.failure.way].node.fields.misspeltKeyword(x.tree, f.value, name)}
	p.Message = "unknown keyword " + Quoted(text) + "; did you mean " + Quoted(p.Nearest[0]) + "?"
	x.add(p)
}

// readMisspelt compiles the list of misspeltKeywords. Where unknown fields are accepted,
// so are these.
func (b *builder) readMisspelt(value string) {
	if b.mode == Closed && b.object.at == metaschemaAt {
		b.rare().misspelt = slices.Clone(jsonscan.Strings(value))
	}
}
