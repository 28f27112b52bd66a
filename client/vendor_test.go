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
	gateway := httptest.NewServer(conform.NewHandler(doc, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), conform.WithReport(func(conform.Report) {})))
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

// directedDocument has properties that go one way only.
const directedDocument = `openapi: 3.0.3
info: {title: Directions, version: "1"}
servers: [{url: /}]
paths:
  /users:
    post:
      operationId: createUser
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}}
components:
  schemas:
    User:
      type: object
      required: [id, name, password]
      properties:
        id: {type: string, readOnly: true}
        name: {type: string}
        password: {type: string, writeOnly: true}
`

// TestRequiredByDirection: a required property is required in responses alone if it
// is readOnly, in requests alone if it is writeOnly (OpenAPI 3.0.3 §4.7.24.2).
func TestRequiredByDirection(t *testing.T) {
	var found []string
	note := client.WithFindings(func(_ string, findings []schema.Finding) {
		for _, f := range findings {
			found = append(found, f.String())
		}
	})
	server := newWitness(t, responding(200, "application/json", `{"id":"1","name":"Ann"}`))
	c := newClient(t, client.WithSpec([]byte(directedDocument)), client.WithBaseURL(server.URL), note)
	strict := client.WithResponseValidation(schema.Standard)
	if _, err := c.Call(t.Context(), "createUser", client.Params{"name": "Ann", "password": "secret"}, strict); err != nil {
		t.Errorf("without what is read only, and answered without what is write only: %v", err)
	}
	if len(found) > 0 {
		t.Errorf("got findings %q, want none", found)
	}
	if err := c.Validate("createUser", client.Params{"name": "Ann"}); err == nil {
		t.Error("a request without the required write-only property is valid")
	}
	other := newClient(t, client.WithSpec([]byte(directedDocument)), client.WithBaseURL(newWitness(t, responding(200, "application/json", `{"name":"Ann"}`)).URL))
	if _, err := other.Call(t.Context(), "createUser", client.Params{"name": "Ann", "password": "secret"}, strict); err == nil {
		t.Error("a response without the required read-only property is valid")
	}
}

// TestGatewayKnowsDirections holds the same for the traffic of other programs.
func TestGatewayKnowsDirections(t *testing.T) {
	doc, err := schema.Load([]byte(directedDocument))
	if err != nil {
		t.Fatal(err)
	}
	gateway := httptest.NewServer(conform.NewHandler(doc, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"id":"1","name":"Ann"}`))
	}), conform.WithResponses(schema.Standard, conform.Reject), conform.WithReport(func(conform.Report) {})))
	t.Cleanup(gateway.Close)
	for body, want := range map[string]int{`{"name":"Ann","password":"secret"}`: 200, `{"id":"1","name":"Ann"}`: 400} {
		resp, err := http.Post(gateway.URL+"/users", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: got status %d, want %d", body, resp.StatusCode, want)
		}
	}
}
