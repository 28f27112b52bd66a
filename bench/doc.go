// Package bench measures opcall beside other libraries, in the same run, on the
// same bytes. It is a module of its own, so that users of opcall never download
// the others.
//
//	go test -run '^$' -bench . -benchmem            # everything
//	go test -run '^$' -bench 'First|Validate'        # fresh processes, verdicts on bodies
//	go test -run '^$' -bench Open                    # opening the description
//	go test -run '^$' -bench Call                    # one call, beside bare net/http
//	go test -run '^$' -bench Tools                   # a model that calls tools, beside a loop by hand
//	go test -run '^$' -bench Stream                  # events, and the time to the first
//	go test                                          # what test servers answer can be read by other clients,
//	                                                 # and bundles of split documents mean what libopenapi's do
//	go run ./size                                   # a cold build and its binary
//	go run ./command                                # one process of the command line
package bench
