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

// TestJSONIsTheBodyOfTheRequest, with what options add; what no line can carry is an error.
func TestJSONIsTheBodyOfTheRequest(t *testing.T) {
	c := newClient(t)
	for name, test := range map[string]struct {
		operation string
		params    any
		opts      []client.CallOption
		want      string
		err       string
	}{
		"body":       {operation: "createEmbedding", params: client.Params{"model": "m", "input": "<x>"}, want: `{"input":"<x>","model":"m"}`},
		"extra":      {operation: "createEmbedding", params: client.Params{"input": "x"}, opts: []client.CallOption{client.WithExtraBody("model", "m")}, want: `{"input":"x","model":"m"}`},
		"no body":    {operation: "listModels", err: "no request body"},
		"form":       {operation: "createFile", params: client.Params{"purpose": "batch", "file": client.File{Name: "a", Body: strings.NewReader("x")}}, err: "want JSON"},
		"for events": {operation: "createChatCompletion", params: client.Params{"model": "m", "messages": []any{}, "stream": true}, err: "event stream"},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := c.Bind(test.operation, test.params, test.opts...)
			if err != nil {
				t.Fatal(err)
			}
			got, err := b.JSON()
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got %v, want %q", err, test.err)
				}
				return
			}
			if err != nil || string(got) != test.want {
				t.Errorf("got %s, error %v, want %s", got, err, test.want)
			}
		})
	}
}

// TestReadResponseIsThatOfACall: what comes another way is read, typed and refused alike.
func TestReadResponseIsThatOfACall(t *testing.T) {
	c := newClient(t)
	read := func(status int, body string, opts ...client.CallOption) (*client.Response, error) {
		return c.ReadResponse("retrieveModel", &http.Response{
			StatusCode: status, Header: http.Header{"X-Request-Id": {"req_9"}}, Body: io.NopCloser(strings.NewReader(body)),
		}, opts...)
	}
	r, err := read(200, `{"id":"m","object":"model","created":1,"owned_by":"me","more":1}`)
	if err != nil || r.Get("owned_by").String() != "me" || r.RequestID() != "req_9" || len(r.Findings()) != 1 {
		t.Fatalf("got %v, %v", r, err)
	}
	if model, err := client.Decode[struct{ ID string }](r); err != nil || model.ID != "m" {
		t.Errorf("got %v, %v", model, err)
	}
	var refused *client.APIError
	if _, err := read(429, `{"error":{"code":"rate_limit_exceeded","message":"slow down"}}`); !errors.As(err, &refused) || refused.Code != "rate_limit_exceeded" || refused.RequestID != "req_9" {
		t.Errorf("got %v", err)
	}
	var invalid *schema.ValidationError
	if _, err := read(200, `{"id":5,"object":"model","created":1,"owned_by":"me"}`, client.WithResponseValidation(schema.Standard)); !errors.As(err, &invalid) {
		t.Errorf("got %v, want a *schema.ValidationError", err)
	}
	var odd *client.ResponseError
	for _, body := range []string{"", "<html>"} {
		if _, err := read(200, body); !errors.As(err, &odd) {
			t.Errorf("%q: got %v, want a *client.ResponseError", body, err)
		}
	}
	for _, status := range []int{0, 100, 302, 500} {
		if _, err := read(status, ""); !errors.As(err, &refused) || refused.StatusCode != status {
			t.Errorf("%d: got %v, want an *client.APIError", status, err)
		}
	}
	if _, err := c.ReadResponse("retrieveModel", nil); err == nil {
		t.Error("nil: got no error")
	}
	var unknown *schema.UnknownOperationError
	if _, err := c.ReadResponse("retrieveModle", &http.Response{StatusCode: 200}); !errors.As(err, &unknown) {
		t.Errorf("got %v", err)
	}
	if _, err := newClient(t, client.WithAPIKey("key-of-the-test")).ReadResponse("key-of-the-test", &http.Response{StatusCode: 200}); !errors.As(err, &unknown) || strings.Contains(err.Error(), "key-of-the-test") {
		t.Errorf("got %v, want an error that does not show the key", err)
	}
}

// TestUnreadBodyIsTheCallers: JSON of any size comes as it is.
func TestUnreadBodyIsTheCallers(t *testing.T) {
	c := newClient(t)
	r, err := c.ReadResponse("retrieveModel", &http.Response{
		StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(`{"id":`)),
	}, client.WithUnreadBody())
	if err != nil || r.IsJSON() {
		t.Fatalf("got %v, %v", r, err)
	}
	var out strings.Builder
	if _, err := r.WriteTo(&out); err != nil || out.String() != `{"id":` {
		t.Errorf("got %q, %v", out.String(), err)
	}
}
