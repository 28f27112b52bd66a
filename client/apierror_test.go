package client

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/shared"
)

func TestAPIErrorReadsBodiesOfEachShape(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		want   APIError
	}{
		"openai": {
			400, `{"error":{"message":"no such model","type":"invalid_request_error","param":"model","code":"model_not_found"}}`,
			APIError{Type: "invalid_request_error", Param: "model", Code: "model_not_found", Message: "no such model"},
		},
		"openai, all null but the message": {
			400, `{"error":{"message":"no","type":null,"param":null,"code":null}}`,
			APIError{Message: "no"},
		},
		"openai, message null": {
			500, `{"error":{"message":null,"type":"server_error","param":null,"code":null}}`,
			APIError{Type: "server_error", Message: "Internal Server Error"},
		},
		"numeric code": {
			404, `{"error":{"message":"no","code":404}}`,
			APIError{Code: "404", Message: "no"},
		},
		"parameters in a list": {
			400, `{"error":{"message":"no","param":["a","b"]}}`,
			APIError{Param: `["a","b"]`, Message: "no"},
		},
		"error is text":        {400, `{"error":" no "}`, APIError{Message: "no"}},
		"error is null":        {500, `{"error":null}`, APIError{Message: `{"error":null}`}},
		"error and message":    {404, `{"error":"not_found","message":"no such file"}`, APIError{Code: "not_found", Message: "no such file"}},
		"oauth":                {401, `{"error":"invalid_token","error_description":"expired"}`, APIError{Code: "invalid_token", Message: "expired"}},
		"message":              {403, `{"message":"no"}`, APIError{Message: "no"}},
		"message with capital": {403, `{"Message":"no"}`, APIError{Message: "no"}},
		"vllm": {
			404, `{"object":"error","message":"no","type":"NotFoundError","param":null,"code":404}`,
			APIError{Type: "NotFoundError", Code: "404", Message: "no"},
		},
		"detail is text": {404, `{"detail":"Not Found here"}`, APIError{Message: "Not Found here"}},
		"detail is a list": {
			422, `{"detail":[{"loc":["body","messages",0],"msg":"field required","type":"missing"},{"loc":["body","n"],"msg":"not an integer","type":"int"}]}`,
			APIError{Type: "missing", Param: "body.messages.0", Message: "body.messages.0: field required; body.n: not an integer"},
		},
		"detail inside message": {
			422, `{"object":"error","message":{"detail":[{"type":"missing","loc":["body","x"],"msg":"no"}]},"type":"invalid_request_error"}`,
			APIError{Type: "missing", Param: "body.x", Message: "body.x: no"},
		},
		"errors":       {400, `{"errors":[{"message":"one","code":"a"},{"message":"two"}]}`, APIError{Code: "a", Message: "one; two"}},
		"errors, many": {400, `{"errors":["1","2","3","4","5","6","7"]}`, APIError{Message: "1; 2; 3; 4; 5; …"}},
		"errors, the first too late": {
			400, `{"errors":[` + strings.Repeat("{},", 100) + `"late"]}`,
			APIError{Message: `{"errors":[` + strings.Repeat("{},", 100) + `"late"]}`},
		},
		"in an array":         {400, `[{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}}]`, APIError{Code: "400", Type: "INVALID_ARGUMENT", Message: "no"}},
		"rfc 9457":            {403, `{"type":"https://x.example/credit","title":"No credit","detail":"30 short","status":403}`, APIError{Type: "https://x.example/credit", Message: "30 short"}},
		"rfc 9457, no detail": {403, `{"type":"about:blank","title":"No credit"}`, APIError{Type: "about:blank", Message: "No credit"}},
		"request ID in body": {
			529, `{"type":"error","error":{"type":"overloaded_error","message":"busy"},"request_id":"req_9"}`,
			APIError{Type: "overloaded_error", Message: "busy", RequestID: "req_9"},
		},
		"event of a stream": {
			200, `{"type":"error","code":"server_error","message":"no","param":null,"sequence_number":3}`,
			APIError{Code: "server_error", Message: "no"},
		},
		"event of a stream without a message": {200, ``, APIError{Message: "error without a message"}},
		"json string":                         {500, `"no"`, APIError{Message: "no"}},
		"json without a message":              {500, `{"a":1}`, APIError{Message: `{"a":1}`}},
		"json that breaks off":                {500, `{"error":{"message":"no","type":"server_error","par`, APIError{Message: "no", Type: "server_error"}},
		"json behind a byte order mark":       {500, "\ufeff" + `{"error":"no"}`, APIError{Message: "no"}},
		"html": {
			502, "<!DOCTYPE html><html>\n<head><title>\n 502 Bad&nbsp;Gateway &amp; more</title></head><body>x</body>",
			APIError{Message: "502 Bad Gateway & more"},
		},
		"html without a title": {
			503, "<html><style>p{}</style><SCRIPT>if (a<b) {}</SCRIPT><!-- <p>no</p> --><h1>Come</h1><p>back\nlater</p>",
			APIError{Message: "Come back later"},
		},
		"html, script without an end": {503, "<p>a</p><script>b", APIError{Message: "a"}},
		"xml":                         {404, `<?xml version="1.0"?><Error><Code>BlobNotFound</Code><Message>no blob</Message></Error>`, APIError{Message: "BlobNotFound no blob"}},
		"plain text":                  {500, "upstream\r\n\tfailed \x1b[31m", APIError{Message: "upstream failed [31m"}},
		"plain text, long":            {500, strings.Repeat("é", 400), APIError{Message: strings.Repeat("é", 250) + "…"}},
		"binary":                      {500, "\x1f\x8b\x00\x01", APIError{Message: "Internal Server Error"}},
		"empty":                       {429, "", APIError{Message: "Too Many Requests"}},
		"empty object":                {429, "{}", APIError{Message: "Too Many Requests"}},
		"empty, unknown status":       {599, " \n", APIError{Message: "error without a message"}},
		"key in the message": {
			401, `{"error":{"message":"Incorrect API key provided: sk-proj-abc***wxyz. See \u0073k-live0123456789","code":"sk-0123456789"}}`,
			APIError{Code: "***", Message: "Incorrect API key provided: ***. See ***"},
		},
		"words that look like keys": {400, `{"error":"use the desk-lamp task-force-one or sk-learn"}`, APIError{Message: "use the desk-lamp task-force-one or sk-learn"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := newAPIError("op", test.status, nil, []byte(test.body))
			test.want.StatusCode, test.want.Operation = test.status, "op"
			if diff := cmp.Diff(&test.want, got, cmpopts.IgnoreFields(APIError{}, "Body")); diff != "" {
				t.Errorf("newAPIError(%d, %s) (-want +got):\n%s", test.status, test.body, diff)
			}
			if string(got.Body) != test.body {
				t.Errorf("Body = %q, want it as received: %q", got.Body, test.body)
			}
		})
	}
}

func TestNewAPIErrorKeepsCompressedBody(t *testing.T) {
	e := newAPIError("op", 500, http.Header{"Content-Encoding": {"br"}}, []byte("compressed"))
	if e.Message != "Internal Server Error" || string(e.Body) != "compressed" {
		t.Errorf("got message %q and body %q", e.Message, e.Body)
	}
}

func TestAPIErrorSaysCodeAndParameterOnce(t *testing.T) {
	long := strings.Repeat("x", 5000)
	tests := map[string]struct {
		give APIError
		want string
	}{
		"all": {
			APIError{
				Operation: "createChatCompletion", StatusCode: 429, Type: "requests", Code: "rate_limit_exceeded", Param: "model",
				Message: "Rate limit\nreached", RequestID: "req_1", Attempts: 3, RetryAfter: 90 * time.Second,
			},
			"createChatCompletion: 429 rate_limit_exceeded: Rate limit reached (parameter model, request req_1, 3 attempts, retry after 1m30s)",
		},
		"type in place of a code":    {APIError{Operation: "op", StatusCode: 500, Type: "server_error", Message: "no"}, "op: 500 server_error: no"},
		"code repeats the status":    {APIError{Operation: "op", StatusCode: 404, Type: "NotFoundError", Code: "404", Message: "no"}, "op: 404 NotFoundError: no"},
		"neither code nor type":      {APIError{Operation: "op", StatusCode: 502, Message: "upstream"}, "op: 502 Bad Gateway: upstream"},
		"message repeats the status": {APIError{Operation: "op", StatusCode: 502, Message: "Bad Gateway", Attempts: 1}, "op: 502 Bad Gateway"},
		"message names the parameter": {
			APIError{StatusCode: 400, Code: "bad", Param: "model", Message: "model is not known"}, "400 bad: model is not known",
		},
		"inside a stream":              {APIError{Operation: "op", StatusCode: 200, Code: "server_error", Message: "no"}, "op: server_error: no"},
		"inside a stream, only a text": {APIError{Operation: "op", StatusCode: 200, Message: "no"}, "op: no"},
		"control characters":           {APIError{StatusCode: 400, Code: "a\x00b", Message: "\x1b]0;no\u202e\xff!", RequestID: "r\r\n"}, "400 a b: ]0;no ! (request r)"},
		"bounded": {
			APIError{StatusCode: 400, Code: long, Param: "p" + long, Message: "m" + long, RequestID: long},
			"400 " + long[:100] + "…: m" + long[:499] + "… (parameter p" + long[:99] + "…, request " + long[:100] + "…)",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.give.Error(); got != test.want {
				t.Errorf("Error()\n got: %s\nwant: %s", got, test.want)
			}
		})
	}
}

func TestRequestIDIsFoundUnderEveryHostsName(t *testing.T) {
	tests := map[string]struct {
		header http.Header
		want   string
	}{
		"openai":           {http.Header{"X-Request-Id": {"a"}, "Request-Id": {"b"}}, "a"},
		"openai fallback":  {http.Header{"Openai-Request-Id": {"a"}, "Request-Id": {"b"}}, "a"},
		"plain":            {http.Header{"Request-Id": {"a"}}, "a"},
		"azure management": {http.Header{"Apim-Request-Id": {"a"}}, "a"},
		"none":             {nil, ""},
		"a key":            {http.Header{"X-Request-Id": {"id of my-own-key, sk-abcdefgh"}}, "id of ***, ***"},
		"two lines":        {http.Header{"X-Request-Id": {"a\nFORGED \x1b[31m"}}, "a FORGED [31m"},
		"long":             {http.Header{"X-Request-Id": {strings.Repeat("x", 1<<20)}}, strings.Repeat("x", maxName) + "…"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := requestID(test.header, []string{"my-own-key"}); got != test.want {
				t.Errorf("requestID(%v) = %q, want %q", test.header, got, test.want)
			}
		})
	}
}

func TestSecretsOfARequestAreAllFound(t *testing.T) {
	req := &http.Request{
		Header: http.Header{
			"Authorization": {"Bearer token-of-mine"},
			"Api-Key":       {"azure-key-0", "short"},
			"Accept":        {"application/json"},
		},
		URL: &url.URL{
			Scheme: "https", Host: "h.example", User: url.UserPassword("me", "pass/word"),
			RawQuery: "api_key=query%2Fkey-1&limit=123456789",
		},
	}
	want := []string{"Bearer token-of-mine", "query%2Fkey-1", "token-of-mine", "azure-key-0", "pass%2Fword", "query/key-1", "pass/word"}
	if diff := cmp.Diff(want, secrets(req)); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
}

func TestRedactedErrorsKeepTheirCause(t *testing.T) {
	cause := errors.New("refused, sent hunter2-hunter2")
	tests := map[string]struct {
		give error
		want string
	}{
		"clean":       {errors.New("refused"), "refused"},
		"secret":      {cause, "refused, sent ***"},
		"outer URL":   {&url.Error{Op: "Get", URL: "https://a.example/?q=1", Err: errors.New("refused")}, "refused"},
		"inner URL":   {&url.Error{Err: &url.Error{Op: "Get", URL: "https://u:p@a.example/b?q=1#f", Err: cause}}, `Get "https://a.example/b": refused, sent ***`},
		"strange URL": {&url.Error{Err: &url.Error{Op: "Get", URL: "://x", Err: errors.New("refused")}}, `Get "***": refused`},
		"empty URL":   {&url.Error{Err: &url.Error{Op: "Get", Err: errors.New("refused")}}, `Get "": refused`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := redactError(test.give, []string{"hunter2-hunter2"})
			if got.Error() != test.want {
				t.Errorf("redactError\n got: %s\nwant: %s", got, test.want)
			}
			if errors.Is(test.give, cause) != errors.Is(got, cause) {
				t.Error("the cause got lost")
			}
		})
	}
}

// Every recorded error names all that its body and headers hold.
func TestRecordedErrorsNameAllTheyHold(t *testing.T) {
	count := 0
	for _, row := range shared.Interactions(t) {
		if row.Status < 200 || row.Status >= 300 {
			count++
			checkRecorded(t, row.Source, row.Status, row.ResponseHeader, row.ResponseBody)
		}
	}
	if count != 46 {
		t.Errorf("got %d recorded errors, want 46", count)
	}
	var rows []struct {
		File    string
		Status  int
		Headers http.Header
	}
	if err := json.Unmarshal(shared.Read(t, "recorded", "errors", "manifest.json"), &rows); err != nil || len(rows) != 11 {
		t.Fatalf("got %d rows in the manifest (%v), want 11", len(rows), err)
	}
	for _, row := range rows {
		checkRecorded(t, row.File, row.Status, row.Headers, string(shared.Read(t, "recorded", row.File)))
	}
}

func checkRecorded(t *testing.T, source string, status int, recorded http.Header, body string) {
	t.Helper()
	header := http.Header{}
	for name, values := range recorded { // recordings keep the case of the wire
		header[http.CanonicalHeaderKey(name)] = values
	}
	in := gjson.Get(body, "error")
	want := &APIError{
		StatusCode: status,
		Type:       in.Get("type").String(),
		Code:       in.Get("code").String(),
		Param:      in.Get("param").String(),
		Message:    in.Get("message").String(),
		RequestID:  header.Get("X-Request-Id"),
		Header:     header,
		Body:       []byte(body),
		Operation:  "op",
	}
	got := newAPIError("op", status, header, []byte(body))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", source, diff)
	}
	if want.Message == "" || want.Type == "" || !strings.Contains(got.Error(), want.Message) {
		t.Errorf("%s: Error() = %s", source, got.Error())
	}
}

func FuzzNewAPIError(f *testing.F) {
	const secret = "hunter2-hunter2"
	for _, body := range []string{
		`{"error":{"message":"no","type":"t","param":null,"code":7}}`, `[{"error":"` + secret + `"}]`, `{"detail":[{"loc":["a",1],"msg":"b"}]}`,
		"<title>a</title>", "<script", "<!--", "{\"error\":{\"message\":\"\\u0068unter2-hunter2", "[[[[[[[[", "\ufeff\"x", "a" + secret + "\xff",
	} {
		f.Add(429, []byte(body), "1.5")
	}
	f.Fuzz(func(t *testing.T, status int, body []byte, after string) {
		header := http.Header{"Retry-After": {after}}
		e := newAPIError("op", status, header, body, secret)
		text := e.Error()
		if text != e.Error() {
			t.Errorf("Error() differs from itself: %q", text)
		}
		if e.Message == "" || e.RetryAfter < 0 {
			t.Errorf("message %q, retry after %v", e.Message, e.RetryAfter)
		}
		if len(text) > 1200 || !utf8.ValidString(text) || strings.ContainsAny(text, "\r\n\x00\x1b") {
			t.Errorf("Error() is not one bounded line: %q", text)
		}
		if strings.Contains(text, secret) {
			t.Errorf("Error() shows the secret: %q", text)
		}
	})
}
