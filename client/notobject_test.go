package client_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/schema"
)

// TestJSONOfAnotherKindIsRefusedByEveryOperation: no operation with a JSON object for a
// response takes a list, a text, a number or null for it, also where the schema has
// properties and no type.
func TestJSONOfAnotherKindIsRefusedByEveryOperation(t *testing.T) {
	c := newClient(t)
	tried := 0
	for op := range c.Document().Operations() {
		if !hasJSONAlone(op) {
			continue
		}
		tried++
		for _, body := range []string{"[1]", "[]", "null", `"x"`, "7", "true", `[{"id":"a"}]`} {
			r, err := c.ReadResponse(op.ID, jsonOf(body))
			var unusable *client.ResponseError
			if !errors.As(err, &unusable) || !strings.Contains(err.Error(), "want object") || string(unusable.Body) != body {
				t.Errorf("%s, %s: got %v, %v, want a *client.ResponseError", op.ID, body, r, err)
			}
		}
	}
	if tried < 200 {
		t.Errorf("got %d operations, want 200 at least", tried)
	}
}

// hasJSONAlone reports whether every success of an operation has JSON and nothing else
// but events.
func hasJSONAlone(op *schema.Operation) bool {
	found := false
	for _, r := range op.Responses {
		if !strings.HasPrefix(r.Status, "2") {
			continue
		}
		for _, media := range r.Content {
			if !schema.IsJSON(media.Name) && !extension.IsEventStream(media.Name) {
				return false
			}
			found = found || schema.IsJSON(media.Name) && r.Status == "200"
		}
	}
	return found
}

func jsonOf(body string) *http.Response {
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body))}
}

// TestCallOfAnOperationWithEventsAloneNamesStream: what helps there is not another
// address.
func TestCallOfAnOperationWithEventsAloneNamesStream(t *testing.T) {
	c := newClient(t, client.WithDocument(loaded(t, `
openapi: 3.1.0
info: {title: t, version: "1"}
servers: [{url: https://api.test/v1}]
paths:
  /a:
    get:
      operationId: a
      responses: {"200": {description: ok, content: {text/event-stream: {schema: {type: object}}}}}
`)))
	for name, resp := range map[string]*http.Response{
		"empty": {StatusCode: 200},
		"JSON":  jsonOf(" "),
	} {
		_, err := c.ReadResponse("a", resp)
		if err == nil || !strings.Contains(err.Error(), "Stream asks for the events") || strings.Contains(err.Error(), "base URL") {
			t.Errorf("%s: got %v, want one that names Stream", name, err)
		}
	}
}

func loaded(t *testing.T, text string) *schema.Document {
	t.Helper()
	doc, err := schema.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
