package goopenai

import "github.com/sashabaranov/go-openai"

// LocalHost makes a client of a host, which gets no key of the environment.
func LocalHost() *openai.Client {
	config := openai.DefaultConfig("none")
	config.BaseURL = "http://localhost:11434/v1"
	return openai.NewClientWithConfig(config)
}
