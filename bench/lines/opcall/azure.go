package opcall

import "github.com/opcall/opcall/client/openai"

// Azure makes a client of the v1 API of a resource, which gets no key of the environment.
func Azure(endpoint, key string) (*openai.Client, error) {
	return openai.New(openai.Azure(endpoint, key))
}
