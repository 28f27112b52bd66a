package schema_test

import (
	"fmt"

	"github.com/opcall/opcall/schema"
)

func ExampleDiff() {
	load := func(model string) *schema.Document {
		doc, err := schema.Load([]byte(`{"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"},
			"paths": {"/orders": {"post": {"operationId": "createOrder",
				"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
				"responses": {"200": {"description": "the order"}}}}},
			"components": {"schemas": {"Order": {"type": "object", "properties": ` + model + `}}}}`))
		if err != nil {
			panic(err)
		}
		return doc
	}
	old := load(`{"size": {"enum": ["small", "large"]}}`)
	newer := load(`{"size": {"enum": ["small"]}, "note": {"type": "string"}}`)

	changes, err := schema.Diff(old, newer).For("createOrder")
	if err != nil {
		panic(err)
	}
	fmt.Print(changes)
	// Output:
	// breaking 1f85f913 Order.size: value removed: "large" → createOrder (request)
	// safe 3f177532 Order.note: new optional field: string → createOrder (request)
	// 1 breaking, 0 unknown, 1 safe
}
