package embed_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// shared returns a file of test data that is not in the repository.
// OPCALL_SHARED says where it is, from the root of the repository or absolute:
// unset skips the test, data missing there fails it.
func shared(t *testing.T, name string) []byte {
	t.Helper()
	root := os.Getenv("OPCALL_SHARED")
	if root == "" {
		t.Skip("OPCALL_SHARED is not set: the official descriptions and the recorded traffic are not read")
	}
	if !filepath.IsAbs(root) {
		root = filepath.Join("..", root)
	}
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

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
	document, err := schema.Load(shared(t, name), schema.WithOverlay(embed.Errata()))
	if err != nil {
		t.Fatal(err)
	}
	return document
}
