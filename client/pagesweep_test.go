package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/schema"
)

// Every list operation of the built-in document is walked over three pages of items that
// are valid by its schema, and none of the items is missing. Which operations are lists is
// found here by other means than the client's: the text of the response schema.
func TestItemsOfEveryListOperation(t *testing.T) {
	doc := newClient(t, client.WithAPIKey("k")).Document()
	server := &listServer{t: t, doc: doc}
	address := httptest.NewServer(server)
	t.Cleanup(address.Close)
	c := newClient(t, client.WithDocument(doc), client.WithBaseURL(address.URL), client.WithAPIKey("k"), client.WithAdminKey("a"), client.WithMaxRetries(0))

	walked := map[string]int{} // by what asks for the next page
	for op := range doc.Operations() {
		if !hasDataList(op) {
			continue
		}
		asks := asksForMore(op)
		if op.Method == http.MethodPost && op.ID != "searchVectorStore" {
			expectNoList(t, c, op)
			continue
		}
		want := 6
		if asks == "nothing" {
			want = 2
		}
		if walked[asks]++; testing.Short() && walked[asks]%5 != 1 {
			continue // every fifth of those that go on by the same
		}
		params := requiredParams(t, op)
		for name, opts := range map[string][]client.CallOption{"": nil, " with prefetch": {client.WithPrefetch()}} {
			var ids []string
			for item, err := range c.Items(t.Context(), op.ID, params, append(opts, client.WithHeader("X-Operation", op.ID))...) {
				if err != nil {
					t.Errorf("%s%s: %v", op.ID, name, err)
					break
				}
				ids = append(ids, item.Get(server.mark(op)).String())
			}
			slices.Sort(ids)
			if len(slices.Compact(ids)) != want {
				t.Errorf("%s%s: got items %q, want %d different ones", op.ID, name, ids, want)
			}
		}
	}
	total := 0
	for asks, n := range walked {
		t.Logf("%2d operations go on by %s", n, asks)
		total += n
	}
	t.Logf("%d list operations, 6 items each over three pages (2 where there is one page); -short walks every fifth", total)
	if want := map[string]int{"after": 42, "next": 9, "page": 11, "nothing": 3}; fmt.Sprint(walked) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", walked, want)
	}
}

// hasDataList reports whether the response of an operation has a list at data.
func hasDataList(op *schema.Operation) bool {
	r, ok := op.Response(200)
	if !ok || len(r.Content) == 0 || r.Content[0].Schema == nil {
		return false
	}
	text, err := sample.Full(r.Content[0].Schema)
	return err == nil && gjson.GetBytes(text, "data").IsArray()
}

// asksForMore is the parameter that asks for the next page.
func asksForMore(op *schema.Operation) string {
	for _, name := range []string{"page", "after"} {
		if p, ok := op.Parameter(name); ok && p.In == "query" {
			r, _ := op.Response(200)
			text, _ := sample.Full(r.Content[0].Schema)
			if name == "after" && gjson.GetBytes(text, "next").Exists() {
				return "next"
			}
			return name
		}
	}
	return "nothing"
}

func expectNoList(t *testing.T, c *client.Client, op *schema.Operation) {
	t.Helper()
	for _, err := range c.Items(t.Context(), op.ID, nil) {
		var no *client.BindError
		if !errors.As(err, &no) || !strings.Contains(err.Error(), "not a list") {
			t.Errorf("%s: got %v, want an error that says that it is not a list", op.ID, err)
		}
		return
	}
	t.Errorf("%s: got no error", op.ID)
}

// requiredParams are valid params with what the operation requires.
func requiredParams(t *testing.T, op *schema.Operation) client.Params {
	t.Helper()
	params := client.Params{}
	for _, p := range op.Parameters {
		if p.Required {
			value, err := sample.Minimal(p.Schema)
			if err != nil {
				t.Fatal(err)
			}
			params[p.Name] = value
		}
	}
	if op.RequestBody != nil {
		body, err := sample.Minimal(op.RequestBody.Content[0].Schema)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range jsonscan.Members(string(body)) {
			params[name] = json.RawMessage(value)
		}
	}
	return params
}

// listServer serves each list in three pages of two items.
type listServer struct {
	t   *testing.T
	doc *schema.Document
}

// mark is the member of items by which they are told apart.
func (s *listServer) mark(op *schema.Operation) string {
	item := s.item(op)
	for _, name := range []string{"id", "start_time", "file_id", "text", "name", "group_id"} {
		if gjson.GetBytes(item, name).Exists() {
			return name
		}
	}
	s.t.Errorf("%s: no member tells items apart: %s", op.ID, item)
	return "id"
}

func (s *listServer) item(op *schema.Operation) json.RawMessage {
	r, _ := op.Response(200)
	text, err := sample.Full(r.Content[0].Schema)
	if err != nil {
		s.t.Error(err)
	}
	return json.RawMessage(gjson.GetBytes(text, "data.0").Raw)
}

func (s *listServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op, err := s.doc.Operation(r.Header.Get("X-Operation")) // beta operations have the paths of others
	if err != nil {
		s.t.Error(err)
		return
	}
	mark, query, page := s.mark(op), r.URL.Query(), 0
	switch asksForMore(op) {
	case "after", "next":
		_, err := fmt.Sscanf(query.Get("after"), "mark%d", &page)
		if err == nil {
			page = page/2 + 1
		}
	case "page":
		fmt.Sscanf(query.Get("page"), "page%d", &page)
	}
	response, _ := op.Response(200)
	text, err := sample.Full(response.Content[0].Schema)
	if err != nil {
		s.t.Error(err)
	}
	var items []string
	for n := range 2 {
		number := page*2 + n
		value := fmt.Sprintf(`"mark%d"`, number)
		if old := gjson.GetBytes(s.item(op), mark); old.Type == gjson.Number {
			value = fmt.Sprint(1700000000 + number)
		}
		items = append(items, jsonscan.SetMember(string(s.item(op)), mark, value))
	}
	body := jsonscan.SetMember(string(text), "data", "["+strings.Join(items, ",")+"]")
	last := page == 2 || asksForMore(op) == "nothing"
	set := func(name, value string) {
		if gjson.Get(body, name).Exists() {
			body = jsonscan.SetMember(body, name, value)
		}
	}
	set("has_more", fmt.Sprint(!last))
	set("last_id", fmt.Sprintf(`"mark%d"`, page*2+1))
	set("next", fmt.Sprintf(`"mark%d"`, page*2+1))
	set("next_page", fmt.Sprintf(`"page%d"`, page+1))
	if last {
		set("next", "null")
		set("next_page", "null")
	}
	if err := response.Content[0].Schema.Validate([]byte(body)); err != nil {
		s.t.Errorf("%s: the page of the test is invalid: %v", op.ID, err)
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, body)
}
