// Package shared finds and reads the test data that is not part of the repository: the
// official descriptions of the API, and recorded traffic with the real server. Tests use
// it, nothing else does.
//
// The environment variable OPCALL_SHARED names the folder, absolutely or from the root of
// the repository. Where it is not set, a test that asks for the data is skipped and says
// so. Where it is set, data that is not there fails the test: a mistyped folder does not
// pass for one that was tested.
//
//	folder.go    Present, Path, Read: the folder and its files
//	recorded.go  Interactions, Streams: the recorded traffic
package shared
