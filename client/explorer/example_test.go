package explorer_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/explorer"
)

// A team mounts the page beside its own, calls go to a test server alone.
func Example() {
	test, err := clienttest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer test.Close()
	c, err := client.New(client.WithoutEnvironment())
	if err != nil {
		log.Fatal(err)
	}
	page, err := explorer.New(c, explorer.WithTestServer(test.Client()), explorer.WithoutAPI())
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(page) // http.ListenAndServe("127.0.0.1:8080", page)
	defer server.Close()

	first := page.Start() // a browser is admitted by the token in it
	r, err := http.Get(server.URL + first[:1])
	if err != nil {
		log.Fatal(err)
	}
	defer r.Body.Close()
	fmt.Println(page, "without the token:", r.Status)
	// Output: explorer of opcall client of OpenAI API 2.3.0 without the token: 403 Forbidden
}
