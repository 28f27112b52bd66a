// Package inbound validates an HTTP request, as it arrives, against an operation of
// an OpenAPI document.
//
//	route.go      its operation, by method and path: 404 or 405 without one
//	validate.go   all that the document says of a request, validated against it: 400
//	parameter.go  path, query, header, cookies, typed by their schemas (shape.go);
//	              pairs.go says which parameter takes which part of a query
//	body.go       the body, by media type: 415 for another; form.go and field.go
//	              put forms together; multipart.go reads one part by part, at once or
//	              as its body is passed on; filefield.go finds the fields that are files
//	socket.go     a WebSocket's handshake
//	refusal.go    what is wrong, in the form of the API's own errors
//
// Credentials are the caller's business.
package inbound
