package openai

import (
	"reflect"
	"strconv"
	"testing"
)

type benchAddress struct {
	Street string  `json:"street" jsonschema:"description=with the number"`
	Zip    *string `json:"zip"`
}

type benchOrder struct {
	Item  string         `json:"item"`
	Size  string         `json:"size,omitempty" jsonschema:"enum=small,enum=large"`
	Count int            `json:"count" jsonschema:"minimum=1"`
	Home  benchAddress   `json:"home" jsonschema_description:"where it goes"`
	Work  *benchAddress  `json:"work"`
	Parts []*benchOrder  `json:"parts"`
	Notes []benchAddress `json:"notes,omitempty"`
}

// BenchmarkSchemaOfType makes the schema of a type and compiles it, which happens
// once for a type.
func BenchmarkSchemaOfType(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		text, err := makeSchema(reflect.TypeFor[benchOrder](), true)
		if err != nil {
			b.Fatal(err)
		}
		own, err := newOwnSchema(text)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := own.compile(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCutJSON completes a text after every piece of four bytes.
func BenchmarkCutJSON(b *testing.B) {
	text := `{"items":[`
	for i := range 200 {
		text += `{"name":"item number ` + strconv.Itoa(i) + `"},`
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		var c cutJSON
		for rest := text; rest != ""; rest = rest[min(4, len(rest)):] {
			c.write(rest[:min(4, len(rest))])
		}
		if _, ok := c.complete(); !ok {
			b.Fatal("no JSON")
		}
	}
}
