package webhook

import (
	"fmt"
	"strconv"
	"time"

	"github.com/opcall/opcall/client/internal/mask"
)

// SecretError is a secret that cannot be one, or the lack of any. It does not hold the
// secret.
type SecretError struct {
	Index    int    // among those that were given, from 0
	Of       int    // how many were given; 0 for one
	Variable string // the environment variable that it is from, or ""
	Reason   string
}

func (e *SecretError) Error() string {
	text := "webhook secret"
	switch {
	case e.Variable != "":
		text += " of " + e.Variable
	case e.Of > 1:
		text += " " + strconv.Itoa(e.Index+1) + " of " + strconv.Itoa(e.Of)
	}
	return text + ": " + e.Reason
}

// HeaderError is a header of a delivery that is missing or malformed.
type HeaderError struct {
	Name   string // "webhook-id"
	Reason string
}

func (e *HeaderError) Error() string { return "webhook: header " + e.Name + ": " + e.Reason }

// TimeError is a delivery whose timestamp is too far from now. A clock that is wrong,
// here or there, looks the same.
type TimeError struct {
	Sent time.Time
	Age  time.Duration // below 0 for what comes from the future
}

func (e *TimeError) Error() string {
	if e.Age < 0 {
		return fmt.Sprintf("webhook: the delivery is from %s ahead, want at most %s; is the clock right?", e.Age.Abs().Truncate(time.Second), Tolerance)
	}
	return fmt.Sprintf("webhook: the delivery is %s old, want at most %s; is the clock right?", e.Age.Truncate(time.Second), Tolerance)
}

// SignatureError is a delivery that none of the secrets has signed: it is forged, its
// body was changed on the way, or the secret is that of another endpoint.
type SignatureError struct {
	Signatures int // of version v1 that the delivery has
	Secrets    int // that were tried
}

func (e *SignatureError) Error() string {
	return fmt.Sprintf("webhook: none of %s is that of %s; want the body byte by byte as it came, and the secret of this endpoint",
		counted(e.Signatures, "signature"), counted(e.Secrets, "secret"))
}

// counted is "1 secret" or "2 secrets".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// PayloadError is a delivery whose signature is right and whose body is not a JSON
// object.
type PayloadError struct {
	ID  string // of the header webhook-id
	Err error
}

func (e *PayloadError) Error() string {
	return "webhook " + e.ID + ": the body: " + mask.Line(e.Err.Error(), maxMessage)
}

// Unwrap returns the cause.
func (e *PayloadError) Unwrap() error { return e.Err }

// maxMessage bounds the text of a cause, in bytes.
const maxMessage = 500

// RequestError is a request that is not a delivery: its method or its media type is wrong.
type RequestError struct {
	Status int // of the response: 405 or 415
	Reason string
}

func (e *RequestError) Error() string { return "webhook: " + e.Reason }

// BodyError is a body that could not be read.
type BodyError struct {
	Status int // of the response: 400, 408, 413 or, where this program is to blame, 500
	Reason string
	Err    error // the cause, when there is one
}

func (e *BodyError) Error() string {
	text := "webhook: the body: " + e.Reason
	if e.Err != nil {
		text += ": " + mask.Line(e.Err.Error(), maxMessage)
	}
	return text
}

// Unwrap returns the cause.
func (e *BodyError) Unwrap() error { return e.Err }

// ReplayError is a delivery that was received before. It is nothing to worry about where a
// sender did not get the response to the first.
type ReplayError struct {
	ID      string
	Running bool // the first is being handled; else it has been
}

func (e *ReplayError) Error() string {
	if e.Running {
		return "webhook " + e.ID + ": the same delivery is being handled"
	}
	return "webhook " + e.ID + ": it has been handled before"
}

// HandlerError is a delivery that the program's own function failed to handle.
type HandlerError struct {
	ID   string
	Type string
	Err  error
}

func (e *HandlerError) Error() string {
	return "webhook " + e.ID + ": " + mask.Line(e.Type, 100) + ": " + e.Err.Error()
}

// Unwrap returns what the function returned.
func (e *HandlerError) Unwrap() error { return e.Err }

// StoreError is a Store that failed.
type StoreError struct {
	ID  string // of the delivery
	Err error
}

func (e *StoreError) Error() string {
	return "webhook " + e.ID + ": the store of handled deliveries: " + e.Err.Error()
}

// Unwrap returns the error of the Store.
func (e *StoreError) Unwrap() error { return e.Err }
