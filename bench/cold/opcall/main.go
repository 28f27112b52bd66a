// Opcall is a fresh process with opcall; see bench.Cold.
package main

import (
	"errors"

	"github.com/opcall/opcall/bench"
	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

func main() { bench.Cold(open) }

func open() (bench.Refuses, error) {
	c, err := client.New(client.WithAPIKey("test"))
	if err != nil {
		return nil, err
	}
	return func(p bench.Payload) (bool, error) {
		if p.Body == "" {
			c.Document().Precompile()
			return false, nil
		}
		err := c.Document().Validate(p.Component, p.Body)
		var invalid *schema.ValidationError
		if errors.As(err, &invalid) {
			return true, nil
		}
		return false, err
	}, nil
}
