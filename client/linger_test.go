package client_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/opcall/opcall/client"
)

// TestStreamConnectionIsReusedAfterDone: a server ends its body a little after
// [DONE]; who does not read on to there throws the connection away.
func TestStreamConnectionIsReusedAfterDone(t *testing.T) {
	connections := map[string]bool{}
	server := newWitness(t, func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true // one request at a time
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, dataLines(deltaChunk(0, "a"), "[DONE]"))
		w.(http.Flusher).Flush()
	})
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c := newClient(t, client.WithBaseURL(server.URL+"/v1"), client.WithAPIKey("sk-test-0123456789"), client.WithHTTPClient(&http.Client{Transport: transport}))
	for range 5 {
		s, err := c.Stream(t.Context(), "createChatCompletion", chat())
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range s.Events() {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(connections) != 1 {
		t.Errorf("got %d connections for 5 streams one after the other, want 1", len(connections))
	}
}
