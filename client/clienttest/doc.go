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
// operation has a response.
//
// # What happens to a request
//
//	server.go      NewServer: the server, its options, and the way of a request; described.go
//	               has the document with what servers find out about it
//	receive.go     its operation, by method and path: 404 or 405 without one; all
//	               that the document says of it, validated against it: 400 (package
//	               internal/inbound, which client/conform validates by, too)
//	credential.go  the keys that the operation's security asks for, whatever they are: 401
//	record.go      kept for the test: Requests, LastRequest; inspect.go for suites in other
//	               languages; coverage.go counts the operations, requestlog.go writes a line
//	ratelimit.go   limits that count down: 429; fault.go makes responses go wrong
//	state.go       what was made before, and is asked for again: resource.go finds in the
//	               paths what can be made, statemake.go makes it, stateidentity.go gives it
//	               an ID, clock.go says when, store.go keeps it, stateform.go fits it to the
//	               schema of a response, envelope.go puts it into its envelope;
//	               statelist.go and statepage.go list it, staterefer.go follows the IDs in
//	               requests; statechange.go, with statepatch.go and statejsonpatch.go for
//	               what a request changes, statemodel.go, statebatch.go for the rest
//	script.go      what the test wants to be sent: Respond, RespondFunc; casefile.go, with
//	               caseanswer.go and casereader.go, reads it from YAML
//	stream.go      else what a model says, as a stream of events if the request asks for
//	               one: streamchat.go, streamresponse.go, streamrun.go, streamaudio.go,
//	               streamimage.go; output.go for what is said, asked.go where the request
//	               asks for it, logprobs.go for probabilities
//	sample.go      else an instance of the operation's response schema, made to fit the
//	               request by follow.go and vector.go; specimen.go for other media types
//	refusal.go     else, if it is not valid, why: in the form of the API's errors
//	response.go    on the wire, late or broken where the script says so; timing.go says
//	               how fast, replay.go plays recordings; recording.go keeps what a real
//	               API responds, and responds with it, socketreplay.go over WebSockets;
//	               tls.go makes certificates
//	sockethandshake.go, socketserve.go
//	               a WebSocket instead: socketrealtime.go, socketspeech.go,
//	               sockettranslation.go, socketresponse.go; socket.go for the script
//	jsonobject.go  the objects that all of these write, members in order
//
// And webhook.go signs what an API sends by itself.
//
// A refusal has the form of the API's own errors, with the reason in message and
// the place of the first problem in param, "messages.0.content":
//
//	{"error": {"message": "…", "type": "invalid_request_error", "param": "…", "code": "…"}}
//
// Requests are validated in the Standard tier (see schema.Tier), unknown parameters
// and fields included. Scripted responses are not validated.
//
// A part of a form is refused, too, if the schema of its field is that of a file
// and the part has no file name.
//
// # What gets a response without a script
//
// A response that a program can go on with: it is valid, the same every time, and
// says that all is well. A chat completion has a choice with a text, and a response
// is completed and has a message with the same text, whether they are streamed or
// not. Where the request forces a tool, it is called with arguments that its schema
// allows; where it asks for JSON of a schema, the text is that; logprobs are there where
// they are asked for. Embeddings have a vector per text, as long as the request or the model says
// and as numbers or base64, the same for the same text. Images are PNGs, JPEGs or
// WebPs of one pixel, as many as asked for, in base64 or at a URL of the server.
// Lists have an item, what is fetched by its ID has that ID, a deletion says so,
// a status says that nothing is left to wait for, and what may be null instead of
// an error is null.
//
// For other documents all of this holds as far as the schemas show it. What is
// known of the OpenAI API beyond its schemas is said in x-opcall-sample.
//
// # What is kept
//
// An object that a request makes is there afterwards: it can be got, listed page by page,
// changed and deleted, as the paths of the document show it (Resources). A file has its
// content, an upload becomes a file, a batch serves the requests of its file, a vector
// store gets ready, what takes its time is one step further each time it is retrieved. A
// response adds its items to its conversation; a run has the model and the tools of its
// assistant, and its steps. What is over cannot be cancelled: 400. A deleted ID gets 404,
// also where a request refers to it. What nobody made is a sample, or 404 with StrictState;
// NoState keeps nothing. What paths do not show is said in x-opcall-state. PUT replaces an
// object, a JSON Merge Patch (RFC 7396) and a JSON Patch (RFC 6902) are applied, other requests
// set the members that they name; a new object has the ID that its request gives it, and a 201
// its path in Location. Objects may be in an envelope, {"order": {…}} or {"data": {…}}. When an object
// was made is the time of WithClock; what a model says has the same time always.
//
// Lists come in the pages that their parameters and responses show, as the client reads
// them: by a cursor, behind an ID, by number or by URL.
//
// # Streams
//
// A request for a stream gets events that are valid by the document,
// fit together, and end as those of the API do. They say the Output of the
// script, or a text of the server's own, and are the same every time but for the
// number of the request in IDs. Each event is sent at once.
//
//	server.Respond("createResponse", clienttest.Answer{Output: clienttest.Say("Titan is a moon.")})
//
// What asks for a stream, what ends it and how events add up is what the document
// says in x-opcall-stream. Of a stream of which it does not say how events add up,
// an instance of the event schema is sent, and the end.
//
// # Sockets
//
// The server speaks the WebSockets of the document (x-opcall-socket): each event
// of a client is validated against its component, given an error event where it
// breaks it, and kept for the test (SocketEvents); what it gets is
// valid and fits what was said before. RespondSocket says what a model says there,
// and where the connection drops or closes.
//
//	server.RespondSocket("realtime", clienttest.SocketAnswer{Output: clienttest.Say("Hello."), Fail: clienttest.DropSocket(5)})
//
// Audio is not processed: a response is made when it is asked for, transcripts of
// what a client sends are fixed, and speech is silence.
//
// # Limits
//
// A JSON or form body may have 64 MiB; files in forms and bodies of other types
// are read to their end, whatever their size, and not held in memory beyond what is kept. A
// body of which nothing comes for a minute gets 400. A form has at most 10,000 parts. A JSON
// Patch may write its object as often as makes 1 MiB and 64 times what both have. 100,000
// objects are kept, of at most 256 MiB, the oldest are forgotten first; and files of at most
// 8 MiB (WithMaxFile). Of each body and file the first MiB is recorded, of all requests the
// latest, up to 10,000 requests and 64 MiB.
package clienttest
