package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// TokenSource returns a token that expires: an access token of an identity provider or
// of a cloud, the key of a gateway. The zero expiry is that of a token that never does.
// It should return when ctx ends.
type TokenSource func(ctx context.Context) (token string, expiry time.Time, err error)

// WithTokenSource gets the credential of the named security schemes of the document
// from source, in place of WithCredential; without names that of all schemes that
// WithAPIKey is for, in place of it. It goes where the scheme says.
//
// A token is kept until it expires. Calls that need one at the same time share one call
// of source, which none of them cancels for the others. A new one is asked for ahead of
// the expiry, at a tenth of the token's lifetime but no more than 5 minutes: until then
// other calls go on with the old one, and so does this one where source fails.
//
// After a response with status 401 a new token is asked for and the request sent again,
// once, whatever WithMaxRetries says; a request whose body cannot be read again is not.
// Every attempt has the token of its time, and so have the handshakes of sockets and
// streams that go on.
//
// A source that fails, panics, returns nothing, what cannot be sent, or an expired
// token, is a *TokenError of the call, and so is one that takes longer than WithTimeout.
// The tokens are kept in the option: one that is made for a single call serves that
// call only.
func WithTokenSource(source TokenSource, schemes ...string) Setting {
	kept := &tokens{source: source}
	return setting(func(s *settings) error {
		if source == nil {
			return errors.New("WithTokenSource: got nil, want a function")
		}
		if len(schemes) == 0 {
			s.apiKey = &secret{tokens: kept}
		}
		for _, scheme := range schemes {
			s.setCredential(scheme, &secret{tokens: kept})
		}
		return nil
	})
}

// TokenError says that a request was not sent, or not sent again, because there is no
// token for it. Err is what the source of tokens returned, or says what is wrong with
// what it returned.
type TokenError struct {
	Operation string // its ID, or the name of the socket
	Scheme    string // the security scheme that the token is for
	Err       error
	Refused   *APIError // the 401 that made a new token necessary, or nil
}

func (e *TokenError) Error() string {
	text := named(e.Operation) + ": no token for " + oneLine(e.Scheme, maxName) + ": " + oneLine(e.Err.Error(), maxMessage)
	if e.Refused != nil {
		text += "; the server refused the one before: " + e.Refused.summary()
	}
	return text
}

// Unwrap returns the causes.
func (e *TokenError) Unwrap() []error {
	if e.Refused != nil {
		return []error{e.Err, e.Refused}
	}
	return []error{e.Err}
}

// The time before the expiry of a token at which a new one is asked for.
const (
	refreshShare   = 10               // one part in ten of its lifetime
	longestRefresh = 5 * time.Minute  // and no more than that
	refreshPause   = 10 * time.Second // how long that may take, and before the next try where it failed
)

// tokens keeps the token of a source. It is safe for concurrent use.
type tokens struct {
	source TokenSource

	mu      sync.Mutex
	token   string
	before  string    // the one before, which a request may still carry
	expiry  time.Time // zero for never
	refresh time.Time // when a new one is to be asked for, zero for never
	running *tokenCall
}

// tokenCall is a call of the source that is under way.
type tokenCall struct {
	done    chan struct{} // closed when token and err are set
	token   string
	err     error
	cancel  context.CancelFunc
	waiting int // callers; guarded by tokens.mu
}

// get returns a token that has not expired. ctx bounds the wait of this caller.
func (t *tokens) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	now := time.Now()
	valid := t.token != "" && (t.expiry.IsZero() || now.Before(t.expiry))
	if valid && (t.refresh.IsZero() || now.Before(t.refresh) || t.running != nil) {
		defer t.mu.Unlock()
		return t.token, nil
	}
	call := t.join(ctx)
	old, expiry := t.token, t.expiry
	t.mu.Unlock()
	if !valid {
		return t.wait(ctx, call)
	}
	patient, cancel := context.WithTimeout(ctx, refreshPause)
	defer cancel()
	token, err := t.wait(patient, call)
	if err != nil && ctx.Err() == nil && (expiry.IsZero() || time.Now().Before(expiry)) {
		return old, nil
	}
	return token, err
}

// join begins a call of the source, or waits with the others for the one that is under
// way. The caller holds mu.
func (t *tokens) join(ctx context.Context) *tokenCall {
	if t.running == nil {
		ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		t.running = &tokenCall{done: make(chan struct{}), cancel: cancel}
		go t.fetch(ctx, t.running)
	}
	t.running.waiting++
	return t.running
}

// wait waits for a call of the source. The last caller that gives up ends it.
func (t *tokens) wait(ctx context.Context, call *tokenCall) (string, error) {
	select {
	case <-call.done:
		return call.token, call.err
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if call.waiting--; call.waiting == 0 {
		call.cancel()
		if t.running == call {
			t.running = nil // a source that does not notice must not keep later callers waiting
			t.refresh = time.Now().Add(refreshPause)
		}
	}
	return "", contextError(ctx)
}

// fetch calls the source and keeps what it returns.
func (t *tokens) fetch(ctx context.Context, call *tokenCall) {
	defer call.cancel()
	token, expiry, err := callSource(ctx, t.source)
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	defer close(call.done)
	abandoned := t.running != call
	if !abandoned {
		t.running = nil
	}
	if call.token, call.err = token, err; err == nil {
		call.err = checkToken(token, expiry, now)
	}
	switch {
	case abandoned: // what came since is newer
		return
	case call.err != nil:
		t.refresh = now.Add(refreshPause)
		return
	case token != t.token:
		t.before = t.token
	}
	t.token, t.expiry, t.refresh = token, expiry, time.Time{}
	if !expiry.IsZero() {
		t.refresh = expiry.Add(-min(longestRefresh, expiry.Sub(now)/refreshShare))
	}
}

// callSource calls a source, whose panic is an error: it runs on no goroutine of the
// caller's.
func callSource(ctx context.Context, source TokenSource) (token string, expiry time.Time, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the token source panicked: %v", r)
		}
	}()
	return source(ctx)
}

// checkToken refuses a token that cannot be used. Errors do not quote it.
func checkToken(token string, expiry, now time.Time) error {
	switch {
	case token == "":
		return errors.New("the token source returned an empty token")
	case !expiry.IsZero() && !now.Before(expiry):
		return fmt.Errorf("the token source returned a token that expired %v ago", now.Sub(expiry).Round(time.Second))
	}
	if err := checkWord(token); err != nil {
		return fmt.Errorf("the token source returned what cannot be sent: %w", err)
	}
	return nil
}

// reject forgets a token that the server refused, unless another has come since.
func (t *tokens) reject(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == token {
		t.before, t.token = token, ""
	}
}

// texts are the tokens that a request may carry, for masking.
func (t *tokens) texts() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.DeleteFunc([]string{t.token, t.before}, func(text string) bool { return len(text) < minSecret })
}
