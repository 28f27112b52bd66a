package embed_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

func TestPackedErrataAreThoseOfTheFile(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("errata.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(embed.Errata(), want) {
		t.Error("errata.yaml.gz is not errata.yaml; run go run ./embed/derive OFFICIAL.yaml")
	}
}

// The index is that of the document: with it, and without it, the same is found.
func TestIndexIsThatOfTheDocument(t *testing.T) {
	scanned, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(scanned.Index(), embed.Index()) {
		t.Fatal("openai.index is not what derive makes; run go run ./embed/derive OFFICIAL.yaml")
	}
	indexed, err := schema.Load(embed.OpenAI(), schema.WithoutChecks(), schema.WithIndex(embed.Index()))
	if err != nil {
		t.Fatal(err)
	}
	operations := 0
	for op := range scanned.Operations() {
		operations++
		same, err := indexed.Operation(op.ID)
		if err != nil || same.Path != op.Path || same.Method != op.Method || same.Summary != op.Summary {
			t.Errorf("%s: got %v, %v", op.ID, same, err)
		}
	}
	components := 0
	for name := range scanned.Components() {
		components++
		a, err := scanned.Component(name)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := indexed.Component(name); err != nil || a.JSON() != b.JSON() {
			t.Errorf("%s: got %v, %v", name, b, err)
		}
	}
	if operations < 288 || components < 1000 {
		t.Errorf("found %d operations and %d components", operations, components)
	}
}
