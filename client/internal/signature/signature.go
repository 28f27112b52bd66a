// Package signature has the symmetric signatures of Standard Webhooks 1.0.0
// ("Signature scheme"): HMAC-SHA256 over the ID, the timestamp and the body.
package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strings"
	"unicode"
)

// Version stands before each signature of the scheme in the header
// webhook-signature.
const Version = "v1,"

// Length is that of a signature in base64.
const Length = 44

// prefix says that a secret is base64.
const prefix = "whsec_"

// Key is a secret that has been read. It is in a function, which no verb of fmt prints.
type Key struct{ secret func() []byte }

func newKey(secret []byte) *Key { return &Key{func() []byte { return secret }} }

// String hides the secret.
func (*Key) String() string { return "***" }

// GoString hides the secret.
func (*Key) GoString() string { return "***" }

// ParseKey reads a secret: base64 after "whsec_", or else the bytes of the text
// itself. Line ends and spaces around it are trimmed. The error says what is wrong
// with its form, and nothing of it.
func ParseKey(secret string) (*Key, error) {
	secret = strings.TrimSpace(secret)
	if err := foreign(secret); err != nil {
		return nil, err
	}
	text, encoded := strings.CutPrefix(secret, prefix)
	if !encoded {
		return newKey([]byte(secret)), nil
	}
	raw, err := base64.RawStdEncoding.Strict().DecodeString(strings.TrimRight(text, "="))
	switch {
	case err != nil:
		return nil, errors.New("what follows whsec_ is not base64; copy the secret again, whole")
	case len(raw) == 0:
		return nil, errors.New("nothing follows whsec_; copy the secret again, whole")
	}
	return newKey(raw), nil
}

// foreign refuses what is not a secret of this scheme.
func foreign(secret string) error {
	switch {
	case secret == "":
		return errors.New("it is empty")
	case strings.HasPrefix(secret, "whpk_"), strings.HasPrefix(secret, "whsk_"):
		return errors.New("it is a key of asymmetric signatures (v1a), which are not supported; want a secret that begins with whsec_")
	case strings.HasPrefix(secret, "sk-"):
		return errors.New("it is an API key; want the secret of the webhook endpoint, which begins with whsec_")
	case strings.HasPrefix(secret, Version):
		return errors.New("it is a signature; want the secret of the webhook endpoint, which begins with whsec_")
	case len(secret) > len(prefix) && strings.EqualFold(secret[:len(prefix)], prefix) && !strings.HasPrefix(secret, prefix):
		return errors.New("its beginning is not in lower case; want whsec_")
	}
	for _, r := range secret {
		switch {
		case unicode.IsSpace(r):
			return errors.New("it has white space in it; give several secrets one by one")
		case unicode.IsControl(r):
			return errors.New("it has a control character in it")
		case r == '"' || r == '\'' || r == '`':
			return errors.New("it has a quote in it; leave quotes out")
		}
	}
	return nil
}

// Sign returns the signature of a message, in base64 and without its version.
func (k *Key) Sign(id, timestamp string, body []byte) [Length]byte {
	mac := hmac.New(sha256.New, k.secret())
	var head [320]byte
	mac.Write(append(append(append(append(head[:0], id...), '.'), timestamp...), '.'))
	mac.Write(body)
	var sum [sha256.Size]byte
	var text [Length]byte
	base64.StdEncoding.Encode(text[:], mac.Sum(sum[:0]))
	return text
}

// Equal compares a signature with one that was received, in time that does not
// depend on what either has.
func Equal(own [Length]byte, received string) bool {
	var other [Length]byte
	if len(received) != Length {
		return false
	}
	copy(other[:], received)
	return subtle.ConstantTimeCompare(own[:], other[:]) == 1
}
