// Package call is the command "opcall call".
//
//	call.go       the command and its flags
//	run.go        one call, in whichever way it was asked for
//	respond.go    what is done with a response
//	stream.go     --stream: text or events as they come
//	pages.go      --all: the items of a list
//	wait.go       --wait: until a state is final
//	save.go       a response that is a file
//	dryrun.go     --dry-run and --curl: the request, never a key
//	skeleton.go   --skeleton: parameters to edit
package call
