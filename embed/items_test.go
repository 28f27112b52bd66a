package embed_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/sample"
)

// Whatever item the server has in a response, a list or a compaction is taken
// back by every operation whose body has items, but for what the helper of the
// official SDK removes.
func TestItemsOfTheServerAreTakenBack(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		unions     []string // of items that the server gives
		operations map[string]string
	}{
		"of a response": {
			[]string{"OutputItem", "ItemResource", "ItemField", "ConversationItem"},
			map[string]string{
				"/responses":              `{"model":"a","input":[%s]}`,
				"/responses/input_tokens": `{"model":"a","input":[%s]}`,
				"/responses/compact":      `{"model":"a","input":[%s]}`,
				"/conversations":          `{"items":[%s]}`,
				"/conversations/c/items":  `{"items":[%s]}`,
			},
		},
		"of a beta response": {
			[]string{"BetaOutputItem", "BetaItemResource", "BetaItemField"},
			map[string]string{
				"/responses?beta=true":              `{"model":"a","input":[%s]}`,
				"/responses/input_tokens?beta=true": `{"model":"a","input":[%s]}`,
				"/responses/compact?beta=true":      `{"model":"a","input":[%s]}`,
			},
		},
	}
	document := openBuiltIn(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items := 0
			for _, union := range tt.unions {
				for _, component := range branchesOf(t, union) {
					for _, item := range itemsOf(t, component) {
						items++
						for path, body := range tt.operations {
							if list := problems(requestTo("POST", path)(document), fmt.Sprintf(body, item)); len(list) > 0 {
								t.Errorf("%s of %s to %s: %q\n%s", component, union, path, list, item)
							}
						}
					}
				}
			}
			if items < 150 {
				t.Errorf("made %d items, want at least 150", items)
			}
		})
	}
}

var componentReference = regexp.MustCompile(`"\$ref":"#/components/schemas/([^"]+)"`)

// branchesOf returns the components that a union of the built-in description
// consists of.
func branchesOf(t *testing.T, union string) []string {
	t.Helper()
	s, err := openBuiltIn(t).Component(union)
	if err != nil {
		t.Fatal(err)
	}
	branches, _ := jsonscan.Member(s.JSON(), "oneOf")
	var names []string
	for _, m := range componentReference.FindAllStringSubmatch(branches, -1) {
		names = append(names, m[1])
	}
	if len(names) < 20 {
		t.Fatalf("%s has %d branches, want at least 20", union, len(names))
	}
	return names
}

// itemsOf makes items of a component, one with as few fields as it can have and
// one with as many, and removes what only the server says of them.
func itemsOf(t *testing.T, component string) []string {
	t.Helper()
	s, err := openBuiltIn(t).Component(component)
	if err != nil {
		t.Fatal(err)
	}
	var items []string
	for _, make := range []func() (json.RawMessage, error){
		func() (json.RawMessage, error) { return sample.Minimal(s) },
		func() (json.RawMessage, error) { return sample.Full(s) },
	} {
		text, err := make()
		if err != nil {
			t.Fatal(err)
		}
		var item map[string]any
		if err := json.Unmarshal(text, &item); err != nil {
			t.Fatal(err)
		}
		delete(item, "created_by")
		if chunks, ok := item["output"].([]any); ok {
			for _, chunk := range chunks {
				delete(chunk.(map[string]any), "created_by")
			}
		}
		if item["type"] == "function_call_output" {
			item["call_id"] = "a" // which the letter lets the server leave out
		}
		if item["type"] == "custom_tool_call_output" {
			delete(item, "status")
		}
		if item["role"] == "unknown" { // which no item has that the server wrote itself
			item["role"] = map[bool]string{true: "developer", false: "user"}[item["type"] == "additional_tools"]
		}
		if strings.HasSuffix(component, "ToolSearchCall") {
			item["arguments"] = map[string]any{"paths": []string{"a"}}
		}
		again, err := json.Marshal(item)
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, string(again))
	}
	return items
}

// The lines of the files that a batch leaves: a response, a refusal and a request
// that was not made.
func TestLinesOfBatchOutputAreValid(t *testing.T) {
	t.Parallel()
	lines := `{"id":"batch_req_1","custom_id":"a","response":{"status_code":200,"request_id":"req_1","body":{"object":"chat.completion","choices":[]}},"error":null}
{"id":"batch_req_2","custom_id":"b","response":{"status_code":400,"request_id":"","body":{"error":{"message":"no such model","type":"invalid_request_error","param":"model","code":null}}},"error":null}
{"id":"batch_req_3","custom_id":"c","response":null,"error":{"code":"batch_expired","message":"not made in time"}}
`
	validated := 0
	for line, err := range openBuiltIn(t).ValidateLines("BatchRequestOutput", strings.NewReader(lines)) {
		validated++
		if err != nil || line.Err != nil {
			t.Errorf("line %d: %v, %v", line.Number, err, line.Err)
		}
	}
	if validated != 3 {
		t.Errorf("validated %d lines, want 3", validated)
	}
}
