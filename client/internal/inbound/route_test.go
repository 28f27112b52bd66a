package inbound_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/schema"
)

const routes = `{
	"openapi": "3.1.0", "info": {"title": "t", "version": "1"},
	"paths": {
		"/animals": {
			"get": {"operationId": "listAnimals", "responses": {"200": {"description": "d"}}},
			"post": {"operationId": "createAnimal", "responses": {"200": {"description": "d"}}}
		},
		"/animals/{id}": {"get": {"operationId": "getAnimal", "responses": {"200": {"description": "d"}}}}
	}
}`

func TestRouteFindsTheOperationOrSaysTheNearest(t *testing.T) {
	doc, err := schema.Load([]byte(routes))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		bases       string // separated by spaces
		method, url string
		want        string // operation with its id, or a part of the refusal
		status      int    // of the refusal
	}{
		"operation":     {"/v1", "GET", "/v1/animals", "listAnimals ", 0},
		"parameter":     {"/v1", "GET", "/v1/animals/a%2Fb?x=1", "getAnimal a%2Fb", 0},
		"second base":   {"/v1 /v2", "GET", "/v2/animals", "listAnimals ", 0},
		"other base":    {"/v1 /v2", "GET", "/v3/animals", `got path "/v3/animals", want one under "/v1/"`, 404},
		"half a base":   {"/v1", "GET", "/v11/animals", `want one under "/v1/"`, 404},
		"no path":       {"/v1", "GET", "", `got path ""`, 404},
		"other method":  {"/v1", "PUT", "/v1/animals", "got PUT /animals, want GET or POST", 405},
		"HEAD":          {"/v1", "HEAD", "/v1/animals", "listAnimals ", 0},
		"HEAD of POST":  {"/v1", "HEAD", "/v1/none", "no operation is at HEAD /none", 404},
		"empty segment": {"/v1", "GET", "/v1/animals/", "listAnimals ", 0},
		"typing error":  {"/v1", "POST", "/v1/animal", "did you mean POST /animals?", 404},
		"with an ID":    {"/v1", "GET", "/v1/animal/7", "did you mean GET /animals/{id}", 404},
		"far too long":  {"/v1", "GET", "/v1/animals/7/" + strings.Repeat("x", 10_000), "no operation is at GET /animals/7/xxx", 404},
		"broken escape": {"/v1", "GET", "/v1/animals%zz", "no operation is at GET /animals%25zz", 404},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			u, err := url.Parse(tt.url)
			if err != nil {
				u = &url.URL{Path: tt.url}
			}
			op, path, refusal := inbound.Route(doc, inbound.NewBases(doc, strings.Fields(tt.bases)...), tt.method, u)
			if refusal == nil {
				if got := op.ID + " " + path["id"]; got != tt.want || tt.status != 0 {
					t.Errorf("got %q, want %q", got, tt.want)
				}
				return
			}
			if refusal.Status != tt.status || !strings.Contains(refusal.Message, tt.want) || len(refusal.Message) > 400 {
				t.Errorf("got %d %s, want %d %s", refusal.Status, refusal.Message, tt.status, tt.want)
			}
			if (refusal.Allow != nil) != (tt.status == 405) {
				t.Errorf("got Allow %v", refusal.Allow)
			}
		})
	}
}

// An operation is found below every server that the document gives for it, and below no
// other's.
func TestRouteBelowEveryServer(t *testing.T) {
	doc, err := schema.Load([]byte(`
openapi: 3.0.3
info: {title: servers, version: "1"}
servers: [{url: "https://{region}.example.com/{base}", variables: {region: {default: eu}, base: {default: v2}}}, {url: "https://sandbox.example.com/v2/test/"}]
paths:
  /a: {get: {operationId: a, responses: {"200": {description: OK}}}}
  /upload:
    servers: [{url: "https://upload.example.com/files"}, {url: /more/files}]
    get: {operationId: upload, responses: {"200": {description: OK}}}
  /ping:
    get: {operationId: ping, servers: [{url: /}], responses: {"200": {description: OK}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	bases := inbound.NewBases(doc)
	for path, want := range map[string]string{
		"/v2/a": "a", "/v2/test/a": "a", "/files/upload": "upload", "/more/files/upload": "upload", "/v2/upload": "upload", "/ping": "ping",
		"/a": "", "/files/a": "", "/files/ping": "", "/test/a": "", "/upload": "",
	} {
		op, _, refusal := inbound.Route(doc, bases, "GET", &url.URL{Path: path})
		if got := ""; op != nil && op.ID != want || op == nil && want != got || op == nil && refusal == nil {
			t.Errorf("%s: got %v, want %q", path, op, want)
		}
	}
}
