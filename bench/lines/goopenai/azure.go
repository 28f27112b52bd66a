package goopenai

import (
	"strings"

	"github.com/sashabaranov/go-openai"
)

// Azure makes a client of the v1 API of a resource, which gets no key of the environment.
func Azure(endpoint, key string) *openai.Client {
	config := openai.DefaultConfig(key)
	config.BaseURL = strings.TrimRight(endpoint, "/") + "/openai/v1"
	return openai.NewClientWithConfig(config)
}
