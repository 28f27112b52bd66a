// Package examples holds one small program per use, in folders of their own. Each
// runs without an API key, against the built-in test server, and can be copied
// into another module as it is.
package examples
