package schema_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/opcall/opcall/schema"
)

// chain is a document whose component L0 refers to L1 by a schema in which
// "%s" is the reference, and so on to a last one.
func chain(levels int, link, last string) string {
	var b strings.Builder
	b.WriteString(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/x":{"post":{"operationId":"x","requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/L0"}}}},"responses":{"200":{"description":"OK"}}}}},"components":{"schemas":{`)
	for i := range levels {
		ref := fmt.Sprintf(`{"$ref":"#/components/schemas/L%d"}`, i+1)
		fmt.Fprintf(&b, `"L%d":%s,`, i, strings.ReplaceAll(link, "%s", ref))
	}
	fmt.Fprintf(&b, `"L%d":%s}}}`, levels, last)
	return b.String()
}

// inside is a document whose component L0 is a schema within itself.
func inside(levels int, open, innermost, end string) string {
	return chain(0, "", strings.Repeat(open, levels)+innermost+strings.Repeat(end, levels))
}

const leaf = `{"type":"object","required":["a"],"properties":{"a":{"type":"string"},"t":{"const":"leaf"}}}`

// hostile documents have few bytes and, for whoever walks them naively, more
// ways through them than can be walked.
var hostile = map[string]string{
	"anyOf twice":              chain(40, `{"anyOf":[%s,%s]}`, leaf),
	"oneOf twice":              chain(40, `{"oneOf":[%s,%s]}`, leaf),
	"allOf twice":              chain(40, `{"allOf":[%s,%s]}`, leaf),
	"anyOf in allOf":           chain(40, `{"allOf":[{"anyOf":[%s,%s]},{"anyOf":[%s,%s]}]}`, leaf),
	"anyOf and allOf":          chain(40, `{"anyOf":[%s,{"allOf":[%s]}]}`, leaf),
	"branches with tags":       chain(40, `{"anyOf":[%s,%s],"properties":{"t":{"enum":["leaf","x"]}}}`, leaf),
	"properties":               chain(40, `{"type":"object","properties":{"a":%s,"b":%s}}`, leaf),
	"tag properties":           chain(40, `{"type":"object","properties":{"a":{"anyOf":[%s,%s]},"t":{"anyOf":[%s,%s]}}}`, `{"enum":["x","y"]}`),
	"items":                    chain(40, `{"anyOf":[{"type":"array","items":%s},%s]}`, leaf),
	"mapping":                  chain(40, `{"oneOf":[%s,%s],"discriminator":{"propertyName":"t","mapping":{"a":"#/components/schemas/L3","b":"#/components/schemas/L0"}}}`, leaf),
	"if, then and else":        chain(40, `{"if":%s,"then":%s,"else":%s}`, leaf),
	"not":                      chain(40, `{"allOf":[{"not":%s},{"not":%s}]}`, leaf),
	"dependentSchemas":         chain(40, `{"dependentSchemas":{"a":%s,"b":%s},"properties":{"a":{}}}`, leaf),
	"anyOf, itself":            chain(3, `{"anyOf":[{"$ref":"#/components/schemas/L0"},%s,{"$ref":"#/components/schemas/L0"}]}`, leaf),
	"everybody's union":        everybody(40, "anyOf"),
	"everybody's conjunction":  everybody(40, "properties"),
	"unions, 300 deep":         inside(300, `{"anyOf":[`, leaf, `]}`),
	"unions of two, deep":      inside(300, `{"anyOf":[{"type":"null"},`, leaf, `]}`),
	"allOf, 300 deep":          inside(300, `{"allOf":[`, leaf, `]}`),
	"properties, deep":         inside(300, `{"properties":{"a":`, leaf, `}}`),
	"chain of 3,000 anyOf":     chain(3000, `{"anyOf":[%s,{"type":"null"}]}`, leaf),
	"chain of 3,000 refs":      chain(3000, `%s`, leaf),
	"chain of 3,000 allOf":     chain(3000, `{"allOf":[%s],"properties":{"z":{}}}`, leaf),
	"shared properties":        chain(40, `{"allOf":[{"properties":{"a":%s,"b":{}}},{"properties":{"a":%s,"c":{}}}]}`, leaf),
	"closed members":           chain(40, `{"allOf":[{"properties":{"a":%s},"additionalProperties":false},{"anyOf":[%s,%s]}],"additionalProperties":false}`, leaf),
	"everybody's allOf":        everybody(40, "allOf"),
	"tags two unions deep":     inside(1, `{"anyOf":[{"type":"array"},{"anyOf":[`, tagged(30_000), `]}]}`),
	"allOf of 30,000 parts":    inside(1, `{"allOf":[`, strings.Join(slices.Repeat([]string{`{"properties":{"a":{}}}`}, 30_000), ","), `]}`),
	"union of 1,000":           chain(0, "", `{"anyOf":[`+strings.TrimSuffix(strings.Repeat(`{"type":"object","required":["t"],"properties":{"t":{"const":"leaf"},"b":{}}},`, 1000), ",")+`]}`),
	"enum of 20,000":           chain(0, "", `{"type":"object","required":["a"],"properties":{"a":{"enum":[`+values(20000)+`]}}}`),
	"tags, 3,000 of them":      chain(0, "", `{"oneOf":[`+tagged(3000)+`]}`),
	"properties, 20,000":       chain(0, "", `{"type":"object","required":["a"],"properties":{`+members(20000)+`}}`),
	"required, 20,000":         chain(0, "", `{"type":"object","required":[`+values(20000)+`],"properties":{"a":{}}}`),
	"patch of itself":          chain(40, `{"anyOf":[%s,%s],"x-opcall-patch":{"anyOf":[%s,%s,{"type":"null"}]}}`, leaf),
	"patches within, 300 deep": inside(300, `{"x-opcall-patch":`, leaf, `}`),
}

// everybody has components of which each refers to all.
func everybody(n int, keyword string) string {
	var refs, schemas []string
	for i := range n {
		ref := fmt.Sprintf(`{"$ref":"#/components/schemas/L%d"}`, i)
		if keyword == "properties" {
			ref = fmt.Sprintf(`"p%d":%s`, i, ref)
		}
		refs = append(refs, ref)
	}
	list := "[" + strings.Join(refs, ",") + `,{"type":"string"}]`
	if keyword == "properties" {
		list = "{" + strings.Join(refs, ",") + "}"
	}
	for i := range n {
		schemas = append(schemas, fmt.Sprintf(`"L%d":{"%s":%s}`, i, keyword, list))
	}
	return `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{` + strings.Join(schemas, ",") + `}}}`
}

func values(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`"value %d"`, i)
	}
	return strings.Join(list, ",")
}

func tagged(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`{"type":"object","required":["t"],"properties":{"t":{"const":"tag %d"},"a":{}}}`, i)
	}
	return strings.Join(list, ",")
}

func members(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`"member %d":{"type":"string"}`, i)
	}
	return strings.Join(list, ",")
}

// TestHostileDocumentsAreReadToAnEnd opens documents that mean to keep us busy, and asks them
// everything. An error of what is asked is a result. What takes exponential time would not end
// before go test gives up, which then says where it was.
func TestHostileDocumentsAreReadToAnEnd(t *testing.T) {
	t.Parallel()
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && len(text) > 10_000 {
				t.Skip("a large document: run without -short")
			}
			doc, err := schema.Load([]byte(text))
			if err != nil {
				t.Fatal(err) // then nothing was asked
			}
			doc.Repairs()
			for _, instance := range []string{`{"a":7}`, `{"a":{"a":7},"t":"leaff","zz":1}`, `[["a"]]`} {
				for _, tier := range []schema.Tier{schema.Standard, schema.Strict} {
					_ = doc.Validate("L0", instance, schema.WithTier(tier))
				}
				doc.Check("L0", []byte(instance))
				if v, err := doc.Decode("L0", []byte(instance)); err == nil {
					_, _ = v.Schema(), v.Get("a.a").Schema()
					for _, field := range v.Fields() {
						field.Schema()
					}
				}
			}
			_, _ = doc.Describe("L0.a.t")
			_, _ = doc.Describe("L0.nothing")
			if d, err := doc.Describe("L0"); err == nil {
				_ = d.Expand(5).Text(5)
			}
		})
	}
}
