package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// meets reports whether an instance is valid against the schema at hand, and
// adds the fields or items that it accounts for to seen, nil for those who do not
// ask (JSON Schema 2020-12 §11.2, §11.3).
func (r *refutation) meets(n *jsonschema.Schema, v any, seen *accounted) bool {
	if n.Always != nil {
		return *n.Always || r.fail("", neverAllowed)
	}
	switch r.left--; {
	case r.gaveUp != nil:
		return false
	case r.left < 0 || len(r.way) > maxWay:
		return r.giveUp(errSpent)
	case n.Draft != nil: // only the stock compiler sets one
		return r.giveUp(errUnsure)
	}
	if object, isObject := v.(map[string]any); isObject && n.UnevaluatedProperties != nil {
		var own accounted
		ok, known := r.keywords(n, v, &own), len(r.failures)
		for name, value := range object {
			if !own.all && !own.has(name) {
				ok = r.member(n.UnevaluatedProperties, unknownKeyword, "", name, value) && ok
			}
		}
		if own.instead != nil && len(r.failures) > known+1 { // more unknown fields than that has mistakes
			r.failures = append(r.failures[:known], own.instead.failure)
		}
		seen.addAll()
		return ok
	}
	if array, isArray := v.([]any); isArray && n.UnevaluatedItems != nil {
		var own accounted
		ok := r.keywords(n, v, &own)
		for i, item := range array {
			if !own.all && !own.has(strconv.Itoa(i)) {
				ok = r.item(n.UnevaluatedItems, "unevaluatedItems", "", i, item) && ok
			}
		}
		seen.addAll()
		return ok
	}
	return r.keywords(n, v, seen)
}

func (r *refutation) keywords(n *jsonschema.Schema, v any, seen *accounted) bool {
	ok := true
	if len(n.Types) > 0 && !slices.ContainsFunc(n.Types, func(name string) bool { return jsonvalue.ParseKind(name).Has(jsonvalue.KindOf(v)) }) {
		if isStructured(jsonvalue.KindOf(v)) != slices.ContainsFunc(n.Types, func(name string) bool { return isStructured(jsonvalue.ParseKind(name)) }) {
			return r.fail("type", noKind)
		}
		return r.fail("type", "type")
	}
	if len(n.Constant) > 0 && !jsonvalue.Equal(v, n.Constant[0]) {
		ok = r.fail("const", "const")
	}
	switch v := v.(type) {
	case map[string]any:
		ok = r.object(n, v, seen) && ok
	case []any:
		ok = r.array(n, v, seen) && ok
	case string:
		ok = r.text(n, v) && ok
	case json.Number:
		ok = r.number(n, v) && ok
	}
	return r.inPlace(n, v, seen) && ok
}

func isStructured(t jsonvalue.Kinds) bool { return t.Has(jsonvalue.Object | jsonvalue.Array) }

func (r *refutation) object(n *jsonschema.Schema, v map[string]any, seen *accounted) bool {
	ok := true
	if len(v) < n.MinProperties {
		ok = r.fail("minProperties", "minProperties")
	}
	if n.MaxProperties >= 0 && len(v) > n.MaxProperties {
		ok = r.fail("maxProperties", "maxProperties")
	}
	if missing := missingOf(n.Required, v); missing != nil {
		ok = r.fail("required", strings.Join(missing, "', '")) // as jsonschema lists them
	}
	ok = r.members(n, v, seen) && ok
	for name, others := range n.DependentRequired {
		if _, present := v[name]; !present {
			continue
		}
		for i, other := range others {
			if _, present := v[other]; !present {
				ok = r.fail("dependentRequired/"+escapedLocation(name)+"/"+strconv.Itoa(i), "dependentRequired")
			}
		}
	}
	for name, sub := range n.DependentSchemas {
		if _, present := v[name]; present {
			ok = r.apply(sub, "dependentSchemas", name, v, seen) && ok
		}
	}
	return ok
}

func missingOf(required []string, v map[string]any) (missing []string) {
	for _, name := range required {
		if _, present := v[name]; !present {
			missing = append(missing, name)
		}
	}
	return missing
}

func (r *refutation) members(n *jsonschema.Schema, v map[string]any, seen *accounted) bool {
	ok, strange := true, false
	for name, value := range v {
		property, declared := n.Properties[name]
		if declared {
			ok = r.member(property, "properties", name, name, value) && ok
		}
		for pattern, sub := range n.PatternProperties {
			if pattern.MatchString(name) {
				declared = true
				ok = r.member(sub, "patternProperties", pattern.String(), name, value) && ok
			}
		}
		if declared {
			seen.add(name)
			continue
		}
		switch additional := n.AdditionalProperties.(type) {
		case bool:
			strange = strange || !additional
		case *jsonschema.Schema:
			ok = r.member(additional, "additionalProperties", "", name, value) && ok
		}
	}
	if strange {
		ok = r.fail("additionalProperties", "additionalProperties") // one error tells of all
	}
	if n.AdditionalProperties != nil {
		seen.addAll()
	}
	return ok
}

func (r *refutation) array(n *jsonschema.Schema, v []any, seen *accounted) bool {
	ok := true
	if len(v) < n.MinItems {
		ok = r.fail("minItems", "minItems")
	}
	if n.MaxItems >= 0 && len(v) > n.MaxItems {
		ok = r.fail("maxItems", "maxItems")
	}
	if n.UniqueItems {
		if i, j, twice := jsonvalue.Duplicate(v); twice {
			ok = r.fail("uniqueItems", fmt.Sprintf("items at index %d and %d", i, j))
		}
	}
	contained := 0
	for i, item := range v {
		if i < len(n.PrefixItems) {
			ok = r.item(n.PrefixItems[i], "prefixItems", strconv.Itoa(i), i, item) && ok
			seen.addItem(i)
		} else if n.Items2020 != nil {
			ok = r.item(n.Items2020, "items", "", i, item) && ok
		}
		if n.Contains != nil && r.test(n.Contains, "contains", item, nil) {
			contained++
			seen.addItem(i)
		}
	}
	if n.Items2020 != nil {
		seen.addAll()
	}
	if n.Contains != nil && contained < n.MinContains {
		ok = r.fail("minContains", "minContains")
	}
	if n.Contains != nil && n.MaxContains >= 0 && contained > n.MaxContains {
		ok = r.fail("maxContains", "maxContains")
	}
	return ok
}

func (r *refutation) text(n *jsonschema.Schema, v string) bool {
	ok := true
	if n.MinLength > 0 || n.MaxLength >= 0 {
		length := utf8.RuneCountInString(v)
		if length < n.MinLength {
			ok = r.fail("minLength", "minLength")
		}
		if n.MaxLength >= 0 && length > n.MaxLength {
			ok = r.fail("maxLength", "maxLength")
		}
	}
	if n.Pattern != nil && !n.Pattern.MatchString(v) {
		ok = r.fail("pattern", "pattern")
	}
	return ok
}

func (r *refutation) number(n *jsonschema.Schema, v json.Number) bool {
	ok := true
	if n.Minimum == nil && n.Maximum == nil && n.ExclusiveMinimum == nil && n.ExclusiveMaximum == nil && n.MultipleOf == nil {
		return true
	}
	value, read := new(big.Rat).SetString(string(v))
	if !read {
		return r.giveUp(errUnsure)
	}
	if n.Minimum != nil && value.Cmp(n.Minimum) < 0 {
		ok = r.fail("minimum", "minimum")
	}
	if n.Maximum != nil && value.Cmp(n.Maximum) > 0 {
		ok = r.fail("maximum", "maximum")
	}
	if n.ExclusiveMinimum != nil && value.Cmp(n.ExclusiveMinimum) <= 0 {
		ok = r.fail("exclusiveMinimum", "exclusiveMinimum")
	}
	if n.ExclusiveMaximum != nil && value.Cmp(n.ExclusiveMaximum) >= 0 {
		ok = r.fail("exclusiveMaximum", "exclusiveMaximum")
	}
	if n.MultipleOf != nil && !value.Quo(value, n.MultipleOf).IsInt() {
		ok = r.fail("multipleOf", "multipleOf")
	}
	return ok
}

// inPlace judges by the schemas that apply to the instance itself.
func (r *refutation) inPlace(n *jsonschema.Schema, v any, seen *accounted) bool {
	ok := true
	if n.Ref != nil {
		ok = r.apply(n.Ref, "$ref", "", v, seen)
	}
	if n.Not != nil && r.test(n.Not, "not", v, nil) {
		ok = r.fail("not", "not")
	}
	for i, sub := range n.AllOf {
		ok = r.apply(sub, "allOf", strconv.Itoa(i), v, seen) && ok
	}
	if n.If != nil {
		sub, keyword := n.Then, "then"
		if !r.test(n.If, "if", v, seen) {
			sub, keyword = n.Else, "else"
		}
		if sub != nil {
			ok = r.apply(sub, keyword, "", v, seen) && ok
		}
	}
	for keyword, ext := range n.Extensions {
		ok = r.extension(keyword, ext, v, seen) && ok
	}
	return ok
}

// extension judges by the keywords that this package has made its own.
func (r *refutation) extension(keyword string, ext jsonschema.ExtSchema, v any, seen *accounted) bool {
	switch ext := ext.(type) {
	case *enum:
		return ext.has(v) || r.fail(keyword, keyword)
	case *undeclared:
		return !ext.refuses() || r.fail(keyword, neverAllowed)
	case *union:
		return r.union(ext, v, seen)
	case *lazyReference:
		target, _ := ext.resolve()
		return r.apply(target, keyword, "", v, seen)
	case *propertyNames:
		object, _ := v.(map[string]any)
		ok := true
		for name := range object {
			if !r.test(ext.name, keyword, name, nil) {
				ok = r.fail(keyword, name)
			}
		}
		return ok
	}
	return r.foreign(keyword, ext, v)
}

// foreign judges by a keyword that says all in one error.
func (r *refutation) foreign(keyword string, ext jsonschema.ExtSchema, v any) bool {
	n := newNode("#")
	n.Extensions = map[string]jsonschema.ExtSchema{keyword: ext}
	err := guarded(n, v)
	if err == nil {
		return true
	}
	failure, ok := err.(*jsonschema.ValidationError)
	if !ok {
		return r.giveUp(errUnsure)
	}
	for len(failure.Causes) > 0 {
		failure = failure.Causes[0]
	}
	return r.fail(keyword, failure.Message)
}
