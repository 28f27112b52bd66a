// Package bulk is the command "opcall bulk".
//
//	bulk.go    the command, and its run
//	lines.go   the calls of a file: batch requests, or parameters of one operation
//	result.go  what became of each, as lines of JSON
package bulk
