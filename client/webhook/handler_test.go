package webhook_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/webhook"
	"github.com/opcall/opcall/schema"
)

// receiver is a server with a Handler, and what that reported.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	handled  []string // IDs
	reported []error
}

// newReceiver serves a Handler of f, inside of what wrap makes of it.
func newReceiver(t *testing.T, f func(context.Context, webhook.Event) error, wrap func(http.Handler) http.Handler, opts ...webhook.HandlerOption) *receiver {
	t.Helper()
	r := &receiver{}
	handler, err := webhook.Handler(func(ctx context.Context, e webhook.Event) error {
		r.mu.Lock()
		r.handled = append(r.handled, e.ID)
		r.mu.Unlock()
		if f == nil {
			return nil
		}
		return f(ctx, e)
	}, append([]webhook.HandlerOption{
		webhook.WithSecrets(secret),
		webhook.WithErrors(func(_ *http.Request, err error) {
			r.mu.Lock()
			r.reported = append(r.reported, err)
			r.mu.Unlock()
		}),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	if wrap != nil {
		handler = wrap(handler)
	}
	r.Server = httptest.NewServer(handler)
	t.Cleanup(r.Close)
	return r
}

// delivery makes a signed request.
func (r *receiver) delivery(t *testing.T, d clienttest.Delivery) *http.Request {
	t.Helper()
	header, err := clienttest.SignWebhook(d, secret)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), "POST", r.URL, bytes.NewReader(d.Body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	return req
}

// send returns the response to a request as "STATUS TEXT".
func (r *receiver) send(t *testing.T, req *http.Request) string {
	t.Helper()
	resp, err := r.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", resp.StatusCode, body))
}

func (r *receiver) lastReport() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.reported) == 0 {
		return ""
	}
	return fmt.Sprintf("%T", r.reported[len(r.reported)-1])
}

func TestEachOutcomeHasItsResponse(t *testing.T) {
	good := clienttest.Delivery{ID: "msg_1", Body: []byte(completed)}
	at := func(d time.Duration) clienttest.Delivery {
		return clienttest.Delivery{ID: "msg_1", Body: good.Body, Time: time.Now().Add(d)}
	}
	of := func(body string) clienttest.Delivery {
		return clienttest.Delivery{ID: "msg_1", Body: []byte(body)}
	}
	failing := func(context.Context, webhook.Event) error {
		return errors.New("database password hunter2 was refused")
	}
	reading := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			next.ServeHTTP(w, r)
		})
	}
	tasting := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.CopyN(io.Discard, r.Body, 10)
			next.ServeHTTP(w, r)
		})
	}
	closing := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body.Close()
			next.ServeHTTP(w, r)
		})
	}
	restoring := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(w, r)
		})
	}
	tests := map[string]struct {
		delivery clienttest.Delivery
		change   func(*http.Request)
		handle   func(context.Context, webhook.Event) error
		wrap     func(http.Handler) http.Handler
		opts     []webhook.HandlerOption
		response string // its beginning
		report   string
	}{
		"handled":               {good, nil, nil, nil, nil, "204", ""},
		"no media type":         {good, func(r *http.Request) { r.Header.Del("Content-Type") }, nil, nil, nil, "204", ""},
		"JSON of a kind":        {good, func(r *http.Request) { r.Header.Set("Content-Type", "application/cloudevents+json") }, nil, nil, nil, "204", ""},
		"body put back":         {good, nil, nil, restoring, nil, "204", ""},
		"GET":                   {good, func(r *http.Request) { r.Method = "GET" }, nil, nil, nil, `405 webhook: got method "GET", want POST`, "*webhook.RequestError"},
		"form":                  {good, func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }, nil, nil, nil, `415 webhook: got Content-Type "application/x-www-form-urlencoded", want application/json`, "*webhook.RequestError"},
		"media type of no form": {good, func(r *http.Request) { r.Header.Set("Content-Type", strings.Repeat("x;", 500)) }, nil, nil, nil, `415 webhook: got Content-Type "x;x;`, "*webhook.RequestError"},
		"no headers":            {good, func(r *http.Request) { r.Header.Del("webhook-id") }, nil, nil, nil, "400 webhook: header webhook-id: is missing", "*webhook.HeaderError"},
		"forged":                {good, func(r *http.Request) { r.Header.Set("webhook-id", "msg_2") }, nil, nil, nil, "401 webhook: none of 1 signature", "*webhook.SignatureError"},
		"stale":                 {at(-time.Hour), nil, nil, nil, nil, "401 webhook: the delivery is 1h0m", "*webhook.TimeError"},
		"future":                {at(time.Hour), nil, nil, nil, nil, "401 webhook: the delivery is from ", "*webhook.TimeError"},
		"not JSON":              {of("hello"), nil, nil, nil, nil, "400 webhook msg_1: the body: ", "*webhook.PayloadError"},
		"empty":                 {of(""), nil, nil, nil, nil, "400 webhook: the body: it is empty", "*webhook.BodyError"},
		"oversized":             {of(`{"a":"` + strings.Repeat("x", 5000) + `"}`), nil, nil, nil, []webhook.HandlerOption{webhook.WithMaxBody(5000)}, "413 webhook: the body: got more than 5000 bytes; WithMaxBody sets this limit", "*webhook.BodyError"},
		"oversized, in chunks":  {of(`{"a":"` + strings.Repeat("x", 5000) + `"}`), func(r *http.Request) { r.ContentLength = -1 }, nil, nil, []webhook.HandlerOption{webhook.WithMaxBody(5000)}, "413 webhook: the body: got more than 5000 bytes", "*webhook.BodyError"},
		"not valid":             {of(`{"type":"response.completed"}`), nil, nil, nil, []webhook.HandlerOption{webhook.WithValidation(schema.Standard)}, "422 webhook response_completed: 3 problems", "*schema.ValidationError"},
		"fails":                 {good, nil, failing, nil, nil, "500 webhook msg_1: the delivery could not be handled", "*webhook.HandlerError"},
		"body read before":      {good, nil, nil, reading, nil, "500 webhook: the body: got 0 bytes of the 105 that Content-Length announces; something has read it before", "*webhook.BodyError"},
		"body read in part":     {good, nil, nil, tasting, nil, "500 webhook: the body: got 95 bytes of the 105", "*webhook.BodyError"},
		"body closed before":    {good, nil, nil, closing, nil, "500 webhook: the body: something has read it before", "*webhook.BodyError"},
		"store fails":           {good, nil, nil, nil, []webhook.HandlerOption{webhook.WithStore(brokenStore{})}, "503 webhook msg_1: the store of handled deliveries failed", "*webhook.StoreError"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t, tt.handle, tt.wrap, tt.opts...)
			req := r.delivery(t, tt.delivery)
			if tt.change != nil {
				tt.change(req)
			}
			got := r.send(t, req)
			if !strings.HasPrefix(got, tt.response) || strings.Contains(got, "hunter2") {
				t.Errorf("got response %s\nwant %s…", got, tt.response)
			}
			if report := r.lastReport(); report != tt.report {
				t.Errorf("got report %s, want %s", report, tt.report)
			}
		})
	}
}

// brokenStore is a shared store that cannot be reached.
type brokenStore struct{}

func (brokenStore) Claim(context.Context, string, time.Time) (webhook.State, error) {
	return webhook.Fresh, errors.New("password hunter2 was refused")
}
func (brokenStore) Done(context.Context, string, time.Time) error { return nil }
func (brokenStore) Release(context.Context, string) error         { return nil }

func TestReplayIsHandledOnce(t *testing.T) {
	r := newReceiver(t, nil, nil)
	d := clienttest.Delivery{ID: "msg_1", Body: []byte(completed)}
	for range 3 {
		if got := r.send(t, r.delivery(t, d)); got != "204" {
			t.Errorf("got %s", got)
		}
	}
	r.Close()
	if len(r.handled) != 1 || r.lastReport() != "*webhook.ReplayError" {
		t.Errorf("handled %v, reported %s; want it once, and a replay", r.handled, r.lastReport())
	}
}

func TestFailedDeliveryIsHandledWhenItComesAgain(t *testing.T) {
	var works atomic.Bool
	r := newReceiver(t, func(context.Context, webhook.Event) error {
		if works.Load() {
			return nil
		}
		return errors.New("not now")
	}, nil)
	d := clienttest.Delivery{ID: "msg_1", Body: []byte(completed)}
	first := r.send(t, r.delivery(t, d))
	works.Store(true)
	second := r.send(t, r.delivery(t, d))
	if first[:3] != "500" || second != "204" || len(r.handled) != 2 {
		t.Errorf("got %s and %s, handled %d times; want 500, 204 and 2", first, second, len(r.handled))
	}
}

func TestPanicLeavesDeliveryToBeSentAgain(t *testing.T) {
	var panics atomic.Bool
	panics.Store(true)
	r := newReceiver(t, func(context.Context, webhook.Event) error {
		if panics.Load() {
			panic(http.ErrAbortHandler)
		}
		return nil
	}, nil)
	d := clienttest.Delivery{ID: "msg_1", Body: []byte(completed)}
	if resp, err := r.Client().Do(r.delivery(t, d)); err == nil {
		resp.Body.Close()
		t.Errorf("got status %d, want a connection that breaks off", resp.StatusCode)
	}
	panics.Store(false)
	if got := r.send(t, r.delivery(t, d)); got != "204" {
		t.Errorf("got %s, want 204", got)
	}
}

func TestSecondDeliveryWhileTheFirstIsHandled(t *testing.T) {
	began, goOn := make(chan struct{}), make(chan struct{})
	r := newReceiver(t, func(context.Context, webhook.Event) error {
		close(began)
		<-goOn
		return nil
	}, nil)
	d := clienttest.Delivery{ID: "msg_1", Body: []byte(completed)}
	first := make(chan string, 1)
	req := r.delivery(t, d)
	go func() { first <- r.send(t, req) }()
	<-began
	if got := r.send(t, r.delivery(t, d)); got != "409 webhook msg_1: the same delivery is being handled" {
		t.Errorf("got %s, want 409", got)
	}
	close(goOn)
	if got := <-first; got != "204" {
		t.Errorf("the first got %s", got)
	}
}

// A body that does not end is given up by the deadline, and one that breaks off is
// noticed.
func TestSlowAndBrokenBodies(t *testing.T) {
	tests := map[string]struct {
		method, headers string
		close           bool
		status, report  string
	}{
		"slow":              {"POST", "", false, "408", "*webhook.BodyError"},
		"slow, not awaited": {"PUT", "", false, "405", "*webhook.RequestError"},
		"slow, of a form":   {"POST", "Content-Type: text/plain\r\n", false, "415", "*webhook.RequestError"},
		"breaks off":        {"POST", "", true, "", "*webhook.BodyError"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t, nil, nil, webhook.WithReadTimeout(20*time.Millisecond))
			conn, err := net.Dial("tcp", r.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "%s / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n%s\r\n{", tt.method, tt.headers)
			if tt.close {
				conn.(*net.TCPConn).CloseWrite()
			}
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			switch {
			case tt.close: // the server has nobody to respond to, but reports it
				if err == nil {
					resp.Body.Close()
				}
			case err != nil:
				t.Fatal(err)
			default:
				resp.Body.Close()
				if !strings.HasPrefix(resp.Status, tt.status) {
					t.Errorf("got %s, want %s", resp.Status, tt.status)
				}
			}
			r.Close()
			if got := r.lastReport(); got != tt.report || len(r.handled) > 0 {
				t.Errorf("got report %s, handled %v", got, r.handled)
			}
		})
	}
}

// The deadline is that of the body: it does not end the context of a function that
// takes longer.
func TestReadTimeoutDoesNotBoundTheFunction(t *testing.T) {
	r := newReceiver(t, func(ctx context.Context, _ webhook.Event) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
			return nil
		}
	}, nil, webhook.WithReadTimeout(20*time.Millisecond))
	if got := r.send(t, r.delivery(t, clienttest.Delivery{Body: []byte(completed)})); got != "204" {
		t.Errorf("got %s", got)
	}
}

func TestHandlerOptionsCheckTheirInput(t *testing.T) {
	f := func(context.Context, webhook.Event) error { return nil }
	for want, opts := range map[string][]webhook.HandlerOption{
		"WithMaxBody: got 0 bytes":                                     {webhook.WithMaxBody(0)},
		"WithReadTimeout: got -1s":                                     {webhook.WithReadTimeout(-time.Second)},
		"WithStore: got nil":                                           {webhook.WithStore(nil)},
		"WithErrors: got nil":                                          {webhook.WithErrors(nil)},
		"WithDocument: got nil":                                        {webhook.WithDocument(nil)},
		"webhook secret: WithSecrets: got none":                        {webhook.WithSecrets()},
		"webhook secret 2 of 2: it is an API key; want the secret":     {webhook.WithSecrets(secret, "sk-0123456789")},
		"webhook secret: what follows whsec_ is not base64; copy the ": {webhook.WithSecrets("whsec_*")},
	} {
		if _, err := webhook.Handler(f, opts...); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s…", err, want)
		}
	}
	if _, err := webhook.Handler(nil); err == nil {
		t.Error("got no error for no function")
	}
}
