package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/schema"
)

// within is a transport that lets a handler respond in the same goroutine, so that the
// time of a synctest bubble goes on.
type within struct{ handler http.Handler }

func (w within) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if req.Body != nil {
		defer req.Body.Close()
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, req)
	r := rec.Result()
	r.Request = req
	return r, nil
}

// job is an object that comes to another state with each look.
type job struct {
	t       *testing.T
	op      *schema.Operation
	states  []string // the last one for ever
	reason  string   // JSON
	path    string   // of the reason
	headers map[string]string
	looks   []time.Time
	cancels []string // method and path
	respond func(look int, w http.ResponseWriter) bool
}

func (j *job) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Body != nil { // a client's request without one has none
		io.Copy(io.Discard, r.Body)
	}
	if r.Method == http.MethodPost {
		j.cancels = append(j.cancels, r.Method+" "+r.URL.Path)
		writeJSON(w, j.object("cancelled"))
		return
	}
	j.looks = append(j.looks, time.Now())
	for name, value := range j.headers {
		w.Header().Set(name, value)
	}
	if j.respond != nil && j.respond(len(j.looks), w) {
		return
	}
	writeJSON(w, j.object(j.states[min(len(j.looks)-1, len(j.states)-1)]))
}

func writeJSON(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, text)
}

// object is the job as the document describes it, in a state.
func (j *job) object(state string) string {
	response, _ := j.op.Response(200)
	text, err := sample.Typical(response.Content[0].Schema)
	if err != nil {
		j.t.Error(err)
	}
	object, err := sjson.Set(string(text), "status", state)
	if err == nil {
		object, err = sjson.Set(object, "id", "job_1")
	}
	if err == nil && j.reason != "" {
		object, err = sjson.SetRaw(object, j.path, j.reason)
	}
	if err != nil {
		j.t.Error(err)
	}
	return object
}

func jobClient(t *testing.T, opts ...client.Option) (*client.Client, *job) {
	t.Helper()
	j := &job{t: t}
	opts = append([]client.Option{
		client.WithHTTPClient(&http.Client{Transport: within{j}}), client.WithAPIKey("sk-of-the-test"), client.WithMaxRetries(0), client.WithBaseURL("http://api.test/v1"),
	}, opts...)
	return newClient(t, opts...), j
}

// waits are the operations that x-opcall-wait names, with what it says of them.
func waits(doc *schema.Document) (all []*schema.Operation) {
	for op := range doc.Operations() {
		if _, ok := op.Extension("x-opcall-wait"); ok {
			all = append(all, op)
		}
	}
	return all
}

func stringsAt(text, path string) (all []string) {
	for _, v := range gjson.Get(text, path).Array() {
		all = append(all, v.String())
	}
	return all
}

// Every operation that the overlay names is waited for: to its success, each failure,
// the limit, the end of the context, and a state that the overlay does not know.
func TestWaitOfEveryOperationOfTheOverlay(t *testing.T) {
	c, j := jobClient(t)
	ops := waits(c.Document())
	for i, op := range ops {
		if testing.Short() && i%7 != 0 {
			continue // every seventh
		}
		spec, _ := op.Extension("x-opcall-wait")
		w := &overlayWait{c: c, j: j, op: op, spec: spec, pending: stringsAt(spec, "pending"), params: requiredParams(t, op)}
		run := func(name string, f func(t *testing.T)) {
			t.Run(op.ID+" "+name, func(t *testing.T) { synctest.Test(t, f) })
		}
		for _, state := range stringsAt(spec, "done") {
			run("to "+state, func(t *testing.T) { w.succeeds(t, state) })
		}
		for _, state := range stringsAt(spec, "failed") {
			run("fails "+state, func(t *testing.T) { w.fails(t, state) })
		}
		run("for ever", w.takesTooLong)
		run("unknown state", w.isUnknown)
		run("vanishes", w.vanishes)
		run("cancelled", w.isCancelled)
	}
	t.Logf("%d operations are waited for; -short tests every seventh of them", len(ops))
	if len(ops) != 11 {
		t.Errorf("got %d operations, want 11", len(ops))
	}
}

// overlayWait is an operation that x-opcall-wait names.
type overlayWait struct {
	c       *client.Client
	j       *job
	op      *schema.Operation
	spec    string
	pending []string
	params  client.Params
}

// start makes a job that goes through these states.
func (w *overlayWait) start(t *testing.T, states ...string) {
	*w.j = job{t: t, op: w.op, states: states, path: "error"}
	if path := gjson.Get(w.spec, "error"); path.Exists() {
		w.j.path = path.Array()[0].String()
	}
}

func (w *overlayWait) succeeds(t *testing.T, state string) {
	w.start(t, slices.Concat(w.pending, []string{state})...)
	r, err := w.c.Wait(t.Context(), w.op.ID, w.params)
	if err != nil || r.Get("status").String() != state || len(w.j.looks) != len(w.pending)+1 {
		t.Errorf("got %v after %d looks, %v", r, len(w.j.looks), err)
	}
}

func (w *overlayWait) fails(t *testing.T, state string) {
	w.start(t, w.pending[0], state)
	code, message, told := "", "", ""
	first, _, _ := strings.Cut(w.j.path, ".")
	if gjson.Get(w.j.object(state), first).Exists() { // vector stores and file batches have no reason
		code, message, told = "bad_file", "line 3 is not JSON", `: "bad_file": "line 3 is not JSON"`
		w.j.reason = `{"code":"bad_file","message":"line 3 is not JSON"}`
		if strings.HasSuffix(w.j.path, ".data") {
			w.j.reason = "[" + w.j.reason + "]"
		}
	}
	r, err := w.c.Wait(t.Context(), w.op.ID, w.params)
	var e *client.WaitError
	if !errors.As(err, &e) || r == nil || e.Response != r || !e.Failed || e.State != state || e.Code != code || e.Message != message {
		t.Fatalf("got %v, %+v", r, err)
	}
	if want := w.op.ID + `: job_1 is "` + state + `"` + told; err.Error() != want {
		t.Errorf("got %s, want %s", err, want)
	}
}

func (w *overlayWait) takesTooLong(t *testing.T) {
	w.start(t, w.pending[0])
	started := time.Now()
	r, err := w.c.Wait(t.Context(), w.op.ID, w.params)
	var e *client.WaitError
	if !errors.As(err, &e) || !errors.Is(err, client.ErrWaitLimit) || e.Failed || e.State != w.pending[0] || r == nil {
		t.Fatalf("got %v, %v", r, err)
	}
	limit := time.Duration(gjson.Get(w.spec, "limit").Float()) * time.Second
	if took := time.Since(started); took != limit || limit < 10*time.Minute {
		t.Errorf("took %v, want the limit %v", took, limit)
	}
	if text := err.Error(); !strings.Contains(text, w.pending[0]) || !strings.Contains(text, "WithWaitLimit") || !strings.Contains(text, "waits on") {
		t.Errorf("the error does not say the state and how to go on: %s", text)
	}
}

func (w *overlayWait) isUnknown(t *testing.T) {
	w.start(t, w.pending[0], "daydreaming")
	_, err := w.c.Wait(t.Context(), w.op.ID, w.params)
	var e *client.WaitError
	if !errors.As(err, &e) || !e.Unknown || e.State != "daydreaming" || len(w.j.looks) != 2 || !strings.Contains(err.Error(), `"daydreaming"`) {
		t.Errorf("got %v after %d looks", err, len(w.j.looks))
	}
}

func (w *overlayWait) vanishes(t *testing.T) {
	w.start(t, w.pending[0])
	w.j.respond = func(look int, rw http.ResponseWriter) bool {
		if look == 3 {
			http.Error(rw, `{"error":{"message":"no such thing"}}`, http.StatusNotFound)
		}
		return look == 3
	}
	r, err := w.c.Wait(t.Context(), w.op.ID, w.params)
	var e *client.WaitError
	var refused *client.APIError
	if !errors.As(err, &e) || !e.Vanished || e.State != w.pending[0] || !errors.As(err, &refused) || r != e.Response || r == nil {
		t.Errorf("got %v, %v", r, err)
	}
}

func (w *overlayWait) isCancelled(t *testing.T) {
	w.start(t, w.pending[0])
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	id := gjson.Get(w.spec, "cancel").String()
	_, err := w.c.Wait(ctx, w.op.ID, w.params, client.WithWaitCancel())
	if id == "" {
		var no *client.BindError
		if !errors.As(err, &no) || len(w.j.looks) > 0 {
			t.Errorf("got %v, want an error before the first look", err)
		}
		return
	}
	var e *client.WaitError
	if !errors.As(err, &e) || !errors.Is(err, context.DeadlineExceeded) || e.Cancelled == nil || e.CancelErr != nil || len(w.j.cancels) != 1 {
		t.Fatalf("got %v, cancels %q", err, w.j.cancels)
	}
	matched, _, ok := w.c.Document().Match("POST", strings.TrimPrefix(strings.TrimPrefix(w.j.cancels[0], "POST "), "/v1"))
	if !ok || "beta_"+matched.ID != id && matched.ID != id {
		t.Errorf("got %s, want a call of %s", w.j.cancels[0], id)
	}
}

// notWaitedFor are the operations that retrieve an object with a status which is not
// waited for: the head of the waits in embed/errata.yaml says why.
var notWaitedFor = []string{
	"RetrieveContainer", "getConversationItem", "getEvalRunOutputItem", "retrieveFile", "retrieve-invite", "retrieve-project", "getMessage", "GetThreadMethod",
}

// It is decided of every operation that retrieves something with a status.
func TestEveryStatusIsDecided(t *testing.T) {
	doc := newClient(t).Document()
	for op := range doc.Operations() {
		if op.Method != http.MethodGet {
			continue
		}
		response, ok := op.Response(200)
		if !ok || len(response.Content) == 0 || response.Content[0].Schema == nil {
			continue
		}
		text, err := sample.Full(response.Content[0].Schema)
		_, waited := op.Extension("x-opcall-wait")
		has := err == nil && gjson.GetBytes(text, "status").Exists()
		if has && !waited && !slices.Contains(notWaitedFor, op.ID) {
			t.Errorf("%s returns a status, and nothing says whether it is waited for", op.ID)
		}
		if waited && !has {
			t.Errorf("%s is waited for and has no status", op.ID)
		}
	}
	// What the enums of the description have is known to the overlay.
	for _, op := range waits(doc) {
		spec, _ := op.Extension("x-opcall-wait")
		known := slices.Concat(stringsAt(spec, "pending"), stringsAt(spec, "done"), stringsAt(spec, "failed"))
		description, err := doc.Describe(op.ID + ".200.status")
		if err != nil {
			t.Fatal(err)
		}
		for _, state := range description.Schema.Enum {
			if !slices.Contains(known, gjson.ParseBytes(state).String()) {
				t.Errorf("%s: x-opcall-wait does not know %s", op.ID, state)
			}
		}
	}
}

func TestWaitKeepsItsPace(t *testing.T) {
	c, j := jobClient(t)
	op, err := c.Document().Operation("getResponse")
	if err != nil {
		t.Fatal(err)
	}
	params := client.Params{"response_id": "resp_1"}
	for name, tt := range map[string]struct {
		headers     map[string]string
		opts        []client.CallOption
		least, most []float64 // seconds of each pause
	}{
		"of its own":           {nil, nil, []float64{0.75, 1.125, 1.6875}, []float64{1, 1.5, 2.25}},
		"told in milliseconds": {map[string]string{"openai-poll-after-ms": "200"}, nil, []float64{0.2, 0.2, 0.2}, []float64{0.2, 0.2, 0.2}},
		"told by Retry-After":  {map[string]string{"Retry-After": "7"}, nil, []float64{7, 7, 7}, []float64{7, 7, 7}},
		"both":                 {map[string]string{"Retry-After": "7", "openai-poll-after-ms": "300"}, nil, []float64{0.3, 0.3, 0.3}, []float64{0.3, 0.3, 0.3}},
		"for ever":             {map[string]string{"Retry-After": "1e18"}, nil, []float64{300, 300, 300}, []float64{300, 300, 300}},
		"at once":              {map[string]string{"openai-poll-after-ms": "0.001"}, nil, []float64{0.01, 0.01, 0.01}, []float64{0.01, 0.01, 0.01}},
		"nonsense":             {map[string]string{"openai-poll-after-ms": "soon"}, nil, []float64{0.75, 1.125, 1.6875}, []float64{1, 1.5, 2.25}},
		"the caller's":         {nil, []client.CallOption{client.WithWaitPace(time.Minute, 80*time.Second)}, []float64{45, 60, 60}, []float64{60, 80, 80}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				*j = job{t: t, op: op, states: []string{"queued", "queued", "in_progress", "completed"}, headers: tt.headers}
				if _, err := c.Wait(t.Context(), op.ID, params, tt.opts...); err != nil {
					t.Fatal(err)
				}
				for i := range 3 {
					if got := j.looks[i+1].Sub(j.looks[i]).Seconds(); got < tt.least[i] || got > tt.most[i] {
						t.Errorf("pause %d: got %vs, want %v to %v", i, got, tt.least[i], tt.most[i])
					}
				}
			})
		})
	}
}

// A look that fails does not end a wait of hours, five in a row do, and one that will
// always fail does at once.
func TestWaitOutlastsAnOutage(t *testing.T) {
	c, j := jobClient(t)
	op, err := c.Document().Operation("retrieveBatch")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		status   int
		from, to int // looks that fail
		looks    int
		fails    bool
	}{
		"four 503":        {503, 2, 5, 6, false},
		"five 503":        {503, 2, 6, 6, true},
		"one 401":         {401, 3, 3, 3, true},
		"503 at first":    {503, 1, 1, 1, true},
		"404 at first":    {404, 1, 1, 1, true},
		"429 in between":  {429, 2, 2, 6, false},
		"used-up quota":   {402, 2, 2, 2, true},
		"four and a half": {500, 2, 4, 6, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				*j = job{t: t, op: op, states: []string{"validating", "in_progress", "in_progress", "in_progress", "in_progress", "completed"}}
				j.respond = func(look int, w http.ResponseWriter) bool {
					if look >= tt.from && look <= tt.to {
						http.Error(w, `{"error":{"message":"no"}}`, tt.status)
						return true
					}
					return false
				}
				_, err := c.Wait(t.Context(), op.ID, client.Params{"batch_id": "batch_1"})
				var refused *client.APIError
				if (err != nil) != tt.fails || tt.fails && !errors.As(err, &refused) || len(j.looks) != tt.looks {
					t.Errorf("got %v after %d looks, want %d", err, len(j.looks), tt.looks)
				}
				var e *client.WaitError
				if errors.As(err, &e) == (tt.from == 1) && tt.fails {
					t.Errorf("got %T, want the error of Call for the first look alone", err)
				}
			})
		})
	}
}

func TestWaitTellsProgressAndLeavesParamsAlone(t *testing.T) {
	c, j := jobClient(t)
	op, err := c.Document().Operation("getRun")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		for name, params := range map[string]any{
			"params": client.Params{"thread_id": "t", "run_id": "r"},
			"struct": struct {
				Thread string `json:"thread_id"`
				Run    string `json:"run_id"`
			}{"t", "r"},
			"text":  `{"thread_id":"t","run_id":"r"}`,
			"input": client.Input{Path: map[string]any{"thread_id": "t", "run_id": "r"}},
		} {
			before := fmt.Sprint(params)
			*j = job{t: t, op: op, states: []string{"queued", "in_progress", "requires_action"}}
			var seen []string
			r, err := c.Wait(t.Context(), op.ID, params, client.WithWaitProgress(func(r *client.Response) { seen = append(seen, r.Get("status").String()) }))
			if err != nil || r.Get("status").String() != "requires_action" || strings.Join(seen, " ") != "queued in_progress requires_action" {
				t.Errorf("%s: got %v, seen %q, %v", name, r, seen, err)
			}
			if fmt.Sprint(params) != before {
				t.Errorf("%s: the params were changed", name)
			}
		}
	})
}

func TestWaitStatesOfTheCaller(t *testing.T) {
	spec := client.WithSpec([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"servers":[{"url":"https://api.test"}],"paths":{
		"/builds/{id}":{"get":{"operationId":"getBuild","parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],"responses":{"200":{"description":"OK",
			"content":{"application/json":{"schema":{"type":"object","properties":{"status":{"enum":["waiting","running","passed","broken"]}}}}}}}}},
		"/builds/{id}/stop":{"post":{"operationId":"stopBuild","parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],"responses":{"200":{"description":"OK"}}}}}}`))
	c, j := jobClient(t, spec)
	op, err := c.Document().Operation("getBuild")
	if err != nil {
		t.Fatal(err)
	}
	states := client.WaitStates{Pending: []string{"waiting", "running"}, Done: []string{"passed"}, Failed: []string{"broken"}, Reasons: []string{"why"}, Cancel: "stopBuild"}
	synctest.Test(t, func(t *testing.T) {
		*j = job{t: t, op: op, states: []string{"waiting", "broken"}, path: "why", reason: `"no compiler"`}
		_, err := c.Wait(t.Context(), "getBuild", client.Params{"id": "7"}, client.WithWaitStates(states))
		if err == nil || err.Error() != `getBuild: job_1 is "broken": "no compiler"` {
			t.Errorf("got %v", err)
		}
		// Without the states: an error that says what is missing, and nothing is sent.
		*j = job{t: t, op: op, states: []string{"passed"}}
		var no *client.BindError
		if _, err = c.Wait(t.Context(), "getBuild", client.Params{"id": "7"}); !errors.As(err, &no) || !strings.Contains(err.Error(), `"running"`) || len(j.looks) > 0 {
			t.Errorf("got %v after %d looks", err, len(j.looks))
		}
		for want, bad := range map[string]client.CallOption{
			"done: missing":    client.WithWaitStates(client.WaitStates{Pending: []string{"a"}}),
			"listed twice":     client.WithWaitStates(client.WaitStates{Pending: []string{"a"}, Done: []string{"a"}}),
			"0 or more":        client.WithWaitLimit(-1),
			"pause above 0":    client.WithWaitPace(0, time.Second),
			"not below it":     client.WithWaitPace(time.Minute, time.Second),
			"unknown operatio": client.WithWaitStates(client.WaitStates{Done: []string{"a"}, Cancel: "stopBuilding"}),
			"which WithWaitCa": client.WithWaitStates(client.WaitStates{Done: []string{"a"}}),
		} {
			if _, err := c.Wait(t.Context(), "getBuild", client.Params{"id": "7"}, bad, client.WithWaitCancel()); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		}
	})
}

// Whoever waits for the operation that creates is shown the one that retrieves.
func TestWaitOfTheCreatingOperationNamesTheOther(t *testing.T) {
	c, _ := jobClient(t)
	for id, want := range map[string]string{
		"createBatch": "retrieveBatch", "createResponse": "getResponse", "createVideo": "GetVideo", "createFineTuningJob": "retrieveFineTuningJob",
		"createRun": "getRun", "createVectorStoreFile": "getVectorStoreFile", "createEvalRun": "getEvalRun",
	} {
		if _, err := c.Wait(t.Context(), id, nil); err == nil || !strings.Contains(err.Error(), "did you mean "+want) {
			t.Errorf("%s: got %v, want %s", id, err, want)
		}
	}
}
