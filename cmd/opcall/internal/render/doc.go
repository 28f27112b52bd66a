// Package render writes results: JSON for people and for programs, YAML, tables, and what
// a gjson path or a jq program takes out of them.
//
//	output.go   --output, --select, --jq: values and items in one of the formats
//	filter.go   what a path or a program takes out of a value
//	plain.go    text of a stranger, for a terminal
//	json.go     JSON, indented and in colour on a terminal
//	yaml.go     the same value as YAML
//	table.go    columns
//	objects.go  the objects of a list as the rows of a table
package render
