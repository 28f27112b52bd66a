// Package explorer is a page for people who try an API out: search over the operations
// and components of a document, a page for each, a form or JSON with its problems
// while one types, and the response, event by event, beside it.
//
//	c, err := openai.New()
//	…
//	e, err := explorer.New(c.Client, explorer.WithTestServer(server.Client()))
//	…
//	fmt.Println("open http://127.0.0.1:8080" + e.Start())
//	err = http.ListenAndServe("127.0.0.1:8080", e)
//
// It is an http.Handler without state of its own: a team can mount it beside its other
// pages. Everything comes from the program: no file is loaded from another host, and the
// key never leaves the process; what the page sends is sent by the client.
//
// Files, in reading order:
//
//	explorer.go  New, its options, the routes
//	guard.go     who is served: Host, Origin, the token of the start
//	page.go      the pages, from the templates in assets
//	shape.go     what a schema accepts, as a list of fields
//	words.go     what fields are for
//	index.go     what the search looks in
//	input.go     from the fields of the form to the input of a call
//	check.go     the problems of what was typed
//	code.go      the call as opcall and Go; curl.go as curl
//	send.go      the call itself, as lines of JSON while it goes on
//
// # Trust
//
// Whoever reaches the page can make calls with the client's key. So only a browser that
// was started with the address of Start is served, under the name of a loopback address
// or one of WithHosts (against DNS rebinding), and requests that do something must
// come from the page itself (their Origin). WithoutToken leaves the first of these to
// whatever stands in front.
//
// The document is a stranger's: its text is shown as text, never as HTML or as a link.
package explorer
