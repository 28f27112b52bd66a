package schema_test

import (
	"fmt"
	"strings"
	"testing"
)

// with is a document with these component schemas.
func with(schemas string) string {
	return `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":` + schemas + `}}`
}

// The parts of unions.
const (
	animals = `"Dog":{"type":"object","required":["kind","bark"],"properties":{"kind":{"const":"dog"},"bark":{"type":"boolean"},"name":{"type":"string"}}},` +
		`"Cat":{"type":"object","required":["kind","lives"],"properties":{"kind":{"type":"string","enum":["cat","kitten"]},"lives":{"type":"integer"},"name":{"type":"string"}}},` +
		`"Fish":{"type":"object","required":["kind"],"properties":{"kind":{"$ref":"#/components/schemas/FishKind"},"depth":{"type":"number"}}},"FishKind":{"enum":["carp"]},` +
		`"Pet":{"oneOf":[{"$ref":"#/components/schemas/Dog"},{"$ref":"#/components/schemas/Cat"}],"discriminator":{"propertyName":"kind"}}`
	toDog, toCat, toFish, toPet = `{"$ref":"#/components/schemas/Dog"}`, `{"$ref":"#/components/schemas/Cat"}`, `{"$ref":"#/components/schemas/Fish"}`, `{"$ref":"#/components/schemas/Pet"}`
)

func TestUnionNamesTheNearestBranch(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, instance, want, strict string }{
		"by tag":              {`{"oneOf":[` + toDog + `,` + toCat + `]}`, `{"kind":"cat","lives":9}`, ``, ``},
		"mistake in the one":  {`{"oneOf":[` + toDog + `,` + toCat + `]}`, `{"kind":"cat","lives":"9"}`, `/lives: got string "9", want integer (Cat)`, ``},
		"missing in the one":  {`{"anyOf":[` + toDog + `,` + toCat + `]}`, `{"kind":"dog"}`, `/: missing property "bark" (Dog)`, ``},
		"unknown tag":         {`{"oneOf":[` + toDog + `,` + toCat + `]}`, `{"kind":"kiten","lives":9}`, `/kind: got "kiten", want one of "kitten", "dog", "cat"; did you mean "kitten"? (Cat)`, ``},
		"far-off tag":         {`{"oneOf":[` + toDog + `,` + toCat + `]}`, `{"kind":"elephant"}`, `/kind: got "elephant", want one of "dog", "cat", "kitten" (X)`, ``},
		"tag no string":       {`{"oneOf":[` + toDog + `,` + toCat + `]}`, `{"kind":1}`, `/kind: got number 1, want one of "dog", "cat", "kitten" (X)`, ``},
		"tag missing":         {`{"oneOf":[` + toDog + `,` + toCat + `]}`, `{"lives":9}`, `/: missing property "kind", which says what this is: one of "dog", "cat", "kitten" (X)`, ``},
		"tag misspelt":        {`{"oneOf":[` + toDog + `,` + toCat + `]}`, `{"knd":"cat","lives":9}`, `/: missing property "kind"; is "knd" a misspelling of it? (X)`, ``},
		"tag, value misspelt": {`{"oneOf":[` + toDog + `,` + toCat + `]}`, `{"knd":"cta","lives":9}`, `/: missing property "kind", which says what this is: one of "dog", "cat", "kitten"; is "knd" a misspelling of it? (X)`, ``},
		"two like the tag":    {`{"oneOf":[` + toDog + `,` + toCat + `]}`, `{"kin":7,"knd":"cat","lives":9}`, `/: missing property "kind"; is "knd" a misspelling of it? (X)`, ``},
		"number like the tag": {`{"oneOf":[` + toDog + `,{"type":"object","required":["kind"],"properties":{"kind":{"const":""}}}]}`, `{"knd":7}`, `/: missing property "kind", which says what this is: one of "dog", ""; is "knd" a misspelling of it? (X)`, ``},
		"no object":           {`{"oneOf":[` + toDog + `,` + toCat + `]}`, `"dog"`, `/: got string "dog", want object (X)`, ``},
		"tag behind $ref":     {`{"oneOf":[` + toDog + `,` + toFish + `]}`, `{"kind":"carp","depth":"x"}`, `/depth: got string "x", want number (Fish)`, ``},
		"nested":              {`{"oneOf":[` + toPet + `,` + toFish + `]}`, `{"kind":"dog","bark":1}`, `/bark: got number 1, want boolean (Dog)`, ``},
		"nested, unknown":     {`{"oneOf":[` + toPet + `,` + toFish + `]}`, `{"kind":"dgo"}`, `/kind: got "dgo", want one of "dog", "cat", "kitten", "carp"; did you mean "dog"? (Dog)`, ``},
		"or null":             {`{"anyOf":[` + toPet + `,{"type":"null"}]}`, `null`, ``, ``},
		"or null, nested":     {`{"anyOf":[{"anyOf":[` + toPet + `,{"type":"null"}]},` + toFish + `]}`, `{"kind":"cat"}`, `/: missing property "lives" (Cat)`, ``},

		"by type":          {`{"anyOf":[{"type":"string","maxLength":1},{"type":"array","maxItems":1},{"type":"integer"},` + toDog + `]}`, `["a","b"]`, `/: got 2 items, want at most 1 (X)`, ``},
		"no type":          {`{"anyOf":[{"type":"string"},{"type":"array"},` + toDog + `,{"type":"null"}]}`, `1.5`, `/: got number 1.5, want string or object or array or null (X)`, ``},
		"integer":          {`{"anyOf":[{"type":"string"},{"type":"integer"}]}`, `1.5`, `/: got number 1.5, want string or integer (X)`, ``},
		"integer 1.0":      {`{"anyOf":[{"type":"string"},{"type":"integer"}]}`, `1.0`, ``, ``},
		"string or enum":   {`{"anyOf":[{"type":"string"},{"type":"string","enum":["gpt-1","gpt-2"]}]}`, `"gpt-3"`, ``, ``},
		"strings":          {`{"anyOf":[{"enum":["auto","none"]},{"const":"required"},{"type":"integer"},{"type":"null"}]}`, `"atuo"`, `/: got "atuo", want one of "auto", "none", "required" or integer; did you mean "auto"? (X)`, ``},
		"string or number": {`{"oneOf":[{"type":"string","enum":["auto"]},{"type":"integer","minimum":1}]}`, `0`, `/: got 0, want at least 1 (X)`, ``},

		"overlap":             {`{"oneOf":[{"type":"object","properties":{"a":{}}},{"type":"object","properties":{"a":{},"b":{}}}]}`, `{"a":1}`, ``, `/: got a value that fits more than one of branch 0, branch 1; by the letter of oneOf it may fit one only (X)`},
		"overlap of two":      {`{"oneOf":[` + toDog + `,{"title":"Barker","type":"object","required":["bark"]},` + toCat + `]}`, `{"kind":"dog","bark":true}`, ``, `/: got a value that fits more than one of Dog, Barker; by the letter of oneOf it may fit one only (X)`},
		"fewest problems":     {`{"anyOf":[{"type":"object","title":"A","required":["a","b","c"]},{"type":"object","title":"B","required":["a","d"]}]}`, `{"a":1}`, `/: missing property "d" (X)`, ``},
		"deepest":             {`{"anyOf":[{"type":"array","items":{"type":"integer"}},{"type":"array","maxItems":1,"items":{"type":"string"}}]}`, `["a",1]`, `/0: got string "a", want integer (X)`, ``},
		"first of equals":     {`{"anyOf":[{"type":"array","items":{"type":"integer"}},{"type":"array","items":{"type":"string"}}]}`, `["a",1]`, `/0: got string "a", want integer (X)`, ``},
		"branch false":        {`{"anyOf":[false,{"type":"string"}]}`, `1`, `/: got 1, want nothing here (X)`, ``},
		"branch true":         {`{"anyOf":[{"type":"string"},true]}`, `{"a":1}`, ``, ``},
		"empty":               {`{"anyOf":[]}`, `1`, ``, ``},
		"required only":       {`{"type":"object","properties":{"a":{},"b":{}},"anyOf":[{"required":["a"]},{"required":["b"]}]}`, `{"b":1}`, ``, ``},
		"required by none":    {`{"type":"object","properties":{"a":{},"b":{},"c":{}},"anyOf":[{"required":["a"]},{"required":["b"]}]}`, `{"c":1}`, `/: missing property "a" (X)`, ``},
		"both unions":         {`{"anyOf":[{"type":"integer"},{"type":"string"}],"oneOf":[{"type":"string"},{"type":"boolean"}]}`, `1`, `/: got number 1, want string or boolean (X)`, ``},
		"unknown in a branch": {`{"oneOf":[` + toDog + `,` + toCat + `]}`, `{"kind":"dog","bark":true,"lives":9,"nam":"x"}`, "/lives: unknown field \"lives\" (Dog)\n/nam: unknown field \"nam\"; did you mean \"name\"? (Dog)", letter},

		"mapping":                 {`{"oneOf":[{"$ref":"#/components/schemas/Car"},{"$ref":"#/components/schemas/Bike"}],"discriminator":{"propertyName":"on","mapping":{"four":"#/components/schemas/Car","two":"Bike"}}}`, `{"on":"two","wheels":"x"}`, `/wheels: got string "x", want boolean (Bike)`, ``},
		"mapping, unknown":        {`{"oneOf":[{"$ref":"#/components/schemas/Car"},{"$ref":"#/components/schemas/Bike"}],"discriminator":{"propertyName":"on","mapping":{"four":"#/components/schemas/Car","two":"Bike"}}}`, `{"on":"foru","wheels":"x"}`, `/on: got "foru", want one of "four", "two"; did you mean "four"? (Car)`, ``},
		"mapping, missing":        {`{"oneOf":[{"$ref":"#/components/schemas/Car"},{"$ref":"#/components/schemas/Bike"}],"discriminator":{"propertyName":"on","mapping":{"four":"#/components/schemas/Car","two":"Bike"}}}`, `{"wheels":"x"}`, `/: missing property "on", which says what this is: one of "four", "two" (X)`, ``},
		"mapping is but a hint":   {`{"anyOf":[{"$ref":"#/components/schemas/Car"},{"$ref":"#/components/schemas/Bike"}],"discriminator":{"propertyName":"on","mapping":{"four":"#/components/schemas/Car","two":"Bike"}}}`, `{"on":"two","wheels":4}`, ``, ``},
		"names of the components": {`{"oneOf":[{"$ref":"#/components/schemas/Car"},{"$ref":"#/components/schemas/Bike"}],"discriminator":{"propertyName":"on"}}`, `{"on":"Bike","wheels":"x"}`, `/wheels: got string "x", want boolean (Bike)`, ``},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := open(t, with(`{"X":`+tt.text+`,`+animals+`,"Car":{"type":"object","required":["wheels"],"properties":{"on":{"type":"string"},"wheels":{"type":"integer"}}},"Bike":{"type":"object","required":["wheels"],"properties":{"on":{"type":"string"},"wheels":{"type":"boolean"}}}}`))
			checkTiers(t, doc, tt.instance, tt.want, tt.strict)
		})
	}
}

// A union of unions of unions, each of which refers to them all, is read once,
// not once for each way through it.
func TestUnionsOfUnionsAreBounded(t *testing.T) {
	t.Parallel()
	const size = 40
	var b strings.Builder
	b.WriteString(`{"X":{"$ref":"#/components/schemas/U0"}`)
	for i := range size {
		fmt.Fprintf(&b, `,"U%d":{"anyOf":[`, i)
		for j := i + 1; j < min(i+8, size); j++ {
			fmt.Fprintf(&b, `{"$ref":"#/components/schemas/U%d"},`, j)
		}
		fmt.Fprintf(&b, `{"type":"object","required":["k"],"properties":{"k":{"const":"k%d"}}}]}`, i)
	}
	b.WriteString(`}`)
	doc := open(t, with(b.String()))
	if got := verdict(t, doc, "X", `{"k":"k3"}`); got != "" {
		t.Errorf("got %s", got)
	}
	if got := verdict(t, doc, "X", `{"k":"none"}`); !strings.HasPrefix(got, `/k: got "none", want one of `) || strings.Contains(got, "\n") {
		t.Errorf("got %s", got)
	}
}
