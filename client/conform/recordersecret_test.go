package conform_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opcall/opcall/client/conform"
)

// TestNoCredentialIsRecorded records calls whose key comes back in bodies, or is sent in
// them, in every encoding that can be read.
func TestNoCredentialIsRecorded(t *testing.T) {
	const key = "verysecretkey0123456789" // none by its looks
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		io.Copy(io.Discard, req.Body)
		echo := `{"error":"the key ` + key + ` is wrong","made":"sk-admin-0123456789abcdef"}`
		switch req.URL.Path {
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
			compressed := gzip.NewWriter(w)
			io.WriteString(compressed, echo)
			compressed.Close()
		case "/binary":
			w.Write([]byte("\xff\x00" + key + "\xfe"))
		case "/innocent":
			w.Header().Set("Content-Encoding", "gzip")
			compressed := gzip.NewWriter(w)
			io.WriteString(compressed, "ok")
			compressed.Close()
		default:
			io.WriteString(w, echo)
		}
	}))
	t.Cleanup(server.Close)
	const form = "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n" + key + "\r\n--b--\r\n"
	for name, tt := range map[string]struct {
		path, header, body string
		want               string // the recorded body of the response
	}{
		"echo":             {"/plain", "Authorization: Bearer " + key, "{}", `{"error":"the key *** is wrong","made":"***"}`},
		"echo in gzip":     {"/gzip", "X-Api-Key: " + key, "{}", `{"error":"the key *** is wrong","made":"***"}`},
		"echo in bytes":    {"/binary", "Authorization: Bearer " + key, "{}", "\xff\x00***\xfe"},
		"key of the query": {"/plain?api_key=" + key, "A: b", "{}", `{"error":"the key *** is wrong","made":"***"}`},
		"form":             {"/plain", "Authorization: Bearer " + key, form, `{"error":"the key *** is wrong","made":"***"}`},
		"subprotocol":      {"/plain", "Sec-Websocket-Protocol: realtime, openai-insecure-api-key." + key, "{}", `{"error":"the key *** is wrong","made":"***"}`},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			header, value, _ := strings.Cut(tt.header, ": ")
			req.Header.Set(header, value)
			req.Header.Set("Accept-Encoding", "gzip") // the transport leaves what comes as it is
			got := exchangeOf(t, &out, req)
			if strings.Contains(out.String(), key) || strings.Contains(out.String(), "sk-admin") {
				t.Errorf("a credential is recorded:\n%s", out.String())
			}
			if string(got.ResponseBody) != tt.want || got.ResponseHeader.Get("Content-Encoding") != "" {
				t.Errorf("got body %q in %q, want %q", got.ResponseBody, got.ResponseHeader.Get("Content-Encoding"), tt.want)
			}
		})
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/innocent", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Accept-Encoding", "gzip")
	if got := exchangeOf(t, new(bytes.Buffer), req); got.ResponseHeader.Get("Content-Encoding") != "gzip" || !bytes.HasPrefix(got.ResponseBody, []byte{0x1f, 0x8b}) {
		t.Errorf("a body without a credential was changed: %q", got.ResponseBody)
	}
}

// exchangeOf sends a request through a recorder and returns what was recorded.
func exchangeOf(t *testing.T, out *bytes.Buffer, req *http.Request) conform.Exchange {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	resp, err := conform.NewRecorder(transport, out, 0).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	for e, err := range conform.Exchanges(bytes.NewReader(out.Bytes())) {
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	t.Fatal("nothing was recorded")
	return conform.Exchange{}
}
