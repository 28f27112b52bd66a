package conform_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/schema"
)

// pack encodes a body as a Content-Encoding says.
func pack(t *testing.T, encoding, body string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch encoding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "deflate":
		w = zlib.NewWriter(&b)
	default:
		return body
	}
	io.WriteString(w, body)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Bodies in a Content-Encoding are validated, and reach the handler as they came.
func TestEncodedRequestsAreValidated(t *testing.T) {
	spaces := strings.Repeat(" ", 2<<20)
	tests := map[string]struct {
		encoding, body string
		status         int // 200 when it passes
		message        string
	}{
		"gzip":               {"gzip", pack(t, "gzip", chatBody), 200, ""},
		"x-gzip":             {"x-gzip", pack(t, "gzip", chatBody), 200, ""},
		"deflate":            {"Deflate", pack(t, "deflate", chatBody), 200, ""},
		"gzip, wrong":        {"gzip", pack(t, "gzip", wrongBody), 400, "/messages/0/role"},
		"gzip, cut":          {"gzip", pack(t, "gzip", chatBody)[:40], 400, "it is not the gzip that its Content-Encoding says"},
		"not gzip":           {"gzip", chatBody, 400, "it is not the gzip that its Content-Encoding says"},
		"bomb":               {"gzip", pack(t, "gzip", `{"model":`+spaces+`"m"}`), 413, "decoded, it has more than 1048576 bytes"},
		"br":                 {"br", chatBody, 415, "it is encoded: br"},
		"two":                {"gzip, gzip", pack(t, "gzip", pack(t, "gzip", chatBody)), 415, "it is encoded: gzip, gzip"},
		"identity":           {"identity", chatBody, 200, ""},
		"identity, not only": {"identity, x", chatBody, 415, "it is encoded"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			arrived := ""
			h := conform.NewHandler(document(t), http.HandlerFunc(func(_ http.ResponseWriter, hr *http.Request) {
				body, _ := io.ReadAll(hr.Body)
				arrived = string(body)
			}), conform.WithMaxBody(1<<20), conform.WithReport(func(conform.Report) {}))
			hr := httptest.NewRequest("POST", chatPath, strings.NewReader(tt.body))
			hr.Header.Set("Content-Type", "application/json")
			hr.Header.Set("Content-Encoding", tt.encoding)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, hr)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.message) {
				t.Errorf("got %d %s, want %d with %q", w.Code, w.Body, tt.status, tt.message)
			}
			if passed := tt.status == 200; passed != (arrived == tt.body) {
				t.Errorf("the handler got %d bytes, want the %d that were sent: %t", len(arrived), len(tt.body), passed)
			}
		})
	}
}

func TestEncodedResponsesAreValidated(t *testing.T) {
	for name, tt := range map[string]struct{ answer, want string }{
		"right": {chatAnswer, ""},
		"wrong": {wrongAnswer, "/created"},
	} {
		t.Run(name, func(t *testing.T) {
			packed := pack(t, "gzip", tt.answer)
			got := &reports{}
			h := conform.NewHandler(document(t), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Content-Encoding", "gzip")
				io.WriteString(w, packed)
			}), conform.WithResponses(schema.Standard, conform.Pass), conform.WithReport(got.add))
			_, text := exchange(t, h, "POST", chatPath, "application/json", chatBody)
			contains(t, "reports", got.text(), tt.want)
			if text != tt.answer { // unpacked by net/http
				t.Errorf("got %q, want the response unchanged", text)
			}
		})
	}
}

// What a body says of itself must not be readable in two ways.
func TestAmbiguousBodiesAreNotPassed(t *testing.T) {
	tests := map[string]http.Header{
		"two Content-Types": {"Content-Type": {"application/json", "text/plain"}},
		"UTF-7":             {"Content-Type": {"application/json; charset=utf-7"}},
		"UTF-16":            {"Content-Type": {"application/json; charset=UTF-16"}},
		"":                  {"Content-Type": {`application/json; charset="UTF-8"`}},
	}
	for name, header := range tests {
		t.Run(name, func(t *testing.T) {
			h := conform.NewHandler(document(t), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), conform.WithReport(func(conform.Report) {}))
			hr := httptest.NewRequest("POST", chatPath, strings.NewReader(chatBody))
			hr.Header = header
			w := httptest.NewRecorder()
			h.ServeHTTP(w, hr)
			if want := map[bool]int{true: 200, false: 415}[name == ""]; w.Code != want {
				t.Errorf("got %d %s, want %d", w.Code, w.Body, want)
			}
		})
	}
}

// What another program may read in another way is not passed: a method in a header, and
// a cookie that comes twice.
func TestAmbiguousHeadsAreNotPassed(t *testing.T) {
	doc, err := schema.Load([]byte(`{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": {"operationId": "a",
		"parameters": [{"name": "c", "in": "cookie", "schema": {"enum": ["x"]}}], "responses": {"200": {"description": "d"}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		header  http.Header
		status  int
		message string
	}{
		"another method": {http.Header{"X-Http-Method-Override": {"DELETE"}}, 405, "asks for another method"},
		"the same":       {http.Header{"X-Http-Method-Override": {"get"}}, 200, ""},
		"a cookie":       {http.Header{"Cookie": {"b=1; c=x"}}, 200, ""},
		"two in one":     {http.Header{"Cookie": {"c=x; c=y"}}, 400, "got 2 cookies of the name"},
		"two headers":    {http.Header{"Cookie": {"c=x", "c=y"}}, 400, "got 2 cookies of the name"},
		"others twice":   {http.Header{"Cookie": {"b=1; b=2; c=x"}}, 200, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := conform.NewHandler(doc, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), conform.WithReport(func(conform.Report) {}))
			hr := httptest.NewRequest("GET", "/a", nil)
			hr.Header = tt.header
			w := httptest.NewRecorder()
			h.ServeHTTP(w, hr)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.message) {
				t.Errorf("got %d %s, want %d with %q", w.Code, w.Body, tt.status, tt.message)
			}
		})
	}
}

// upload is a form for createFile with a file of so many bytes before the purpose.
func upload(t testing.TB, purpose string, size int) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "a.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for range size / 1000 {
		fmt.Fprintf(part, "%999d\n", 7)
	}
	w.WriteField("purpose", purpose)
	w.Close()
	return w.FormDataContentType(), b.String()
}

// A form of any length goes through a Handler, unheld and unchanged. Where its last field
// is wrong, the handler behind never sees its end, and the client gets the reason.
func TestLongFormsAreValidatedWhileTheyPass(t *testing.T) {
	const size = 3 << 20
	for name, purpose := range map[string]string{"right": "assistants", "wrong": "nonsense"} {
		for _, length := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", length ", length), func(t *testing.T) {
				contentType, body := upload(t, purpose, size)
				var arrived int
				var readErr error
				got := &reports{}
				h := conform.NewHandler(document(t), http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
					text, err := io.ReadAll(hr.Body)
					arrived, readErr = len(text), err
					if err == nil && string(text) != body {
						t.Error("the body has changed")
					}
					if strings.Contains(string(text), "nonsense") {
						t.Error("the handler got the wrong field")
					}
					if err != nil {
						http.Error(w, "broken", http.StatusBadGateway)
					}
				}), conform.WithMaxBody(64<<10), conform.WithReport(got.add))
				hr := httptest.NewRequest("POST", "/v1/files", io.MultiReader(strings.NewReader(body)))
				hr.Header.Set("Content-Type", contentType)
				if length {
					hr.ContentLength = int64(len(body))
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, hr)
				if name == "right" {
					if w.Code != 200 || readErr != nil || arrived != len(body) || got.text() != "" {
						t.Errorf("got %d %s, %d bytes of %d, %v, reports %q", w.Code, w.Body, arrived, len(body), readErr, got.text())
					}
					return
				}
				var rejected *conform.Error
				if w.Code != 400 || !strings.Contains(w.Body.String(), "/purpose") || !errors.As(readErr, &rejected) || arrived > len(body)-100 {
					t.Errorf("got %d %s, %d bytes of %d, %v", w.Code, w.Body, arrived, len(body), readErr)
				}
				contains(t, "reports", got.text(), "rejected", "/purpose")
			})
		}
	}
}

// A field that is not a file is bounded, wherever it stands.
func TestLongFieldOfAFormIsRefused(t *testing.T) {
	contentType, body := upload(t, strings.Repeat("b", 70<<10), 1000)
	h := conform.NewHandler(document(t), http.HandlerFunc(func(_ http.ResponseWriter, hr *http.Request) {
		io.Copy(io.Discard, hr.Body)
	}), conform.WithMaxBody(64<<10), conform.WithReport(func(conform.Report) {}))
	resp, text := exchange(t, h, "POST", "/v1/files", contentType, body)
	if resp.StatusCode != 413 || !strings.Contains(text, "more than 65536 bytes outside of files") {
		t.Errorf("got %s %s, want 413", resp.Status, text)
	}
}

// The server behind a proxy takes no form whose end was held back.
func TestProxiedFormIsCutWhereItIsWrong(t *testing.T) {
	whole := make(chan bool, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		err := hr.ParseMultipartForm(1 << 20)
		if whole <- err == nil; err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	defer server.Close()
	behind, _ := url.Parse(server.URL)
	proxy := httputil.NewSingleHostReverseProxy(behind)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	h := conform.NewHandler(document(t), proxy, conform.WithMaxBody(64<<10), conform.WithReport(func(conform.Report) {}))
	for purpose, status := range map[string]int{"assistants": 200, "nonsense": 400} {
		contentType, body := upload(t, purpose, 1<<20)
		resp, text := exchange(t, h, "POST", "/v1/files", contentType, body)
		if resp.StatusCode != status || status == 400 && !strings.Contains(text, "/purpose") {
			t.Errorf("%s: got %s %s, want %d", purpose, resp.Status, text, status)
		}
		select {
		case got := <-whole:
			if got != (status == 200) {
				t.Errorf("%s: the server got the whole form: %t", purpose, got)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s: the server read no form", purpose)
		}
	}
}

// A Transport sends a long form that has no second body, and reports what it breaks off.
func TestTransportStreamsLongForms(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		io.Copy(io.Discard, hr.Body)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{}`)
	}))
	defer server.Close()
	for purpose, passes := range map[string]bool{"assistants": true, "nonsense": false} {
		contentType, body := upload(t, purpose, 1<<20)
		c := &http.Client{Transport: conform.NewTransport(document(t), server.Client().Transport, conform.WithMaxBody(64<<10), conform.WithReport(func(conform.Report) {}))}
		hr, err := http.NewRequestWithContext(context.Background(), "POST", server.URL+"/v1/files", io.MultiReader(strings.NewReader(body)))
		if err != nil {
			t.Fatal(err)
		}
		hr.Header.Set("Content-Type", contentType)
		resp, err := c.Do(hr)
		if err == nil {
			resp.Body.Close()
		}
		var rejected *conform.Error
		if passes != (err == nil) || !passes && (!errors.As(err, &rejected) || !strings.Contains(err.Error(), "/purpose")) {
			t.Errorf("%s: got %v", purpose, err)
		}
	}
}

// A form that the handler does not read to its end is reported as not validated.
func TestUnreadFormIsReported(t *testing.T) {
	contentType, body := upload(t, "nonsense", 1<<20)
	got := &reports{}
	h := conform.NewHandler(document(t), http.HandlerFunc(func(_ http.ResponseWriter, hr *http.Request) {
		io.ReadFull(hr.Body, make([]byte, 1000))
	}), conform.WithMaxBody(64<<10), conform.WithReport(got.add))
	hr := httptest.NewRequest("POST", "/v1/files", strings.NewReader(body))
	hr.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder() // net/http waits half a second where a body is not read
	h.ServeHTTP(w, hr)
	contains(t, "reports", got.text(), "it was not read to its end")
	if w.Code != 200 {
		t.Errorf("got %d, want what the handler responded", w.Code)
	}
}

// A head of a part that can be read in two ways is refused.
func TestAmbiguousPartsAreRefused(t *testing.T) {
	part := func(head, text string) string { return "--b\r\n" + head + "\r\n\r\n" + text + "\r\n" }
	file := part(`Content-Disposition: form-data; name="file"; filename="a"`, "x")
	tests := map[string]struct {
		purpose string
		message string
	}{
		"":                 {part(`Content-Disposition: form-data; name="purpose"`+"\r\nContent-Transfer-Encoding: 8bit", "assistants"), ""},
		"two names":        {part(`Content-Disposition: form-data; name="purpose"`+"\r\n"+`Content-Disposition: form-data; name="file"`, "assistants"), "2 headers Content-Disposition"},
		"name twice":       {part(`Content-Disposition: form-data; name="purpose"; name="file"`, "assistants"), "has no name"},
		"quoted-printable": {part(`Content-Disposition: form-data; name="purpose"`+"\r\nContent-Transfer-Encoding: quoted-printable", "assistants"), "Content-Transfer-Encoding"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := conform.NewHandler(document(t), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), conform.WithReport(func(conform.Report) {}))
			resp, text := exchange(t, h, "POST", "/v1/files", "multipart/form-data; boundary=b", file+tt.purpose+"--b--\r\n")
			if want := map[bool]int{true: 200, false: 400}[name == ""]; resp.StatusCode != want || !strings.Contains(text, tt.message) {
				t.Errorf("got %s %s, want %d with %q", resp.Status, text, want, tt.message)
			}
		})
	}
}

// A request for an operation with an error in the document does not pass as one for another
// one, nor one that passes unchecked.
func TestOperationWithAnErrorIsNotPassed(t *testing.T) {
	doc, err := schema.Load([]byte(`{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {
		"/files/special": {"get": {"operationId": "special", "parameters": [{"name": "a", "in": "nowhere"}], "responses": {"200": {"description": "d"}}}},
		"/files/{id}": {"get": {"operationId": "byID", "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}], "responses": {"200": {"description": "d"}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		opts   []conform.Option
		status int
	}{
		"by default": {nil, 500},
		"passed":     {[]conform.Option{conform.WithUnchecked(conform.Pass)}, 204},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := &reports{}
			h := conform.NewHandler(doc, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }), append(tt.opts, conform.WithReport(got.add))...)
			for _, method := range []string{"GET", "HEAD"} {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest(method, "/files/special", nil))
				if w.Code != tt.status {
					t.Errorf("%s: got %d %s, want %d", method, w.Code, w.Body, tt.status)
				}
			}
			contains(t, "reports", got.text(), "cannot be checked", `"nowhere"`)
			if resp, _ := exchange(t, h, "GET", "/files/7", "", ""); resp.StatusCode != 204 {
				t.Errorf("got %s for the sound operation", resp.Status)
			}
		})
	}
}
