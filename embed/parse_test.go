package embed_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/go-yaml"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/internal/shared"
)

// Descriptions are read here by the plain decoders, apart from the packages
// that make and open them.

var officialTrees sync.Map // file name to func() (*yaml.Node, error)

// parseOfficial returns the tree of an official description, which the caller
// may change.
func parseOfficial(t *testing.T, name string) *yaml.Node {
	t.Helper()
	source := shared.Read(t, name)
	parse, _ := officialTrees.LoadOrStore(name, sync.OnceValues(func() (*yaml.Node, error) {
		var node yaml.Node
		return &node, yaml.Unmarshal(source, &node)
	}))
	node, err := parse.(func() (*yaml.Node, error))()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return copyOf(node)
}

func copyOf(node *yaml.Node) *yaml.Node {
	clone := *node
	clone.Content = make([]*yaml.Node, len(node.Content))
	for i, child := range node.Content {
		clone.Content[i] = copyOf(child)
	}
	return &clone
}

// number is an exact number, told apart from a string that looks like one.
type number string

// plain turns a node into map[string]any, []any, number, string, bool or nil.
func plain(node *yaml.Node) any {
	switch node.Kind {
	case yaml.DocumentNode:
		return plain(node.Content[0])
	case yaml.AliasNode:
		return plain(node.Alias)
	case yaml.MappingNode:
		m := make(map[string]any, len(node.Content)/2)
		for i := 0; i+1 < len(node.Content); i += 2 {
			m[node.Content[i].Value] = plain(node.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			list[i] = plain(item)
		}
		return list
	}
	switch node.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(node.Value, "true")
	case "!!int", "!!float":
		if n, ok := new(big.Rat).SetString(node.Value); ok {
			return number(n.RatString())
		}
	}
	return node.Value
}

// parseBuiltIn returns the built-in description in the form that plain gives.
func parseBuiltIn(t *testing.T) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(embed.OpenAI()))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return exact(value)
}

// exact puts number in the place of json.Number.
func exact(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, member := range value {
			value[key] = exact(member)
		}
	case []any:
		for i, item := range value {
			value[i] = exact(item)
		}
	case json.Number:
		if n, ok := new(big.Rat).SetString(value.String()); ok {
			return number(n.RatString())
		}
		return value.String()
	}
	return value
}
