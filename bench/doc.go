// Package bench measures opcall beside other libraries, in the same run, on the
// same bytes. It is a module of its own, so that users of opcall never download
// the others.
//
//	go test -run '^$' -bench . -benchmem            # everything
//	go test -run '^$' -bench 'First|Validate'        # fresh processes, bodies validated
//	go test -run '^$' -bench Open                    # opening the description
//	go test -run '^$' -bench Call                    # one call, beside bare net/http
//	go test -run '^$' -bench Tools                   # a model that calls tools, beside a loop by hand
//	go test -run '^$' -bench Stream                  # events, and the time to the first
//	go test                                          # other clients read what the test server sends,
//	                                                 # and bundles of split documents mean what libopenapi's do
//	go run ./size                                   # a cold build and its binary
//	go run ./command                                # one process of the command line
//
// Files:
//
//	payloads.go   the bodies that are validated
//	cold.go       programs that open a document and validate one body, for fresh processes
package bench
