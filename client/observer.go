package client

import (
	"context"
	"time"
)

// Observer learns what the calls of a client do, for traces, metrics and logs. It gets
// no body, no header, no URL and no credential. WithLogger is one; the module
// client/otel has one for OpenTelemetry.
//
// Its methods, and those of its CallObservers, are called by the goroutine that makes
// the call, or reads or closes its stream or socket, and that goroutine waits for them.
// Several call StartCall at once. A panic in them is a panic of the call, as in the
// function of WithUsage.
type Observer interface {
	// StartCall is called when a request is valid, complete and about to be sent for
	// the first time. What is refused before that is not a call. The context that it
	// returns, ctx or a child of it, is that of the request: a middleware finds in it
	// what the Observer put there. A nil CallObserver gets no report.
	StartCall(ctx context.Context, call CallInfo) (context.Context, CallObserver)
}

// CallObserver learns how one call, stream or socket goes on. Its methods are called one
// after the other.
type CallObserver interface {
	// StartAttempt is called before the request is sent, each time, with the number of
	// the attempt, from 1. The context that it returns, ctx or a child of it, is that of
	// the attempt. A stream that is resumed makes further attempts.
	StartAttempt(ctx context.Context, attempt int) context.Context
	// EndAttempt is called when the headers of the response have come, or the body of a
	// response that is an error, or nothing.
	EndAttempt(AttemptInfo)
	// FirstByte is called at most once, with the time since StartCall: when the body of
	// a response begins to come, the first event of a stream or socket has come.
	FirstByte(time.Duration)
	// EndCall is called once, when the call is over: after the response was read, or,
	// for what is streamed, when it has ended or was closed.
	EndCall(EndInfo)
}

// CallKind says what a call is.
type CallKind string

// The kinds of calls. The texts are stable: they may be labels of a metric.
const (
	KindCall   CallKind = "call"   // of Call
	KindStream CallKind = "stream" // of Stream
	KindSocket CallKind = "socket" // of Socket and Redial
)

// CallInfo is what is known of a call before it is sent. Texts that come from the
// caller or the document are one line each, bounded in length, with credentials masked.
type CallInfo struct {
	Kind      CallKind
	Operation string // its ID, or the name of the socket
	Method    string // of HTTP
	Path      string // template: "/files/{file_id}"
	Scheme    string // "https"
	Host      string // of the request, with its port where the address has one
	Model     string // that the request names, "" without one
	Activity  string // what the document calls it for telemetry (x-opcall-telemetry): "chat"; may be ""
	Provider  string // likewise: "openai"; may be ""
}

// AttemptInfo is what became of one attempt.
type AttemptInfo struct {
	Number    int           // from 1
	Took      time.Duration // until the headers, or until an error's body was read
	Status    int           // of the response, 0 where there was none
	RequestID string        // the server's name for it, may be ""
	Class     ErrorClass    // "" for a success
	Reason    string        // of a failure, one line: the code of the server's error, or what happened to the connection
	Again     bool          // another attempt follows
	Delay     time.Duration // before it
}

// EndInfo is what became of a call.
type EndInfo struct {
	Took      time.Duration // since StartCall
	Attempts  int           // how often the request was sent
	Status    int           // of the last response, 0 where there was none
	RequestID string        // likewise; may be ""
	Model     string        // that the response names, "" where it names none
	Tokens    Tokens        // of the response; of a socket the sum
	Events    int           // that were delivered, of a stream or socket
	Class     ErrorClass    // "" for a success
	Reason    string        // of an *APIError: its code, type or status; of others as AttemptInfo has it; may be ""
}

// Tokens is what a response says it used. Known is false where it says nothing.
type Tokens struct {
	Input, Output int64
	Known         bool
}

// ErrorClass sorts the errors of calls. The texts are stable: they may be labels of a
// metric.
type ErrorClass string

// The classes of errors.
const (
	ClassAPI        ErrorClass = "api"        // the server reported an error: *APIError
	ClassConnection ErrorClass = "connection" // no response, or one that broke off: *ConnectionError
	ClassTimeout    ErrorClass = "timeout"    // likewise, as time was up
	ClassCanceled   ErrorClass = "canceled"   // likewise, as the caller's context ended
	ClassCredential ErrorClass = "credential" // no token for another attempt: *TokenError
	ClassResponse   ErrorClass = "response"   // a success that cannot be used, or is not valid: *ResponseError, *EventError, *schema.ValidationError
	ClassTruncated  ErrorClass = "truncated"  // a stream that stopped before its end: *TruncatedError
	ClassClosed     ErrorClass = "closed"     // the server closed the socket: *CloseError
	ClassAbandoned  ErrorClass = "abandoned"  // no error: the caller closed a stream before its end
	ClassOther      ErrorClass = "other"
)

// WithObserver reports each call to o. Where it is given more than once, all get the
// reports, in this order; each gets the context that the one before it returned.
func WithObserver(o Observer) Setting {
	return setting(func(s *settings) error {
		if o == nil {
			return errNoObserver
		}
		s.observers = append(s.observers[:len(s.observers):len(s.observers)], o)
		return nil
	})
}
