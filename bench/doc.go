// Package bench measures opcall beside other libraries, in the same run, on the
// same bytes. It is a module of its own, so that users of opcall never download
// the others.
//
//	go test -bench . -benchmem        # everything
//	go test -bench Validate -benchmem # verdicts on bodies
//	go test -bench Call -benchmem     # one call, over bare net/http
//	go test -bench Open -benchmem     # opening the description
//	go run ./cold                     # fresh processes: from main to the first verdict
package bench
