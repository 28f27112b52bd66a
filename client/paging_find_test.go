package client_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opcall/opcall/client/internal/paging"
	"github.com/opcall/opcall/schema"
)

// A response whose schema doubles at each of many levels, in each of many members, is
// looked at to a bound: without one this test would not end.
func TestFindIsBounded(t *testing.T) {
	t.Parallel()
	var schemas, members []string
	for i := range 15 {
		schemas = append(schemas, fmt.Sprintf(`"S%d": {"allOf": [%s{}], "properties": {"meta": {"$ref": "#/components/schemas/S0"}, "x%d": {"type": "array"}}}`,
			i, strings.Repeat(fmt.Sprintf(`{"allOf": [{"$ref": "#/components/schemas/S%d"}]},`, i+1), 40), i))
	}
	for i := range 400 {
		members = append(members, fmt.Sprintf(`"m%d": {"$ref": "#/components/schemas/S0"}`, i))
	}
	schemas = append(schemas, `"S15": {"properties": {"next": {"$ref": "#/components/schemas/S0"}}}`)
	doc, err := schema.Load([]byte(`{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "OK",
		"content": {"application/json": {"schema": {"type": "object", "properties": {` + strings.Join(members, ",") + `}}}}}}}}}, "components": {"schemas": {` + strings.Join(schemas, ",") + `}}}`))
	if err != nil {
		t.Fatal(err)
	}
	op, err := doc.Operation("a")
	if err != nil {
		t.Fatal(err)
	}
	if style, err := paging.Find(op); err == nil && len(style.Next) > 0 {
		t.Errorf("got %+v, want no list that goes on", style)
	}
}

// What is a path of the response is one of schema.Value.Get, whatever the names are.
func TestPagesAreFoundUnderOddNames(t *testing.T) {
	t.Parallel()
	doc, err := schema.Load([]byte(`{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "OK",
		"content": {"application/json": {"schema": {"type": "object", "properties": {"@odata.nextLink": {"type": "string"}, "v\\1.items": {"type": "array", "items": {}}}}}}}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	op, err := doc.Operation("a")
	if err != nil {
		t.Fatal(err)
	}
	style, err := paging.Find(op)
	if err != nil {
		t.Fatal(err)
	}
	if style.Items != `v\\1\.items` || len(style.Next) != 1 || style.Next[0] != `@odata\.nextLink` {
		t.Errorf("got items at %s, next at %q", style.Items, style.Next)
	}
}
