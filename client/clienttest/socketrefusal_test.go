package clienttest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/clienttest"
)

// dial opens a socket as a stranger's program would.
func dial(t *testing.T, url string, header http.Header, subprotocols ...string) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	conn, resp, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, HTTPHeader: header, Subprotocols: subprotocols,
	})
	if err == nil {
		t.Cleanup(func() { conn.CloseNow() })
	}
	return conn, resp, err
}

func TestSocketHandshakeIsValidated(t *testing.T) {
	authorized := http.Header{"Authorization": {"Bearer key"}}
	tests := map[string]struct {
		target       string
		header       http.Header
		subprotocols []string
		status       int
		code         string // of the refusal
		socket       string // that it is for
		chosen       string // subprotocol
	}{
		"realtime":                  {"/realtime?model=m", authorized, []string{"realtime"}, 101, "", "realtime", "realtime"},
		"without a subprotocol":     {"/realtime?model=m", authorized, nil, 101, "", "realtime", ""},
		"unknown subprotocol":       {"/realtime?model=m", authorized, []string{"mqtt"}, 101, "", "realtime", ""},
		"as browsers do":            {"/realtime", nil, []string{"realtime", "openai-insecure-api-key.ek_1"}, 101, "", "realtime", "realtime"},
		"beta":                      {"/realtime", http.Header{"Authorization": {"Bearer key"}, "Openai-Beta": {"a=b, realtime=v1"}}, nil, 101, "", "realtime-beta", ""},
		"translation":               {"/realtime/translations", authorized, nil, 101, "", "realtime-translation", ""},
		"responses":                 {"/responses", authorized, nil, 101, "", "responses", ""},
		"no credential":             {"/realtime?modle=m", nil, []string{"realtime"}, 401, "invalid_api_key", "realtime", ""},
		"empty credential":          {"/realtime", nil, []string{"openai-insecure-api-key."}, 401, "invalid_api_key", "realtime", ""},
		"unknown parameter":         {"/realtime?modle=m", authorized, nil, 400, "unknown_parameter", "realtime", ""},
		"parameter of another":      {"/responses?model=m", authorized, nil, 400, "unknown_parameter", "responses", ""},
		"a socket that there isn't": {"/real", authorized, nil, 404, "unknown_url", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := clienttest.NewServer(t)
			conn, resp, err := dial(t, server.URL()+tt.target, tt.header, tt.subprotocols...)
			if resp == nil || resp.StatusCode != tt.status {
				t.Fatalf("got %v, %v, want status %d", resp, err, tt.status)
			}
			if err == nil && conn.Subprotocol() != tt.chosen {
				t.Errorf("got subprotocol %q, want %q", conn.Subprotocol(), tt.chosen)
			}
			got := server.Requests()[0]
			code := ""
			if got.Refusal != nil {
				code = got.Refusal.Code
			}
			if got.Operation != tt.socket || code != tt.code || resp.Header.Get("X-Request-Id") != got.ID {
				t.Errorf("got operation %q, refusal %v, want %q, %q", got.Operation, got.Refusal, tt.socket, tt.code)
			}
			if tt.socket == "realtime" && strings.Contains(tt.target, "model=") && got.Param("model").String() != "m" {
				t.Errorf("got model %q", got.Param("model"))
			}
			if err != nil {
				body, _ := io.ReadAll(resp.Body)
				if gjson.GetBytes(body, "error.code").String() != tt.code {
					t.Errorf("got %s, want code %q", body, tt.code)
				}
			}
		})
	}
}

// An event that is invalid gets an error event, and the socket goes on.
func TestInvalidSocketEventsGetAnErrorEvent(t *testing.T) {
	tests := map[string]struct{ path, sent, code, param string }{
		"realtime, no JSON":         {"/realtime", `{"type":`, "invalid_json", ""},
		"realtime, no type":         {"/realtime", `{}`, "missing_required_parameter", "type"},
		"realtime, unknown type":    {"/realtime", `{"type":"response.crate","event_id":"mine"}`, "invalid_value", "type"},
		"realtime, unknown field":   {"/realtime", `{"type":"response.create","event_id":"mine","respnse":{}}`, "unknown_parameter", "respnse"},
		"realtime, missing field":   {"/realtime", `{"type":"conversation.item.delete","event_id":"mine"}`, "missing_required_parameter", "item_id"},
		"realtime, wrong type":      {"/realtime", `{"type":"conversation.item.delete","event_id":"mine","item_id":5}`, "invalid_type", "item_id"},
		"realtime, no such item":    {"/realtime", `{"type":"conversation.item.retrieve","event_id":"mine","item_id":"a"}`, "item_retrieve_invalid_item_id", "item_id"},
		"responses, unknown field":  {"/responses", `{"type":"response.create","modle":"m"}`, "unknown_parameter", "modle"},
		"responses, no such before": {"/responses", `{"type":"response.create","previous_response_id":"a"}`, "previous_response_not_found", "previous_response_id"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := clienttest.NewServer(t)
			conn, _, err := dial(t, server.URL()+tt.path, http.Header{"Authorization": {"Bearer key"}})
			if err != nil {
				t.Fatal(err)
			}
			var got gjson.Result
			for range 2 { // the second time says that the socket goes on
				if err := conn.Write(t.Context(), websocket.MessageText, []byte(tt.sent)); err != nil {
					t.Fatal(err)
				}
				for got.Get("type").String() != "error" {
					_, data, err := conn.Read(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					got = gjson.ParseBytes(data)
				}
				if got.Get("error.code").String() != tt.code || got.Get("error.param").String() != tt.param {
					t.Errorf("got %s, want code %s, param %q", got, tt.code, tt.param)
				}
				if id := gjson.Get(tt.sent, "event_id").String(); id != got.Get("error.event_id").String() {
					t.Errorf("got event ID of %s, want %q", got, id)
				}
				got = gjson.Result{}
			}
			for _, name := range []string{"realtime", "responses"} {
				for _, e := range server.SocketEvents(name) {
					if e.Refusal == nil || e.Refusal.Code != tt.code || string(e.Data) != tt.sent || e.Request != server.Requests()[0] {
						t.Errorf("recorded %s: %v", e.Data, e.Refusal)
					}
				}
			}
		})
	}
}

func TestScriptOfUnknownSocketEndsTheTest(t *testing.T) {
	for name, call := range map[string]func(*clienttest.Server){
		"RespondSocket":     func(s *clienttest.Server) { s.RespondSocket("realtme", clienttest.SocketAnswer{}) },
		"RespondSocketFunc": func(s *clienttest.Server) { s.RespondSocketFunc("realtme", nil) },
		"RespondHandshake":  func(s *clienttest.Server) { s.RespondHandshake("realtme") },
		"SocketEvents":      func(s *clienttest.Server) { s.SocketEvents("realtme") },
	} {
		t.Run(name, func(t *testing.T) {
			server, err := clienttest.Start()
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			defer func() {
				if said, _ := recover().(string); !strings.Contains(said, "did you mean realtime") {
					t.Errorf("got panic %q", said)
				}
			}()
			call(server)
		})
	}
}
