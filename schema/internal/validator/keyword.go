package validator

// A step of the walk and a failure both name a keyword. As a byte, it takes no memory
// beside the other fields of a frame, and the text is looked up when a problem is
// shown.

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
