package bench

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/opcall/opcall/embed"
)

// kin opens the built-in document with kin-openapi.
func kin(tb testing.TB) *openapi3.T {
	tb.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(embed.OpenAI())
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

// pb33f opens the built-in document with libopenapi-validator.
func pb33f(tb testing.TB) validator.Validator {
	tb.Helper()
	doc, err := libopenapi.NewDocument(embed.OpenAI())
	if err != nil {
		tb.Fatal(err)
	}
	v, errs := validator.NewValidator(doc)
	if len(errs) > 0 {
		tb.Fatal(errs[0])
	}
	return v
}
