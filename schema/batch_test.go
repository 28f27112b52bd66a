package schema_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/schema"
)

func TestBatchLinesAreCheckedAgainstTheirOperation(t *testing.T) {
	t.Parallel()
	const order = `{"id":"o1","items":[{"kind":"film"}]}`
	const urls = `one of "/v2/orders", "/v2/orders/{id}/label"`
	tests := map[string]struct {
		line      string
		operation string
		want      []string // problems
	}{
		"good":                  {`{"custom_id":"a","method":"POST","url":"/v2/orders","body":` + order + `}`, "createOrder", nil},
		"path parameter":        {`{"custom_id":"a","method":"PUT","url":"/v2/orders/7/label","body":{"label":"x"}}`, "setLabel", nil},
		"mistake in a body":     {`{"custom_id":"a","method":"POST","url":"/v2/orders","body":{"id":"o1","items":[{"kind":"fim"}]}}`, "createOrder", []string{`/body/items/0/kind: got "fim", want one of "film", "book"; did you mean "film"? (Film)`}},
		"body is not an object": {`{"custom_id":"a","method":"POST","url":"/v2/orders","body":"x"}`, "createOrder", []string{`/body: got string "x", want object (Order)`}},
		"no base path":          {`{"custom_id":"a","method":"POST","url":"/orders","body":` + order + `}`, "", []string{`/url: got "/orders", want ` + urls + `; did you mean "/v2/orders"? (BatchRequestInput)`}},
		"whole URL":             {`{"custom_id":"a","method":"POST","url":"https://shop.example/v2/orders","body":` + order + `}`, "", []string{`/url: got "https://shop.example/v2/orders", want ` + urls + `; did you mean "/v2/orders"? (BatchRequestInput)`}},
		"misspelt url":          {`{"custom_id":"a","method":"POST","url":"/v2/order","body":7}`, "", []string{`/body: got number 7, want object (BatchRequestInput)`, `/url: got "/v2/order", want ` + urls + `; did you mean "/v2/orders"? (BatchRequestInput)`}},
		"method of no body":     {`{"custom_id":"a","method":"GET","url":"/v2/orders","body":{}}`, "createOrder", []string{`/body: missing property "id" (Order)`, `/body: missing property "items" (Order)`, `/method: got "GET", want "POST" (BatchRequestInput)`}},
		"method in lower":       {`{"custom_id":"a","method":"post","url":"/v2/orders","body":` + order + `}`, "createOrder", []string{`/method: got "post", want "POST" (BatchRequestInput)`}},
		"no method":             {`{"custom_id":"a","url":"/v2/orders","body":` + order + `}`, "createOrder", []string{`/: missing property "method" (BatchRequestInput)`}},
		"no body":               {`{"custom_id":"a","method":"POST","url":"/v2/orders"}`, "createOrder", []string{`/: missing property "body" (BatchRequestInput)`}},
		"wrong types":           {`{"custom_id":7,"method":null,"url":["/v2/orders"],"body":{}}`, "", []string{`/custom_id: got number 7, want string (BatchRequestInput)`, `/method: got null, want string (BatchRequestInput)`, `/url: got an array, want string (BatchRequestInput)`}},
		"misspelt field":        {`{"customid":"a","method":"POST","url":"/v2/orders","body":` + order + `}`, "createOrder", []string{`/customid: unknown field "customid"; did you mean "custom_id"? (BatchRequestInput)`}},
		"nothing":               {`{}`, "", []string{`/: missing property "body" (BatchRequestInput)`, `/: missing property "custom_id" (BatchRequestInput)`, `/: missing property "method" (BatchRequestInput)`, `/: missing property "url" (BatchRequestInput)`}},
		"not an object":         {`["POST"]`, "", []string{`/: got an array, want object (BatchRequestInput)`}},
		"escapes in the url":    {`{"custom_id":"a","method":"PUT","url":"/v2/orders/%zz%2F/label","body":{"label":"x"}}`, "setLabel", nil},
		"number out of range": {
			`{"custom_id":"a","method":"POST","url":"/v2/orders","body":{"id":1e99999}}`, "",
			[]string{`/: invalid JSON at line 1, column 66: got number 1e99999, out of range; want an exponent under 1000`},
		},
	}
	doc := openShop(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for line, err := range doc.ValidateLines(schema.BatchRequestInput, strings.NewReader(tt.line)) {
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				if invalid, ok := line.Err.(*schema.ValidationError); ok {
					for _, p := range invalid.Problems {
						got = append(got, p.String())
					}
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", tt.line, diff)
				}
				if line.Operation != tt.operation {
					t.Errorf("%s: operation %q, want %q", tt.line, line.Operation, tt.operation)
				}
			}
		})
	}
}

func TestBatchFileIDsStandOnce(t *testing.T) {
	t.Parallel()
	line := func(id string) string {
		return `{"custom_id":"` + id + `","method":"PUT","url":"/v2/orders/7/label","body":{"label":"x"}}` + "\n"
	}
	got := verdicts(openShop(t), schema.BatchRequestInput, strings.NewReader(line("a")+"\n"+line("b")+line("a")+line("A")+line("a")))
	want := []string{
		"1: ok", "3: ok",
		`4: line 4: /custom_id: got "a", which line 1 has too; want one of its own (BatchRequestInput)`,
		"5: ok",
		`6: line 6: /custom_id: got "a", which line 1 has too; want one of its own (BatchRequestInput)`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestBatchOfOpenAITakesItsListedURLs uses what the document knows of batches: the urls that
// they take, and, in documents that have it, the component of a line.
func TestBatchOfOpenAITakesItsListedURLs(t *testing.T) {
	t.Parallel()
	const chat = `{"model":"gpt-4o","messages":[{"role":"user","content":"x"}]}`
	const urls = `one of "/v1/responses", "/v1/chat/completions", "/v1/embeddings", "/v1/completions", "/v1/moderations", "/v1/images/generations", "/v1/images/edits", "/v1/videos"`
	tests := map[string]struct{ line, want string }{
		"chat":          {`{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":` + chat + `}`, "1: ok"},
		"embedding":     {`{"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{"model":"text-embedding-3-small","input":"x"}}`, "1: ok"},
		"not in a list": {`{"custom_id":"a","method":"POST","url":"/v1/vector_stores","body":{}}`, `1: line 1: /url: got "/v1/vector_stores", want ` + urls + ` (BatchRequestInput)`},
		"another body":  {`{"custom_id":"a","method":"POST","url":"/v1/responses","body":` + chat + `}`, `1: line 1: /body/messages: unknown field "messages"; in the Responses API this is "input" (CreateResponse)`},
		"wrong method":  {`{"custom_id":"a","method":"GET","url":"/v1/chat/completions","body":` + chat + `}`, `1: line 1: /method: got "GET", want "POST" (BatchRequestInput)`},
	}
	formats, err := withFormats()
	if err != nil {
		t.Fatal(err)
	}
	for name, doc := range map[string]*schema.Document{"built in": builtin(t), "with the component of a line": formats} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for name, tt := range tests {
				if got := strings.Join(verdicts(doc, schema.BatchRequestInput, strings.NewReader(tt.line)), "\n"); got != tt.want {
					t.Errorf("%s:\n got %s\nwant %s", name, got, tt.want)
				}
			}
		})
	}
}
