// Package client calls the operations of an OpenAPI document over HTTP: those
// of the OpenAI API out of the box, those of any other document that it is
// given.
//
//	c, err := client.New()
//	r, err := c.Call(ctx, "createChatCompletion", client.Params{
//		"model":    "gpt-5-mini",
//		"messages": []any{client.Params{"role": "user", "content": "Hello"}},
//	})
//	fmt.Println(r.Get("choices.0.message.content"))
//
// # A call, step by step
//
// Call is a chain. Each step has a file, and each prefix of the chain can be
// called by itself, so that a dry run costs nothing:
//
//	params.go    what a caller hands over: Params, Input, File, structs, JSON
//	call.go      Call: all of the following, one after the other
//	plan.go      what is read of an operation once, for all calls of it
//	bind.go      which value goes where (Bind); body.go for the request body,
//	             misplaced.go for what has no place,
//	             extrabody.go for what is set in it after validation
//	received.go  what a server made and what goes back
//	validate.go  whether it is valid (Validate); filefield.go: text given for a
//	             file, newvalue.go: values that the document does not have yet
//	path.go      the path template filled in
//	encode.go    query, headers, body (Request); multipart.go for forms
//	             with files, upload.go for the files, auth.go for credentials,
//	             tokensource.go for those that expire,
//	             origin.go and server.go for the address, environment.go for what OPENAI_* say
//	send.go      on the wire; retry.go, authorization.go for the credentials of an
//	             attempt, roundtrip.go: to the transport, redirect.go
//	observer.go  who learns of it: observation.go reports to them, logging.go is one
//	response.go  the response: read, decoded, compared with the document (Call);
//	             decode.go: as a Go type (Decode), pathcheck.go: paths that lead
//	             nowhere in any response
//	unexpected.go  a success that is not what the document declares; complaint.go:
//	             errors in forms of a host's own
//	elsewhere.go  calls that go another way than HTTP, and what comes back (JSON,
//	             ReadResponse)
//	apierror.go  a response that is an error; errorbody.go reads its body
//
// Read them in this order. A stream goes the same way up to the response:
//
//	stream.go          Stream, Events, Close
//	streamresponse.go  what kind of response comes
//	receive.go         from events on the wire to those of the API
//	event.go           one event, typed by the document
//	streamend.go       how streams end when they are not complete; streamidle.go,
//	                   limit.go: what took too long
//	resume.go          and how they go on
//	streampoll.go      or are waited for, where they do not; streamagain.go: asked for
//	                   again because of their first event
//	text.go            their text; final.go, accumulate.go: what they add up to
//	                   (internal/accumulate does the adding)
//	streamoption.go    what can be set for streams
//
// And a WebSocket:
//
//	socketdial.go    the handshake, Redial
//	socket.go        Send, Events, Close; socketevent.go for one event
//	socketalive.go   how it stays; socketend.go: how it ends
//	socketoption.go  what can be set for sockets
//
// A list that comes in pages:
//
//	page.go       Items and Pages
//	pager.go      one range over a list: the calls of its pages
//	pagenext.go   what comes after a page (internal/paging finds out what a list goes on by)
//	pageerror.go  PageError, and operations that are not lists
//
// An object that takes its time:
//
//	wait.go       Wait: looks until a final state
//	waitstate.go  which states are final, and the options of waits
//	waiterror.go  WaitError
//
// Many calls:
//
//	each.go       Each: the calls, their results
//	eachoption.go what can be set for a run; shard.go: parts of a job
//	eachrun.go    one range over calls, and its goroutines
//	eachturn.go   one call of it: the gate that its attempts pass
//	pace.go       how many calls are in flight, how often they are sent again
//	journal.go    what a run records, and reads after it was killed; journalline.go: its
//	              lines, journallock_*.go: one run at once
//
// Around them: client.go and option.go make a client, reload.go follows the file
// of its document, setting.go holds what can be set for a client and for a single
// call, ratelimit.go and usage.go read what a server says of the caller's quota,
// coverage.go says what was checked and what not, json.go writes JSON, header.go
// has the rules of header values, redact.go and masked.go keep credentials out of
// texts, modules.go names modules for go mod tidy. The package openai has typed
// helpers for the OpenAI API, the package conform validates the traffic of other
// programs against a document, the package webhook receives what an API sends by
// itself.
//
// # What goes where
//
// Params are flat: a key that the operation declares as a parameter goes into
// the path, the query, a header or a cookie, every other key is a field of the
// body. Input says it explicitly. A File makes the body multipart. An operation that has
// no ID is called by its method and path, "GET /pets/{id}".
//
// # Trust
//
// A document is input. It does not decide where keys go: requests go to
// WithBaseURL, else to DefaultBaseURL; a document that names another server
// needs WithBaseURL or WithDocumentServer. It sets no header that carries a
// credential or says who is asking. The OPENAI_* variables of the environment are
// used for documents of the OpenAI API only, those whose first server is
// DefaultBaseURL; another API gets the credentials that options give.
//
// Redirects to another origin carry no credential and no body. Values cannot
// leave their place: a path value stays within its segment, a header value on its
// line. Keys appear in no error, log or %v; those of fewer than 8 characters are
// not recognised where a server repeats them, for as placeholders ("none",
// "ollama") they are words.
//
// # What may arrive twice
//
// When a connection breaks off, it is unknown whether the server has carried the
// request out. It is sent again all the same, up to WithMaxRetries times, with the
// header X-Opcall-Attempt: a POST may be carried out, and paid for, twice.
// APIError.Attempts, ConnectionError.Attempts and Response.Attempts say how often it
// was sent.
//
// # Paths
//
// Three syntaxes name a place in JSON, each where it is at home:
//
//	data.0.id, data.#.id  each Get that returns a gjson.Result: of  gjson, which has queries
//	                      Response, Event and, in webhook and
//	                      clienttest, of events and requests
//	/data/0/id            each Pointer: of problems, findings,      JSON Pointer (RFC 6901)
//	                      repairs, changes; Document.Lookup,
//	                      WithExtraBody, which takes a bare name too
//	data.0.id             Value.Get; Document.Describe, which       names joined by dots; one within
//	                      needs no number for an item               a name has a backslash before it
//
// # Concurrency
//
// A Client is safe for concurrent use, to be shared. A Response of
// JSON is, too; one that is not has one reader. So has a Stream, but for Close,
// which any goroutine may call. Send and Close of a Socket are safe for concurrent
// use, its Events have one reader.
package client
