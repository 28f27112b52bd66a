package schema

import (
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/dialect"
)

const stockURL = "opcall:///document.json"

// stock hands a schema object with keywords that the builder does not know
// ($id, $anchor, $dynamicRef) to the compiler of jsonschema.
func (b *builder) stock() {
	compiled, err := b.doc.stock(b.at)
	if err != nil {
		b.extend(faultKeyword, fault{err})
		return
	}
	b.node.Ref = compiled
}

// stock compiles the schema at a pointer with the compiler of jsonschema, by
// the letter of the repaired document: slow, as it reads the whole document
// each time, and a yardstick.
func (d *Document) stock(at Pointer) (compiled *jsonschema.Schema, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the schema at %s does not compile: %v", at, r)
		}
	}()
	c := jsonschema.NewCompiler() // a new one each time: a failure poisons it
	c.Draft = jsonschema.Draft2020
	c.LoadURL = func(target string) (io.ReadCloser, error) {
		return nil, fmt.Errorf("%.120q leaves the document, and nothing is fetched", target)
	}
	if err := c.AddResource(stockURL, strings.NewReader(d.stockText())); err != nil {
		return nil, err
	}
	return c.Compile(stockURL + "#" + (&url.URL{Path: string(at)}).EscapedPath())
}

// stockText is the repaired document without the patterns that Go cannot read,
// which the compiler panics at. $schema makes format an annotation (JSON Schema
// 2020-12 §7.2.1).
func (d *Document) stockText() string {
	text := dialect.Rewrite(d.text, func(at, text string) string {
		return dialect.WithoutUnreadablePatterns(dialect.ByTheLetter(text, at))
	})
	return `{"$schema":"https://json-schema.org/draft/2020-12/schema",` + strings.TrimPrefix(strings.TrimSpace(text), "{")
}

// fault fails every instance: its schema cannot be compiled.
type fault struct{ err error }

// Validate implements jsonschema.ExtSchema.
func (f fault) Validate(ctx jsonschema.ValidationContext, _ any) error {
	return ctx.Error(faultKeyword, "%v", f.err)
}
