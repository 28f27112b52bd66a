package conform_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var builtIn = sync.OnceValues(func() (*schema.Document, error) {
	return schema.Load(embed.OpenAI(), schema.WithoutChecks())
})

func document(t testing.TB) *schema.Document {
	t.Helper()
	doc, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// reports collects what is reported.
type reports struct {
	mu  sync.Mutex
	all []conform.Report
}

func (r *reports) add(one conform.Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, one)
}

// text is every report, one after the other.
func (r *reports) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var lines []string
	for _, one := range r.all {
		lines = append(lines, one.String())
	}
	return strings.Join(lines, "\n")
}

// echo is a server that notes what arrives and answers as it is told.
type echo struct {
	*httptest.Server
	mu       sync.Mutex
	arrived  int
	body     string
	answer   string // "" is chatAnswer
	header   http.Header
	status   int
	announce string // Content-Type, "" is JSON
}

func newEcho(t testing.TB) *echo {
	t.Helper()
	e := &echo{answer: chatAnswer, status: 200, announce: "application/json"}
	e.Server = httptest.NewServer(e)
	t.Cleanup(e.Close)
	return e
}

func (e *echo) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	body, _ := io.ReadAll(hr.Body)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.arrived++
	e.body = string(body)
	for name, values := range e.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", e.announce)
	w.WriteHeader(e.status)
	io.WriteString(w, e.answer)
}

const (
	chatPath   = "/v1/chat/completions"
	chatBody   = "{\n \"model\": \"m\",\t\"messages\": [{\"role\": \"user\", \"content\": \"Hi \\u00e9\"}]}\n"
	wrongBody  = `{"model": "m", "messages": [{"role": "usr", "content": "Hi"}]}`
	chatAnswer = `{"id": "c", "object": "chat.completion", "created": 1, "model": "m",
		"choices": [{"index": 0, "finish_reason": "stop", "logprobs": null, "message": {"role": "assistant", "content": "Hi", "refusal": null}}]}`
	wrongAnswer = `{"id": "c", "object": "chat.completion", "created": "now", "model": "m", "choices": []}`
)

// contains fails the test unless text has every fragment; "" wants it empty.
func contains(t *testing.T, what, text string, fragments ...string) {
	t.Helper()
	for _, fragment := range fragments {
		if fragment == "" && text != "" || !strings.Contains(text, fragment) {
			t.Errorf("got %s %q, want one with %q", what, text, fragment)
		}
	}
}
