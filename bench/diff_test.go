package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

// official returns the path of an official description, which is not part of the
// repository.
func official(tb testing.TB, name string) string {
	tb.Helper()
	return shared.Path(tb, "openai-api", name)
}

// BenchmarkDiff compares two documents, from their bytes to every change: two
// official ones in YAML, and two of the same month in JSON.
func BenchmarkDiff(b *testing.B) {
	read := func(name string) []byte {
		data, err := os.ReadFile(official(b, name))
		if err != nil {
			b.Fatal(err)
		}
		return data
	}
	yaml := [2][]byte{read("openapi-2025-04-29.yaml"), read("openapi.yaml")}
	var month [2][]byte
	for i, name := range []string{"openapi.yaml", "openapi-openai-go-3.52.0.yaml"} {
		doc, err := schema.Load(read(name))
		if err != nil {
			b.Fatal(err)
		}
		month[i] = doc.JSON()
	}
	for name, files := range map[string][2][]byte{"yaml": yaml, "json": month} {
		b.Run(name+"/opcall", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var docs [2]*schema.Document
				for i, data := range files {
					var err error
					if docs[i], err = schema.Load(data); err != nil {
						b.Fatal(err)
					}
				}
				if changes := schema.Diff(docs[0], docs[1]); changes.Len() == 0 {
					b.Fatal("no changes")
				}
			}
		})
		b.Run(name+"/oasdiff", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if changes, err := oasdiffChanges(files[0], files[1]); err != nil || len(changes) == 0 {
					b.Fatalf("%d changes, %v", len(changes), err)
				}
			}
		})
	}
}

// oasdiffChanges returns what oasdiff has to say of two documents.
func oasdiffChanges(old, newer []byte) (checker.Changes, error) {
	var specs [2]*load.SpecInfo
	for i, data := range [][]byte{old, newer} {
		var err error
		if specs[i], err = load.NewSpecInfoFromData(openapi3.NewLoader(), data, fmt.Sprint("document ", i)); err != nil {
			return nil, err
		}
	}
	report, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), specs[0], specs[1])
	if err != nil {
		return nil, err
	}
	return checker.CheckBackwardCompatibilityUntilLevel(checker.NewConfig(checker.GetAllChecks()), report, sources, checker.INFO), nil
}

// shop is a document with the usual parts: parameters in all places, bodies,
// responses, headers, unions, allOf, enums, bounds.
const shop = `{"openapi":"3.0.3","info":{"title":"shop","version":"1"},
"paths":{
 "/orders/{id}":{"post":{"operationId":"setOrder",
  "parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}},
   {"name":"limit","in":"query","required":false,"schema":{"type":"integer","minimum":1,"maximum":10,"default":5}},
   {"name":"sort","in":"query","required":false,"schema":{"type":"string","enum":["a","b"]}},
   {"name":"X-Trace","in":"header","required":false,"schema":{"type":"string","maxLength":9,"pattern":"^a"}}],
  "requestBody":{"required":false,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Order"}},"text/plain":{"schema":{"type":"string"}}}},
  "responses":{"200":{"description":"ok","headers":{"X-Count":{"required":true,"schema":{"type":"integer"}}},
    "content":{"application/json":{"schema":{"$ref":"#/components/schemas/Receipt"}}}},
   "404":{"description":"no order","content":{"application/json":{"schema":{"type":"object","required":["code"],"properties":{"code":{"type":"string"}}}}}}}}}},
"components":{"schemas":{
 "Order":{"type":"object","required":["item"],"additionalProperties":false,"properties":{
  "item":{"type":"string","minLength":1,"maxLength":20},
  "count":{"type":"integer","minimum":1,"maximum":9,"nullable":true},
  "color":{"type":"string","enum":["red","blue"]},
  "tags":{"type":"array","minItems":1,"maxItems":5,"items":{"type":"string","maxLength":3}},
  "gift":{"oneOf":[{"$ref":"#/components/schemas/Card"},{"$ref":"#/components/schemas/Box"}]},
  "extra":{"type":"object","additionalProperties":{"type":"string"}}}},
 "Receipt":{"type":"object","required":["number","total"],"properties":{
  "number":{"type":"string"},"total":{"type":"number","minimum":0,"maximum":100},
  "note":{"type":"string","nullable":true,"maxLength":50},
  "state":{"type":"string","enum":["open","done"]},
  "lines":{"type":"array","items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"price":{"type":"number"}}}},
  "gift":{"anyOf":[{"$ref":"#/components/schemas/Card"},{"$ref":"#/components/schemas/Box"}]},
  "base":{"allOf":[{"$ref":"#/components/schemas/Card"},{"type":"object","required":["year"],"properties":{"year":{"type":"integer"}}}]}}},
 "Card":{"type":"object","required":["kind","text"],"properties":{"kind":{"type":"string","enum":["card"]},"text":{"type":"string"}}},
 "Box":{"type":"object","required":["kind"],"properties":{"kind":{"type":"string","enum":["box"]},"size":{"type":"integer","minimum":1}}}}}}`

// mutations returns documents that differ from one in a single place: a member
// removed, a value replaced by one that another document might have.
func mutations(document string) map[string]string {
	all := make(map[string]string)
	replacements := func(key string, value gjson.Result) []string {
		switch {
		case key == "type":
			return []string{`"integer"`, `"string"`, `"number"`, `"object"`}
		case key == "required" && value.IsArray():
			return []string{`[]`, `["item","count"]`, `["number"]`}
		case value.IsArray() && key == "enum":
			return []string{`["red"]`, `["red","blue","green"]`, `["open","done","lost"]`}
		case value.Type == gjson.Number:
			return []string{fmt.Sprint(value.Int() + 1), fmt.Sprint(value.Int() - 1)}
		case value.IsBool():
			return []string{fmt.Sprint(!value.Bool())}
		case key == "additionalProperties":
			return []string{"true", "false", `{"type":"integer"}`}
		case key == "pattern":
			return []string{`"^b"`}
		case key == "items":
			return []string{`{"type":"integer"}`}
		}
		return nil
	}
	var walk func(path string, value gjson.Result)
	walk = func(path string, value gjson.Result) {
		i := 0
		value.ForEach(func(key, inner gjson.Result) bool {
			name := key.String()
			if value.IsArray() {
				name = fmt.Sprint(i)
				i++
			}
			at := strings.TrimPrefix(path+"."+gjson.Escape(name), ".")
			if changed, err := sjson.Delete(document, at); err == nil && at != "openapi" && at != "info" && at != "paths" {
				all["without "+at] = changed
			}
			for _, text := range replacements(name, inner) {
				if changed, err := sjson.SetRaw(document, at, text); err == nil {
					all[at+" = "+text] = changed
				}
			}
			if name == "properties" {
				for _, text := range []string{`{"type":"string"}`} {
					if changed, err := sjson.SetRaw(document, at+".fresh", text); err == nil {
						all[at+".fresh = "+text] = changed
					}
				}
			}
			if inner.IsObject() || inner.IsArray() {
				walk(at, inner)
			}
			return true
		})
	}
	walk("", gjson.Parse(document))
	return all
}

// What oasdiff calls breaking, opcall does not call safe. Every place of a document
// is changed, one at a time.
func TestNothingThatOasdiffCallsBreakingIsSafe(t *testing.T) {
	old, err := schema.Load([]byte(shop))
	if err != nil {
		t.Fatal(err)
	}
	compared, breaking := 0, 0
	all := mutations(shop)
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text := all[name]
		if !json.Valid([]byte(text)) {
			t.Fatalf("%s: not JSON: %s", name, text)
		}
		theirs, err := oasdiffChanges([]byte(shop), []byte(text))
		if err != nil {
			continue // kin-openapi does not read it
		}
		newer, err := schema.Load([]byte(text))
		if err != nil || len(newer.Repairs()) > len(old.Repairs()) {
			continue // a document that needs a repair is read as it was meant
		}
		compared++
		changes := schema.Diff(old, newer)
		for _, change := range theirs {
			if !change.IsBreaking() {
				continue
			}
			breaking++
			if changes.Count(schema.SeverityBreaking)+changes.Count(schema.SeverityUnknown) == 0 {
				t.Errorf("%s: oasdiff says %q, opcall says\n%s", name, change.GetUncolorizedText(checker.NewDefaultLocalizer()), changes)
			}
		}
	}
	t.Logf("%d documents compared, in which oasdiff finds %d breaking changes", compared, breaking)
	if compared < 200 || breaking < 100 {
		t.Errorf("compared %d documents with %d breaking changes: the mutations no longer make any", compared, breaking)
	}
}

// In the official descriptions, too: an operation in which oasdiff finds something
// breaking has a change that is not safe.
func TestOfficialOperationsThatOasdiffCallsBrokenAreNotSafe(t *testing.T) {
	read := func(name string) []byte {
		data, err := os.ReadFile(official(t, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	old, newer := read("openapi-2025-04-29.yaml"), read("openapi.yaml")
	theirs, err := oasdiffChanges(old, newer)
	if err != nil {
		t.Fatal(err)
	}
	var docs [2]*schema.Document
	for i, data := range [][]byte{old, newer} {
		if docs[i], err = schema.Load(data); err != nil {
			t.Fatal(err)
		}
	}
	unsafe := make(map[string]bool)
	for change := range schema.Diff(docs[0], docs[1]).All() {
		for _, r := range change.Reaches {
			if change.Severity != schema.SeveritySafe {
				unsafe[r.Operation] = true
			}
		}
	}
	broken := 0
	for _, change := range theirs {
		if id := change.GetOperationId(); change.IsBreaking() && id != "" {
			broken++
			text := change.GetUncolorizedText(checker.NewDefaultLocalizer())
			// The older document is one of OpenAPI 3.1 and has the keyword nullable of
			// 3.0, which oasdiff ignores there and opcall reads.
			if !unsafe[id] && !strings.Contains(text, "was widened by adding types `null`") {
				t.Errorf("%s: oasdiff says %q, opcall finds nothing that is not safe", id, text)
			}
		}
	}
	if broken == 0 {
		t.Error("oasdiff finds nothing breaking: there is nothing to compare with")
	}
}
