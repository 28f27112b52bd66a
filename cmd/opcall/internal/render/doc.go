// Package render writes results: JSON for people and for programs, and tables.
//
//	plain.go   text of a stranger, for a terminal
//	json.go    JSON, indented and in colour on a terminal
//	table.go   columns, and the objects of a list as rows
package render
