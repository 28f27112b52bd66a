package opcall

import "github.com/opcall/opcall/client/openai"

// LocalHost makes a client of a host, which gets no key of the environment.
func LocalHost() (*openai.Client, error) {
	return openai.New(openai.Host("ollama"))
}
