package schema

import (
	"fmt"

	"github.com/pb33f/jsonpath/pkg/jsonpath"
	"github.com/pb33f/jsonpath/pkg/jsonpath/config"
	"github.com/pb33f/libopenapi"
	"go.yaml.in/yaml/v4"
)

// applyOverlay changes root as an OpenAPI Overlay 1.0 document says. libopenapi
// reads the overlay; its actions are applied here to the nodes in hand, where
// libopenapi would parse and render the whole document twice more.
//
// An action whose target selects nothing does nothing (Overlay 1.0 §4.4.3):
// one overlay serves many versions of a document.
func applyOverlay(root *yaml.Node, overlay []byte) error {
	parsed, err := libopenapi.NewOverlayDocument(overlay)
	if err != nil {
		return &DocumentError{Reason: "the overlay cannot be read: " + err.Error()}
	}
	if parsed.Overlay == "" || len(parsed.Actions) == 0 {
		return &DocumentError{Reason: "the overlay has no version or no actions; want an OpenAPI Overlay 1.0 document"}
	}
	if root.Kind == yaml.DocumentNode && len(root.Content) > 0 {
		root = root.Content[0]
	}
	document := &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{root}}
	for i, action := range parsed.Actions {
		if action.Copy != "" {
			return &DocumentError{Pointer: Pointer(fmt.Sprintf("/actions/%d/copy", i)), Reason: "the overlay copies, which is Overlay 1.1; want update and remove actions"}
		}
		path, err := jsonpath.NewPath(action.Target, config.WithPropertyNameExtension())
		if err != nil {
			return &DocumentError{Pointer: Pointer(fmt.Sprintf("/actions/%d/target", i)), Reason: "the overlay's target is no JSONPath (RFC 9535): " + err.Error()}
		}
		targets := path.Query(document)
		if action.Update != nil && !action.Update.IsZero() {
			for _, target := range targets {
				mergeNode(target, action.Update)
			}
		}
		if action.Remove {
			removeNodes(root, targets)
		}
	}
	return nil
}

// mergeNode puts update into target: objects member by member, arrays by
// appending, anything else by replacing (Overlay 1.0 §4.4.3).
func mergeNode(target, update *yaml.Node) {
	switch {
	case target.Kind == yaml.MappingNode && update.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(update.Content); i += 2 {
			key, value := update.Content[i], update.Content[i+1]
			if old := mappingValue(target, key.Value); old != nil {
				mergeNode(old, value)
			} else {
				target.Content = append(target.Content, key, cloneNode(value))
			}
		}
	case target.Kind == yaml.SequenceNode && update.Kind == yaml.SequenceNode:
		for _, item := range update.Content {
			target.Content = append(target.Content, cloneNode(item))
		}
	case target.Kind == yaml.SequenceNode:
		target.Content = append(target.Content, cloneNode(update))
	default:
		*target = *cloneNode(update)
	}
}

func mappingValue(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

func cloneNode(node *yaml.Node) *yaml.Node {
	clone := *node
	clone.Content = make([]*yaml.Node, len(node.Content))
	for i, child := range node.Content {
		clone.Content[i] = cloneNode(child)
	}
	return &clone
}

func removeNodes(root *yaml.Node, targets []*yaml.Node) {
	doomed := make(map[*yaml.Node]bool, len(targets))
	for _, target := range targets {
		doomed[target] = true
	}
	var prune func(*yaml.Node)
	prune = func(node *yaml.Node) {
		step := 1
		if node.Kind == yaml.MappingNode {
			step = 2
		}
		kept := node.Content[:0]
		for i := 0; i+step <= len(node.Content); i += step {
			if value := node.Content[i+step-1]; !doomed[value] {
				prune(value)
				kept = append(kept, node.Content[i:i+step]...)
			}
		}
		node.Content = kept
	}
	prune(root)
}
