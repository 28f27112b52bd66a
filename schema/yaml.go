package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/opcall/opcall/internal/jsonscan"
)

// appendNode writes a YAML node as JSON. Numbers that JSON can write keep
// their digits; the others (0x10, 1_000, +5) are converted. Aliases are
// expanded as long as the text stays under limit bytes.
func appendNode(dst []byte, node *yaml.Node, depth, limit int) ([]byte, error) {
	if depth > maxDepth {
		return dst, nodeError(node, fmt.Sprintf("nested more than %d deep", maxDepth))
	}
	if len(dst) > limit {
		return dst, nodeError(node, fmt.Sprintf("the document grows past %d bytes as its aliases are expanded", limit))
	}
	switch node.Kind {
	case yaml.DocumentNode:
		if len(node.Content) == 0 {
			return append(dst, "null"...), nil
		}
		return appendNode(dst, node.Content[0], depth, limit)
	case yaml.AliasNode:
		return appendNode(dst, node.Alias, depth+1, limit)
	case yaml.SequenceNode:
		dst = append(dst, '[')
		for i, item := range node.Content {
			if i > 0 {
				dst = append(dst, ',')
			}
			var err error
			if dst, err = appendNode(dst, item, depth+1, limit); err != nil {
				return dst, err
			}
		}
		return append(dst, ']'), nil
	case yaml.MappingNode:
		return appendMapping(dst, node, depth, limit)
	}
	return appendScalar(dst, node)
}

func appendMapping(dst []byte, node *yaml.Node, depth, limit int) ([]byte, error) {
	dst = append(dst, '{')
	seen := make(map[string]bool, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return dst, nodeError(key, "got a key that is not a scalar")
		}
		if key.ShortTag() == "!!merge" {
			return dst, nodeError(key, "got a merge key (<<), which is no part of YAML 1.2; write the members out")
		}
		if seen[key.Value] {
			return dst, nodeError(key, fmt.Sprintf("key %q stands twice in one mapping", key.Value))
		}
		seen[key.Value] = true
		if len(seen) > 1 {
			dst = append(dst, ',')
		}
		dst = jsonscan.AppendString(dst, key.Value)
		dst = append(dst, ':')
		var err error
		if dst, err = appendNode(dst, value, depth+1, limit); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func appendScalar(dst []byte, node *yaml.Node) ([]byte, error) {
	switch node.ShortTag() {
	case "!!null":
		return append(dst, "null"...), nil
	case "!!bool":
		return strconv.AppendBool(dst, strings.EqualFold(node.Value, "true")), nil
	case "!!int", "!!float":
		if jsonscan.Check(node.Value, 0) == nil {
			return append(dst, node.Value...), nil
		}
		plain := strings.ReplaceAll(strings.TrimPrefix(node.Value, "+"), "_", "")
		if n, ok := new(big.Int).SetString(plain, 0); ok {
			return n.Append(dst, 10), nil
		}
		if f, err := strconv.ParseFloat(plain, 64); err == nil {
			if text, err := json.Marshal(f); err == nil {
				return append(dst, text...), nil
			}
		}
		return dst, nodeError(node, fmt.Sprintf("got number %.40q, which JSON cannot write", node.Value))
	}
	return jsonscan.AppendString(dst, node.Value), nil
}

// nodeFromJSON builds the node that the YAML form of text would parse to, so
// that overlays apply to both. text must be well formed.
func nodeFromJSON(text string) *yaml.Node {
	switch text[0] {
	case '{':
		node := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for key, value := range jsonscan.Members(text) {
			node.Content = append(node.Content, stringNode(key), nodeFromJSON(value))
		}
		return node
	case '[':
		node := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range jsonscan.Items(text) {
			node.Content = append(node.Content, nodeFromJSON(item))
		}
		return node
	case '"':
		return stringNode(jsonscan.String(text))
	case 't', 'f':
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: text}
	case 'n':
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: text}
	}
	tag := "!!int"
	if strings.ContainsAny(text, ".eE") {
		tag = "!!float"
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text}
}

func stringNode(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

func nodeError(node *yaml.Node, reason string) *DocumentError {
	return &DocumentError{Line: node.Line, Column: node.Column, Reason: reason}
}
