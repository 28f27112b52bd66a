// Package examples holds one small program per use, in folders of their own;
// README.md lists them by use. Each runs without an API key, against the built-in
// test server, and can be copied into another module as it is. Those that need other
// libraries are modules of their own: go -C examples/otel run .
package examples
