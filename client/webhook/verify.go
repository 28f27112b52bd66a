package webhook

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/opcall/opcall/client/internal/signature"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Tolerance is how far the timestamp of a delivery may be from the clock of this
// machine, before or after.
const Tolerance = 300 * time.Second

// SecretVariable is the environment variable whose value is the secret where none is
// given.
const SecretVariable = "OPENAI_WEBHOOK_SECRET"

// Bounds of what is verified.
const (
	maxSecrets = 16
	maxDepth   = 1000 // arrays and objects of a payload in one another
)

// Verifier verifies deliveries and types them. It never changes and is safe for
// concurrent use.
type Verifier struct {
	document *schema.Document
	keys     []*signature.Key
	tier     schema.Tier
}

// builtIn opens the built-in document once for all verifiers of the program.
var builtIn = sync.OnceValues(func() (*schema.Document, error) {
	return schema.Load(embed.OpenAI(), schema.WithoutChecks(), schema.WithIndex(embed.Index()))
})

// New returns a Verifier for webhooks of the built-in description, with the secret of
// OPENAI_WEBHOOK_SECRET, unless options say otherwise. The error is that of an option:
// a *SecretError for a secret of the wrong form, or where there is none, a
// *schema.DocumentError for a document without webhooks.
func New(opts ...Option) (*Verifier, error) {
	c := config{verifier: Verifier{tier: schema.Lenient}}
	for _, opt := range opts {
		if err := opt.apply(&c); err != nil {
			return nil, err
		}
	}
	return c.newVerifier()
}

// Verify verifies a delivery of the OpenAI API, whose body is as it came, byte by byte.
// The secrets are those that may have signed it, at most 16; without any it is that of
// OPENAI_WEBHOOK_SECRET. It does everything that Verifier.Verify does.
//
// It remembers nothing: who calls it twice with one delivery gets two events. Handler
// remembers; others look at the ID of the Event.
func Verify(header http.Header, body []byte, secrets ...string) (Event, error) {
	document, err := builtIn()
	if err != nil {
		return Event{}, err
	}
	v := Verifier{document: document, tier: schema.Lenient}
	if v.keys, err = parseKeys(secrets); err != nil {
		return Event{}, err
	}
	return v.Verify(header, body)
}

// Verify verifies a delivery and types it. The errors, in the order in which they are
// looked for: a *HeaderError for a header that is missing or malformed, a *TimeError
// for a delivery that is stale or from the future, a *SignatureError for one that no
// secret has signed, a *PayloadError for a body that is not a JSON object, a
// *schema.ValidationError where WithValidation asks for one. Beside the last one the
// Event is filled in: it comes from the API. Beside all others it is the zero Event.
//
// Names in header are found whatever their case is. The Event keeps no part of body.
func (v *Verifier) Verify(header http.Header, body []byte) (Event, error) {
	h, err := readHeaders(header)
	if err != nil {
		return Event{}, err
	}
	if err := h.checkTime(time.Now()); err != nil {
		return Event{}, err
	}
	if !v.signed(h, body) {
		return Event{}, &SignatureError{Signatures: len(h.signatures), Secrets: len(v.keys)}
	}
	return v.event(h, body)
}

// signed reports whether one of the signatures is that of one of the keys.
func (v *Verifier) signed(h headers, body []byte) bool {
	found := false
	for _, key := range v.keys {
		own := key.Sign(h.id, h.timestamp, body)
		for _, received := range h.signatures {
			found = signature.Equal(own, received) || found
		}
	}
	return found
}

// event types a body that the API has signed.
func (v *Verifier) event(h headers, body []byte) (Event, error) {
	raw := bytes.Clone(body)
	hook, err := v.document.ValidateWebhook(raw, schema.WithTier(v.tier), fromAPI)
	if hook.Event.Kind() != schema.KindObject {
		return Event{}, &PayloadError{ID: h.id, Err: notAnObject(raw)}
	}
	return Event{ID: h.id, Time: h.sent, Type: hook.Type, Name: hook.Name, Raw: raw, Value: hook.Event, document: v.document}, err
}

// notAnObject says what a body is instead.
func notAnObject(body []byte) error {
	text := string(body)
	if err := jsonscan.Check(text, maxDepth); err != nil {
		return err
	}
	return fmt.Errorf("got %s, want an object", jsonscan.TypeName(text[jsonscan.Space(text, 0):]))
}

// fromAPI is the direction of a payload: what the API sends has the properties that
// responses have.
var fromAPI = schema.WithDirection(schema.DirectionResponse)

// String says how many secrets the verifier has, and none of them.
func (v *Verifier) String() string {
	return fmt.Sprintf("verifier of webhooks with %d secrets", len(v.keys))
}

// GoString is String.
func (v *Verifier) GoString() string { return v.String() }

// parseKeys reads secrets, or that of the environment where there are none.
func parseKeys(secrets []string) ([]*signature.Key, error) {
	fromEnvironment := len(secrets) == 0
	if fromEnvironment {
		secret, set := os.LookupEnv(SecretVariable)
		if !set {
			return nil, &SecretError{Reason: "none is given, and " + SecretVariable + " is not set"}
		}
		secrets = []string{secret}
	}
	if len(secrets) > maxSecrets {
		return nil, &SecretError{Reason: fmt.Sprintf("got %d, want at most %d", len(secrets), maxSecrets)}
	}
	keys := make([]*signature.Key, len(secrets))
	for i, secret := range secrets {
		key, err := signature.ParseKey(secret)
		if err != nil {
			e := &SecretError{Index: i, Reason: err.Error()}
			if fromEnvironment {
				e.Variable = SecretVariable
			} else if len(secrets) > 1 {
				e.Of = len(secrets)
			}
			return nil, e
		}
		keys[i] = key
	}
	return keys, nil
}
