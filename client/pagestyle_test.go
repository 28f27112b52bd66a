package client_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
)

// listAPI is a document of one list operation, as other vendors write them.
type listAPI struct {
	method, path string
	query        string // names and types: "page:integer size:integer"
	body         string // schema of a JSON body
	response     string // schema
	extension    string // of the operation
}

func (a listAPI) spec() client.Option {
	var parameters []string
	for _, word := range strings.Fields(a.query) {
		name, schema, _ := strings.Cut(word, ":")
		if !strings.HasPrefix(schema, "{") {
			schema = `{"type":"` + schema + `"}`
		}
		parameters = append(parameters, fmt.Sprintf(`{"name":%q,"in":"query","schema":%s}`, name, schema))
	}
	members := ""
	if a.body != "" {
		members += `,"requestBody":{"content":{"application/json":{"schema":` + a.body + `}}}`
	}
	if a.extension != "" {
		members += `,"x-opcall-page":` + a.extension
	}
	method, path := "get", "/things"
	if a.method != "" {
		method = a.method
	}
	if a.path != "" {
		path = a.path
	}
	return client.WithSpec([]byte(fmt.Sprintf(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"servers":[{"url":"https://api.test"}],"paths":{%q:{%q:{"operationId":"list",
		"parameters":[%s],"responses":{"200":{"description":"OK","content":{"application/json":{"schema":%s}}}}%s}}}}`, path, method, strings.Join(parameters, ","), a.response, members)))
}

// things are the items from a number on, two at most of the five that there are.
func things(from int) string {
	var all []string
	for n := from; n < min(from+2, 5); n++ {
		all = append(all, fmt.Sprintf(`{"id":"t%d"}`, n))
	}
	return "[" + strings.Join(all, ",") + "]"
}

const thing = `{"type":"object","properties":{"id":{"type":"string"}}}`

func objectOf(members string) string { return `{"type":"object","properties":{` + members + `}}` }

func listOf(name string) string { return `"` + name + `":{"type":"array","items":` + thing + `}` }

// at reads the number of an item out of a cursor such as "c2", 0 without one.
func at(cursor string) int {
	n, _ := strconv.Atoi(strings.TrimLeft(cursor, "ct"))
	return n
}

func cursorOr(next int, none string) string {
	if next >= 5 {
		return none
	}
	return fmt.Sprintf(`"c%d"`, next)
}

// pagingStyles are lists of five items in three pages, and how many requests they take.
var pagingStyles = map[string]struct {
	api      listAPI
	requests int
	page     func(w http.ResponseWriter, r *http.Request, body string) string
}{
	"Stripe: starting_after, has_more": {
		listAPI{query: "limit:integer starting_after:string ending_before:string", response: objectOf(listOf("data") + `,"has_more":{"type":"boolean"},"object":{"enum":["list"]},"url":{"type":"string"}`)},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			from := 0
			if after := r.URL.Query().Get("starting_after"); after != "" {
				from = at(after) + 1
			}
			return fmt.Sprintf(`{"object":"list","url":"/v1/things","data":%s,"has_more":%v}`, things(from), from+2 < 5)
		},
	},
	"GitHub: Link header, page numbers": {
		listAPI{query: "per_page:integer page:integer", response: `{"type":"array","items":` + thing + `}`},
		3,
		func(w http.ResponseWriter, r *http.Request, _ string) string {
			page := max(1, at(r.URL.Query().Get("page")))
			link := fmt.Sprintf(`<http://%s/things?page=1&per_page=2>; rel="first"`, r.Host)
			if page < 3 {
				link += fmt.Sprintf(`, <http://%s/things?per_page=2&page=%d>; rel="next", <http://%s/things?page=3>; rel="last"`, r.Host, page+1, r.Host)
			}
			w.Header().Set("Link", link)
			return things((page - 1) * 2)
		},
	},
	"GitHub: a list in an object": {
		listAPI{path: "/installation/repositories", query: "per_page:integer page:integer", response: objectOf(`"total_count":{"type":"integer"},"repository_selection":{"type":"string"},` + listOf("repositories"))},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			return fmt.Sprintf(`{"total_count":5,"repositories":%s}`, things((max(1, at(r.URL.Query().Get("page")))-1)*2))
		},
	},
	"Google: pageToken, nextPageToken": {
		listAPI{path: "/files", query: "pageSize:integer pageToken:string", response: objectOf(`"kind":{"type":"string"},"nextPageToken":{"type":"string"},` + listOf("files"))},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			from := at(r.URL.Query().Get("pageToken"))
			if from+2 >= 5 {
				return `{"files":` + things(from) + `}`
			}
			return fmt.Sprintf(`{"files":%s,"nextPageToken":"c%d"}`, things(from), from+2)
		},
	},
	"Google: an empty page with a token": {
		listAPI{query: "pageToken:string", response: objectOf(`"nextPageToken":{"type":"string"},` + listOf("items"))},
		4,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			switch from := at(r.URL.Query().Get("pageToken")); {
			case r.URL.Query().Get("pageToken") == "":
				return `{"nextPageToken":"c0"}`
			case from+2 >= 5:
				return `{"items":` + things(from) + `,"nextPageToken":""}`
			default:
				return fmt.Sprintf(`{"items":%s,"nextPageToken":"c%d"}`, things(from), from+2)
			}
		},
	},
	"Slack: response_metadata.next_cursor": {
		listAPI{path: "/conversations.list", query: "cursor:string limit:integer", response: objectOf(`"ok":{"type":"boolean"},` + listOf("channels") + `,"response_metadata":` + objectOf(`"next_cursor":{"type":"string"}`))},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			from := at(r.URL.Query().Get("cursor"))
			return fmt.Sprintf(`{"ok":true,"channels":%s,"response_metadata":{"next_cursor":%s}}`, things(from), cursorOr(from+2, `""`))
		},
	},
	"JSON:API: links.next": {
		listAPI{query: "page[size]:integer page[number]:integer", response: objectOf(listOf("data") + `,"links":` + objectOf(`"self":{"type":"string"},"next":{"type":["string","null"]}`))},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			page := max(1, at(r.URL.Query().Get("page[number]")))
			next := "null"
			if page < 3 {
				next = fmt.Sprintf(`"/things?page%%5Bnumber%%5D=%d"`, page+1)
			}
			return fmt.Sprintf(`{"data":%s,"links":{"self":"/things","next":%s}}`, things((page-1)*2), next)
		},
	},
	"HAL: _links.next.href, _embedded": {
		listAPI{path: "/users", response: objectOf(`"_embedded":` + objectOf(listOf("users")) + `,"_links":` + objectOf(`"next":`+objectOf(`"href":{"type":"string"}`)))},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			from := at(r.URL.Query().Get("from"))
			if from+2 >= 5 {
				return fmt.Sprintf(`{"_embedded":{"users":%s},"_links":{}}`, things(from))
			}
			return fmt.Sprintf(`{"_embedded":{"users":%s},"_links":{"next":{"href":"?from=%d"}}}`, things(from), from+2)
		},
	},
	"Django: next is a URL": {
		listAPI{query: "limit:integer offset:integer", response: objectOf(`"count":{"type":"integer"},"next":{"type":["string","null"],"format":"uri"},"previous":{"type":["string","null"]},` + listOf("results"))},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			from := at(r.URL.Query().Get("offset"))
			next := "null"
			if from+2 < 5 {
				next = fmt.Sprintf(`"http://%s/things?offset=%d"`, r.Host, from+2)
			}
			return fmt.Sprintf(`{"count":5,"next":%s,"previous":null,"results":%s}`, next, things(from))
		},
	},
	"OData: @odata.nextLink": {
		listAPI{query: "$top:integer $skip:integer", response: objectOf(`"@odata.nextLink":{"type":"string"},` + listOf("value"))},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			from := at(r.URL.Query().Get("$skiptoken"))
			next := ""
			if from+2 < 5 {
				next = fmt.Sprintf(`"@odata.nextLink":"http://%s/things?$skiptoken=%d",`, r.Host, from+2)
			}
			return fmt.Sprintf(`{%s"value":%s}`, next, things(from))
		},
	},
	"offset and limit with a total": {
		listAPI{query: "offset:integer limit:integer", response: objectOf(`"total":{"type":"integer"},` + listOf("items"))},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			return `{"total":5,"items":` + things(at(r.URL.Query().Get("offset"))) + `}`
		},
	},
	"offset and limit, to the empty page": {
		listAPI{query: "skip:integer take:integer", response: `{"type":"array","items":` + thing + `}`},
		4,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			return things(at(r.URL.Query().Get("skip")))
		},
	},
	"Jira: startAt, isLast": {
		listAPI{query: "startAt:integer maxResults:integer", response: objectOf(`"startAt":{"type":"integer"},"isLast":{"type":"boolean"},` + listOf("values"))},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			from := at(r.URL.Query().Get("startAt"))
			return fmt.Sprintf(`{"startAt":%d,"isLast":%v,"values":%s}`, from, from+2 >= 5, things(from))
		},
	},
	"SCIM: startIndex from 1": {
		listAPI{path: "/Users", query: "startIndex:integer count:integer", response: objectOf(`"totalResults":{"type":"integer"},"startIndex":{"type":"integer"},` + listOf("Resources"))},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			return `{"totalResults":5,"Resources":` + things(max(1, at(r.URL.Query().Get("startIndex")))-1) + `}`
		},
	},
	"Spring: pages from 0": {
		listAPI{query: `page:{"type":"integer","default":0} size:integer`, response: objectOf(listOf("content") + `,"last":{"type":"boolean"},"totalPages":{"type":"integer"},"totalElements":{"type":"integer"}`)},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			page := at(r.URL.Query().Get("page"))
			return fmt.Sprintf(`{"content":%s,"last":%v,"totalPages":3,"totalElements":5}`, things(page*2), page == 2)
		},
	},
	"page numbers with total_pages": {
		listAPI{query: "page:integer", response: objectOf(listOf("data") + `,"meta":` + objectOf(`"pagination":`+objectOf(`"total_pages":{"type":"integer"}`)))},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			return `{"data":` + things((max(1, at(r.URL.Query().Get("page")))-1)*2) + `,"meta":{"pagination":{"total_pages":3}}}`
		},
	},
	"GraphQL-like: pageInfo.endCursor": {
		listAPI{query: "first:integer after:string", response: objectOf(listOf("nodes") + `,"pageInfo":` + objectOf(`"hasNextPage":{"type":"boolean"},"endCursor":{"type":["string","null"]}`))},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			from := at(r.URL.Query().Get("after"))
			return fmt.Sprintf(`{"nodes":%s,"pageInfo":{"hasNextPage":%v,"endCursor":"c%d"}}`, things(from), from+2 < 5, from+2)
		},
	},
	"HubSpot: paging.next.after": {
		listAPI{query: "after:string limit:integer", response: objectOf(listOf("results") + `,"paging":` + objectOf(`"next":`+objectOf(`"after":{"type":"string"},"link":{"type":"string"}`)))},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			from := at(r.URL.Query().Get("after"))
			if from+2 >= 5 {
				return `{"results":` + things(from) + `}`
			}
			return fmt.Sprintf(`{"results":%s,"paging":{"next":{"after":"c%d","link":"https://elsewhere.test/"}}}`, things(from), from+2)
		},
	},
	"Notion: POST with start_cursor in the body": {
		listAPI{method: "post", body: objectOf(`"filter":{"type":"object"},"start_cursor":{"type":"string"}`), response: objectOf(listOf("results") + `,"has_more":{"type":"boolean"},"next_cursor":{"type":["string","null"]}`)},
		3,
		func(_ http.ResponseWriter, _ *http.Request, body string) string {
			from := at(gjson.Get(body, "start_cursor").String())
			return fmt.Sprintf(`{"results":%s,"has_more":%v,"next_cursor":%s}`, things(from), from+2 < 5, cursorOr(from+2, "null"))
		},
	},
	"POST with the cursor within an object of the body": {
		listAPI{method: "post", body: objectOf(`"query":{"type":"string"},"page":` + objectOf(`"cursor":{"type":"string"},"limit":{"type":"integer"}`)), response: objectOf(listOf("data") + `,"meta":` + objectOf(`"page":`+objectOf(`"after":{"type":"string"}`)))},
		3,
		func(_ http.ResponseWriter, _ *http.Request, body string) string {
			from := at(gjson.Get(body, "page.cursor").String())
			if from+2 >= 5 {
				return `{"data":` + things(from) + `,"meta":{"page":{}}}`
			}
			return fmt.Sprintf(`{"data":%s,"meta":{"page":{"after":"c%d"}}}`, things(from), from+2)
		},
	},
	"AWS: NextToken": {
		listAPI{method: "post", body: objectOf(`"NextToken":{"type":"string"},"MaxResults":{"type":"integer"}`), response: objectOf(`"NextToken":{"type":"string"},` + listOf("Streams"))},
		3,
		func(_ http.ResponseWriter, _ *http.Request, body string) string {
			from := at(gjson.Get(body, "NextToken").String())
			if from+2 >= 5 {
				return `{"Streams":` + things(from) + `}`
			}
			return fmt.Sprintf(`{"Streams":%s,"NextToken":"c%d"}`, things(from), from+2)
		},
	},
	"Airtable: an offset that is a text": {
		listAPI{query: "offset:string pageSize:integer", response: objectOf(`"offset":{"type":"string"},` + listOf("records"))},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			from := at(r.URL.Query().Get("offset"))
			if from+2 >= 5 {
				return `{"records":` + things(from) + `}`
			}
			return fmt.Sprintf(`{"records":%s,"offset":"c%d"}`, things(from), from+2)
		},
	},
	"next_page is a number": {
		listAPI{query: "page:integer", response: objectOf(listOf("articles") + `,"next_page":{"type":["integer","null"]}`)},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			page := max(1, at(r.URL.Query().Get("page")))
			next := "null"
			if page < 3 {
				next = strconv.Itoa(page + 1)
			}
			return fmt.Sprintf(`{"articles":%s,"next_page":%s}`, things((page-1)*2), next)
		},
	},
	"one page": {
		listAPI{response: objectOf(listOf("data") + `,"object":{"type":"string"}`)},
		1,
		func(http.ResponseWriter, *http.Request, string) string {
			return `{"object":"list","data":[{"id":"t0"},{"id":"t1"},{"id":"t2"},{"id":"t3"},{"id":"t4"}]}`
		},
	},
	"x-opcall-page: an odd API": {
		listAPI{query: "fromRow:string", response: objectOf(`"payload":` + objectOf(`"rows":{"type":"array","items":`+thing+`},"also":{"type":"array"},"moreRows":{"type":"string"}`)), extension: `{"items":"payload.rows","next":["payload.moreRows"],"send":"fromRow"}`},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			from := at(r.URL.Query().Get("fromRow"))
			return fmt.Sprintf(`{"payload":{"rows":%s,"also":[],"moreRows":%s}}`, things(from), cursorOr(from+2, "null"))
		},
	},
	"x-opcall-page: counted": {
		listAPI{query: "seite:integer", response: objectOf(listOf("dinge") + `,"seiten":{"type":"integer"}`), extension: `{"send":"seite","count":"pages","pages":"seiten"}`},
		3,
		func(_ http.ResponseWriter, r *http.Request, _ string) string {
			return `{"dinge":` + things((max(1, at(r.URL.Query().Get("seite")))-1)*2) + `,"seiten":3}`
		},
	},
	"x-opcall-page: last in a body": {
		listAPI{method: "post", body: objectOf(`"position":{"type":"object"}`), response: objectOf(listOf("rows")), extension: `{"items":"rows","last":"id","send":"/position/behind"}`},
		4,
		func(_ http.ResponseWriter, _ *http.Request, body string) string {
			if behind := gjson.Get(body, "position.behind"); behind.Exists() {
				return `{"rows":` + things(at(behind.String())+1) + `}`
			}
			return `{"rows":` + things(0) + `}`
		},
	},
}

// Lists of other APIs are read to their end, whatever they go on by, with all that the
// caller asked for in each request.
func TestItemsOfOtherAPIs(t *testing.T) {
	for name, style := range pagingStyles {
		t.Run(name, func(t *testing.T) {
			var requests []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				requests = append(requests, r.URL.RequestURI()+" "+string(body))
				if r.Header.Get("Authorization") != "Bearer sk-of-the-test" {
					t.Errorf("%s: no credential", r.URL)
				}
				writeJSON(w, style.page(w, r, string(body)))
			}))
			defer server.Close()
			c := newClient(t, style.api.spec(), client.WithBaseURL(server.URL), client.WithAPIKey("sk-of-the-test"), client.WithHeader("Authorization", "Bearer sk-of-the-test"))
			for _, opts := range [][]client.CallOption{nil, {client.WithPrefetch()}} {
				requests = nil
				items := c.Items(t.Context(), "list", nil, opts...)
				for range 2 { // ranging again starts over
					var ids []string
					for item, err := range items {
						if err != nil {
							t.Fatal(err)
						}
						ids = append(ids, item.Get("id").String())
					}
					if got := strings.Join(ids, " "); got != "t0 t1 t2 t3 t4" {
						t.Errorf("got items %q", got)
					}
				}
				if len(requests) != 2*style.requests {
					t.Errorf("got %d requests, want %d twice: %q", len(requests), style.requests, requests)
				}
			}
			pages := 0
			for r, err := range c.Pages(t.Context(), "list", nil) {
				if err != nil || !json.Valid(r.Raw()) {
					t.Errorf("got %v, %v", r, err)
				}
				pages++
			}
			if pages != style.requests {
				t.Errorf("got %d pages, want %d", pages, style.requests)
			}
		})
	}
	t.Logf("%d styles of paging", len(pagingStyles))
}
