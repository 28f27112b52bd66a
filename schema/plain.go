package schema

import (
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/jsonscan"
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
			typed = !typesOf(value).has(typeObject)
		case "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
			"multipleOf", "minItems", "maxItems", "uniqueItems":
		default:
			if asserts(keyword) || keyword == patchKeyword {
				return nil
			}
			continue
		}
		key = append(append(append(key, keyword...), value...), ',')
	}
	if !typed || c.doc.needsRepair(text) {
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

// placeOf returns the pointer of a keyword in the document, when the path that
// led to it begins at a compiled schema.
func placeOf(n *jsonschema.Schema, path string) Pointer {
	at := Pointer(strings.TrimPrefix(n.Location, "#"))
	tokens := instancePointer(path).Tokens()
	for len(tokens) > 1 {
		var next *jsonschema.Schema
		used := 1
		if next = single(n, tokens[0]); next == nil {
			used = 2
			next = oneOfMany(n, tokens[0], tokens[1])
		}
		if next == nil {
			break
		}
		if next.Location != "" {
			at = Pointer(strings.TrimPrefix(next.Location, "#"))
		} else {
			for _, token := range tokens[:used] {
				at = at.Append(token)
			}
		}
		n, tokens = next, tokens[used:]
	}
	for _, token := range tokens {
		at = at.Append(token)
	}
	return at
}

// single returns the subschema of a keyword that has one.
func single(n *jsonschema.Schema, keyword string) *jsonschema.Schema {
	switch keyword {
	case "$ref":
		if lazy, ok := n.Extensions[keyword].(*lazyReference); ok {
			target, _ := lazy.resolve()
			return target
		}
		return n.Ref
	case "items":
		return n.Items2020
	case "additionalProperties":
		s, _ := n.AdditionalProperties.(*jsonschema.Schema)
		return s
	case "unevaluatedProperties":
		return n.UnevaluatedProperties
	case "unevaluatedItems":
		return n.UnevaluatedItems
	case "then":
		return n.Then
	case "else":
		return n.Else
	}
	return nil
}

// oneOfMany returns a subschema of a keyword that has several.
func oneOfMany(n *jsonschema.Schema, keyword, token string) *jsonschema.Schema {
	i, _ := arrayIndex(token)
	switch keyword {
	case "properties":
		return n.Properties[token]
	case "patternProperties":
		for pattern, s := range n.PatternProperties {
			if pattern.String() == token {
				return s
			}
		}
	case "dependentSchemas":
		return n.DependentSchemas[token]
	case "allOf":
		if i < len(n.AllOf) {
			return n.AllOf[i]
		}
	case "prefixItems":
		if i < len(n.PrefixItems) {
			return n.PrefixItems[i]
		}
	case "anyOf", "oneOf":
		if u, ok := n.Extensions[keyword].(*union); ok && i < len(u.branches) {
			return u.schemaOf(u.branches[i])
		}
	}
	return nil
}
