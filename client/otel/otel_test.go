package otel_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/otel"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What no span and no metric may have.
const (
	key     = "sk-test-0123456789abcdef"
	private = "a private text"
)

// recording is a client with the exporters of the SDK.
type recording struct {
	spans   *tracetest.InMemoryExporter
	reader  *metric.ManualReader
	options []client.Option
}

func record(t *testing.T, opts ...otel.Option) *recording {
	t.Helper()
	r := &recording{spans: tracetest.NewInMemoryExporter(), reader: metric.NewManualReader()}
	tracers := trace.NewTracerProvider(trace.WithSyncer(r.spans))
	meters := metric.NewMeterProvider(metric.WithReader(r.reader))
	t.Cleanup(func() {
		_ = tracers.Shutdown(context.Background())
		_ = meters.Shutdown(context.Background())
	})
	telemetry, err := otel.New(append([]otel.Option{otel.WithTracerProvider(tracers), otel.WithMeterProvider(meters)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	r.options = []client.Option{telemetry}
	return r
}

// client returns a client of a test server.
func (r *recording) client(t *testing.T, server *clienttest.Server, opts ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(slices.Concat(r.options, []client.Option{client.WithBaseURL(server.URL()), client.WithAPIKey(key)}, opts)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// String is all that was recorded, without times and ports.
func (r *recording) String() string {
	var b strings.Builder
	spans := r.spans.GetSpans()
	names := make(map[string]string)
	for _, s := range spans {
		names[s.SpanContext.SpanID().String()] = s.Name
	}
	for _, s := range spans {
		fmt.Fprintf(&b, "span %q %s", s.Name, s.SpanKind)
		if parent, ok := names[s.Parent.SpanID().String()]; ok {
			fmt.Fprintf(&b, " in %q", parent)
		}
		fmt.Fprintf(&b, " status=%s %q events=%d\n", s.Status.Code, s.Status.Description, len(s.Events))
		writeAttributes(&b, s.Attributes)
	}
	var metrics metricdata.ResourceMetrics
	if err := r.reader.Collect(context.Background(), &metrics); err != nil {
		return err.Error()
	}
	var lines []string
	for _, scope := range metrics.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					lines = append(lines, point(m, p.Count, "", p.Attributes))
				}
			case metricdata.Histogram[int64]:
				for _, p := range data.DataPoints {
					lines = append(lines, point(m, p.Count, fmt.Sprint(" sum=", p.Sum), p.Attributes))
				}
			}
		}
	}
	slices.Sort(lines)
	return b.String() + strings.Join(lines, "")
}

func point(m metricdata.Metrics, count uint64, sum string, attributes attribute.Set) string {
	var b strings.Builder
	fmt.Fprintf(&b, "metric %s %s count=%d%s\n", m.Name, m.Unit, count, sum)
	writeAttributes(&b, attributes.ToSlice())
	return b.String()
}

func writeAttributes(b *strings.Builder, list []attribute.KeyValue) {
	var lines []string
	for _, a := range list {
		value := a.Value.Emit()
		switch a.Key {
		case "server.port":
			value = "PORT"
		case "gen_ai.response.time_to_first_chunk":
			value = "SECONDS"
		}
		lines = append(lines, fmt.Sprintf("    %s=%s\n", a.Key, value))
	}
	slices.Sort(lines)
	b.WriteString(strings.Join(lines, ""))
}

func TestSpansAndMetricsTellOfEachKindOfCall(t *testing.T) {
	params := client.Params{"model": "gpt-5-mini", "messages": []any{client.Params{"role": "user", "content": private}}}
	call := func(t *testing.T, c *client.Client) { _, _ = c.Call(t.Context(), "createChatCompletion", params) }
	stream := func(events int) func(*testing.T, *client.Client) {
		return func(t *testing.T, c *client.Client) {
			s, err := c.Stream(t.Context(), "createChatCompletion", client.Params{
				"model": "gpt-5-mini", "messages": params["messages"], "stream_options": client.Params{"include_usage": true},
			})
			if err != nil {
				t.Fatal(err)
			}
			for range s.Events() {
				if events--; events == 0 {
					break
				}
			}
		}
	}
	busy := clienttest.ErrorAnswer(429, "rate_limit_exceeded", private+" "+key)
	busy.Header = http.Header{"Retry-After-Ms": {"1"}}
	tests := map[string]struct {
		script []clienttest.Answer
		opts   []client.Option
		do     func(*testing.T, *client.Client)
	}{
		"call":          {nil, nil, call},
		"retry":         {[]clienttest.Answer{busy, {}}, nil, call},
		"failure":       {[]clienttest.Answer{clienttest.ErrorAnswer(400, key, private)}, nil, call},
		"stream":        {nil, nil, stream(-1)},
		"stream-left":   {nil, nil, stream(1)},
		"stream-cut":    {[]clienttest.Answer{{Output: clienttest.Say(private), Fail: clienttest.CutBody(400)}}, nil, stream(-1)},
		"no-connection": {nil, []client.Option{client.WithBaseURL("http://127.0.0.1:1/v1"), client.WithMaxRetries(0)}, call},
		"no-activity": {nil, nil, func(t *testing.T, c *client.Client) {
			_, _ = c.Call(t.Context(), "retrieveFile", client.Params{"file_id": private})
		}},
		"embedding": {nil, nil, func(t *testing.T, c *client.Client) {
			_, _ = c.Call(t.Context(), "createEmbedding", client.Params{"model": "m", "input": private})
		}},
		"key-as-a-model": {nil, nil, func(t *testing.T, c *client.Client) {
			_, _ = c.Call(t.Context(), "createEmbedding", client.Params{"model": key, "input": private})
		}},
		"socket": {nil, nil, func(t *testing.T, c *client.Client) {
			s, err := c.Socket(t.Context(), "responses", nil)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.Send(t.Context(), client.Params{"type": "response.create", "model": "gpt-5-mini", "input": private}); err != nil {
				t.Fatal(err)
			}
			for e := range s.Events() {
				if e.Type == "response.completed" {
					break
				}
			}
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := clienttest.NewServer(t)
			if tt.script != nil {
				server.Respond("createChatCompletion", tt.script...)
			}
			r := record(t)
			tt.do(t, r.client(t, server, tt.opts...))
			got := r.String()
			for _, hidden := range []string{key, "0123456789", private, "private", "Bearer"} {
				if strings.Contains(got, hidden) {
					t.Errorf("%q was recorded", hidden)
				}
			}
			golden(t, filepath.Join("testdata", name+".txt"), got)
		})
	}
}

// golden compares a text with a file.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// A redirect to another host gets neither the context nor a key.
func TestTraceContextGoesToTheAPIAlone(t *testing.T) {
	var elsewhere, home []string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		elsewhere = append(elsewhere, r.Header.Get("traceparent"))
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"object":"list","data":[]}`)
	}))
	defer other.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		home = append(home, r.Header.Get("traceparent"))
		http.Redirect(w, r, other.URL+"/models", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	for name, tt := range map[string]struct {
		opts []otel.Option
		want bool
	}{
		"asked for":     {[]otel.Option{otel.WithPropagation(nil)}, true},
		"not asked for": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			elsewhere, home = nil, nil
			r := record(t, tt.opts...)
			c, err := client.New(append(r.options, client.WithBaseURL(server.URL), client.WithAPIKey(key))...)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Call(t.Context(), "listModels", nil); err != nil {
				t.Fatal(err)
			}
			if len(home) != 1 || (home[0] != "") != tt.want {
				t.Errorf("the API got %q", home)
			}
			if len(elsewhere) != 1 || elsewhere[0] != "" {
				t.Errorf("another host got %q", elsewhere)
			}
			if tt.want {
				var attempt string
				for _, s := range r.spans.GetSpans() {
					if s.Name == "GET /models" {
						attempt = s.SpanContext.SpanID().String()
					}
				}
				if attempt == "" || !strings.Contains(home[0], attempt) {
					t.Errorf("got %s, want the span of the attempt, %s", home[0], attempt)
				}
			}
		})
	}
}

func TestNilProvidersAreRefused(t *testing.T) {
	for name, opt := range map[string]otel.Option{"tracers": otel.WithTracerProvider(nil), "meters": otel.WithMeterProvider(nil)} {
		if _, err := otel.New(opt); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
