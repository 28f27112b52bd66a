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

var officials struct {
	sync.Mutex
	opened map[string]*schema.Document
}

// openOfficial opens an official description as a user would, errata applied. It is
// opened once, as each takes a second, and tests read it alone.
func openOfficial(t *testing.T, name string) *schema.Document {
	t.Helper()
	text := shared.Read(t, name)
	officials.Lock()
	defer officials.Unlock()
	if document, ok := officials.opened[name]; ok {
		return document
	}
	document, err := schema.Load(text, schema.WithOverlay(embed.Errata()))
	if err != nil {
		t.Fatal(err)
	}
	if officials.opened == nil {
		officials.opened = make(map[string]*schema.Document)
	}
	officials.opened[name] = document
	return document
}
