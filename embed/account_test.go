package embed_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/go-yaml"
	"github.com/pb33f/jsonpath/pkg/jsonpath"
	"github.com/pb33f/jsonpath/pkg/jsonpath/config"

	"github.com/opcall/opcall/embed"
)

// account reduces a description to its facts and keeps account of what went:
// prose, and what is said in another dialect than that of OpenAPI 3.1. It is
// written apart from the packages that make the built-in description.
type account struct {
	prose    int
	examples []string       // where prose was that is neither a summary nor a description
	repaired map[string]int // pointer and keyword of what was mended
}

// kind is what stands at a place of a description.
type kind int

const (
	objectKind kind = iota
	objectsKind
	schemaKind
	schemasKind
	dataKind
)

// under returns what stands under a key.
func (k kind) under(key string) kind {
	switch {
	case k == objectsKind:
		return objectKind
	case k == schemasKind:
		return schemaKind
	case k == dataKind, strings.HasPrefix(key, "x-"):
		return dataKind
	case k == objectKind:
		switch key {
		case "schema":
			return schemaKind
		case "schemas":
			return schemasKind
		case "paths", "webhooks", "responses", "content", "headers", "parameters", "encoding", "securitySchemes":
			return objectsKind
		}
		return objectKind
	}
	switch key {
	case "items", "additionalProperties", "not":
		return schemaKind
	case "properties", "allOf", "anyOf", "oneOf":
		return schemasKind
	}
	return dataKind
}

func (a *account) facts(value any, at string, k kind) any {
	switch value := value.(type) {
	case []any:
		if k == dataKind {
			return value
		}
		list := make([]any, len(value))
		for i, item := range value {
			inner := k
			if k == schemasKind || k == objectsKind {
				inner = k.under("")
			}
			list[i] = a.facts(item, fmt.Sprintf("%s/%d", at, i), inner)
		}
		return list
	case map[string]any:
		if k == dataKind {
			return value
		}
		if k == schemaKind {
			value = a.mend(value, at)
		}
		m := make(map[string]any, len(value))
		for key, member := range value {
			if isProse(key, k) {
				a.prose++
				if key != "summary" && key != "description" {
					a.examples = append(a.examples, at+"/"+escape(key))
				}
				continue
			}
			m[key] = a.facts(member, at+"/"+escape(key), k.under(key))
		}
		return m
	}
	return value
}

func isProse(key string, k kind) bool {
	if k != objectKind && k != schemaKind {
		return false
	}
	switch key {
	case "summary", "description", "example", "examples", "externalDocs":
		return true
	}
	return strings.HasPrefix(key, "x-") && !strings.HasPrefix(key, "x-opcall-")
}

// mend says in JSON Schema 2020-12 what a schema object means that mixes in
// OpenAPI 3.0 and JSON Schema 2019-09.
func (a *account) mend(s map[string]any, at string) map[string]any {
	out := make(map[string]any, len(s))
	for key, value := range s {
		out[key] = value
	}
	note := func(at, keyword string) { a.repaired[at+" "+keyword]++ }
	null := map[string]any{"type": "null"}
	orNull := func(keys ...string) {
		branch := map[string]any{}
		for _, key := range keys {
			if value, ok := out[key]; ok {
				branch[key] = value
				delete(out, key)
			}
		}
		out["anyOf"] = []any{branch, null}
	}
	if _, ok := out["$recursiveAnchor"]; ok {
		delete(out, "$recursiveAnchor")
		note(at, "$recursiveAnchor")
	}
	if _, ok := out["$recursiveRef"]; ok {
		delete(out, "$recursiveRef")
		out["$ref"] = "#" + strings.Join(strings.Split(at, "/")[:4], "/")
		note(at, "$recursiveRef")
	}
	for exclusive, inclusive := range map[string]string{"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"} {
		if says, ok := out[exclusive].(bool); ok {
			delete(out, exclusive)
			if limit, bounded := out[inclusive]; says && bounded {
				delete(out, inclusive)
				out[exclusive] = limit
			}
			note(at, exclusive)
		}
	}
	if required, ok := out["required"].([]any); ok {
		var once []any
		for _, name := range required {
			if !slices.Contains(once, name) {
				once = append(once, name)
			}
		}
		if len(once) < len(required) {
			out["required"] = once
			note(at, "required")
		}
	}
	if all, ok := out["allOf"].([]any); ok {
		var kept []any
		for i, member := range all {
			if saysNullableAlone(member.(map[string]any)) {
				note(fmt.Sprintf("%s/allOf/%d", at, i), "nullable")
				continue
			}
			kept = append(kept, member)
		}
		if len(kept) < len(all) {
			out["allOf"] = kept
			orNull("allOf")
		}
	}
	if nullable, ok := out["nullable"]; ok {
		delete(out, "nullable")
		note(at, "nullable")
		if nullable == true {
			a.nullable(out, orNull)
		}
	}
	return out
}

// saysNullableAlone finds the member of an allOf that is there to say it of the
// whole.
func saysNullableAlone(s map[string]any) bool {
	for key := range s {
		if key != "nullable" && !isProse(key, schemaKind) {
			return false
		}
	}
	return s["nullable"] == true
}

func (a *account) nullable(out map[string]any, orNull func(...string)) {
	if enum, ok := out["enum"].([]any); ok && !slices.Contains(enum, nil) {
		out["enum"] = append(slices.Clone(enum), nil)
	}
	if one, ok := out["type"].(string); ok {
		out["type"] = []any{one, "null"}
	}
	_, ref := out["$ref"]
	_, all := out["allOf"]
	_, one := out["oneOf"]
	switch {
	case ref || all || one:
		orNull("$ref", "allOf", "oneOf", "anyOf")
	case out["anyOf"] != nil:
		out["anyOf"] = append(slices.Clone(out["anyOf"].([]any)), map[string]any{"type": "null"})
	}
}

// action is one of the errata.
type action struct {
	Target      string    `yaml:"target"`
	Description string    `yaml:"description"`
	Update      yaml.Node `yaml:"update"`
}

func errataActions(t *testing.T) []action {
	t.Helper()
	var overlay struct {
		Actions []action `yaml:"actions"`
	}
	if err := yaml.Unmarshal(embed.Errata(), &overlay); err != nil {
		t.Fatal(err)
	}
	return overlay.Actions
}

// targets evaluates an action's JSONPath.
func (a action) targets(t *testing.T, document *yaml.Node) []*yaml.Node {
	t.Helper()
	path, err := jsonpath.NewPath(a.Target, config.WithPropertyNameExtension())
	if err != nil {
		t.Fatalf("%s: %v", a.Target, err)
	}
	return path.Query(document)
}

// applyErrata changes a description as the overlay says, and returns how many
// objects were changed.
func applyErrata(t *testing.T, document *yaml.Node) int {
	t.Helper()
	changed := 0
	for _, action := range errataActions(t) {
		for _, target := range action.targets(t, document) {
			merge(t, target, &action.Update)
			changed++
		}
	}
	return changed
}

// merge adds members, and items to lists (OpenAPI Overlay 1.0 §4.4.3). An erratum adds to
// the official letter and replaces none of it.
func merge(t *testing.T, target, update *yaml.Node) {
	t.Helper()
	if target.Kind == yaml.SequenceNode && update.Kind == yaml.SequenceNode {
		target.Content = append(target.Content, copied(update).Content...)
		return
	}
	if target.Kind != yaml.MappingNode || update.Kind != yaml.MappingNode {
		t.Fatalf("line %d: an erratum replaces %q", update.Line, target.Value)
	}
next:
	for i := 0; i+1 < len(update.Content); i += 2 {
		for j := 0; j+1 < len(target.Content); j += 2 {
			if target.Content[j].Value == update.Content[i].Value {
				merge(t, target.Content[j+1], update.Content[i+1])
				continue next
			}
		}
		target.Content = append(target.Content, update.Content[i], copied(update.Content[i+1]))
	}
}

// copied returns a node of its own for each place that an action adds it to: a later
// action may add to one of them.
func copied(node *yaml.Node) *yaml.Node {
	same := *node
	same.Content = make([]*yaml.Node, len(node.Content))
	for i, part := range node.Content {
		same.Content[i] = copied(part)
	}
	return &same
}
