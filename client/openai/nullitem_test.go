package openai_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/schema"
)

// nulls returns an item with each of its members null in turn, those of its first parts
// too, by the path of that member.
func nulls(item []byte) map[string][]byte {
	variants := make(map[string][]byte)
	var walk func(v gjson.Result, path string, depth int)
	walk = func(v gjson.Result, path string, depth int) {
		at := 0
		v.ForEach(func(key, value gjson.Result) bool {
			name := key.String()
			if v.IsArray() {
				name = strconv.Itoa(at)
				if at++; at > 2 {
					return false
				}
			}
			name = strings.TrimPrefix(path+"."+name, ".")
			if key.Exists() && key.String() != "type" {
				if changed, err := sjson.SetRawBytes(item, name, []byte("null")); err == nil {
					variants[name] = changed
				}
			}
			if depth > 0 && (value.IsObject() || value.IsArray()) {
				walk(value, name, depth-1)
			}
			return true
		})
	}
	walk(gjson.ParseBytes(item), "", 2)
	return variants
}

// TestItemsWithNullsGoBack: what a compatible host answered with null, wherever that is,
// goes back in with the next request. A null that the request's schema does not take is
// left out; only where a required member was null the request has to be let through.
func TestItemsWithNullsGoBack(t *testing.T) {
	c := newClient(t)
	document := c.Document()
	union, err := document.Describe("OutputItem")
	if err != nil {
		t.Fatal(err)
	}
	valid, required, kinds := 0, 0, 0
	step := 1
	if testing.Short() {
		step = 4
		t.Log("-short: every fourth kind of item")
	}
	for i := 0; i < len(union.Schema.Variants); i += step {
		variant := union.Schema.Variants[i]
		component, err := document.Component(variant.Schema.Component)
		if err != nil {
			t.Fatalf("%s: %v", variant.Schema.Component, err)
		}
		item, err := sample.Full(component)
		if err != nil {
			t.Errorf("%s: %v", variant.Schema.Component, err)
			continue
		}
		kinds++
		whole := problemsOf(t, c, answered(t, item)) // what an invented item breaks anyway
		for path, text := range nulls(item) {
			back := answered(t, text)
			found := problemsOf(t, c, back)
			for place, p := range found {
				if _, anyway := whole[place]; !anyway && p.Keyword != "required" && p.Keyword != "dependentRequired" {
					t.Errorf("%s, %s null: %v\nsent %s", variant.Schema.Component, path, p, back)
				}
			}
			if len(found) == 0 {
				valid++
			} else {
				required++
			}
		}
	}
	t.Logf("%d kinds of item; %d with a null are valid, %d lack what is required", kinds, valid, required)
	if kinds < 28/step || valid < 100/step/2 {
		t.Errorf("%d kinds, %d valid, want %d and at least %d", kinds, valid, 28/step, 100/step/2)
	}
}

// problemsOf validates an item as input, without the help that received items get.
func problemsOf(t *testing.T, c *openai.Client, item []byte) map[string]schema.Problem {
	t.Helper()
	err := c.Validate("createResponse", client.Params{"model": "m", "input": []any{json.RawMessage(item)}})
	if err == nil {
		return nil
	}
	var invalid *schema.ValidationError
	if !errors.As(err, &invalid) {
		t.Fatalf("%s: %v", item, err)
	}
	found := make(map[string]schema.Problem)
	for _, p := range invalid.Problems {
		found[string(p.Pointer)+" "+p.Keyword] = p
	}
	return found
}

// answered returns an item as it goes back after a server has answered it.
func answered(t *testing.T, item []byte) []byte {
	t.Helper()
	body := fmt.Sprintf(`{"id":"r1","object":"response","status":"completed","created_at":1,"model":"m","output":[%s]}`, item)
	h := newHost(t, responding("application/json", body))
	c := newClient(t, client.WithBaseURL(h.URL), client.WithMaxRetries(0))
	r, err := c.Respond(t.Context(), openai.RespondRequest{Model: "m", Input: "x"})
	if err != nil {
		t.Fatal(err)
	}
	out := r.Output()
	if len(out) != 1 {
		t.Fatalf("got %d items of %s", len(out), body)
	}
	back, err := json.Marshal(out[0])
	if err != nil {
		t.Fatal(err)
	}
	return back
}
