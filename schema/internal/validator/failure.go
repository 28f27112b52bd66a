package validator

import (
	"strconv"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// failure is a keyword that an instance does not match. Failures are kept in one
// list in the order in which they are found; those that a union's closest branch
// failed with precede the failure of the union, so that a tree of them takes no
// pointers.
type failure struct {
	way     int32 // to the node that has the keyword: an index in walk.ways
	keyword keyword
	detail  detail
	a, b    int32 // see detail
	causes  int32 // how many of the preceding failures belong to this one
}

// detail is what the keyword alone does not tell.
type detail uint8

const (
	plainFailure    detail = iota
	otherKind              // type: an object or array for a scalar, or the other way round
	missingNames           // required: a is how many
	equalItems             // uniqueItems: a and b are their indexes
	dependentOn            // dependentRequired: a is the index of the entry, b of the name
	badName                // propertyNames: a is the Ref of the name
	noBranch               // anyOf, oneOf: no branch is for values of that kind
	noTag                  // the same for an object whose tag no branch has
	branchFailed           // the closest branch has the failures that precede
	severalBranches        // oneOf, in the Strict mode
	faultyDocument         // the schema cannot be used
	foreignKeyword         // reported by jsonschema: a is an index in walk.foreign
)

// way leads from a node to one of its parts and from its instance to the same, a
// member or an item. It is noted only where something fails, and failures share
// the way that they have in common.
type way struct {
	node    *node
	value   jsonvalue.Ref
	parent  int32 // an index in walk.ways, -1 at the root
	index   int32 // of the part among those of keyword
	depth   int16 // of value in the instance
	keyword keyword
}

// keyword is a keyword that leads to a part, or that fails.
type keyword uint8

const (
	kwNone keyword = iota
	kwType
	kwEnum
	kwConst
	kwMinLength
	kwMaxLength
	kwPattern
	kwMinimum
	kwMaximum
	kwExclusiveMinimum
	kwExclusiveMaximum
	kwMultipleOf
	kwMinProperties
	kwMaxProperties
	kwRequired
	kwDependentRequired
	kwPropertyNames
	kwMinItems
	kwMaxItems
	kwUniqueItems
	kwMinContains
	kwMaxContains
	kwNot
	kwAnyOf
	kwOneOf
	kwProperties
	kwPatternProperties
	kwAdditionalProperties
	kwUnevaluatedProperties
	kwDependentSchemas
	kwPrefixItems
	kwItems
	kwUnevaluatedItems
	kwContains
	kwRef
	kwDynamicRef
	kwAllOf
	kwIf
	kwThen
	kwElse
	kwFault
)

var keywordNames = [...]string{
	kwNone: "", kwType: "type", kwEnum: "enum", kwConst: "const",
	kwMinLength: "minLength", kwMaxLength: "maxLength", kwPattern: "pattern",
	kwMinimum: "minimum", kwMaximum: "maximum", kwExclusiveMinimum: "exclusiveMinimum", kwExclusiveMaximum: "exclusiveMaximum",
	kwMultipleOf: "multipleOf", kwMinProperties: "minProperties", kwMaxProperties: "maxProperties",
	kwRequired: "required", kwDependentRequired: "dependentRequired", kwPropertyNames: "propertyNames",
	kwMinItems: "minItems", kwMaxItems: "maxItems", kwUniqueItems: "uniqueItems", kwMinContains: "minContains", kwMaxContains: "maxContains",
	kwNot: "not", kwAnyOf: "anyOf", kwOneOf: "oneOf",
	kwProperties: "properties", kwPatternProperties: "patternProperties", kwAdditionalProperties: "additionalProperties",
	kwUnevaluatedProperties: "unevaluatedProperties", kwDependentSchemas: "dependentSchemas",
	kwPrefixItems: "prefixItems", kwItems: "items", kwUnevaluatedItems: "unevaluatedItems", kwContains: "contains",
	kwRef: "$ref", kwDynamicRef: "$dynamicRef", kwAllOf: "allOf", kwIf: "if", kwThen: "then", kwElse: "else",
	kwFault: FaultKeyword,
}

func (k keyword) String() string { return keywordNames[k] }

// schemaPointer returns where the node at the end of a way is in the document. A
// plain node, which is in several places, is below the last node on the way that
// is in one.
func (w *walk) schemaPointer(index int32) string {
	step := &w.ways[index]
	if step.node.object != nil {
		return step.node.object.at
	}
	if step.parent < 0 {
		return w.root.At
	}
	at := pointerBelow(w.schemaPointer(step.parent), step.keyword.String())
	if token, ok := w.token(step); ok {
		at = pointerBelow(at, token)
	}
	return at
}

// token returns the name or index of a part among those of its keyword, if the
// keyword has several.
func (w *walk) token(step *way) (string, bool) {
	parent := w.ways[step.parent].node
	switch step.keyword {
	case kwProperties:
		return w.tree.String(step.value - 1), true
	case kwPatternProperties:
		return parent.fields.patterns[step.index].text, true
	case kwDependentSchemas:
		return parent.fields.rare.dependentSchemas[step.index].name, true
	case kwAllOf, kwAnyOf, kwOneOf, kwPrefixItems:
		return strconv.Itoa(int(step.index)), true
	}
	return "", false
}

// instancePointer returns where the value at the end of a way is in the instance.
func (w *walk) instancePointer(index int32) string {
	step := &w.ways[index]
	if step.parent < 0 {
		return ""
	}
	at := w.instancePointer(step.parent)
	if parent := w.ways[step.parent].value; parent != step.value {
		at = w.below(at, parent, step.value)
	}
	return at
}

// below appends to the pointer of a value that of one of its members or items.
func (w *walk) below(at string, parent, value jsonvalue.Ref) string {
	if w.tree.Kind(parent) == jsonvalue.Object {
		return pointerBelow(at, w.tree.String(value-1))
	}
	index := 0
	for item := parent + 1; item < value; item = w.tree.Past(item) {
		index++
	}
	return at + "/" + strconv.Itoa(index)
}
