package conform_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opcall/opcall/client/conform"
)

func metricsOf(t *testing.T, p *conform.Proxy) string {
	t.Helper()
	var b strings.Builder
	if err := p.WriteMetrics(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every response is counted, one whose body is not validated, too.
func TestMetricsCountWhatIsNotValidated(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		switch hr.Header.Get("X-Case") {
		case "undescribed":
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(418)
			io.WriteString(w, "{}")
		case "other type":
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, "<p>")
		case "none":
			w.WriteHeader(204)
		}
	}))
	defer upstream.Close()
	defer http.DefaultClient.CloseIdleConnections()
	p, server := proxied(t, upstream.URL, conform.WithReport(func(conform.Report) {}))
	for _, name := range []string{"undescribed", "other type", "none"} {
		req, err := http.NewRequest("POST", server.URL+chatPath, strings.NewReader(chatBody))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Case", name)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	server.Close() // the handlers are done
	metrics := metricsOf(t, p)
	for _, want := range []string{`result="unchecked",status="4xx"} 1`, `result="invalid",status="2xx"} 1`, `result="valid",status="2xx"} 1`, `keyword="contentMediaType",operation="createChatCompletion"} 1`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s in %s", want, metrics)
		}
	}
	if fields := p.Drift().Fields; len(fields) != 1 || fields[0].Text != "invalid by contentMediaType, want application/json or text/event-stream" {
		t.Errorf("got %v, want the media type alone", fields)
	}
}
