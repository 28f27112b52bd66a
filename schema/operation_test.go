package schema_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// zoo has a reference in every place that OpenAPI allows one.
const zoo = `{"openapi":"3.1.0","info":{"title":"zoo","version":"1"},
"servers":[{"url":"https://{region}.zoo.example/{base}","description":"all","variables":{"region":{"default":"eu"},"base":{"default":"v1","enum":["v1","v2"]}}},{"url":"/relative"}],
"security":[{"key":[]}],
"paths":{
	"/pets/{id}":{
		"summary":"one pet","x-item":"item","x-both":"item",
		"servers":[{"url":"https://pets.zoo.example"}],
		"parameters":[{"$ref":"#/components/parameters/Id"},{"name":"trace","in":"header","schema":{"type":"string"}},{"name":"view","in":"query","description":"of all","schema":{"type":"string"}}],
		"get":{"operationId":"getPet","tags":["pets","read"],"summary":"s","description":"d","deprecated":true,"x-both":"operation",
			"parameters":[{"name":"view","in":"query","description":"of get","required":true,"schema":{"type":"integer"}},{"name":"view","in":"cookie"},
				{"name":"where","in":"query","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Pet"}}}},
				{"name":"tags[]","in":"query","style":"spaceDelimited","explode":false,"allowReserved":true,"allowEmptyValue":true,"deprecated":true}],
			"security":[{},{"key":[],"admin":["write"]}],
			"servers":[{"url":"https://get.zoo.example"}],
			"responses":{"200":{"$ref":"#/components/responses/Pet"},"4XX":{"description":"bad","content":{"application/problem+json":{"schema":{"type":"object"}}}},"default":{"$ref":"#/components/responses/Alias"},"x-none":{}}},
		"put":{"operationId":"putPet","requestBody":{"$ref":"#/components/requestBodies/Pet"},"responses":{"204":{"description":"done"}}}},
	"/elsewhere":{"$ref":"#/components/pathItems/Shared"},
	"/inner":{"$ref":"#/paths/~1pets~1{id}"},
	"x-paths":{"get":{"operationId":"none"}}},
"components":{
	"parameters":{"Id":{"$ref":"#/components/parameters/RealId"},"RealId":{"name":"id","in":"path","schema":{"type":"string"}}},
	"requestBodies":{"Pet":{"required":true,"description":"a pet","content":{"application/json; charset=utf-8":{"schema":{"$ref":"#/components/schemas/Pet"}},"multipart/form-data":{"schema":{"$ref":"#/components/schemas/Pet"},"encoding":{"photo":{"contentType":"image/png"},"tags":{"style":"pipeDelimited"},"list":{"style":"form","explode":false,"allowReserved":true}}},"text/*":{},"*/*":{"schema":{"type":"string"}}}}},
	"responses":{"Pet":{"description":"a pet","headers":{"X-Rate":{"$ref":"#/components/headers/Rate"},"X-Page":{"required":true,"content":{"application/json":{"schema":{"type":"integer"}}}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Pet"}}}},"Alias":{"$ref":"#/components/responses/Real"},"Real":{"description":"real"}},
	"headers":{"Rate":{"description":"left","schema":{"type":"integer"}}},
	"pathItems":{"Shared":{"parameters":[{"name":"q","in":"query"}],"post":{"operationId":"shared","responses":{}}}},
	"securitySchemes":{"key":{"type":"http","scheme":"bearer"},"admin":{"$ref":"#/components/securitySchemes/real"},"real":{"type":"apiKey","in":"header","name":"X-Key","x-opcall-credential":"admin"}},
	"schemas":{"Pet":{"type":"object","properties":{"name":{"type":"string"}}}}}}`

func operation(tb testing.TB, doc *schema.Document, id string) *schema.Operation {
	tb.Helper()
	op, err := doc.Operation(id)
	if err != nil {
		tb.Fatal(err)
	}
	return op
}

func TestOperationsComeInDocumentOrder(t *testing.T) {
	t.Parallel()
	var got []string
	for op := range open(t, zoo).Operations() {
		got = append(got, op.ID+" "+op.Method+" "+op.Path+" "+string(op.Pointer))
	}
	slices.Sort(got[2:]) // those of path items that stand elsewhere come last
	want := []string{
		"getPet GET /pets/{id} /paths/~1pets~1{id}/get",
		"putPet PUT /pets/{id} /paths/~1pets~1{id}/put",
		"GET /inner GET /inner /paths/~1pets~1{id}/get",
		"PUT /inner PUT /inner /paths/~1pets~1{id}/put",
		"shared POST /elsewhere /components/pathItems/Shared/post",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
}

func TestOperationHasItsFieldsAndSecurity(t *testing.T) {
	t.Parallel()
	doc := open(t, zoo)
	op := operation(t, doc, "getPet")
	if op.Summary != "s" || op.Description != "d" || !op.Deprecated || !slices.Equal(op.Tags, []string{"pets", "read"}) || op.Document() != doc {
		t.Errorf("got %+v", op)
	}
	for name, want := range map[string]string{"x-item": `"item"`, "x-both": `"operation"`, "x-none": ""} {
		if got, _ := op.Extension(name); got != want {
			t.Errorf("Extension(%s) = %s, want %s", name, got, want)
		}
	}
	if diff := cmp.Diff([]schema.SecurityRequirement{{}, {"key", "admin"}}, op.Security); diff != "" {
		t.Errorf("security (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]schema.SecurityRequirement{{"key"}}, operation(t, doc, "putPet").Security); diff != "" {
		t.Errorf("security of the document (-want +got):\n%s", diff)
	}
	admin, ok := doc.SecurityScheme("admin")
	if want := (schema.SecurityScheme{Name: "admin", Type: "apiKey", In: "header", ParamName: "X-Key", Credential: "admin"}); !ok || admin != want {
		t.Errorf("security scheme: got %+v, want %+v", admin, want)
	}
	if s, ok := doc.SecurityScheme("none"); ok {
		t.Errorf("there is a security scheme %+v", s)
	}
}

func TestParametersAreMerged(t *testing.T) {
	t.Parallel()
	describe := func(p *schema.Parameter) string {
		kind := "-"
		if p.Schema != nil {
			kind = p.Schema.JSON()
		}
		return fmt.Sprintf("%s in %s: %s explode=%v required=%v %q %s %s", p.Name, p.In, p.Style, p.Explode, p.Required, p.Description, p.MediaType, kind)
	}
	tests := map[string][]string{
		"getPet": {
			`id in path: simple explode=false required=true ""  {"type":"string"}`,
			`trace in header: simple explode=false required=false ""  {"type":"string"}`,
			`view in query: form explode=true required=true "of get"  {"type":"integer"}`,
			`view in cookie: form explode=true required=false ""  -`,
			`where in query: form explode=true required=false "" application/json {"$ref":"#/components/schemas/Pet"}`,
			`tags[] in query: spaceDelimited explode=false required=false ""  -`,
		},
		"putPet": {
			`id in path: simple explode=false required=true ""  {"type":"string"}`,
			`trace in header: simple explode=false required=false ""  {"type":"string"}`,
			`view in query: form explode=true required=false "of all"  {"type":"string"}`,
		},
		"shared": {`q in query: form explode=true required=false ""  -`},
	}
	doc := open(t, zoo)
	for id, want := range tests {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range operation(t, doc, id).Parameters {
				got = append(got, describe(p))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("parameters (-want +got):\n%s", diff)
			}
		})
	}
	p, ok := operation(t, doc, "getPet").Parameter("tags")
	if !ok || p.Name != "tags[]" || !p.AllowReserved || !p.AllowEmptyValue || !p.Deprecated || p.Brackets {
		t.Errorf(`Parameter("tags") = %+v, %v`, p, ok)
	}
}

func TestBracketsApplyToPlainQueryParametersAlone(t *testing.T) {
	t.Parallel()
	doc := open(t, strings.Replace(zoo, `"openapi"`, `"x-opcall-brackets":true,"openapi"`, 1))
	for _, p := range operation(t, doc, "getPet").Parameters {
		if want := p.In == "query" && p.MediaType == ""; p.Brackets != want {
			t.Errorf("%s in %s: brackets %v, want %v", p.Name, p.In, p.Brackets, want)
		}
	}
}

func TestRequestBodyPicksTheClosestMediaType(t *testing.T) {
	t.Parallel()
	doc := open(t, zoo)
	body := operation(t, doc, "putPet").RequestBody
	if body == nil || !body.Required || body.Description != "a pet" || operation(t, doc, "getPet").RequestBody != nil {
		t.Fatalf("got %+v", body)
	}
	for asked, want := range map[string]string{
		"application/json":                     "application/json; charset=utf-8",
		"Application/JSON;charset=latin1":      "application/json; charset=utf-8",
		"multipart/form-data; boundary=x":      "multipart/form-data",
		"text/plain":                           "text/*",
		"application/xml":                      "*/*",
		"application/json; broken=\"parameter": "application/json; charset=utf-8",
	} {
		if m, ok := body.MediaType(asked); !ok || m.Name != want {
			t.Errorf("MediaType(%s) = %+v, want %s", asked, m, want)
		}
	}
	form, _ := body.MediaType("multipart/form-data")
	want := map[string]schema.Encoding{
		"photo": {ContentType: "image/png", Explode: true},
		"tags":  {Style: "pipeDelimited", Styled: true},
		"list":  {Style: "form", AllowReserved: true, Styled: true},
	}
	if diff := cmp.Diff(want, form.Encoding); diff != "" {
		t.Errorf("encoding (-want +got):\n%s", diff)
	}
	if s := form.Schema; s.Name() != "Pet" || s.Pointer() != "/components/requestBodies/Pet/content/multipart~1form-data/schema" {
		t.Errorf("schema %s at %s", s.Name(), s.Pointer())
	}
}

func TestResponsePrefersStatusThenRangeThenDefault(t *testing.T) {
	t.Parallel()
	op := operation(t, open(t, zoo), "getPet")
	for status, want := range map[int]string{200: "200", 404: "4XX", 500: "default", 201: "default"} {
		if r, ok := op.Response(status); !ok || r.Status != want {
			t.Errorf("Response(%d) = %+v, want %s", status, r, want)
		}
	}
	if r, ok := operation(t, op.Document(), "putPet").Response(500); ok {
		t.Errorf("Response(500) = %+v, want none", r)
	}
	r, _ := op.Response(200)
	if m, ok := r.MediaType("application/json"); !ok || m.Schema.Name() != "Pet" || r.Description != "a pet" {
		t.Errorf("got %+v", r)
	}
	var headers []string
	for _, h := range r.Headers {
		headers = append(headers, fmt.Sprintf("%s %v %q %s", h.Name, h.Required, h.Description, h.Schema.JSON()))
	}
	if diff := cmp.Diff([]string{`X-Rate false "left" {"type":"integer"}`, `X-Page true "" {"type":"integer"}`}, headers); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if r, _ := op.Response(500); r.Description != "real" {
		t.Errorf("a reference to a reference gives %+v", r)
	}
	if len(op.Responses) != 3 {
		t.Errorf("got %d responses, want 3: extensions are not responses", len(op.Responses))
	}
}

func TestServersOfTheOperationComeFirst(t *testing.T) {
	t.Parallel()
	doc := open(t, zoo)
	if diff := cmp.Diff([]schema.Server{{
		URL: "https://eu.zoo.example/v1", Description: "all", Template: "https://{region}.zoo.example/{base}",
		Variables: []schema.ServerVariable{{Name: "region", Default: "eu"}, {Name: "base", Default: "v1", Enum: []string{"v1", "v2"}}},
	}, {URL: "/relative"}}, doc.Servers()); diff != "" {
		t.Errorf("servers (-want +got):\n%s", diff)
	}
	for id, want := range map[string]string{"getPet": "https://get.zoo.example", "putPet": "https://pets.zoo.example", "shared": "https://eu.zoo.example/v1"} {
		if got := operation(t, doc, id).Servers; len(got) == 0 || got[0].URL != want {
			t.Errorf("%s: servers %+v, want %s", id, got, want)
		}
	}
}

// TestServerVariableMayBeANumber: a port without quotes is a number in YAML.
func TestServerVariableMayBeANumber(t *testing.T) {
	t.Parallel()
	doc := open(t, `{"openapi":"3.1.0","servers":[{"url":"https://a.example:{port}/{on}/{none}","variables":{
		"port":{"default":8443,"enum":[8443,"443"]},"on":{"default":true},"none":{"default":null}}}],"paths":{}}`)
	if diff := cmp.Diff([]schema.Server{{
		URL: "https://a.example:8443/true/", Template: "https://a.example:{port}/{on}/{none}",
		Variables: []schema.ServerVariable{{Name: "port", Default: "8443", Enum: []string{"8443", "443"}}, {Name: "on", Default: "true"}, {Name: "none"}},
	}}, doc.Servers()); diff != "" {
		t.Errorf("servers (-want +got):\n%s", diff)
	}
}

// TestPathOfTooManyNamesIsRefused: the names of a path are compared with one another.
func TestPathOfTooManyNamesIsRefused(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{
		"one by one":        strings.Repeat("/{a}", 257),
		"in one expression": "/{" + strings.Repeat("a,", 100_000) + "a}",
		"very many":         strings.Repeat("{a:1}", 200_000),
	} {
		doc := open(t, `{"openapi":"3.1.0","paths":{"`+key+`":{"get":{"operationId":"list"}},"`+strings.Repeat("/{b}", 256)+`":{"get":{"operationId":"fine"}}}}`)
		_, err := doc.Operation("list")
		if err == nil || !strings.Contains(err.Error(), "got more than 256 names in the path") {
			t.Errorf("%s: got error %v", name, err)
		}
		if _, err := doc.Operation("fine"); err != nil {
			t.Errorf("%s: 256 names: %v", name, err)
		}
		if op, _, ok := doc.Match("GET", strings.Repeat("/x", 257)); ok {
			t.Errorf("%s: a path matches %s", name, op.ID)
		}
	}
}

func TestOperationIsFoundHoweverItsIDIsWritten(t *testing.T) {
	t.Parallel()
	builtIn := builtin(t)
	odd := open(t, `{"openapi":"3.1.0","paths":{
		"/a":{"get":{"operationId":"list_all"},"post":{"operationId":"listAll"},"put":{}},
		"/b":{"get":{"operationId":"list_all"},"delete":{"operationId":7}}}}`)
	tests := map[string]struct {
		doc  *schema.Document
		id   string
		want string // an ID, or the error
	}{
		"exact":             {builtIn, "createChatCompletion", "createChatCompletion"},
		"snake case":        {builtIn, "create_chat_completion", "createChatCompletion"},
		"kebab case":        {builtIn, "Create-Chat-Completion", "createChatCompletion"},
		"upper case":        {builtIn, "CREATECHATCOMPLETION", "createChatCompletion"},
		"misspelt":          {builtIn, "createChatCompletions", `unknown operation "createChatCompletions"; did you mean createChatCompletion`},
		"far off":           {builtIn, "zzzzzzzzzzzzzzzz", `unknown operation "zzzzzzzzzzzzzzzz"`},
		"empty":             {builtIn, "", `unknown operation ""`},
		"long":              {builtIn, strings.Repeat("x", 1000), `unknown operation "` + strings.Repeat("x", 80) + `"`},
		"exact over folded": {odd, "listAll", "listAll"},
		"ambiguous":         {odd, "LIST-ALL", `unknown operation "LIST-ALL"; did you mean list_all or listAll?`},
		"taken ID":          {odd, "GET /b", "GET /b"},
		"no ID":             {odd, "PUT /a", "PUT /a"},
		"no string":         {odd, "DELETE /b", "DELETE /b"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			op, err := tt.doc.Operation(tt.id)
			if err == nil {
				got = op.ID
			} else {
				var unknown *schema.UnknownOperationError
				if !errors.As(err, &unknown) || unknown.ID != tt.id {
					t.Errorf("the error is a %T, want an *UnknownOperationError with the ID", err)
				}
				got = err.Error()
			}
			if got != tt.want && !strings.HasPrefix(got, tt.want) || len(got) > 300 {
				t.Errorf("Operation(%.40q):\n got %s\nwant %s", tt.id, got, tt.want)
			}
		})
	}
	if _, err := builtIn.Component("ChatCompletionRequest"); err == nil || !strings.Contains(err.Error(), "CreateChatCompletionRequest") {
		t.Errorf("Component: got %v, want the nearest names", err)
	}
}

func TestRepairOfAnOperationSaysHowItIsRead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ paths, want string }{
		"no ID": {
			`{"/a":{"get":{}}}`,
			`/paths/~1a/get: operationId: the operation has no operationId; it is called by "GET /a", or by getA`,
		},
		"taken ID": {
			`{"/a":{"get":{"operationId":"x"}},"/b":{"get":{"operationId":"x"}}}`,
			`/paths/~1b/get: operationId: operationId "x" is taken by /paths/~1a/get; it is called by "GET /b", or by getB`,
		},
		"undeclared path parameter": {
			`{"/a/{id}":{"get":{"operationId":"x"}}}`,
			`/paths/~1a~1{id}/get: parameters: the path has {id}, but no parameter declares it; read as a required string`,
		},
		"path parameter without a place": {
			`{"/a":{"get":{"operationId":"x","parameters":[{"name":"id","in":"path"}]}}}`,
			`/paths/~1a/get: parameters: the path parameter "id" has no place in the path; dropped`,
		},
		"body without a media type": {
			`{"/a":{"post":{"operationId":"x","requestBody":{"content":{}}}}}`,
			`/paths/~1a/post/requestBody: requestBody: has no media type; read as none`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := open(t, `{"openapi":"3.1.0","paths":`+tt.paths+`}`)
			if got := doc.Repairs(); len(got) != 1 || got[0].String() != tt.want {
				t.Errorf("repairs of %s:\n got %v\nwant %s", tt.paths, got, tt.want)
			}
		})
	}
}

func TestWebhooksAreNotOperations(t *testing.T) {
	t.Parallel()
	doc := open(t, `{"openapi":"3.1.0","webhooks":{
		"paid":{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"object"}}}},"responses":{}}},
		"lost":{"$ref":"#/components/pathItems/Lost"}},
		"components":{"pathItems":{"Lost":{"post":{"operationId":"onLost","responses":{}}}}}}`)
	var got []string
	for op := range doc.Webhooks() {
		got = append(got, op.ID+" "+op.Method+" "+op.Path+" "+string(op.Pointer))
	}
	want := []string{"paid POST paid /webhooks/paid/post", "onLost POST lost /components/pathItems/Lost/post"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("webhooks (-want +got):\n%s", diff)
	}
	for op := range doc.Operations() {
		t.Errorf("the webhook %s is an operation", op.ID)
	}
}

func TestIsObjectWhereTheSchemaMeansOne(t *testing.T) {
	tower := "" // whose foot is reached by 2^30 ways
	for i := range 30 {
		member := fmt.Sprintf(`{"$ref":"#/components/schemas/X%d"}`, i+1)
		tower += fmt.Sprintf(`,"X%d":{"allOf":[%s,%s]}`, i, member, member)
	}
	for text, want := range map[string]bool{
		`{"type":"object"}`:                                 true,
		`{"type":["object"]}`:                               true,
		`{"type":["object","null"]}`:                        false,
		`{"type":["object","array"],"properties":{"a":{}}}`: false,
		`{"properties":{"a":{}}}`:                           true,
		`{"required":["a"]}`:                                true,
		`{"properties":{"a":{}},"items":{}}`:                false,
		`{"properties":{"a":{}},"nullable":true}`:           false,
		`{}`:                                false,
		`{"type":"array","items":{}}`:       false,
		`{"$ref":"#/components/schemas/O"}`: true,
		`{"allOf":[{"$ref":"#/components/schemas/O"},{}]}`: true,
		`{"allOf":[{}]}`: false,
		`{"anyOf":[{"$ref":"#/components/schemas/O"},{}]}`:                false,
		`{"oneOf":[{"$ref":"#/components/schemas/O"},{"type":"object"}]}`: true,
		`{"allOf":[{"$ref":"#/components/schemas/X"}]}`:                   false,
	} {
		doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{"O":{"properties":{"a":{}}},"S":` + text + `,"X30":{}` + tower + `,"X":{"$ref":"#/components/schemas/X0"}}}}`))
		if err != nil {
			t.Fatal(err)
		}
		s, err := doc.Component("S")
		if err != nil {
			t.Fatal(err)
		}
		if got := s.IsObject(); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

// Summaries has what Operations has, of every operation of the official document.
func TestSummariesAreThoseOfTheOperations(t *testing.T) {
	doc, err := schema.Load(embed.OpenAI())
	if err != nil {
		t.Fatal(err)
	}
	var want, got []schema.OperationSummary
	for op := range doc.Operations() {
		want = append(want, schema.OperationSummary{ID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, Tags: op.Tags})
	}
	for s := range doc.Summaries() {
		got = append(got, s)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) < 288 {
		t.Errorf("%d operations (-want +got):\n%s", len(got), diff)
	}
}
