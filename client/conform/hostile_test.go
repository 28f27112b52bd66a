package conform_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/schema"
)

// captured collects the default log of the program.
func captured(t *testing.T) *bytes.Buffer {
	t.Helper()
	var text bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &text
}

func TestDefaultLogQuotesNoBody(t *testing.T) {
	log := captured(t)
	h := conform.NewHandler(document(t), http.NotFoundHandler())
	bodies := map[string]string{
		"text":           `{"model":"m","messages":"SECRET"}`,
		"tag":            `{"model":"m","messages":[{"role":"SECRET","content":"x"}]}`,
		"unknown fields": `{"model":"m","messages":[{"role":"user","content":"x"}],"SECRET\nlevel=ERROR forged":1,"SECRET":2}`,
		"not JSON":       `{"model": SECRET}`,
		"long key":       `{"model":"m","messages":[{"role":"user","content":"x"}],"` + strings.Repeat("SECRET", 1<<17) + `":1}`,
	}
	for name, body := range bodies {
		log.Reset()
		hr := httptest.NewRequest("POST", chatPath, strings.NewReader(body))
		hr.Header.Set("Content-Type", "application/json")
		h.ServeHTTP(httptest.NewRecorder(), hr)
		if got := log.String(); got == "" || strings.Contains(got, "SECRET") || strings.Count(got, "\n") != 1 || len(got) > 2000 {
			t.Errorf("%s: got the log %.300q of %d bytes, want one short line without what was sent", name, got, len(got))
		}
	}
	log.Reset()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/v1/files?limit=SECRET", nil))
	if got := log.String(); !strings.Contains(got, "/limit") || strings.Contains(got, "SECRET") {
		t.Errorf("query: got the log %q, want the parameter without its value", got)
	}
}

func TestWithoutValuesLeavesThemOutEverywhere(t *testing.T) {
	got := &reports{}
	var kept []conform.Report
	report := conform.WithReport(func(r conform.Report) { got.add(r); kept = append(kept, r) })
	h := conform.NewHandler(document(t), http.NotFoundHandler(), conform.WithoutValues(), report)
	_, text := exchange(t, h, "POST", chatPath, "application/json", `{"model":"m","messages":[{"role":"SECRET"}],"SECRET":1}`)
	contains(t, "answer", text, `"type":"invalid_request_error"`, "unknown field")
	contains(t, "reports", got.text(), "/messages/0/role")
	if all := text + got.text() + kept[0].Err.Error(); strings.Contains(all, "SECRET") {
		t.Errorf("got %s, want no value", all)
	}
}

func TestReportStaysOnItsLines(t *testing.T) {
	got := &reports{}
	h := conform.NewHandler(document(t), http.NotFoundHandler(), conform.WithReport(got.add))
	key := `x\nCRITICAL forged \u001b[31m\u202e` + strings.Repeat("k", 1<<20)
	_, text := exchange(t, h, "POST", chatPath, "application/json", `{"model":"m","messages":[{"role":"user","content":"x"}],"`+key+`":1}`)
	for what, text := range map[string]string{"report": got.text(), "answer": text} {
		if len(text) > 2000 || strings.ContainsAny(text, "\x1b\u202e") || strings.Contains(text, "\nCRITICAL") || !strings.Contains(text, "unknown field") {
			t.Errorf("%s: got %.300q of %d bytes, want a bounded line", what, text, len(text))
		}
	}
}

// A server that echoes the key of a request does not bring it into a log.
func TestEchoedKeyIsMasked(t *testing.T) {
	const key = "own-key-0123456789"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		echo := hr.Header.Get("Authorization")
		io.WriteString(w, `{"object":"`+echo+`","data":[],"`+echo+`":1}`)
	}))
	defer server.Close()
	for name, opts := range map[string][]conform.Option{
		"lenient":  nil,
		"rejected": {conform.WithResponses(schema.Standard, conform.Reject)},
	} {
		t.Run(name, func(t *testing.T) {
			got := &reports{}
			transport := conform.NewTransport(document(t), server.Client().Transport, append(opts, conform.WithReport(got.add))...)
			hr, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/v1/models", nil)
			if err != nil {
				t.Fatal(err)
			}
			hr.Header.Set("Authorization", "Bearer "+key)
			resp, err := transport.RoundTrip(hr)
			all := ""
			if err == nil {
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			} else {
				all = err.Error()
			}
			if all += got.text(); !strings.Contains(all, "***") || strings.Contains(all, key) {
				t.Errorf("got %q, want the key masked", all)
			}
		})
	}
}

// The handshake of a socket that the document has reaches the handler behind.
func TestSocketHandshakePasses(t *testing.T) {
	for path, status := range map[string]int{"/v1/realtime?model=m": 426, "/v1/realtime?modl=m": 400, "/v1/nothing": 404} {
		got := &reports{}
		h := conform.NewHandler(document(t), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUpgradeRequired)
		}), conform.WithReport(got.add))
		hr := httptest.NewRequest("GET", path, nil)
		hr.Header.Set("Connection", "Upgrade")
		hr.Header.Set("Upgrade", "websocket")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, hr)
		if w.Code != status {
			t.Errorf("%s: got %d %s, want %d", path, w.Code, w.Body, status)
		}
	}
}

// What a handler answers arrives as if there were no Handler in front of it, also
// where its response is held back until it is validated.
func TestHeldResponseKeepsHeadersAndTrailers(t *testing.T) {
	served := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Trailer", "X-Announced")
		w.Header().Set("X-Early", "1")
		w.WriteHeader(http.StatusOK)
		w.Header().Set("X-Late", "1")
		w.Header().Del("X-Early")
		half := len(chatAnswer) / 2
		io.WriteString(w, chatAnswer[:half])
		http.NewResponseController(w).Flush()
		io.WriteString(w, chatAnswer[half:])
		w.Header().Set("X-Announced", "2")
		w.Header().Set(http.TrailerPrefix+"X-More", "3")
	})
	handlers := map[string]http.Handler{
		"none":   served,
		"copied": conform.NewHandler(document(t), served, conform.WithResponses(schema.Lenient, conform.Pass)),
		"held":   conform.NewHandler(document(t), served, conform.WithResponses(schema.Standard, conform.Reject)),
	}
	for name, h := range handlers {
		t.Run(name, func(t *testing.T) {
			resp, text := exchange(t, h, "POST", chatPath, "application/json", chatBody)
			if text != chatAnswer || resp.StatusCode != 200 {
				t.Errorf("got %s %q", resp.Status, text)
			}
			if resp.Header.Get("X-Early") != "1" || resp.Header.Get("X-Late") != "" {
				t.Errorf("got header %v, want it as it was when it was written", resp.Header)
			}
			if resp.Trailer.Get("X-Announced") != "2" || resp.Trailer.Get("X-More") != "3" {
				t.Errorf("got trailer %v", resp.Trailer)
			}
		})
	}
}
