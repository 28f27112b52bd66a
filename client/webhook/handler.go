package webhook

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/opcall/opcall/schema"
)

// handler is the http.Handler of Handler.
type handler struct {
	verifier    *Verifier
	handle      func(context.Context, Event) error
	maxBody     int64
	readTimeout time.Duration
	store       Store
	report      func(*http.Request, error)
}

// Handler returns an http.Handler that calls f for each delivery: once for each ID,
// however often it is sent, unless f returns an error or panics. The context is that of
// the request, which ends when the sender goes away, after 15 to 30 s as a rule: what
// takes longer belongs into a queue, and f returns nil when it is there.
//
// The errors are those of New. The handler is safe for concurrent use, and f must be.
//
// # Responses
//
//	204  f returned nil; or it did for an earlier delivery with this ID
//	400  a header is missing or malformed (*HeaderError); the body broke off, is empty (*BodyError) or not a JSON object (*PayloadError)
//	401  it is stale, from the future (*TimeError) or not signed by a secret (*SignatureError)
//	405  not POST (*RequestError)
//	408  the body did not arrive in time (*BodyError)
//	409  the same delivery is being handled (*ReplayError); a later attempt gets 204
//	413  the body is too large (*BodyError)
//	415  the Content-Type is not JSON (*RequestError); none is taken for JSON
//	422  the payload is not valid, where WithValidation asks (*schema.ValidationError)
//	500  f returned an error (*HandlerError); something has read or changed the body before (*BodyError)
//	503  the Store failed or is full (*StoreError)
//
// Senders try again after everything but 2xx. The text of a response is the error, but
// for what f or the Store returned, which stays here: WithErrors has it.
func Handler(f func(context.Context, Event) error, opts ...HandlerOption) (http.Handler, error) {
	if f == nil {
		return nil, errors.New("webhook.Handler: got nil, want a function")
	}
	c := config{verifier: Verifier{tier: schema.Lenient}}
	c.handler = handler{handle: f, maxBody: DefaultMaxBody, readTimeout: DefaultReadTimeout}
	for _, opt := range opts {
		if err := opt.apply(&c); err != nil {
			return nil, err
		}
	}
	var err error
	if c.handler.verifier, err = c.newVerifier(); err != nil {
		return nil, err
	}
	if c.handler.store == nil {
		c.handler.store = NewMemoryStore(DefaultMemory)
	}
	return &c.handler, nil
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	err := h.serve(w, r)
	var replay *ReplayError
	if err != nil && h.report != nil {
		h.report(r, err)
	}
	if err == nil || errors.As(err, &replay) && !replay.Running {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	status, text := respond(err)
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	http.Error(w, text, status)
}

// serve handles a request up to the response.
func (h *handler) serve(w http.ResponseWriter, r *http.Request) error {
	lift := h.setDeadline(w, r)
	if err := checkRequest(r); err != nil {
		return err
	}
	body, err := h.readBody(w, r)
	if err != nil {
		return err
	}
	lift()
	event, err := h.verifier.Verify(r.Header, body)
	if err != nil {
		return err
	}
	return h.once(r, event)
}

// checkRequest refuses what is not a delivery before its body is read.
func checkRequest(r *http.Request) error {
	if r.Method != http.MethodPost {
		return &RequestError{http.StatusMethodNotAllowed, "got method " + quoted(r.Method) + ", want POST"}
	}
	media := r.Header.Get("Content-Type")
	if media == "" {
		return nil
	}
	name, _, err := mime.ParseMediaType(media)
	if err != nil || !schema.IsJSON(name) {
		return &RequestError{http.StatusUnsupportedMediaType, "got Content-Type " + quoted(media) + ", want application/json"}
	}
	return nil
}

// once calls the program's function unless the delivery was received before.
func (h *handler) once(r *http.Request, event Event) error {
	ctx := r.Context()
	state, err := h.store.Claim(ctx, event.ID, time.Now().Add(Lease))
	switch {
	case err != nil:
		return &StoreError{ID: event.ID, Err: err}
	case state != Fresh:
		return &ReplayError{ID: event.ID, Running: state == Running}
	}
	lasting := context.WithoutCancel(ctx) // what is noted of it must not depend on whether the sender is still there
	handled := false
	defer func() {
		if !handled { // an error, or a panic, which net/http reports
			h.noted(r, event, h.store.Release(lasting, event.ID))
		}
	}()
	if err := h.handle(ctx, event); err != nil {
		return &HandlerError{ID: event.ID, Type: event.Type, Err: err}
	}
	handled = true
	h.noted(r, event, h.store.Done(lasting, event.ID, time.Now().Add(Retention)))
	return nil
}

// noted reports a store that failed when the delivery was over: it changes nothing of
// the response.
func (h *handler) noted(r *http.Request, event Event, err error) {
	if err != nil && h.report != nil {
		h.report(r, &StoreError{ID: event.ID, Err: err})
	}
}

// respond returns the status and the text of the response to a request that failed.
func respond(err error) (status int, text string) {
	text = err.Error()
	switch err := err.(type) {
	case *RequestError:
		return err.Status, text
	case *BodyError:
		return err.Status, text
	case *TimeError, *SignatureError:
		return http.StatusUnauthorized, text
	case *ReplayError:
		return http.StatusConflict, text
	case *schema.ValidationError:
		return http.StatusUnprocessableEntity, text
	case *HandlerError:
		return http.StatusInternalServerError, "webhook " + err.ID + ": the delivery could not be handled"
	case *StoreError:
		return http.StatusServiceUnavailable, "webhook " + err.ID + ": the store of handled deliveries failed"
	}
	return http.StatusBadRequest, text
}

// quoted is what a stranger sent, fit for a message.
func quoted(text string) string {
	const most = 80
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strconv.Quote(text)
}
