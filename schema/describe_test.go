package schema_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/schema"
)

func TestDescribeTextStaysTheSame(t *testing.T) {
	t.Parallel()
	doc := builtin(t)
	for _, tt := range []struct {
		path  string
		depth int
	}{
		{"createResponse", 1},
		{"createChatCompletion", 0},
		{"createImageEdit", 1},
		{"retrieveFile", 2},
		{"list-audit-logs", 1},
		{"createResponse.tools", 1},
		{"createResponse.tools.function.parameters", 1},
		{"createResponse.tools.mcp", 2},
		{"createResponse.input", 2},
		{"createResponse.temperature", 1},
		{"createResponse.model", 1},
		{"createResponse.200.output.function_call", 1},
		{"createResponse.text.format.json_schema", 1},
		{"createChatCompletion.messages.content", 1},
		{"CreateChatCompletionRequest.messages.user.content", 2},
		{"ResponseStreamEvent.response.output_text.delta", 1},
		{"ResponseFormatJsonSchema", 3},
		{"CompoundFilter", 4},
		{"Metadata", 1},
		{"AssistantStreamEvent", 1},
		{"listFiles.order", 1},
		{"Chat", 1},
	} {
		t.Run(fmt.Sprintf("%s %d", tt.path, tt.depth), func(t *testing.T) {
			t.Parallel()
			d, err := doc.Describe(tt.path)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, fmt.Sprintf("describe/%s@%d.txt", tt.path, tt.depth), d.Text(tt.depth))
		})
	}
}

func TestDescribeFindsNamesHoweverWritten(t *testing.T) {
	t.Parallel()
	doc := builtin(t)
	tests := map[string]struct{ path, want, kind string }{ // want is Path, or the error after "! "
		"operation":                 {"createResponse", "createResponse", "operation"},
		"operation folded":          {"create_chat_completion", "createChatCompletion", "operation"},
		"component":                 {"CreateResponse", "CreateResponse", "component"},
		"component folded":          {"function_tool_call", "FunctionToolCall", "component"},
		"component before folded":   {"Response", "Response", "component"},
		"tag":                       {"Fine-tuning", "Fine-tuning", "tag"},
		"tag with a space":          {"vector stores", "Vector stores", "tag"},
		"field":                     {"Response.usage.input_tokens_details.cached_tokens", "Response.usage.input_tokens_details.cached_tokens", "field"},
		"field folded":              {"Response.usage.inputTokens", "Response.usage.input_tokens", "field"},
		"field of items":            {"ListFilesResponse.data.filename", "ListFilesResponse.data.filename", "field"},
		"field of a map":            {"CreateResponse.metadata.*", "CreateResponse.metadata.*", "field"},
		"key of a map":              {"createResponse.metadata.topic", "createResponse.metadata.*", "field"},
		"items as arguments have":   {"createChatCompletion.messages[0].content", "createChatCompletion.messages.content", "field"},
		"items of any index":        {"createChatCompletion.messages[].content", "createChatCompletion.messages.content", "field"},
		"branch by tag":             {"createResponse.tools.web_search", "createResponse.tools.web_search", "field"},
		"branch by component":       {"createResponse.tools.WebSearchTool", "createResponse.tools.WebSearchTool", "field"},
		"branch of a nested union":  {"createResponse.input.function_call_output.output", "createResponse.input.function_call_output.output", "field"},
		"branch inside a union":     {"createResponse.input.OutputMessage.content", "createResponse.input.OutputMessage.content", "field"},
		"field of whichever branch": {"createResponse.tools.server_label", "createResponse.tools.server_label", "field"},
		"tag value with dots":       {"ResponseStreamEvent.response.output_text.delta.delta", `ResponseStreamEvent.response\.output_text\.delta.delta`, "field"},
		"tag value escaped":         {`ResponseStreamEvent.response\.output_text\.delta`, `ResponseStreamEvent.response\.output_text\.delta`, "field"},
		"parameter":                 {"listFiles.purpose", "listFiles.purpose", "parameter"},
		"parameter with brackets":   {"list-audit-logs.project_ids", "list-audit-logs.project_ids[]", "parameter"},
		"path parameter":            {"retrieveFile.file_id", "retrieveFile.file_id", "parameter"},
		"response":                  {"createResponse.200", "createResponse.200", "response"},
		"field of a response":       {"createResponse.200.output", "createResponse.200.output", "field"},
		"multipart field":           {"createFile.purpose", "createFile.purpose", "field"},

		"empty":                      {"", "! got an empty path, want an operation, a component or a tag, such as createResponse.tools", ""},
		"unknown root":               {"createRespnse.tools", `! no operation, component or tag is called "createRespnse"; did you mean createResponse`, ""},
		"unknown field":              {"createResponse.tols", `! createResponse has no "tols"; did you mean tools?`, ""},
		"unknown branch":             {"createResponse.tools.functoin", `! createResponse.tools has no "functoin"; did you mean function`, ""},
		"unknown field deep":         {"createResponse.tools.function.parametrs", `! createResponse.tools.function has no "parametrs"; did you mean parameters?`, ""},
		"into a scalar":              {"createResponse.temperature.x", `! createResponse.temperature has no "x": it is number | null, 0 to 2, default 1`, ""},
		"behind the key of a map":    {"createResponse.metadata.topic.x", `! createResponse.metadata.* has no "x": it is string`, ""},
		"a bracket without an index": {"createResponse.tools[a]", `! createResponse has no "tools[a]"`, ""},
		"into a tag":                 {"Chat.x", `! Chat has no "x"`, ""},
		"operation without body":     {"listModels.x", `! listModels has no "x"`, ""},
		"empty name":                 {"createResponse.", `! createResponse has no ""`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := doc.Describe(tt.path)
			if want, ok := strings.CutPrefix(tt.want, "! "); ok {
				var unknown *schema.UnknownPathError
				if !errors.As(err, &unknown) || !strings.HasPrefix(err.Error(), want) {
					t.Errorf("Describe(%q): got error %v (%T), want *UnknownPathError %s", tt.path, err, err, want)
				}
				return
			}
			if err != nil || d.Path != tt.want || d.Kind != tt.kind {
				t.Errorf("Describe(%q): got %+v, %v, want %s %s", tt.path, d, err, tt.kind, tt.want)
				return
			}
			again, err := doc.Describe(d.Path)
			if err != nil || again.Path != d.Path {
				t.Errorf("Describe(%q), its own path: got %+v, %v", d.Path, again, err)
			}
		})
	}
}

func TestDescriptionMarshalsEveryKindOfName(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ path, want string }{
		"field":     {"createOrder.id", `{"path":"createOrder.id","kind":"field","name":"id","required":true,"schema":{"types":["string"],"bounds":{"maxLength":8}}}`},
		"enum":      {"Order.status", `{"path":"Order.status","kind":"field","name":"status","schema":{"types":["string"],"enum":["open","paid","sent"]}}`},
		"nullable":  {"Order.note", `{"path":"Order.note","kind":"field","name":"note","schema":{"types":["string"],"nullable":true}}`},
		"parameter": {"listOrders.limit", `{"path":"listOrders.limit","kind":"parameter","name":"limit","in":"query","schema":{"types":["integer"],"default":20,"bounds":{"maximum":100}}}`},
		"union":     {"Order.items", `{"path":"Order.items","kind":"field","name":"items","required":true,"schema":{"types":["array"],"bounds":{"minItems":1},"items":{"component":"Item","types":["object"],"variants":[{"values":["book"],"schema":{"component":"Book","types":["object"],"cut":true}},{"values":["film"],"schema":{"component":"Film","types":["object"],"cut":true}}],"by":"kind"}}}`},
		"operation": {"createOrder", `{"path":"createOrder","kind":"operation","name":"createOrder","summary":"Place an order","operation":{"method":"POST","path":"/orders","tags":["Orders"],"body":[{"mediaType":"application/json","schema":{"component":"Order","types":["object"],"fields":[{"name":"id","required":true,"schema":{"types":["string"],"bounds":{"maxLength":8}}},{"name":"items","required":true,"schema":{"types":["array"],"bounds":{"minItems":1},"items":{"component":"Item","types":["object"],"by":"kind","cut":true}}},{"name":"status","schema":{"types":["string"],"enum":["open","paid","sent"]}},{"name":"gift","schema":{"types":["boolean"]}},{"name":"note","schema":{"types":["string"],"nullable":true}},{"name":"placed_at","schema":{"types":["integer"],"format":"unixtime"}},{"name":"labels","schema":{"types":["object"],"other":{"types":["string"]}}}]}}],"bodyRequired":true,"responses":[{"status":"201","body":[{"mediaType":"application/json","schema":{"component":"Order","types":["object"],"cut":true}}]}]}}`},
		"tag":       {"Orders", `{"path":"Orders","kind":"tag","name":"Orders","operations":[{"id":"listOrders","method":"GET","path":"/orders","summary":"List orders"},{"id":"createOrder","method":"POST","path":"/orders","summary":"Place an order"}]}`},
		"recursion": {"Film.trailers", `{"path":"Film.trailers","kind":"field","name":"trailers","schema":{"types":["array"],"items":{"component":"Film","types":["object"],"fields":[{"name":"kind","required":true,"schema":{"types":["string"],"enum":["film"]}},{"name":"minutes","schema":{"types":["number"]}},{"name":"trailers","schema":{"types":["array"],"items":{"component":"Film","types":["object"],"cut":true}}}]}}}`},
	}
	doc := openShop(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := doc.Describe(tt.path)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("Describe(%q) (-want +got):\n%s\n%s", tt.path, diff, got)
			}
		})
	}
}

// TestEveryDescriptionFitsItsWidth describes each operation and component, and holds the
// text to its width and the data to JSON.
func TestEveryDescriptionFitsItsWidth(t *testing.T) {
	t.Parallel()
	doc := builtin(t)
	var paths []string
	for op := range doc.Operations() {
		paths = append(paths, op.ID)
	}
	for name := range doc.Components() {
		paths = append(paths, name)
	}
	step := 1
	if testing.Short() {
		step = 5
		t.Logf("-short: every fifth of %d operations and components", len(paths))
	}
	for i := 0; i < len(paths); i += step {
		path := paths[i]
		d, err := doc.Describe(path)
		if err != nil {
			t.Errorf("Describe(%q): %v", path, err)
			continue
		}
		if _, err := json.Marshal(d); err != nil {
			t.Errorf("Describe(%q) as JSON: %v", path, err)
		}
		for _, line := range strings.Split(d.Text(2), "\n") {
			oneWord := !strings.Contains(strings.TrimLeft(line, " "), " ")
			if n := utf8.RuneCountInString(line); n > 110 && !oneWord || strings.HasSuffix(line, " ") {
				t.Errorf("Describe(%q): a line of %d characters: %q", path, n, line)
			}
		}
	}
}

func TestDescribeIsBounded(t *testing.T) {
	t.Parallel()
	d, err := builtin(t).Describe("createResponse")
	if err != nil {
		t.Fatal(err)
	}
	if d.Truncated || d.Expand(2).Truncated {
		t.Error("two levels are truncated")
	}
	deep := d.Expand(1 << 30)
	if !deep.Truncated {
		t.Error("all levels are not truncated, want Truncated")
	}
	text := d.Text(1 << 30)
	if lines := strings.Count(text, "\n"); lines < 1000 || lines > 20_000 {
		t.Errorf("all levels have %d lines", lines)
	}
	if !strings.HasSuffix(text, "This stops after 5000 parts; ask for less depth, or for one of the parts.\n") {
		t.Errorf("the end does not say that it is cut: %q", text[len(text)-100:])
	}
	if none := d.Text(-1); none != d.Text(0) {
		t.Errorf("a depth of -1 differs from 0:\n%s", none)
	}
}

// TestDescribeOfAHostileDocumentStaysSmall meets a document made to explode: quickly done,
// or cut.
func TestDescribeOfAHostileDocumentStaysSmall(t *testing.T) {
	t.Parallel()
	var schemas []string
	for i := range 30 { // each twice the next: by allOf and by fields, or by anyOf
		next := fmt.Sprintf(`{"$ref":"#/components/schemas/S%d"}`, i+1)
		schemas = append(schemas, fmt.Sprintf(`"S%d":{"allOf":[%[2]s,%[2]s],"properties":{"a":%[2]s,"b":%[2]s,"\u001b[31mred\n":%[2]s}}`, i, next))
		schemas = append(schemas, fmt.Sprintf(`"U%d":{"anyOf":[{"$ref":"#/components/schemas/U%[2]d"},{"title":"\u001b[0m","type":"array","items":{"$ref":"#/components/schemas/U%[2]d"}}]}`, i, i+1))
	}
	schemas = append(schemas, `"S30":{"type":"string"}`, `"U30":{"type":"string"}`, `"Self":{"anyOf":[{"allOf":[{"$ref":"#/components/schemas/Self"}]},{"type":"array","items":{"$ref":"#/components/schemas/Self"}},{"type":"string"}]}`)
	doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{`+strings.Join(schemas, ",")+`}}}`), schema.WithoutChecks())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"S0", "S0.a.b.a", "U0", "Self", "S0.nothing", "U0.nothing", "Self.nothing.at.all"} {
		d, err := doc.Describe(path)
		if err != nil {
			continue
		}
		text := d.Text(100)
		if strings.ContainsAny(text, "\x1b") {
			t.Errorf("Describe(%q) prints an escape sequence of the document", path)
		}
		if len(text) > 4<<20 {
			t.Errorf("Describe(%q) has %d bytes", path, len(text))
		}
	}
}

// FuzzDescribe asks for whatever path, and for the path that the answer gives.
func FuzzDescribe(f *testing.F) {
	for _, seed := range []string{
		"createOrder.items.book", "Order.labels.*", "Orders", "listOrders.limit", "createOrder.201.items.film.trailers.trailers", `Item.kind`, `\`, "..", "GET /orders",
	} {
		f.Add(seed)
	}
	doc := openShop(f)
	f.Fuzz(func(t *testing.T, path string) {
		d, err := doc.Describe(path)
		if err != nil {
			if strings.Contains(err.Error(), "\n") || len(err.Error()) > 2000 {
				t.Errorf("Describe(%q): %q", path, err)
			}
			return
		}
		again, err := doc.Describe(d.Path)
		if err != nil || again.Path != d.Path {
			t.Errorf("Describe(%q) is at %q, which gives %v", path, d.Path, err)
		}
		if d.Text(3) == "" {
			t.Errorf("Describe(%q) has no text", path)
		}
	})
}

func BenchmarkDescribe(b *testing.B) {
	doc := openBuiltin(b)
	for _, path := range []string{"createResponse", "createResponse.tools.function.parameters"} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d, err := doc.Describe(path)
				if err != nil || d.String() == "" {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestDescribeHasTheTextOfTheDocument covers where a description may stand: the one beside
// a reference says what the value means there, and comes before that of what it refers to.
func TestDescribeHasTheTextOfTheDocument(t *testing.T) {
	t.Parallel()
	doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"components":{"schemas":{
		"Pet":{"type":"object","description":"An animal.","properties":{
			"name":{"type":"string","description":"What it is called."},
			"mother":{"$ref":"#/components/schemas/Pet","description":"May be unknown."},
			"friend":{"description":"May be a cat.","$ref":"#/components/schemas/Pet"},
			"child":{"$ref":"#/components/schemas/Pet"},
			"story":{"type":"string","description":"` + strings.Repeat("ä", 3000) + `"}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	d, err := doc.Describe("Pet")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{"": d.Schema.Text}
	for _, f := range d.Schema.Fields {
		got[f.Name] = f.Schema.Text
	}
	story := got["story"]
	delete(got, "story")
	want := map[string]string{
		"": "An animal.", "name": "What it is called.", "mother": "May be unknown.", "friend": "May be a cat.", "child": "An animal.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(story) > 2000 || !utf8.ValidString(story) || !strings.HasSuffix(story, "ä…") {
		t.Errorf("a text of 6,000 bytes is %d bytes long and ends with %q", len(story), story[max(0, len(story)-10):])
	}
}
