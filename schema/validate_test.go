package schema_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/schema"
)

// verdict writes the problems of an instance, "" when it is valid.
func verdict(tb testing.TB, doc *schema.Document, component string, instance any, opts ...schema.ValidateOption) string {
	tb.Helper()
	err := doc.Validate(component, instance, opts...)
	if err == nil {
		return ""
	}
	var invalid *schema.ValidationError
	if !errors.As(err, &invalid) || len(invalid.Problems) == 0 {
		tb.Fatalf("Validate gives a %T, %v; want a *ValidationError with problems", err, err)
	}
	var lines []string
	for _, p := range invalid.Problems {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// letter stands for an instance that is valid in the Strict tier.
const letter = "valid by the letter"

// checkTiers validates an instance of X in the Standard and the Strict tier. The Strict
// tier wants the same where strict is "", and no problem where it is letter.
func checkTiers(t *testing.T, doc *schema.Document, instance, want, strict string) {
	t.Helper()
	switch strict {
	case "":
		strict = want
	case letter:
		strict = ""
	}
	for tier, want := range map[schema.Tier]string{schema.Standard: want, schema.Strict: strict} {
		if got := verdict(t, doc, "X", instance, schema.WithTier(tier)); got != want {
			t.Errorf("%s: %.100s:\n got %s\nwant %s", tier, instance, got, want)
		}
	}
}

// Every keyword of JSON Schema 2020-12 that says something about an instance.
// The verdict is the same in both tiers, but where the second one is given.
func TestEveryKeywordRejectsWhatItForbids(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, instance, want, strict string }{
		"true":          {`true`, `{"a":1}`, ``, ``},
		"false":         {`false`, `1`, `/: got 1, want nothing here (X)`, ``},
		"empty":         {`{}`, `{"a":[1]}`, ``, ``},
		"unknown":       {`{"whatever":1,"x-own":2}`, `1`, ``, ``},
		"type":          {`{"type":"string"}`, `1`, `/: got number 1, want string (X)`, ``},
		"types":         {`{"type":["string","null"]}`, `true`, `/: got boolean true, want string or null (X)`, ``},
		"type null":     {`{"type":"null"}`, `"null"`, `/: got string "null", want null (X)`, ``},
		"integer":       {`{"type":"integer"}`, `1.5`, `/: got number 1.5, want integer (X)`, ``},
		"integer 1.0":   {`{"type":"integer"}`, `1.0`, ``, ``},
		"integer 1e3":   {`{"type":"integer"}`, `1e3`, ``, ``},
		"number":        {`{"type":"number"}`, `"1"`, `/: got string "1", want number (X)`, ``},
		"got null":      {`{"type":"array"}`, `null`, `/: got null, want array (X)`, ``},
		"got an array":  {`{"type":"object"}`, `[1,2,3]`, `/: got an array, want object (X)`, ``},
		"got an object": {`{"type":"array"}`, `{"a":1}`, `/: got an object, want array (X)`, ``},
		"long string":   {`{"type":"array"}`, `"` + strings.Repeat("é", 500) + `"`, `/: got string "` + strings.Repeat("é", 30) + `"…, want array (X)`, ``},
		"enum":          {`{"enum":["red","green","blue"]}`, `"gren"`, `/: got "gren", want one of "green", "red", "blue"; did you mean "green"? (X)`, ``},
		"enum of one":   {`{"enum":["red"]}`, `"rad"`, `/: got "rad", want "red" (X)`, ``},
		"enum of many":  {`{"enum":["a","b","c","d","e","f","g","h","i","j"]}`, `"xyz"`, `/: got "xyz", want one of "a", "b", "c", "d", "e", "f", "g", "h" or 2 more (X)`, ``},
		"enum of mixed": {`{"enum":["a",1,null,{"b":2}]}`, `2`, `/: got number 2, want "a" or 1 or {"b":2} (X)`, ``},
		"enum equal":    {`{"enum":[1,{"b":[2.0]}]}`, `{"b":[2]}`, ``, ``},
		"enum of null":  {`{"enum":[null]}`, `1`, `/: got number 1, want null (X)`, ``},
		"const":         {`{"const":"a"}`, `"b"`, `/: got "b", want "a" (X)`, ``},
		"const equal":   {`{"const":1}`, `1.0`, ``, ``},
		"const object":  {`{"const":{"a":1}}`, `{"a":1}`, ``, ``},
		"const null":    {`{"const":null}`, `0`, `/: got 0, want null (X)`, ``},

		"minimum":            {`{"minimum":1}`, `0.99`, `/: got 0.99, want at least 1 (X)`, ``},
		"minimum exact":      {`{"minimum":0.1}`, `0.1`, ``, ``},
		"maximum":            {`{"maximum":2}`, `3`, `/: got 3, want at most 2 (X)`, ``},
		"maximum exact":      {`{"maximum":9007199254740993}`, `9007199254740994`, `/: got 9007199254740994, want at most 9007199254740993 (X)`, ``},
		"exclusiveMinimum":   {`{"exclusiveMinimum":0}`, `0`, `/: got 0, want more than 0 (X)`, ``},
		"exclusiveMaximum":   {`{"exclusiveMaximum":1}`, `1.0`, `/: got 1.0, want less than 1 (X)`, ``},
		"multipleOf":         {`{"multipleOf":0.1}`, `0.25`, `/: got 0.25, want a multiple of 0.1 (X)`, ``},
		"multipleOf exact":   {`{"multipleOf":0.1}`, `0.3`, ``, ``},
		"bounds of a string": {`{"minimum":1}`, `"0"`, ``, ``},

		"minLength":          {`{"minLength":2}`, `"é"`, `/: got 1 character, want at least 2 (X)`, ``},
		"maxLength":          {`{"maxLength":2}`, `"äöü"`, `/: got 3 characters, want at most 2 (X)`, ``},
		"pattern":            {`{"pattern":"^\\d+$"}`, `"x"`, `/: got "x", want a string that matches ^\d+$ (X)`, ``},
		"pattern unreadable": {`{"pattern":"^(?!x)"}`, `"x"`, ``, ``},
		"format":             {`{"type":"string","format":"date-time"}`, `"yesterday"`, ``, ``},
		"content":            {`{"contentEncoding":"base64","contentMediaType":"application/json","contentSchema":false}`, `"?"`, ``, ``},

		"items":             {`{"items":{"type":"integer"}}`, `[1,"b",2,"d"]`, "/1: got string \"b\", want integer (X)\n/3: got string \"d\", want integer (X)", ``},
		"items in order":    {`{"items":{"type":"integer"}}`, `["","","","","","","","","","",""]`, "/0: got string \"\", want integer (X)\n/1: got string \"\", want integer (X)\n/2: got string \"\", want integer (X)\n/3: got string \"\", want integer (X)\n/4: got string \"\", want integer (X)\n/5: got string \"\", want integer (X)\n/6: got string \"\", want integer (X)\n/7: got string \"\", want integer (X)\n/8: got string \"\", want integer (X)\n/9: got string \"\", want integer (X)\n/10: got string \"\", want integer (X)", ``},
		"items false":       {`{"prefixItems":[{}],"items":false}`, `[1,2]`, `/1: got 2, want nothing here (X)`, ``},
		"prefixItems":       {`{"prefixItems":[{"type":"string"},{"type":"integer"}]}`, `["a","b","c"]`, `/1: got string "b", want integer (X)`, ``},
		"minItems":          {`{"minItems":1}`, `[]`, `/: got 0 items, want at least 1 (X)`, ``},
		"maxItems":          {`{"maxItems":1}`, `[1,2]`, `/: got 2 items, want at most 1 (X)`, ``},
		"uniqueItems":       {`{"uniqueItems":true}`, `[1,2,{"a":[1]},1.0]`, `/: got the same item at 0 and 3, want items that all differ (X)`, ``},
		"uniqueItems, many": {`{"uniqueItems":true}`, `[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,20]`, `/: got the same item at 19 and 21, want items that all differ (X)`, ``},
		"contains":          {`{"contains":{"type":"string"}}`, `[1,2]`, `/: got an array, want at least 1 of the items to be what contains says (X)`, ``},
		"contains of none":  {`{"contains":{"type":"string"}}`, `[]`, `/: got an array, want at least 1 of the items to be what contains says (X)`, ``},
		"minContains":       {`{"contains":{"type":"string"},"minContains":2}`, `["a",1]`, `/: got an array, want at least 2 of the items to be what contains says (X)`, ``},
		"minContains 0":     {`{"contains":{"type":"string"},"minContains":0}`, `[1]`, ``, ``},
		"maxContains":       {`{"contains":{"type":"string"},"maxContains":1}`, `["a","b"]`, `/: got an array, want at most 1 of the items to be what contains says (X)`, ``},
		"unevaluatedItems":  {`{"prefixItems":[{}],"unevaluatedItems":{"type":"string"}}`, `[1,2]`, `/1: got number 2, want string (X)`, ``},

		"properties":            {`{"properties":{"a":{"type":"string"},"b/c~":{"type":"string"}}}`, `{"a":1,"b/c~":2}`, "/a: got number 1, want string (X)\n/b~1c~0: got number 2, want string (X)", ``},
		"property false":        {`{"properties":{"a":false}}`, `{"a":1}`, `/a: got 1, want nothing here (X)`, ``},
		"property names":        {`{"properties":{"required":{"type":"string"},"anyOf":{"type":"string"}}}`, `{"required":1,"anyOf":2}`, "/anyOf: got number 2, want string (X)\n/required: got number 1, want string (X)", ``},
		"required":              {`{"required":["a","b","c"],"properties":{"a":{},"b":{},"c":{}}}`, `{"b":1}`, "/: missing property \"a\" (X)\n/: missing property \"c\" (X)", ``},
		"required by typo":      {`{"required":["colour"],"properties":{"colour":{}},"additionalProperties":true}`, `{"color":1}`, `/: missing property "colour"; is "color" a misspelling of it? (X)`, ``},
		"patternProperties":     {`{"patternProperties":{"^n":{"type":"integer"}},"properties":{"a":{}}}`, `{"a":1,"n1":2,"n2":"x"}`, `/n2: got string "x", want integer (X)`, ``},
		"additionalProperties":  {`{"properties":{"a":{}},"additionalProperties":{"type":"integer"}}`, `{"a":"x","b":"y"}`, `/b: got string "y", want integer (X)`, ``},
		"no additional":         {`{"properties":{"name":{}},"patternProperties":{"^x-":{}},"additionalProperties":false}`, `{"nam":1,"x-a":2}`, `/nam: unknown field "nam"; did you mean "name"? (X)`, ``},
		"minProperties":         {`{"minProperties":2}`, `{"a":1}`, `/: got 1 field, want at least 2 (X)`, ``},
		"maxProperties":         {`{"maxProperties":1}`, `{"a":1,"b":2}`, `/: got 2 fields, want at most 1 (X)`, ``},
		"propertyNames":         {`{"propertyNames":{"pattern":"^[a-z]+$","maxLength":3}}`, `{"a":1,"A/1":2,"long":3}`, "/: got field \"A/1\", whose name is not allowed here (X)\n/: got field \"long\", whose name is not allowed here (X)", ``},
		"dependentRequired":     {`{"dependentRequired":{"a/b":["x","c d"]}}`, `{"a/b":1,"x":2}`, `/: missing property "c d", which "a/b" asks for (X)`, ``},
		"dependentSchemas":      {`{"properties":{"a":{}},"dependentSchemas":{"a":{"properties":{"b":{"type":"string"}},"required":["b"]}}}`, `{"a":1}`, `/: missing property "b" (X)`, ``},
		"dependentSchemas met":  {`{"properties":{"a":{}},"dependentSchemas":{"a":{"properties":{"b":{"type":"string"}}}}}`, `{"a":1,"b":"x"}`, ``, ``},
		"unevaluatedProperties": {`{"properties":{"a":{}},"unevaluatedProperties":{"type":"string"}}`, `{"a":1,"b":2}`, `/b: got number 2, want string (X)`, ``},
		"no unevaluated":        {`{"allOf":[{"properties":{"name":{}}}],"unevaluatedProperties":false}`, `{"name":1,"nam":2}`, `/nam: unknown field "nam" (X)`, ``},

		"allOf":             {`{"allOf":[{"minimum":2},{"maximum":1}]}`, `1.5`, "/: got 1.5, want at least 2 (X)\n/: got 1.5, want at most 1 (X)", ``},
		"anyOf":             {`{"anyOf":[{"type":"string"},{"type":"integer","minimum":5}]}`, `3`, `/: got 3, want at least 5 (X)`, ``},
		"anyOf, no type":    {`{"anyOf":[{"type":"string"},{"type":"integer"}]}`, `null`, `/: got null, want string or integer (X)`, ``},
		"oneOf overlap":     {`{"oneOf":[{"type":"integer"},{"type":"number","title":"N"},{"type":"string"}]}`, `3`, ``, `/: got a value that fits more than one of branch 0, N; by the letter of oneOf it may fit one only (X)`},
		"not":               {`{"not":{"type":"string"}}`, `"a"`, `/: got "a", want a value that does not match the schema under not (X)`, ``},
		"if then":           {`{"if":{"minimum":10},"then":{"multipleOf":10},"else":{"maximum":5}}`, `15`, `/: got 15, want a multiple of 10 (X)`, ``},
		"if else":           {`{"if":{"minimum":10},"then":{"multipleOf":10},"else":{"maximum":5}}`, `7`, `/: got 7, want at most 5 (X)`, ``},
		"then without if":   {`{"then":false,"else":false}`, `7`, ``, ``},
		"$ref":              {`{"$ref":"#/components/schemas/B"}`, `{"b":1}`, `/b: got number 1, want string (B)`, ``},
		"$ref with company": {`{"$ref":"#/components/schemas/B","required":["b"],"minProperties":2}`, `{}`, "/: got 0 fields, want at least 2 (X)\n/: missing property \"b\" (X)", ``},
		"$ref escaped":      {`{"$ref":"#/components/schemas/%42"}`, `{"b":1}`, `/b: got number 1, want string (B)`, ``},
		"$ref deeper":       {`{"$ref":"#/components/schemas/B/properties/b"}`, `1`, `/: got number 1, want string (B)`, ``},
		"$defs":             {`{"$defs":{"d":{"type":"string"}},"items":{"$ref":"#/components/schemas/X/$defs/d"}}`, `[1]`, `/0: got number 1, want string (X)`, ``},
		"$dynamicRef":       {`{"$dynamicAnchor":"node","type":"object","properties":{"next":{"$dynamicRef":"#node"},"n":{"type":"integer"}}}`, `{"next":{"n":"x"}}`, `/next/n: got string "x", want integer (X)`, ``},
		"recursion":         {`{"type":"object","properties":{"next":{"$ref":"#/components/schemas/X"},"n":{"type":"integer"}}}`, `{"next":{"next":{"n":"x"}}}`, `/next/next/n: got string "x", want integer (X)`, ``},

		"unknown field":  {`{"type":"object","properties":{"name":{}}}`, `{"nmae":1}`, `/nmae: unknown field "nmae"; did you mean "name"? (X)`, letter},
		"nameless field": {`{"type":"object","properties":{"name":{}}}`, `{"":1}`, `/: unknown field "" (X)`, letter},
		"erratum":        {`{"type":"string","x-opcall-patch":{"type":["string","null"]}}`, `null`, ``, `/: got null, want string (X)`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := open(t, strings.Replace(of(tt.text), "3.0.3", "3.1.0", 1))
			checkTiers(t, doc, tt.instance, tt.want, tt.strict)
		})
	}
}

// A schema that breaks its own rules must not take the program down, nor pass
// for one that is met.
func TestUnusableSchemasGiveAProblem(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, instance, want string }{
		"nothing but itself":   {`{"anyOf":[{"$ref":"#/components/schemas/X"}]}`, `1`, `/: cannot be checked because of the document: `},
		"not itself":           {`{"not":{"$ref":"#/components/schemas/X"}}`, `1`, `/: cannot be checked because of the document: `},
		"a branch is itself":   {`{"anyOf":[{"$ref":"#/components/schemas/X"},{"type":"string"}]}`, `1`, `/: got number 1, want string`},
		"the other branch":     {`{"anyOf":[{"$ref":"#/components/schemas/X"},{"type":"string"}]}`, `"a"`, ``},
		"broken resource":      {`{"$id":"https://x.example/","minLength":"x"}`, `1`, `/: cannot be checked because of the document: `},
		"anchor within":        {`{"$id":"https://x.example/","type":"array","items":{"$dynamicRef":"#none"}}`, `[1]`, `/: cannot be checked because of the document: `},
		"type a number":        {`{"type":7}`, `1`, ``},
		"type of no name":      {`{"type":"strng"}`, `"a"`, ``},
		"minimum a string":     {`{"minimum":"7"}`, `1`, ``},
		"multipleOf 0":         {`{"multipleOf":0}`, `1`, ``},
		"maxLength a text":     {`{"maxLength":"7"}`, `"a"`, ``},
		"maxLength below 0":    {`{"maxLength":-1}`, `"a"`, ``},
		"required of numbers":  {`{"type":"object","required":[1,"a"]}`, `{}`, `/: missing property "a" (X)`},
		"enum no list":         {`{"enum":"a"}`, `"a"`, ``},
		"properties a list":    {`{"properties":[1]}`, `{"a":1}`, ``},
		"items a number":       {`{"items":7}`, `[1]`, ``},
		"allOf an object":      {`{"allOf":{"type":"string"}}`, `1`, ``},
		"minimum out of range": {`{"minimum":1e999999999}`, `1`, `/: got 1, want at least 1e999999999 (X)`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := open(t, strings.Replace(of(tt.text), "3.0.3", "3.1.0", 1))
			for _, tier := range []schema.Tier{schema.Standard, schema.Strict} {
				got := verdict(t, doc, "X", tt.instance, schema.WithTier(tier))
				if tt.want == "" && got != "" || !strings.HasPrefix(got, tt.want) || len(got) > 400 {
					t.Errorf("%s: %s of %s:\n got %s\nwant %s", tier, tt.text, tt.instance, got, tt.want)
				}
			}
		})
	}
}

func TestTierDecidesWhatIsAMistake(t *testing.T) {
	t.Parallel()
	doc := open(t, of(`{"type":"object","properties":{"a":{"type":"string"}}}`))
	const unknown, wrong, broken = `{"b":1}`, `{"a":1}`, `{"a":`
	tests := map[string]struct {
		opts     []schema.ValidateOption
		instance string
		valid    bool
	}{
		"Standard, unknown":         {nil, unknown, false},
		"Standard, unknown allowed": {[]schema.ValidateOption{schema.WithUnknownFields()}, unknown, true},
		"Standard, wrong":           {[]schema.ValidateOption{schema.WithUnknownFields()}, wrong, false},
		"Strict, unknown":           {[]schema.ValidateOption{schema.WithTier(schema.Strict)}, unknown, true},
		"Strict, wrong":             {[]schema.ValidateOption{schema.WithTier(schema.Strict)}, wrong, false},
		"Lenient, wrong":            {[]schema.ValidateOption{schema.WithTier(schema.Lenient)}, wrong, true},
		"Lenient, broken":           {[]schema.ValidateOption{schema.WithTier(schema.Lenient)}, broken, true},
		"Off, broken":               {[]schema.ValidateOption{schema.WithTier(schema.Off)}, broken, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := doc.Validate("X", tt.instance, tt.opts...); (err == nil) != tt.valid {
				t.Errorf("%s: got %v, want it valid: %v", tt.instance, err, tt.valid)
			}
		})
	}
	for _, tier := range []schema.Tier{schema.Strict, schema.Standard, schema.Lenient, schema.Off} {
		text, err := tier.MarshalText()
		var again schema.Tier
		if err != nil || again.UnmarshalText(text) != nil || again != tier {
			t.Errorf("%v is written %q, %v and read as %v", tier, text, err, again)
		}
	}
	if err := new(schema.Tier).UnmarshalText([]byte("hard")); err == nil || err.Error() != `got tier "hard", want strict, standard, lenient or off` {
		t.Errorf(`UnmarshalText("hard"): %v`, err)
	}
}

func TestValidationErrorMarshalsItsProblems(t *testing.T) {
	t.Parallel()
	doc := open(t, of(`{"type":"object","properties":{"a":{"type":"string"},"mode":{"enum":["auto","none"]}}}`))
	err := doc.Validate("X", `{"a":1,"mode":"non"}`, schema.WithSubject("saveX request"))
	const text = "saveX request: 2 problems\n  /a: got number 1, want string (X)\n  /mode: got \"non\", want one of \"none\", \"auto\"; did you mean \"none\"? (X)"
	if err == nil || err.Error() != text {
		t.Errorf("got %v\nwant %s", err, text)
	}
	got, failed := json.Marshal(err)
	const want = `{"subject":"saveX request","problems":[` +
		`{"pointer":"/a","keyword":"type","component":"X","schema":"/components/schemas/X/properties/a/type","got":"number 1","want":"string","message":"got number 1, want string"},` +
		`{"pointer":"/mode","keyword":"enum","component":"X","schema":"/components/schemas/X/properties/mode/enum","got":"\"non\"","want":"\"auto\", \"none\"","nearest":["none"],"message":"got \"non\", want one of \"none\", \"auto\"; did you mean \"none\"?"}]}`
	if failed != nil || string(got) != want {
		t.Errorf("Marshal:\n got %s %v\nwant %s", got, failed, want)
	}
	if err := doc.Validate("X", `{"a":1}`); err == nil || err.Error() != "X: /a: got number 1, want string (X)" {
		t.Errorf("one problem is one line: %v", err)
	}
	var unknown *schema.UnknownComponentError
	if err := doc.Validate("Y", `{}`); !errors.As(err, &unknown) || unknown.Name != "Y" {
		t.Errorf("of another component: %v", err)
	}
}

func TestProblemsAreBoundedAndInOrder(t *testing.T) {
	t.Parallel()
	doc := open(t, of(`{"type":"array","items":{"type":"string"}}`))
	err := doc.Validate("X", "["+strings.Repeat("1,", 249)+"1]")
	var invalid *schema.ValidationError
	if !errors.As(err, &invalid) || len(invalid.Problems) != 100 || invalid.More != 150 {
		t.Fatalf("got %T with %+v", err, invalid)
	}
	for i, p := range invalid.Problems {
		if want := schema.Pointer(fmt.Sprintf("/%d", i)); p.Pointer != want {
			t.Errorf("problem %d is at %s, want %s", i, p.Pointer, want)
		}
	}
	if text := err.Error(); !strings.HasPrefix(text, "X: 250 problems\n") || !strings.HasSuffix(text, "\n  and 150 more") {
		t.Errorf("got %s", text)
	}
}

// The same mistakes give the same text, whatever the order of maps.
func TestValidationIsDeterministic(t *testing.T) {
	t.Parallel()
	doc := builtin(t)
	body := strings.NewReplacer(`"role":"user"`, `"role":"usr","nam":1`, `"temperature":0.7`, `"temprature":3,"n":0,"top_p":"x","stop":{}`).Replace(longChat())
	first := verdict(t, doc, "CreateChatCompletionRequest", body)
	for range 20 {
		if again := verdict(t, doc, "CreateChatCompletionRequest", body); again != first {
			t.Fatalf("first:\n%s\nthen:\n%s", first, again)
		}
	}
}

func TestProblemsHaveLinesOfFiles(t *testing.T) {
	t.Parallel()
	const yaml = "openapi: 3.1.0\npaths: {}\ncomponents:\n  schemas:\n    X:\n      type: object\n      properties:\n        a:\n          type: string\n      required:\n        - b\n"
	path := filepath.Join(t.TempDir(), "x.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	doc, err := schema.LoadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var invalid *schema.ValidationError
	if err := doc.Validate("X", `{"a":1,"c":2}`); !errors.As(err, &invalid) {
		t.Fatal(err)
	}
	got := make(map[schema.Pointer]int)
	for _, p := range invalid.Problems {
		got[p.Schema] = p.Line
	}
	want := map[schema.Pointer]int{
		"/components/schemas/X":                   6,
		"/components/schemas/X/required":          11,
		"/components/schemas/X/properties/a/type": 9,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines by schema (-want +got):\n%s", diff)
	}
}
