package clienttest_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/opcall/opcall/client/clienttest"
)

func TestCompressedRequestsAreRead(t *testing.T) {
	const body = `{"model":"m","messages":[{"role":"user","content":"Hi"}]}`
	compressed := func(writer func(io.Writer) io.WriteCloser) string {
		var b bytes.Buffer
		w := writer(&b)
		io.WriteString(w, body)
		w.Close()
		return b.String()
	}
	zipped := compressed(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	server := clienttest.NewServer(t)
	for name, tt := range map[string]struct {
		encoding, body string
		status         int
		message        string
	}{
		"gzip":         {"gzip", zipped, 200, ""},
		"deflate":      {"deflate", compressed(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }), 200, ""},
		"none":         {"identity", body, 200, ""},
		"no gzip":      {"gzip", body, 415, "gzip"},
		"gzip, cut":    {"gzip", zipped[:len(zipped)/2], 400, "EOF"},
		"another":      {"br", body, 415, "want gzip or deflate"},
		"two of them":  {"gzip, br", zipped, 415, "want gzip or deflate"},
		"empty":        {"gzip", "", 415, "cannot be read"},
		"more than it": {"gzip", strings.Repeat("x", 100), 415, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL()+"/chat/completions", strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer key")
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Content-Encoding", tt.encoding)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer http.DefaultClient.CloseIdleConnections()
			defer resp.Body.Close()
			text, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tt.status || !strings.Contains(string(text), tt.message) {
				t.Errorf("got %d %s, want %d with %q", resp.StatusCode, text, tt.status, tt.message)
			}
			if tt.status == 200 && string(server.LastRequest("createChatCompletion").Body) != body {
				t.Errorf("recorded %q, want the plain text", server.LastRequest("createChatCompletion").Body)
			}
		})
	}
}
