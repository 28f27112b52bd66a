package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client/internal/extension"
)

func TestLogRecordsNameEachAttempt(t *testing.T) {
	const key = "secret-key-of-mine"
	errorBody := `{"error":{"message":"you sent ` + key + `","code":"rate"}}`
	header := http.Header{"X-Request-Id": {"req_1"}, "X-Secret": {key}, "Retry-After": {"2"}}
	tests := map[string]struct {
		exchanges []exchange
		retries   int
		want      string
	}{
		"success": {
			[]exchange{{status: 200, header: header}},
			2,
			"DEBUG request operation=createThing method=POST path=/things/{id} attempt=1 duration=0s status=200 request_id=req_1\n",
		},
		"retry": {
			[]exchange{{status: 429, header: header, body: errorBody}, {status: 200}},
			2,
			"INFO request to be retried operation=createThing method=POST path=/things/{id} attempt=1 duration=0s status=429 request_id=req_1 error=rate retry_in=2s\n" +
				"DEBUG request operation=createThing method=POST path=/things/{id} attempt=2 duration=0s status=200 request_id=\n",
		},
		"error": {
			[]exchange{{status: 400, header: header, body: errorBody}},
			2,
			"DEBUG request operation=createThing method=POST path=/things/{id} attempt=1 duration=0s status=400 request_id=req_1 error=rate\n",
		},
		"error without a code": {
			[]exchange{{status: 404, body: key}},
			0,
			"DEBUG request operation=createThing method=POST path=/things/{id} attempt=1 duration=0s status=404 request_id= error=Not Found\n",
		},
		"connection": {
			[]exchange{{err: errors.New("refused " + key)}},
			0,
			"DEBUG request operation=createThing method=POST path=/things/{id} attempt=1 duration=0s error=refused ***\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				records := &recorder{}
				s := (&script{exchanges: test.exchanges}).sender()
				s.maxRetries = test.retries
				req := newRequest(t.Context(), t, "POST", "https://user:"+key+"@api.example/things/"+key+"?api_key="+key, "body "+key)
				req.Header.Set("Authorization", "Bearer "+key)
				b := &Bound{settings: &settings{logger: slog.New(records)}, plan: &plan{
					name: s.operation, template: "/things/{id}", activity: func() extension.Activity { return extension.Activity{} },
				}}
				req, s.observed = b.observe(req, KindCall)
				if resp, err := s.send(req); err == nil {
					resp.Body.Close()
				}
				got := records.text.String()
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("records (-want +got):\n%s", diff)
				}
				if strings.Contains(got, key) {
					t.Error("the records show the key")
				}
			})
		})
	}
}

// recorder writes records as text.
type recorder struct{ text bytes.Buffer }

func (r *recorder) Enabled(context.Context, slog.Level) bool { return true }
func (r *recorder) WithAttrs([]slog.Attr) slog.Handler       { return r }
func (r *recorder) WithGroup(string) slog.Handler            { return r }

func (r *recorder) Handle(_ context.Context, record slog.Record) error {
	fmt.Fprintf(&r.text, "%v %s", record.Level, record.Message)
	record.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(&r.text, " %s=%v", a.Key, a.Value)
		return true
	})
	r.text.WriteByte('\n')
	return nil
}
