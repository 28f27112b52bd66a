package schema

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// compiler builds the jsonschema graph of a document in one mode, straight
// from the JSON text: a schema object with what it refers to when it is first
// used, a union's branch when an instance is first sent to it. Each object is
// built once. The stock compiler would check it all against the metaschema
// first, which takes longer than everything else together.
type compiler struct {
	doc  *Document
	mode mode

	mu    sync.Mutex
	asked map[schemaKey]*jsonschema.Schema // by where they were asked for
	built map[schemaKey]*jsonschema.Schema // by where they stand
	plain map[string]*jsonschema.Schema    // see plain.go

	anything *jsonschema.Schema // that accepts all

	objectsMu sync.Mutex
	objects   map[Pointer]*object
	unions    map[Pointer]*union

	factsMu sync.Mutex
}

// schemaKey names a compiled schema.
type schemaKey struct {
	at   Pointer
	role role
}

// role is the company in which a schema applies to an instance. It matters
// where fields that nothing declares are an error: none of the others can tell.
type role uint8

const (
	inCompany role = iota // of schemas that may declare fields, too
	conjunct              // a member of allOf: to say nothing of fields is not to allow any
	rooted                // the schema of the place, which has the last word
)

func (c *compiler) init(d *Document, m mode) {
	c.doc, c.mode = d, m
	c.asked = make(map[schemaKey]*jsonschema.Schema)
	c.built = make(map[schemaKey]*jsonschema.Schema)
	c.plain = make(map[string]*jsonschema.Schema)
	c.anything = newNode("")
	c.objects = make(map[Pointer]*object)
	c.unions = make(map[Pointer]*union)
}

// schema returns the compiled schema object at a pointer, whose text the
// caller has found. A rooted one is the only schema of its instance.
func (c *compiler) schema(text string, at Pointer, alone bool) *jsonschema.Schema {
	r := inCompany
	if alone {
		r = rooted
	}
	key := schemaKey{at, r}
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.asked[key]
	if !ok {
		s = c.build(text, at, r, 0)
		c.asked[key] = s
	}
	return s
}

// branch returns the compiled schema of a union's branch.
func (c *compiler) branch(text string, at Pointer) *jsonschema.Schema {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.plainNode(text); s != nil {
		return s
	}
	return c.build(text, at, inCompany, 0)
}

// maxAhead bounds how many schemas are built inside of each other. What is
// deeper waits until an instance gets there.
const maxAhead = 200

// build returns the compiled schema for a text that stands at a pointer.
func (c *compiler) build(text string, at Pointer, r role, depth int) *jsonschema.Schema {
	if c.mode != modeClosed {
		r = inCompany
	}
	text, read, place := c.behind(text, at)
	if place != at && r == conjunct {
		r = inCompany // what is referred to speaks for itself
	}
	key := schemaKey{place, r}
	s, ok := c.built[key]
	if ok {
		return s
	}
	s = newNode("#" + string(place))
	if depth > maxAhead {
		s.Extensions = map[string]jsonschema.ExtSchema{"$ref": &lazyReference{compiler: c, text: text, at: place, role: r}}
		return s
	}
	c.built[key] = s // before its parts: they may refer back to it
	b := builder{compiler: c, node: s, object: c.objectRead(text, read, place), at: place, role: r, depth: depth}
	b.read(read)
	return s
}

// behind goes on to what a schema refers to, when it does nothing else. It
// returns the text that it finds, as it stands and as this mode reads it.
func (c *compiler) behind(text string, at Pointer) (found, read string, place Pointer) {
	read = c.prepare(text, at)
	for range maxReferences {
		ref := ""
		for key, value := range jsonscan.Members(read) {
			if key == "$ref" {
				ref = jsonscan.String(value)
			} else if asserts(key) {
				return text, read, at
			}
		}
		if ref == "" {
			break
		}
		target, pointer, err := c.resolve(ref, at)
		if err != nil {
			break
		}
		text, read, at = target, c.prepare(target, pointer), pointer
	}
	return text, read, at
}

// asserts reports whether a keyword has a say in the verdict.
func asserts(keyword string) bool {
	switch keyword {
	case "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly",
		"format", "contentEncoding", "contentMediaType", "contentSchema",
		"discriminator", "externalDocs", "xml", "$comment", "$defs", "definitions":
		return false
	}
	return !strings.HasPrefix(keyword, "x-")
}

// newNode returns an empty schema. Everything that counts is -1, which is how
// jsonschema says "not given".
func newNode(location string) *jsonschema.Schema {
	return &jsonschema.Schema{
		Location:      location,
		MinProperties: -1, MaxProperties: -1,
		MinItems: -1, MaxItems: -1,
		MinContains: 1, MaxContains: -1,
		MinLength: -1, MaxLength: -1,
	}
}

// builder turns one schema object into one node.
type builder struct {
	*compiler
	node   *jsonschema.Schema
	object *object
	at     Pointer
	role   role
	depth  int

	unreadable bool // a pattern of patternProperties
}

// read fills the node from a schema's text, as this mode reads it.
func (b *builder) read(text string) {
	if text == "false" {
		b.node.Always = new(bool)
		return
	}
	var then, otherwise *jsonschema.Schema
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "$id", "$anchor", "$dynamicRef", "$dynamicAnchor":
			b.stock()
			return
		case "$ref":
			b.reference(jsonscan.String(value))
		case "type":
			b.types(value)
		case "const":
			b.constant(value)
		case "enum":
			if value[0] == '[' {
				b.extend(key, newEnum(value))
			}
		case "allOf":
			for i, item := range jsonscan.Items(value) {
				b.node.AllOf = append(b.node.AllOf, b.part(item, conjunct, key, strconv.Itoa(i)))
			}
		case "anyOf", "oneOf":
			b.extend(key, newUnion(b.compiler, key, text, b.at))
		case "not":
			b.node.Not = b.test(value, key)
		case "if":
			b.node.If = b.test(value, key)
		case "then":
			then = b.part(value, inCompany, key)
		case "else":
			otherwise = b.part(value, inCompany, key)
		default:
			b.objectKeyword(key, value)
			b.arrayKeyword(key, value)
			b.scalarKeyword(key, value)
		}
	}
	if b.node.If != nil {
		b.node.Then, b.node.Else = then, otherwise
	}
	if b.unreadable && b.node.AdditionalProperties == false {
		b.node.AdditionalProperties = nil // a field may match what nobody can read
	}
	if b.mode != modeStrict && (b.node.Types == nil || slices.Contains(b.node.Types, "object")) {
		b.forgotten(b.object)
		if b.mode == modeClosed {
			b.close(b.object)
		}
	}
}

// forgotten declares the names that are required and no properties, unless the
// document says what any other field is.
func (b *builder) forgotten(o *object) {
	_, additional := b.node.AdditionalProperties.(*jsonschema.Schema)
	if additional || b.node.UnevaluatedProperties != nil && b.node.UnevaluatedProperties.Always == nil {
		return
	}
	for _, name := range o.declared().required {
		if b.node.Properties == nil {
			b.node.Properties = make(map[string]*jsonschema.Schema)
		}
		b.node.Properties[name] = b.anything
	}
}

// close makes fields that nothing declares an error, where the document does
// not say what it thinks of them.
func (b *builder) close(o *object) {
	f := o.declared()
	switch {
	case b.node.AdditionalProperties != nil || b.node.UnevaluatedProperties != nil:
	case f.open, f.free && b.role == inCompany:
		b.node.AdditionalProperties = true
	case b.role == rooted && !f.free:
		never := newNode("#" + string(b.at.Append(unknownKeyword)))
		if f.some() || slices.ContainsFunc(f.parts, func(p applied) bool { return p.declared().some() }) {
			never.Always = new(bool)
		} else {
			never.Extensions = map[string]jsonschema.ExtSchema{"": &undeclared{object: o}}
		}
		b.node.UnevaluatedProperties = never
	}
}

// undeclared fails a field of a schema object if its parts and branches declare
// others. They are not read before there is such a field: to find none in a
// union takes reading all of it.
type undeclared struct {
	object *object
	once   sync.Once
	fails  bool
}

// Validate implements jsonschema.ExtSchema.
func (u *undeclared) Validate(ctx jsonschema.ValidationContext, _ any) error {
	if !u.refuses() {
		return nil
	}
	return ctx.Error("", neverAllowed)
}

func (u *undeclared) refuses() bool {
	u.once.Do(func() { u.fails = u.object.declaresAny() })
	return u.fails
}

// part builds a subschema.
func (b *builder) part(text string, r role, tokens ...string) *jsonschema.Schema {
	return b.build(text, b.below(tokens), r, b.depth+1)
}

// place builds the schema of a member or an item: nothing else applies there.
func (b *builder) place(text string, tokens ...string) *jsonschema.Schema {
	if s := b.plainNode(text); s != nil {
		return s
	}
	return b.part(text, rooted, tokens...)
}

// test builds a subschema whose failure is no fault of the instance. Fields that
// it does not know have no say in it.
func (b *builder) test(text string, tokens ...string) *jsonschema.Schema {
	if b.mode == modeClosed {
		return b.doc.open.schema(text, b.below(tokens), false)
	}
	return b.part(text, inCompany, tokens...)
}

func (b *builder) below(tokens []string) Pointer {
	path := append(make([]byte, 0, 128), b.at...)
	for _, token := range tokens {
		path = append(append(path, '/'), jsonscan.EscapeToken(token)...)
	}
	return Pointer(path)
}

func (b *builder) types(value string) {
	if value[0] == '[' {
		b.node.Types = jsonscan.Strings(value)
	} else {
		b.node.Types = []string{jsonscan.String(value)}
	}
}

func (b *builder) objectKeyword(key, value string) {
	switch key {
	case "properties":
		b.node.Properties = make(map[string]*jsonschema.Schema)
		for name, item := range jsonscan.Members(value) {
			b.node.Properties[name] = b.place(item, key, name)
		}
	case "patternProperties":
		b.node.PatternProperties = make(map[*regexp.Regexp]*jsonschema.Schema)
		for pattern, item := range jsonscan.Members(value) {
			if re, err := dialect.Pattern(pattern); err == nil {
				b.node.PatternProperties[re] = b.part(item, rooted, key, pattern)
			} else {
				b.unreadable = true
			}
		}
	case "additionalProperties":
		if value == "true" || value == "false" {
			b.node.AdditionalProperties = value == "true"
		} else {
			b.node.AdditionalProperties = b.place(value, key)
		}
	case "unevaluatedProperties":
		b.node.UnevaluatedProperties = b.place(value, key)
	case "propertyNames":
		b.extend(key, &propertyNames{b.part(value, inCompany, key)})
	case "required":
		b.node.Required = jsonscan.Strings(value)
	case "minProperties":
		b.node.MinProperties = count(value, -1)
	case "maxProperties":
		b.node.MaxProperties = count(value, -1)
	case "dependentRequired":
		b.node.DependentRequired = make(map[string][]string)
		for name, list := range jsonscan.Members(value) {
			b.node.DependentRequired[name] = jsonscan.Strings(list)
		}
	case "dependentSchemas":
		b.node.DependentSchemas = make(map[string]*jsonschema.Schema)
		for name, item := range jsonscan.Members(value) {
			b.node.DependentSchemas[name] = b.part(item, inCompany, key, name)
		}
	}
}

func (b *builder) arrayKeyword(key, value string) {
	switch key {
	case "items":
		b.node.Items2020 = b.place(value, key)
	case "prefixItems":
		for i, item := range jsonscan.Items(value) {
			b.node.PrefixItems = append(b.node.PrefixItems, b.place(item, key, strconv.Itoa(i)))
		}
	case "unevaluatedItems":
		b.node.UnevaluatedItems = b.place(value, key)
	case "contains":
		b.node.Contains = b.test(value, key)
		b.node.ContainsEval = true
	case "minContains":
		b.node.MinContains = count(value, 1)
	case "maxContains":
		b.node.MaxContains = count(value, -1)
	case "minItems":
		b.node.MinItems = count(value, -1)
	case "maxItems":
		b.node.MaxItems = count(value, -1)
	case "uniqueItems":
		b.node.UniqueItems = value == "true"
	}
}

func (b *builder) scalarKeyword(key, value string) {
	switch key {
	case "minLength":
		b.node.MinLength = count(value, -1)
	case "maxLength":
		b.node.MaxLength = count(value, -1)
	case "pattern":
		// A pattern that Go cannot read is listed by Repairs.
		b.node.Pattern, _ = dialect.Pattern(jsonscan.String(value))
	case "minimum":
		b.node.Minimum = number(value)
	case "maximum":
		b.node.Maximum = number(value)
	case "exclusiveMinimum":
		b.node.ExclusiveMinimum = number(value)
	case "exclusiveMaximum":
		b.node.ExclusiveMaximum = number(value)
	case "multipleOf":
		if n := number(value); n != nil && n.Sign() > 0 {
			b.node.MultipleOf = n
		}
	}
}

// count reads a keyword whose value is a number of things.
func count(value string, otherwise int) int {
	if n, err := strconv.ParseFloat(value, 64); err == nil && n >= 0 && n < 1<<53 {
		return int(n)
	}
	return otherwise
}

// number reads a keyword whose value is a bound, nil when it is none. Beyond
// what instances have, all exponents are alike.
func number(value string) *big.Rat {
	const largest = 4 * jsonvalue.MaxDigits
	if kind := value[0]; kind != '-' && (kind < '0' || kind > '9') || len(value) > jsonvalue.MaxDigits {
		return nil
	}
	if e := strings.IndexAny(value, "eE"); e >= 0 {
		exponent, _ := strconv.Atoi(value[e+1:]) // out of range, it is the largest or smallest int
		value = value[:e+1] + strconv.Itoa(max(-largest, min(exponent, largest)))
	}
	if n, ok := new(big.Rat).SetString(value); ok {
		return n
	}
	return nil
}

// constant reads a value of the document that instances are compared with. It is
// not ok when no instance can be that: it is out of the range of numbers, say.
func constant(text string) (v any, ok bool) {
	v, err := parseInstance(text)
	return v, err == nil
}

func (b *builder) constant(text string) {
	if v, ok := constant(text); ok {
		b.node.Constant = []any{v}
	} else {
		b.extend("const", &enum{})
	}
}

func (b *builder) reference(ref string) {
	text, pointer, err := b.resolve(ref, b.at)
	if err != nil {
		b.extend(faultKeyword, fault{err})
		return
	}
	b.node.Ref = b.build(text, pointer, inCompany, b.depth+1)
}

func (b *builder) extend(name string, ext jsonschema.ExtSchema) {
	if b.node.Extensions == nil {
		b.node.Extensions = make(map[string]jsonschema.ExtSchema, 1)
	}
	b.node.Extensions[name] = ext
}

// lazyReference stands for a schema that is built on first use.
type lazyReference struct {
	compiler *compiler
	text     string
	at       Pointer
	role     role

	once   sync.Once
	target *jsonschema.Schema
}

func (r *lazyReference) resolve() (*jsonschema.Schema, error) {
	r.once.Do(func() {
		r.compiler.mu.Lock()
		defer r.compiler.mu.Unlock()
		r.target = r.compiler.build(r.text, r.at, r.role, 0)
	})
	return r.target, nil
}

// Validate implements jsonschema.ExtSchema.
func (r *lazyReference) Validate(ctx jsonschema.ValidationContext, v any) error {
	target, _ := r.resolve()
	return ctx.Validate(target, "$ref", v, "")
}
