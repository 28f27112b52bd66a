package conform_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

var update = flag.Bool("update", false, "write golden files anew")

// orders is a document whose one operation takes an order of these fields and returns it.
func orders(t *testing.T, fields string) *schema.Document {
	t.Helper()
	doc, err := schema.Load([]byte(fmt.Sprintf(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"servers":[{"url":"https://shop.example/v1"}],"paths":{"/orders":{"post":{
		"operationId":"createOrder","requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Order"}}}},
		"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Order"}}}}}}}},
		"components":{"schemas":{"Order":{"type":"object","properties":%s}}}}`, fields)))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// traffic is exchanges of these requests, each answered with itself.
func traffic(bodies ...string) iter.Seq2[conform.Exchange, error] {
	return func(yield func(conform.Exchange, error) bool) {
		for _, body := range bodies {
			header := http.Header{"content-type": {"application/json"}}
			if !yield(conform.Exchange{
				Method: "POST", Path: "/v1/orders", RequestHeader: header, RequestBody: conform.Body(body),
				Status: 200, ResponseHeader: header, ResponseBody: conform.Body(body),
			}, nil) {
				return
			}
		}
	}
}

func TestCompareNamesWhatOnlyOneDocumentTakes(t *testing.T) {
	old := orders(t, `{"size":{"enum":["s","l"]},"lines":{"items":{"type":"string"}}}`)
	newer := orders(t, `{"size":{"enum":["s"]},"lines":{"items":{"type":["string","integer"]}}}`)
	got, err := conform.Compare(traffic(`{"size":"s"}`, `{"size":"l"}`, `{"lines":["a",1,2]}`, `{"size":"l","lines":["a"]}`, `{"nobody":1}`), old, newer)
	if err != nil {
		t.Fatal(err)
	}
	tally := conform.Tally{Both: 1, OldOnly: 2, NewOnly: 1, Neither: 1}
	if got.Requests != tally || got.Responses != tally {
		t.Errorf("got %+v and %+v, want %+v twice", got.Requests, got.Responses, tally)
	}
	want := []conform.Difference{
		{Direction: conform.Request, Operation: "createOrder", Invalid: "new", Pointer: "/size", Count: 2, Lines: []int{2, 4}},
		{Direction: conform.Response, Operation: "createOrder", Invalid: "new", Pointer: "/size", Count: 2, Lines: []int{2, 4}},
		{Direction: conform.Request, Operation: "createOrder", Invalid: "old", Pointer: "/lines/*", Count: 1, Lines: []int{3}},
		{Direction: conform.Response, Operation: "createOrder", Invalid: "old", Pointer: "/lines/*", Count: 1, Lines: []int{3}},
	}
	for i := range got.Differences {
		if got.Differences[i].Text == "" {
			t.Errorf("difference %d has no text", i)
		}
		got.Differences[i].Text = ""
	}
	if diff := cmp.Diff(want, got.Differences); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	text := got.String()
	for _, part := range []string{
		"of 5 requests 1 are valid against both documents, 2 against the old one only, 1 against the new one only, 1 against neither\n",
		"2 requests of createOrder fail in the new document at /size: ", "1 response of createOrder fails in the old document at /lines/*: ",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("got\n%s\nwant %q in it", text, part)
		}
	}
	if strings.Contains(text, `"l"`) {
		t.Errorf("the text quotes a value:\n%s", text)
	}
}

func TestCompareOfAnOperationThatOnlyOneDocumentHas(t *testing.T) {
	old, newer := orders(t, `{}`), orders(t, `{}`)
	other, err := schema.Load([]byte(strings.Replace(string(newer.JSON()), "/orders", "/purchases", 1)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := conform.Compare(traffic(`{}`), old, other)
	if err != nil {
		t.Fatal(err)
	}
	if got.Requests.OldOnly != 1 || got.Responses.Unchecked != 1 || len(got.Differences) != 1 || got.Differences[0].Operation != "createOrder" {
		t.Errorf("got %+v", got)
	}
	if _, err := conform.Compare(traffic(), nil, newer); err == nil {
		t.Error("no document: got no error")
	}
}

// A candidate document is tried on live calls, which see nothing of it.
func TestShadowComparesLiveCallsWithoutEffect(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.Copy(w, req.Body)
	}))
	t.Cleanup(server.Close)
	doc := orders(t, `{"size":{"enum":["s","l"]}}`)
	shadow := conform.NewShadow(nil, doc, orders(t, `{"size":{"enum":["s"]}}`))
	c, err := client.New(client.WithDocument(doc), client.WithBaseURL(server.URL+"/v1"), client.WithHTTPClient(&http.Client{Transport: shadow}))
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			size := []string{"s", "l"}[i%2]
			r, err := c.Call(t.Context(), "createOrder", client.Params{"size": size})
			if err != nil || r.Get("size").String() != size {
				t.Errorf("got %v, %v", r, err)
			}
		})
	}
	group.Wait()
	got := shadow.Comparison()
	if want := (conform.Tally{Both: 10, OldOnly: 10}); got.Requests != want || got.Responses != want {
		t.Errorf("got %+v", got)
	}
	if len(got.Differences) != 2 || got.Differences[0].Count != 10 || got.Differences[0].Pointer != "/size" {
		t.Errorf("got differences %+v", got.Differences)
	}
}

// What NewRecorder writes is what Compare reads, without credentials.
func TestRecorderWritesExchangesWithoutCredentials(t *testing.T) {
	const key = "sk-verysecretkey0123456789"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Echo", req.Header.Get("Authorization"))
		w.Header().Set("Set-Cookie", "a=b")
		w.Write(body)
	}))
	t.Cleanup(server.Close)
	var out bytes.Buffer
	recorder := conform.NewRecorder(nil, &out, 30)
	doc := orders(t, `{"size":{"type":"string"}}`)
	c, err := client.New(client.WithDocument(doc), client.WithBaseURL(server.URL+"/v1"), client.WithHTTPClient(&http.Client{Transport: recorder}), client.WithHeader("Authorization", "Bearer "+key))
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []string{"s", strings.Repeat("x", 40)} {
		if _, err := c.Call(t.Context(), "createOrder", client.Params{"size": size}); err != nil {
			t.Fatal(err)
		}
	}
	if err := recorder.Err(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), key) || strings.Contains(out.String(), "a=b") {
		t.Errorf("a credential is recorded:\n%s", out.String())
	}
	var got []conform.Exchange
	for e, err := range conform.Exchanges(bytes.NewReader(out.Bytes())) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e)
	}
	if len(got) != 2 || string(got[0].RequestBody) != `{"size":"s"}` || string(got[0].ResponseBody) != `{"size":"s"}` || got[0].Status != 200 || got[0].Method != "POST" || got[0].Path != "/v1/orders" {
		t.Fatalf("got %+v", got)
	}
	if !got[1].RequestOmitted || !got[1].ResponseOmitted || got[1].RequestBody != nil {
		t.Errorf("bodies over the limit: got %+v", got[1])
	}
	result, err := conform.Compare(conform.Exchanges(&out), doc, orders(t, `{"size":{"type":"integer"}}`))
	if err != nil || result.Requests != (conform.Tally{OldOnly: 1, Unchecked: 1}) {
		t.Errorf("got %+v, %v", result, err)
	}
}

func TestRecorderReportsThatItCannotWrite(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { io.WriteString(w, "ok") }))
	t.Cleanup(server.Close)
	full := errors.New("disk full")
	recorder := conform.NewRecorder(nil, failing{full}, 0)
	h := http.Client{Transport: recorder}
	for range 2 {
		resp, err := h.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(resp.Body); string(text) != "ok" || err != nil {
			t.Errorf("got %q, %v", text, err)
		}
		resp.Body.Close()
	}
	if err := recorder.Err(); !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
	h.CloseIdleConnections()
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestExchangesNameTheLineThatIsNotOne(t *testing.T) {
	for text, want := range map[string]string{
		"{}\n\n{\n":                               "line 3 is not an exchange",
		`{"req_body":{"base64":"%"}}`:             "line 1 is not an exchange",
		`{"req_body":[1]}`:                        "want a string or",
		"{}\n" + `{"method":1}` + "\n" + `{}`:     "line 2",
		"{\"method\":\"GET\"}\n\"not an object\"": "line 2",
	} {
		var err error
		for _, err = range conform.Exchanges(strings.NewReader(text)) {
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	body := conform.Body("\xff\x00binary")
	text, err := json.Marshal(conform.Exchange{RequestBody: body})
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for e, err := range conform.Exchanges(strings.NewReader("\ufeff" + string(text))) {
		read++
		if err != nil || !bytes.Equal(e.RequestBody, body) {
			t.Errorf("got %q, %v, want %q", e.RequestBody, err, body)
		}
	}
	if read != 1 {
		t.Errorf("read %d exchanges, want 1", read)
	}
}

// Recorded traffic of the real API against two official descriptions: the requests that
// only one of them takes are named.
func TestCompareOfRecordedTraffic(t *testing.T) {
	if testing.Short() {
		t.Skip("opens two official descriptions: run without -short")
	}
	var docs [2]*schema.Document
	for i, name := range []string{"openapi-2025-04-29.yaml", "openapi.yaml"} {
		var err error
		if docs[i], err = schema.LoadFile(shared.Path(t, "openai-api", name), client.Errata()); err != nil {
			t.Fatal(err)
		}
	}
	recorded := func(yield func(conform.Exchange, error) bool) {
		for _, x := range shared.Interactions(t) {
			if !yield(conform.Exchange{
				Method: x.Method, Path: x.Path, Query: x.Query, RequestHeader: x.RequestHeader, RequestBody: conform.Body(x.RequestBody),
				Status: x.Status, ResponseHeader: x.ResponseHeader, ResponseBody: conform.Body(x.ResponseBody),
			}, nil) {
				return
			}
		}
	}
	got, err := conform.Compare(recorded, docs[0], docs[1])
	if err != nil {
		t.Fatal(err)
	}
	if got.Requests.Total() != 351 {
		t.Errorf("got %d requests, want 351", got.Requests.Total())
	}
	text := got.String()
	path := filepath.Join("testdata", "recorded.compare")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
