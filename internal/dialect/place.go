package dialect

import "strings"

// Place says what a value of the document is.
// A document can only be read with it: "default" is a keyword in a schema object and a name
// like any other in a map of properties, and what looks like a $ref in an example is not one.
type Place int

const (
	Object  Place = iota // an object of OpenAPI: the root, a path item, a parameter …
	Names                // a map from the author's names to objects of OpenAPI
	Schema               // a schema object
	Schemas              // a map or list of schema objects
	Data                 // an instance: an example, a default, an extension
	Value                // a keyword's plain value: a string, a number, a list of names
)

// Inner returns the place of a member's value, in an object or list at p. For the
// items of a list see Item.
func Inner(p Place, key string) Place {
	switch p {
	case Schema:
		return keyword(key)
		// The members of a map are all of one sort, whatever they are called.
	case Schemas:
		return Schema
	case Names:
		return Object
	case Object:
		return member(key)
	}
	return p
}

// Item returns the place of the items of a list at p.
// An array of OpenAPI has objects, an array of a schema object has schemas, and an instance
// has what it has.
func Item(p Place) Place {
	switch p {
	case Schemas:
		return Schema
	case Names:
		return Object
	}
	return p
}

// keyword places the members of a schema object (JSON Schema 2020-12 §10, §11).
func keyword(key string) Place {
	switch key {
	// Maps and lists of schemas (§8.2.4, §10.2, §10.3). definitions is what $defs was called
	// before 2019-09.
	case "properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "allOf", "anyOf", "oneOf", "prefixItems":
		return Schemas
		// Keywords whose value is a schema. items may be a list, as before 2020-12, whose
		// items are schemas then.
	case "items", "additionalProperties", "not", "if", "then", "else", "propertyNames", "contains",
		"unevaluatedProperties", "unevaluatedItems", "contentSchema":
		return Schema
	}
	if isData(key) {
		return Data
	}
	return Value
}

// member places the members of the other objects (OpenAPI 3.1 §4.8).
func member(key string) Place {
	switch key {
	case "schema":
		return Schema
	case "schemas":
		return Schemas
		// Maps whose names are the author's: status codes, media types, paths, names of
		// components. parameters may also be a list.
	case "responses", "parameters", "headers", "requestBodies", "securitySchemes", "links", "callbacks",
		"pathItems", "paths", "webhooks", "content", "variables", "encoding":
		return Names
	}
	if isData(key) {
		return Data
	}
	return Object
}

// Extensions begin with x- (OpenAPI 3.1 §4.9).
func isData(key string) bool {
	switch key {
	// Instances. Nothing in them is a reference or a schema.
	case "example", "examples", "default", "enum", "const":
		return true
	}
	return strings.HasPrefix(key, "x-")
}
