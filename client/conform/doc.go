// Package conform holds the traffic of any program against an OpenAPI document:
// an http.RoundTripper for programs that call an API, whatever SDK they use, and
// an http.Handler for gateways and servers that offer one.
//
//	transport := conform.NewTransport(doc, http.DefaultTransport, conform.WithErrorAnswers())
//	sdk := openai.NewClient(option.WithHTTPClient(&http.Client{Transport: transport}))
//
//	http.ListenAndServe(addr, conform.NewHandler(doc, proxy))
//
// # What is judged
//
//	request.go    path, query, headers and body of a request
//	response.go   the JSON of an answer
//	transport.go  NewTransport
//	handler.go    NewHandler; writer.go follows what its handler answers
//	option.go     how strictly, and what happens to a message that breaks the document
//	report.go     Report tells about it
//	body.go       bodies are read ahead or along, and reach their reader unchanged
//
// Each direction has a tier (see schema.Tier) and an Action:
//
//	                    NewTransport       NewHandler                    to change it
//	request             Standard, Reject   Standard, Reject              WithRequests
//	  of no operation   Pass               as requests that break rules  WithUnmatched
//	response            Lenient, Pass      Off                           WithResponses
//
// What a Transport rejects is not sent, or not returned; the error is an *Error,
// or with WithErrorAnswers an answer, for SDKs that would try again.
// What a Handler rejects is answered in the form of the API's own errors: a
// request with 400, 404, 405 or 415, a response with 502. Lenient rejects
// nothing, whatever the Action. Hosts and credentials are not looked at.
//
// # What is not judged
//
// No silence is a verdict: what could not be judged is in a Report, with the
// reason in Skipped. These are bodies longer than WithMaxBody, multipart forms,
// streams of events, audio, files and whatever else is not JSON or an urlencoded
// form, compressed bodies, and answers with a status that the document does not
// describe. They pass as they are and are not held in memory, but for as much of
// a body of unknown length as WithMaxBody allows; the path, query and headers of
// their requests are judged all the same.
package conform
