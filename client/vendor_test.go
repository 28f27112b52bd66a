package client_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/schema"
)

// vendorDocument has what documents of other vendors have and that of the OpenAI
// API has not.
const vendorDocument = `openapi: 3.0.3
info: {title: Vendors, version: "1"}
servers: [{url: /}]
paths:
  /lists:
    get:
      operationId: lists
      parameters:
        - {name: any, in: query, schema: {anyOf: [{type: array, items: {type: string}}, {type: string, nullable: true, enum: [null]}]}}
        - {name: nullable, in: query, schema: {type: array, nullable: true, items: {type: string}}}
        - {name: numbers, in: query, schema: {type: array, nullable: true, items: {type: integer}}}
        - {name: scalar, in: query, schema: {type: integer, nullable: true}}
      responses: {"200": {description: ok}}
  /empty:
    get:
      operationId: empty
      parameters:
        - {name: offset, in: query, allowEmptyValue: true, schema: {type: integer}}
        - {name: born, in: query, allowEmptyValue: true, schema: {type: string, minLength: 10}}
        - {name: strict, in: query, schema: {type: integer}}
      responses: {"200": {description: ok}}
  /required:
    get:
      operationId: required
      parameters:
        - {name: ids, in: query, required: true, schema: {type: array, items: {type: string}}}
        - {name: filter, in: query, required: true, content: {application/json: {schema: {type: array}}}}
      responses: {"200": {description: ok}}
  /chat:
    post:
      operationId: chat
      requestBody: {content: {application/json: {schema: {type: object, properties: {stream: {type: boolean}}}}}}
      responses:
        "200":
          description: ok
          content:
            text/event-stream:
              schema: {type: object, required: [data], properties: {id: {type: string}, data: {$ref: '#/components/schemas/Chunk'}}}
components:
  schemas:
    Chunk: {type: object, required: [id], properties: {id: {type: string}}}
`

func TestGatewayReadsQueriesOfOtherVendors(t *testing.T) {
	doc, err := schema.Load([]byte(vendorDocument))
	if err != nil {
		t.Fatal(err)
	}
	gateway := httptest.NewServer(conform.NewHandler(doc, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	t.Cleanup(gateway.Close)
	for query, want := range map[string]int{
		"lists?any=x":             200,
		"lists?nullable=x":        200,
		"lists?nullable=x&any=y":  200,
		"lists?numbers=5":         200,
		"lists?numbers=five":      400,
		"lists?scalar=5":          200,
		"lists?scalar=5&scalar=6": 400,
		"empty?offset=":           200,
		"empty?offset":            200,
		"empty?offset=x":          400,
		"empty?born=":             200,
		"empty?born=short":        400,
		"empty?strict=":           400,
	} {
		resp, err := http.Get(gateway.URL + "/" + query)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: got status %d, want %d", query, resp.StatusCode, want)
		}
	}
}

func TestEmptyValueIsSentWhereItIsAllowed(t *testing.T) {
	sent := reach(t, "empty", client.Params{"offset": "", "born": ""}, client.WithSpec([]byte(vendorDocument)))
	if sent.Query != "born=&offset=" && sent.Query != "offset=&born=" {
		t.Errorf("got query %q, want both parameters, empty", sent.Query)
	}
	c := newClient(t, client.WithSpec([]byte(vendorDocument)))
	if err := c.Validate("empty", client.Params{"strict": ""}); err == nil {
		t.Error("an empty text for an integer without allowEmptyValue is valid, want an error")
	}
}

// TestRequiredListWithoutItemsIsMissing: no style puts an empty list on the wire,
// so that the server would miss it.
func TestRequiredListWithoutItemsIsMissing(t *testing.T) {
	c := newClient(t, client.WithSpec([]byte(vendorDocument)))
	err := c.Validate("required", client.Params{"ids": []string{}, "filter": []string{}})
	var invalid *schema.ValidationError
	if !errors.As(err, &invalid) || len(invalid.Problems) != 1 || invalid.Problems[0].Pointer != "/ids" {
		t.Fatalf("got %v, want one problem, of ids: the other parameter is JSON text", err)
	}
	if !strings.Contains(err.Error(), "got [], which is not sent at all, want at least one value") {
		t.Errorf("got %v", err)
	}
}

// TestEventsInAnEnvelopeOfData: the description wraps the data of an event, the
// server does not.
func TestEventsInAnEnvelopeOfData(t *testing.T) {
	var found []string
	note := client.WithFindings(func(_ string, findings []schema.Finding) {
		for _, f := range findings {
			found = append(found, f.String())
		}
	})
	server := newWitness(t, sseAnswer("data: {\"id\":\"a\"}\n\ndata: {\"id\":\"b\",\"new\":1}\n\n"))
	c := newClient(t, client.WithSpec([]byte(vendorDocument)), client.WithBaseURL(server.URL))
	s, err := c.Stream(t.Context(), "chat", nil, note)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var ids []string
	for ev, err := range s.Events() {
		if err != nil {
			break // the document does not say what ends the stream
		}
		ids = append(ids, ev.Value().Get("id").String())
	}
	if diff := cmp.Diff([]string{"a", "b"}, ids); diff != "" {
		t.Errorf("events differ (-want +got):\n%s", diff)
	}
	if len(found) != 1 || !strings.Contains(found[0], "/data/new") {
		t.Errorf("got findings %q, want one, of the unknown field", found)
	}
}
