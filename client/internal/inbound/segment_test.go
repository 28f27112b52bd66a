package inbound_test

import (
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/schema"
)

func TestPathValuesThatLeadElsewhereAreRefused(t *testing.T) {
	doc, err := schema.Load([]byte(`{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/animals/{id}": {"get": {"operationId": "getAnimal",
		"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}], "responses": {"200": {"description": "d"}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{ // the segment, and whether it is refused
		"7": false, "a%2Fb": false, "a..b": false, "...": false, "%2e%2e%2e": false, ".a%2F..b": false, "a%5Cb": false, "%252e%252e": false,
		"..": true, ".": true, "%2e%2E": true, "..%2f..%2fadmin": true, "a%2F..%2Fb": true, "a%5C..": true, "%2e%5C": true, "a%00b": true, "%00": true,
	}
	for segment, refused := range tests {
		t.Run(segment, func(t *testing.T) {
			u, err := url.Parse("/animals/" + segment)
			if err != nil {
				t.Fatal(err)
			}
			op, path, refusal := inbound.Route(doc, inbound.NewBases(doc), "GET", u)
			if refusal != nil {
				t.Fatal(refusal)
			}
			hr := httptest.NewRequest("GET", "/", nil)
			hr.URL = u
			_, refusal = new(inbound.Validator).Read(hr, op, path)
			if (refusal != nil) != refused {
				t.Errorf("got %v, want a refusal: %t", refusal, refused)
			}
		})
	}
}
