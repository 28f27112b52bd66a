package client_test

import (
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
)

const serverDocument = `openapi: 3.0.3
info: {title: servers, version: "1"}
servers: [{url: "https://{region}.example.com/{base}", variables: {region: {default: eu, enum: [eu, us]}, base: {default: v2}}}]
paths:
  /a: {get: {operationId: a, responses: {"200": {description: OK}}}}
  /upload:
    servers: [{url: "https://{tenant}.upload.example.com/files", variables: {tenant: {default: t}}}]
    get: {operationId: upload, responses: {"200": {description: OK}}}
  /ping: {get: {operationId: ping, servers: [{url: "/"}], responses: {"200": {description: OK}}}}
`

func TestServersOfOperationsAndVariables(t *testing.T) {
	spec, consent, base := client.WithSpec([]byte(serverDocument)), client.WithDocumentServer(), client.WithBaseURL("https://gateway.example.com/v9")
	for name, tt := range map[string]struct {
		operation string
		options   []client.Option
		call      []client.CallOption
		want      string // or a part of the error
	}{
		"defaults":                      {"a", []client.Option{consent}, nil, "https://eu.example.com/v2/a"},
		"variables":                     {"a", []client.Option{consent, client.WithServerVariable("region", "us"), client.WithServerVariable("base", "v3/beta")}, nil, "https://us.example.com/v3/beta/a"},
		"variable of the call":          {"a", []client.Option{consent}, []client.CallOption{client.WithServerVariable("region", "us")}, "https://us.example.com/v2/a"},
		"variable of an operation":      {"upload", []client.Option{consent, client.WithServerVariable("tenant", "acme")}, nil, "https://acme.upload.example.com/files/upload"},
		"not in the enum":               {"a", []client.Option{consent, client.WithServerVariable("region", "mars")}, nil, "want one of eu, us"},
		"unknown":                       {"a", []client.Option{consent, client.WithServerVariable("regoin", "us")}, nil, `did you mean "region"`},
		"without consent":               {"a", []client.Option{client.WithServerVariable("region", "us")}, nil, "WithDocumentServer"},
		"another host":                  {"upload", []client.Option{consent, client.WithServerVariable("tenant", "evil.example/x")}, nil, "leads out of its place"},
		"another user":                  {"upload", []client.Option{consent, client.WithServerVariable("tenant", "x@evil.example")}, nil, "leads out of its place"},
		"out of the path":               {"a", []client.Option{consent, client.WithServerVariable("base", "../v1")}, nil, "leads out of its place"},
		"base alone":                    {"upload", []client.Option{base}, nil, "https://gateway.example.com/v9/upload"},
		"base and consent":              {"a", []client.Option{base, consent}, nil, "https://gateway.example.com/v9/a"},
		"base, consent and own server":  {"upload", []client.Option{base, consent}, nil, "https://t.upload.example.com/files/upload"},
		"base, consent and own path":    {"ping", []client.Option{base, consent}, nil, "https://gateway.example.com/ping"},
		"base of the call, own server":  {"upload", []client.Option{consent}, []client.CallOption{client.WithBaseURL("https://other.example.com")}, "https://other.example.com/upload"},
		"unknown, for the call":         {"a", []client.Option{consent}, []client.CallOption{client.WithServerVariable("regoin", "us")}, `did you mean "region"`},
		"no consent, for the call":      {"a", nil, []client.CallOption{client.WithServerVariable("region", "us")}, "WithDocumentServer"},
		"not in the enum, for the call": {"a", []client.Option{consent}, []client.CallOption{client.WithServerVariable("region", "mars")}, "want one of eu, us"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			c, err := client.New(append([]client.Option{spec}, tt.options...)...)
			if err == nil {
				r, failed := c.Request(t.Context(), tt.operation, nil, tt.call...)
				if err = failed; err == nil {
					got = r.URL.String()
				}
			}
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, tt.want) || err == nil && got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
