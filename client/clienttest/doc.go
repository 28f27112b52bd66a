// Package clienttest provides a server for tests of programs that call the
// OpenAI API, or any other API with an OpenAPI document, in the manner of
// net/http/httptest.
//
//	func TestSummary(t *testing.T) {
//		server := clienttest.NewServer(t)
//		server.Respond("createChatCompletion", clienttest.Answer{Body: completion})
//
//		got, err := summarize(server.Client(), "a long text")
//		…
//		sent := server.LastRequest("createChatCompletion")
//		if model := sent.Get("model").String(); model != "gpt-5-mini" { … }
//	}
//
// The server speaks the built-in document, or the one of WithDocument, over
// plain HTTP on loopback. It needs no key, no network and no preparation: every
// operation answers.
//
// # What happens to a request
//
//	route.go       its operation, by method and path: 404 or 405 without one
//	credential.go  the keys that the operation's security asks for, whatever they are: 401
//	receive.go     all that the document says of a request, held against it: 400
//	parameter.go   path, query, header, cookies, typed by their schemas (shape.go)
//	body.go        the body, by media type: 415 for another; form.go puts forms together
//	record.go      kept for the test: Requests, LastRequest
//	script.go      what the test wants to be answered: Respond, RespondFunc
//	sample.go      else an instance of the operation's response schema
//	answer.go      on the wire, late or broken where the script says so
//
// A refusal has the form of the API's own errors, with the reason in message and
// the place of the first problem in param, "messages.0.content":
//
//	{"error": {"message": "…", "type": "invalid_request_error", "param": "…", "code": "…"}}
//
// Requests are held to the Standard tier (see schema.Tier), unknown parameters
// and fields included. Scripted answers are held to nothing. Requests for a stream
// are answered with JSON where no script says otherwise.
//
// # Limits
//
// A JSON or form body may have 64 MiB; files in forms and bodies of other types
// are read to their end, whatever their size, and not kept in memory. A form has
// at most 10,000 parts. Of each body and file the first MiB is recorded, of all
// requests the latest, up to 10,000 requests and 64 MiB.
package clienttest
