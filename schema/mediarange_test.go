package schema_test

import "testing"

// OpenAPI 3.1 §4.8.13.1: the most specific key applies, wherever it stands.
func TestMostSpecificMediaRangeApplies(t *testing.T) {
	t.Parallel()
	doc := open(t, `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/a":{"post":{"operationId":"a",
		"requestBody":{"content":{"*/*":{},"text/*":{},"text/plain":{}}},"responses":{"200":{"description":"ok"}}}}}}`)
	op, err := doc.Operation("a")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"text/plain; charset=utf-8": "text/plain", "TEXT/Plain": "text/plain", "text/csv": "text/*", "image/png": "*/*", "text": "*/*",
	} {
		if got, ok := op.RequestBody.MediaType(name); !ok || got.Name != want {
			t.Errorf("%s: got %+v, want %s", name, got, want)
		}
	}
}
