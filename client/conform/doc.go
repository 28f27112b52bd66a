// Package conform validates the traffic of any program against an OpenAPI document:
// an http.RoundTripper for programs that call an API, whatever SDK they use, and
// an http.Handler for gateways and servers that offer one, and a reverse proxy for
// programs in other languages.
//
//	transport := conform.NewTransport(doc, http.DefaultTransport, conform.WithErrorResponses())
//	sdk := openai.NewClient(option.WithHTTPClient(&http.Client{Transport: transport}))
//
//	http.ListenAndServe(addr, conform.NewHandler(doc, next))
//
//	proxy, err := conform.NewProxy(doc, "https://api.openai.com")
//
// # What is validated
//
//	request.go    path, query, headers and body of a request
//	response.go   the JSON of a response
//	transport.go  NewTransport
//	handler.go    NewHandler; writer.go follows what its handler writes
//	events.go     the events of a stream, each as it passes: WithEvents
//	option.go     how strictly, and what happens to a message that breaks the document
//	report.go     Report says what was found; reportlog.go writes it as JSON lines
//	body.go       bodies are read ahead or along, and reach their reader unchanged
//	form.go       long multipart forms are validated while they are read
//	encoding.go   bodies in a Content-Encoding are decoded to be validated
//
// # The proxy
//
//	proxy.go      NewProxy: what it passes on is unchanged, as soon as it is there
//	socket.go     the messages of a WebSocket, in the frames that go by: frames.go,
//	              deflate.go for those that are compressed
//	drift.go      Drift: where reality and description differ, by field
//	metrics.go    counters for Prometheus, and what is at InspectPath
//
// # Two documents
//
// Before a newer description is taken into use, Compare says what it would refuse of
// the traffic there is:
//
//	exchange.go   Exchange, a line of recorded traffic
//	recorder.go   NewRecorder writes them; socketrecord.go those of a WebSocket
//	compare.go    Compare validates them against two documents
//	shadow.go     NewShadow does so with live traffic, without effect on it
//
// Each direction has a tier (see schema.Tier) and an Action:
//
//	                       NewTransport       NewHandler                    to change it
//	request                Standard, Reject   Standard, Reject              WithRequests
//	  body not checkable   as requests that break rules                     WithUnchecked
//	  of no operation      Pass               as requests that break rules  WithUnmatched
//	response               Lenient, Pass      Off                           WithResponses
//
// What a Transport rejects is not sent, or not returned; the error is an *Error,
// or with WithErrorResponses a response, for SDKs that would try again.
// What a Handler rejects gets a response in the form of the API's own errors: a
// request with 400, 404, 405, 413 or 415, a response with 502. Lenient rejects
// nothing, whatever the Action. Hosts and credentials are not looked at.
//
// HEAD is validated as GET where the document has no HEAD (RFC 9110 §9.3.2).
// OPTIONS goes on where the document has none for the path. The handshake of a
// document's WebSocket (x-opcall-socket) is validated, its events by a Proxy alone. A path
// value may not be empty or hold NUL or a dot segment, escaped or not.
//
// # What is not validated
//
// Silence never means valid: what could not be validated is in a Report, with the
// reason in Skipped. Of requests these are bodies in a Content-Encoding other than gzip
// and deflate, in a charset other than UTF-8 or with two Content-Types, bodies longer
// than WithMaxBody, encoded or decoded, requests that ask for another method in a header
// (X-HTTP-Method-Override), and operations with an error in the document:
// they are rejected where requests that break rules are. Bodies of audio, text and
// whatever else is neither JSON nor a form pass.
//
// Of responses these are bodies longer than WithMaxBody, streams of events without
// WithEvents, audio and files, WebSockets with an extension other than
// permessage-deflate, bodies in another Content-Encoding, and those with a status that
// the document does not describe; they pass.
//
// # Long forms
//
// A multipart form that is longer than WithMaxBody is not held: it is validated while
// the handler, or the server, reads it, and its files may have any length. Its end is
// held back until the whole is known to be valid. Where it is not, the body ends in an
// *Error, so that nobody takes it for whole, and the client gets the reason in place of
// what the handler would have responded, unless that has begun. Fields that are not files
// may have WithMaxBody bytes together. A request with a GetBody is validated before it
// is sent.
//
// # Logs
//
// Strangers' texts are bounded and stay on their line, in reports and in responses to
// what is rejected. Credentials of the request are masked, wherever they come back.
// The default log has no values and no unknown names, only where and what the
// document wants; WithoutValues leaves them out everywhere.
package conform
