package conform_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/schema"
)

// brokenPipe takes nothing.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func proxyOf(t *testing.T, response string, opts ...conform.ProxyOption) (*conform.Proxy, *httptest.Server) {
	t.Helper()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, response)
	}))
	t.Cleanup(api.Close)
	proxy, err := conform.NewProxy(document(t), api.URL, append([]conform.ProxyOption{conform.WithReport(func(conform.Report) {})}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.CloseIdleConnections)
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	return proxy, front
}

// get makes a request and waits until the proxy is done with it, which is after the response
// has come: it serves no other afterwards.
func get(t *testing.T, front *httptest.Server, path string) {
	t.Helper()
	defer front.Close()
	resp, err := http.Get(front.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	defer http.DefaultClient.CloseIdleConnections()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
}

// Two fields that are missing are two differences.
func TestDriftNamesEachMissingField(t *testing.T) {
	proxy, front := proxyOf(t, `{"object":"list","data":[{"id":"a","object":"model"},{"id":"b","object":"model"}]}`, conform.WithRequests(schema.Standard, conform.Pass))
	get(t, front, "/v1/models")
	got := make(map[string]int)
	for _, f := range proxy.Drift().Fields {
		got[string(f.Pointer)+" "+f.Text] = f.Count
	}
	want := map[string]int{`/data/*/created missing property "created"`: 2, `/data/*/owned_by missing property "owned_by"`: 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("drift (-want +got):\n%s", diff)
	}
}

func TestProxySaysThatItCannotRecord(t *testing.T) {
	proxy, front := proxyOf(t, `{"object":"list","data":[]}`, conform.WithRecording(brokenPipe{}))
	if err := proxy.RecordingErr(); err != nil {
		t.Errorf("before anything was recorded: %v", err)
	}
	get(t, front, "/v1/models")
	if err := proxy.RecordingErr(); err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("got %v, want what the writer says", err)
	}
}
