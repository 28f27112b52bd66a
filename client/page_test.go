package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// files is a page of listFiles with items of these IDs.
func files(members string, ids ...string) string {
	var items []string
	for _, id := range ids {
		items = append(items, fmt.Sprintf(`{"id":%q,"object":"file","bytes":1,"created_at":1,"filename":"a","purpose":"batch","status":"processed"}`, id))
	}
	return fmt.Sprintf(`{"object":"list","data":[%s]%s}`, strings.Join(items, ","), members)
}

// pagesServer serves one response after the other, the last again and again.
func pagesServer(t *testing.T, responses ...string) (*client.Client, *atomic.Int64) {
	t.Helper()
	var served atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		n := min(int(served.Add(1)), len(responses))
		if text, ok := strings.CutPrefix(responses[n-1], "500 "); ok {
			http.Error(w, text, http.StatusInternalServerError)
			return
		}
		writeJSON(w, responses[n-1])
	}))
	t.Cleanup(server.Close)
	return newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("sk-of-the-test"), client.WithMaxRetries(0)), &served
}

// Lists that contradict themselves end in an error that says how, behind all items that
// came before it.
func TestPagesThatContradictThemselves(t *testing.T) {
	more, end := `,"has_more":true`, `,"has_more":false`
	for name, tt := range map[string]struct {
		responses []string
		items     string
		page      int
		cursor    string
		want      string
	}{
		"more, and the page is empty": {[]string{files(more+`,"last_id":"f1"`, "f1"), files(more)}, "f1", 2, "f1", `"has_more" says that there is more, and the page is empty`},
		"more from the start, empty":  {[]string{files(more + `,"last_id":"f0"`)}, "", 1, "", "the page is empty"},
		"the same cursor again":       {[]string{files(more+`,"last_id":"f1"`, "f1"), files(more+`,"last_id":"f1"`, "f2")}, "f1 f2", 2, "f1", `it names "f1" as the next page, as page 1 did`},
		"back to an earlier cursor":   {[]string{files(more, "f1"), files(more, "f2"), files(more, "f3", "f1")}, "f1 f2 f3 f1", 3, "f2", `it names "f1" as the next page, as page 1 did`},
		"the same page for ever":      {[]string{files(more+`,"last_id":"f1"`, "f1")}, "f1", 2, "f1", "it has the same items as page 1"},
		"round in a circle":           {[]string{files(more, "f1"), files(more, "f2"), files(more, "f1")}, "f1 f2", 3, "f2", "it has the same items as page 1"},
		"no last ID anywhere":         {[]string{strings.ReplaceAll(files(more, "x"), `"id":"x",`, "")}, "", 1, "", `it has no "last_id", and no "id" in its last item`},
		"the list is an object":       {[]string{`{"object":"list","data":{},"has_more":false}`}, "", 1, "", `got object at "data"`},
		"the list is missing":         {[]string{files(more, "f1"), `{"object":"list","has_more":false}`}, "f1", 2, "f1", `got nothing at "data"`},
		"null in place of the list":   {[]string{`{"object":"list","data":null,"has_more":false}`}, "", 1, "", `got null at "data"`},
		"a server error on page 3":    {[]string{files(more, "f1"), files(more, "f2"), "500 broken", files(end)}, "f1 f2", 3, "f2", "500"},
	} {
		for prefetch, opts := range map[string][]client.CallOption{"": nil, ", prefetched": {client.WithPrefetch()}} {
			t.Run(name+prefetch, func(t *testing.T) {
				c, served := pagesServer(t, tt.responses...)
				var ids []string
				var failed error
				for item, err := range c.Items(t.Context(), "listFiles", nil, opts...) {
					if err != nil {
						failed = err
						break
					}
					if id := item.Get("id").String(); id != "" {
						ids = append(ids, id)
					}
				}
				var e *client.PageError
				if !errors.As(failed, &e) || !strings.Contains(failed.Error(), tt.want) || e.Operation != "listFiles" || e.Page != tt.page || e.Cursor != tt.cursor {
					t.Fatalf("got %+v, want page %d asked for with %q: %s", failed, tt.page, tt.cursor, tt.want)
				}
				if got := strings.Join(ids, " "); got != tt.items {
					t.Errorf("got items %q before the error, want %q", got, tt.items)
				}
				if len(ids) > 0 && e.Items != len(ids) {
					t.Errorf("the error says that %d items were delivered, want %d", e.Items, len(ids))
				}
				if int(served.Load()) > tt.page {
					t.Errorf("%d requests for %d pages", served.Load(), tt.page)
				}
			})
		}
	}
}

// A host that knows no pages and returns all that it has says nothing of more: its list
// is complete, not an error, and not an endless one.
func TestHostWithoutPagesEndsItsList(t *testing.T) {
	c, served := pagesServer(t, files("", "f1", "f2"))
	n := 0
	for _, err := range c.Items(t.Context(), "listFiles", nil) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 2 || served.Load() != 2 {
		t.Errorf("got %d items by %d requests, want 2 by 2", n, served.Load())
	}
}

// A list whose response names a next page that nothing in the request takes ends in an
// error, not in silence.
func TestNextPageThatNothingTakes(t *testing.T) {
	c, _ := pagesServer(t, `{"object":"vector_store.search_results.page","search_query":["a"],"data":[],"has_more":true,"next_page":"p2"}`)
	for _, err := range c.Items(t.Context(), "searchVectorStore", client.Params{"vector_store_id": "v", "query": "a"}) {
		var e *client.PageError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), `"p2"`) || !strings.Contains(err.Error(), "no parameter") {
			t.Errorf("got %v", err)
		}
	}
}

func TestOperationsThatAreNoLists(t *testing.T) {
	c, served := pagesServer(t, `{}`)
	for id, want := range map[string]string{
		"retrieveFile":         "did you mean listFiles",
		"getAssistant":         "did you mean listAssistants",
		"createChatCompletion": "did you mean listChatCompletions",
		"createEmbedding":      "is not a list",
		"deleteFile":           "a DELETE is not a list",
		"getResponse":          "is not a list",
		"downloadFile":         "its response has no list",
		"createSpeech":         "no JSON response",
	} {
		for _, err := range c.Items(t.Context(), id, nil) {
			var no *client.BindError
			if !errors.As(err, &no) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %s", id, err, want)
			}
		}
	}
	for _, err := range c.Items(t.Context(), "listFile", nil) {
		var unknown *schema.UnknownOperationError
		if !errors.As(err, &unknown) {
			t.Errorf("got %v", err)
		}
	}
	for _, err := range c.Items(t.Context(), "listFiles", client.Params{"limt": 5}) {
		var invalid *schema.ValidationError
		if !errors.As(err, &invalid) {
			t.Errorf("got %v", err)
		}
	}
	if served.Load() > 0 {
		t.Errorf("%d requests were sent", served.Load())
	}
}

func TestPageExtensionThatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		`"after"`:                                     "got a string, want an object",
		`{"itmes":"data"}`:                            "itmes: there is no such member",
		`{"send":"nowhere","next":"next"}`:            `the operation has no parameter "nowhere"`,
		`{"send":"after"}`:                            "send needs next, last or count",
		`{"count":"items"}`:                           "count needs send",
		`{"count":"rows","send":"after"}`:             `want "items" or "pages"`,
		`{"count":"items","next":"n","send":"after"}`: "count is for lists",
		`{"first":1,"next":"n","send":"after"}`:       "first needs count",
		`{"first":-1,"count":"items","send":"after"}`: "want a whole number from 0",
		`{"last":"id"}`:                               "last needs send",
		`{"items":5}`:                                 "want a string",
		`false`:                                       "the document says so",
	} {
		c := newClient(t, listAPI{query: "after:string", response: objectOf(listOf("data")), extension: text}.spec(), client.WithBaseURL("http://127.0.0.1:1"))
		for _, err := range c.Items(t.Context(), "list", nil) {
			var no *client.BindError
			if !errors.As(err, &no) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %s", text, err, want)
			}
		}
	}
}

// A next page at another origin is not asked for: no credential follows a list.
func TestNextPageAtAnotherOriginGetsNoCredential(t *testing.T) {
	var strangers atomic.Int64
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strangers.Add(1) }))
	defer stranger.Close()
	for name, tt := range map[string]struct{ header, next string }{
		"in the body":       {"", `"` + stranger.URL + `/things"`},
		"in a Link":         {"<" + stranger.URL + `/things>; rel="next"`, "null"},
		"without a scheme":  {"<//" + strings.TrimPrefix(stranger.URL, "http://") + `/things>; rel=next`, "null"},
		"by another scheme": {"", `"https://HOST/things"`},
		"another port":      {"", `"http://127.0.0.1:9/things"`},
		"user in the host":  {"", `"http://HOST@` + strings.TrimPrefix(stranger.URL, "http://") + `/things"`},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if tt.header != "" {
				w.Header().Set("Link", tt.header)
			}
			writeJSON(w, `{"results":[{"id":"a"}],"next":`+strings.ReplaceAll(tt.next, "HOST", r.Host)+`}`)
		}))
		response := objectOf(listOf("results") + `,"next":{"type":["string","null"]}`)
		if tt.header != "" {
			response = objectOf(listOf("results"))
		}
		c := newClient(t, listAPI{response: response}.spec(), client.WithBaseURL(server.URL), client.WithHeader("Authorization", "Bearer secret-of-the-test"))
		var last error
		items := 0
		for _, err := range c.Items(t.Context(), "list", nil) {
			if last = err; err == nil {
				items++
			}
		}
		var e *client.PageError
		if !errors.As(last, &e) || items != 1 || !strings.Contains(last.Error(), "credentials go to") {
			t.Errorf("%s: got %d items, %v", name, items, last)
		}
		server.Close()
	}
	if strangers.Load() > 0 {
		t.Errorf("another origin got %d requests", strangers.Load())
	}
}

// What the client adds to every query is in that of the next page as well, and the
// server does not choose the key.
func TestNextPageKeepsWhatTheClientAddsToQueries(t *testing.T) {
	spec := client.WithSpec([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"servers":[{"url":"https://api.test"}],"security":[{"K":[]}],
		"components":{"securitySchemes":{"K":{"type":"apiKey","in":"query","name":"key"}}},"paths":{"/things":{"get":{"operationId":"list",
		"responses":{"200":{"description":"OK","content":{"application/json":{"schema":` + objectOf(listOf("results")+`,"next":{"type":"string"}`) + `}}}}}}}}`))
	var queries []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		queries = append(queries, r.URL.RawQuery)
		switch len(queries) {
		case 1:
			writeJSON(w, `{"results":[{"id":"a"}],"next":"/things?page=2&key=of-another"}`)
		case 2:
			writeJSON(w, `{"results":[{"id":"b"}],"next":"?page=3"}`)
		default:
			http.Error(w, `{"error":"no `+r.URL.Query().Get("key")+`"}`, http.StatusForbidden)
		}
	}))
	defer server.Close()
	c := newClient(t, spec, client.WithBaseURL(server.URL), client.WithCredential("K", "secret-of-the-test"), client.WithQuery("api-version", "1"))
	var last error
	for _, err := range c.Items(t.Context(), "list", nil) {
		last = err
	}
	want := []string{"key=secret-of-the-test&api-version=1", "page=2&key=secret-of-the-test&api-version=1", "page=3&key=secret-of-the-test&api-version=1"}
	for i := range want {
		if len(queries) <= i || !samePairs(queries[i], want[i]) {
			t.Errorf("got queries %q, want %q", queries, want)
			break
		}
	}
	if last == nil || strings.Contains(fmt.Sprintf("%v %+v %#v", last, last, last), "secret-of-the-test") {
		t.Errorf("got %v, want an error without the key", last)
	}
}

func samePairs(a, b string) bool {
	pairs := func(query string) map[string]bool {
		all := map[string]bool{}
		for pair := range strings.SplitSeq(query, "&") {
			all[pair] = true
		}
		return all
	}
	return fmt.Sprint(pairs(a)) == fmt.Sprint(pairs(b)) && strings.Count(a, "&") == strings.Count(b, "&")
}

// Params of any form begin where they say, hold for each page and stay as they are.
func TestParamsHoldForEveryPage(t *testing.T) {
	type query struct {
		Purpose string `json:"purpose"`
		After   string `json:"after"`
		Limit   int    `json:"limit"`
	}
	for name, params := range map[string]any{
		"params": client.Params{"purpose": "batch", "after": "f0", "limit": 2},
		"struct": query{"batch", "f0", 2},
		"text":   `{"purpose":"batch","after":"f0","limit":2}`,
		"input":  client.Input{Query: map[string]any{"purpose": "batch", "after": "f0", "limit": 2}},
	} {
		var queries []string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			queries = append(queries, r.URL.RawQuery)
			if len(queries) == 1 {
				writeJSON(w, files(`,"has_more":true,"last_id":"f1"`, "f1"))
				return
			}
			writeJSON(w, files(`,"has_more":false,"last_id":"f2"`, "f2"))
		}))
		before := fmt.Sprint(params)
		for _, err := range newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("k")).Items(t.Context(), "listFiles", params) {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		server.Close()
		if len(queries) != 2 || !samePairs(queries[0], "after=f0&limit=2&purpose=batch") || !samePairs(queries[1], "after=f1&limit=2&purpose=batch") {
			t.Errorf("%s: got queries %q", name, queries)
		}
		if fmt.Sprint(params) != before {
			t.Errorf("%s: the params were changed", name)
		}
	}
}

// Leaving a loop ends the page that is being fetched, and its goroutine.
func TestLeavingTheLoopEndsThePrefetch(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	started, ended := make(chan struct{}), make(chan struct{})
	var served atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if served.Add(1) > 1 {
			close(started)
			<-r.Context().Done()
			close(ended)
			return
		}
		writeJSON(w, files(`,"has_more":true`, "f1", "f2"))
	}))
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("k"), client.WithHTTPClient(&http.Client{Transport: transport}))
	for item, err := range c.Items(t.Context(), "listFiles", nil, client.WithPrefetch()) {
		if err != nil || item.Get("id").String() != "f1" {
			t.Errorf("got %v, %v", item, err)
		}
		<-started
		break
	}
	<-ended
	if served.Load() != 2 {
		t.Errorf("got %d requests, want the page and the one ahead", served.Load())
	}
}

// The end of a context is an error, also between two pages, and matches its cause.
func TestItemsEndWithTheContext(t *testing.T) {
	gone := errors.New("the user has left")
	for name, opts := range map[string][]client.CallOption{"": nil, "prefetched": {client.WithPrefetch()}} {
		c, _ := pagesServer(t, files(`,"has_more":true`, "f1"), files(`,"has_more":true`, "f2"), files(`,"has_more":true`, "f3"))
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		var last error
		items := 0
		for _, err := range c.Items(ctx, "listFiles", nil, opts...) {
			if last = err; err == nil {
				items++
			}
			cancel(gone)
		}
		if !errors.Is(last, context.Canceled) || !errors.Is(last, gone) || items < 1 {
			t.Errorf("%s: got %d items, %v", name, items, last)
		}
		for _, err := range c.Items(ctx, "listFiles", nil) {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
	}
	var none context.Context
	c, _ := pagesServer(t, files(""))
	for _, err := range c.Items(none, "listFiles", nil) {
		if err == nil || !strings.Contains(err.Error(), "nil context") {
			t.Errorf("got %v", err)
		}
	}
}

// A server that has empty pages for ever is left.
func TestEmptyPagesAreNotReadForEver(t *testing.T) {
	api := listAPI{query: "pageToken:string", response: objectOf(`"nextPageToken":{"type":"string"},` + listOf("items"))}
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n++
		writeJSON(w, fmt.Sprintf(`{"items":[],"nextPageToken":"t%d"}`, n))
	}))
	defer server.Close()
	for _, err := range newClient(t, api.spec(), client.WithBaseURL(server.URL)).Items(t.Context(), "list", nil) {
		var e *client.PageError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), "100 pages in a row") {
			t.Errorf("got %v", err)
		}
	}
	if n != 100 {
		t.Errorf("got %d requests, want 100", n)
	}
}
