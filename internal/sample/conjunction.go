package sample

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema"
)

// place is a schema of the document.
type place struct {
	text      string // as it stands there
	component string // JSON Pointer to the component that it belongs to, "" for none
}

// conjunction is what the schemas of one instance location say together:
// $ref and allOf are worked in, a union waits until a branch is chosen.
type conjunction struct {
	nothing string // why no value can satisfy it, "" when one may
	types   jsonvalue.Kinds
	order   []jsonvalue.Kinds // as the first type list has them
	opened  []string          // references worked in

	enums    [][]string       // each a list of JSON texts
	hint     string           // x-opcall-sample, "" for none
	fallback string           // default, "" for none
	tags     []jsonscan.Field // what discriminators have fields say
	unions   []union

	format               string
	patterns             []*regexp.Regexp
	minLength, maxLength int

	bounds    []bound
	multiples []*big.Rat

	writeOnly bool

	objects                      []objectScope
	required                     []string
	minProperties, maxProperties int
	propertyNames                []place
	dependencies                 []dependency

	arrays             []arrayScope
	contains           []place
	minContains        int
	minItems, maxItems int
	unique             bool
}

func newConjunction() *conjunction {
	return &conjunction{types: jsonvalue.Any, maxLength: -1, maxProperties: -1, maxItems: -1}
}

// clone returns a copy to add a branch to. The lists share their memory up to here: without
// room behind them, an append copies, so that the branches of a union do not see each other.
func (c *conjunction) clone() *conjunction {
	d := *c
	d.order, d.opened, d.enums, d.unions = slices.Clip(d.order), slices.Clip(d.opened), slices.Clip(d.enums), slices.Clip(d.unions)
	d.tags = slices.Clip(d.tags)
	d.patterns, d.bounds, d.multiples = slices.Clip(d.patterns), slices.Clip(d.bounds), slices.Clip(d.multiples)
	d.objects, d.required, d.propertyNames = slices.Clip(d.objects), slices.Clip(d.required), slices.Clip(d.propertyNames)
	d.dependencies, d.arrays, d.contains = slices.Clip(d.dependencies), slices.Clip(d.arrays), slices.Clip(d.contains)
	return &d
}

// add works one more schema in.
func (c *conjunction) add(doc *schema.Document, p place) {
	if p.text == "false" {
		c.nothing = "the schema is false, which allows nothing"
	}
	if p.text == "" || p.text[0] != '{' {
		return
	}
	text := dialect.Read(p.text, p.component)
	object, array := objectScope{component: p.component}, arrayScope{component: p.component}
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "$ref":
			c.refer(doc, jsonscan.String(value))
		case "allOf":
			for _, item := range jsonscan.Items(value) {
				c.add(doc, place{item, p.component})
			}
		case "anyOf", "oneOf":
			c.unions = append(c.unions, newUnion(text, value, p.component))
		case "if":
			c.unions = append(c.unions, newConditional(text, value, p.component))
		case "type":
			c.types &= jsonvalue.ParseKinds(value)
			if c.order == nil {
				c.order = orderOf(value)
			}
		case "const":
			c.enums = append(c.enums, []string{value})
		case "enum":
			c.enums = append(c.enums, jsonscan.List(value))
		case hintKeyword:
			c.hint = value
		case "writeOnly":
			c.writeOnly = c.writeOnly || value == "true"
		case "default":
			if c.fallback == "" {
				c.fallback = value
			}
		}
		c.addText(key, value)
		c.addNumber(key, value)
		c.addObject(&object, key, value)
		c.addArray(&array, key, value)
	}
	// A value is to be valid in every tier, so what an erratum no longer requires is there too.
	for _, name := range requiredByTheLetter(p.text) {
		if slices.ContainsFunc(object.properties, func(n jsonscan.Field) bool { return n.Name == name }) {
			c.require(name)
		}
	}
	if object.declares() {
		c.objects = append(c.objects, object)
	}
	if array.prefix != nil || array.items != "" {
		c.arrays = append(c.arrays, array)
	}
}

// refer works the target of a reference in, once.
func (c *conjunction) refer(doc *schema.Document, ref string) {
	if slices.Contains(c.opened, ref) {
		return
	}
	c.opened = append(c.opened, ref)
	pointer, local := dialect.LocalPointer(ref)
	text, ok := doc.Lookup(schema.Pointer(pointer))
	if !ok || !local {
		c.nothing = fmt.Sprintf("$ref %.120q names nothing in the document", ref)
		return
	}
	c.add(doc, place{text, dialect.Component(pointer)})
}

// requiredByTheLetter returns the fields that a schema object requires before
// its erratum. The Standard tier can do without them, the Strict tier cannot.
func requiredByTheLetter(text string) []string {
	if _, ok := jsonscan.Member(text, dialect.PatchKeyword); !ok {
		return nil
	}
	required, _ := jsonscan.Member(text, "required")
	return jsonscan.Strings(required)
}

// lower returns the stricter of two limits, of which a negative one stands for no limit.
func lower(a, b int) int {
	if a < 0 || b >= 0 && b < a {
		return b
	}
	return a
}

// count reads a keyword whose value is a number of things, as 3 or 3.0; -1 when
// it is not.
func count(value string) int {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || n < 0 {
		return -1
	}
	return int(min(n, 1<<40))
}
