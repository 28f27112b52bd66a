package client_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

func TestLimitOfResponseHoldsWithoutLength(t *testing.T) {
	address := newBareServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for range 100 {
			io.WriteString(w, strings.Repeat(" ", 1000))
			w.(http.Flusher).Flush()
		}
	})
	c := newClient(t, client.WithBaseURL(address), client.WithMaxResponse(1500))
	r, err := c.Call(t.Context(), "retrieveModel", client.Params{"model": "m"})
	var unusable *client.ResponseError
	if !errors.As(err, &unusable) || len(r.Raw()) != 1500 {
		t.Errorf("got %d bytes, %v", len(r.Raw()), err)
	}
}

func TestDocumentSetsLimitOfResponse(t *testing.T) {
	body := `{"a":"` + strings.Repeat("x", 2000) + `"}`
	address := newBareServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, body)
	})
	doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{
		"/small":{"get":{"operationId":"small","x-opcall-max-response":1000,"responses":{"200":{"description":"","content":{"application/json":{}}}}}},
		"/plain":{"get":{"operationId":"plain","responses":{"200":{"description":"","content":{"application/json":{}}}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		operation string
		opts      []client.CallOption
		want      int
	}{
		"the document's":       {"small", nil, 1000},
		"the caller's, larger": {"small", []client.CallOption{client.WithMaxResponse(5000)}, len(body)},
		"the caller's, less":   {"small", []client.CallOption{client.WithMaxResponse(10)}, 10},
		"none of either":       {"plain", nil, len(body)},
	}
	c := newClient(t, client.WithBaseURL(address), client.WithDocument(doc))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := c.Call(t.Context(), tt.operation, nil, tt.opts...)
			if r == nil || len(r.Raw()) != tt.want || (err != nil) != (tt.want < len(body)) {
				t.Errorf("got %v, %v; want %d bytes", r, err, tt.want)
			}
		})
	}
}
