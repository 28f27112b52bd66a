package conform_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/schema"
)

// sendBy is a transport that is a function.
type sendBy func(*http.Request) (*http.Response, error)

func (f sendBy) RoundTrip(hr *http.Request) (*http.Response, error) { return f(hr) }

// A body that the caller never sees keeps its connection for ever unless the Transport
// closes it.
func TestTransportClosesResponsesThatItWithholds(t *testing.T) {
	reject := conform.WithResponses(schema.Standard, conform.Reject)
	tests := map[string]struct {
		opts                          []conform.Option
		path, contentType, body       string
		answerType, answer, wantError string
	}{
		"invalid":    {[]conform.Option{reject}, chatPath, "application/json", chatBody, "application/json", wrongAnswer, "/created"},
		"media type": {[]conform.Option{reject}, chatPath, "application/json", chatBody, "text/html", "<html>", "text/html"},
		"a form that was found to be wrong while it was sent": {
			[]conform.Option{conform.WithMaxBody(9)}, "/v1/files", "multipart/form-data; boundary=b", uploadOf("bach"), "application/json", "{}", "/purpose",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			answer := &closing{Reader: strings.NewReader(tt.answer)}
			next := sendBy(func(hr *http.Request) (*http.Response, error) {
				io.Copy(io.Discard, hr.Body) // a server that does not mind how the body ends
				return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {tt.answerType}}, Body: answer, Request: hr}, nil
			})
			transport := conform.NewTransport(document(t), next, append(tt.opts, conform.WithReport(func(conform.Report) {}))...)
			hr, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.openai.com"+tt.path, io.NopCloser(strings.NewReader(tt.body)))
			if err != nil {
				t.Fatal(err)
			}
			hr.Header.Set("Content-Type", tt.contentType)
			hr.ContentLength = int64(len(tt.body))
			_, err = transport.RoundTrip(hr)
			if err == nil {
				t.Fatal("got a response, want an error")
			}
			contains(t, "error", err.Error(), tt.wantError)
			if !answer.closed {
				t.Error("the body of the response was not closed")
			}
		})
	}
}

// A form is validated by a second body and sent as a third one.
func TestTransportClosesTheBodiesOfAForm(t *testing.T) {
	var bodies []*closing
	body := func() (io.ReadCloser, error) {
		bodies = append(bodies, &closing{Reader: strings.NewReader(uploadOf("batch"))})
		return bodies[len(bodies)-1], nil
	}
	next := sendBy(func(hr *http.Request) (*http.Response, error) {
		io.Copy(io.Discard, hr.Body)
		hr.Body.Close()
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody, Request: hr}, nil
	})
	first, _ := body()
	hr, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.openai.com/v1/files", first)
	if err != nil {
		t.Fatal(err)
	}
	hr.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	hr.GetBody = body
	resp, err := conform.NewTransport(document(t), next, conform.WithResponses(schema.Off, conform.Pass)).RoundTrip(hr)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if len(bodies) != 3 {
		t.Fatalf("got %d bodies, want 3", len(bodies))
	}
	for i, b := range bodies {
		if !b.closed {
			t.Errorf("body %d was not closed", i+1)
		}
	}
}

// What a Transport reports of a stream: each event that breaks the document, and how the
// stream broke off, but nothing of one that came to its end.
func TestTransportValidatesEvents(t *testing.T) {
	const events = "data: {\"id\":1}\n\ndata: [DONE]\n\n"
	for name, tt := range map[string]struct {
		end  error
		want string
	}{
		"whole":   {io.EOF, ""},
		"cut off": {errors.New("connection reset"), "the stream was cut off: connection reset"},
	} {
		t.Run(name, func(t *testing.T) {
			got := &reports{}
			next := sendBy(func(hr *http.Request) (*http.Response, error) {
				body := io.NopCloser(io.MultiReader(strings.NewReader(events), broken{tt.end}))
				return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: body, Request: hr}, nil
			})
			transport := conform.NewTransport(document(t), next, conform.WithEvents(), conform.WithReport(got.add))
			resp, err := post(t.Context(), &http.Client{Transport: transport}, "https://api.openai.com", chatBody)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if text, err := io.ReadAll(resp.Body); string(text) != events || tt.end == io.EOF && err != nil {
				t.Errorf("got %q, %v", text, err)
			}
			contains(t, "reports", got.text(), "wrong_type /id")
			if text := got.text(); strings.Contains(text, "cut off") != (tt.want != "") || !strings.Contains(text, tt.want) {
				t.Errorf("got reports %q, want %q", text, tt.want)
			}
		})
	}
}

// WithMaxBody is the largest body that is validated: one byte less, and it passes unseen.
func TestBodyOfExactlyTheLimitIsValidated(t *testing.T) {
	for name, tt := range map[string]struct {
		limit  int
		status int
		report string
	}{
		"the limit":      {len(wrongAnswer), http.StatusBadGateway, "/created"},
		"one byte above": {len(wrongAnswer) - 1, http.StatusOK, "it has more than"},
	} {
		t.Run(name, func(t *testing.T) {
			got := &reports{}
			opts := []conform.Option{
				conform.WithMaxBody(tt.limit), conform.WithResponses(schema.Standard, conform.Reject), conform.WithReport(got.add),
				conform.WithRequests(schema.Off, conform.Pass), conform.WithErrorResponses(),
			}
			handler := conform.NewHandler(document(t), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				io.WriteString(w, wrongAnswer)
			}), opts...)
			served := httptest.NewRecorder()
			handler.ServeHTTP(served, httptest.NewRequest(http.MethodPost, chatPath, strings.NewReader(chatBody)))
			if served.Code != tt.status {
				t.Errorf("the handler responds with %d, want %d", served.Code, tt.status)
			}
			next := sendBy(func(hr *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(wrongAnswer)), Request: hr}, nil
			})
			resp, err := post(t.Context(), &http.Client{Transport: conform.NewTransport(document(t), next, opts...)}, "https://api.openai.com", chatBody)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != tt.status {
				t.Errorf("the transport responds with %d, want %d", resp.StatusCode, tt.status)
			}
			contains(t, "reports", got.text(), tt.report)
		})
	}
}

// ReverseProxy drops pairs of a query that it cannot parse, and net/http adds a User-Agent.
func TestProxyAddsAndDropsNothing(t *testing.T) {
	type arrival struct{ query, agent string }
	arrived := make(chan arrival, 1)
	next := sendBy(func(hr *http.Request) (*http.Response, error) {
		agent, given := hr.Header["User-Agent"]
		if given && agent == nil { // which net/http takes for none
			arrived <- arrival{hr.URL.RawQuery, ""}
		} else {
			arrived <- arrival{hr.URL.RawQuery, "one: " + hr.UserAgent()}
		}
		return &http.Response{StatusCode: 204, Header: http.Header{}, Body: http.NoBody, Request: hr}, nil
	})
	p, err := conform.NewProxy(document(t), "https://api.openai.com", conform.WithTransport(next), conform.WithRequests(schema.Off, conform.Pass))
	if err != nil {
		t.Fatal(err)
	}
	const query = "limit=1;after=%zz&order=asc"
	p.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/v1/files?"+query, nil))
	if got := <-arrived; got != (arrival{query: query}) {
		t.Errorf("got query %q and %q as the user agent, want %q and none", got.query, got.agent, query)
	}
}
