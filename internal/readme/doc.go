// Package readme holds the tests that keep the READMEs true: what that of the repository shows is part
// of an Example or of a program that runs, its links lead somewhere, and the tables of others are complete.
package readme
