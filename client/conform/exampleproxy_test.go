package conform_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// A proxy in front of an API passes everything on, and counts where the API and its
// description differ.
func ExampleNewProxy() {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"id":"gpt-5-mini","object":"model","created":"2025-08-07","owned_by":"openai","shared":true}`)
	}))
	defer api.Close()
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		fmt.Println(err)
		return
	}
	proxy, err := conform.NewProxy(doc, api.URL+"/v1", conform.WithReport(func(conform.Report) {}))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer proxy.CloseIdleConnections()
	server := httptest.NewServer(proxy)
	defer server.Close()

	for range 2 {
		resp, err := server.Client().Get(server.URL + "/v1/models/gpt-5-mini")
		if err != nil {
			fmt.Println(err)
			return
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	server.Close() // waits until the responses are counted, which a client may have read before
	for _, f := range proxy.Drift().Fields {
		fmt.Println(f.Operation, f.Pointer, f.Keyword, f.Count)
	}
	// Output:
	// retrieveModel /created type 2
	// retrieveModel /shared unevaluatedProperties 2
}

// A candidate for the next description is tried with the traffic of today, which it does
// not touch.
func ExampleNewShadow() {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"id":7,"name":"Rex"}`)
	}))
	defer api.Close()
	pets := func(id string) *schema.Document {
		doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"Pets","version":"1"},"paths":{"/pets/{id}":{"get":{
			"operationId":"getPet","parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
			"responses":{"200":{"description":"a pet","content":{"application/json":{"schema":
				{"type":"object","properties":{"id":{"type":"` + id + `"},"name":{"type":"string"}}}}}}}}}}}`))
		if err != nil {
			panic(err)
		}
		return doc
	}
	shadow := conform.NewShadow(nil, pets("integer"), pets("string"))
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()

	resp, err := (&http.Client{Transport: shadow}).Get(api.URL + "/pets/7")
	if err != nil {
		fmt.Println(err)
		return
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()

	for _, d := range shadow.Comparison().Differences {
		fmt.Println(d)
	}
	// Output: 1 response of getPet fails in the new document at /id: invalid by type, want string
}
