package conform

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/order"
)

// WriteMetrics writes counters in the text format of Prometheus. There is a series for
// each operation that was used, not for each path.
func (p *Proxy) WriteMetrics(w io.Writer) error {
	var b strings.Builder
	p.tally.write(&b)
	p.mu.Lock()
	running := p.running
	p.mu.Unlock()
	fmt.Fprintf(&b, "# HELP opcall_proxy_requests_in_flight Requests and WebSockets that are passed on at the moment.\n# TYPE opcall_proxy_requests_in_flight gauge\nopcall_proxy_requests_in_flight %d\n", running)
	_, err := io.WriteString(w, b.String())
	return err
}

// write writes the counters in a fixed order: two scrapes can be compared line by line. The
// labels are names of the document and a few words of this package, never texts of a
// message, so that nobody who sends requests can add series without end.
func (t *tally) write(b *strings.Builder) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, series := range []struct {
		name, help string
		event      bool
	}{
		{"opcall_proxy_messages_total", "Requests and responses, by whether they are valid.", false},
		{"opcall_proxy_events_total", "Events of streams and WebSockets, by whether they are valid.", true},
	} {
		fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s counter\n", series.name, series.help, series.name)
		keys := slices.Collect(maps.Keys(t.messages))
		order.Sort(keys, func(a, b counterKey) int {
			return cmp.Or(cmp.Compare(a.operation, b.operation), cmp.Compare(a.direction, b.direction), cmp.Compare(a.status, b.status), cmp.Compare(a.result, b.result))
		})
		for _, key := range keys {
			if key.event != series.event {
				continue
			}
			fmt.Fprintf(b, "%s{direction=%q,operation=%s,result=%q", series.name, key.direction, label(key.operation), key.result)
			if key.status != "" {
				fmt.Fprintf(b, ",status=%q", key.status)
			}
			fmt.Fprintf(b, "} %d\n", t.messages[key])
		}
	}
	b.WriteString("# HELP opcall_proxy_findings_total Differences between messages and the description.\n# TYPE opcall_proxy_findings_total counter\n")
	type keyword struct {
		direction          Direction
		operation, keyword string
	}
	counts := make(map[keyword]int)
	for key, f := range t.fields {
		counts[keyword{key.direction, key.operation, key.keyword}] += f.Count
	}
	keywords := slices.Collect(maps.Keys(counts))
	order.Sort(keywords, func(a, b keyword) int {
		return cmp.Or(cmp.Compare(a.operation, b.operation), cmp.Compare(a.direction, b.direction), cmp.Compare(a.keyword, b.keyword))
	})
	for _, key := range keywords {
		fmt.Fprintf(b, "opcall_proxy_findings_total{direction=%q,keyword=%s,operation=%s} %d\n", key.direction, label(key.keyword), label(key.operation), counts[key])
	}
	fmt.Fprintf(b, "# HELP opcall_proxy_unreachable_total Requests that the API did not respond to.\n# TYPE opcall_proxy_unreachable_total counter\nopcall_proxy_unreachable_total %d\n", t.unreachable.Load())
}

// label writes the value of a label: backslashes, quotes and line breaks are escaped.
func label(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(text, "?")) + `"`
}

// inspect serves a request for what the proxy has seen. It reports false for every other
// request.
func (p *Proxy) inspect(w http.ResponseWriter, hr *http.Request) bool {
	name, ok := strings.CutPrefix(hr.URL.Path, InspectPath)
	if !ok {
		return false
	}
	status, contentType, body := http.StatusOK, "application/json", ""
	switch {
	case hr.Method != http.MethodGet && hr.Method != http.MethodHead:
		status, body = http.StatusMethodNotAllowed, `{"error":{"message":"want GET"}}`
		w.Header().Set("Allow", "GET, HEAD")
	case name == "health" && p.isClosing():
		status, body = http.StatusServiceUnavailable, `{"status":"shutting down"}`
	case name == "health":
		body = `{"status":"ok"}`
	case name == "metrics":
		var b strings.Builder
		p.WriteMetrics(&b) // a Builder takes everything
		contentType, body = "text/plain; version=0.0.4; charset=utf-8", b.String()
	case name == "drift":
		text, err := json.MarshalIndent(p.Drift(), "", "  ")
		if err != nil { // a Drift can be encoded
			text = []byte("null")
		}
		body = string(text) + "\n"
	default:
		status, body = http.StatusNotFound, `{"error":{"message":"want `+InspectPath+`health, metrics or drift"}}`
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	io.WriteString(w, body) // an error is that of a client that has gone
	return true
}
