package explorer_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/explorer"
)

// A component of another API may have the name of one of OpenAI's and be something else.
func TestFieldsOfAnotherAPIHaveItsOwnTexts(t *testing.T) {
	api, err := client.New(client.WithoutEnvironment(), client.WithSpec([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"servers":[{"url":"https://api.example"}],"paths":{},
		"components":{"schemas":{"Reasoning":{"type":"object","properties":{"effort":{"type":"string"},"summary":{"type":"string","description":"of the judge"}}}}}}`)))
	if err != nil {
		t.Fatal(err)
	}
	_, text := openClient(t, api).get("/shape.json?path=Reasoning")
	if strings.Count(text, `"Text"`)+strings.Count(text, `"text"`) != 1 || !strings.Contains(text, "of the judge") {
		t.Errorf("got %s, want the text of the document alone", text)
	}
}

func TestTwoExplorersInOneBrowser(t *testing.T) {
	first, _ := open(t)
	api, err := client.New(client.WithoutEnvironment(), client.WithAPIKey(secret))
	if err != nil {
		t.Fatal(err)
	}
	e, err := explorer.New(api)
	if err != nil {
		t.Fatal(err)
	}
	host := httptest.NewServer(e)
	t.Cleanup(host.Close)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, host.URL+e.Start(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if status, text := first.do(req); status != http.StatusOK {
		t.Fatalf("the second: status %d, %s", status, text)
	}
	if status, text := first.get("/"); status != http.StatusOK {
		t.Errorf("the first, after the second was opened: status %d, %s", status, text)
	}
}

// TestLargeDocumentsComeInPages has 28,800 operations, as the largest descriptions do.
func TestLargeDocumentsComeInPages(t *testing.T) {
	if testing.Short() {
		t.Skip("opens a document of 28,800 operations: run without -short")
	}
	t.Parallel()
	var paths strings.Builder
	for i := range 4800 {
		if i > 0 {
			paths.WriteByte(',')
		}
		fmt.Fprintf(&paths, `"/things%d":{`, i)
		for j, method := range []string{"get", "put", "post", "delete", "options", "patch"} {
			if j > 0 {
				paths.WriteByte(',')
			}
			fmt.Fprintf(&paths, `%q:{"operationId":"%s%d","tags":["a&b %d"],"responses":{"200":{"description":"ok"}}}`, method, method, i, i/1600)
		}
		paths.WriteByte('}')
	}
	c, err := client.New(client.WithoutEnvironment(), client.WithSpec([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"servers":[{"url":"https://api.example"}],"paths":{`+paths.String()+`}}`)))
	if err != nil {
		t.Fatal(err)
	}
	b := openClient(t, c)
	status, text := b.get("/")
	if status != http.StatusOK || len(text) > 100_000 || !strings.Contains(text, `href="/?tag=a%26b%202"`) || !strings.Contains(text, "9600 operations") {
		t.Errorf("the first page: status %d, %d bytes: %.2000s", status, len(text), text)
	}
	status, text = b.get("/?tag=a%26b%202")
	if n := strings.Count(text, `href="/operation/`); status != http.StatusOK || n != 1000 || !strings.Contains(text, "And 8600 more") {
		t.Errorf("the page of a tag: status %d, %d operations", status, n)
	}
	if status, _ := b.get("/?tag=none"); status != http.StatusNotFound {
		t.Errorf("a tag that is not there: status %d", status)
	}
	if status, text = b.get("/index.json"); status != http.StatusOK || !strings.Contains(text, `"patch4799"`) {
		t.Errorf("the search: status %d, without the last operation", status)
	}
}
