package schema

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/jsonscan"
)

// explainer turns the errors of jsonschema into problems.
type explainer struct {
	compiler *compiler
	root     *jsonschema.Schema
	instance any
	problems []Problem
	verbatim bool // tell of every field that jsonschema has not accounted for

	failures     map[[2]Pointer]bool         // unions that no branch fits, by their place and the instance's
	declarations map[[2]Pointer]*declaration // by the places of schema and instance
}

// failed is a schema object that an instance does not meet.
type failed struct {
	text     string  // as the mode reads it
	schema   Pointer // where it stands
	keyword  string
	location Pointer // of the keyword
	at       Pointer // of the instance
	value    any
	path     string // of keywords, from the root of the verdict
}

// explainAll adds the problems that the error of a verdict tells of.
func (x *explainer) explainAll(verdict *jsonschema.ValidationError) {
	x.failures = make(map[[2]Pointer]bool)
	x.declarations = make(map[[2]Pointer]*declaration)
	x.noteUnions(verdict)
	x.explainEach(verdict.Causes)
}

// maxCauses bounds the errors of one schema object that are explained.
const maxCauses = 10_000

func (x *explainer) explainEach(causes []*jsonschema.ValidationError) {
	if len(causes) > maxCauses {
		causes = slices.Clone(causes)
		slices.SortFunc(causes, func(a, b *jsonschema.ValidationError) int {
			return comparePointers(Pointer(a.InstanceLocation), Pointer(b.InstanceLocation))
		})
		causes = causes[:maxCauses]
	}
	for _, cause := range causes {
		x.explain(cause)
	}
}

// noteUnions finds the unions that failed.
func (x *explainer) noteUnions(err *jsonschema.ValidationError) {
	switch err.Message {
	case noBranch, branchFailed, overlap:
		x.failures[[2]Pointer{schemaPointer(err.AbsoluteKeywordLocation), instancePointer(err.InstanceLocation)}] = true
	}
	for _, cause := range err.Causes {
		x.noteUnions(cause)
	}
}

// explain adds the problems that an error tells of.
func (x *explainer) explain(err *jsonschema.ValidationError) {
	f := x.place(err)
	isUnion := f.keyword == "anyOf" || f.keyword == "oneOf"
	if len(err.Causes) > 0 && !isUnion && f.keyword != "minContains" {
		x.explainEach(err.Causes)
		return
	}
	field := ""
	if f.keyword == unknownKeyword {
		f.at, field = x.splitField(f.at)
	}
	f.text, f.value = x.compiler.nodeText(f.schema), x.value(f.at)
	switch {
	case isUnion:
		x.unionOrBranch(f, err)
	case f.keyword == unknownKeyword:
		x.unknown(f, field)
	case f.keyword == "required":
		x.required(f)
	case f.keyword == "additionalProperties":
		x.additional(f)
	default:
		x.add(f.describe(err.Message))
	}
}

// What jsonschema says where a schema is false, and of an error that only holds
// others.
const (
	neverAllowed = "not allowed"
	onlyWrapping = ""
)

// place finds out where an error happened.
func (x *explainer) place(err *jsonschema.ValidationError) failed {
	location := schemaPointer(err.AbsoluteKeywordLocation)
	if location != "" && location[0] != '/' {
		location, _ = placeOf(x.root, err.KeywordLocation)
	}
	f := failed{schema: location.parent(), keyword: location.last(), location: location, at: instancePointer(err.InstanceLocation), path: err.KeywordLocation}
	switch {
	case err.Message == onlyWrapping, err.Message == neverAllowed && f.keyword != unknownKeyword:
		f.schema, f.keyword = location, ""
	case f.schema.parent().last() == "dependentRequired":
		f.schema, f.keyword = f.schema.parent().parent(), "dependentRequired"
	}
	return f
}

// splitField splits the location of a field. jsonschema leaves a field without
// a name out of locations.
func (x *explainer) splitField(at Pointer) (object Pointer, name string) {
	if object, ok := x.value(at).(map[string]any); ok {
		if _, ok := object[""]; ok || at == "" {
			return at, ""
		}
	}
	return at.parent(), unescapeToken(at.last())
}

// schemaPointer reads the location of a keyword; those of the stock compiler are
// whole URLs.
func schemaPointer(location string) Pointer {
	if fragment, ok := strings.CutPrefix(location, stockURL+"#"); ok {
		return instancePointer(fragment)
	}
	return Pointer(strings.TrimPrefix(location, "#"))
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

func (f failed) member(key string) string {
	value, _ := jsonscan.Member(f.text, key)
	return value
}

// problem starts a problem at the failed instance.
func (f failed) problem() Problem {
	name, ok := componentName(f.schema)
	if !ok {
		name = jsonscan.String(f.member("title"))
	}
	return Problem{Pointer: f.at, Keyword: f.keyword, Component: name, Schema: f.location}
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
		p.Message = "missing property " + quoted(name)
		x.suggest(&p, f)
		x.add(p)
	}
}

// suggest adds to a missing property the field that may be it, misspelt: one
// that the schema, with all parts and branches, does not know by name.
func (x *explainer) suggest(p *Problem, f failed) {
	object, _ := f.value.(map[string]any)
	near := nearest(p.Want, slices.Sorted(maps.Keys(object)), 3)
	if len(near) == 0 {
		return
	}
	schema, text := f.schema, f.text
	if x.root != nil {
		_, schema = placeOf(x.root, f.path)
		text = x.compiler.nodeText(schema)
	}
	var d declaration
	d.add(x.compiler.object(text, schema), nil, (*union).all)
	for _, name := range near {
		if !d.knows(name) {
			p.Nearest = []string{name}
			p.Message += fmt.Sprintf("; is %s meant?", quoted(name))
			return
		}
	}
}

// additional finds what additionalProperties: false refused. By the letter, it
// does not look beside itself: fields that another part declares are refused,
// too.
func (x *explainer) additional(f failed) {
	object, _ := f.value.(map[string]any)
	own := x.compiler.object(f.text, f.schema).declared()
	d := declaration{names: own.names, patterns: own.patterns}
	for name := range object {
		if !d.knows(name) {
			x.stranger(f, name, &d)
		}
	}
}

// unknown reports a field that nothing declares. One that a branch with a
// mistake elsewhere declares is not accounted for by jsonschema, but known.
func (x *explainer) unknown(f failed, name string) {
	d := x.declaration(f)
	if x.verbatim || !d.open && !d.knows(name) {
		x.stranger(f, name, d)
	}
}

func (x *explainer) stranger(f failed, name string, d *declaration) {
	object, _ := f.value.(map[string]any)
	free := slices.DeleteFunc(slices.Clone(d.names), func(n string) bool { _, taken := object[n]; return taken })
	p := f.problem()
	if f.keyword == unknownKeyword {
		o, component := x.meant(f)
		p.Schema = o.at // where it would be declared
		if component != "" {
			p.Component = component
		}
	}
	p.Pointer = f.at.Append(name)
	p.Got = name
	p.Nearest = nearest(name, free, 3)
	p.Message = fmt.Sprintf("unknown field %s%s", quoted(name), didYouMean(quotedAll(p.Nearest)))
	x.add(p)
}

// declaration collects the fields that a schema object declares for the
// instance at hand: with the branches that fit it, or else those that it may
// be meant for.
func (x *explainer) declaration(f failed) *declaration {
	key := [2]Pointer{f.schema, f.at}
	if d := x.declarations[key]; d != nil {
		return d
	}
	object, _ := f.value.(map[string]any)
	d := &declaration{}
	x.declarations[key] = d
	d.add(x.compiler.object(f.text, f.schema), object, func(u *union) []*branch {
		branches := x.taken(u, f)
		if len(branches) == 0 {
			d.open = true // a mistake in the tag hides which fields are known
		}
		return branches
	})
	return d
}

// taken returns the branches of a union that an instance fits or, where it fits
// none, those that it may be meant for.
func (x *explainer) taken(u *union, f failed) []*branch {
	u.prepare()
	candidates := u.candidates(f.value)
	if len(candidates) < 2 || x.failures[[2]Pointer{u.at, f.at}] {
		return candidates
	}
	var fit []*branch
	for _, b := range candidates {
		if guarded(u.schemaOf(b), f.value) == nil {
			fit = append(fit, b)
		}
	}
	if fit == nil {
		return candidates
	}
	return fit
}

// meant returns the schema object that an instance is judged by, behind
// references and unions with one branch for it, and the last component on the
// way there.
func (x *explainer) meant(f failed) (o *object, component string) {
	component, _ = componentName(f.schema)
	o = x.compiler.object(f.text, f.schema)
	for range maxReferences {
		fields := o.declared()
		switch {
		case len(fields.names) > 0 || len(fields.unions)+len(fields.parts) != 1:
			return o, component
		case len(fields.parts) == 1:
			o = fields.parts[0].object
		default:
			u := fields.unions[0]
			taken := x.taken(u, f)
			if len(taken) != 1 {
				return o, component
			}
			o = u.objectOf(taken[0])
		}
		if name, ok := wholeComponent(o.at); ok {
			component = name
		}
	}
	return o, component
}

// unionOrBranch explains why no branch of a union fits: by the mistakes in the
// branch that was meant, when it is clear which one that is.
func (x *explainer) unionOrBranch(f failed, err *jsonschema.ValidationError) {
	u := newUnion(x.compiler, f.keyword, f.text, f.schema)
	u.prepare()
	switch {
	case len(err.Causes) == 0:
		x.union(f, err.Message)
	case x.tagOf(u, f.value) != nil:
		x.add(x.wrongTag(f, x.tagOf(u, f.value)))
	case len(err.Causes) > 1: // of the stock compiler
		causes := make([]error, len(err.Causes))
		for i, cause := range err.Causes {
			causes[i] = cause
		}
		x.explain(leastWrong(causes, err.InstanceLocation).(*jsonschema.ValidationError))
	default:
		if known, others := u.values(f.value); known != nil {
			f.keyword = "enum"
			x.add(f.oneOf(known, others))
			return
		}
		x.explain(err.Causes[0])
	}
}

// values returns what a string may be, when every branch for strings lists it,
// and what else is accepted in its place.
func (u *union) values(v any) (known, others []string) {
	if _, ok := v.(string); !ok {
		return nil, nil
	}
	for _, b := range u.candidates(v) {
		allowed, _ := u.compiler.allowed(b.text, b.at, 0)
		if allowed == nil {
			return nil, nil
		}
		known = append(known, allowed...)
	}
	var accepted typeSet
	for _, b := range u.branches {
		accepted |= b.types
	}
	return known, (accepted &^ (typeString | typeNull)).names()
}

// wanted is a tag and the values that it has in the branches of a union.
type wanted struct {
	name   string
	values []string
	of     map[string]*branch
}

// tagOf returns the declared discriminator of a union that no branch restricts,
// when an object has it wrong.
func (x *explainer) tagOf(u *union, v any) *wanted {
	object, ok := v.(map[string]any)
	if !ok || len(u.named) == 0 || u.meant(v) != nil {
		return nil
	}
	w := &wanted{name: u.declared, of: u.named}
	for value := range u.named {
		w.values = append(w.values, value)
	}
	slices.Sort(w.values)
	if value, ok := object[u.declared].(string); ok && len(nearest(value, w.values, 1)) == 0 && len(u.mapping) == 0 {
		return nil // the names of components are a default that many documents do not mean
	}
	return w
}

// union explains why no branch may fit, or more than one does.
func (x *explainer) union(f failed, why string) {
	u := newUnion(x.compiler, f.keyword, f.text, f.schema)
	u.prepare()
	if why == overlap {
		p := f.problem()
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
	w := wanted{name: u.tag, of: make(map[string]*branch)}
	for _, b := range u.branches {
		accepted |= b.types
		if !b.types.has(kind) {
			continue
		}
		for _, t := range b.tags {
			if t.name != u.tag {
				continue
			}
			for _, value := range t.allowed {
				if w.of[value] == nil {
					w.values, w.of[value] = append(w.values, value), b
				}
			}
		}
	}
	if len(w.values) == 0 {
		p := f.problem()
		p.Keyword = "type"
		p.Got, p.Want = show(f.value), accepted.String()
		p.Message = fmt.Sprintf("got %s, want %s", describe(f.value), p.Want)
		x.add(p)
		return
	}
	x.add(x.wrongTag(f, &w))
}

// wrongTag reports a tag that is none of the known ones, or missing.
func (x *explainer) wrongTag(f failed, w *wanted) Problem {
	object, _ := f.value.(map[string]any)
	value, ok := object[w.name]
	if !ok {
		p := f.problem()
		p.Keyword = "required"
		p.Want = w.name
		p.Message = fmt.Sprintf("missing property %s, which says what this is: %s", quoted(w.name), list(w.values, nil))
		x.suggest(&p, f)
		return p
	}
	f.at, f.value, f.keyword = f.at.Append(w.name), value, "enum"
	p := f.oneOf(w.values, nil)
	if len(p.Nearest) > 0 {
		if name := x.taggedName(w.of[p.Nearest[0]], w.name, p.Nearest[0]); name != "" {
			p.Component = name
		}
	}
	return p
}

// taggedName returns the component that a tag's value stands for: that of the
// branch, or of a branch of its own unions.
func (x *explainer) taggedName(b *branch, name, value string) string {
	component := b.name
	o := x.compiler.object(b.text, b.at)
search:
	for range maxReferences {
		f := o.declared()
		if len(f.parts) == 1 && len(f.unions) == 0 {
			o = f.parts[0].object
			continue
		}
		for _, u := range f.unions {
			for _, b := range u.all() {
				if slices.ContainsFunc(b.tags, func(t tag) bool { return t.name == name && slices.Contains(t.allowed, value) }) {
					component, o = cmp.Or(b.name, component), u.objectOf(b)
					continue search
				}
			}
		}
		break
	}
	return component
}

func (b *branch) label(i int) string {
	if b.name != "" {
		return b.name
	}
	return fmt.Sprintf("branch %d", i)
}

// oneOf reports a value that is none of the known strings or other values.
func (f failed) oneOf(known, others []string) Problem {
	p := f.problem()
	p.Got = show(f.value)
	if text, ok := f.value.(string); ok {
		p.Nearest = nearest(text, known, 3)
	} else {
		p.Got = describe(f.value)
	}
	ordered := slices.Clone(p.Nearest)
	for _, value := range known {
		if !slices.Contains(ordered, value) {
			ordered = append(ordered, value)
		}
	}
	p.Want = strings.Join(append(quotedAll(known), others...), ", ")
	want := choice(quotedAll(ordered))
	if len(known) == 0 {
		want = choice(others)
	} else if len(others) > 0 {
		want += " or " + strings.Join(others, " or ")
	}
	p.Message = fmt.Sprintf("got %s, want %s", p.Got, want)
	if len(p.Nearest) > 0 && len(known) > 1 {
		p.Message += didYouMean(quotedAll(p.Nearest[:1]))
	}
	return p
}

// describe explains the keywords that stand for themselves.
func (f failed) describe(message string) Problem {
	want := f.member(f.keyword)
	p := f.problem()
	p.Got = show(f.value)
	p.Want = bounded(want, maxShown)
	said := ""
	switch f.keyword {
	case "enum":
		return f.oneOf(enumTexts(want))
	case "type":
		p.Got = describe(f.value)
		p.Want = typesOf(want).String()
		said = p.Want
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
	case "minLength", "minItems", "minProperties":
		p.Got = size(f.value)
		said = "at least " + want
	case "maxLength", "maxItems", "maxProperties":
		p.Got = size(f.value)
		said = "at most " + want
	case "pattern":
		p.Want = bounded(jsonscan.String(want), maxShown)
		said = "a string that matches " + p.Want
	case "uniqueItems":
		var i, j int
		if n, _ := fmt.Sscanf(message, "items at index %d and %d", &i, &j); n == 2 {
			p.Got = fmt.Sprintf("the same item at %d and %d", i, j)
		}
		said = "items that all differ"
	case "minContains":
		if want == "" {
			want = "1"
		}
		said = "at least " + want + " of the items to be what contains says"
	case "maxContains":
		said = "at most " + want + " of the items to be what contains says"
	case "not":
		said = "a value that does not match the schema under not"
	case "dependentRequired":
		tokens := instancePointer(string(f.location)).Tokens()
		because := tokens[len(tokens)-2]
		names, _ := jsonscan.Member(want, because)
		if i, ok := arrayIndex(tokens[len(tokens)-1]); ok && i < len(jsonscan.Strings(names)) {
			p.Want = jsonscan.Strings(names)[i]
		}
		p.Message = fmt.Sprintf("missing property %s, which %s asks for", quoted(p.Want), quoted(because))
		return p
	case "propertyNames":
		p.Got, p.Want = message, ""
		p.Message = fmt.Sprintf("got field %s, whose name is not allowed here", quoted(message))
		return p
	case "":
		p.Want = ""
		p.Message = fmt.Sprintf("got %s, want nothing here", p.Got)
		return p
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

// enumTexts returns the strings of an enum, and the texts of its other values.
// Of null it speaks only where there is nothing else.
func enumTexts(list string) (known, others []string) {
	null := "nothing"
	for _, item := range jsonscan.Items(list) {
		switch {
		case item[0] == '"':
			known = append(known, jsonscan.String(item))
		case item == "null":
			null = item
		default:
			others = append(others, bounded(item, maxShown))
		}
	}
	if known == nil && others == nil {
		others = []string{null}
	}
	return known, others
}

// size tells how large a value is.
func size(v any) string {
	switch v := v.(type) {
	case string:
		return counted(utf8.RuneCountInString(v), "character")
	case []any:
		return counted(len(v), "item")
	case map[string]any:
		return counted(len(v), "field")
	}
	return show(v)
}

func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
