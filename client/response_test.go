package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

const model = `{"id":"gpt-5-mini","object":"model","created":1700000000,"owned_by":"openai"}`

// retrieve calls retrieveModel on a server that gives one answer.
func retrieve(t *testing.T, status int, mediaType, body string, opts ...client.CallOption) (*client.Response, error) {
	t.Helper()
	w := newWitness(t, responding(status, mediaType, body))
	c := newClient(t, client.WithBaseURL(w.URL), client.WithMaxRetries(0))
	return c.Call(t.Context(), "retrieveModel", client.Params{"model": "gpt-5-mini"}, opts...)
}

func TestJSONResponseIsReadByPathAndSchema(t *testing.T) {
	r, err := retrieve(t, 200, "application/json; charset=utf-8", model)
	if err != nil {
		t.Fatal(err)
	}
	if r.StatusCode() != 200 || r.RequestID() != "req_1" || !r.IsJSON() || r.Operation().ID != "retrieveModel" ||
		r.MediaType() != "application/json; charset=utf-8" || r.Header().Get("X-Request-Id") != "req_1" {
		t.Errorf("got %d, %s, %t, %v", r.StatusCode(), r.RequestID(), r.IsJSON(), r.Header())
	}
	if string(r.Raw()) != model {
		t.Errorf("Raw: got %s", r.Raw())
	}
	if got := r.Get("owned_by").String(); got != "openai" {
		t.Errorf("Get: got %q", got)
	}
	var decoded struct {
		ID      string
		Created json.Number
	}
	if err := r.Decode(&decoded); err != nil || decoded.ID != "gpt-5-mini" || decoded.Created != "1700000000" {
		t.Errorf("Decode: got %+v, %v", decoded, err)
	}
	if got := r.Value().Get("id").String(); got != "gpt-5-mini" || r.Value().Schema() != "Model" {
		t.Errorf("Value: got %q of %q", got, r.Value().Schema())
	}
	if findings := r.Findings(); findings != nil {
		t.Errorf("Findings: got %v", findings)
	}
	for range 2 { // the text is there as often as it is asked for
		body := r.Body()
		if text, err := io.ReadAll(body); string(text) != model || err != nil || body.Close() != nil {
			t.Errorf("Body: got %q, %v", text, err)
		}
		var buf bytes.Buffer
		if n, err := r.WriteTo(&buf); n != int64(len(model)) || err != nil || buf.String() != model {
			t.Errorf("WriteTo: got %d, %v, %q", n, err, buf.String())
		}
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
}

// A JSON answer may be asked by several goroutines.
func TestJSONResponseIsSafeForConcurrentUse(t *testing.T) {
	r, err := retrieve(t, 200, "application/json", `{"id":1,"new":true}`)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if r.Get("id").Int() != 1 || !r.Value().Get("new").Exists() || len(r.Findings()) == 0 {
				t.Error("got another answer")
			}
		})
	}
	group.Wait()
}

// What an answer is goes by what the server calls it.
func TestResponseIsReadInEveryForm(t *testing.T) {
	const unlabelled = ""
	tests := map[string]struct {
		status          int
		mediaType, body string
		json            bool
		raw             string
	}{
		"JSON":                     {200, "application/json", model, true, model},
		"JSON, created":            {201, "application/json", model, true, model},
		"JSON by suffix":           {200, "application/problem+json", "{}", true, "{}"},
		"JSON in capitals":         {200, "Application/JSON;charset=UTF-8", model, true, model},
		"JSON with white space":    {200, "application/json", "\n" + model + "\r\n", true, "\n" + model + "\r\n"},
		"JSON behind a mark":       {200, "application/json", "\ufeff" + model, true, model},
		"unlabelled, JSON is said": {200, unlabelled, model, true, model},
		"JSON under another name":  {200, "text/plain", model, true, model},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := retrieve(t, test.status, test.mediaType, test.body)
			if err != nil {
				t.Fatal(err)
			}
			if r.IsJSON() != test.json || string(r.Raw()) != test.raw {
				t.Errorf("got JSON %t, Raw %q", r.IsJSON(), r.Raw())
			}
			text, err := io.ReadAll(r.Body())
			want := test.body
			if test.json {
				want = test.raw
			}
			if strings.TrimSpace(string(text)) != strings.TrimSpace(want) || err != nil {
				t.Errorf("Body: got %q, %v; want %q", text, err, want)
			}
			r.Close()
		})
	}
	t.Run("unlabelled, other things are said", func(t *testing.T) {
		w := newWitness(t, responding(200, unlabelled, "{}"))
		c := newClient(t, client.WithBaseURL(w.URL))
		r, err := c.Call(t.Context(), "createSpeech", client.Params{"model": "tts-1", "input": "a", "voice": "alloy"})
		if err != nil || r.IsJSON() {
			t.Fatalf("got JSON, %v", err)
		}
		r.Close()
	})
}

// An operation that declares no body may have none.
func TestEmptyResponseIsAnErrorWhereJSONIsDeclared(t *testing.T) {
	for name, status := range map[string]int{"no content": 204, "ok": 200} {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t, responding(status, "", ""))
			c := newClient(t, client.WithBaseURL(w.URL), client.WithMaxRetries(0))
			r, err := c.Call(t.Context(), "hangup-realtime-call", client.Params{"call_id": "c"})
			if err != nil {
				t.Fatal(err)
			}
			kept := struct{ A int }{1}
			if err := r.Decode(&kept); err != nil || kept.A != 1 {
				t.Errorf("Decode: got %v, %v", kept, err)
			}
			var buf bytes.Buffer
			if n, err := r.WriteTo(&buf); n != 0 || err != nil {
				t.Errorf("WriteTo: got %d, %v", n, err)
			}
			if r.Raw() != nil || r.Get("a").Exists() || r.Findings() != nil || r.Value().Exists() {
				t.Errorf("got Raw %q", r.Raw())
			}
		})
	}
}

func TestUnusableResponseIsAnErrorWithItsText(t *testing.T) {
	long := `{"id":"` + strings.Repeat("x", 2000) + `"}`
	deep := strings.Repeat("[", 2000) + strings.Repeat("]", 2000)
	tests := map[string]struct {
		mediaType, body string
		opts            []client.CallOption
		want            string // of the error, "" for none
		raw             string
	}{
		"at the limit":   {"application/json", long, []client.CallOption{client.WithMaxResponse(int64(len(long)))}, "", long},
		"no limit":       {"application/json", long, []client.CallOption{client.WithMaxResponse(math.MaxInt64)}, "", long},
		"over the limit": {"application/json", long, []client.CallOption{client.WithMaxResponse(100)}, "retrieveModel: the response cannot be used: it is larger than the 100 bytes that WithMaxResponse sets as the limit (request req_1)", long[:100]},
		"no JSON":        {"application/json", `{"a":}`, nil, "retrieveModel: the response is not JSON: line 1, column 6: got '}', want a value (request req_1)", `{"a":}`},
		"HTML":           {"application/json", "<html>", nil, `retrieveModel: got HTML under the name of JSON; is the base URL right? It ends in "/v1" (request req_1)`, "<html>"},
		"two values":     {"application/json", "{}{}", nil, "retrieveModel: the response is not JSON: line 1, column 3: got more text after the value (request req_1)", "{}{}"},
		"NUL":            {"application/json", "\x00", nil, `retrieveModel: the response is not JSON: line 1, column 1: got '\x00', want a value (request req_1)`, "\x00"},
		"too deep":       {"application/json", deep, nil, "retrieveModel: the response is not JSON: line 1, column 1001: nested more than 1000 deep (request req_1)", deep},
		"a byte":         {"application/json", "\"\xff\"", nil, "retrieveModel: the response is not JSON: line 1, column 2: got a byte that is not UTF-8 (request req_1)", "\"\xff\""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := retrieve(t, 200, test.mediaType, test.body, test.opts...)
			if r == nil || string(r.Raw()) != test.raw {
				t.Fatalf("got %v, %v; want what was received", r, err)
			}
			var unusable *client.ResponseError
			switch {
			case test.want == "" && err != nil:
				t.Errorf("got %v", err)
			case test.want != "" && (!errors.As(err, &unusable) || err.Error() != test.want):
				t.Errorf("got %T %v\nwant %s", err, err, test.want)
			case test.want != "" && (unusable.Operation != "retrieveModel" || unusable.RequestID != "req_1"):
				t.Errorf("got %+v", unusable)
			}
			r.Value()
			r.Findings()
			r.Get("a.b")
			r.Close()
		})
	}
}

// A limit that Content-Length already breaks ends the call as one that is
// noticed on the way does.
func TestResponseThatBreaksOffIsAnError(t *testing.T) {
	address := newBareServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, `{"id":`)
	})
	c := newClient(t, client.WithBaseURL(address), client.WithMaxRetries(0))
	r, err := c.Call(t.Context(), "retrieveModel", client.Params{"model": "m"})
	var unusable *client.ResponseError
	var broken *client.ConnectionError
	if !errors.As(err, &unusable) || !errors.As(err, &broken) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("got %T %v", err, err)
	}
	if want := "retrieveModel: the response cannot be used: response broke off: unexpected EOF"; err.Error() != want || string(r.Raw()) != `{"id":` {
		t.Errorf("got %v with %q\nwant %s", err, r.Raw(), want)
	}
}

// slowly yields its text a byte a minute.
type slowly struct {
	ctx  context.Context
	text string
}

func (s *slowly) Read(p []byte) (int, error) {
	if s.text == "" {
		return 0, io.EOF
	}
	select {
	case <-time.After(time.Minute):
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	}
	p[0], s.text = s.text[0], s.text[1:]
	return 1, nil
}

func (s *slowly) Close() error { return nil }

// The timeout bounds a JSON answer to its end, and a stream until it begins.
func TestTimeoutBoundsTheReadingOfAResponse(t *testing.T) {
	answerSlowly := func(mediaType string) client.Option {
		return client.WithHTTPClient(&http.Client{Transport: tripper(func(req *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: 200, Header: http.Header{"Content-Type": {mediaType}}, ContentLength: -1,
				Body: &slowly{req.Context(), `{"a":1}`}, Request: req,
			}, nil
		})})
	}
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, answerSlowly("application/json"), client.WithAPIKey("k"), client.WithTimeout(3*time.Minute))
		_, err := c.Call(t.Context(), "retrieveModel", client.Params{"model": "m"})
		if want := "retrieveModel: the response cannot be used: no complete response within 3m0s; WithTimeout sets this limit"; err == nil || err.Error() != want || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v\nwant %s", err, want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, answerSlowly("audio/mpeg"), client.WithAPIKey("k"), client.WithTimeout(3*time.Minute))
		r, err := c.Call(t.Context(), "createSpeech", client.Params{"model": "tts-1", "input": "a", "voice": "alloy"})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if text, err := io.ReadAll(r.Body()); string(text) != `{"a":1}` || err != nil {
			t.Errorf("got %q, %v", text, err)
		}
	})
}

// A stream is handed over while the server still makes it.
func TestBinaryResponseIsNotBuffered(t *testing.T) {
	goOn := make(chan struct{})
	address := newBareServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "audio/mpeg")
		io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		<-goOn
		io.WriteString(w, "half")
	})
	c := newClient(t, client.WithBaseURL(address))
	r, err := c.Call(t.Context(), "createSpeech", client.Params{"model": "tts-1", "input": "a", "voice": "alloy"})
	if err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 4)
	if _, err := io.ReadFull(r.Body(), first); err != nil || string(first) != "half" {
		t.Fatalf("got %q, %v", first, err)
	}
	close(goOn)
	var buf bytes.Buffer
	if n, err := r.WriteTo(&buf); n != 4 || err != nil || buf.String() != "half" {
		t.Errorf("WriteTo: got %d, %v, %q", n, err, buf.String())
	}
	if r.Raw() != nil || r.Value().Exists() || r.Get("a").Exists() || r.Findings() != nil {
		t.Error("a stream is not JSON")
	}
	var v any
	want := `createSpeech: got "audio/mpeg", which is not JSON; read Body`
	if err := r.Decode(&v); err == nil || err.Error() != want {
		t.Errorf("Decode: got %v, want %s", err, want)
	}
}

// Closing a stream that goes on ends it for the server too.
func TestCloseEndsAStream(t *testing.T) {
	ended := make(chan struct{})
	address := newBareServer(t, func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "audio/mpeg")
		w.(http.Flusher).Flush()
		<-req.Context().Done()
		close(ended)
	})
	c := newClient(t, client.WithBaseURL(address))
	r, err := c.Call(t.Context(), "createSpeech", client.Params{"model": "tts-1", "input": "a", "voice": "alloy"})
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	<-ended
	if _, err := r.Body().Read(make([]byte, 1)); err == nil {
		t.Error("a closed stream can be read")
	}
}

type failingWriter struct{ err error }

func (f failingWriter) Write([]byte) (int, error) { return 0, f.err }

func TestWriteToFails(t *testing.T) {
	full := errors.New("disk full")
	for _, mediaType := range []string{"application/json", "audio/mpeg"} {
		r, err := retrieve(t, 200, mediaType, model)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.WriteTo(failingWriter{full}); !errors.Is(err, full) {
			t.Errorf("%s: got %v", mediaType, err)
		}
	}
}

func TestDecodeErrorNamesThePlace(t *testing.T) {
	r, err := retrieve(t, 200, "application/json", model)
	if err != nil {
		t.Fatal(err)
	}
	var number struct {
		ID int `json:"id"`
	}
	var unusable *client.ResponseError
	var mismatch *json.UnmarshalTypeError
	err = r.Decode(&number)
	if !errors.As(err, &unusable) || !errors.As(err, &mismatch) ||
		!strings.HasPrefix(err.Error(), "retrieveModel: cannot decode the response into *struct { ID int ") || !strings.HasSuffix(err.Error(), "(request req_1)") {
		t.Errorf("got %T %v", err, err)
	}
	if err := r.Decode(nil); !errors.As(err, &unusable) {
		t.Errorf("got %T %v", err, err)
	}
}

// The tiers of an answer: a finding, an error beside the answer, or nothing.
func TestTierDecidesWhatBecomesOfAWrongResponse(t *testing.T) {
	const drifted = `{"id":"m","object":"model","created":"now","owned_by":"openai","new":1}`
	wantFindings := []schema.FindingKind{schema.FindingWrongType, schema.FindingUnknownField}
	tests := map[string]struct {
		opts     []client.CallOption
		problems int
		findings []schema.FindingKind
	}{
		"by default":              {nil, 0, wantFindings},
		"Lenient":                 {[]client.CallOption{client.WithResponseValidation(schema.Lenient)}, 0, wantFindings},
		"Standard":                {[]client.CallOption{client.WithResponseValidation(schema.Standard)}, 2, wantFindings},
		"Standard, unknown is ok": {[]client.CallOption{client.WithResponseValidation(schema.Standard), client.WithUnknownFields()}, 1, wantFindings},
		"Strict":                  {[]client.CallOption{client.WithResponseValidation(schema.Strict)}, 1, wantFindings},
		"Off":                     {[]client.CallOption{client.WithResponseValidation(schema.Off)}, 0, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var reported []schema.FindingKind
			opts := append(test.opts, client.WithFindings(func(operationID string, findings []schema.Finding) {
				if operationID != "retrieveModel" {
					t.Errorf("got operation %q", operationID)
				}
				for _, f := range findings {
					reported = append(reported, f.Kind)
				}
			}))
			r, err := retrieve(t, 200, "application/json", drifted, opts...)
			if r == nil || string(r.Raw()) != drifted {
				t.Fatalf("got %v, %v; want the answer", r, err)
			}
			var invalid *schema.ValidationError
			if errors.As(err, &invalid); (err != nil) != (test.problems > 0) || invalid != nil && len(invalid.Problems) != test.problems {
				t.Errorf("got %v, want %d problems", err, test.problems)
			}
			if invalid != nil && invalid.Subject != "retrieveModel response" {
				t.Errorf("got subject %q", invalid.Subject)
			}
			if diff := cmp.Diff(test.findings, reported); diff != "" {
				t.Errorf("WithFindings (-want +got):\n%s", diff)
			}
			var found []schema.FindingKind
			for _, f := range r.Findings() {
				found = append(found, f.Kind)
			}
			if diff := cmp.Diff(test.findings, found); diff != "" {
				t.Errorf("Findings (-want +got):\n%s", diff)
			}
		})
	}
}

// Where answer and document agree, nobody is called.
func TestResponseThatMatchesHasNoFindings(t *testing.T) {
	report := client.WithFindings(func(_ string, findings []schema.Finding) { t.Errorf("got %v", findings) })
	if r, err := retrieve(t, 200, "application/json", model, report, client.WithResponseValidation(schema.Strict)); err != nil || r.Findings() != nil {
		t.Errorf("got %v", err)
	}
}

// An answer of a status or media type that the document does not know is an
// answer all the same.
func TestUndeclaredStatusIsReported(t *testing.T) {
	for name, test := range map[string]struct {
		status    int
		mediaType string
	}{"status": {202, "application/json"}, "media type": {200, "application/hal+json"}} {
		t.Run(name, func(t *testing.T) {
			r, err := retrieve(t, test.status, test.mediaType, model, client.WithResponseValidation(schema.Strict))
			if err != nil || r.Get("id").String() != "gpt-5-mini" {
				t.Errorf("got %v, %v", r, err)
			}
			if r.Value().Exists() || r.Findings() != nil {
				t.Errorf("got a schema for it")
			}
		})
	}
}

// The document sets the limit of an operation, the caller takes precedence.
