//go:build !linux

package main

import "github.com/rogpeppe/go-internal/testscript"

// atTerminal is for Linux, where a pseudo terminal needs no more than system calls. Stories
// ask for it by [linux].
func atTerminal(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Fatalf("stories at a terminal run on Linux")
}
