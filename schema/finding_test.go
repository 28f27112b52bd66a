package schema_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

var update = flag.Bool("update", false, "write golden files anew")

// golden compares got with a file under testdata, or writes it.
func golden(tb testing.TB, name, got string) {
	tb.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			tb.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		tb.Fatalf("%v; write it with -update", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		tb.Errorf("%s (-want +got); if this is intended, run with -update:\n%s", path, diff)
	}
}

// shop is a document small enough to be known by heart.
const shop = `{"openapi":"3.1.0","info":{"title":"shop","version":"1"},
"servers":[{"url":"https://shop.example/v2"}],
"paths":{
	"/orders":{
		"get":{"operationId":"listOrders","summary":"List orders","tags":["Orders"],"parameters":[{"name":"limit","in":"query","schema":{"type":"integer","maximum":100,"default":20}}],"responses":{"200":{"description":"OK","content":{"application/json":{"schema":{"type":"array","items":{"$ref":"#/components/schemas/Order"}}}}}}},
		"post":{"operationId":"createOrder","summary":"Place an order","tags":["Orders"],"requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Order"}}}},"responses":{"201":{"description":"OK","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Order"}}}}}}},
	"/orders/{id}/label":{
		"put":{"operationId":"setLabel","requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{"label":{"type":"string"}},"required":["label"]}}}},"responses":{"204":{"description":"OK"}}},
		"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}]}},
"webhooks":{
	"order_paid":{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"object","required":["event","order"],"properties":{"event":{"const":"order.paid"},"order":{"$ref":"#/components/schemas/Order"}}}}}},"responses":{"200":{"description":"OK"}}}},
	"order_lost":{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"object","required":["event"],"properties":{"event":{"const":"order.lost"},"where":{"type":"string"}}}}}},"responses":{"200":{"description":"OK"}}}}},
"components":{"schemas":{
	"Order":{"type":"object","required":["id","items"],"properties":{
		"id":{"type":"string","maxLength":8},
		"items":{"type":"array","minItems":1,"items":{"$ref":"#/components/schemas/Item"}},
		"status":{"type":"string","enum":["open","paid","sent"]},
		"gift":{"type":"boolean"},
		"note":{"type":["string","null"]},
		"placed_at":{"type":"integer","format":"unixtime"},
		"labels":{"type":"object","additionalProperties":{"type":"string"}}}},
	"Item":{"oneOf":[{"$ref":"#/components/schemas/Book"},{"$ref":"#/components/schemas/Film"}],"discriminator":{"propertyName":"kind"}},
	"Book":{"type":"object","required":["kind","title"],"properties":{"kind":{"const":"book"},"title":{"type":"string"},"pages":{"type":"integer","minimum":1}}},
	"Film":{"type":"object","required":["kind"],"properties":{"kind":{"const":"film"},"minutes":{"type":"number"},"trailers":{"type":"array","items":{"$ref":"#/components/schemas/Film"}}}}}}}`

func openShop(tb testing.TB) *schema.Document {
	tb.Helper()
	doc, err := schema.Load([]byte(shop))
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

func TestCheckSortsFindings(t *testing.T) {
	t.Parallel()
	doc := openShop(t)
	order := func(fields string) string { return `{"id":"o1","items":[{"kind":"film"}],` + fields + `}` }
	item := func(text string) string { return `{"id":"o1","items":[` + text + `]}` }
	tests := map[string]struct {
		text string
		want []string
	}{
		"nothing":                   {item(`{"kind":"book","title":"Heidi"}`), nil},
		"unknown field":             {order(`"mood":1`), []string{`unknown_field /mood: unknown field "mood" (Order)`}},
		"misspelt field":            {order(`"noet":"x"`), []string{`unknown_field /noet: unknown field "noet"; did you mean "note"? (Order)`}},
		"unknown value":             {order(`"status":"lost"`), []string{`unknown_value /status: got "lost", want one of "open", "paid", "sent" (Order)`}},
		"unknown member":            {item(`{"kind":"song"}`), []string{`unknown_member /items/0/kind: got "song", want one of "book", "film" (Item)`}},
		"missing field":             {item(`{"kind":"book"}`), []string{`missing_field /items/0: missing property "title" (Book)`}},
		"missing tag":               {item(`{"title":"Heidi"}`), []string{`missing_field /items/0: missing property "kind", which says what this is: one of "book", "film" (Item)`}},
		"unexpected null":           {order(`"gift":null`), []string{`unexpected_null /gift: got null, want boolean (Order)`}},
		"null where it is allowed":  {order(`"note":null`), nil},
		"null in place of a value":  {order(`"status":null`), []string{`unexpected_null /status: got null, want string (Order)`}},
		"null in place of a map":    {order(`"labels":{"a":null}`), []string{`unexpected_null /labels/a: got null, want string (Order)`}},
		"null in place of an item":  {item(`null`), []string{`unexpected_null /items/0: got null, want object (Item)`}},
		"wrong type":                {order(`"placed_at":"today"`), []string{`wrong_type /placed_at: got string "today", want integer (Order)`}},
		"string null is not a null": {order(`"gift":"null"`), []string{`wrong_type /gift: got string "null", want boolean (Order)`}},
		"wrong type of an item":     {item(`7`), []string{`wrong_type /items/0: got number 7, want object (Item)`}},
		"too small":                 {item(`{"kind":"book","title":"x","pages":0}`), []string{`out_of_bounds /items/0/pages: got 0, want at least 1 (Book)`}},
		"too few":                   {item(``), []string{`out_of_bounds /items: got 0 items, want at least 1 (Order)`}},
		"in order of place": {
			`{"items":[{"kind":"film"},{"kind":"film","minutes":"90"}],"gift":1,"mood":1}`,
			[]string{
				`missing_field /: missing property "id" (Order)`,
				`wrong_type /gift: got number 1, want boolean (Order)`,
				`wrong_type /items/1/minutes: got string "90", want number (Film)`,
				`unknown_field /mood: unknown field "mood" (Order)`,
			},
		},
		"not JSON":       {`{"id":`, []string{`not_json /: invalid JSON at line 1, column 7: the text ends, want a value (Order)`}},
		"nothing at all": {``, []string{`not_json /: invalid JSON at line 1, column 1: the text ends, want a value (Order)`}},
		"key twice":      {`{"id":"a","id":"b"}`, []string{`not_json /: invalid JSON at line 1, column 11: got key "id" twice in one object (Order)`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range doc.Check("Order", []byte(tt.text)) {
				got = append(got, f.String())
				if prefix, _, _ := strings.Cut(f.String(), " "); prefix != string(f.Kind) {
					t.Errorf("%s begins with %s, want its kind %s", f, prefix, f.Kind)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Check(%s) (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

func TestCheckNamesTheNearestComponent(t *testing.T) {
	t.Parallel()
	findings := builtin(t).Check("FunctionToolCal", []byte(`{}`))
	if len(findings) != 1 || findings[0].Kind != schema.FindingUnknownComponent || !slices.Contains(findings[0].Nearest, "FunctionToolCall") {
		t.Errorf("got %+v, want one finding that names FunctionToolCall", findings)
	}
	if want := `unknown_component: unknown component "FunctionToolCal"; did you mean FunctionToolCall`; len(findings) == 1 && !strings.HasPrefix(findings[0].String(), want) {
		t.Errorf("got %s, want %s…", findings[0], want)
	}
}

func TestCheckReportsUnusableSchema(t *testing.T) {
	t.Parallel()
	doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{},
		"components":{"schemas":{"Pet":{"type":"object","properties":{"owner":{"$ref":"#/components/schemas/Owner"}}}}}}`), schema.WithoutChecks())
	if err != nil {
		t.Fatal(err)
	}
	findings := doc.Check("Pet", []byte(`{"owner":{}}`))
	if len(findings) != 1 || findings[0].Kind != schema.FindingUnusableSchema {
		t.Errorf("got %+v, want one finding of kind %s", findings, schema.FindingUnusableSchema)
	}
}

func TestCheckIsBounded(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString(`{"kind":"film"`)
	for i := range 150 {
		fmt.Fprintf(&text, `,"field_%03d":1`, i)
	}
	text.WriteString("}")
	findings := openShop(t).Check("Film", []byte(text.String()))
	if len(findings) != 101 {
		t.Fatalf("got %d findings, want 100 and the count of the rest", len(findings))
	}
	if last := findings[100]; last.Kind != schema.FindingMore || last.String() != "more: and 50 more" {
		t.Errorf("the last finding is %s, want more: and 50 more", last)
	}
	for i, f := range findings[:100] {
		if want := schema.Pointer(fmt.Sprintf("/field_%03d", i)); f.Pointer != want {
			t.Errorf("finding %d is at %s, want %s", i, f.Pointer, want)
		}
	}
}

func TestCheckIsDeterministic(t *testing.T) {
	t.Parallel()
	text := []byte(`{"output":[{"type":"message","a":1,"b":2,"c":3},{"type":"nope"}],"x":1,"y":2,"z":3,"usage":{}}`)
	first := openBuiltin(t).Check("Response", text)
	for range 20 {
		if diff := cmp.Diff(first, openBuiltin(t).Check("Response", text)); diff != "" {
			t.Fatalf("two runs differ:\n%s", diff)
		}
	}
}

func TestFindingsKeepNothingOfTheText(t *testing.T) {
	t.Parallel()
	raw := []byte(`{"idd":"o1","itms":[],"status":"lost","gift":null,"labels":{"a":1}}`)
	findings := openShop(t).Check("Order", raw)
	before := fmt.Sprintf("%+v", findings)
	clear(raw)
	if after := fmt.Sprintf("%+v", findings); after != before {
		t.Errorf("changed with the caller's bytes:\n%q\n%q", before, after)
	}
}

func TestFindingMarshalsToItsFields(t *testing.T) {
	t.Parallel()
	findings := openShop(t).Check("Film", []byte(`{"kind":"film","minuts":90}`))
	got, err := json.Marshal(findings)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"kind":"unknown_field","pointer":"/minuts","keyword":"unevaluatedProperties","component":"Film","schema":"/components/schemas/Film","got":"minuts","nearest":["minutes"],"message":"unknown field \"minuts\"; did you mean \"minutes\"?"}]`
	if string(got) != want {
		t.Errorf("Marshal:\n got %s\nwant %s", got, want)
	}
}

var index = regexp.MustCompile(`/\d+(/|:|$)`)

// TestFindingsOfRecordedResponsesStayTheSame lists where real answers and the document
// disagree, so that a change is seen.
func TestFindingsOfRecordedResponsesStayTheSame(t *testing.T) {
	t.Parallel()
	doc := builtin(t)
	counts := make(map[string]int)
	answers := 0
	for exchange := range recordedResponses(t, doc) {
		answers++
		for _, f := range exchange.schema.Check([]byte(exchange.body)) {
			place := index.ReplaceAllString(string(f.Pointer), "/*$1")
			place = index.ReplaceAllString(place, "/*$1") // neighbours share a slash
			f.Pointer = schema.Pointer(place)
			counts[exchange.operation+": "+f.String()]++
		}
	}
	if answers < 100 {
		t.Fatalf("%d answers were recorded, want at least 100", answers)
	}
	var b strings.Builder
	for _, line := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&b, "%s ×%d\n", line, counts[line])
	}
	golden(t, "findings/recorded.golden", b.String())
}

type recordedAnswer struct {
	operation string
	schema    *schema.Schema
	body      string
}

// recordedResponses yields the recorded responses in JSON for which the document has
// a schema.
func recordedResponses(tb testing.TB, doc *schema.Document) func(func(recordedAnswer) bool) {
	tb.Helper()
	exchanges := shared.Interactions(tb)
	return func(yield func(recordedAnswer) bool) {
		for _, exchange := range exchanges {
			op, _, ok := doc.Match(exchange.Method, strings.TrimPrefix(exchange.Path, "/v1"))
			if !ok || !json.Valid([]byte(exchange.ResponseBody)) {
				continue
			}
			response, ok := op.Response(exchange.Status)
			if !ok {
				continue
			}
			media, ok := response.MediaType("application/json")
			if ok && media.Schema != nil && !yield(recordedAnswer{op.ID, media.Schema, exchange.ResponseBody}) {
				return
			}
		}
	}
}

// FuzzCheck checks the promises of findings on any text, of any component. The
// component is chosen by number: a made-up name would be compared with all names, which
// takes longer than what is to be tried.
func FuzzCheck(f *testing.F) {
	doc := builtin(f)
	doc.Precompile()
	names := slices.Sorted(doc.Components())
	add := func(component, text string) {
		i, ok := slices.BinarySearch(names, component)
		if !ok {
			f.Fatalf("there is no component %s", component)
		}
		f.Add(uint16(i), text)
	}
	for _, p := range payloads {
		add(p.component, p.text)
	}
	long := strings.Repeat("key\n", 1200)
	for _, seed := range [][2]string{
		{"OutputItem", `{"type":"message","content":[{"type":"refusal"}]}`},
		{"CompoundFilter", `{"type":"and","filters":[{"type":"or","filters":[{}]}]}`},
		{"Response", `{"created_at":1e999999}`},
		{"ResponseStreamEvent", "{\"type\":\"\xff\"}"},
		{"CreateCompletionRequest", `{"":0}`},
		{"CreateChatCompletionRequest", `{"a\nFORGED":1}`},
		{"CreateEmbeddingRequest", `{"model":"m","input":"","a\nFORGED":{"a\nFORGED":1}}`},
		{"CreateEmbeddingRequest", `{"` + long + `":1}`},
		{"CompoundFilter", `{"type":"and","filters":[{"type":"eq","` + long + `":"` + long + `","key":"` + long + `","value":{}}]}`},
		{"Response", `{"metadata":{"` + long + `":1},"` + long + `":{"` + long + `":[]}}`},
	} {
		add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, i uint16, text string) {
		component := names[int(i)%len(names)]
		findings := doc.Check(component, []byte(text))
		if len(findings) > 101 {
			t.Errorf("%d findings", len(findings))
		}
		for _, finding := range findings {
			line := finding.String()
			if finding.Kind == "" || finding.Message == "" || len(line) > 5000 || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("Check(%q, %q) finds %q", component, text, line)
			}
		}
		if !json.Valid([]byte(text)) && len(findings) != 1 {
			t.Errorf("Check(%q, %q): %d findings of what is not JSON", component, text, len(findings))
		}
		if err := doc.Validate(component, text); (err == nil) != (len(findings) == 0) {
			t.Errorf("Check(%q, %q) finds %d, Validate says %v", component, text, len(findings), err)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	doc := openBuiltin(b)
	for _, p := range payloads {
		if p.component != "Response" {
			continue
		}
		b.Run(p.name, func(b *testing.B) {
			raw := []byte(p.text)
			b.ReportAllocs()
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				if n := len(doc.Check(p.component, raw)); n < p.mistakes {
					b.Fatalf("%d findings, want %d", n, p.mistakes)
				}
			}
		})
	}
}
