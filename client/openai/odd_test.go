package openai_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
)

// oddResponse is a success that is not the response of the API.
type oddResponse struct {
	status   int
	media    string // "" for none
	body     string
	encoding string
}

const page = "<!doctype html>\n<html lang=\"en\"><head><title>Sign in</title></head><body><p>Please sign in</p></body></html>\n"

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

// oddResponses are what proxies, login pages and compatible hosts send.
func oddResponses() map[string]oddResponse {
	odd := map[string]oddResponse{
		"no content":                 {status: 204},
		"no content, says JSON":      {status: 204, media: "application/json"},
		"reset content":              {status: 205},
		"accepted, empty":            {status: 202},
		"accepted, empty JSON":       {status: 202, media: "application/json"},
		"created, empty":             {status: 201},
		"partial, empty":             {status: 206, media: "application/json"},
		"other success, empty":       {status: 299},
		"HTML, created":              {status: 201, media: "text/html", body: page},
		"HTML, accepted":             {status: 202, media: "text/html", body: page},
		"brotli":                     {status: 200, media: "application/json", body: "\x0b\x02\x80{}\x03", encoding: "br"},
		"deflate":                    {status: 200, media: "application/json", body: "x\x9c\x03\x00", encoding: "deflate"},
		"zstd":                       {status: 200, media: "application/json", body: "(\xb5/\xfd\x00", encoding: "zstd"},
		"brotli stream":              {status: 200, media: "text/event-stream", body: "\x0b\x02\x80data", encoding: "br"},
		"gzip without saying so":     {status: 200, media: "application/json", body: gzipped(`{"choices":[]}`)},
		"gzip of HTML, says so":      {status: 200, media: "text/html", body: gzipped(page), encoding: "gzip"},
		"gzip, no media type":        {status: 200, body: gzipped(page)},
		"accepted, job":              {status: 202, media: "application/json", body: `{"job_id":"1","state":"queued"}`},
		"two JSON values":            {status: 200, media: "application/json", body: `{"choices":[]}{"choices":[]}`},
		"JSON that breaks off":       {status: 200, media: "application/json", body: `{"id":"c","choices":[{"index":0,"mess`},
		"JSON with NUL":              {status: 200, media: "application/json", body: "{\"id\":\"\x00\"}"},
		"UTF-16":                     {status: 200, media: "application/json", body: "\xff\xfe{\x00}\x00"},
		"a single brace":             {status: 200, media: "application/json", body: "{"},
		"JavaScript":                 {status: 200, media: "application/javascript", body: "callback({})"},
		"JSON lines":                 {status: 200, media: "application/x-ndjson", body: "{\"error\":\"a\"}\n{\"error\":\"b\"}\n"},
		"XML":                        {status: 200, media: "application/xml", body: `<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>`},
		"binary":                     {status: 200, media: "application/octet-stream", body: "\x00\x01\x02"},
		"image":                      {status: 200, media: "image/png", body: "\x89PNG\r\n\x1a\n"},
		"nonsense for a media type":  {status: 200, media: ";;;", body: "what"},
		"multipart":                  {status: 200, media: "multipart/mixed; boundary=x", body: "--x--"},
		"HTML as event stream":       {status: 200, media: "text/event-stream", body: page},
		"error as event stream":      {status: 200, media: "text/event-stream", body: `{"error":{"message":"overloaded"}}`},
		"error event":                {status: 200, media: "text/event-stream", body: "event: error\ndata: {\"message\":\"overloaded\"}\n\n"},
		"error in the stream":        {status: 200, media: "text/event-stream", body: "data: {\"error\":{\"message\":\"overloaded\",\"code\":529}}\n\n"},
		"error in a streamed choice": {status: 200, media: "text/event-stream", body: `data: {"id":"c","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error","error":{"code":502,"message":"overloaded"}}]}` + "\n\ndata: [DONE]\n\n"},
		"empty event stream":         {status: 200, media: "text/event-stream"},
		"only comments":              {status: 200, media: "text/event-stream", body: ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n"},
		"stream that stops":          {status: 200, media: "text/event-stream", body: `data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}` + "\n\n"},
		"error in a choice": {status: 200, media: "application/json", body: `{"id":"gen-1","provider":"P","model":"m","object":"chat.completion","created":1,` +
			`"choices":[{"index":0,"finish_reason":"error","message":{"role":"assistant","content":""},"error":{"code":502,"message":"overloaded"}}]}`},
		"error beside an ID":           {status: 200, media: "application/json", body: `{"id":"gen-1","error":{"message":"Provider returned error","code":429},"user_id":"u"}`},
		"error of vLLM":                {status: 200, media: "application/json", body: `{"object":"error","message":"too long","type":"BadRequestError","param":null,"code":400}`},
		"error with a type":            {status: 200, media: "application/json", body: `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`},
		"error in a list":              {status: 200, media: "application/json", body: `[{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED"}}]`},
		"error as text":                {status: 200, media: "application/json", body: `{"error":"model not found"}`},
		"error, true":                  {status: 200, media: "application/json", body: `{"error":true,"message":"no"}`},
		"errors":                       {status: 200, media: "application/json", body: `{"errors":[{"message":"no","code":"a"}]}`},
		"detail":                       {status: 200, media: "application/json", body: `{"detail":"Not Found"}`},
		"detail in a list":             {status: 200, media: "application/json", body: `{"detail":[{"loc":["body"],"msg":"field required","type":"missing"}]}`},
		"message and code":             {status: 200, media: "application/json", body: `{"code":1004,"msg":"login fail","success":false}`},
		"message alone":                {status: 200, media: "application/json", body: `{"message":"Unauthorized"}`},
		"base_resp":                    {status: 200, media: "application/json", body: `{"base_resp":{"status_code":1004,"status_msg":"login fail"}}`},
		"success, false":               {status: 200, media: "application/json", body: `{"success":false}`},
		"errors of Cloudflare":         {status: 200, media: "application/json", body: `{"success":false,"errors":[{"code":7003,"message":"no route"}],"messages":[],"result":null}`},
		"errors by field":              {status: 200, media: "application/json", body: `{"errors":{"model":["unknown"]}}`},
		"detail with an error":         {status: 200, media: "application/json", body: `{"detail":{"error":"no"}}`},
		"status, error":                {status: 200, media: "application/json", body: `{"status":"error","message":"no"}`},
		"null data and a message":      {status: 200, media: "application/json", body: `{"code":"x","message":"no","data":null}`},
		"fault":                        {status: 200, media: "application/json", body: `{"fault":{"faultstring":"no"}}`},
		"object, error":                {status: 200, media: "application/json", body: `{"object":"error"}`},
		"an ID and an error":           {status: 200, media: "application/json", body: `{"id":"x","error":"no"}`},
		"error beside choices":         {status: 200, media: "application/json", body: `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":""}}],"error":{"message":"no"}}`},
		"error in a message":           {status: 200, media: "application/json", body: `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"","error":{"message":"no"}}}]}`},
		"finish_reason error":          {status: 200, media: "application/json", body: `{"id":"c","created":1,"choices":[{"index":0,"finish_reason":"error","message":{"role":"assistant","content":"par"}}]}`},
		"streamed finish_reason error": {status: 200, media: "text/event-stream", body: `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"par"},"finish_reason":"error"}]}` + "\n\ndata: [DONE]\n\n"},
		"streamed detail":              {status: 200, media: "text/event-stream", body: `data: {"detail":"no"}` + "\n\ndata: [DONE]\n\n"},
		"streamed errors":              {status: 200, media: "text/event-stream", body: `data: {"errors":[{"message":"no"}]}` + "\n\ndata: [DONE]\n\n"},
		"streamed message and code":    {status: 200, media: "text/event-stream", body: `data: {"message":"no","code":500}` + "\n\ndata: [DONE]\n\n"},
		"streamed success, false":      {status: 200, media: "text/event-stream", body: `data: {"success":false}` + "\n\ndata: [DONE]\n\n"},
		"another object":               {status: 200, media: "application/json", body: `{"status":"ok"}`},
		"error, says text":             {status: 200, media: "text/plain", body: `{"error":{"message":"no"}}`},
		"error, says HTML":             {status: 200, media: "text/html", body: `{"error":{"message":"no"}}`},
		"error, without media type":    {status: 200, body: `{"error":{"message":"no"}}`},
		"error, says text/json":        {status: 200, media: "text/json; charset=utf-8", body: `{"error":{"message":"no"}}`},
		"error as problem":             {status: 200, media: "application/problem+json", body: `{"error":{"message":"no"},"status":500}`},
	}
	for name, media := range map[string]string{
		"JSON": "application/json", "text": "text/plain", "HTML": "text/html; charset=utf-8", "nothing": "", "text/json": "text/json",
	} {
		for what, body := range map[string]string{
			"empty": "", "blank": " \r\n\t", "HTML": page, "a text": "upstream request timeout", "a list": "[]", "a string": `"ok"`, "null": "null", "true": "true",
		} {
			odd[what+" that says "+name] = oddResponse{status: 200, media: media, body: body}
		}
	}
	return odd
}

// oddServer sends one response, and counts the bodies that a client holds on to.
type oddServer struct {
	*httptest.Server
	odd  oddResponse
	open atomic.Int64 // bodies that are neither read to their end nor closed
}

func newOddServer(tb testing.TB) (*oddServer, *openai.Client) {
	s := &oddServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		io.Copy(io.Discard, req.Body)
		w.Header()["Content-Type"] = nil
		if s.odd.media != "" {
			w.Header().Set("Content-Type", s.odd.media)
		}
		if s.odd.encoding != "" {
			w.Header().Set("Content-Encoding", s.odd.encoding)
		}
		w.Header().Set("X-Request-Id", "req_1")
		w.WriteHeader(s.odd.status)
		io.WriteString(w, s.odd.body)
	}))
	tb.Cleanup(s.Close)
	c := newClient(tb, client.WithBaseURL(s.URL), client.WithAPIKey("k"), client.WithMaxRetries(0), client.WithMiddleware(s.watch))
	return s, c
}

// watch counts bodies.
func (s *oddServer) watch(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(req)
		if err == nil {
			s.open.Add(1)
			resp.Body = &watchedBody{ReadCloser: resp.Body, done: sync.OnceFunc(func() { s.open.Add(-1) })}
		}
		return resp, err
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// watchedBody reports when a body no longer holds its connection.
type watchedBody struct {
	io.ReadCloser
	done func()
}

func (b *watchedBody) Close() error {
	b.done()
	return b.ReadCloser.Close()
}

// oddCalls are the ways to make a call whose response is not the declared one.
var oddCalls = map[string]func(context.Context, *openai.Client) error{
	"Call, chat": func(ctx context.Context, c *openai.Client) error {
		_, err := c.Call(ctx, "createChatCompletion", chatRequest)
		return err
	},
	"Call, embedding": func(ctx context.Context, c *openai.Client) error {
		_, err := c.Call(ctx, "createEmbedding", client.Params{"model": "m", "input": "a"})
		return err
	},
	"Chat": func(ctx context.Context, c *openai.Client) error {
		_, err := c.Chat(ctx, chatRequest)
		return err
	},
	"Respond": func(ctx context.Context, c *openai.Client) error {
		_, err := c.Respond(ctx, openai.RespondRequest{Model: "m", Input: "a"})
		return err
	},
	"Stream": func(ctx context.Context, c *openai.Client) error {
		s, err := c.Stream(ctx, "createChatCompletion", chatRequest)
		if err != nil {
			return err
		}
		_, err = s.Final()
		return err
	},
	"ChatStream, text": func(ctx context.Context, c *openai.Client) error {
		s, err := c.ChatStream(ctx, chatRequest)
		if err != nil {
			return err
		}
		for _, err := range s.Text() {
			if err != nil {
				return err
			}
		}
		return nil
	},
	"RespondStream": func(ctx context.Context, c *openai.Client) error {
		s, err := c.RespondStream(ctx, openai.RespondRequest{Model: "m", Input: "a"})
		if err != nil {
			return err
		}
		_, err = s.Final()
		return err
	},
	"Parse": func(ctx context.Context, c *openai.Client) error {
		_, err := openai.Parse[recipe](ctx, c, chatRequest)
		return err
	},
	"ParseStream": func(ctx context.Context, c *openai.Client) error {
		s, err := openai.ParseStream[recipe](ctx, c, openai.RespondRequest{Model: "m", Input: "a"})
		if err != nil {
			return err
		}
		_, err = s.Final()
		return err
	},
	"RunTools": func(ctx context.Context, c *openai.Client) error {
		_, err := c.RunTools(ctx, openai.RespondRequest{Model: "m", Input: "a"}).Final()
		return err
	},
	"RunTools, streaming": func(ctx context.Context, c *openai.Client) error {
		_, err := c.RunTools(ctx, chatRequest, openai.Streaming()).Final()
		return err
	},
}

var chatRequest = openai.ChatRequest{Model: "m", Messages: []openai.Message{openai.User("Hello")}}

// TestOddResponsesAreErrors: no success that is not the declared response passes
// for one, and none keeps its connection.
func TestOddResponsesAreErrors(t *testing.T) {
	server, c := newOddServer(t)
	odd := oddResponses()
	if len(odd) < 60 {
		t.Fatalf("got %d responses, want at least 60", len(odd))
	}
	for name, response := range odd {
		server.odd = response
		for way, call := range oddCalls {
			err := call(t.Context(), c)
			if n := server.open.Swap(0); n != 0 {
				t.Errorf("%s, %s: the body is still open", name, way)
			}
			var reported *client.APIError
			var unusable *client.ResponseError
			var truncated *client.TruncatedError
			var event *client.EventError
			switch {
			case errors.As(err, &unusable):
				if unusable.StatusCode != response.status || unusable.Header.Get("X-Request-Id") != "req_1" || unusable.RequestID != "req_1" {
					t.Errorf("%s, %s: got status %d and header %v", name, way, unusable.StatusCode, unusable.Header)
				}
			case errors.As(err, &reported):
				if reported.StatusCode != response.status || reported.Message == "" {
					t.Errorf("%s, %s: got %+v", name, way, reported)
				}
			case errors.As(err, &truncated), errors.As(err, &event):
			default:
				t.Errorf("%s, %s: got %v, want an error of the response", name, way, err)
			}
			if err != nil && len(err.Error()) > 1000 {
				t.Errorf("%s, %s: got %d bytes of text", name, way, len(err.Error()))
			}
		}
	}
}

// TestOddResponsesSayWhatToDo holds the lines that users see most.
func TestOddResponsesSayWhatToDo(t *testing.T) {
	server, c := newOddServer(t)
	const hint = `; is the base URL right? It ends in "/v1"`
	for name, test := range map[string]struct {
		odd  oddResponse
		want string
	}{
		"HTML":          {oddResponse{status: 200, media: "text/html", body: page}, `got "text/html", want application/json: Sign in` + hint + ` (request req_1)`},
		"HTML as JSON":  {oddResponse{status: 200, media: "application/json", body: page}, `got HTML under the name of JSON: Sign in` + hint + ` (request req_1)`},
		"text":          {oddResponse{status: 200, media: "text/plain", body: "no\nhealthy upstream"}, `got "text/plain", want application/json: no healthy upstream` + hint + ` (request req_1)`},
		"nothing":       {oddResponse{status: 204}, `got 204 No Content without a body, want application/json (request req_1)`},
		"event stream":  {oddResponse{status: 200, media: "text/event-stream", body: "data: {}\n\n"}, `got an event stream, want application/json; Stream reads event streams (request req_1)`},
		"compressed":    {oddResponse{status: 200, media: "application/json", body: "\x01", encoding: "br"}, `got a body in Content-Encoding "br", which was not asked for`},
		"a list":        {oddResponse{status: 200, media: "application/json", body: "[]"}, `the response is not what is declared: got an array, want object`},
		"detail":        {oddResponse{status: 200, media: "application/json", body: `{"detail":"Not Found"}`}, `got an object that has none of the declared properties: Not Found` + hint},
		"error":         {oddResponse{status: 200, media: "application/json", body: `{"error":{"message":"slow down","code":429}}`}, `429: slow down (request req_1)`},
		"choice failed": {oddResponses()["error in a choice"], `502: overloaded (request req_1)`},
		"no message":    {oddResponse{status: 200, media: "application/json", body: `{"id":"c","object":"text_completion","choices":[{"index":0,"text":"Hello","finish_reason":"stop"}]}`}, `got a response without choices.0.message, want a message (request req_1)`},
		"a null":        {oddResponse{status: 200, media: "application/json", body: `{"id":"c","object":"chat.completion","choices":[{"index":0,"message":null,"finish_reason":"stop"}]}`}, `got a response without choices.0.message, want a message (request req_1)`},
		"no choices":    {oddResponse{status: 200, media: "application/json", body: `{"id":"c","object":"chat.completion","choices":[]}`}, `got a response without choices, want a choice (request req_1)`},
	} {
		server.odd = test.odd
		_, err := c.Chat(t.Context(), chatRequest)
		if want := "createChatCompletion: " + test.want; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s:\ngot  %v\nwant %s", name, err, want)
		}
	}
}

// TestOddResponsesLeakNothing makes a thousand calls whose bodies nobody closes.
func TestOddResponsesLeakNothing(t *testing.T) {
	server, c := newOddServer(t)
	server.odd = oddResponse{status: 200, media: "text/html", body: strings.Repeat(page, 1000)}
	calls := 1000
	if testing.Short() {
		calls = 100
	}
	for range calls {
		if _, err := c.Chat(t.Context(), chatRequest); err == nil {
			t.Fatal("got no error")
		}
	}
	if n := server.open.Load(); n != 0 {
		t.Errorf("%d bodies are still open", n)
	}
}
