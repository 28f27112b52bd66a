package client_test

import (
	"testing"

	"github.com/opcall/opcall/client"
)

// TestTrailingSlashOfServerDoesNotDecideAboutErrata: a description of the OpenAI API is
// one however its server is written, and others are not.
func TestTrailingSlashOfServerDoesNotDecideAboutErrata(t *testing.T) {
	for server, want := range map[string]bool{
		"https://api.openai.com/v1":       true,
		"https://api.openai.com/v1/":      true,
		"https://api.openai.com/v1//":     false,
		"https://api.openai.com/v2/":      false,
		"https://api.openai.com.evil/v1/": false,
		"http://api.openai.com/v1/":       false,
	} {
		c := newClient(t, client.WithSpec([]byte(`{"openapi":"3.1.0","info":{"title":"Test","version":"1"},"servers":[{"url":"`+server+`"}],
			"paths":{"/a":{"get":{"operationId":"a","parameters":[{"name":"list","in":"query","schema":{"type":"array","items":{"type":"string"}}}],"responses":{"200":{"description":"ok"}}}}}}`)),
			client.WithBaseURL("http://localhost/v1"))
		if _, applied := c.Document().Extension("x-opcall-errata"); applied != want {
			t.Errorf("%s: errata applied: %t, want %t", server, applied, want)
		}
		b, err := c.Bind("a", client.Params{"list": []string{"x", "y"}})
		if err != nil {
			t.Fatal(err)
		}
		req, err := b.Request(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		query := "list=x&list=y"
		if want {
			query = "list%5B%5D=x&list%5B%5D=y"
		}
		if got := req.URL.RawQuery; got != query {
			t.Errorf("%s: query %s, want %s", server, got, query)
		}
	}
}
