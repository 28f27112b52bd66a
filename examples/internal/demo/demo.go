// Package demo gives the examples a client that works without a key.
package demo

import (
	"fmt"
	"os"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

// Client returns a client of the real API when OPENAI_API_KEY is set, else of
// the built-in test server, which it starts, and says so. Script, which may be
// nil, tells the test server what to answer. The caller calls stop at the end.
func Client(script func(*clienttest.Server)) (c *openai.Client, stop func(), err error) {
	if os.Getenv("OPENAI_API_KEY") != "" {
		fmt.Println("# OPENAI_API_KEY is set: calling the real API")
		c, err = openai.New()
		return c, func() {}, err
	}
	fmt.Println("# OPENAI_API_KEY is not set: calling the built-in test server, whose answers are made up")
	server, err := clienttest.Start()
	if err != nil {
		return nil, nil, err
	}
	if script != nil {
		script(server)
	}
	return openai.From(server.Client()), server.Close, nil
}

// Model returns the model to use: OPENAI_MODEL, else a small one.
func Model() string {
	if model := os.Getenv("OPENAI_MODEL"); model != "" {
		return model
	}
	return "gpt-5-mini"
}
