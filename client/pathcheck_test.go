package client_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// TestPathCheck reads an answer by paths of which some cannot lead anywhere.
func TestPathCheck(t *testing.T) {
	const body = `{"object":"list","data":[{"id":"m","object":"model","created":1,"owned_by":"o","x":{"y":1}}]}`
	tests := map[string]string{
		"dta":              `/: no member "dta" is declared; did you mean "data"?`,
		"data.0.ownedby":   `/data/0: no member "ownedby" is declared; did you mean "owned_by"?`,
		"data.#.craeted":   `/data/0: no member "craeted" is declared; did you mean "created"?`,
		"data.ownd_by":     `/data: got "ownd_by" for an item of an array, want an index`,
		"dta.#":            `/: no member "dta" is declared; did you mean "data"?`,
		`dta.#(id="m").id`: `/: no member "dta" is declared; did you mean "data"?`,
		"data.0.id":        "",
		"data.#.id":        "",
		"data.#":           "",
		"data.7.id":        "",
		"data.0.x.z":       "",
		"*":                "",
		"da*":              "",
		"":                 "",
	}
	server := newWitness(t, answering(200, "application/json", body))
	for path, want := range tests {
		got := []string{}
		check := client.WithPathCheck(func(operationID, path string, wrong schema.Misspelling) {
			got = append(got, operationID+" "+path+" "+wrong.String())
		})
		c := newClient(t, client.WithBaseURL(server.URL+"/v1"), client.WithAPIKey("sk-test-0123456789"), check)
		r, err := c.Call(t.Context(), "listModels", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Get(path)
		all := []string{}
		if want != "" {
			all = []string{"listModels " + path + " " + want}
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", path, diff)
		}
	}
}
