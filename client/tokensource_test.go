package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/opcall/opcall/client"
)

// mint is a source of tokens "token-1-secret", "token-2-secret" and so on.
type mint struct {
	made  atomic.Int64
	lives time.Duration // 0 for ever
}

func (m *mint) source(context.Context) (string, time.Time, error) {
	token := fmt.Sprintf("token-%d-secret", m.made.Add(1))
	if m.lives == 0 {
		return token, time.Time{}, nil
	}
	return token, time.Now().Add(m.lives), nil
}

// accepting answers 200 to one token, 401 to all others, which it repeats.
func accepting(token string) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		got := req.Header.Get("Authorization")
		if got != "Bearer "+token {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"error":{"message":"bad token %s","type":"invalid_request_error","code":"invalid_token"}}`, got)
			return
		}
		fmt.Fprint(w, `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[]}`)
	}
}

// TestTokenIsRenewedOnceOn401, whatever the number of retries, and not twice.
func TestTokenIsRenewedOnceOn401(t *testing.T) {
	tests := map[string]struct {
		accepted string
		requests int
		want     string
	}{
		"the first token": {"token-1-secret", 1, ""},
		"the second":      {"token-2-secret", 2, ""},
		"never":           {"token-3-secret", 2, "createChatCompletion: 401 invalid_token: bad token ***"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t, accepting(tt.accepted))
			c := newClient(t, client.WithBaseURL(w.URL), client.WithMaxRetries(0), client.WithTokenSource((&mint{}).source))
			_, err := c.Call(t.Context(), "createChatCompletion", chat())
			got := ""
			if err != nil {
				got, _, _ = strings.Cut(err.Error(), " (")
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			all := w.all()
			if len(all) != tt.requests {
				t.Fatalf("got %d requests, want %d", len(all), tt.requests)
			}
			for i, a := range all {
				if want := fmt.Sprintf("Bearer token-%d-secret", i+1); a.Header.Get("Authorization") != want || !strings.Contains(a.Body, "Hello") {
					t.Errorf("request %d: got %q with %q, want %q", i+1, a.Header.Get("Authorization"), a.Body, want)
				}
			}
		})
	}
}

// TestTheSameTokenIsNotSentAgain: a source that has no other token makes no second
// request.
func TestTheSameTokenIsNotSentAgain(t *testing.T) {
	w := newWitness(t, accepting("another"))
	c := newClient(t, client.WithBaseURL(w.URL), client.WithTokenSource(func(context.Context) (string, time.Time, error) {
		return "always-the-same", time.Time{}, nil
	}))
	var refused *client.APIError
	if _, err := c.Call(t.Context(), "listModels", nil); !errors.As(err, &refused) || refused.StatusCode != 401 {
		t.Errorf("got %v, want the 401", err)
	}
	w.only(t)
}

// TestRetryHasTheTokenOfItsTime wherever the scheme puts it.
func TestRetryHasTheTokenOfItsTime(t *testing.T) {
	tests := map[string]struct {
		scheme string
		read   func(arrival) string
	}{
		"bearer": {`{"type":"http","scheme":"bearer"}`, func(a arrival) string { return a.Header.Get("Authorization") }},
		"basic":  {`{"type":"http","scheme":"basic"}`, func(a arrival) string { return a.Header.Get("Authorization") }},
		"header": {`{"type":"apiKey","in":"header","name":"X-Thing"}`, func(a arrival) string { return a.Header.Get("X-Thing") }},
		"query":  {`{"type":"apiKey","in":"query","name":"t k"}`, func(a arrival) string { return a.Query }},
		"cookie": {`{"type":"apiKey","in":"cookie","name":"session"}`, func(a arrival) string { return a.Header.Get("Cookie") }},
		"OAuth":  {`{"type":"oauth2","flows":{}}`, func(a arrival) string { return a.Header.Get("Authorization") }},
	}
	want := map[string][2]string{
		"bearer": {"Bearer token-1-secret", "Bearer token-2-secret"},
		"basic":  {"Basic dG9rZW4tMS1zZWNyZXQ6", "Basic dG9rZW4tMi1zZWNyZXQ6"},
		"header": {"token-1-secret", "token-2-secret"},
		"query":  {"a=1&t+k=token-1-secret", "a=1&t+k=token-2-secret"},
		"cookie": {"session=token-1-secret", "session=token-2-secret"},
		"OAuth":  {"Bearer token-1-secret", "Bearer token-2-secret"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := &mint{}
			w := newWitness(t, responding(401, "application/json", "{}"), responding(503, "application/json", "{}"), responding(200, "application/json", "{}"))
			c := newClient(t, client.WithBaseURL(w.URL), client.WithQuery("a", "1"), client.WithTokenSource(m.source, "S"),
				document(`{"/x":{"get":{"operationId":"get","security":[{"S":[]}],"responses":{"200":{"description":"ok"}}}}}`,
					`"securitySchemes":{"S":`+tt.scheme+`}`))
			r, err := c.Call(t.Context(), "get", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Close()
			var got []string
			for _, a := range w.all() {
				got = append(got, tt.read(a))
			}
			if want := []string{want[name][0], want[name][1], want[name][1]}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestOverriddenHeaderStaysOnRetry: WithHeader has the last word in every attempt.
func TestOverriddenHeaderStaysOnRetry(t *testing.T) {
	w := newWitness(t, responding(401, "application/json", "{}"), responding(200, "application/json", `{"object":"list","data":[]}`))
	c := newClient(t, client.WithBaseURL(w.URL), client.WithTokenSource((&mint{}).source), client.WithHeader("Authorization", "Mine"))
	if _, err := c.Call(t.Context(), "listModels", nil); err != nil {
		t.Fatal(err)
	}
	all := w.all()
	if len(all) != 2 {
		t.Fatalf("got %d requests, want 2", len(all))
	}
	for _, a := range all {
		if got := a.Header.Get("Authorization"); got != "Mine" {
			t.Errorf("got %q", got)
		}
	}
}

// bearer returns the token that a request made now would carry.
func bearer(t *testing.T, c *client.Client, opts ...client.CallOption) (string, error) {
	t.Helper()
	req, err := c.Request(t.Context(), "listModels", nil, opts...)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer "), nil
}

// tokenClient makes a client of a source, for use in a bubble of synctest.
func tokenClient(t *testing.T, source client.TokenSource, opts ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(append([]client.Option{client.WithoutEnvironment(), client.WithTokenSource(source)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTokenIsRefreshedAheadOfExpiry and kept until then.
func TestTokenIsRefreshedAheadOfExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mint{lives: time.Hour}
		c := tokenClient(t, m.source)
		for _, step := range []struct {
			after time.Duration
			want  string
		}{{0, "token-1-secret"}, {54 * time.Minute, "token-1-secret"}, {2 * time.Minute, "token-2-secret"}, {54 * time.Minute, "token-2-secret"}, {3 * time.Hour, "token-3-secret"}} {
			time.Sleep(step.after)
			if got, err := bearer(t, c); err != nil || got != step.want {
				t.Errorf("after another %v: got %q, %v, want %q", step.after, got, err, step.want)
			}
		}
	})
}

// TestOldTokenServesWhileTheSourceFails, until it expires.
func TestOldTokenServesWhileTheSourceFails(t *testing.T) {
	for name, broken := range map[string]func(context.Context) error{
		"fails":  func(context.Context) error { return errors.New("down") },
		"blocks": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				c := tokenClient(t, func(ctx context.Context) (string, time.Time, error) {
					if calls++; calls == 1 {
						return "the-old-one", time.Now().Add(time.Hour), nil
					}
					return "", time.Time{}, broken(ctx)
				}, client.WithTimeout(time.Minute))
				bearer(t, c)
				time.Sleep(56 * time.Minute)
				for range 3 {
					if got, err := bearer(t, c); err != nil || got != "the-old-one" {
						t.Errorf("ahead of expiry: got %q, %v", got, err)
					}
				}
				if calls != 2 {
					t.Errorf("got %d calls of the source, want 2: there is a pause after a failure", calls)
				}
				time.Sleep(5 * time.Minute)
				var none *client.TokenError
				if _, err := bearer(t, c); !errors.As(err, &none) {
					t.Errorf("expired: got %v, want a *TokenError", err)
				}
			})
		})
	}
}

// TestTokenSourceThatCannotBeUsed is an error of the call, before anything is sent.
func TestTokenSourceThatCannotBeUsed(t *testing.T) {
	tests := map[string]struct {
		source client.TokenSource
		want   string
	}{
		"fails":   {func(context.Context) (string, time.Time, error) { return "", time.Time{}, errors.New("no identity") }, "no identity"},
		"panics":  {func(context.Context) (string, time.Time, error) { panic("oh") }, "the token source panicked: oh"},
		"empty":   {func(context.Context) (string, time.Time, error) { return "", time.Time{}, nil }, "the token source returned an empty token"},
		"expired": {func(context.Context) (string, time.Time, error) { return "t", time.Now().Add(-time.Hour), nil }, "the token source returned a token that expired 1h0m0s ago"},
		"line end": {
			func(context.Context) (string, time.Time, error) { return "secret-\r\nX: y", time.Time{}, nil },
			"the token source returned what cannot be sent: got a control character (a line end?) in it",
		},
		"blocks": {
			func(ctx context.Context) (string, time.Time, error) { <-ctx.Done(); return "", time.Time{}, ctx.Err() },
			"the token source returned nothing within 1m0s (WithTimeout): context deadline exceeded",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := tokenClient(t, tt.source, client.WithTimeout(time.Minute))
				_, err := c.Call(t.Context(), "listModels", nil)
				var none *client.TokenError
				if !errors.As(err, &none) || none.Scheme != "ApiKeyAuth" {
					t.Fatalf("got %T %v, want a *TokenError", err, err)
				}
				if want := "listModels: no token for ApiKeyAuth: " + tt.want; err.Error() != want {
					t.Errorf("got  %v\nwant %s", err, want)
				}
			})
		})
	}
	if _, err := client.New(client.WithTokenSource(nil)); err == nil {
		t.Error("a nil source is taken")
	}
}

// TestOneCallOfTheSourceServesAll who need a token at the same time, and one that gives
// up does not end it for the others.
func TestOneCallOfTheSourceServesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		c := tokenClient(t, func(ctx context.Context) (string, time.Time, error) {
			calls.Add(1)
			select {
			case <-time.After(time.Second):
				return "shared", time.Time{}, nil
			case <-ctx.Done():
				return "", time.Time{}, ctx.Err()
			}
		})
		impatient, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := c.Request(impatient, "listModels", nil); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the end of the context", err)
			}
		})
		for range 20 {
			all.Go(func() {
				if got, err := bearer(t, c); err != nil || got != "shared" {
					t.Errorf("got %q, %v", got, err)
				}
			})
		}
		all.Wait()
		if got := calls.Load(); got != 1 {
			t.Errorf("got %d calls of the source, want 1", got)
		}
	})
}

// TestAbandonedSourceBlocksNobodyElse: a source that ignores the end of its context
// keeps no later call waiting.
func TestAbandonedSourceBlocksNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		release := make(chan struct{})
		c := tokenClient(t, func(context.Context) (string, time.Time, error) {
			if calls.Add(1) == 1 {
				<-release
				return "stale", time.Time{}, nil
			}
			return "late", time.Time{}, nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Request(ctx, "listModels", nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if got, err := bearer(t, c); err != nil || got != "late" {
			t.Errorf("got %q, %v", got, err)
		}
		close(release)
		synctest.Wait()
		if got, err := bearer(t, c); err != nil || got != "late" {
			t.Errorf("what an abandoned call returned took the place of a newer token: got %q, %v", got, err)
		}
	})
}

// TestTokenThatCannotBeRenewed is an error that has the refusal, too.
func TestTokenThatCannotBeRenewed(t *testing.T) {
	w := newWitness(t, accepting("another"))
	calls := 0
	c := newClient(t, client.WithBaseURL(w.URL), client.WithTokenSource(func(context.Context) (string, time.Time, error) {
		if calls++; calls > 1 {
			return "", time.Time{}, errors.New("no identity any more")
		}
		return "token-1-secret", time.Time{}, nil
	}))
	_, err := c.Call(t.Context(), "listModels", nil)
	var none *client.TokenError
	var refused *client.APIError
	if !errors.As(err, &none) || !errors.As(err, &refused) || none.Refused != refused || refused.StatusCode != 401 {
		t.Fatalf("got %T %v", err, err)
	}
	const want = "listModels: no token for ApiKeyAuth: no identity any more; the server refused the one before: 401 invalid_token: bad token ***"
	if got, _, _ := strings.Cut(err.Error(), " ("); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	w.only(t)
}

// TestTokenOverridesKeysInOrder: of the key and the source the later option counts,
// and a call's key counts more than the client's source.
func TestTokenOverridesKeysInOrder(t *testing.T) {
	source := (&mint{}).source
	for want, opts := range map[string][]client.Option{
		"token-1-secret": {client.WithAPIKey("sk-key-0123456789"), client.WithTokenSource(source)},
		"the-key":        {client.WithTokenSource(source), client.WithAPIKey("the-key")},
	} {
		if got, err := bearer(t, newClient(t, opts...)); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	c := newClient(t, client.WithTokenSource(source))
	if got, err := bearer(t, c, client.WithAPIKey("of-the-call")); err != nil || got != "of-the-call" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := client.New(client.WithTokenSource(source, "NoSuchScheme"), client.WithoutEnvironment()); err == nil {
		t.Error("an unknown scheme is taken")
	}
}

// TestSocketsAndStreamsRenewTokens as calls do.
func TestSocketsAndStreamsRenewTokens(t *testing.T) {
	var refused atomic.Int64
	wrap := client.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return tripper(func(req *http.Request) (*http.Response, error) {
			if req.Header.Get("Authorization") == "Bearer token-1-secret" {
				refused.Add(1)
				return answer(req, 401, "{}"), nil
			}
			return next.RoundTrip(req)
		})
	})
	c := peer(t, func(ctx context.Context, conn *websocket.Conn) { conn.Read(ctx) }, wrap, client.WithTokenSource((&mint{}).source))
	s := realtime(t, c)
	s.Close()
	if refused.Load() != 1 {
		t.Errorf("got %d refused handshakes, want 1", refused.Load())
	}
	w := newWitness(t, sseAnswer(dataLines("[DONE]")))
	c = newClient(t, client.WithBaseURL(w.URL), wrap, client.WithTokenSource((&mint{}).source))
	stream, err := c.Stream(t.Context(), "createChatCompletion", chat())
	if err != nil {
		t.Fatal(err)
	}
	stream.Close()
	if got := w.only(t).Header.Get("Authorization"); got != "Bearer token-2-secret" {
		t.Errorf("got %q", got)
	}
}
