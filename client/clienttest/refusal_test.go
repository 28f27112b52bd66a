package clienttest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

// request is what a test sends without opcall's client, mistakes and all.
type request struct {
	method, path string // under the server's URL
	header       string // lines "Name: value"; "Authorization: Bearer k" is added unless there is one
	body         string
}

// send sends a request and returns the status, header and body of the answer.
func send(t testing.TB, server *clienttest.Server, r request) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), r.method, server.URL()+r.path, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(r.header) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		req.Header.Add(name, value)
	}
	if !strings.Contains(r.header, "Authorization") {
		req.Header.Set("Authorization", "Bearer k")
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

// refusal is an error in the form of the API.
type refusal struct {
	Error struct {
		Message, Type string
		Param, Code   *string
	}
}

const (
	chat      = "/chat/completions"
	jsonBody  = "Content-Type: application/json"
	multipart = "Content-Type: multipart/form-data; boundary=b"
)

func TestRequestsThatBreakTheDocumentAreRefused(t *testing.T) {
	tests := map[string]struct {
		zoo     bool // against the document in testdata
		request request
		status  int
		code    string
		param   string
		message []string // each a part of it
	}{
		"unknown path": {
			request: request{method: "POST", path: "/chat/completion"},
			status:  404, code: "unknown_url", message: []string{"POST /chat/completion", "did you mean POST /chat/completions"},
		},
		"unknown path with an ID": {
			request: request{method: "GET", path: "/file/file-123"},
			status:  404, code: "unknown_url", message: []string{"GET /files/{file_id}"},
		},
		"empty path":   {request: request{method: "GET", path: ""}, status: 404, code: "unknown_url", message: []string{`under "/v1/"`}},
		"wrong method": {request: request{method: "PUT", path: chat}, status: 405, code: "method_not_supported", message: []string{"got PUT /chat/completions, want GET or POST"}},
		"no key": {
			request: request{method: "GET", path: "/models", header: "Authorization: Bearer "},
			status:  401, code: "invalid_api_key", message: []string{"listModels: got no credential for ApiKeyAuth", "Authorization: Bearer"},
		},
		"missing fields": {
			request: request{method: "POST", path: chat, header: jsonBody, body: `{"messages":[{"role":"user","content":"Hi"}]}`},
			status:  400, code: "missing_required_parameter", param: "model", message: []string{"createChatCompletion: ", `missing property "model"`},
		},
		"wrong type deep inside": {
			request: request{method: "POST", path: chat, header: jsonBody, body: `{"model":"m","messages":[{"role":"user","content":1}]}`},
			status:  400, param: "messages.0.content", code: "invalid_type", message: []string{"/messages/0/content: got number 1"},
		},
		"unknown field": {
			request: request{method: "POST", path: chat, header: jsonBody, body: `{"model":"m","messages":[{"role":"user","content":"Hi"}],"temprature":1}`},
			status:  400, code: "unknown_parameter", param: "temprature", message: []string{"temperature"},
		},
		"out of bounds": {
			request: request{method: "POST", path: chat, header: jsonBody, body: `{"model":"m","messages":[{"role":"user","content":"Hi"}],"temperature":3}`},
			status:  400, code: "invalid_value", param: "temperature", message: []string{"3", "2"},
		},
		"several mistakes": {
			request: request{method: "POST", path: chat, header: jsonBody, body: `{"model":1,"messages":[{"role":"user","content":"Hi"}],"temperature":3}`},
			status:  400, code: "", param: "model", message: []string{"2 problems", "/model", "/temperature"},
		},
		"no JSON":           {request: request{method: "POST", path: chat, header: jsonBody, body: `{"model":`}, status: 400, code: "invalid_value", message: []string{"JSON"}},
		"no body":           {request: request{method: "POST", path: chat}, status: 400, code: "missing_required_parameter", message: []string{"missing request body: application/json"}},
		"empty JSON":        {request: request{method: "POST", path: chat, header: jsonBody}, status: 400, code: "invalid_value"},
		"other media type":  {request: request{method: "POST", path: chat, header: "Content-Type: text/plain", body: "x"}, status: 415, code: "unsupported_media_type", message: []string{`got media type "text/plain", want application/json`}},
		"no media type":     {request: request{method: "POST", path: chat, body: "{}"}, status: 415, code: "unsupported_media_type"},
		"unexpected body":   {request: request{method: "GET", path: "/models", header: jsonBody, body: "{}"}, status: 400, code: "invalid_value", message: []string{"got a body of 2 bytes, but the operation takes none"}},
		"unknown query":     {request: request{method: "GET", path: "/files?limits=2"}, status: 400, code: "unknown_parameter", param: "limits", message: []string{`unknown query parameter "limits"; did you mean limit?`}},
		"wrong query type":  {request: request{method: "GET", path: "/files?limit=two"}, status: 400, code: "invalid_type", param: "limit", message: []string{`got string "two", want integer`}},
		"query given twice": {request: request{method: "GET", path: "/files?limit=1&limit=2"}, status: 400, param: "limit", message: []string{"limit"}},

		"path type":         {zoo: true, request: request{method: "GET", path: "/animals/one"}, status: 400, code: "invalid_type", param: "id", message: []string{"/id: got string"}},
		"query bound":       {zoo: true, request: request{method: "GET", path: "/animals?limit=101"}, status: 400, param: "limit"},
		"unknown in object": {zoo: true, request: request{method: "GET", path: "/animals?born[gt]=1"}, status: 400, code: "unknown_parameter", param: "born.gt"},
		"content parameter": {zoo: true, request: request{method: "GET", path: "/animals?filter=%7B"}, status: 400, param: "filter", message: []string{"JSON"}},
		"cookie":            {zoo: true, request: request{method: "GET", path: "/animals", header: "Cookie: night=dark"}, status: 400, param: "night", message: []string{"want boolean"}},
		"header of the document": {
			zoo: true, request: request{method: "POST", path: "/animals", header: jsonBody, body: `{"name":"Tom","kind":"cat"}`},
			status: 400, code: "missing_required_parameter", param: "Zoo-Beta", message: []string{`missing header "Zoo-Beta: animals=v2"`},
		},
		"other value in header of the document": {
			zoo: true, request: request{method: "POST", path: "/animals", header: jsonBody + "\nZoo-Beta: animals=v1", body: `{"name":"Tom","kind":"cat"}`},
			status: 400, param: "Zoo-Beta", message: []string{`got header "Zoo-Beta: animals=v1", want "Zoo-Beta: animals=v2"`},
		},
		"no key in the header": {zoo: true, request: request{method: "GET", path: "/media/x"}, status: 401, message: []string{`it in the header "X-Key"`}},
		"basic without user":   {zoo: true, request: request{method: "GET", path: "/media/x", header: "Authorization: Basic eA=="}, status: 401},
		"form field type":      {zoo: true, request: request{method: "POST", path: "/forms", header: multipart, body: parts("count", "many")}, status: 400, param: "count", message: []string{`got string "many"`}},
		"form field unknown":   {zoo: true, request: request{method: "POST", path: "/forms", header: multipart, body: parts("txet", "x")}, status: 400, code: "unknown_parameter", param: "txet", message: []string{"text"}},
		"form in brackets of a document without": {
			zoo: true, request: request{method: "POST", path: "/forms", header: multipart, body: parts("tags[]", "x")}, status: 400, code: "unknown_parameter", param: "tags[]",
		},
		"form field no JSON":    {zoo: true, request: request{method: "POST", path: "/forms", header: multipart, body: parts("extra", "{")}, status: 400, message: []string{`"extra" is not the JSON`}},
		"form without boundary": {zoo: true, request: request{method: "POST", path: "/forms", header: "Content-Type: multipart/form-data", body: "x"}, status: 400, code: "invalid_body", message: []string{"boundary"}},
		"form broken off":       {zoo: true, request: request{method: "POST", path: "/forms", header: multipart, body: strings.TrimSuffix(parts("text", "x"), "--\r\n")}, status: 400, code: "invalid_body"},
		"form part unnamed":     {zoo: true, request: request{method: "POST", path: "/forms", header: multipart, body: "--b\r\n\r\nx\r\n--b--\r\n"}, status: 400, code: "invalid_body", message: []string{"part 1 has no name"}},
		"urlencoded field":      {zoo: true, request: request{method: "POST", path: "/forms", header: "Content-Type: application/x-www-form-urlencoded", body: "count=x&nope=1"}, status: 400, code: "invalid_type", param: "count", message: []string{"2 problems", "nope"}},
	}
	builtIn, other := clienttest.NewServer(t), zooServer(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := builtIn
			if tt.zoo {
				server = other
			}
			status, header, body := send(t, server, tt.request)
			var got refusal
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatalf("got %d %s: %v", status, body, err)
			}
			if status != tt.status || got.Error.Type != "invalid_request_error" {
				t.Fatalf("got %d %s, want %d", status, body, tt.status)
			}
			if code := text(got.Error.Code); tt.code != "" && code != tt.code {
				t.Errorf("got code %q, want %q in %s", code, tt.code, body)
			}
			if param := text(got.Error.Param); param != tt.param {
				t.Errorf("got param %q, want %q in %s", param, tt.param, body)
			}
			for _, part := range tt.message {
				if !strings.Contains(got.Error.Message, part) {
					t.Errorf("got message %q, want it to hold %q", got.Error.Message, part)
				}
			}
			if header.Get("Content-Type") != "application/json" || !strings.HasPrefix(header.Get("X-Request-Id"), "req_test_") {
				t.Errorf("got header %v", header)
			}
		})
	}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// parts writes a form of names and values with the boundary b.
func parts(namesAndValues ...string) string {
	var b strings.Builder
	for i := 0; i < len(namesAndValues); i += 2 {
		b.WriteString("--b\r\nContent-Disposition: form-data; name=\"" + namesAndValues[i] + "\"\r\n\r\n" + namesAndValues[i+1] + "\r\n")
	}
	return b.String() + "--b--\r\n"
}

func TestRefusedRequestsAreRecordedWithTheReason(t *testing.T) {
	server := clienttest.NewServer(t)
	send(t, server, request{method: "POST", path: chat, header: jsonBody, body: `{"model":1}`})
	sent := server.LastRequest("createChatCompletion")
	if sent == nil || sent.Refusal == nil {
		t.Fatalf("got %+v, want a refused request", sent)
	}
	if sent.Refusal.Status != 400 || sent.Refusal.Error() != sent.Refusal.Message {
		t.Errorf("got %+v", sent.Refusal)
	}
	if _, ok := sent.Refusal.Unwrap().(*schema.ValidationError); !ok {
		t.Errorf("got %v, want a *schema.ValidationError", sent.Refusal.Unwrap())
	}
	if string(sent.Body) != `{"model":1}` {
		t.Errorf("got body %s", sent.Body)
	}
}

func TestMethodNotAllowedNamesTheMethods(t *testing.T) {
	_, header, _ := send(t, clienttest.NewServer(t), request{method: "PATCH", path: "/models/m"})
	if got, want := header.Get("Allow"), "GET, DELETE"; got != want {
		t.Errorf("got Allow %q, want %q", got, want)
	}
}

func TestCredentialsOfEveryKindAreTaken(t *testing.T) {
	server := zooServer(t)
	for name, r := range map[string]request{
		"header": {path: "/media/x", header: "X-Key: k"},
		"query":  {path: "/media/x?key=k"},
		"cookie": {path: "/media/x", header: "Cookie: session=k"},
		"basic":  {path: "/media/x", header: "Authorization: Basic dTpw"},
		"bearer": {path: "/animals/1", header: "Authorization: bearer k"},
	} {
		t.Run(name, func(t *testing.T) {
			r.method = "GET"
			if status, _, body := send(t, server, r); status != 200 {
				t.Errorf("got %d %s", status, body)
			}
		})
	}
	t.Run("none needed", func(t *testing.T) {
		r := request{method: "POST", path: "/forms", header: "Authorization: none"}
		if status, _, body := send(t, server, r); status != 200 {
			t.Errorf("got %d %s", status, body)
		}
	})
}
