package client_test

import (
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

var tiers = []schema.Tier{schema.Strict, schema.Standard, schema.Lenient, schema.Off}

// wholeBody is the body of the request that a bound call writes.
func wholeBody(t *testing.T, b *client.Bound) string {
	t.Helper()
	req, err := b.Request(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if req.Body == nil {
		return ""
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		t.Fatal(err)
	}
	return req.Header.Get("Content-Type") + " " + string(body)
}

// The tier decides about verdicts, never about what is sent.
func TestTierDoesNotChangeTheBody(t *testing.T) {
	bodies := document(`{"/a":{
		"post":{"operationId":"open","requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object"}}}},"responses":{"200":{"description":"ok"}}},
		"put":{"operationId":"optional","requestBody":{"content":{"application/json":{"schema":{"type":"object"}}}},"responses":{"200":{"description":"ok"}}},
		"patch":{"operationId":"form","requestBody":{"required":true,"content":{"application/x-www-form-urlencoded":{"schema":{"type":"object"}}}},"responses":{"200":{"description":"ok"}}}}}`)
	for name, test := range map[string]struct {
		operation string
		params    any
		opts      []client.CallOption
		want      string
	}{
		"required":           {"open", nil, nil, "application/json {}"},
		"required, given":    {"open", client.Params{"a": 1}, nil, `application/json {"a":1}`},
		"required, no Body":  {"open", client.Input{}, nil, "application/json {}"},
		"optional":           {"optional", nil, nil, ""},
		"optional and extra": {"optional", nil, []client.CallOption{client.WithExtraBody("a", 1)}, `application/json {"a":1}`},
		"required and extra": {"open", nil, []client.CallOption{client.WithExtraBody("a", 1)}, `application/json {"a":1}`},
		"form":               {"form", nil, nil, "application/x-www-form-urlencoded "},
	} {
		for _, tier := range tiers {
			t.Run(name+", "+tier.String(), func(t *testing.T) {
				c := newClient(t, bodies, client.WithBaseURL("http://host"), client.WithRequestValidation(tier))
				b, err := c.Bind(test.operation, test.params, test.opts...)
				if err != nil {
					t.Fatal(err)
				}
				before := wholeBody(t, b)
				if err := b.Validate(); err != nil {
					t.Error(err)
				}
				if after := wholeBody(t, b); before != test.want || after != test.want {
					t.Errorf("got %q, after Validate %q, want %q", before, after, test.want)
				}
			})
		}
	}
}

// An absent body that cannot be an empty object is missing, whatever the tier says
// of mistakes.
func TestMissingBodyIsRefusedInEveryTier(t *testing.T) {
	missing := document(`{"/a":{
		"post":{"operationId":"list","requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"array"}}}},"responses":{"200":{"description":"ok"}}},
		"put":{"operationId":"bytes","requestBody":{"required":true,"content":{"image/png":{}}},"responses":{"200":{"description":"ok"}}},
		"patch":{"operationId":"unknown","requestBody":{"required":true,"content":{"application/json":{}}},"responses":{"200":{"description":"ok"}}}}}`)
	for operation, want := range map[string]string{
		"list":    "list: /: missing request body: application/json",
		"bytes":   "bytes: /: missing request body: image/png",
		"unknown": "unknown: /: missing request body: application/json",
	} {
		if err := newClient(t, missing).Validate(operation, nil); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// One Bound can be validated by many goroutines: run with -race.
func TestValidateConcurrently(t *testing.T) {
	c := newClient(t, client.WithFindings(func(string, []schema.Finding) {}))
	for _, tier := range tiers {
		for _, params := range []any{nil, client.Params{"name": 5}} {
			b, err := c.Bind("createVectorStore", params, client.WithRequestValidation(tier))
			if err != nil {
				t.Fatal(err)
			}
			want := wholeBody(t, b)
			var running sync.WaitGroup
			for range 4 {
				running.Go(func() {
					_ = b.Validate() // the verdict is another test's
					if got := wholeBody(t, b); got != want {
						t.Errorf("%v: got %q, want %q", tier, got, want)
					}
					b.Coverage()
				})
			}
			running.Wait()
		}
	}
}

// TestWithoutValuesStillNamesWhatIsMissing: what is missing has no value to leave out.
func TestWithoutValuesStillNamesWhatIsMissing(t *testing.T) {
	c := newClient(t, client.WithDocument(loaded(t, `
openapi: 3.1.0
info: {title: t, version: "1"}
servers: [{url: https://api.test/v1}]
paths:
  /a:
    post:
      operationId: a
      parameters:
        - {name: X-Key, in: header, required: true, schema: {type: string}}
        - {name: q, in: query, required: true, schema: {type: string}}
      requestBody: {required: true, content: {application/json: {schema: {type: array}}}}
      responses: {"204": {description: ok}}
`)))
	var invalid *schema.ValidationError
	if err := c.Validate("a", nil); !errors.As(err, &invalid) {
		t.Fatalf("got %v, want a *schema.ValidationError", err)
	}
	const want = `a: 3 problems
  header /X-Key: missing header parameter "X-Key"
  query /q: missing query parameter "q"
  /: missing request body`
	if got := invalid.WithoutValues().Error(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
