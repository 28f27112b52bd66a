//go:build opcall_modules

// No build has this file. `go mod tidy` reads it all the same: a program that uses
// this package gets the modules of package openai into its go.mod and go.sum, and can
// import that package later without a change to either.

package client

import _ "github.com/invopop/jsonschema" // the schemas of Go types
