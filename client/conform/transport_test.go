package conform_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/schema"
)

func TestTransportValidatesRequests(t *testing.T) {
	pass := conform.WithRequests(schema.Standard, conform.Pass)
	tests := map[string]struct {
		opts         []conform.Option
		method, path string // default: POST, chatPath
		header       string // "Name: value"; default: JSON
		body         string
		err          string // part of the error, "" for none
		report       string // part of the reports, "" for none
	}{
		"valid":           {body: chatBody},
		"wrong role":      {body: wrongBody, err: `request not sent: createChatCompletion: /messages/0/role: got "usr"`, report: "rejected: createChatCompletion"},
		"passed":          {opts: []conform.Option{pass}, body: wrongBody, report: "request POST /v1/chat/completions: createChatCompletion: /messages/0/role"},
		"lenient":         {opts: []conform.Option{conform.WithRequests(schema.Lenient, conform.Reject)}, body: wrongBody, report: "/messages/0/role"},
		"off":             {opts: []conform.Option{conform.WithRequests(schema.Off, conform.Reject)}, body: wrongBody},
		"unknown field":   {body: `{"model": "m", "messages": [{"role": "user", "content": "Hi"}], "temprature": 1}`, err: "temperature", report: "temprature"},
		"unknown allowed": {opts: []conform.Option{conform.WithUnknownFields()}, path: chatPath + "?api-version=1", body: `{"model": "m", "messages": [{"role": "user", "content": "Hi"}], "x": 1}`},
		"unknown query":   {path: chatPath + "?api-version=1", body: chatBody, err: `unknown query parameter "api-version"`, report: "api-version"},
		"broken JSON":     {body: `{"model":`, err: "JSON", report: "JSON"},
		"media type":      {header: "Content-Type: text/plain", body: "x", err: `got media type "text/plain", want application/json`, report: "text/plain"},
		"no body":         {header: "X: y", err: "missing request body", report: "missing request body"},
		"query":           {method: "GET", path: "/v1/files?limit=two", header: "X: y", err: `/limit: got string "two"`, report: "/limit"},
		"header":          {method: "GET", path: "/v1/assistants", header: "X: y", err: `missing header "OpenAI-Beta: assistants=v2"`, report: "OpenAI-Beta"},
		"no operation":    {path: "/v1/chat/completion", body: "x", report: "no operation is at POST /chat/completion; did you mean POST /chat/completions"},
		"no operation, rejected": {
			opts: []conform.Option{conform.WithUnmatched(conform.Reject)}, path: "/v2/x", body: "x",
			err: `got path "/v2/x", want one under "/v1/"`, report: "rejected",
		},
		"base path":                        {opts: []conform.Option{conform.WithBasePath("openai/v1/")}, path: "/openai/v1/chat/completions", body: wrongBody, err: "usr", report: "usr"},
		"root":                             {opts: []conform.Option{conform.WithBasePath("/")}, path: "/chat/completions", body: wrongBody, err: "usr", report: "usr"},
		"multipart":                        {path: "/v1/files", header: formType, body: uploadOf("batch"), report: ""},
		"multipart, wrong":                 {path: "/v1/files", header: formType, body: uploadOf("bach"), err: `/purpose: got "bach"`, report: "rejected: createFile"},
		"multipart, garbage":               {path: "/v1/files", header: formType, body: "garbage", err: "the body cannot be read", report: "rejected"},
		"encoded":                          {header: "Content-Type: application/json|Content-Encoding: zstd", body: "\x1f\x8b", err: "the body cannot be checked: it is encoded: zstd", report: "rejected"},
		"encoded, passed":                  {opts: []conform.Option{conform.WithUnchecked(conform.Pass)}, header: "Content-Type: application/json|Content-Encoding: zstd", body: "\x1f\x8b", report: "body not checked: it is encoded: zstd"},
		"encoded, where all pass":          {opts: []conform.Option{pass}, header: "Content-Type: application/json|Content-Encoding: zstd", body: "\x1f\x8b", report: "body not checked: it is encoded: zstd"},
		"encoded, rejected where all pass": {opts: []conform.Option{pass, conform.WithUnchecked(conform.Reject)}, header: "Content-Type: application/json|Content-Encoding: x", body: wrongBody, err: "it is encoded: x", report: "rejected"},
		"long":                             {opts: []conform.Option{conform.WithMaxBody(20)}, body: wrongBody, err: "the body cannot be checked: it has more than 20 bytes", report: "rejected"},
		"long, passed":                     {opts: []conform.Option{conform.WithMaxBody(20), conform.WithUnchecked(conform.Pass)}, body: wrongBody, report: "body not checked: it has more than 20 bytes"},
		"long and not described": {
			opts: []conform.Option{conform.WithMaxBody(2)}, header: "Content-Type: text/plain", body: "long",
			err: "text/plain", report: "text/plain",
		},
		"no document": {opts: []conform.Option{nil}, body: chatBody, err: "got a nil document"},
	}
	for name, tt := range tests {
		for _, replayable := range []bool{true, false} {
			label := name + ", streamed"
			if replayable {
				label = name
			}
			t.Run(label, func(t *testing.T) {
				server, got := newEcho(t), &reports{}
				doc, opts := document(t), tt.opts
				if name == "no document" {
					doc, opts = nil, nil
				}
				opts = append([]conform.Option{conform.WithReport(got.add), conform.WithResponses(schema.Off, conform.Pass)}, opts...)
				transport := conform.NewTransport(doc, server.Client().Transport, opts...)
				body := &closing{Reader: strings.NewReader(tt.body)}
				hr, err := http.NewRequestWithContext(t.Context(), or(tt.method, "POST"), server.URL+or(tt.path, chatPath), body)
				if err != nil {
					t.Fatal(err)
				}
				switch {
				case tt.body == "":
					hr.Body = http.NoBody
				case replayable:
					hr.ContentLength = int64(len(tt.body))
					hr.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(tt.body)), nil }
				}
				for line := range strings.SplitSeq(or(tt.header, "Content-Type: application/json"), "|") {
					key, value, _ := strings.Cut(line, ": ")
					hr.Header.Set(key, value)
				}
				before := *hr
				resp, err := transport.RoundTrip(hr)
				contains(t, "reports", got.text(), tt.report)
				if hr.Body != before.Body || hr.ContentLength != before.ContentLength || len(hr.Header) != len(before.Header) {
					t.Error("the request was modified")
				}
				if tt.err != "" {
					if err == nil {
						t.Fatalf("got %s, want an error with %q", resp.Status, tt.err)
					}
					contains(t, "error", err.Error(), tt.err)
					if server.arrived != 0 {
						t.Error("the request was sent")
					}
					if tt.body != "" && !body.closed {
						t.Error("the body was not closed")
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				if resp.Request != hr {
					t.Error("the response names another request than the one that was sent")
				}
				if server.body != tt.body {
					t.Errorf("got body %q at the server, want %q", server.body, tt.body)
				}
				if text, err := io.ReadAll(resp.Body); err != nil || string(text) != chatAnswer {
					t.Errorf("got answer %q, %v", text, err)
				}
			})
		}
	}
}

const formType = "Content-Type: multipart/form-data; boundary=b"

// uploadOf is the form of an upload with that purpose.
func uploadOf(purpose string) string {
	return "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n" + purpose + "\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n{}\r\n--b--\r\n"
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// closing is a body that notes when it is closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

func TestErrorsOfARejectedRequestAreData(t *testing.T) {
	server := newEcho(t)
	transport := conform.NewTransport(document(t), server.Client().Transport, conform.WithReport(func(conform.Report) {}))
	_, err := post(t.Context(), &http.Client{Transport: transport}, server.URL, wrongBody)
	var rejected *conform.Error
	var invalid *schema.ValidationError
	if !errors.As(err, &rejected) || !errors.As(err, &invalid) {
		t.Fatalf("got %v, want a *conform.Error with a *schema.ValidationError", err)
	}
	if r := rejected.Report; !r.Rejected || r.Operation != "createChatCompletion" || r.Direction != conform.Request {
		t.Errorf("got %+v", r)
	}
	if p := invalid.Problems[0]; p.Pointer != "/messages/0/role" {
		t.Errorf("got %+v", p)
	}
}

func post(ctx context.Context, c *http.Client, server, body string) (*http.Response, error) {
	hr, err := http.NewRequestWithContext(ctx, "POST", server+chatPath, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	hr.Header.Set("Content-Type", "application/json")
	return c.Do(hr)
}

func TestTransportValidatesResponses(t *testing.T) {
	reject := conform.WithResponses(schema.Standard, conform.Reject)
	pass := conform.WithResponses(schema.Standard, conform.Pass)
	short := conform.WithMaxBody(len(chatBody))
	tests := map[string]struct {
		opts     []conform.Option
		status   int
		announce string
		encoding string
		answer   string
		err      string
		report   string
	}{
		"valid":                {},
		"valid, held":          {opts: []conform.Option{reject}},
		"findings":             {answer: wrongAnswer, report: "wrong_type /created"},
		"lenient":              {opts: []conform.Option{conform.WithResponses(schema.Lenient, conform.Reject)}, answer: wrongAnswer, report: "wrong_type /created"},
		"passed":               {opts: []conform.Option{pass}, answer: wrongAnswer, report: "createChatCompletion response: /created: got string"},
		"rejected":             {opts: []conform.Option{reject}, answer: wrongAnswer, err: "response with status 200 rejected: createChatCompletion response: /created", report: "status 200, rejected"},
		"off":                  {opts: []conform.Option{conform.WithResponses(schema.Off, conform.Reject)}, answer: wrongAnswer},
		"not JSON":             {answer: "<html>", report: "not_json"},
		"media type":           {announce: "text/html", answer: "<html>", report: `got media type "text/html", want application/json or text/event-stream`},
		"media type, rejected": {opts: []conform.Option{reject}, announce: "text/html; charset=utf-8", answer: "<html>", err: `got media type "text/html"`, report: "rejected"},
		"stream":               {opts: []conform.Option{reject}, announce: "text/event-stream", answer: "data: {}\n\n", report: "body not checked: text/event-stream is not JSON"},
		"encoded":              {opts: []conform.Option{reject}, encoding: "br", answer: "\x0b", report: "body not checked: it is encoded: br"},
		"error":                {opts: []conform.Option{reject}, status: 429, answer: `{"error": {"message": "m"}}`, report: `/error: missing property "code"`},
		"undescribed status":   {opts: []conform.Option{reject}, status: 206, report: "body not checked: the document describes no response with status 206"},
		"long":                 {opts: []conform.Option{short}, answer: wrongAnswer + strings.Repeat(" ", 99), report: "body not checked: it has more than"},
		"long, held":           {opts: []conform.Option{short, reject}, answer: wrongAnswer + strings.Repeat(" ", 99), report: "body not checked: it has more than"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server, got := newEcho(t), &reports{}
			server.answer, server.announce = or(tt.answer, chatAnswer), or(tt.announce, "application/json")
			if tt.status != 0 {
				server.status = tt.status
			}
			if tt.encoding != "" {
				server.header = http.Header{"Content-Encoding": {tt.encoding}}
			}
			transport := conform.NewTransport(document(t), server.Client().Transport, append(tt.opts, conform.WithReport(got.add))...)
			resp, err := post(t.Context(), &http.Client{Transport: transport}, server.URL, chatBody)
			if tt.err != "" {
				if err == nil {
					t.Fatalf("got %s, want an error with %q", resp.Status, tt.err)
				}
				contains(t, "error", err.Error(), tt.err)
				contains(t, "reports", got.text(), tt.report)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || string(text) != server.answer {
				t.Errorf("got answer %q, %v, want %q", text, err, server.answer)
			}
			contains(t, "reports", got.text(), tt.report)
			if len(got.all) > 1 {
				t.Errorf("got %d reports, want one at most:\n%s", len(got.all), got.text())
			}
		})
	}
}

func TestResponsesAreReportedHoweverTheyAreRead(t *testing.T) {
	tests := map[string]struct {
		read   func(io.Reader)
		report string
	}{
		"to the end":              {func(r io.Reader) { io.Copy(io.Discard, r) }, "wrong_type /created"},
		"to the end of the value": {func(r io.Reader) { json.NewDecoder(r).Decode(new(any)) }, "wrong_type /created"},
		"in part":                 {func(r io.Reader) { io.ReadFull(r, make([]byte, 5)) }, "body not checked: it was not read to its end"},
		"not at all":              {func(io.Reader) {}, "body not checked: it was not read to its end"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server, got := newEcho(t), &reports{}
			server.answer = wrongAnswer
			transport := conform.NewTransport(document(t), server.Client().Transport, conform.WithReport(got.add))
			resp, err := post(t.Context(), &http.Client{Transport: transport}, server.URL, chatBody)
			if err != nil {
				t.Fatal(err)
			}
			tt.read(resp.Body)
			resp.Body.Close()
			resp.Body.Close()
			contains(t, "reports", got.text(), tt.report)
			if len(got.all) != 1 {
				t.Errorf("got %d reports, want 1", len(got.all))
			}
		})
	}
}

func TestErrorResponsesHaveTheFormOfTheAPI(t *testing.T) {
	tests := map[string]struct {
		body, answer string
		status       int
		code, param  string
		arrived      int
	}{
		"request":  {wrongBody, chatAnswer, 400, "invalid_value", "messages.0.role", 0},
		"response": {chatBody, wrongAnswer, 502, "invalid_response", "", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := newEcho(t)
			server.answer = tt.answer
			transport := conform.NewTransport(
				document(t), server.Client().Transport, conform.WithErrorResponses(),
				conform.WithResponses(schema.Standard, conform.Reject), conform.WithReport(func(conform.Report) {}),
			)
			resp, err := post(t.Context(), &http.Client{Transport: transport}, server.URL, tt.body)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var got struct {
				Error struct{ Message, Code, Param string }
			}
			if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tt.status || got.Error.Code != tt.code || got.Error.Param != tt.param || resp.Header.Get("X-Should-Retry") != "false" {
				t.Errorf("got %s, %+v", resp.Status, got)
			}
			if server.arrived != tt.arrived {
				t.Errorf("got %d requests at the server, want %d", server.arrived, tt.arrived)
			}
		})
	}
}

func TestTransportKeepsTheErrorsOfABody(t *testing.T) {
	server, got := newEcho(t), &reports{}
	transport := conform.NewTransport(document(t), server.Client().Transport, conform.WithReport(got.add))
	lost := errors.New("disk on fire")
	hr, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+chatPath, io.MultiReader(strings.NewReader("{"), broken{lost}))
	if err != nil {
		t.Fatal(err)
	}
	hr.Header.Set("Content-Type", "application/json")
	if resp, err := transport.RoundTrip(hr); !errors.Is(err, lost) {
		t.Errorf("got %v, %v, want the error of the body", resp, err)
	}
	contains(t, "reports", got.text(), "body not checked: it cannot be read: disk on fire")
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

func TestTransportIsSafeForConcurrentUse(t *testing.T) {
	server, got := newEcho(t), &reports{}
	c := &http.Client{Transport: conform.NewTransport(document(t), server.Client().Transport, conform.WithReport(got.add))}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, body := range []string{chatBody, wrongBody} {
				resp, err := post(t.Context(), c, server.URL, body)
				if (err == nil) != (body == chatBody) {
					t.Errorf("got %v of %s", err, body)
				}
				if err == nil {
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
			}
		})
	}
	wg.Wait()
	if len(got.all) != 8 {
		t.Errorf("got %d reports, want 8", len(got.all))
	}
}
