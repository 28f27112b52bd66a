package clienttest_test

import (
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

func serve(t *testing.T, version, paths, components string) *clienttest.Server {
	t.Helper()
	doc, err := schema.Load([]byte(`{"openapi": "` + version + `", "info": {"title": "t", "version": "1"}, "paths": {` + paths + `}, "components": {` + components + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	return clienttest.NewServer(t, clienttest.WithDocument(doc))
}

// What goes to the server alone does not come back, whether it stands in the object, behind
// a reference or in a member of allOf.
func TestWriteOnlyFieldsAreNotServed(t *testing.T) {
	const path = `"/users": {"get": {"operationId": "getUser", "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}}}}}`
	const schemas = `"schemas": {
		"Secret": {"type": "string", "writeOnly": true},
		"User": {"type": "object", "required": ["id", "password", "pin", "code"], "properties": {
			"id": {"type": "string", "readOnly": true}, "password": {"type": "string", "writeOnly": true}, "pin": {"$ref": "#/components/schemas/Secret"},
			"code": {"allOf": [{"type": "string"}, {"writeOnly": true}]}}}}`
	for version, want := range map[string]string{
		"3.0.3": `{"id":"text"}`,
		"3.1.0": `{"id":"text","password":"text","pin":"text","code":"text"}`, // writeOnly is an annotation, and required stays required
	} {
		c := serve(t, version, path, schemas).Client(client.WithResponseValidation(schema.Standard))
		resp, err := c.Call(t.Context(), "getUser", nil)
		if err != nil {
			t.Errorf("%s: %v", version, err)
			continue
		}
		if got := string(resp.Raw()); got != want {
			t.Errorf("%s: got %s, want %s", version, got, want)
		}
	}
}

// A key that is declared as a parameter too arrives as both.
func TestKeyThatIsAParameterToo(t *testing.T) {
	server := serve(t, "3.0.0", `"/boards": {"get": {"operationId": "getBoards", "security": [{"K": []}],
		"parameters": [{"name": "key", "in": "query", "required": true, "schema": {"type": "string", "minLength": 3}}], "responses": {"204": {"description": "d"}}}}`,
		`"securitySchemes": {"K": {"type": "apiKey", "in": "query", "name": "key"}}`)
	c := server.Client()
	for name, call := range map[string]struct {
		params client.Params
		opts   []client.CallOption
		fails  bool
	}{
		"as a parameter":  {params: client.Params{"key": "mine"}},
		"as a credential": {opts: []client.CallOption{client.WithCredential("K", "theirs")}},
		"of the test key": {},
		"invalid":         {params: client.Params{"key": "x"}, opts: []client.CallOption{client.WithRequestValidation(schema.Off)}, fails: true},
	} {
		if _, err := c.Call(t.Context(), "getBoards", call.params, call.opts...); (err != nil) != call.fails {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Of an event that is described with its fields, data is what the field data says.
func TestEnvelopesAreServedAsEvents(t *testing.T) {
	const chunk = `"schemas": {"Chunk": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}}`
	for name, tt := range map[string]struct{ event, kind, data string }{
		"data alone":     {`{"type": "object", "required": ["data"], "properties": {"data": {"$ref": "#/components/schemas/Chunk"}}}`, "", `{"id":"text"}`},
		"with its name":  {`{"type": "object", "required": ["event", "data"], "properties": {"event": {"const": "chunk"}, "data": {"$ref": "#/components/schemas/Chunk"}}}`, "chunk", `{"id":"text"}`},
		"data as a text": {`{"type": "object", "required": ["data"], "properties": {"data": {"const": "[7]"}}}`, "", `[7]`},
		"no envelope":    {`{"$ref": "#/components/schemas/Chunk"}`, "", `{"id":"text"}`},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, "3.1.0", `"/chat": {"post": {"operationId": "chat", "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {"stream": {"type": "boolean"}}}}}},
				"responses": {"200": {"description": "d", "content": {"text/event-stream": {"schema": `+tt.event+`}}}}}}`, chunk)
			s, err := server.Client().Stream(t.Context(), "chat", client.Params{}, client.WithResponseValidation(map[bool]schema.Tier{true: schema.Off, false: schema.Standard}[name == "data as a text"]))
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for ev, err := range s.Events() {
				if err != nil {
					break // the document does not say what ends the stream
				}
				if n++; string(ev.Data) != tt.data || tt.kind != "" && ev.Type != tt.kind {
					t.Errorf("got event %q with %s, want %q with %s", ev.Type, ev.Data, tt.kind, tt.data)
				}
			}
			if n != 1 {
				t.Errorf("got %d events, want one", n)
			}
		})
	}
}
