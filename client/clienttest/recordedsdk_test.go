package clienttest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/internal/shared"
)

// TestRecordedRequestsAreServed sends the requests that SDKs sent to the real API, which
// took them but for a few, to a server that keeps state. It refuses what the API refused,
// requests of another version of the API, and forms whose recording has no boundary.
func TestRecordedRequestsAreServed(t *testing.T) {
	if !shared.Present() {
		t.Skip("OPCALL_SHARED is not set: the recorded traffic is not read")
	}
	text, err := os.ReadFile(shared.Path(t, "recorded", "interactions.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	server := clienttest.NewServer(t)
	root := strings.TrimSuffix(server.URL(), "/v1")
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	served, refused, assistantsV1, malformed := 0, 0, 0, 0
	for line := range bytes.Lines(text) {
		var row struct {
			Method, Path, Query string
			Status              int
			ReqHeaders          http.Header `json:"req_headers"`
			ReqBody             string      `json:"req_body"`
			ReqBodyB64          []byte      `json:"req_body_b64"`
		}
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		body := []byte(row.ReqBody)
		if row.ReqBodyB64 != nil {
			body = row.ReqBodyB64
		}
		req, err := http.NewRequestWithContext(t.Context(), row.Method, root+row.Path+"?"+row.Query, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range row.ReqHeaders {
			if name = http.CanonicalHeaderKey(name); name != "Content-Length" && name != "Transfer-Encoding" && name != "Accept-Encoding" {
				req.Header[name] = values
			}
		}
		req.Header.Set("Authorization", "Bearer k")
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatalf("%s %s: %v", row.Method, row.Path, err)
		}
		var got bytes.Buffer
		if _, err := got.ReadFrom(resp.Body); err != nil {
			t.Errorf("%s %s: %v", row.Method, row.Path, err)
		}
		resp.Body.Close()
		switch beta := req.Header.Get("Openai-Beta"); {
		case resp.StatusCode < 400:
			served++
		case resp.StatusCode >= 500:
			t.Errorf("%s %s: got %d %s", row.Method, row.Path, resp.StatusCode, &got)
		case row.Status >= 400:
			refused++ // by the real API, too
		case beta == "assistants=v1" || beta == "" && strings.Contains(got.String(), "OpenAI-Beta"):
			assistantsV1++
		case strings.Contains(got.String(), "boundary") || strings.Contains(got.String(), "cannot be read"):
			malformed++ // the recording has no boundary
		default:
			t.Errorf("%s %s: got %d %.300s", row.Method, row.Path, resp.StatusCode, &got)
		}
	}
	t.Logf("%d requests: %d served, %d refused, %d of another version of the API, %d without a boundary", served+refused+assistantsV1+malformed, served, refused, assistantsV1, malformed)
	if served < 200 {
		t.Errorf("%d requests were served, want at least 200", served)
	}
}
