// Kin-openapi is a fresh process with kin-openapi; see bench.Cold.
package main

import (
	"encoding/json"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/opcall/opcall/bench"
	"github.com/opcall/opcall/embed"
)

func main() { bench.Cold(open) }

func open() (bench.Refuses, error) {
	doc, err := openapi3.NewLoader().LoadFromData(embed.OpenAI())
	if err != nil {
		return nil, err
	}
	return func(p bench.Payload) (bool, error) {
		var instance any
		if err := json.Unmarshal([]byte(p.Body), &instance); err != nil {
			return false, err
		}
		return doc.Components.Schemas[p.Component].Value.VisitJSON(instance) != nil, nil
	}, nil
}
