package validator

// A step of the walk and a failure both name a keyword. As a byte, it takes no memory
// beside the other fields of a frame, and the text is looked up when a problem is
// shown.

// keyword is a keyword that leads to a part, or that fails.
type keyword uint8

const (
	kwNone keyword = iota

	// Any type (Validation §6.1).
	kwType
	kwEnum
	kwConst

	// Strings (§6.3).
	kwMinLength
	kwMaxLength
	kwPattern

	// Numbers (§6.2).
	kwMinimum
	kwMaximum
	kwExclusiveMinimum
	kwExclusiveMaximum
	kwMultipleOf

	// Objects (§6.5; propertyNames: Core §10.3.2.4).
	kwMinProperties
	kwMaxProperties
	// required fails once for all names that are missing.
	kwRequired
	kwDependentRequired
	kwPropertyNames

	// Arrays (§6.4).
	kwMinItems
	kwMaxItems
	kwUniqueItems
	kwMinContains
	kwMaxContains

	// Schemas that apply in place and fail as a whole (Core §10.2.1).
	kwNot
	kwAnyOf
	kwOneOf

	// Keywords that lead to a member (Core §10.3.2, §11.3), or apply where one is
	// present (§10.2.2.4).
	kwProperties
	kwPatternProperties
	kwAdditionalProperties
	kwUnevaluatedProperties
	kwDependentSchemas

	// Keywords that lead to an item (Core §10.3.1, §11.2).
	kwPrefixItems
	kwItems
	kwUnevaluatedItems
	kwContains

	// Keywords that lead to a schema for the same value (Core §8.2.3, §10.2): they do
	// not fail themselves, the schema does.
	kwRef
	kwDynamicRef
	kwAllOf
	kwIf
	kwThen
	kwElse

	// A member that is a JSON Schema, and a misspelt keyword in it.
	kwSchema
	kwMisspelt

	// A schema that cannot be used.
	kwUnusable
)

// SchemaKeyword is the extension of a schema object for objects that hold JSON Schemas:
// the names of these members, each with an object of rules for it: {parameters: {}}. The
// rule {strict: NAME} is for schemas that a model is held to, see strictsubset.go.
const SchemaKeyword = "x-opcall-schema"

// misspeltKeywords lists in the metaschema the keywords whose misspelling is refused:
// those that decide what is valid, and the description, which a model reads.
const misspeltKeywords = "x-opcall-misspelt"

const (
	// UnusableKeyword marks a problem of the document, not of the instance.
	UnusableKeyword = "x-opcall-unusable"

	// UnknownKeyword marks a field that nothing declares.
	UnknownKeyword = "unevaluatedProperties"
)

// Indexed by keyword, so that a keyword without a name does not compile to a wrong one: it
// is empty.
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
	kwSchema: SchemaKeyword, kwMisspelt: misspeltKeywords,
	kwUnusable: UnusableKeyword,
}

func (k keyword) String() string { return keywordNames[k] }
