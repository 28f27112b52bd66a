package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

var errNoObserver = errors.New("WithObserver: got nil, want an observer")

// maxModelEvents is in how many events of a stream the name of the model is looked for.
const maxModelEvents = 8

// observation reports to the observers of one call how it goes on. The nil observation, that
// of a call that nobody observes, does nothing.
type observation struct {
	observers []CallObserver
	began     time.Time
	secrets   []string

	mu    sync.Mutex // guards what follows
	first bool       // FirstByte was called
	over  bool       // EndCall was called
	end   EndInfo
}

// observe begins the observation of a call, whose request gets the context of its
// observers. It returns req itself and no observation where there are none.
func (b *Bound) observe(req *http.Request, kind CallKind) (*http.Request, *observation) {
	if b.settings.logger == nil && len(b.settings.observers) == 0 {
		return req, nil
	}
	o := &observation{began: time.Now(), secrets: append(secrets(req), b.settings.secrets()...)}
	activity := b.plan.activity()
	info := CallInfo{
		Kind: kind, Operation: named(b.plan.name), Method: req.Method, Path: oneLine(b.plan.template, maxMessage),
		Scheme: req.URL.Scheme, Host: oneLine(req.URL.Host, maxName), Model: o.text(gjson.Parse(b.given("model")).String()),
		Activity: oneLine(activity.Name, maxName), Provider: oneLine(activity.Provider, maxName),
	}
	ctx := req.Context()
	if b.settings.logger != nil {
		ctx = o.start(ctx, logObserver{b.settings.logger}, info)
	}
	for _, observer := range b.settings.observers {
		ctx = o.start(ctx, observer, info)
	}
	if len(o.observers) == 0 {
		return req, nil
	}
	return req.WithContext(ctx), o
}

func (o *observation) start(ctx context.Context, observer Observer, info CallInfo) context.Context {
	child, call := observer.StartCall(ctx, info)
	if call != nil {
		o.observers = append(o.observers, call)
	}
	if child == nil {
		return ctx
	}
	return child
}

// text makes a text of the caller or the server fit for an observer.
func (o *observation) text(text string) string { return oneLine(redact(text, o.secrets), maxName) }

// startAttempt returns the request of one attempt.
func (o *observation) startAttempt(req *http.Request) *http.Request {
	if o == nil {
		return req
	}
	o.mu.Lock()
	o.end.Attempts++
	attempt := o.end.Attempts
	o.mu.Unlock()
	ctx := req.Context()
	for _, observer := range o.observers {
		if child := observer.StartAttempt(ctx, attempt); child != nil {
			ctx = child
		}
	}
	return req.WithContext(ctx)
}

// now is the time where somebody asks for it.
func (o *observation) now() time.Time {
	if o == nil {
		return time.Time{}
	}
	return time.Now()
}

// endAttempt reports what became of an attempt that has started at a time. The response
// counts where err is nil.
func (o *observation) endAttempt(started time.Time, resp *http.Response, err error, again bool, delay time.Duration) {
	if o == nil {
		return
	}
	info := AttemptInfo{Took: time.Since(started), Class: classOf(err), Again: again, Delay: delay}
	switch failure := err.(type) {
	case nil:
		info.Status, info.RequestID = resp.StatusCode, requestID(resp.Header, o.secrets)
	case *APIError:
		info.Status, info.RequestID, info.Reason = failure.StatusCode, failure.RequestID, o.text(reasonOf(failure))
	case *ConnectionError:
		info.Reason = oneLine(failure.Err.Error(), maxMessage)
	}
	o.mu.Lock()
	info.Number = o.end.Attempts
	o.end.Status, o.end.RequestID = info.Status, info.RequestID
	o.mu.Unlock()
	for _, observer := range o.observers {
		observer.EndAttempt(info)
	}
}

// finishCall reports that a call is over, or, where its response is streamed to the caller,
// lets the body do so.
func (o *observation) finishCall(r *Response, err error) {
	if o == nil {
		return
	}
	if body := limited(r.http.Body); body != nil && err == nil && r.form == formStream {
		body.streamed = true
		return
	}
	o.read(r.raw)
	o.finish(err)
}

// bodyRead learns of each Read of a body, which ends the call where it is streamed to
// the caller.
func (o *observation) bodyRead(n int, err error, streamed bool) {
	if o == nil {
		return
	}
	if n > 0 {
		o.firstByte()
	}
	if streamed && err != nil {
		o.finish(err)
	}
}

// firstByte reports that the body has begun to come.
func (o *observation) firstByte() {
	if o == nil {
		return
	}
	o.mu.Lock()
	before := o.first || o.over
	o.first = true
	o.mu.Unlock()
	if before {
		return
	}
	took := time.Since(o.began)
	for _, observer := range o.observers {
		observer.FirstByte(took)
	}
}

// read takes the model and the usage of a JSON response.
func (o *observation) read(text []byte) {
	if o == nil || len(text) == 0 {
		return
	}
	o.note(jsonscan.Alias(text), true, false)
}

// event takes the model and the usage of an event, and counts it. On a socket each event
// has the usage of a response of its own.
func (o *observation) event(text []byte, sum bool) {
	if o == nil {
		return
	}
	o.firstByte()
	o.mu.Lock()
	o.end.Events++
	early := o.end.Events <= maxModelEvents
	o.mu.Unlock()
	o.note(jsonscan.Alias(text), early, sum)
}

// note takes from JSON text what is to be reported at the end.
func (o *observation) note(text string, named, sum bool) {
	used, ok := usageIn(text)
	model := used.Model
	if model == "" && named {
		for _, path := range [...]string{"model", "response.model"} {
			if found := gjson.Get(text, path); found.Type == gjson.String {
				model = found.Str
				break
			}
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if model != "" {
		o.end.Model = o.text(model)
	}
	if !ok {
		return
	}
	tokens := used.Tokens()
	if sum && o.end.Tokens.Known {
		tokens.Input += o.end.Tokens.Input
		tokens.Output += o.end.Tokens.Output
		tokens.Known = true
	}
	o.end.Tokens = tokens
}

// finish reports that the call is over, once.
func (o *observation) finish(err error) {
	if o == nil {
		return
	}
	o.mu.Lock()
	if o.over {
		o.mu.Unlock()
		return
	}
	o.over = true
	end := o.end
	o.mu.Unlock()
	end.Took, end.Class = time.Since(o.began), classOf(err)
	var refused *APIError
	var broken *ConnectionError
	switch {
	case end.Class == "":
	case errors.As(err, &refused):
		end.Reason = o.text(reasonOf(refused))
		end.Status = refused.StatusCode
	case errors.As(err, &broken):
		end.Reason = oneLine(broken.Err.Error(), maxMessage)
	}
	for _, observer := range o.observers {
		observer.EndCall(end)
	}
}

// goesOn reports whether there is an observation that has not been finished.
func (o *observation) goesOn() bool {
	if o == nil {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.over
}

// errAbandoned is the end of a call whose response the caller did not read to its end.
var errAbandoned = fmt.Errorf("abandoned: %w", ErrStreamClosed)

// classOf sorts an error of a call.
func classOf(err error) ErrorClass {
	var refused *APIError
	var cut *TruncatedError
	var broken *ConnectionError
	var token *TokenError
	var closed *CloseError
	var unusable *ResponseError
	var event *EventError
	var invalid *schema.ValidationError
	switch {
	case err == nil, err == io.EOF, errors.Is(err, ErrSocketClosed):
		return ""
	case errors.Is(err, ErrStreamClosed):
		return ClassAbandoned
	case errors.Is(err, context.Canceled):
		return ClassCanceled
	case errors.Is(err, context.DeadlineExceeded):
		return ClassTimeout
	case errors.As(err, &token):
		return ClassCredential
	case errors.As(err, &refused):
		return ClassAPI
	case errors.As(err, &cut):
		return ClassTruncated
	case errors.As(err, &broken):
		return ClassConnection
	case errors.As(err, &closed):
		return ClassClosed
	case errors.As(err, &unusable), errors.As(err, &event), errors.As(err, &invalid):
		return ClassResponse
	}
	return ClassOther
}
