package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/opcall/opcall/schema"
)

// Defaults of a Handler.
const (
	// DefaultMaxBody is the largest body that is read, in bytes. Those of the OpenAI API
	// have less than one thousand.
	DefaultMaxBody = 1 << 20
	// DefaultReadTimeout is how long the sender may take for the body.
	DefaultReadTimeout = 10 * time.Second
)

// config is what New and Handler work with.
type config struct {
	verifier Verifier
	secrets  []string
	handler  handler
}

// Option configures a Verifier, and a Handler as well.
type Option interface {
	HandlerOption
	verifies()
}

// HandlerOption configures a Handler.
type HandlerOption interface{ apply(*config) error }

type handlerOption func(*config) error

func (o handlerOption) apply(c *config) error { return o(c) }

type option func(*config) error

func (o option) apply(c *config) error { return o(c) }
func (option) verifies()               {}

// WithSecrets sets the secrets that may have signed a delivery, in place of
// OPENAI_WEBHOOK_SECRET: one, or while it is being changed the old and the new. A secret
// that begins with "whsec_" is base64 after that, any other is the bytes of its text.
func WithSecrets(secrets ...string) Option {
	return option(func(c *config) error {
		if len(secrets) == 0 {
			return &SecretError{Reason: "WithSecrets: got none; leave it out to use " + SecretVariable}
		}
		c.secrets = append(c.secrets, secrets...)
		return nil
	})
}

// WithDocument types and validates payloads by the webhooks of another document than
// the built-in one.
func WithDocument(doc *schema.Document) Option {
	return option(func(c *config) error {
		if doc == nil {
			return errors.New("WithDocument: got nil, want a document")
		}
		c.verifier.document = doc
		return nil
	})
}

// WithValidation sets the tier that payloads are validated in; the default is
// schema.Lenient, where Event.Findings reports what was found: an API may send more than
// its description says. In the stricter tiers a payload that fails, or whose type the
// document does not have, is a *schema.ValidationError, to which a Handler responds
// with 422.
func WithValidation(tier schema.Tier) Option {
	return option(func(c *config) error { c.verifier.tier = tier; return nil })
}

// WithMaxBody sets the largest body that is read, in bytes; the default is
// DefaultMaxBody.
func WithMaxBody(bytes int64) HandlerOption {
	return handlerOption(func(c *config) error {
		if bytes < 1 {
			return fmt.Errorf("WithMaxBody: got %d bytes, want 1 or more", bytes)
		}
		c.handler.maxBody = bytes
		return nil
	})
}

// WithReadTimeout sets how long the sender may take for the body; the default is
// DefaultReadTimeout. A shorter ReadTimeout of the http.Server takes precedence.
//
// It is a deadline of the connection (http.ResponseController.SetReadDeadline). Where a
// middleware hides the connection it has no effect, and the server's ReadTimeout
// alone bounds the time.
func WithReadTimeout(d time.Duration) HandlerOption {
	return handlerOption(func(c *config) error {
		if d <= 0 {
			return fmt.Errorf("WithReadTimeout: got %v, want more than 0", d)
		}
		c.handler.readTimeout = d
		return nil
	})
}

// WithStore sets what remembers the deliveries that have been handled, in place of
// NewMemoryStore: a Store that several processes share.
func WithStore(s Store) HandlerOption {
	return handlerOption(func(c *config) error {
		if s == nil {
			return errors.New("WithStore: got nil, want a store")
		}
		c.handler.store = s
		return nil
	})
}

// WithErrors calls f for each request that was not handled, and why: one of the errors
// of this package, or a *schema.ValidationError. The error shows no secret and no part
// of the body but what a ValidationError quotes. f is called by the goroutine of the
// request, before the response; several call it at once. Without it errors are seen by
// the sender alone.
func WithErrors(f func(r *http.Request, err error)) HandlerOption {
	return handlerOption(func(c *config) error {
		if f == nil {
			return errors.New("WithErrors: got nil, want a function")
		}
		c.handler.report = f
		return nil
	})
}

// newVerifier checks the options together.
func (c *config) newVerifier() (*Verifier, error) {
	v := c.verifier
	var err error
	if v.document == nil {
		if v.document, err = builtIn(); err != nil {
			return nil, err
		}
	}
	for range v.document.Webhooks() {
		v.keys, err = parseKeys(c.secrets)
		return &v, err
	}
	return nil, &schema.DocumentError{Pointer: "/webhooks", Reason: "the document describes no webhooks"}
}
