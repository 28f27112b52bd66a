package credential_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/credential"
)

func ExampleWithClientCredentials() {
	login := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		id, _, _ := req.BasicAuth()
		fmt.Println("token for", id, "with scope", req.FormValue("scope"))
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token": "abc123", "token_type": "Bearer", "expires_in": 3600}`)
	}))
	defer login.Close()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		fmt.Println(req.Method, req.URL.Path, "with", req.Header.Get("Authorization"))
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"name": "Rex"}`)
	}))
	defer api.Close()
	description := []byte(`
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets/{id}:
    get:
      operationId: getPet
      security: [{oauth: [pets]}]
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: OK, content: {application/json: {schema: {type: object}}}}}
components:
  securitySchemes:
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://login.example.com/token", scopes: {pets: Pets}}}}
`)

	c, err := client.New(client.WithSpec(description), client.WithBaseURL(api.URL),
		credential.WithClientCredentials("oauth", "my-program", "its-secret",
			credential.TokenURL(login.URL+"/token"), credential.Scopes("pets")))
	if err != nil {
		fmt.Println(err)
		return
	}
	for id := range 2 {
		r, err := c.Call(context.Background(), "getPet", client.Params{"id": id})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Get("name"))
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	// Output:
	// token for my-program with scope pets
	// GET /pets/0 with Bearer abc123
	// Rex
	// GET /pets/1 with Bearer abc123
	// Rex
}
