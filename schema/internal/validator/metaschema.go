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

// metaschemaAt is where references find the metaschema.
const metaschemaAt = "/" + SchemaKeyword

//go:embed metaschema.json
var metaschema string

// schemaMember is an entry of SchemaKeyword: a member that is a JSON Schema.
type schemaMember struct {
	name string
	hash uint16
	node *node // the metaschema

	when  string              // the member that makes the schema a strict one, "" for none
	rules func() *strictRules // nil where the document has none; read when one is met
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
			when: jsonscan.String(when), rules: b.schemas.strict,
		})
	}
}

// readMisspelt compiles the list of misspeltKeywords. Where unknown fields are accepted,
// so are these.
func (b *builder) readMisspelt(value string) {
	if b.mode == Closed && b.object.at == metaschemaAt {
		b.rare().misspelt = slices.Clone(jsonscan.Strings(value))
	}
}
