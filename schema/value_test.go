package schema_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/schema"
)

// valueText is an answer with what the document knows and what it does not.
const valueText = ` {"id":"resp_1","object":"response","created_at":1741476542,"error":null,"instructions":"short",
	"output":[
		{"type":"function_call","id":"fc_1","call_id":"call_1","name":"locate","arguments":"{\"a\":1}"},
		{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Zermatt\u0021","annotations":[]}]},
		{"type":"hologram","depth":3}],
	"metadata":{"job.id":"42","":"empty"},
	"usage":{"input_tokens":36},
	"weather":{"a\\b":[true,1.50,{"deep":[[7]]}]}} `

func decoded(tb testing.TB, component, text string) schema.Value {
	tb.Helper()
	v, err := builtin(tb).Decode(component, []byte(text))
	if err != nil {
		tb.Fatalf("Decode(%s, %.100s): %v", component, text, err)
	}
	return v
}

func TestValueGetFindsPathSchemaAndPointer(t *testing.T) {
	t.Parallel()
	v := decoded(t, "Response", valueText)
	tests := map[string]struct {
		path    string
		kind    schema.Kind
		text    string // String
		schema  string
		pointer schema.Pointer
	}{
		"itself":                     {"", schema.KindObject, strings.TrimSpace(valueText), "Response", ""},
		"member":                     {"id", schema.KindString, "resp_1", "", "/id"},
		"number":                     {"created_at", schema.KindNumber, "1741476542", "", "/created_at"},
		"null":                       {"error", schema.KindNull, "", "ResponseError", "/error"},
		"item":                       {"output.0", schema.KindObject, `{"type":"function_call","id":"fc_1","call_id":"call_1","name":"locate","arguments":"{\"a\":1}"}`, "FunctionToolCall", "/output/0"},
		"member of an item":          {"output.0.arguments", schema.KindString, `{"a":1}`, "", "/output/0/arguments"},
		"union in a union":           {"output.1.content.0", schema.KindObject, `{"type":"output_text","text":"Zermatt\u0021","annotations":[]}`, "OutputTextContent", "/output/1/content/0"},
		"escaped text":               {"output.1.content.0.text", schema.KindString, "Zermatt!", "", "/output/1/content/0/text"},
		"tag that nobody knows":      {"output.2", schema.KindObject, `{"type":"hologram","depth":3}`, "OutputItem", "/output/2"},
		"field of an unknown member": {"output.2.depth", schema.KindNumber, "3", "", "/output/2/depth"},
		"dot in a name":              {`metadata.job\.id`, schema.KindString, "42", "", "/metadata/job.id"},
		"empty name":                 {"metadata.", schema.KindString, "empty", "", "/metadata/"},
		"unknown field":              {"weather", schema.KindObject, `{"a\\b":[true,1.50,{"deep":[[7]]}]}`, "", "/weather"},
		"backslash in a name":        {`weather.a\\b.0`, schema.KindBoolean, "true", "", `/weather/a\b/0`},
		"number as it was written":   {`weather.a\\b.1`, schema.KindNumber, "1.50", "", `/weather/a\b/1`},
		"deep":                       {`weather.a\\b.2.deep.0.0`, schema.KindNumber, "7", "", `/weather/a\b/2/deep/0/0`},
		"component by reference":     {"usage", schema.KindObject, `{"input_tokens":36}`, "ResponseUsage", "/usage"},
		"absent":                     {"model", schema.KindNone, "", "", ""},
		"past the end":               {"output.3", schema.KindNone, "", "", ""},
		"name of an array":           {"output.first", schema.KindNone, "", "", ""},
		"leading zero":               {"output.00", schema.KindNone, "", "", ""},
		"into a string":              {"id.length", schema.KindNone, "", "", ""},
		"into nothing":               {"model.name.x", schema.KindNone, "", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := v.Get(tt.path)
			if got.Kind() != tt.kind || got.String() != tt.text || got.Schema() != tt.schema || got.Pointer() != tt.pointer {
				t.Errorf("Get(%q):\n got kind %q, text %q, schema %q, pointer %q\nwant kind %q, text %q, schema %q, pointer %q", tt.path,
					got.Kind(), got.String(), got.Schema(), got.Pointer(), tt.kind, tt.text, tt.schema, tt.pointer)
			}
			if exists := tt.kind != schema.KindNone; got.Exists() != exists {
				t.Errorf("Get(%q).Exists() = %t, want %t", tt.path, got.Exists(), exists)
			}
			if got.IsNull() != (tt.kind == schema.KindNull) {
				t.Errorf("Get(%q).IsNull() = %t", tt.path, got.IsNull())
			}
		})
	}
}

func TestValueSchemaIsTheBranchThatFits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ component, text, path, want string }{
		"tag":                    {"ChatCompletionRequestMessage", `{"role":"user","content":"x"}`, "", "ChatCompletionRequestUserMessage"},
		"string of a union":      {"CreateResponse", `{"input":"x"}`, "input", "InputParam"},
		"item of a union":        {"CreateResponse", `{"input":[{"role":"user","content":"x"}]}`, "input.0", "EasyInputMessage"},
		"item by its tag":        {"CreateResponse", `{"input":[{"type":"function_call_output","call_id":"c","output":"x"}]}`, "input.0", "FunctionCallOutputItemParam"},
		"nullable":               {"CreateResponse", `{"reasoning":{"effort":"low"}}`, "reasoning", "Reasoning"},
		"null of a nullable":     {"CreateResponse", `{"reasoning":null}`, "reasoning", ""},
		"enum by reference":      {"CreateResponse", `{"reasoning":{"effort":"low"}}`, "reasoning.effort", "ReasoningEffort"},
		"stream event":           {"ResponseStreamEvent", delta, "", "ResponseTextDeltaEvent"},
		"part of a stream event": {"ResponseStreamEvent", `{"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"r","summary":[]}}`, "item", "ReasoningItem"},
		"invalid member":         {"OutputItem", `{"type":"message","content":5}`, "", "OutputMessage"},
		"wrong type":             {"OutputItem", `[]`, "", "OutputItem"},
		"number out of range":    {"CreateResponse", `{"input":[{"role":"user","content":1e999999}]}`, "input.0", "EasyInputMessage"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := decoded(t, tt.component, tt.text).Get(tt.path).Schema(); got != tt.want {
				t.Errorf("%s %s: schema of %q is %q, want %q", tt.component, tt.text, tt.path, got, tt.want)
			}
		})
	}
}

// TestValueChoosesAsValidateDoes compares Schema with Check for every branch of
// the items of an answer: the component that is named for a mistake is the one
// that the value is said to be.
func TestValueChoosesAsValidateDoes(t *testing.T) {
	t.Parallel()
	doc := builtin(t)
	d, err := doc.Describe("OutputItem")
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Schema.Variants) < 20 {
		t.Fatalf("OutputItem has %d branches, want the union that it is", len(d.Schema.Variants))
	}
	for _, branch := range d.Schema.Variants {
		text := fmt.Sprintf(`{"type":%q,"nobody_declares_this":1}`, branch.Values[0])
		got := decoded(t, "OutputItem", text).Schema()
		if got != branch.Schema.Component {
			t.Errorf("%s: schema %q, want %q", text, got, branch.Schema.Component)
		}
		for _, f := range doc.Check("OutputItem", []byte(text)) {
			if f.Kind == schema.FindingUnknownField && f.Component != got {
				t.Errorf("%s: Check names %s, Schema %s", text, f.Component, got)
			}
		}
	}
}

func TestFieldsAndItemsComeInOrder(t *testing.T) {
	t.Parallel()
	v := decoded(t, "Response", valueText)
	type part struct{ Name, Text, Schema string }
	var got []part
	for name, field := range v.Get("output.1").Fields() {
		got = append(got, part{name, string(field.Raw()), field.Schema()})
	}
	want := []part{
		{"type", `"message"`, ""},
		{"id", `"msg_1"`, ""},
		{"status", `"completed"`, ""},
		{"role", `"assistant"`, ""},
		{"content", `[{"type":"output_text","text":"Zermatt\u0021","annotations":[]}]`, ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Fields (-want +got):\n%s", diff)
	}
	var schemas []string
	for i, item := range v.Get("output").Items() {
		schemas = append(schemas, fmt.Sprint(i, " ", item.Schema()))
	}
	if diff := cmp.Diff([]string{"0 FunctionToolCall", "1 OutputMessage", "2 OutputItem"}, schemas); diff != "" {
		t.Errorf("Items (-want +got):\n%s", diff)
	}
	for name, other := range map[string]schema.Value{"a string": v.Get("id"), "nothing": v.Get("nothing"), "the zero Value": {}} {
		for range other.Fields() {
			t.Errorf("%s has fields", name)
		}
		for range other.Items() {
			t.Errorf("%s has items", name)
		}
	}
	for range v.Fields() {
		break
	}
	for range v.Get("output").Items() {
		break
	}
}

func TestDecodeRefusesWhatIsNotJSON(t *testing.T) {
	t.Parallel()
	doc := builtin(t)
	tests := map[string]struct{ text, want string }{
		"empty":         {``, "invalid JSON at line 1, column 1: the text ends, want a value"},
		"truncated":     {"{\n\"id\":", "invalid JSON at line 2, column 6: the text ends, want a value"},
		"two values":    {`{} {}`, "invalid JSON at line 1, column 4: got more text after the value"},
		"bad UTF-8":     {"\"\xff\"", "invalid JSON at line 1, column 2: got a byte that is not UTF-8"},
		"100,000 deep":  {strings.Repeat("[", 100_000), "invalid JSON at line 1, column 1001: nested more than 1000 deep"},
		"trailing text": {`null x`, "invalid JSON at line 1, column 6: got more text after the value"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := doc.Decode("Response", []byte(tt.text))
			var instanceErr *schema.InstanceError
			if !errors.As(err, &instanceErr) {
				t.Fatalf("Decode(%.40q): error is %T (%v), want *InstanceError", tt.text, err, err)
			}
			if err.Error() != tt.want {
				t.Errorf("Decode(%.40q):\n got %v\nwant %s", tt.text, err, tt.want)
			}
			if v.Exists() {
				t.Errorf("Decode(%.40q) returns a value beside the error", tt.text)
			}
		})
	}
	_, err := doc.Decode("Respons", []byte(`{}`))
	var unknown *schema.UnknownComponentError
	if !errors.As(err, &unknown) || !slices.Contains(unknown.Nearest, "Response") {
		t.Errorf("Decode of an unknown component: got %v, want an *UnknownComponentError that names Response", err)
	}
}

func TestDecodeNeverRefusesForTheSchema(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`5`, `{"output":{"a":1}}`, `{"id":1,"id":2}`, `{"created_at":1e999999999}`, `[]`, `null`} {
		if v := decoded(t, "Response", text); string(v.Raw()) != text {
			t.Errorf("Raw() = %s, want %s", v.Raw(), text)
		}
	}
	if got := decoded(t, "Response", `{"id":1,"id":2}`).Get("id").String(); got != "1" {
		t.Errorf("of a member that appears twice got %s, want the first", got)
	}
}

func TestValueKeepsItsText(t *testing.T) {
	t.Parallel()
	raw := []byte(valueText)
	v, err := builtin(t).Decode("Response", raw)
	if err != nil {
		t.Fatal(err)
	}
	clear(raw)
	copied := v.Get("id").Raw()
	clear(copied)
	if got := v.Get("id").String(); got != "resp_1" {
		t.Errorf("after the caller's bytes were changed: got %q, want resp_1", got)
	}
	data, err := json.Marshal(map[string]any{"id": v.Get("id"), "none": v.Get("none")})
	if want := `{"id":"resp_1","none":null}`; err != nil || string(data) != want {
		t.Errorf("Marshal: got %s, %v, want %s", data, err, want)
	}
}

func TestValueIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	v := decoded(t, "Response", valueText)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i, item := range v.Get("output").Items() {
				if item.Schema() == "" || item.Pointer() != schema.Pointer(fmt.Sprintf("/output/%d", i)) {
					t.Errorf("item %d: schema %q at %s", i, item.Schema(), item.Pointer())
				}
			}
		})
	}
	wg.Wait()
}

// TestValueReadsEveryRecordedResponse walks every recorded answer of an operation that
// the document has: nothing is lost, and each value knows where it stands.
func TestValueReadsEveryRecordedResponse(t *testing.T) {
	t.Parallel()
	seen := 0
	for exchange := range recordedResponses(t, builtin(t)) {
		v, err := exchange.schema.Decode([]byte(exchange.body))
		if err != nil {
			t.Errorf("%s: %v", exchange.operation, err)
			continue
		}
		seen++
		want, got := normal(t, []byte(exchange.body)), walked(t, v, len(exchange.body) < 16<<10)
		if !reflect.DeepEqual(want, got) {
			t.Errorf("%s: walked (-want +got):\n%s", exchange.operation, cmp.Diff(want, got))
		}
	}
	if seen < 100 {
		t.Errorf("%d recorded answers were walked, want at least 100", seen)
	}
}

// normal is what encoding/json makes of a text.
func normal(tb testing.TB, text []byte) any {
	tb.Helper()
	var v any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		tb.Fatalf("%.100s: %v", text, err)
	}
	return v
}

// walked builds the same from a Value and has its parts say where they stand.
func walked(tb testing.TB, v schema.Value, pointers bool) any {
	tb.Helper()
	v.Schema()
	switch v.Kind() {
	case schema.KindObject:
		object := map[string]any{}
		for name, field := range v.Fields() {
			if pointers && field.Pointer() != v.Pointer().Append(name) {
				tb.Errorf("field %q: pointer %s, want %s", name, field.Pointer(), v.Pointer().Append(name))
			}
			object[name] = walked(tb, field, pointers)
		}
		return object
	case schema.KindArray:
		list := []any{}
		for _, item := range v.Items() {
			list = append(list, walked(tb, item, pointers))
		}
		return list
	case schema.KindNull:
		return nil
	case schema.KindBoolean:
		b, err := v.Bool()
		if err != nil {
			tb.Error(err)
		}
		return b
	case schema.KindNumber:
		n, err := v.Number()
		if err != nil {
			tb.Error(err)
		}
		return n
	case schema.KindString:
		return v.String()
	}
	tb.Error("a value that does not exist was yielded")
	return nil
}

// FuzzValue asks everything of whatever text and path.
func FuzzValue(f *testing.F) {
	for _, seed := range [][2]string{
		{valueText, "output.1.content.0.text"},
		{answer, `output.4.content.0.annotations.0`},
		{`{"output":[{"type":"message","content":[{"type":"refusal"}]}]}`, "output.0"},
		{`{"output":[{}],"created_at":1e400,"usage":null}`, "created_at"},
		{`{"a":{"b.c":[1,2]}}`, `a.b\.c.1`},
		{`[[[["\ud800"]]]]`, "0.0.0.0"},
		{`"\u0000"`, `\`},
		{`-0`, ``},
	} {
		f.Add(seed[0], seed[1])
	}
	doc := builtin(f)
	f.Fuzz(func(t *testing.T, text, path string) {
		v, err := doc.Decode("Response", []byte(text))
		if valid := json.Valid([]byte(text)); err == nil && !valid {
			t.Fatalf("Decode accepts %q, encoding/json does not", text)
		}
		if err != nil {
			return
		}
		for _, at := range []schema.Value{v, v.Get(path)} {
			at.Schema()
			_ = at.String()
			_, _ = at.Int64()
			_, _ = at.Float64()
			_, _ = at.Bool()
			_, _ = at.Time()
			if _, err := at.Number(); err != nil && at.Kind() == schema.KindNumber {
				t.Errorf("%q is a number and none: %v", at.Raw(), err)
			}
			var any any
			if err := at.Decode(&any); (err == nil) != at.Exists() {
				t.Errorf("%q: Decode says %v", at.Raw(), err)
			}
			n := 0
			for range at.Fields() {
				n++
			}
			for _, item := range at.Items() {
				n++
				if item.Pointer().Tokens()[0] == "" && len(path) == 0 {
					t.Errorf("%q: an item at %q", text, item.Pointer())
				}
			}
			if leaf := at.Kind() != schema.KindObject && at.Kind() != schema.KindArray; leaf && n > 0 {
				t.Errorf("%q is %s and has %d parts", at.Raw(), at.Kind(), n)
			}
		}
	})
}

func BenchmarkValue(b *testing.B) {
	doc := openBuiltin(b)
	raw := []byte(answer)
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := doc.Decode("Response", raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode and 3 gets", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v, err := doc.Decode("Response", raw)
			if err != nil {
				b.Fatal(err)
			}
			if v.Get("id").String() == "" || v.Get("output.4.content.0.text").String() == "" || v.Get("usage.total_tokens").String() != "123" {
				b.Fatal("a value is not there")
			}
		}
	})
	b.Run("decode and schemas of items", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v, err := doc.Decode("Response", raw)
			if err != nil {
				b.Fatal(err)
			}
			for _, item := range v.Get("output").Items() {
				if item.Schema() == "" {
					b.Fatal("an item has no schema")
				}
			}
		}
	})
}
