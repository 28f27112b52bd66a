// Package accumulate puts the events of a stream together, up to the object that
// the operation returns when it does not stream.
//
//	sum.go       New, Add, JSON: the ways in which events add up, by name
//	node.go      a JSON value that grows without being decoded
//	delta.go     a delta merged into a value
//	arguments.go arguments of calls, which some hosts begin twice
//	choices.go   chat completions and completions; choices_whole.go for hosts that
//	             send whole messages
//	response.go  the Responses API
//	run.go       runs of assistants, their steps and messages
//	audio.go     transcriptions and speech
//	image.go     generated images
//
// What each way produces is documented at client.Accumulator, which checks the
// events and limits the memory.
package accumulate
