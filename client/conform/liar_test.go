package conform_test

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tidwall/gjson"
)

// net/http takes the status 000 from a server, and panics in a handler that sends it.
func TestProxyRefusesAStatusThatIsNone(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(conn, "HTTP/1.1 000 None\r\nContent-Length: 0\r\n\r\n")
		conn.Close()
	}))
	defer upstream.Close()
	var panics bytes.Buffer
	_, server := proxied(t, upstream.URL)
	server.Config.ErrorLog = log.New(&panics, "", 0)
	resp, err := server.Client().Get(server.URL + "/v1/models")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	const want = "the API did not respond: got status 000, want one from 100 to 999 (RFC 9110 §15)"
	if got := gjson.GetBytes(body, "error.message").String(); resp.StatusCode != http.StatusBadGateway || got != want {
		t.Errorf("got status %d, %s, want 502, %s", resp.StatusCode, body, want)
	}
	if panics.Len() > 0 {
		t.Errorf("the server logged %s", panics.String())
	}
}
