// Package argument reads the arguments of a call, NAME=VALUE, into the parameters of an
// operation. What a value is, the document says: 5 is a number where it wants a number and
// a text where it wants a text.
//
//	path.go    a.b.c, list[], list[2]: where a value goes
//	parse.go   one argument: its path, and where its value comes from
//	typed.go   the text of a value as JSON of the type that the document wants
//	place.go   values put where their paths lead
//	params.go  all of it: --data, the arguments, the standard input
package argument
