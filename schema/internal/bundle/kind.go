package bundle

import "sync"

// kind says what a value of the document is. Those with a name of a kind of component
// may be references.
//
// The kinds of components have the name of their section under components (OpenAPI 3.1
// §4.8.7), which is where a target of that kind is put.
type kind string

const (
	root          kind = "root"
	components    kind = "components"
	operation     kind = "operation"
	mediaType     kind = "media type"
	encoding      kind = "encoding"
	discriminator kind = "discriminator"
	mapping       kind = "mapping"
	data          kind = "" // an instance, a name, an extension: nothing refers from there

	schema         kind = "schemas"
	response       kind = "responses"
	parameter      kind = "parameters"
	example        kind = "examples"
	requestBody    kind = "requestBodies"
	header         kind = "headers"
	securityScheme kind = "securitySchemes"
	link           kind = "links"
	callback       kind = "callbacks"
	pathItem       kind = "pathItems"
)

// componentOrder is the order in which sections are added that the document does not
// have (OpenAPI 3.1 §4.8.7).
var componentOrder = []kind{schema, response, parameter, example, requestBody, header, securityScheme, link, callback, pathItem}

// mayRefer reports whether an object of the kind may be a reference.
// Where the specification has no Reference Object, a member named $ref is an unknown member,
// and following it would change what the document says.
func (k kind) mayRefer() bool {
	switch k {
	case schema, response, parameter, example, requestBody, header, securityScheme, link, callback, pathItem:
		return true
	}
	return false
}

// member is what the value of a member is: an object of a kind, or a list or map of
// such objects.
//
// The difference matters for the names: those of an object are keywords, those of a map are
// anybody's, and only the former decide what stands below.
type member struct {
	kind kind
	many bool
}

// members lists the members of the objects that lead to references (OpenAPI 3.1 §4.8).
// Where both an object and a list are possible, as in items of older schemas, a list is
// recognized by its bracket.
//
// A member that is not listed is data and copied: an example, a default, an enum, an
// extension. A new member of OpenAPI that may have references has to be added here, or its
// references stay relative.
var members = sync.OnceValue(func() map[kind]map[string]member {
	return map[kind]map[string]member{
		root: {
			"paths": {pathItem, true}, "webhooks": {pathItem, true}, "components": {components, false},
		},
		components: {
			"schemas": {schema, true}, "responses": {response, true}, "parameters": {parameter, true},
			"examples": {example, true}, "requestBodies": {requestBody, true}, "headers": {header, true},
			"securitySchemes": {securityScheme, true}, "links": {link, true}, "callbacks": {callback, true},
			"pathItems": {pathItem, true},
		},
		pathItem: {
			"parameters": {parameter, true}, "get": {operation, false}, "put": {operation, false}, "post": {operation, false},
			"delete": {operation, false}, "options": {operation, false}, "head": {operation, false}, "patch": {operation, false},
			"trace": {operation, false},
		},
		operation: {
			"parameters": {parameter, true}, "requestBody": {requestBody, false}, "responses": {response, true}, "callbacks": {callback, true},
		},
		parameter:   {"schema": {schema, false}, "content": {mediaType, true}, "examples": {example, true}},
		header:      {"schema": {schema, false}, "content": {mediaType, true}, "examples": {example, true}},
		requestBody: {"content": {mediaType, true}},
		mediaType:   {"schema": {schema, false}, "examples": {example, true}, "encoding": {encoding, true}},
		encoding:    {"headers": {header, true}},
		response:    {"headers": {header, true}, "content": {mediaType, true}, "links": {link, true}},
		schema: {
			"properties": {schema, true}, "patternProperties": {schema, true}, "$defs": {schema, true}, "definitions": {schema, true},
			"dependentSchemas": {schema, true}, "allOf": {schema, true}, "anyOf": {schema, true}, "oneOf": {schema, true},
			"prefixItems": {schema, true}, "items": {schema, false}, "additionalProperties": {schema, false}, "not": {schema, false},
			"if": {schema, false}, "then": {schema, false}, "else": {schema, false}, "propertyNames": {schema, false},
			"contains": {schema, false}, "unevaluatedProperties": {schema, false}, "unevaluatedItems": {schema, false},
			"contentSchema": {schema, false}, "discriminator": {discriminator, false},
		},
		discriminator: {"mapping": {mapping, false}},
	}
})

// inner returns what a member of an object of the kind is. The members of a callback
// are path items, whatever their names.
func (k kind) inner(name string) member {
	if k == callback && name != "$ref" && (len(name) < 2 || name[:2] != "x-") {
		return member{pathItem, false}
	}
	return members()[k][name]
}
