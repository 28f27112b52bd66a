// Package readme holds the tests that keep the README true: what it shows is part
// of an Example or of a program that runs, and its links lead somewhere.
package readme
