package embed_test

import (
	"sync"
	"testing"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

const (
	officialNew = "openai-api/openapi.yaml"
	officialOld = "openai-api/openapi-2025-04-29.yaml"
)

var builtIn = sync.OnceValues(func() (*schema.Document, error) { return schema.Load(embed.OpenAI()) })

func openBuiltIn(t *testing.T) *schema.Document {
	t.Helper()
	document, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// openOfficial opens an official description as a user would, errata applied.
func openOfficial(t *testing.T, name string) *schema.Document {
	t.Helper()
	document, err := schema.Load(shared.Read(t, name), schema.WithOverlay(embed.Errata()))
	if err != nil {
		t.Fatal(err)
	}
	return document
}
