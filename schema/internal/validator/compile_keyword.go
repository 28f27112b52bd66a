package validator

import (
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// These are the keywords for values of one type. A pattern that Go's regexp cannot
// read, such as one with a lookahead, is left out: other programs that use the document
// can read it, and no instance may fail for it. A pattern that is too large makes its
// schema unusable.

// fieldKeyword compiles the keywords for objects (JSON Schema 2020-12 Core §10.2.2.4,
// §10.3.2, §11.3; Validation §6.5).
func (b *builder) fieldKeyword(key, value string) {
	switch key {
	// Each member is validated by the schema of its name (§10.3.2.1). The list keeps
	// the order of the document: errors about required names follow it.
	case "properties":
		// Compiling a member may come back here for its own properties, so that the list is a
		// part of one stack and not a buffer for all.
		mark := len(b.scratch)
		defer b.drop(mark)
		members := appendMembers(&b.scratch, value)
		b.names, b.nodes = slices.Grow(b.names, len(members)), slices.Grow(b.nodes, len(members))
		for _, m := range members {
			name, n := m.Name, b.inner(m.Text, key, m.Name)
			if i := slices.Index(b.names, name); i >= 0 && len(b.names) < 100 { // a name twice: the last counts
				b.nodes[i] = n
				continue
			}
			b.names, b.nodes = append(b.names, name), append(b.nodes, n)
		}
	case "patternProperties":
		b.patternProperties(value)
	case "additionalProperties":
		b.fields().additional = b.rule(key, value)
	case "unevaluatedProperties":
		b.fields().unevaluated = b.rule(key, value)
		// Its instance is the name, as a string, of every member (§10.3.2.4).
	case "propertyNames":
		b.rare().names = b.part(value, shared, key)
	case "required":
		b.required(jsonscan.Strings(value))
	case "minProperties":
		b.rare().minimum = count(value, -1)
	case "maxProperties":
		b.rare().maximum = count(value, -1)
		// The names in the list are required where the member is present (Validation
		// §6.5.4).
	case "dependentRequired":
		for name, list := range jsonscan.Members(value) {
			b.rare().dependentRequired = append(b.rare().dependentRequired, dependentNames{name, jsonscan.Strings(list)})
		}
		// The schema applies to the whole object where the member is present (Core
		// §10.2.2.4). Other parts may declare further fields, so it is not closed.
	case "dependentSchemas":
		for name, item := range jsonscan.Members(value) {
			b.rare().dependentSchemas = append(b.rare().dependentSchemas, dependentSchema{name, b.part(item, shared, key, name)})
		}
	}
}

// rule compiles additionalProperties or unevaluatedProperties. Booleans need no node:
// they are most of what is there.
func (b *builder) rule(key, value string) rule {
	switch value {
	// additionalProperties: true is not the same as its absence: it evaluates all
	// members (§10.3.2.3), so that nothing is left for unevaluatedProperties.
	case "true":
		return rule{state: ruleAccept}
	case "false":
		return rule{state: ruleRefuse}
	}
	return rule{state: ruleSchema, node: b.inner(value, key)}
}

// patternProperties compiles the keyword of that name (§10.3.2.2). Where a pattern
// cannot be read, any field may match it.
func (b *builder) patternProperties(value string) {
	for text, item := range jsonscan.Members(value) {
		re, err := b.patterns.compile(text)
		switch {
		case err == nil:
			b.fields().patterns = append(b.fields().patterns, patternRule{re, b.part(item, alone, "patternProperties", text)})
		case isTooLarge(err):
			b.unusable(err.Error())
		default:
			b.unreadable = true
		}
	}
	// A keyword without entries is still one that speaks of fields.
	b.fields()
}

// required compiles the keyword of that name (§6.5.3). In OpenAPI 3.0 a property that
// is readOnly or writeOnly is required in one direction only (3.0.3 §4.7.24.2), which
// is recorded beside it.
func (b *builder) required(names []string) {
	if len(names) == 0 {
		return
	}
	b.fields().required = newNameTable(names)
	// From OpenAPI 3.1 on, readOnly and writeOnly are annotations and have no effect on
	// required.
	if !b.schemas.source.ByDirection {
		return
	}
	var optional [Response + 1][]string
	for _, name := range names {
		readOnly, writeOnly := b.directions(name)
		if readOnly {
			optional[Request] = append(optional[Request], name)
		}
		if writeOnly {
			optional[Response] = append(optional[Response], name)
		}
	}
	for d, names := range optional {
		if names != nil {
			b.rare().optional[d] = newNameTable(names)
		}
	}
}

// directions reports whether a property of the object, itself or through a
// reference or allOf, is readOnly or writeOnly.
func (b *builder) directions(name string) (readOnly, writeOnly bool) {
	var look func(p Place, depth int)
	look = func(p Place, depth int) {
		// A property that is readOnly through more references than this is unheard of,
		// and a circle of them would not end.
		if depth > 4 {
			return
		}
		for key, value := range jsonscan.Members(b.Read(p)) {
			switch key {
			case "readOnly":
				readOnly = readOnly || value == "true"
			case "writeOnly":
				writeOnly = writeOnly || value == "true"
			case "$ref":
				if target, err := b.Resolve(jsonscan.String(value), p.At); err == nil {
					look(target, depth+1)
				}
			case "allOf":
				for i, item := range jsonscan.Items(value) {
					look(Place{item, pointerBelow(p.At, key, strconv.Itoa(i))}, depth+1)
				}
			}
		}
	}
	var find func(o *object, depth int)
	find = func(o *object, depth int) {
		properties, _ := jsonscan.Member(o.text, "properties")
		if text, ok := jsonscan.Member(properties, name); ok {
			look(o.below(text, "properties", name), 0)
			return
		}
		// A part that applies under a condition says nothing of every instance.
		if depth < 4 {
			for _, p := range o.declared().parts {
				if p.test == nil && p.field == "" {
					find(p.object, depth+1)
				}
			}
		}
	}
	find(b.object, 0)
	// A member of allOf may require what another member declares.
	for at := b.object.at; ; {
		around, ok := aroundAllOf(at)
		if !ok {
			return readOnly, writeOnly
		}
		place, err := b.Resolve("#"+strings.ReplaceAll(around, "%", "%25"), at)
		if err != nil {
			return readOnly, writeOnly
		}
		find(b.Graph.object(place), 0)
		at = around
	}
}

// aroundAllOf returns the pointer of the schema object of which the one at a pointer is
// a member of allOf.
func aroundAllOf(at string) (string, bool) {
	cut := strings.LastIndexByte(at, '/')
	if cut < 0 {
		return "", false
	}
	return strings.CutSuffix(at[:cut], "/allOf")
}

// itemKeyword compiles the keywords for arrays (Core §10.3.1, §11.2; Validation §6.4).
// contains need not match every item, so it is a test.
func (b *builder) itemKeyword(key, value string) {
	switch key {
	// The items after those of prefixItems (§10.3.1.2).
	case "items":
		b.items().items = b.inner(value, key)
		// Each schema is for the item at its position (§10.3.1.1). The array may be
		// shorter.
	case "prefixItems":
		for i, item := range jsonscan.Items(value) {
			b.items().prefix = append(b.items().prefix, b.inner(item, key, strconv.Itoa(i)))
		}
	case "unevaluatedItems":
		b.items().unevaluated = b.inner(value, key)
	case "contains":
		b.items().contains = b.test(value, key)
		// Without contains both are ignored (Validation §6.4.4, §6.4.5), which the walk
		// sees to.
	case "minContains":
		b.items().minContains = count(value, 1)
	case "maxContains":
		b.items().maxContains = count(value, -1)
	case "minItems":
		b.items().minimum = count(value, -1)
	case "maxItems":
		b.items().maximum = count(value, -1)
	case "uniqueItems":
		b.items().unique = value == "true"
	}
}

// scalarKeyword compiles the keywords for numbers (Validation §6.2) and strings (§6.3).
// multipleOf must be greater than 0 (§6.2.1).
func (b *builder) scalarKeyword(key, value string) {
	switch key {
	// Negative and fractional counts are not values that these keywords can have.
	case "minLength":
		b.scalar().minLength = count(value, -1)
	case "maxLength":
		b.scalar().maxLength = count(value, -1)
	case "pattern":
		// A pattern that Go cannot read is not validated; Repairs lists it.
		re, err := b.patterns.compile(jsonscan.String(value))
		if err == nil {
			b.scalar().pattern = re
		} else if isTooLarge(err) {
			b.unusable(err.Error())
		}
	case "minimum":
		b.scalar().minimum = bound(value)
	case "maximum":
		b.scalar().maximum = bound(value)
	case "exclusiveMinimum":
		b.scalar().exclusiveMinimum = bound(value)
	case "exclusiveMaximum":
		b.scalar().exclusiveMaximum = bound(value)
	case "multipleOf":
		// A divisor of 0 or less is not allowed, and no number would be a multiple of
		// it.
		if n := bound(value); n != nil && n.Compare(jsonvalue.Decimal{}) > 0 {
			b.scalar().multipleOf = n
		}
	}
}

// count reads a keyword whose value is a number of things. Anything else, which the check of
// the document reports, counts as if the keyword were absent: otherwise.
func count(value string, otherwise int) int {
	// A count may be written 1e2 or 3.0. Up to 2^53 a float64 is exact, and no instance
	// has as many parts.
	if n, err := strconv.ParseFloat(value, 64); err == nil && n >= 0 && n < 1<<53 {
		return int(n)
	}
	return otherwise
}

// bound reads a keyword whose value is a number, nil when it is something else. Numbers of
// instances have at most MaxDigits too, so that comparing two of them has a bounded cost.
func bound(value string) *jsonvalue.Decimal {
	if len(value) > jsonvalue.MaxDigits {
		return nil
	}
	if n, ok := jsonvalue.ParseDecimal(value); ok {
		return &n
	}
	return nil
}

// IsBound reports whether the text of a bound such as minimum is one that is
// validated: a number of usual length.
func IsBound(value string) bool { return bound(value) != nil }
