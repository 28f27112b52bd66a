package schema

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/layout"
)

const (
	// maxProblems bounds a ValidationError.
	maxProblems = 100

	// maxShown bounds what is shown of a value.
	maxShown = 60

	// faultKeyword marks an error that is the document's, not the instance's.
	faultKeyword = "x-opcall-fault"
)

// Problem is one mistake in an instance. The same mistake gives the same
// problem every time.
type Problem struct {
	Pointer   Pointer  `json:"pointer"`             // of the value in the instance
	Keyword   string   `json:"keyword"`             // of JSON Schema: "required", "enum"; "unevaluatedProperties" for an unknown field
	Component string   `json:"component,omitempty"` // the schema that was not met, by name
	Schema    Pointer  `json:"schema,omitempty"`    // where that keyword stands in the document
	Got       string   `json:"got,omitempty"`       // the value, cut short
	Want      string   `json:"want,omitempty"`      // what is accepted
	Nearest   []string `json:"nearest,omitempty"`   // what may have been meant, closest first
	Line      int      `json:"line,omitempty"`      // of Schema in the document, where it was loaded from a file
	Message   string   `json:"message"`             // all of it in a line, without the pointer
}

func (p Problem) String() string {
	place := string(p.Pointer)
	if place == "" {
		place = "/"
	}
	text := place + ": " + p.Message
	if p.Component != "" {
		text += " (" + p.Component + ")"
	}
	return text
}

// ValidationError is every problem of an instance, by pointer, at most 100.
type ValidationError struct {
	Subject  string    // what was validated: a component, "createFile request"
	Problems []Problem // at least one
	More     int       // problems found beyond those
	Err      error     // an *InstanceError when the instance is not JSON
}

// Error is one line for a single problem; more stand on lines of their own.
func (e *ValidationError) Error() string {
	if len(e.Problems) == 1 && e.More == 0 {
		return e.Subject + ": " + e.Problems[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d problems", e.Subject, len(e.Problems)+e.More)
	for _, p := range e.Problems {
		b.WriteString("\n  " + p.String())
	}
	if e.More > 0 {
		fmt.Fprintf(&b, "\n  and %d more", e.More)
	}
	return b.String()
}

// Unwrap returns the cause, when there is one.
func (e *ValidationError) Unwrap() error { return e.Err }

// MarshalJSON writes the subject and the problems.
func (e *ValidationError) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Subject  string    `json:"subject"`
		Problems []Problem `json:"problems"`
		More     int       `json:"more,omitempty"`
	}{e.Subject, e.Problems, e.More})
}

// explainer turns the errors of jsonschema into problems.
type explainer struct {
	compiler *compiler
	instance any
	problems []Problem
	doubtful []stranger // unknown fields that are known after all, see unknown

	texts        map[Pointer]string          // of failed schema objects
	declarations map[[2]Pointer]*declaration // by schema and instance
}

// found returns the problems. The doubtful ones count when they are all there
// is: then no mistake elsewhere explains them.
func (x *explainer) found() []Problem {
	if len(x.problems) == 0 {
		for _, d := range x.doubtful {
			x.add(x.unknownField(d.object, d.name))
		}
	}
	return x.problems
}

// stranger is a field of an object that jsonschema did not account for.
type stranger struct {
	object failed
	name   string
}

func (x *explainer) explain(err *jsonschema.ValidationError) {
	if len(err.Causes) > 0 {
		for _, cause := range err.Causes {
			x.explain(cause)
		}
		return
	}
	location := Pointer(strings.TrimPrefix(err.AbsoluteKeywordLocation, "#"))
	at := instancePointer(err.InstanceLocation)
	keyword := location.last()
	node := x.node(location.parent(), at)
	if keyword == unknownKeyword {
		x.unevaluated(node)
		return
	}
	node.keyword, node.location = keyword, location
	switch keyword {
	case "required":
		x.required(node)
	case "additionalProperties":
		x.additional(node)
	case "anyOf", "oneOf":
		x.union(node, err.Message)
	default:
		x.add(node.describe(err.Message))
	}
}

// instancePointer undoes the URL escaping that jsonschema adds.
func instancePointer(location string) Pointer {
	if plain, err := url.PathUnescape(location); err == nil {
		return Pointer(plain)
	}
	return Pointer(location)
}

// value returns the part of the instance at a pointer.
func (x *explainer) value(at Pointer) any {
	v := x.instance
	for _, token := range at.Tokens() {
		switch parent := v.(type) {
		case map[string]any:
			v = parent[token]
		case []any:
			i, ok := arrayIndex(token)
			if !ok || i >= len(parent) {
				return nil
			}
			v = parent[i]
		default:
			return nil
		}
	}
	return v
}

// failed is a schema object that an instance does not meet.
type failed struct {
	text     string  // as the mode reads it
	schema   Pointer // where it stands
	keyword  string
	location Pointer // of the keyword
	at       Pointer // of the instance
	value    any
}

func (x *explainer) node(schema, at Pointer) failed {
	text, ok := x.texts[schema]
	if !ok {
		text = x.compiler.nodeText(schema)
		if x.texts == nil {
			x.texts = make(map[Pointer]string)
		}
		x.texts[schema] = text
	}
	f := failed{text: text, schema: schema, at: at, value: x.value(at)}
	if schema.last() == "propertyNames" && schema.parent().last() != "properties" {
		if tokens := at.Tokens(); len(tokens) > 0 {
			f.value = tokens[len(tokens)-1]
		}
	}
	return f
}

// declared returns the fields that a schema declares for the object at hand.
func (x *explainer) declared(f failed) *declaration {
	key := [2]Pointer{f.schema, f.at}
	if d, ok := x.declarations[key]; ok {
		return d
	}
	object, _ := f.value.(map[string]any)
	d := &declaration{compiler: x.compiler}
	d.add(f.text, f.schema, object, 0)
	if x.declarations == nil {
		x.declarations = make(map[[2]Pointer]*declaration)
	}
	x.declarations[key] = d
	return d
}

func (f failed) within(at Pointer, value any) failed {
	f.at, f.value = at, value
	return f
}

// nodeText returns the schema object at a pointer as the mode reads it.
func (c *compiler) nodeText(pointer Pointer) string {
	tokens := pointer.Tokens()
	text, at, p := c.doc.text, Pointer(""), layout.Object
	if len(tokens) >= 3 && tokens[0] == "components" && tokens[1] == "schemas" {
		at = pointerTo(tokens[:3])
		text, p, tokens = c.doc.schemas[tokens[2]], layout.Schema, tokens[3:]
	}
	for _, token := range tokens {
		given := text
		if p == layout.Schema {
			text = c.prepare(text, at)
		}
		next, ok := child(text, token)
		if !ok {
			// A schema of Document.Schemas stands where it stands in the text as
			// given, which a repair or an erratum around it may have moved.
			if next, ok = child(given, token); !ok {
				return ""
			}
		}
		if text[0] == '[' {
			p = layout.Item(p)
		} else {
			p = layout.Inner(p, token)
		}
		text, at = next, at.Append(token)
	}
	return c.prepare(text, at)
}

func (f failed) member(key string) string {
	value, _ := jsonscan.Member(f.text, key)
	return value
}

// problem starts a problem at the failed instance.
func (f failed) problem() Problem {
	name := ""
	if component, ok := componentName(f.schema); ok {
		name = component
	} else if title := jsonscan.String(f.member("title")); title != "" {
		name = title
	}
	return Problem{Pointer: f.at, Keyword: f.keyword, Component: name, Schema: f.location}
}

// componentName returns the component that a pointer leads into.
func componentName(pointer Pointer) (string, bool) {
	rest, ok := strings.CutPrefix(string(pointer), "/components/schemas/")
	if !ok {
		return "", false
	}
	name, _, _ := strings.Cut(rest, "/")
	return unescapeToken(name), true
}

func (x *explainer) add(p Problem) { x.problems = append(x.problems, p) }

func (x *explainer) required(f failed) {
	object, _ := f.value.(map[string]any)
	for _, name := range jsonscan.Strings(f.member("required")) {
		if _, ok := object[name]; ok {
			continue
		}
		p := f.problem()
		p.Want = name
		p.Message = fmt.Sprintf("missing property %q", name)
		d := declaration{compiler: x.compiler}
		d.add(f.text, f.schema, nil, 0)
		var strangers []string
		for key := range object {
			if !d.has(key) {
				strangers = append(strangers, key)
			}
		}
		slices.Sort(strangers)
		if p.Nearest = nearest(name, strangers, 1); len(p.Nearest) > 0 {
			p.Message += fmt.Sprintf("; is %q meant?", p.Nearest[0])
		}
		x.add(p)
	}
}

// additional finds what additionalProperties: false refused.
func (x *explainer) additional(f failed) {
	object, _ := f.value.(map[string]any)
	declared := make(map[string]bool)
	for name := range jsonscan.Members(f.member("properties")) {
		declared[name] = true
	}
	for name := range object {
		if !declared[name] {
			x.unknown(f, name)
		}
	}
}

// unevaluated finds the field that jsonschema did not account for. The location
// is that of the field, but for the name "", which jsonschema leaves out: then
// it is that of the object.
func (x *explainer) unevaluated(f failed) {
	tokens := f.at.Tokens()
	if object, ok := f.value.(map[string]any); ok {
		if _, nameless := object[""]; nameless {
			x.unknown(f, "")
			return
		}
	}
	if len(tokens) > 0 {
		x.unknown(f.within(f.at.parent(), x.value(f.at.parent())), tokens[len(tokens)-1])
	}
}

// unknown reports a field that nothing declares. One that a branch with a
// mistake elsewhere declares is not accounted for by jsonschema, but known.
func (x *explainer) unknown(f failed, name string) {
	if d := x.declared(f); d.open || d.has(name) {
		x.doubtful = append(x.doubtful, stranger{f, name})
		return
	}
	x.add(x.unknownField(f, name))
}

func (x *explainer) unknownField(f failed, name string) Problem {
	object, _ := f.value.(map[string]any)
	free := slices.DeleteFunc(slices.Clone(x.declared(f).names), func(n string) bool { _, taken := object[n]; return taken })
	if f.keyword == "" {
		f.keyword, f.location = unknownKeyword, f.schema
	}
	p := f.problem()
	p.Component = x.objectName(f)
	p.Pointer = f.at.Append(name)
	p.Got = name
	p.Nearest = nearest(name, free, 3)
	p.Message = fmt.Sprintf("unknown field %s%s", quoted(name), didYouMean(quotedAll(p.Nearest)))
	return p
}

// objectName names the component behind a property that refers to one.
func (x *explainer) objectName(f failed) string {
	if ref, ok := jsonscan.Member(f.text, "$ref"); ok {
		if pointer, err := localPointer(jsonscan.String(ref)); err == nil {
			if name, ok := componentName(pointer); ok {
				return name
			}
		}
	}
	if object, ok := f.value.(map[string]any); ok {
		for _, keyword := range []string{"anyOf", "oneOf"} {
			if _, ok := jsonscan.Member(f.text, keyword); ok {
				u := newUnion(x.compiler, keyword, f.text, f.schema)
				u.prepare()
				if fit := u.candidates(object); len(fit) == 1 && fit[0].name != "" {
					return fit[0].name
				}
			}
		}
	}
	if name, ok := componentName(f.schema); ok {
		return name
	}
	return x.compiler.facts(f.text, f.schema, 0).name
}

// union explains why no branch fits, or more than one.
func (x *explainer) union(f failed, why string) {
	u := newUnion(x.compiler, f.keyword, f.text, f.schema)
	u.prepare()
	p := f.problem()
	if why == overlap {
		var names []string
		for i, b := range u.candidates(f.value) {
			names = append(names, b.label(i))
		}
		p.Message = "got a value that fits more than one of " + strings.Join(names, ", ") + "; by the letter of oneOf it may fit one only"
		x.add(p)
		return
	}
	kind := typeOf(f.value)
	var accepted typeSet
	var sameType []*branch
	for _, b := range u.branches {
		accepted |= b.types
		if b.types.has(kind) {
			sameType = append(sameType, b)
		}
	}
	object, _ := f.value.(map[string]any)
	if len(sameType) == 0 || object == nil || u.tag == "" {
		p.Got, p.Want = show(f.value), strings.Join(accepted.names(), " or ")
		p.Keyword = "type"
		p.Message = fmt.Sprintf("got %s, want %s", describe(f.value), p.Want)
		x.add(p)
		return
	}
	var known []string
	for _, b := range sameType {
		for _, t := range b.tags {
			if t.name != u.tag {
				continue
			}
			for _, value := range t.allowed {
				if !slices.Contains(known, value) {
					known = append(known, value)
				}
			}
		}
	}
	p.Want = strings.Join(quotedAll(known), ", ")
	value, ok := object[u.tag]
	if !ok {
		p.Keyword = "required"
		p.Message = fmt.Sprintf("missing property %q, which says what this is: %s", u.tag, list(known, nil))
		x.add(p)
		return
	}
	p.Pointer = f.at.Append(u.tag)
	p.Keyword = "enum"
	p.Got = show(value)
	text, isText := value.(string)
	if isText {
		p.Nearest = nearest(text, known, 3)
	}
	p.Message = fmt.Sprintf("got %s, want %s", show(value), list(known, p.Nearest))
	if len(p.Nearest) > 0 {
		p.Message += didYouMean(quotedAll(p.Nearest[:1]))
	}
	x.add(p)
}

func (b *branch) label(i int) string {
	if b.name != "" {
		return b.name
	}
	return "branch " + strconv.Itoa(i)
}

// describe explains the keywords that stand for themselves.
func (f failed) describe(message string) Problem {
	p := f.problem()
	want := f.member(f.keyword)
	p.Got = show(f.value)
	p.Want = bounded(want, maxShown)
	said := ""
	switch f.keyword {
	case "type":
		p.Want = strings.Join(typesOf(want).names(), " or ")
		p.Got = describe(f.value)
		said = p.Want
	case "enum":
		known := jsonscan.Strings(want)
		for _, item := range jsonscan.Items(want) {
			if item[0] != '"' && item != "null" {
				known = append(known, item)
			}
		}
		if text, ok := f.value.(string); ok {
			p.Nearest = nearest(text, known, 3)
		} else {
			p.Got = describe(f.value)
		}
		p.Want = strings.Join(quotedAll(known), ", ")
		said = list(known, p.Nearest)
		if len(p.Nearest) > 0 {
			said += didYouMean(quotedAll(p.Nearest[:1]))
		}
	case "const":
		said = p.Want
	case "minimum":
		said = "at least " + want
	case "maximum":
		said = "at most " + want
	case "exclusiveMinimum":
		said = "more than " + want
	case "exclusiveMaximum":
		said = "less than " + want
	case "multipleOf":
		said = "a multiple of " + want
	case "minLength", "maxLength":
		text, _ := f.value.(string)
		p.Got = fmt.Sprintf("%d characters", utf8.RuneCountInString(text))
		said = map[string]string{"minLength": "at least ", "maxLength": "at most "}[f.keyword] + want
	case "minItems", "maxItems":
		items, _ := f.value.([]any)
		p.Got = fmt.Sprintf("%d items", len(items))
		said = map[string]string{"minItems": "at least ", "maxItems": "at most "}[f.keyword] + want
	case "minProperties", "maxProperties":
		object, _ := f.value.(map[string]any)
		p.Got = fmt.Sprintf("%d fields", len(object))
		said = map[string]string{"minProperties": "at least ", "maxProperties": "at most "}[f.keyword] + want
	case "pattern":
		said = "a string that matches " + p.Want
	case "uniqueItems":
		said = "items that all differ"
	case "not":
		said = "a value that does not match the schema under not"
	case faultKeyword:
		p.Message = "cannot be checked, the document is at fault: " + bounded(message, 200)
		return p
	default:
		p.Message = fmt.Sprintf("got %s, which breaks %s", p.Got, f.keyword)
		return p
	}
	p.Message = fmt.Sprintf("got %s, want %s", p.Got, said)
	return p
}

// show prints a value, short.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return quoted(v)
	case json.Number:
		return bounded(string(v), maxShown)
	case bool:
		return strconv.FormatBool(v)
	case []any:
		return "an array"
	}
	return "an object"
}

// describe prints a value with its type, for mistakes of type.
func describe(v any) string {
	switch v := v.(type) {
	case string:
		return "string " + quoted(v)
	case json.Number:
		return "number " + bounded(string(v), maxShown)
	case bool:
		return "boolean " + strconv.FormatBool(v)
	}
	return show(v)
}

// quoted shows a string: cut when long, unprintable characters escaped.
func quoted(s string) string {
	if len(s) > maxShown {
		s = strings.ToValidUTF8(s[:maxShown], "")
		return strconv.Quote(s) + "…"
	}
	return strconv.Quote(s)
}

func quotedAll(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = quoted(name)
	}
	return out
}

// list writes the accepted values, the nearest first, eight at most.
func list(values, first []string) string {
	ordered := slices.Clone(first)
	for _, v := range values {
		if !slices.Contains(ordered, v) {
			ordered = append(ordered, v)
		}
	}
	const shown = 8
	text := strings.Join(quotedAll(ordered[:min(shown, len(ordered))]), ", ")
	if more := len(ordered) - shown; more > 0 {
		text += fmt.Sprintf(" or %d more", more)
	}
	if len(ordered) > 1 {
		return "one of " + text
	}
	return text
}
