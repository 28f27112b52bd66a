package schema_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/schema"
)

func documentWith(t *testing.T, text string) *schema.Document {
	t.Helper()
	return loadText(t, fmt.Sprintf(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},
		"paths":{"/a":{"post":{"operationId":"send","requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Sent"}}}},
			"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Received"}}}}}}}},
		"components":{"schemas":{"Sent":%s,"Received":%s,"Other":{"type":"object","properties":{"x":{"type":"string"}}},
			"Text":{"type":"string"},"Same":{"type":"object","properties":{"x":{"type":"string"}}}}}}`, text, text))
}

func loadText(t *testing.T, text string) *schema.Document {
	t.Helper()
	doc, err := schema.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestDiffTellsSafeFromBreakingSchemaChanges(t *testing.T) {
	for name, test := range map[string]struct {
		old, new string
		want     []string // severity in a request, in a response, and what happened
	}{
		"same":                           {`{"type":"string"}`, `{"type":"string"}`, nil},
		"other spelling":                 {`{"type":"string","maxLength":10}`, `{ "maxLength": 10.0, "type": ["string"] }`, nil},
		"new optional field":             {`{"properties":{}}`, `{"properties":{"a":{"type":"string"}}}`, []string{"safe safe .a: new optional field: string"}},
		"new required field":             {`{"properties":{}}`, `{"properties":{"a":{"type":"string"}},"required":["a"]}`, []string{"breaking safe .a: new required field: string"}},
		"field removed":                  {`{"properties":{"a":{}}}`, `{"properties":{}}`, []string{"breaking breaking .a: field removed"}},
		"field required":                 {`{"properties":{"a":{}}}`, `{"properties":{"a":{}},"required":["a"]}`, []string{"breaking safe .a: required now"}},
		"field optional":                 {`{"properties":{"a":{}},"required":["a"]}`, `{"properties":{"a":{}}}`, []string{"safe breaking .a: optional now"}},
		"field was possible":             {`{"additionalProperties":{"type":"string"}}`, `{"additionalProperties":{"type":"string"},"properties":{"a":{"type":"number"}}}`, []string{"unknown unknown .a: new optional field: number"}},
		"nested":                         {`{"properties":{"a":{"items":{"properties":{"b":{"type":"string"}}}}}}`, `{"properties":{"a":{"items":{"properties":{"b":{"type":"integer"}}}}}}`, []string{"breaking breaking .a.b: was string, is integer"}},
		"type wider":                     {`{"type":"integer"}`, `{"type":"number"}`, []string{"safe breaking : was integer, is number"}},
		"type narrower":                  {`{"type":"number"}`, `{"type":"integer"}`, []string{"breaking safe : was number, is integer"}},
		"null in a list of types":        {`{"type":"string"}`, `{"type":["string","null"]}`, []string{"safe breaking : null is possible now"}},
		"null of OpenAPI 3.0":            {`{"type":["string","null"]}`, `{"type":"string","nullable":true}`, nil},
		"null as a branch":               {`{"type":"string"}`, `{"anyOf":[{"type":"string"},{"type":"null"}]}`, []string{"safe breaking : null is possible now"}},
		"null gone":                      {`{"anyOf":[{"$ref":"#/components/schemas/Other"},{"type":"null"}]}`, `{"$ref":"#/components/schemas/Other"}`, []string{"breaking safe : null is no longer possible"}},
		"enum value added":               {`{"enum":["a"]}`, `{"enum":["a","b"]}`, []string{`safe unknown : new value "b"`}},
		"enum value removed":             {`{"enum":["a","b"]}`, `{"enum":["b"]}`, []string{`breaking safe : value removed: "a"`}},
		"enum in another order":          {`{"enum":["a","b"]}`, `{"enum":["b","a"]}`, nil},
		"enum introduced":                {`{"type":"string"}`, `{"type":"string","enum":["a"]}`, []string{`breaking safe : one of "a", was any value`}},
		"enum dropped":                   {`{"type":"string","const":"a"}`, `{"type":"string"}`, []string{`safe unknown : any value, was one of "a"`}},
		"const as enum":                  {`{"const":"a"}`, `{"enum":["a"]}`, nil},
		"enum without a type":            {`{"type":"string","enum":["a"]}`, `{"enum":["a"]}`, []string{"unknown unknown : was string, is any value, as far as the enum allows"}},
		"enum of another type":           {`{"type":"string","enum":["a"]}`, `{"type":"integer","enum":["a"]}`, []string{"breaking breaking : was string, is nothing"}},
		"bound tighter":                  {`{"maximum":10}`, `{"maximum":9}`, []string{"breaking safe : maximum 9, was 10"}},
		"bound looser":                   {`{"minLength":2}`, `{"minLength":1}`, []string{"safe unknown : minLength 1, was 2"}},
		"bound introduced":               {`{}`, `{"maxItems":3}`, []string{"breaking safe : new maxItems 3"}},
		"bound dropped":                  {`{"minItems":3}`, `{}`, []string{"safe unknown : no minItems, was 3"}},
		"pattern":                        {`{"pattern":"a"}`, `{"pattern":"b"}`, []string{`unknown unknown : pattern "b", was "a"`}},
		"pattern introduced":             {`{}`, `{"pattern":"b"}`, []string{`breaking safe : new pattern "b"`}},
		"default":                        {`{"default":1}`, `{"default":2}`, []string{"unknown safe : default 2, was 1"}},
		"unknown keyword":                {`{"contains":{"type":"string"}}`, `{"contains":{"type":"number"}}`, []string{`unknown unknown : contains {"type":"number"}, was {"type":"string"}`}},
		"uniqueItems false":              {`{}`, `{"uniqueItems":false}`, nil},
		"extensions":                     {`{"x-a":1}`, `{"x-a":2}`, nil},
		"closed":                         {`{"properties":{"a":{}}}`, `{"properties":{"a":{}},"additionalProperties":false}`, []string{"breaking safe : other fields are no longer possible"}},
		"opened":                         {`{"properties":{"a":{}},"additionalProperties":false}`, `{"properties":{"a":{}}}`, []string{"safe unknown : other fields are possible now"}},
		"items":                          {`{"items":{"type":"string"}}`, `{"items":{"type":"integer"}}`, []string{"breaking breaking : items: was string, is integer"}},
		"deprecated":                     {`{}`, `{"deprecated":true}`, []string{"safe safe : deprecated now"}},
		"a name for a schema":            {`{"type":"object","properties":{"x":{"type":"string"}}}`, `{"$ref":"#/components/schemas/Other"}`, nil},
		"another name":                   {`{"properties":{"o":{"$ref":"#/components/schemas/Other"}}}`, `{"properties":{"o":{"$ref":"#/components/schemas/Same"}}}`, nil},
		"another component":              {`{"properties":{"o":{"$ref":"#/components/schemas/Other"}}}`, `{"properties":{"o":{"$ref":"#/components/schemas/Text"}}}`, []string{"breaking breaking .o: Text in place of Other: was object, is string; one more difference"}},
		"allOf that adds up":             {`{"allOf":[{"properties":{"a":{}}},{"properties":{"b":{}},"required":["a"]}]}`, `{"properties":{"b":{},"a":{}},"required":["a"]}`, nil},
		"allOf with a component":         {`{"allOf":[{"$ref":"#/components/schemas/Other"},{"properties":{"b":{}}}]}`, `{"properties":{"b":{},"x":{"type":"string"}},"type":"object"}`, nil},
		"allOf that is not read":         {`{"allOf":[{"minimum":1},{"minimum":2}]}`, `{"allOf":[{"minimum":1},{"minimum":3}]}`, []string{"unknown unknown : allOf combines schemas in another way"}},
		"branch added":                   {`{"anyOf":[{"type":"string"},{"type":"array"}]}`, `{"anyOf":[{"type":"array"},{"type":"string"},{"type":"object"}]}`, []string{"safe unknown : object is possible too"}},
		"branch removed":                 {`{"oneOf":[{"type":"string"},{"type":"array"},{"type":"object"}]}`, `{"oneOf":[{"type":"object"},{"type":"string"}]}`, []string{"breaking safe : array is no longer possible"}},
		"branches by tag":                {taggedUnion("a", "string", "b", "string"), taggedUnion("b", "integer", "a", "string"), []string{"breaking breaking .b.v: was string, is integer"}},
		"branch with a new tag":          {taggedUnion("a", "string", "b", "string"), taggedUnion("c", "string", "b", "string", "a", "string"), []string{`safe unknown : type c is possible too`}},
		"one becomes many":               {`{"type":"string"}`, `{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}]}`, []string{"safe unknown : array of string is possible too"}},
		"many become one":                {`{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}]}`, `{"type":"string"}`, []string{"breaking safe : array of string is no longer possible"}},
		"oneOf that excludes":            {`{"oneOf":[{"type":"string"},{"type":"array"}]}`, `{"anyOf":[{"type":"string"},{"type":"array"}]}`, nil},
		"oneOf that does not":            {`{"oneOf":[{"type":"string"},{"type":"string","minLength":2}]}`, `{"anyOf":[{"type":"string"},{"type":"string","minLength":2}]}`, []string{"unknown unknown : anyOf, was oneOf"}},
		"oneOf with an object of no tag": {untaggedObjects("oneOf"), untaggedObjects("anyOf"), []string{"unknown unknown : anyOf, was oneOf"}},
		"boolean schema":                 {`{"properties":{"a":true}}`, `{"properties":{"a":false}}`, []string{"breaking breaking .a: was any value, is nothing"}},
		"definitions of its own":         {`{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"string"}}}`, `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"integer"}}}`, []string{"breaking breaking : $defs A: was string, is integer"}},
		"a type excludes its branch":     {`{"type":"object","oneOf":[{"type":"string"},{"type":"object"}]}`, `{"oneOf":[{"type":"object"}]}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			changes := schema.Diff(documentWith(t, test.old), documentWith(t, test.new))
			severity := map[string]map[string]string{"Sent": {}, "Received": {}}
			var order []string
			for change := range changes.All() {
				for _, place := range change.Places {
					component, rest, _ := strings.Cut(place, ".")
					if rest != "" {
						rest = "." + rest
					}
					what := rest + ": " + change.Text
					severity[component][what] = change.Severity.String()
					if component == "Sent" {
						order = append(order, what)
					}
				}
			}
			var got []string
			for _, what := range order {
				got = append(got, fmt.Sprintf("%s %s %s", severity["Sent"][what], severity["Received"][what], what))
			}
			slices.Sort(got)
			slices.Sort(test.want)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("old %s\nnew %s\n%s", test.old, test.new, diff)
			}
		})
	}
}

// untaggedObjects is a union whose first branch takes every object.
func untaggedObjects(keyword string) string {
	return `{"` + keyword + `":[{"type":"object"},{"type":"object","properties":{"type":{"const":"a"}},"required":["type"]},{"type":"object","properties":{"type":{"const":"b"}},"required":["type"]}]}`
}

func TestDiffPairsRenamedComponentsInOrder(t *testing.T) {
	doc := func(a, b string) *schema.Document {
		return withOperations(t, "{}", `{"schemas":{"`+a+`":{"const":"x"},"`+b+`":{"const":"x","title":"t"},"User":{"items":{"$ref":"#/components/schemas/`+b+`"}}}}`)
	}
	var got []string
	for change := range schema.Diff(doc("A", "B"), doc("C", "D")).All() {
		got = append(got, change.Subjects[0]+": "+change.Text)
	}
	if want := []string{"C: the component's name was A", "D: the component's name was B"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDiffSaysWhichWayAnOperationIsConcerned(t *testing.T) {
	doc := func(required, limit string) *schema.Document {
		return withOperations(t, `{"/a":{"post":{"operationId":"make","parameters":[{"name":"q","in":"query","required":`+required+`}],
			"requestBody":{"$ref":"#/components/requestBodies/B"},`+ok+`}}}`,
			`{"requestBodies":{"B":{"content":{"application/json":{"schema":{"type":"integer","maximum":`+limit+`}}}}}}`)
	}
	for change := range schema.Diff(doc("false", "9"), doc("true", "8")).All() {
		if want := []schema.Reach{{Operation: "make", Request: true}}; !slices.Equal(change.Reaches, want) {
			t.Errorf("%s: got %v, want %v", change.Text, change.Reaches, want)
		}
	}
}

// taggedUnion is a union of objects, each with its type and the type of its member v.
func taggedUnion(pairs ...string) string {
	var branches []string
	for i := 0; i < len(pairs); i += 2 {
		branches = append(branches, fmt.Sprintf(`{"type":"object","properties":{"type":{"const":%q},"v":{"type":%q}},"required":["type"]}`, pairs[i], pairs[i+1]))
	}
	return `{"oneOf":[` + strings.Join(branches, ",") + `]}`
}

// withOperations is a document with these path items and components.
func withOperations(t *testing.T, paths, components string) *schema.Document {
	t.Helper()
	return loadText(t, fmt.Sprintf(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":%s,"components":%s}`, paths, components))
}

const ok = `"responses":{"200":{"description":"ok"}}`

func TestDiffTellsSafeFromBreakingOperationChanges(t *testing.T) {
	body := func(media, schema string) string {
		return fmt.Sprintf(`"requestBody":{"content":{%q:{"schema":%s}}}`, media, schema)
	}
	op := func(rest string) string { return `{"/a":{"post":{"operationId":"make",` + rest + `}}}` }
	for name, test := range map[string]struct {
		old, new string
		want     []string
	}{
		"added":                     {`{}`, op(ok), []string{"safe make: new operation: POST /a"}},
		"removed":                   {op(ok), `{}`, []string{"breaking make: operation removed: POST /a"}},
		"another ID":                {op(ok), `{"/a":{"post":{"operationId":"create",` + ok + `}}}`, []string{"breaking create: the operation's ID was make"}},
		"another path":              {op(ok), `{"/b":{"post":{"operationId":"make",` + ok + `}}}`, []string{"breaking make: POST /b, was POST /a"}},
		"deprecated":                {op(ok), op(`"deprecated":true,` + ok), []string{"safe make: deprecated now"}},
		"optional parameter":        {op(ok), op(`"parameters":[{"name":"q","in":"query","schema":{"type":"string"}}],` + ok), []string{"safe make.q: new optional query parameter: string"}},
		"required parameter":        {op(ok), op(`"parameters":[{"name":"q","in":"header","required":true,"schema":{"type":"string"}}],` + ok), []string{"breaking make.q: new required header parameter: string"}},
		"parameter removed":         {op(`"parameters":[{"name":"q","in":"query"}],` + ok), op(ok), []string{"breaking make.q: query parameter removed"}},
		"parameter moved":           {op(`"parameters":[{"name":"q","in":"query"}],` + ok), op(`"parameters":[{"name":"q","in":"header"}],` + ok), []string{"breaking make.q: query parameter removed", "safe make.q: new optional header parameter: any value"}},
		"parameter's schema":        {op(`"parameters":[{"name":"q","in":"query","schema":{"maximum":2}}],` + ok), op(`"parameters":[{"name":"q","in":"query","schema":{"maximum":3}}],` + ok), []string{"safe make.q: maximum 3, was 2"}},
		"parameter's style":         {op(`"parameters":[{"name":"q","in":"query","schema":{}}],` + ok), op(`"parameters":[{"name":"q","in":"query","explode":false,"schema":{}}],` + ok), []string{"unknown make.q: written as form, explode false, was form, explode true"}},
		"parameter of the path":     {`{"/a":{"parameters":[{"name":"q","in":"query"}],"post":{"operationId":"make",` + ok + `}}}`, op(`"parameters":[{"name":"q","in":"query"}],` + ok), nil},
		"body required":             {op(body("a/b", "{}") + "," + ok), op(strings.Replace(body("a/b", "{}"), `{"content"`, `{"required":true,"content"`, 1) + "," + ok), []string{"breaking make: the request body is required now"}},
		"media type":                {op(body("application/json", "{}") + "," + ok), op(body("text/plain", "{}") + "," + ok), []string{"breaking make: application/json is no longer possible", "safe make: text/plain is possible too"}},
		"media type's parameters":   {op(body("application/json", "{}") + "," + ok), op(body("application/json; charset=utf-8", "{}") + "," + ok), nil},
		"error added":               {op(ok), op(`"responses":{"200":{"description":"ok"},"429":{"description":"slow down"}}`), []string{"safe make: new response 429"}},
		"success added":             {op(ok), op(`"responses":{"200":{"description":"ok"},"202":{"description":"later"}}`), []string{"unknown make: new response 202"}},
		"success removed":           {op(`"responses":{"200":{"description":"ok"},"202":{"description":"later"}}`), op(ok), []string{"breaking make: response 202 removed"}},
		"header removed":            {op(`"responses":{"200":{"description":"ok","headers":{"X-A":{"schema":{}}}}}`), op(ok), []string{"breaking make.200: header X-A removed"}},
		"header of another case":    {op(`"responses":{"200":{"description":"ok","headers":{"X-A":{"schema":{}}}}}`), op(`"responses":{"200":{"description":"ok","headers":{"x-a":{"schema":{}}}}}`), nil},
		"response of a component":   {op(`"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"string"}}}}}`), op(`"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/S"}}}}}`), nil},
		"response's schema":         {op(`"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"string"}}}}}`), op(`"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":["string","integer"]}}}}}`), []string{"breaking make.200: was string, is string or integer"}},
		"credentials":               {op(ok), op(`"security":[{"key":[]}],` + ok), []string{"unknown make: credentials: key; was none"}},
		"without ID, in both":       {`{"/a":{"post":{` + ok + `}}}`, `{"/a":{"post":{"deprecated":true,` + ok + `}}}`, []string{"safe POST /a: deprecated now"}},
		"cannot be read any longer": {op(ok), op(`"parameters":[{"$ref":"#/nowhere"}],` + ok), []string{"breaking make: the operation cannot be read: "}},
	} {
		t.Run(name, func(t *testing.T) {
			components := `{"schemas":{"S":{"type":"string"}},"securitySchemes":{"key":{"type":"http","scheme":"bearer"}}}`
			changes := schema.Diff(withOperations(t, test.old, components), withOperations(t, test.new, components))
			var got []string
			for change := range changes.All() {
				severity, line, _ := strings.Cut(change.String(), " ")
				_, line, _ = strings.Cut(line, " ")
				got = append(got, severity+" "+line)
			}
			for i, want := range test.want {
				if i >= len(got) || !strings.HasPrefix(got[i], want) {
					t.Fatalf("old %s\nnew %s\ngot  %q\nwant %q", test.old, test.new, got, test.want)
				}
			}
			if len(got) != len(test.want) {
				t.Errorf("old %s\nnew %s\ngot  %q\nwant %q", test.old, test.new, got, test.want)
			}
		})
	}
}

func TestDiffReportsOneChangeOfManyOperationsOnce(t *testing.T) {
	paths := func(responses string) string {
		var items []string
		for i := range 20 {
			items = append(items, fmt.Sprintf(`"/a%d":{"get":{"operationId":"op%d","responses":{"200":{"description":"ok"}%s}}}`, i, i, responses))
		}
		return "{" + strings.Join(items, ",") + "}"
	}
	changes := schema.Diff(withOperations(t, paths(""), "{}"), withOperations(t, paths(`,"429":{"description":"slow"}`), "{}"))
	if changes.Len() != 1 {
		t.Fatalf("got %d changes, want 1:\n%s", changes.Len(), changes)
	}
	for change := range changes.All() {
		if got, want := len(change.Subjects), 20; got != want {
			t.Errorf("got %d operations, want %d", got, want)
		}
		_, line, _ := strings.Cut(change.String(), change.ID+" ")
		if want := "new response 429, in 20 operations: op0, op1, op2, 17 more"; line != want {
			t.Errorf("got %q, want %q", line, want)
		}
	}
}

const reachingPaths = `{
	"/a":{"post":{"operationId":"a","requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/In"}}}},"responses":{"200":{"description":"ok"}}}},
	"/b":{"get":{"operationId":"b","responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Out"}}}}}}},
	"/c":{"get":{"operationId":"c","responses":{"200":{"description":"ok"}}}}}`

func reaching(deep string) string {
	return `{"schemas":{"In":{"properties":{"deep":{"$ref":"#/components/schemas/Deep"}}},
		"Out":{"items":{"$ref":"#/components/schemas/In"}},"Deep":` + deep + `,"Loop":{"properties":{"l":{"$ref":"#/components/schemas/Loop"}}}}}`
}

func TestDiffFollowsReferencesToOperations(t *testing.T) {
	changes := schema.Diff(withOperations(t, reachingPaths, reaching(`{"type":"string"}`)), withOperations(t, reachingPaths, reaching(`{"type":"integer"}`)))
	var got []schema.Change
	for change := range changes.All() {
		got = append(got, change)
	}
	if len(got) != 1 {
		t.Fatalf("got %d changes, want 1:\n%s", len(got), changes)
	}
	want := []schema.Reach{{Operation: "a", Request: true}, {Operation: "b", Response: true}}
	if diff := cmp.Diff(want, got[0].Reaches); diff != "" {
		t.Error(diff)
	}
	if got, want := got[0].String(), "breaking "+got[0].ID+" Deep: was string, is integer → a (request), b (response)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestForLeavesOutWhatAProgramDoesNotCall(t *testing.T) {
	old := withOperations(t, reachingPaths, reaching(`{"type":"string"}`))
	changes := schema.Diff(old, withOperations(t, strings.Replace(reachingPaths, `"operationId":"c",`, `"operationId":"c","deprecated":true,`, 1), reaching(`{"type":"integer"}`)))
	for id, want := range map[string]int{"a": 1, "b": 1, "c": 1, "C": 1} {
		some, err := changes.For(id)
		if err != nil || some.Len() != want {
			t.Errorf("For(%q): got %d changes and %v, want %d", id, some.Len(), err, want)
		}
	}
	if some, err := changes.For("a", "c"); err != nil || some.Len() != 2 {
		t.Errorf("For of two operations: got %v, %v, want 2 changes", some, err)
	}
	var unknown *schema.UnknownOperationError
	if _, err := changes.For("d"); !errors.As(err, &unknown) {
		t.Errorf("For of an operation that neither has: got %v, want an *UnknownOperationError", err)
	}
}

func TestChangeIDsStayTheSame(t *testing.T) {
	ids := func(old, new string) (list []string) {
		for change := range schema.Diff(documentWith(t, old), documentWith(t, new)).All() {
			list = append(list, change.ID)
		}
		return list
	}
	first := ids(`{"enum":["a"]}`, `{"enum":["a","b"]}`)
	if len(first) == 0 {
		t.Fatal("no change")
	}
	if again := ids(`{"enum":["a"]}`, `{"enum":["a","b"]}`); !slices.Equal(first, again) {
		t.Errorf("got %q, then %q", first, again)
	}
	more := ids(`{"enum":["a"],"properties":{}}`, `{"enum":["a","b"],"properties":{"n":{}}}`)
	for _, id := range first {
		if !slices.Contains(more, id) {
			t.Errorf("change %s is %q beside another change", id, more)
		}
	}
	if other := ids(`{"enum":["a"]}`, `{"enum":["a","c"]}`); slices.Contains(other, first[0]) {
		t.Errorf("another change has the same ID %q", first[0])
	}
}

func TestDiffMarshalsItsChanges(t *testing.T) {
	changes := schema.Diff(documentWith(t, `{"type":"string","description":"old"}`), documentWith(t, `{"type":"integer","description":"new"}`))
	text, err := json.Marshal(changes)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Old, New struct{ OpenAPI string }
		Changes  []struct{ Severity, Kind, Of, Text string }
		Prose    []struct{ Kind string }
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Changes) != 1 && len(got.Changes) != 2 || got.Changes[0].Severity != "breaking" || got.Changes[0].Kind != "type" || got.Changes[0].Of != "component" {
		t.Errorf("got %s", text)
	}
	if len(got.Prose) == 0 || got.Old.OpenAPI != "3.1.0" {
		t.Errorf("got %s", text)
	}
	same := documentWith(t, `{"type":"string"}`)
	text, err = json.Marshal(schema.Diff(same, same))
	if err != nil || !strings.Contains(string(text), `"changes":[]`) {
		t.Errorf("no changes: got %s, %v", text, err)
	}
}

// Names of a document are foreign text: they make no lines, headings or tags.
func TestDiffEscapesForeignText(t *testing.T) {
	name := `a\n# FORGED <b>\u001b[31m` + strings.Repeat("x", 6000)
	old := `{"properties":{"` + name + `":{"type":"string","pattern":"a\nb"}}}`
	new := `{"properties":{"` + name + `":{"type":"integer","pattern":"` + strings.Repeat("y", 6000) + `"}}}`
	changes := schema.Diff(documentWith(t, old), documentWith(t, new))
	for what, text := range map[string]string{"String": changes.String(), "Markdown": changes.Markdown()} {
		for line := range strings.Lines(text) {
			if len(line) > 1500 || strings.ContainsAny(strings.TrimSuffix(line, "\n"), "\n\x1b") || strings.HasPrefix(line, "# FORGED") {
				t.Errorf("%s: got line %q", what, line)
			}
		}
	}
	if strings.Contains(changes.Markdown(), "<b>") {
		t.Error("Markdown has the tag of a name")
	}
}

// The whole of what changed between the official descriptions, read line by line.
func TestDiffOfOfficialDescriptionsStaysTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("opens and compares three official descriptions: run without -short")
	}
	documents := map[string]*schema.Document{}
	for _, file := range []string{"openapi-2025-04-29.yaml", "openapi.yaml", "openapi-openai-go-3.52.0.yaml"} {
		documents[file] = official(t, file)
	}
	for name, files := range map[string][2]string{
		"since-2025-04-29": {"openapi-2025-04-29.yaml", "openapi.yaml"},
		"published-to-sdk": {"openapi.yaml", "openapi-openai-go-3.52.0.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			changes := schema.Diff(documents[files[0]], documents[files[1]])
			golden(t, filepath.Join("diff", name+".md"), changes.Markdown())
		})
	}
	for file, doc := range documents {
		if same := schema.Diff(doc, doc); same.Len() != 0 || same.Summary() != "no changes" {
			t.Errorf("%s differs from itself:\n%s", file, same)
		}
	}
}

// Schemas that refer to each other in pairs are compared in time linear in the
// documents, and what is left over is reported.
func TestDiffOfSchemasThatMultiplyIsBounded(t *testing.T) {
	document := func(a, b string) *schema.Document {
		var list []string
		for i := range 300 {
			for _, side := range []string{a, b} {
				list = append(list, fmt.Sprintf(`"%s%d":{"title":"%s%d","properties":{"l":{"$ref":"#/components/schemas/%s%d"},"r":{"$ref":"#/components/schemas/%s%d"}}}`,
					side, i, side, i, a, i+1, b, i+1))
			}
		}
		for _, side := range []string{a, b} {
			list = append(list, fmt.Sprintf(`"%s300":{"const":"%s"}`, side, side))
		}
		return withOperations(t, "{}", `{"schemas":{"Root":{"properties":{"x":{"$ref":"#/components/schemas/`+a+`0"}}},`+strings.Join(list, ",")+"}}")
	}
	changes := schema.Diff(document("A", "B"), document("C", "D"))
	notCompared := false
	for change := range changes.All() {
		notCompared = notCompared || change.Kind == schema.ChangeNotCompared && change.Severity == schema.SeverityUnknown
	}
	if !notCompared {
		t.Errorf("nothing says that the comparison was given up: %s", changes.Summary())
	}
}

func FuzzDiff(f *testing.F) {
	f.Add(`{"type":"object","properties":{"a":{"$ref":"#/components/schemas/Other"}}}`, `{"allOf":[{"$ref":"#/components/schemas/Received"},{"type":"string"}]}`)
	f.Add(`{"anyOf":[{"type":"null"},{"enum":[1,null,"a"]}],"$defs":{"A":{"$ref":"#/$defs/A"}}}`, `{"oneOf":[true,false,{}],"required":"a","items":[]}`)
	f.Fuzz(func(t *testing.T, old, new string) {
		load := func(text string) *schema.Document {
			doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{"Sent":` + text +
				`,"Received":{"$ref":"#/components/schemas/Sent"},"Other":{"type":"string"}}}}`))
			if err != nil {
				t.Skip()
			}
			return doc
		}
		a, b := load(old), load(new)
		changes := schema.Diff(a, b)
		for change := range changes.All() {
			if change.Text == "" || len(change.ID) != 8 || strings.ContainsAny(change.String(), "\n\x1b") {
				t.Errorf("old %s\nnew %s\ngot %q", old, new, change.String())
			}
		}
		if same := schema.Diff(a, load(old)); same.Len() != 0 {
			t.Errorf("%s differs from itself:\n%s", old, same)
		}
	})
}
