package conform_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

// proxied starts a proxy in front of a server.
func proxied(t testing.TB, upstream string, opts ...conform.ProxyOption) (*conform.Proxy, *httptest.Server) {
	t.Helper()
	opts = append([]conform.ProxyOption{conform.WithProxyLog(log.New(io.Discard, "", 0))}, opts...)
	p, err := conform.NewProxy(document(t), upstream, opts...)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	t.Cleanup(func() {
		p.Shutdown(context.Background())
		server.Close()
		p.CloseIdleConnections()
	})
	return p, server
}

// seen is a request as it arrived.
type seen struct {
	Method, URI string
	Length      int64
	Header      http.Header
	Trailer     http.Header
	Body        string
}

// recordedRow is a row of the recorded traffic.
type recordedRow struct {
	Method, Path, Query string
	Status              int
	ReqHeaders          http.Header `json:"req_headers"`
	RespHeaders         http.Header `json:"resp_headers"`
	ReqBody             string      `json:"req_body"`
	ReqBodyB64          []byte      `json:"req_body_b64"`
	RespBody            string      `json:"resp_body"`
	RespBodyB64         []byte      `json:"resp_body_b64"`
	ContentType         string      `json:"content_type"`
}

func recordedTraffic(t *testing.T) (rows []recordedRow) {
	t.Helper()
	if !shared.Present() {
		t.Skip("OPCALL_SHARED is not set: the recorded traffic is not read")
	}
	text, err := os.ReadFile(shared.Path(t, "recorded", "interactions.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var row recordedRow
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

// left are headers that the connection has, not the message.
var left = []string{"Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Date", "Content-Encoding"}

func TestRecordedTrafficPassesByteForByte(t *testing.T) {
	rows := recordedTraffic(t)
	var mu sync.Mutex
	var arrived seen
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		body, err := io.ReadAll(hr.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		arrived = seen{hr.Method, hr.RequestURI, hr.ContentLength, hr.Header, hr.Trailer, string(body)}
		mu.Unlock()
		var row recordedRow
		if n := 0; true {
			fmt.Sscan(hr.Header.Get("X-Row"), &n)
			row = rows[n]
		}
		header := w.Header()
		for name, values := range row.RespHeaders {
			header[http.CanonicalHeaderKey(name)] = values
		}
		for _, name := range left {
			header.Del(name)
		}
		header.Set("Trailer", "X-Checksum")
		w.WriteHeader(row.Status)
		text := []byte(row.RespBody)
		if row.RespBodyB64 != nil {
			text = row.RespBodyB64
		}
		w.Write(text)
		header.Set("X-Checksum", fmt.Sprint(len(text)))
	}))
	defer upstream.Close()
	findings := new(bytes.Buffer)
	var recording lockedBuffer
	report := conform.NewReportLog(findings, nil, false)
	var reporting sync.Mutex
	p, server := proxied(t, upstream.URL, conform.WithRequests(schema.Standard, conform.Pass), conform.WithUnmatched(conform.Pass),
		conform.WithRecording(&recording), conform.WithReport(func(r conform.Report) {
			reporting.Lock()
			defer reporting.Unlock()
			report.Report(r)
		}))
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	// exchange sends a row's request to a server, and returns what arrives and comes back.
	exchange := func(n int, base string) (seen, *http.Response, string) {
		row := rows[n]
		body := []byte(row.ReqBody)
		if row.ReqBodyB64 != nil {
			body = row.ReqBodyB64
		}
		req, err := http.NewRequestWithContext(t.Context(), row.Method, base+row.Path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.URL.RawQuery = row.Query
		for name, values := range row.ReqHeaders {
			req.Header[http.CanonicalHeaderKey(name)] = values
		}
		for _, name := range left {
			req.Header.Del(name)
		}
		req.Header.Set("X-Row", fmt.Sprint(n))
		req.Header.Set("Authorization", "Bearer sk-a-key-that-nobody-keeps")
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatalf("row %d: %v", n, err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatalf("row %d: %v", n, err)
		}
		mu.Lock()
		defer mu.Unlock()
		return arrived, resp, string(text)
	}
	for n := range rows {
		wantSeen, want, wantText := exchange(n, upstream.URL)
		gotSeen, got, text := exchange(n, server.URL)
		if diff := cmp.Diff(wantSeen, gotSeen); diff != "" {
			t.Errorf("row %d: the request changed (-sent +arrived):\n%.800s", n, diff)
		}
		want.Header.Del("Date")
		got.Header.Del("Date")
		if diff := cmp.Diff(want.Header, got.Header); diff != "" || got.StatusCode != want.StatusCode {
			t.Errorf("row %d: status %d, want %d; the header changed (-sent +arrived):\n%.800s", n, got.StatusCode, want.StatusCode, diff)
		}
		if text != wantText || got.ContentLength != want.ContentLength {
			t.Errorf("row %d: the body changed: %d bytes, want %d", n, len(text), len(wantText))
		}
		if diff := cmp.Diff(want.Trailer, got.Trailer); diff != "" {
			t.Errorf("row %d: the trailer changed:\n%s", n, diff)
		}
	}
	if err := report.Err(); err != nil {
		t.Error(err)
	}
	golden(t, "recorded.findings", summary(findings.String()))
	golden(t, "recorded.drift", p.Drift().String())
	if text := recording.String(); strings.Contains(text, "nobody-keeps") || strings.Count(text, "\n") != len(rows) {
		t.Errorf("got %d lines of recording, want %d without a key", strings.Count(text, "\n"), len(rows))
	}
	if strings.Contains(findings.String(), "nobody-keeps") {
		t.Error("a key is in the findings")
	}
}

// summary leaves out lines that have been there: what is wrong with one response is wrong
// with many.
func summary(lines string) string {
	var b strings.Builder
	there := make(map[string]bool)
	for line := range strings.Lines(lines) {
		v := gjson.Parse(line)
		if key := v.Get("operation").String() + v.Get("keyword").String() + v.Get("message").String() + v.Get("skipped").String(); !there[key] {
			there[key] = true
			b.WriteString(line)
		}
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%.3000s", file, diff)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

const (
	goodChunk  = `{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}`
	wrongChunk = `{"id":"c","object":"chat.completion.chunk","created":"now","model":"m","choices":[]}`
)

func TestEventsPassOneByOneAndAreValidated(t *testing.T) {
	next := make(chan struct{})
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		io.Copy(io.Discard, hr.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		for _, event := range []string{": comment\r\ndata: " + goodChunk + "\r\n\r\n", "data: " + wrongChunk[:20], wrongChunk[20:] + "\n\n", "data: [DONE]\n\n"} {
			io.WriteString(w, event)
			w.(http.Flusher).Flush()
			<-next // the test has it
		}
	}))
	defer upstream.Close()
	var got reports
	p, server := proxied(t, upstream.URL, conform.WithReport(got.add))
	resp, err := http.Post(server.URL+chatPath, "application/json", strings.NewReader(`{"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	defer http.DefaultClient.CloseIdleConnections()
	buf := make([]byte, 4096)
	for _, want := range []string{goodChunk, wrongChunk[:20], wrongChunk[20:], "[DONE]"} {
		n, err := resp.Body.Read(buf)
		if err != nil || !strings.Contains(string(buf[:n]), want) {
			t.Fatalf("got %q, %v; want %q before the next is sent", buf[:n], err, want)
		}
		next <- struct{}{}
	}
	if _, err := resp.Body.Read(buf); err != io.EOF {
		t.Errorf("got %v, want the end", err)
	}
	contains(t, "reports", got.text(), "response POST /v1/chat/completions, status 200, event 2", "/created")
	if n := len(got.all); n != 1 {
		t.Errorf("got %d reports, want one: %s", n, got.text())
	}
	if d := p.Drift(); d.Events != 2 || len(d.Fields) != 1 || d.Fields[0].Pointer != "/created" {
		t.Errorf("got drift %+v, want 2 events and /created", d)
	}
}

func TestInvalidRequestsDoNotReachTheAPI(t *testing.T) {
	upstream := newEcho(t)
	var got reports
	_, server := proxied(t, upstream.URL, conform.WithReport(got.add))
	defer http.DefaultClient.CloseIdleConnections()
	for path, body := range map[string]string{chatPath: wrongBody, "/v1/chat/completion": chatBody} {
		resp, err := http.Post(server.URL+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 400 && resp.StatusCode != 404 || gjson.GetBytes(text, "error.type").String() != "invalid_request_error" {
			t.Errorf("%s: got %d %s", path, resp.StatusCode, text)
		}
	}
	if upstream.arrived != 0 {
		t.Errorf("%d requests reached the API", upstream.arrived)
	}
}

func TestUpstreamThatLiesAboutLengths(t *testing.T) {
	for name, raw := range map[string]string{
		"too long":     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"id\":",
		"broken chunk": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\nzz\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			var running sync.WaitGroup
			running.Go(func() {
				for {
					conn, err := listener.Accept()
					if err != nil {
						return
					}
					if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
						io.Copy(io.Discard, req.Body)
						io.WriteString(conn, raw)
					}
					conn.Close()
				}
			})
			defer running.Wait()
			defer listener.Close()
			var got reports
			_, server := proxied(t, "http://"+listener.Addr().String(), conform.WithReport(got.add))
			defer http.DefaultClient.CloseIdleConnections()
			resp, err := http.Post(server.URL+chatPath, "application/json", strings.NewReader(chatBody))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if text, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("got %q, %v; want a body that breaks off", text, err)
			}
			contains(t, "reports", got.text(), "body not checked: it was broken off")
		})
	}
}

func TestUnreachableAPIIs502(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	var reports []conform.Report
	p, server := proxied(t, gone.URL, conform.WithReport(func(r conform.Report) { reports = append(reports, r) }))
	defer http.DefaultClient.CloseIdleConnections()
	resp, err := http.Post(server.URL+chatPath, "application/json", strings.NewReader(chatBody))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 502 || gjson.GetBytes(text, "error.code").String() != "upstream_unreachable" {
		t.Errorf("got %d %s", resp.StatusCode, text)
	}
	server.Close() // the handler is done
	if len(reports) != 1 || reports[0].Status != 0 || !strings.HasPrefix(reports[0].Skipped, "there was no response: ") {
		t.Errorf("got %v, want that there was no response, in place of one with the status of the proxy", reports)
	}
	if metrics := metricsOf(t, p); strings.Contains(metrics, `direction="response"`) || !strings.Contains(metrics, "opcall_proxy_unreachable_total 1\n") {
		t.Errorf("got %s", metrics)
	}
}

func TestProxyPathsAndInspection(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"uri": hr.RequestURI, "host": hr.Host, "agent": hr.Header["User-Agent"], "forwarded": hr.Header["X-Forwarded-For"]})
	}))
	defer upstream.Close()
	defer http.DefaultClient.CloseIdleConnections()
	p, server := proxied(t, upstream.URL+"/openai/v1", conform.WithReport(func(conform.Report) {}))
	get := func(path string) (int, string) {
		t.Helper()
		resp, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(text)
	}
	if status, _ := get("/v1/files/a%20b"); status != 200 {
		t.Errorf("got %d", status)
	}
	_, text := get("/v1/files/a%20b")
	target, err := url.Parse(upstream.URL)
	if err != nil {
		t.Fatal(err)
	}
	if gjson.Get(text, "uri").String() != "/openai/v1/files/a%20b" || gjson.Get(text, "host").String() != target.Host || gjson.Get(text, "forwarded").Type != gjson.Null {
		t.Errorf("got %s", text)
	}
	if _, metrics := get(conform.InspectPath + "metrics"); !strings.Contains(metrics, `opcall_proxy_messages_total{direction="request",operation="retrieveFile",result="valid"} 2`) ||
		!strings.Contains(metrics, `opcall_proxy_findings_total{direction="response",keyword="required",operation="retrieveFile"}`) {
		t.Errorf("got %s", metrics)
	}
	if _, drift := get(conform.InspectPath + "drift"); gjson.Get(drift, "fields.#").Int() == 0 {
		t.Errorf("got %s", drift)
	}
	if status, _ := get(conform.InspectPath + "other"); status != 404 {
		t.Errorf("got %d, want 404: nothing below the path is passed on", status)
	}
	if status, _ := get(conform.InspectPath + "health"); status != 200 {
		t.Errorf("got %d", status)
	}
	if err := p.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if status, _ := get(conform.InspectPath + "health"); status != 503 {
		t.Errorf("got %d of a proxy that shuts down", status)
	}
}

func TestProxyRefusesWhatIsOverItsLimit(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		arrived <- struct{}{}
		<-release
	}))
	defer upstream.Close()
	defer http.DefaultClient.CloseIdleConnections()
	_, server := proxied(t, upstream.URL, conform.WithMaxRequests(1))
	first := make(chan error)
	go func() {
		resp, err := http.Get(server.URL + "/v1/models")
		if err == nil {
			resp.Body.Close()
		}
		first <- err
	}()
	<-arrived
	resp, err := http.Get(server.URL + "/v1/models")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 503 {
		t.Errorf("got %d, want 503 for the second at the same time", resp.StatusCode)
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

func TestWrongUpstreamIsRefusedWithoutItsSecret(t *testing.T) {
	for _, upstream := range []string{"", "api.openai.com", "ftp://host", "https://user:secret@host", "https://host?key=secret"} {
		if _, err := conform.NewProxy(document(t), upstream); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want an error without the secret", upstream, err)
		}
	}
	if _, err := conform.NewProxy(nil, "https://host"); err == nil {
		t.Error("got a proxy without a document")
	}
}
