//go:build opcall_sums

// The package openai makes JSON Schemas of Go types with this module, and nothing in
// this package does. It is named here, in a file that is never compiled, so that "go mod
// tidy" writes its checksum for programs that import this package: such a program can
// begin to import package openai without another download.

package client

import _ "github.com/invopop/jsonschema"
