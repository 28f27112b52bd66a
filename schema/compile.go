package schema

import (
	"math/big"
	"regexp"
	"strconv"
	"sync"
	"unsafe"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/jsonscan"
)

// compiler builds the jsonschema graph of a document in one mode, straight
// from the JSON text: a schema object when it is first used, a reference when
// an instance first gets there, a union's branch when one is first sent to it.
// Each object is built once. The stock compiler would check it all against the
// metaschema first, which takes longer than everything else together.
type compiler struct {
	doc  *Document
	mode mode

	mu    sync.Mutex
	built map[schemaKey]*jsonschema.Schema

	unions   sync.Map // of *union by Pointer
	prepared sync.Map // of string by the first byte of the text as given
}

// schemaKey names a compiled schema. Rooted ones stand for an instance
// location of their own, where fields that nothing declares can be told;
// the others apply to an instance in company with more schemas.
type schemaKey struct {
	at     Pointer
	rooted bool
}

func (c *compiler) init(d *Document, m mode) {
	c.doc, c.mode = d, m
	c.built = make(map[schemaKey]*jsonschema.Schema)
}

// schema returns the compiled schema object at a pointer, whose text the
// caller has found.
func (c *compiler) schema(text string, at Pointer, rooted bool) *jsonschema.Schema {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.locked(text, at, rooted)
}

func (c *compiler) locked(text string, at Pointer, rooted bool) *jsonschema.Schema {
	key := schemaKey{at, rooted && c.mode == modeClosed}
	s, ok := c.built[key]
	if !ok {
		s = newNode(at)
		c.built[key] = s // before its parts: they may refer back to it
		b := builder{compiler: c, node: s, at: at}
		b.build(text, key.rooted)
	}
	return s
}

// newNode returns an empty schema. Everything that counts is -1, which is how
// jsonschema says "not given".
func newNode(at Pointer) *jsonschema.Schema {
	return &jsonschema.Schema{
		Location:      "#" + string(at),
		MinProperties: -1, MaxProperties: -1,
		MinItems: -1, MaxItems: -1,
		MinContains: 1, MaxContains: -1,
		MinLength: -1, MaxLength: -1,
	}
}

// prepare returns a schema object as this mode reads it: dialect repaired,
// erratum applied. Texts that change are kept: messages read them again.
func (c *compiler) prepare(text string, at Pointer) string {
	if text == "" || text[0] != '{' {
		return text
	}
	patch, patched := "", false
	if c.mode != modeStrict {
		patch, patched = jsonscan.Member(text, patchKeyword)
	}
	if !patched && !c.doc.needsRepair(text) {
		return text
	}
	start := unsafe.StringData(text) // a text has one end, and the key keeps it alive
	if known, ok := c.prepared.Load(start); ok {
		return known.(string)
	}
	ready, _ := c.doc.repair(text, at)
	if patched {
		ready, _ = c.doc.repair(mergePatch(ready, patch), at)
	}
	c.prepared.Store(start, ready)
	return ready
}

// builder turns one schema object into one node.
type builder struct {
	*compiler
	node *jsonschema.Schema
	at   Pointer
}

func (b *builder) build(text string, rooted bool) {
	if text == "true" || text == "false" {
		always := text == "true"
		b.node.Always = &always
		return
	}
	text = b.prepare(text, b.at)
	declares := false  // says which fields there are
	base := false      // has subtypes that add fields
	anyObject := true  // allows objects of whatever fields
	restricts := false // only narrows what its company allows
	typed := false
	var then, otherwise *jsonschema.Schema
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "$ref":
			b.reference(jsonscan.String(value))
			declares = true
		case "$id", "$anchor", "$dynamicRef", "$dynamicAnchor":
			b.stock()
			return
		case "type":
			b.types(value)
			anyObject, typed = typesOf(value).has(typeObject), true
		case "const":
			b.node.Constant = []any{constant(value)}
		case "enum":
			b.extend(key, newEnum(value))
		case "allOf":
			for i, item := range jsonscan.Items(value) {
				b.node.AllOf = append(b.node.AllOf, b.conjunct(item, b.at.Append(key).Append(strconv.Itoa(i))))
			}
			declares = declares || b.declaresAny(value)
		case "anyOf", "oneOf":
			b.extend(key, newUnion(b.compiler, key, text, b.at))
			declares = true
		case "if":
			b.node.If = b.part(value, b.at.Append(key), false)
			declares = true
		case "additionalProperties":
			b.node.AdditionalProperties = b.boolOrSchema(value, key)
			declares = true
		case "discriminator":
			base = true
		case "required", "not", "then", "else", "minProperties", "maxProperties", "propertyNames", "dependentRequired":
			restricts = true
		}
		switch key {
		case "not":
			b.node.Not = b.part(value, b.at.Append(key), false)
		case "then":
			then = b.part(value, b.at.Append(key), false)
		case "else":
			otherwise = b.part(value, b.at.Append(key), false)
		default:
			declares = b.objectKeyword(key, value) || declares
			b.arrayKeyword(key, value)
			b.scalarKeyword(key, value)
		}
	}
	if b.node.If != nil {
		b.node.Then, b.node.Else = then, otherwise
	}
	if b.mode != modeClosed {
		return
	}
	b.declareNamed()
	switch {
	case base && b.node.Extensions["oneOf"] == nil && b.node.Extensions["anyOf"] == nil && b.node.AdditionalProperties == nil:
		// Subtypes refer to it by allOf, and nothing refers to them (OpenAPI 3.1
		// §4.8.25): which fields there are cannot be told.
		b.node.AdditionalProperties = true
	case declares && rooted && b.node.AdditionalProperties == nil && b.node.UnevaluatedProperties == nil:
		b.node.UnevaluatedProperties = b.unknown()
	case !declares && anyObject && (typed || !restricts) && b.node.AdditionalProperties == nil:
		b.node.AdditionalProperties = true
	}
}

// declareNamed lets a field that is named as required pass for declared,
// although properties forget it, as they do in real documents.
func (b *builder) declareNamed() {
	names := b.node.Required
	for _, list := range b.node.DependentRequired {
		names = append(names[:len(names):len(names)], list...)
	}
	for _, name := range names {
		if b.node.Properties[name] != nil {
			continue
		}
		if b.node.Properties == nil {
			b.node.Properties = make(map[string]*jsonschema.Schema)
		}
		b.node.Properties[name] = newNode(b.at.Append("required"))
	}
}

// unknown is the schema that fields which nothing declares meet.
func (b *builder) unknown() *jsonschema.Schema {
	never := false
	s := newNode(b.at.Append(unknownKeyword))
	s.Always = &never
	return s
}

// part builds a subschema.
func (b *builder) part(text string, at Pointer, rooted bool) *jsonschema.Schema {
	return b.locked(text, at, rooted)
}

// conjunct builds a member of allOf. One that only restricts, such as
// {"required":["a"]}, does not mean "and any other field".
func (b *builder) conjunct(text string, at Pointer) *jsonschema.Schema {
	s := b.part(text, at, false)
	if b.mode == modeClosed && s.AdditionalProperties == true && !declaresOpen(text) {
		s.AdditionalProperties = nil
	}
	return s
}

func declaresOpen(text string) bool {
	value, ok := jsonscan.Member(text, "additionalProperties")
	return ok && value != "false"
}

// declaresAny reports whether a list of schemas says anything about fields.
func (b *builder) declaresAny(list string) bool {
	for _, item := range jsonscan.Items(list) {
		for key, value := range jsonscan.Members(item) {
			switch key {
			case "$ref", "anyOf", "oneOf", "additionalProperties", "patternProperties", "if":
				return true
			case "properties":
				if value != "{}" {
					return true
				}
			case "allOf":
				if b.declaresAny(value) {
					return true
				}
			}
		}
	}
	return false
}

func (b *builder) types(value string) {
	if value[0] == '[' {
		b.node.Types = jsonscan.Strings(value)
	} else {
		b.node.Types = []string{jsonscan.String(value)}
	}
}

func (b *builder) boolOrSchema(value, keyword string) any {
	if value == "true" || value == "false" {
		return value == "true"
	}
	return b.part(value, b.at.Append(keyword), true)
}

// objectKeyword reports whether the keyword declares fields.
func (b *builder) objectKeyword(key, value string) bool {
	switch key {
	case "properties":
		b.node.Properties = b.named(key, value)
		return len(b.node.Properties) > 0
	case "patternProperties":
		b.node.PatternProperties = make(map[*regexp.Regexp]*jsonschema.Schema)
		for pattern, item := range jsonscan.Members(value) {
			if re, err := regexp.Compile(pattern); err == nil {
				b.node.PatternProperties[re] = b.part(item, b.at.Append(key).Append(pattern), true)
			}
		}
		return true
	case "required":
		b.node.Required = jsonscan.Strings(value)
	case "minProperties":
		b.node.MinProperties = count(value, -1)
	case "maxProperties":
		b.node.MaxProperties = count(value, -1)
	case "propertyNames":
		b.node.PropertyNames = b.part(value, b.at.Append(key), false)
	case "dependentRequired":
		b.node.DependentRequired = make(map[string][]string)
		for name, list := range jsonscan.Members(value) {
			b.node.DependentRequired[name] = jsonscan.Strings(list)
		}
	case "dependentSchemas":
		b.node.DependentSchemas = make(map[string]*jsonschema.Schema)
		for name, item := range jsonscan.Members(value) {
			b.node.DependentSchemas[name] = b.part(item, b.at.Append(key).Append(name), false)
		}
	case "unevaluatedProperties":
		b.node.UnevaluatedProperties = b.part(value, b.at.Append(key), true)
		return value != "false"
	}
	return false
}

func (b *builder) named(key, value string) map[string]*jsonschema.Schema {
	at := b.at.Append(key)
	m := make(map[string]*jsonschema.Schema)
	for name, item := range jsonscan.Members(value) {
		m[name] = b.part(item, at.Append(name), true)
	}
	return m
}

func (b *builder) arrayKeyword(key, value string) {
	switch key {
	case "items":
		b.node.Items2020 = b.part(value, b.at.Append(key), true)
	case "prefixItems":
		for i, item := range jsonscan.Items(value) {
			b.node.PrefixItems = append(b.node.PrefixItems, b.part(item, b.at.Append(key).Append(strconv.Itoa(i)), true))
		}
	case "contains":
		b.node.Contains = b.part(value, b.at.Append(key), false)
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
	case "unevaluatedItems":
		b.node.UnevaluatedItems = b.part(value, b.at.Append(key), true)
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
		b.node.Pattern, _ = regexp.Compile(jsonscan.String(value))
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

func number(value string) *big.Rat {
	if v, err := parseInstance(value); err != nil || v == nil {
		return nil
	}
	if n, ok := new(big.Rat).SetString(value); ok {
		return n
	}
	return nil
}

// constant reads a value of the document that instances are compared with.
func constant(text string) any {
	v, err := parseInstance(text)
	if err != nil {
		return nil
	}
	return v
}

// reference sets what $ref names: at once when that is built already, else
// when an instance gets there.
func (b *builder) reference(ref string) {
	if pointer, err := localPointer(ref); err == nil {
		if s, ok := b.built[schemaKey{at: pointer}]; ok {
			b.node.Ref = s
			return
		}
	}
	b.extend("$ref", &lazyReference{compiler: b.compiler, ref: ref, at: b.at})
}

func (b *builder) extend(name string, ext jsonschema.ExtSchema) {
	if b.node.Extensions == nil {
		b.node.Extensions = make(map[string]jsonschema.ExtSchema, 1)
	}
	b.node.Extensions[name] = ext
}

// lazyReference is a $ref whose target is built on first use.
type lazyReference struct {
	compiler *compiler
	ref      string
	at       Pointer

	once   sync.Once
	target *jsonschema.Schema
	err    error
}

func (r *lazyReference) resolve() (*jsonschema.Schema, error) {
	r.once.Do(func() {
		var text string
		var pointer Pointer
		if text, pointer, r.err = r.compiler.doc.resolve(r.ref, r.at); r.err == nil {
			r.target = r.compiler.schema(text, pointer, false)
		}
	})
	return r.target, r.err
}

// Validate implements jsonschema.ExtSchema.
func (r *lazyReference) Validate(ctx jsonschema.ValidationContext, v any) error {
	target, err := r.resolve()
	if err != nil {
		return ctx.Error(faultKeyword, "%v", err)
	}
	return ctx.Validate(target, "$ref", v, "")
}
