// Package extension reads what a document says about its API in x-opcall-…
// extensions, since OpenAPI has no words for it. Client, test server and
// validation of traffic use the same readings.
//
//	stream.go   x-opcall-stream: what asks for an event stream, what ends it, what
//	            its events are; event.go finds out what the schemas say of it
//	socket.go   x-opcall-socket: the WebSockets
//	route.go    x-opcall-path: where an operation's requests go
//	header.go   x-opcall-headers: the headers that every request needs
//	sample.go   x-opcall-sample of an operation: how a made-up response follows the request
//	state.go    x-opcall-state: what the test server keeps
//	wire.go     x-opcall-brackets: parameters and form fields as style knows them
//	limit.go    x-opcall-max-response: the largest response that is read;
//	            x-opcall-inputs: how much one request takes
//	upload.go   x-opcall-upload: files that are uploaded; x-opcall-batch: how much a
//	            batch takes
//	telemetry.go  x-opcall-telemetry: what observers call the calls
//	wait.go     x-opcall-wait: how a program waits for a result
//	path.go     which gjson paths a document may give
//	mediatype.go  media types as messages name them
//
// The package schema reads by itself what it needs: x-opcall-patch,
// x-opcall-credential, and x-opcall-brackets of parameters.
package extension
