package schema

import (
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/jsonscan"
)

// union is oneOf and anyOf, the one place where branches are chosen.
//
// Branches that cannot fit are pruned before anything is validated: by the JSON
// type of the instance, then by the tag, the property whose const or enum
// tells the branches apart. Pruning is sound: a pruned branch would have
// failed. What is left is tried in order and the first that fits decides;
// Strict counts the fits of a oneOf instead.
//
// The verdict on an instance that no branch fits is one error: that the type
// or the tag is none of the known ones, or what is wrong with the branch that
// was meant.
type union struct {
	compiler *compiler
	keyword  string // "anyOf" or "oneOf"
	at       Pointer
	text     string // the list of branches
	declared string // discriminator.propertyName
	exact    bool

	once     sync.Once
	branches []*branch
	tag      string // "" when no property tells the branches apart
}

// branch is one schema of a union, and what is known of it unbuilt.
type branch struct {
	facts
	text  string
	at    Pointer
	once  sync.Once
	built *jsonschema.Schema

	declaring sync.Once
	declared  declaration
}

// newUnion returns the union that a schema object, prepared, has under keyword.
// There is one of each in a compiler: what it has learnt of its branches serves
// verdicts and messages alike.
func newUnion(c *compiler, keyword, text string, at Pointer) *union {
	at = at.Append(keyword)
	if known, ok := c.unions.Load(at); ok {
		return known.(*union)
	}
	u := &union{compiler: c, keyword: keyword, at: at, exact: c.mode == modeStrict}
	u.text, _ = jsonscan.Member(text, keyword)
	if d, ok := jsonscan.Member(text, "discriminator"); ok {
		name, _ := jsonscan.Member(d, "propertyName")
		u.declared = jsonscan.String(name)
	}
	known, _ := c.unions.LoadOrStore(at, u)
	return known.(*union)
}

func (u *union) prepare() {
	u.once.Do(func() {
		for i, item := range jsonscan.Items(u.text) {
			at := u.at.Append(strconv.Itoa(i))
			u.branches = append(u.branches, &branch{facts: u.compiler.facts(item, at, 0), text: item, at: at})
		}
		u.tag = chooseTag(u.branches, u.declared)
	})
}

// chooseTag picks the declared discriminator where the branches restrict it,
// else the property that takes the most different values over the branches.
func chooseTag(branches []*branch, declared string) string {
	values := make(map[string]map[string]bool)
	restricted := make(map[string]int)
	var order []string
	for _, b := range branches {
		for _, t := range b.tags {
			if values[t.name] == nil {
				values[t.name] = make(map[string]bool)
				order = append(order, t.name)
			}
			restricted[t.name]++
			values[t.name][strings.Join(t.allowed, "\x00")] = true
		}
	}
	best := ""
	for _, name := range order {
		if restricted[name] < 2 || len(values[name]) < 2 {
			continue
		}
		if name == declared {
			return name
		}
		if best == "" || len(values[name]) > len(values[best]) {
			best = name
		}
	}
	return best
}

func (u *union) schemaOf(b *branch) *jsonschema.Schema {
	b.once.Do(func() { b.built = u.compiler.schema(b.text, b.at, false) })
	return b.built
}

// Validate implements jsonschema.ExtSchema.
func (u *union) Validate(ctx jsonschema.ValidationContext, v any) error {
	u.prepare()
	candidates := u.candidates(v)
	if len(candidates) == 0 {
		return ctx.Error(u.keyword, "%s", noBranch)
	}
	object, isObject := v.(map[string]any)
	var failures []error
	fits := 0
	for _, b := range candidates {
		err := ctx.Validate(u.schemaOf(b), u.keyword+"/"+b.at.last(), v, "")
		if err != nil {
			failures = append(failures, err)
			continue
		}
		fits++
		switch {
		case u.exact && u.keyword == "oneOf":
			if fits > 1 {
				return ctx.Error(u.keyword, "%s", overlap)
			}
		case u.exact:
			// Later branches may account for more fields.
		case !isObject || u.compiler.mode != modeClosed || u.compiler.covers(b, object):
			return nil
		}
	}
	if fits > 0 {
		return nil
	}
	return jsonschema.ValidationError{}.Group(ctx.Error(u.keyword, "%s", branchFailed), leastWrong(failures))
}

// What a union's own errors say; problem.go turns them into text.
const (
	noBranch     = "no branch"
	overlap      = "more than one branch"
	branchFailed = "branch"
)

// candidates returns the branches that may fit v.
func (u *union) candidates(v any) []*branch {
	kind := typeOf(v)
	var buf [8]*branch
	fit := buf[:0]
	for _, b := range u.branches {
		if b.types&kind != 0 {
			fit = append(fit, b)
		}
	}
	object, ok := v.(map[string]any)
	if !ok || len(fit) < 2 {
		return slices.Clone(fit)
	}
	if u.tag != "" {
		fit = slices.DeleteFunc(fit, func(b *branch) bool { return !b.allows(u.tag, object) })
	}
	// Further tags may narrow the choice, but the first one says what is meant:
	// they never leave nothing.
	for len(fit) > 1 {
		next := narrow(fit, u.tag, object)
		if next == nil {
			break
		}
		fit = next
	}
	return slices.Clone(fit)
}

// narrow prunes by the first property that leaves some branches, not all.
func narrow(fit []*branch, tag string, object map[string]any) []*branch {
	for _, b := range fit {
		for _, t := range b.tags {
			if t.name == tag {
				continue
			}
			var kept []*branch
			for _, other := range fit {
				if other.allows(t.name, object) {
					kept = append(kept, other)
				}
			}
			if len(kept) > 0 && len(kept) < len(fit) {
				return kept
			}
		}
	}
	return nil
}

// leastWrong picks the failure to report: the branch with the fewest faults at
// the instance itself, then with the fewest in all. It got deepest.
func leastWrong(failures []error) error {
	var best error
	bestHere, bestAll := 0, 0
	for _, err := range failures {
		ve, ok := err.(*jsonschema.ValidationError)
		if !ok {
			return err
		}
		here, all := 0, 0
		countLeaves(ve, ve.InstanceLocation, &here, &all)
		if best == nil || here < bestHere || here == bestHere && all < bestAll {
			best, bestHere, bestAll = err, here, all
		}
	}
	return best
}

func countLeaves(err *jsonschema.ValidationError, at string, here, all *int) {
	if len(err.Causes) == 0 {
		*all++
		if err.InstanceLocation == at {
			*here++
		}
		return
	}
	for _, cause := range err.Causes {
		countLeaves(cause, at, here, all)
	}
}

// facts is what can be told of a schema without building it.
type facts struct {
	types typeSet
	tags  []tag
	name  string // of the component, or the title
}

// tag is a property of which a schema allows certain strings only.
type tag struct {
	name     string
	allowed  []string
	required bool
}

// allows reports whether an object's value for a property leaves the branch a
// chance.
func (f *facts) allows(name string, object map[string]any) bool {
	i := slices.IndexFunc(f.tags, func(t tag) bool { return t.name == name })
	if i < 0 {
		return true
	}
	value, ok := object[name]
	if !ok {
		return !f.tags[i].required
	}
	text, ok := value.(string)
	return ok && slices.Contains(f.tags[i].allowed, text)
}

// maxFactsDepth bounds how far facts looks through references and unions.
const maxFactsDepth = 8

// facts reads types and tags off a schema. What it cannot tell it leaves open:
// all types, no tag.
func (c *compiler) facts(text string, at Pointer, depth int) facts {
	f := facts{types: typeAny}
	if depth > maxFactsDepth || text == "" || text[0] != '{' {
		return f
	}
	text = c.prepare(text, at)
	var required []string
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "title":
			if f.name == "" {
				f.name = jsonscan.String(value)
			}
		case "type":
			f.types &= typesOf(value)
		case "const":
			f.types &= typeOf(constant(value))
		case "enum":
			var types typeSet
			for _, item := range jsonscan.Items(value) {
				types |= typeOf(constant(item))
			}
			f.types &= types
		case "$ref":
			if target, pointer, err := c.doc.resolve(jsonscan.String(value), at); err == nil {
				f.and(c.facts(target, pointer, depth+1))
				if name, ok := componentName(pointer); ok {
					f.name = name
				}
			}
		case "allOf":
			for i, item := range jsonscan.Items(value) {
				f.and(c.facts(item, at.Append(key).Append(strconv.Itoa(i)), depth+1))
			}
		case "anyOf", "oneOf":
			f.and(c.unionFacts(value, at.Append(key), depth))
		case "required":
			required = jsonscan.Strings(value)
		case "properties":
			for name, property := range jsonscan.Members(value) {
				if allowed := c.allowed(property, at, depth); allowed != nil {
					f.and(facts{types: typeAny, tags: []tag{{name: name, allowed: allowed}}})
				}
			}
		}
	}
	for i := range f.tags {
		f.tags[i].required = f.tags[i].required || slices.Contains(required, f.tags[i].name)
	}
	return f
}

// and adds what another schema says of the same instance.
func (f *facts) and(other facts) {
	f.types &= other.types
next:
	for _, t := range other.tags {
		for i := range f.tags {
			if own := &f.tags[i]; own.name == t.name {
				own.allowed = slices.DeleteFunc(slices.Clone(own.allowed), func(s string) bool { return !slices.Contains(t.allowed, s) })
				own.required = own.required || t.required
				continue next
			}
		}
		f.tags = append(f.tags, t)
	}
}

// unionFacts is what holds for every branch of a nested union.
func (c *compiler) unionFacts(list string, at Pointer, depth int) facts {
	var f facts
	for i, item := range jsonscan.Items(list) {
		b := c.facts(item, at.Append(strconv.Itoa(i)), depth+1)
		f.types |= b.types
		if i == 0 {
			f.tags = b.tags
			continue
		}
		var common []tag
		for _, own := range f.tags {
			for _, t := range b.tags {
				if t.name == own.name {
					common = append(common, tag{own.name, append(slices.Clone(own.allowed), t.allowed...), own.required && t.required})
				}
			}
		}
		f.tags = common
	}
	return f
}

// allowed returns the strings that a property's schema allows, nil when it
// allows anything else.
func (c *compiler) allowed(text string, at Pointer, depth int) []string {
	if depth > maxFactsDepth || text[0] != '{' {
		return nil
	}
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "const":
			if value[0] == '"' {
				return []string{jsonscan.String(value)}
			}
		case "enum":
			list := itemsOf(value)
			allowed := make([]string, 0, len(list))
			for _, item := range list {
				if item[0] != '"' {
					return nil
				}
				allowed = append(allowed, jsonscan.String(item))
			}
			if nullable, _ := jsonscan.Member(text, "nullable"); nullable == "true" {
				return nil
			}
			return allowed
		case "$ref":
			if target, _, err := c.doc.resolve(jsonscan.String(value), at); err == nil {
				if target = c.prepare(target, ""); target[0] == '{' {
					return c.allowed(target, at, depth+1)
				}
			}
		}
	}
	return nil
}

// covers reports whether a branch declares every field of the object.
func (c *compiler) covers(b *branch, object map[string]any) bool {
	b.declaring.Do(func() {
		b.declared.compiler = c
		b.declared.add(b.text, b.at, nil, 0)
	})
	if b.declared.open {
		return true
	}
	for name := range object {
		if !b.declared.has(name) {
			return false
		}
	}
	return true
}

// typeSet is a set of JSON types.
type typeSet uint8

const (
	typeNull typeSet = 1 << iota
	typeBoolean
	typeInteger // a number without a fraction
	typeFraction
	typeString
	typeArray
	typeObject

	typeNumber = typeInteger | typeFraction
	typeAny    = typeNull | typeBoolean | typeNumber | typeString | typeArray | typeObject
)

func (s typeSet) has(t typeSet) bool { return s&t != 0 }

// typesOf reads the keyword type.
func typesOf(value string) typeSet {
	if strings.HasPrefix(value, `"`) {
		return namedType(jsonscan.String(value))
	}
	var set typeSet
	for _, name := range jsonscan.Strings(value) {
		set |= namedType(name)
	}
	return set
}

func namedType(name string) typeSet {
	switch name {
	case "null":
		return typeNull
	case "boolean":
		return typeBoolean
	case "integer":
		return typeInteger
	case "number":
		return typeNumber
	case "string":
		return typeString
	case "array":
		return typeArray
	case "object":
		return typeObject
	}
	return 0
}

// typeOf returns the type of an instance.
func typeOf(v any) typeSet {
	switch v := v.(type) {
	case nil:
		return typeNull
	case bool:
		return typeBoolean
	case json.Number:
		if strings.ContainsAny(string(v), ".eE") {
			if n, ok := new(big.Rat).SetString(string(v)); !ok || !n.IsInt() {
				return typeFraction
			}
		}
		return typeInteger
	case string:
		return typeString
	case []any:
		return typeArray
	}
	return typeObject
}

// names lists the types as JSON Schema calls them.
func (s typeSet) names() []string {
	var list []string
	for _, t := range []struct {
		set  typeSet
		name string
	}{
		{typeString, "string"},
		{typeObject, "object"},
		{typeArray, "array"},
		{typeBoolean, "boolean"},
		{typeNumber, "number"},
		{typeInteger, "integer"},
		{typeNull, "null"},
	} {
		if s&t.set == t.set && (t.set != typeInteger || s&typeFraction == 0) {
			list = append(list, t.name)
		}
	}
	return list
}
