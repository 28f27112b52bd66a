package explorer_test

import (
	"fmt"
	"log"
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

	address := server.URL + page.Start() // to be opened in a browser
	fmt.Println(len(address) > len(server.URL), page)
	// Output: true explorer of opcall client of OpenAI API 2.3.0
}
