package schema

import (
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// Half of the schemas in a document are nothing but {"type":"string"} in
// another place. A node takes a kilobyte, so places with the same schema share
// one, which stands nowhere: its Location is "". Where it failed, placeOf tells.

// plainNode returns the shared node of a schema that concerns neither objects
// nor other schemas, nil for any other schema.
func (c *compiler) plainNode(text string) *jsonschema.Schema {
	key := make([]byte, 0, 128)
	typed := false
	for keyword, value := range jsonscan.Members(text) {
		switch keyword {
		case "type":
			typed = !jsonvalue.ParseKinds(value).Has(jsonvalue.Object)
		case "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
			"multipleOf", "minItems", "maxItems", "uniqueItems":
		default:
			if asserts(keyword) || keyword == dialect.PatchKeyword {
				return nil
			}
			continue
		}
		key = append(append(append(key, keyword...), value...), ',')
	}
	if !typed || dialect.IsForeign(text) {
		return nil
	}
	s := c.plain[string(key)]
	if s == nil {
		s = newNode("")
		c.plain[string(key)] = s
		b := builder{compiler: c, node: s}
		b.read(text)
	}
	return s
}

// placeOf returns where a keyword stands in the document, when the path that led
// to it begins at a compiled schema, and the schema that the instance of its
// failure is judged by: the last on the path that is not only a part of it.
func placeOf(n *jsonschema.Schema, path string) (at, judge Pointer) {
	at = Pointer(strings.TrimPrefix(n.Location, "#"))
	judge = at
	tokens := instancePointer(path).Tokens()
	for len(tokens) > 1 {
		keyword, used := tokens[0], 1
		next, inPlace := single(n, keyword)
		if next == nil {
			used = 2
			next, inPlace = oneOfMany(n, keyword, tokens[1])
		}
		if next == nil {
			break
		}
		if next.Location != "" {
			at = schemaPointer(next.Location)
		} else {
			for _, token := range tokens[:used] {
				at = at.Append(token)
			}
		}
		if !inPlace {
			judge = at
		}
		n, tokens = next, tokens[used:]
	}
	for _, token := range tokens {
		at = at.Append(token)
	}
	return at, judge
}

// single returns the subschema of a keyword that has one, and whether it is for
// the same instance.
func single(n *jsonschema.Schema, keyword string) (s *jsonschema.Schema, inPlace bool) {
	switch keyword {
	case "$ref":
		if lazy, ok := n.Extensions[keyword].(*lazyReference); ok {
			target, _ := lazy.resolve()
			return target, true
		}
		return n.Ref, true
	case "then":
		return n.Then, true
	case "else":
		return n.Else, true
	case "items":
		return n.Items2020, false
	case "additionalProperties":
		s, _ := n.AdditionalProperties.(*jsonschema.Schema)
		return s, false
	case "unevaluatedProperties":
		return n.UnevaluatedProperties, false
	case "unevaluatedItems":
		return n.UnevaluatedItems, false
	}
	return nil, false
}

// oneOfMany returns a subschema of a keyword that has several, and whether it is
// for the same instance.
func oneOfMany(n *jsonschema.Schema, keyword, token string) (s *jsonschema.Schema, inPlace bool) {
	i, _ := arrayIndex(token)
	switch keyword {
	case "allOf":
		if i < len(n.AllOf) {
			return n.AllOf[i], true
		}
	case "anyOf", "oneOf":
		if u, ok := n.Extensions[keyword].(*union); ok && i < len(u.branches) {
			return u.schemaOf(u.branches[i]), true
		}
	case "dependentSchemas":
		return n.DependentSchemas[token], true
	case "properties":
		return n.Properties[token], false
	case "prefixItems":
		if i < len(n.PrefixItems) {
			return n.PrefixItems[i], false
		}
	case "patternProperties":
		for pattern, s := range n.PatternProperties {
			if pattern.String() == token {
				return s, false
			}
		}
	}
	return nil, false
}
