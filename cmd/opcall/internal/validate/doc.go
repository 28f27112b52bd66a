// Package validate is the commands "opcall validate" and "opcall check".
//
//	validate.go  files against a component, or against the parameters of an operation
//	lines.go     files of a JSON text per line
//	check.go     what differs, for a file whose kind it finds out
//	place.go     lines and columns of what a pointer leads to
//	report.go    problems as lines, as JSON, as annotations of GitHub
package validate
