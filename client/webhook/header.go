package webhook

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/opcall/opcall/client/internal/signature"
)

// The headers of a delivery (Standard Webhooks, "Webhook headers").
const (
	headerID        = "webhook-id"
	headerTimestamp = "webhook-timestamp"
	headerSignature = "webhook-signature"
)

// Bounds of the headers.
const (
	maxID              = 256
	maxTimestamp       = 12 // digits
	maxSignatureHeader = 4 << 10
	maxSignatures      = 32
)

// headers are those of a delivery, read.
type headers struct {
	id         string
	timestamp  string // as it is signed
	sent       time.Time
	signatures []string // v1, in base64
}

func readHeaders(header http.Header) (headers, error) {
	var h headers
	var err error
	if h.id, err = single(header, headerID); err != nil {
		return h, err
	}
	if err := checkID(h.id); err != nil {
		return h, err
	}
	if h.timestamp, err = single(header, headerTimestamp); err != nil {
		return h, err
	}
	if h.sent, err = parseTimestamp(h.timestamp); err != nil {
		return h, err
	}
	list, err := single(header, headerSignature)
	if err != nil {
		return h, err
	}
	h.signatures, err = parseSignatures(list)
	return h, err
}

// canonical has the names as the keys of an http.Header, which it takes an allocation to
// make.
var canonical = map[string]string{
	headerID:        http.CanonicalHeaderKey(headerID),
	headerTimestamp: http.CanonicalHeaderKey(headerTimestamp),
	headerSignature: http.CanonicalHeaderKey(headerSignature),
}

// single returns the value of a header that is there once.
func single(header http.Header, name string) (string, error) {
	values := header[canonical[name]]
	if len(values) == 0 { // a map that another program made, such as that of a cloud function
		for key, found := range header {
			if strings.EqualFold(key, name) {
				values = append(values, found...)
			}
		}
	}
	switch {
	case len(values) == 0 && len(header.Values("svix"+strings.TrimPrefix(name, "webhook"))) > 0:
		return "", &HeaderError{name, "is missing; svix" + strings.TrimPrefix(name, "webhook") + " is there, which is not a name of Standard Webhooks"}
	case len(values) == 0 || values[0] == "" && len(values) == 1:
		return "", &HeaderError{name, "is missing"}
	case len(values) > 1:
		return "", &HeaderError{name, fmt.Sprintf("appears %d times, want once", len(values))}
	}
	return values[0], nil
}

func checkID(id string) error {
	if len(id) > maxID {
		return &HeaderError{headerID, fmt.Sprintf("has %d bytes, want at most %d", len(id), maxID)}
	}
	for i := range len(id) {
		switch c := id[i]; {
		case c <= ' ' || c > '~':
			return &HeaderError{headerID, "has a character that is not visible ASCII"}
		case c == '.': // it would let the end of an ID be taken for a timestamp
			return &HeaderError{headerID, "has a full stop, which Standard Webhooks does not allow"}
		}
	}
	return nil
}

// parseTimestamp reads seconds since 1970, as decimal digits.
func parseTimestamp(text string) (time.Time, error) {
	if len(text) <= maxTimestamp && strings.Trim(text, "0123456789") == "" {
		if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
			return time.Unix(seconds, 0), nil
		}
	}
	return time.Time{}, &HeaderError{headerTimestamp, fmt.Sprintf("got %.40q, want seconds since 1970 as digits", text)}
}

// parseSignatures returns the signatures of version v1 in a list.
func parseSignatures(list string) ([]string, error) {
	if len(list) > maxSignatureHeader {
		return nil, &HeaderError{headerSignature, fmt.Sprintf("has %d bytes, want at most %d", len(list), maxSignatureHeader)}
	}
	var found []string
	all := 0
	for one := range strings.FieldsSeq(list) {
		if all++; all > maxSignatures {
			return nil, &HeaderError{headerSignature, fmt.Sprintf("has more than %d signatures", maxSignatures)}
		}
		if text, ok := strings.CutPrefix(one, signature.Version); ok {
			found = append(found, text)
		}
	}
	if len(found) == 0 {
		return nil, &HeaderError{headerSignature, fmt.Sprintf("has no signature that begins with %q among %d", signature.Version, all)}
	}
	return found, nil
}

// checkTime returns an error for what was sent too long ago, or too far ahead.
func (h headers) checkTime(now time.Time) error {
	if age := now.Sub(h.sent); age > Tolerance || age < -Tolerance {
		return &TimeError{Sent: h.sent, Age: age}
	}
	return nil
}
