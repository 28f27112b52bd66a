// Libopenapi-validator is a fresh process with libopenapi-validator; see
// bench.Cold.
package main

import (
	"net/http"
	"strings"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/opcall/opcall/bench"
	"github.com/opcall/opcall/embed"
)

func main() { bench.Cold(open) }

func open() (bench.Refuses, error) {
	doc, err := libopenapi.NewDocument(embed.OpenAI())
	if err != nil {
		return nil, err
	}
	v, errs := validator.NewValidator(doc)
	if len(errs) > 0 {
		return nil, errs[0]
	}
	return func(p bench.Payload) (bool, error) {
		req, err := http.NewRequest(http.MethodPost, "https://api.openai.com/v1"+p.Path, strings.NewReader(p.Body))
		if err != nil {
			return false, err
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer test")
		ok, _ := v.ValidateHttpRequestSync(req)
		return !ok, nil
	}, nil
}
