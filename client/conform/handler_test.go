package conform_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/schema"
)

// exchange sends a request to a Handler and returns the answer.
func exchange(t *testing.T, h http.Handler, method, path, contentType, body string) (*http.Response, string) {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	hr, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		hr.Header.Set("Content-Type", contentType)
	}
	resp, err := server.Client().Do(hr)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

func TestHandlerValidatesRequests(t *testing.T) {
	pass := conform.WithRequests(schema.Standard, conform.Pass)
	const jsonType = "application/json"
	tests := map[string]struct {
		opts         []conform.Option
		method, path string
		contentType  string
		body         string
		status       int    // 200 is the handler's
		answer       string // part of the refusal
		report       string
	}{
		"valid":              {method: "POST", path: chatPath, contentType: jsonType, body: chatBody, status: 200},
		"wrong":              {method: "POST", path: chatPath, contentType: jsonType, body: wrongBody, status: 400, answer: `"param":"messages.0.role"`, report: "rejected"},
		"wrong, passed":      {opts: []conform.Option{pass}, method: "POST", path: chatPath, contentType: jsonType, body: wrongBody, status: 200, report: "/messages/0/role"},
		"not found":          {method: "GET", path: "/v1/nothing", status: 404, answer: `"code":"unknown_url"`, report: "rejected"},
		"not found, passed":  {opts: []conform.Option{pass}, method: "POST", path: "/v1/nothing", body: "x", status: 200, report: "no operation is at POST /nothing"},
		"not found, refused": {opts: []conform.Option{pass, conform.WithUnmatched(conform.Reject)}, method: "GET", path: "/v1/nothing", status: 404, answer: "unknown_url", report: "rejected"},
		"method":             {method: "PUT", path: chatPath, status: 405, answer: "want GET or POST", report: "rejected"},
		"media type":         {method: "POST", path: chatPath, contentType: "text/plain", body: "x", status: 415, answer: "unsupported_media_type", report: "rejected"},
		"no media type":      {method: "POST", path: chatPath, body: "{}", status: 415, answer: "unsupported_media_type", report: "rejected"},
		"query":              {method: "GET", path: "/v1/files?limit=two", status: 400, answer: `"param":"limit"`, report: "rejected"},
		"upload":             {method: "POST", path: "/v1/files", contentType: "multipart/form-data; boundary=b", body: uploadOf("batch"), status: 200},
		"upload, wrong":      {method: "POST", path: "/v1/files", contentType: "multipart/form-data; boundary=b", body: uploadOf("bach"), status: 400, answer: `"param":"purpose"`, report: "rejected"},
		"upload, garbage":    {method: "POST", path: "/v1/files", contentType: "multipart/form-data; boundary=b", body: "garbage", status: 400, answer: "invalid_body", report: "rejected"},
		"long":               {opts: []conform.Option{conform.WithMaxBody(9)}, method: "POST", path: chatPath, contentType: jsonType, body: wrongBody, status: 413, answer: "request_too_large", report: "rejected"},
		"long upload":        {opts: []conform.Option{conform.WithMaxBody(9)}, method: "POST", path: "/v1/files", contentType: "multipart/form-data; boundary=b", body: uploadOf("batch"), status: 200},
		"long, passed":       {opts: []conform.Option{conform.WithMaxBody(9), conform.WithUnchecked(conform.Pass)}, method: "POST", path: chatPath, contentType: jsonType, body: wrongBody, status: 200, report: "not checked: it has more than 9 bytes"},
		"way up":             {method: "GET", path: "/v1/files/..%2f..%2fadmin", status: 400, answer: "dot segment", report: "rejected"},
		"NUL":                {method: "GET", path: "/v1/files/a%00b", status: 400, answer: "NUL", report: "rejected"},
		"HEAD":               {method: "HEAD", path: "/v1/models", status: 200},
		"HEAD, wrong":        {method: "HEAD", path: "/v1/files?limit=two", status: 400, report: "rejected"},
		"HEAD of POST":       {method: "HEAD", path: "/v1/embeddings", status: 405, report: "rejected"},
		"OPTIONS":            {method: "OPTIONS", path: chatPath, status: 200},
		"OPTIONS of nothing": {method: "OPTIONS", path: "/v1/nothing", status: 404, answer: "unknown_url", report: "rejected"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, read := &reports{}, "unread"
			h := conform.NewHandler(document(t), http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
				body, _ := io.ReadAll(hr.Body)
				read = string(body)
			}), append(tt.opts, conform.WithReport(got.add))...)
			resp, text := exchange(t, h, tt.method, tt.path, tt.contentType, tt.body)
			if resp.StatusCode != tt.status {
				t.Errorf("got %s %s, want %d", resp.Status, text, tt.status)
			}
			contains(t, "reports", got.text(), tt.report)
			if tt.status == 200 {
				if read != tt.body {
					t.Errorf("got body %q behind the Handler, want %q", read, tt.body)
				}
				return
			}
			if tt.method != "HEAD" {
				contains(t, "answer", text, tt.answer, `"type":"invalid_request_error"`)
			}
			if read != "unread" {
				t.Error("the handler was called")
			}
			if allow := resp.Header.Get("Allow"); (allow != "") != (tt.status == 405) {
				t.Errorf("got Allow %q", allow)
			}
		})
	}
}

func TestHandlerWithoutDocumentSaysSo(t *testing.T) {
	resp, text := exchange(t, conform.NewHandler(nil, http.NotFoundHandler()), "GET", "/", "", "")
	if resp.StatusCode != 500 {
		t.Errorf("got %s", resp.Status)
	}
	contains(t, "answer", text, "nil document")
}

func TestHandlerValidatesResponses(t *testing.T) {
	reject := conform.WithResponses(schema.Standard, conform.Reject)
	pass := conform.WithResponses(schema.Standard, conform.Pass)
	lenient := conform.WithResponses(schema.Lenient, conform.Pass)
	write := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, hr *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Etag", `"1"`)
			if status != 0 {
				w.WriteHeader(status)
			}
			half := len(body) / 2
			io.WriteString(w, body[:half])
			io.WriteString(w, body[half:])
		}
	}
	const jsonType = "application/json"
	tests := map[string]struct {
		opt     conform.Option
		handler http.HandlerFunc
		status  int
		answer  string // "" for one in the form of an error
		report  string
	}{
		"not asked":            {conform.WithResponses(schema.Off, conform.Reject), write(0, jsonType, wrongAnswer), 200, wrongAnswer, ""},
		"valid":                {reject, write(200, jsonType, chatAnswer), 200, chatAnswer, ""},
		"valid, passed":        {pass, write(0, jsonType, chatAnswer), 200, chatAnswer, ""},
		"wrong":                {reject, write(200, jsonType, wrongAnswer), 502, "", "status 200, rejected: createChatCompletion response: /created"},
		"wrong, passed":        {pass, write(200, jsonType, wrongAnswer), 200, wrongAnswer, "createChatCompletion response: /created"},
		"findings":             {lenient, write(0, jsonType, wrongAnswer), 200, wrongAnswer, "wrong_type /created"},
		"media type":           {reject, write(200, "text/html", "<html>"), 502, "", `got media type "text/html"`},
		"media type, passed":   {pass, write(200, "text/html", "<html>"), 200, "<html>", `got media type "text/html"`},
		"error":                {reject, write(500, "text/html", "<html>"), 500, "<html>", "status 500"},
		"stream":               {reject, write(200, "text/event-stream", "data: {}\n\n"), 200, "data: {}\n\n", "not checked: text/event-stream"},
		"too long":             {reject, write(200, jsonType, wrongAnswer+strings.Repeat(" ", 999)), 200, wrongAnswer + strings.Repeat(" ", 999), "not checked: it has more than 400 bytes"},
		"too long, passed":     {pass, write(200, jsonType, wrongAnswer+strings.Repeat(" ", 999)), 200, wrongAnswer + strings.Repeat(" ", 999), "not checked: it has more than 400 bytes"},
		"nothing":              {reject, func(http.ResponseWriter, *http.Request) {}, 200, "", ""},
		"status and no header": {reject, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) }, 200, "", "not checked: it has no Content-Type"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := &reports{}
			h := conform.NewHandler(document(t), tt.handler, tt.opt, conform.WithMaxBody(400), conform.WithReport(got.add))
			resp, text := exchange(t, h, "POST", chatPath, "application/json", chatBody)
			if resp.StatusCode != tt.status {
				t.Errorf("got %s, want %d", resp.Status, tt.status)
			}
			contains(t, "reports", got.text(), tt.report)
			if tt.status != 502 {
				if text != tt.answer {
					t.Errorf("got answer %q, want %q", text, tt.answer)
				}
				return
			}
			contains(t, "answer", text, `"type":"server_error"`, `"code":"invalid_response"`)
			if resp.Header.Get("Etag") != "" {
				t.Error("the refusal has the Etag of the answer")
			}
		})
	}
}

func TestEventsAreFlushedThroughTheHandler(t *testing.T) {
	for name, action := range map[string]conform.Action{"pass": conform.Pass, "reject": conform.Reject} {
		t.Run(name, func(t *testing.T) {
			next := make(chan struct{})
			h := conform.NewHandler(document(t), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				io.WriteString(w, "data: 1\n\n")
				w.(http.Flusher).Flush()
				<-next
				io.WriteString(w, "data: 2\n\n")
			}), conform.WithResponses(schema.Standard, action), conform.WithReport(func(conform.Report) {}))
			server := httptest.NewServer(h)
			defer server.Close()
			resp, err := post(t.Context(), server.Client(), server.URL, chatBody)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			lines := bufio.NewReader(resp.Body)
			line, err := lines.ReadString('\n')
			if err != nil || line != "data: 1\n" {
				t.Errorf("got %q, %v before the second event", line, err)
			}
			close(next)
			rest, err := io.ReadAll(lines)
			if err != nil || string(rest) != "\ndata: 2\n\n" {
				t.Errorf("got %q, %v", rest, err)
			}
		})
	}
}

func TestConnectionsCanBeHijackedThroughTheHandler(t *testing.T) {
	h := conform.NewHandler(document(t), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
	}), conform.WithResponses(schema.Standard, conform.Reject))
	if resp, text := exchange(t, h, "POST", chatPath, "application/json", chatBody); resp.StatusCode != 200 || text != "hi" {
		t.Errorf("got %s %q", resp.Status, text)
	}
}

// FuzzHandler holds the Handler to serving whatever arrives, and to leaving the
// bytes of what it lets through as they are.
func FuzzHandler(f *testing.F) {
	for _, seed := range []struct{ method, target, header, body string }{
		{"POST", chatPath, "application/json", chatBody},
		{"POST", chatPath, "application/json; charset=utf-8", wrongBody},
		{"POST", "/v1/files", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a[b][]\"\r\n\r\n1\r\n--b--"},
		{"POST", "/v1/nothing", "application/x-www-form-urlencoded", "a=1&b[c]=%zz"},
		{"GET", "/v1/files?limit=1e999&after=%00", "", ""},
		{"GET", "/v1/organization/costs?start_time=1&project_ids[]=a&group_by=x", "", ""},
		{"GET", "/v1/models/..%2f..", "a/b/c", ""},
		{"OPTIONS", "*", "", ""},
	} {
		f.Add(seed.method, seed.target, seed.header, []byte(seed.body), []byte(chatAnswer))
	}
	doc := document(f)
	f.Fuzz(func(t *testing.T, method, target, contentType string, body, answer []byte) {
		hr, err := http.ReadRequest(bufio.NewReader(strings.NewReader(method + " " + target + " HTTP/1.1\r\nHost: h\r\n\r\n")))
		if err != nil {
			return
		}
		for _, action := range []conform.Action{conform.Reject, conform.Pass} {
			hr.Header = http.Header{"Content-Type": {contentType}}
			hr.Body, hr.ContentLength = io.NopCloser(bytes.NewReader(body)), -1
			called := false
			h := conform.NewHandler(doc, http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
				called = true
				if got, err := io.ReadAll(hr.Body); err != nil || !bytes.Equal(got, body) {
					t.Errorf("got body %q, %v, want %q", got, err, body)
				}
				w.Header().Set("Content-Type", "application/json")
				w.Write(answer)
			}), conform.WithRequests(schema.Standard, action), conform.WithResponses(schema.Standard, action), conform.WithMaxBody(1000), conform.WithReport(func(conform.Report) {}))
			recorder := httptest.NewRecorder()
			h.ServeHTTP(recorder, hr)
			if action == conform.Pass && !called {
				t.Errorf("got %d, want every request passed", recorder.Code)
			}
			if called && recorder.Code == 200 && !bytes.Equal(recorder.Body.Bytes(), answer) {
				t.Errorf("got answer %q, want %q", recorder.Body, answer)
			}
		}
	})
}
