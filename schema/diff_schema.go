package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema/internal/validator"
)

// effect is what a change of a schema means for data that go to the API, and for
// data that come from it.
//
// A program sends what the old schema accepts. It goes on working as long as the new
// one accepts that, too: what accepts less breaks it. It reads what the old schema
// promises, and goes on working as long as the new one promises that: what accepts more
// promises less. The same change is therefore rated twice, and a component that is
// sent and received gets the worse of the two.
//
// Not everything that accepts more breaks a reader. A value of an enum that is new, or a
// branch of a union, is one that a careful program expects, and that a careless one
// fails for: SeverityUnknown. null where there was none, or another JSON type, is what
// nobody expects.
type effect struct{ request, response Severity }

// The effects. What accepts less makes requests invalid and promises more of
// responses; what accepts more is the other way round.
var (
	// The names say what happened to the set of values that are accepted, but for the last
	// three: nothing is proven, both are proven to break, nothing is accepted or promised
	// differently.
	narrower = effect{SeverityBreaking, SeveritySafe}
	wider    = effect{SeveritySafe, SeverityUnknown} // values that a program may not expect
	foreign  = effect{SeveritySafe, SeverityBreaking}
	unsure   = effect{SeverityUnknown, SeverityUnknown}
	breaking = effect{SeverityBreaking, SeverityBreaking}
	harmless = effect{}
)

// difference is a change in one subject, before equal ones are folded. The effect stays
// with it because a change inside of a component that took another's place counts for
// that change, whose severity is the worst of all.
type difference struct {
	Change
	effect effect
	uses   ways
	place  string // in the subject
}

// comparison compares the schemas of one subject. It descends into fields, items and
// branches of unions, but not into components that both sides refer to by the same name:
// those are subjects of their own.
//
// It works on two sketches at a time, and never on compiled schemas: what is compared is
// what the documents say, and a change of how this library validates is not a change of an API.
type comparison struct {
	*differ
	subject, of string
	uses        ways
	found       []difference
	facing      map[[2]Pointer]bool // pairs that are being compared
	depth       int
}

// noteWork is what a change costs, in bytes of schema objects.
const noteWork = 1 << 10

// maxFacing bounds how deep references are followed where they differ.
//
// Fields, items and branches count as well. Schemas that are nested deeper than that in
// their own text are beyond what a person can follow in a path of the report.
const maxFacing = 32

// note adds a change at a place of the subject. Each one is paid for, as a document in
// which thousands of components take each other's places makes more changes than it has
// bytes.
func (c *comparison) note(kind ChangeKind, place []string, at Pointer, e effect, format string, args ...any) {
	c.work -= noteWork + len(place)*noteWork/4
	if c.of == "component" && e != harmless && c.isTurned(c.subject) {
		e = effect{max(e.request, SeverityUnknown), max(e.response, SeverityUnknown)}
	}
	path := []string{c.subject}
	if c.of == "document" {
		path = nil
	}
	c.found = append(c.found, difference{effect: e, uses: c.uses, place: joinPath(place), Change: Change{
		Kind: kind, Of: c.of, Severity: c.uses.worst(e), Text: fmt.Sprintf(format, args...),
		Subjects: path, Places: []string{joinPath(append(path, place...))}, Pointer: at,
	}})
}

// schemas compares two schema objects at a place of the subject. The label says
// which part of the place they are: "" or "items: ", since a path of Describe has no
// name for items.
//
// Equal texts are equal schemas: their references lead to components that are compared
// for themselves. A pair that is being compared already is met again through a schema
// that refers to itself; it is taken for equal, as what differs is found where it was met
// first.
//
// The work is counted by the length of the texts, before they are read: the sketch of an
// object costs about what its text has bytes.
func (c *comparison) schemas(old, new schemaAt, place []string, label string) {
	if old.text == new.text {
		return
	}
	if c.work -= len(old.text) + len(new.text); c.work < 0 {
		c.exhausted = true
		return
	}
	pair := [2]Pointer{old.at, new.at}
	if c.facing[pair] {
		return
	}
	if c.depth >= maxFacing {
		c.note(ChangeNotCompared, place, new.at, unsure, "%snot compared: references are nested too deep", label)
		return
	}
	c.facing[pair] = true
	c.depth++
	defer func() { delete(c.facing, pair); c.depth-- }()

	a, b := c.old.sketch(old), c.new.sketch(new)
	c.align(a, b, place, label)
	// Behind align, since a reference to a union is a union once it is merged in.
	if a.isBareUnion() != b.isBareUnion() {
		c.oneSided(a, b, old, new, place, label)
		return
	}
	c.values(a, b, place, label)
	c.keywords(a, b, place, label)
	c.fields(a, b, place)
	c.unions(a, b, place, label)
	c.definitions(a, b, place, label)
	c.texts(a, b, place)
}

// align makes both sketches refer to the same components. What only one refers to is
// merged into it, so that a schema which has moved into a component, or out of one, is
// compared with what it was. Where each refers to one component of its own, the two are
// compared with each other. What is merged in may refer further, hence the loop; its
// bound is that of every chain of references.
//
// References that both have are left as they are. What changed behind them is a change of
// the component, and would otherwise be reported at each place that uses it.
func (c *comparison) align(a, b *sketch, place []string, label string) {
	for range maxReferences {
		onlyOld := c.without(a.refs, b.refs, c.renamed)
		onlyNew := c.without(b.refs, a.refs, c.renamedFrom)
		if len(onlyOld) == 0 && len(onlyNew) == 0 {
			return
		}
		// With two on a side it is anybody's guess which one replaced which; merged in,
		// their fields are paired by name instead.
		if len(onlyOld) == 1 && len(onlyNew) == 1 && wholeName(onlyOld[0]) != wholeName(onlyNew[0]) {
			c.replaced(onlyOld[0], onlyNew[0], place, label)
			a.refs = slices.DeleteFunc(a.refs, func(p Pointer) bool { return p == onlyOld[0] })
			b.refs = slices.DeleteFunc(b.refs, func(p Pointer) bool { return p == onlyNew[0] })
			continue
		}
		c.work -= a.expand(onlyOld) + b.expand(onlyNew)
	}
}

// without returns the references of one side that the other does not have. A component
// that has been renamed is the same under its new name.
func (c *comparison) without(refs, others []Pointer, renamed map[Pointer]Pointer) []Pointer {
	var only []Pointer
	for _, at := range refs {
		same := at
		if other, ok := renamed[at]; ok {
			same = other
		}
		if !slices.Contains(others, same) {
			only = append(only, at)
		}
	}
	return only
}

// wholeName names a reference in messages.
func wholeName(at Pointer) string {
	if name, ok := wholeComponent(at); ok {
		return shown(name, maxName)
	}
	return shown(string(at), maxName)
}

// replaced compares two components of which one is referred to in place of the
// other, and reports that once, with the worst of what differs. To list every difference
// here would repeat it at each place that refers to them. Where nothing differs but
// the name and what is written for people, nothing is reported.
func (c *comparison) replaced(old, new Pointer, place []string, label string) {
	oldText, _ := c.old.Lookup(old)
	newText, _ := c.new.Lookup(new)
	inner := &comparison{differ: c.differ, subject: c.subject, of: c.of, uses: c.uses, facing: c.facing, depth: c.depth}
	inner.schemas(schemaAt{oldText, old}, schemaAt{newText, new}, place, "")
	var worst effect
	var first string
	n, most := 0, SeveritySafe
	for _, f := range inner.found {
		if f.Kind == ChangeProse {
			continue
		}
		if n++; n == 1 || f.Severity > most {
			most = f.Severity
			first = strings.TrimPrefix(strings.TrimPrefix(f.place, joinPath(place)), ".")
			if first != "" {
				first += ": "
			}
			first += f.Text
		}
		worst.request = max(worst.request, f.effect.request)
		worst.response = max(worst.response, f.effect.response)
	}
	more := ""
	switch {
	case n == 0:
		return
	case n == 2:
		more = "; one more difference"
	case n > 2:
		more = fmt.Sprintf("; %d more differences", n-1)
	}
	c.note(ChangeReference, place, new, worst, "%s%s in place of %s: %s%s", label, wholeName(new), wholeName(old), bounded(first, 2*maxName), more)
}

// values compares types, null, enums and items. A schema for items where there was none
// accepts less, unless it accepts everything: {} and true are the same as none (JSON Schema
// 2020-12 §10.3.1.2).
func (c *comparison) values(a, b *sketch, place []string, label string) {
	c.types(a, b, place, label)
	c.enums(a, b, place, label)
	// Of a side that accepts nothing, types has said all.
	if was, is := a.nullable(), b.nullable(); was != is && !(a.kinds() != 0 && b.isNothing()) && !(a.isNothing() && b.kinds() != 0) {
		if is {
			c.note(ChangeType, place, b.at, foreign, "%snull is possible now", label)
		} else {
			c.note(ChangeType, place, b.at, narrower, "%snull is no longer possible", label)
		}
	}
	switch {
	case a.items != nil && b.items != nil:
		c.schemas(*a.items, *b.items, place, label+"items: ")
	case a.items == nil && b.items != nil && !isAnything(b.items.text):
		c.note(ChangeType, place, b.items.at, narrower, "%sitems have a schema now", label)
	case a.items != nil && b.items == nil && !isAnything(a.items.text):
		c.note(ChangeType, place, a.items.at, foreign, "%sitems no longer have a schema", label)
	}
}

// types compares what JSON types are accepted, null apart: whether null is possible is
// written in many ways, which values has made one. Where both sides have an enum its
// values say more than the type does.
//
// integer is a number without a fraction (JSON Schema 2020-12 validation §6.1.1), a kind
// of its own here: from integer to number accepts more.
func (c *comparison) types(a, b *sketch, place []string, label string) {
	was, is := a.kinds(), b.kinds()
	if a.hasEnum && b.hasEnum {
		// What the values of the enums say about types is reported with them.
		both := validator.KindsOfValues(a.enum...) | validator.KindsOfValues(b.enum...)
		was, is = a.types&both&^jsonvalue.Null, b.types&both&^jsonvalue.Null
		if before, now := a.types&^jsonvalue.Null, b.types&^jsonvalue.Null; was == is && before != now {
			c.note(ChangeType, place, b.at, unsure, "%swas %s, is %s, as far as the enum allows", label, kindNames(before), kindNames(now))
		}
	}
	if was == is {
		return
	}
	lost, gained := was&^is, is&^was
	e := effect{}
	if lost != 0 {
		e.request = SeverityBreaking
		if was == jsonvalue.Any&^jsonvalue.Null && len(a.fields) > 0 {
			e.request = SeverityUnknown // an object that did not say so
		}
	}
	if gained != 0 {
		e.response = SeverityBreaking
	}
	if is == 0 {
		e = breaking // nothing is accepted any longer
	}
	c.note(ChangeType, place, b.at, e, "%swas %s, is %s", label, kindNames(was), kindNames(is))
}

// kindNames lists kinds for a message.
func kindNames(k jsonvalue.Kinds) string {
	if k == jsonvalue.Any&^jsonvalue.Null {
		return "any value"
	}
	return k.String()
}

// enums compares enums as sets (JSON Schema 2020-12 validation §6.1.2): the order of
// their values says nothing, and a const is an enum of one value.
//
// Null is compared apart, so that an enum which had null among its values and has it no
// longer is reported as a change of type, whichever way null was written before.
func (c *comparison) enums(a, b *sketch, place []string, label string) {
	switch {
	case a.hasEnum && b.hasEnum:
		if gone := missing(a.enum, b.enum); len(gone) > 0 {
			c.note(ChangeEnum, place, b.at, narrower, "%s%s removed: %s", label, valueWord(gone), listed(gone))
		}
		if fresh := missing(b.enum, a.enum); len(fresh) > 0 {
			c.note(ChangeEnum, place, b.at, wider, "%snew %s %s", label, valueWord(fresh), listed(fresh))
		}
	case a.hasEnum:
		c.note(ChangeEnum, place, b.at, wider, "%sany value, was one of %s", label, listed(a.enumValues()))
	case b.hasEnum:
		c.note(ChangeEnum, place, b.at, narrower, "%sone of %s, was any value", label, listed(b.enumValues()))
	}
}

// enumValues returns the values of the enum, null last.
func (k *sketch) enumValues() []string {
	if !k.enumNull {
		return k.enum
	}
	return append(slices.Clone(k.enum), "null")
}

// missing returns the values of one enum that another does not have. Strings, which
// nearly all of them are, are compared by their text; other values as JSON, since 1.0 is 1.
func missing(values, others []string) []string {
	have := make(map[string]bool, len(others))
	for _, v := range others {
		have[v] = true
	}
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool {
		return have[v] || !strings.HasPrefix(v, `"`) && slices.ContainsFunc(others, func(o string) bool { return jsonvalue.EqualText(v, o) })
	})
}

// valueWord is the noun for so many values.
func valueWord(values []string) string {
	if len(values) == 1 {
		return "value"
	}
	return "values"
}

// listed writes values for a message, a bounded number of them.
func listed(values []string) string { return first(values, maxListed, maxShown) }

// lower and upper bounds: whether a larger number accepts less or more.
var boundKeywords = map[string]bool{
	"minimum": true, "exclusiveMinimum": true, "minLength": true, "minItems": true, "minProperties": true,
	"maximum": false, "exclusiveMaximum": false, "maxLength": false, "maxItems": false, "maxProperties": false,
}

// keywords compares every keyword that has no rule of its own, by its text. Bounds have a
// direction, which says whether they accept less. Of three other keywords it is sure that
// they accept less where they are new: pattern, multipleOf, uniqueItems. Of all others
// (not, contains, if, format and whatever comes) nothing is proven.
//
// A default is not a restriction. It says what the server does where a field is absent, so
// that another one changes what an old request means.
//
// A pattern that changed is unknown in both directions: whether one regular expression
// accepts all that another one does is not decided here.
func (c *comparison) keywords(a, b *sketch, place []string, label string) {
	for _, key := range unionOf(a.keywords, b.keywords) {
		c.keyword(key, a.keywords[key], b.keywords[key], b.at, place, label)
	}
	if !slices.Equal(a.leftOver(), b.leftOver()) {
		c.note(ChangeKeyword, place, b.at, unsure, "%sallOf combines schemas in another way", label)
	}
}

// keyword compares one keyword, "" where a side does not have it.
func (c *comparison) keyword(key, was, is string, at Pointer, place []string, label string) {
	if was == is || was != "" && is != "" && jsonvalue.EqualText(was, is) {
		return
	}
	kind, e := ChangeKeyword, unsure
	lower, isBound := boundKeywords[key]
	switch {
	case key == "uniqueItems" && (was == "" || is == "") && was != "true" && is != "true",
		key == "readOnly" && was != "true" && is != "true", key == "writeOnly" && was != "true" && is != "true":
		return // absent is false
	case key == "discriminator":
		e = discriminatorEffect(was, is)
	// What is received is complete either way: servers fill in their own defaults.
	case key == "default":
		kind, e = ChangeDefault, effect{SeverityUnknown, SeveritySafe}
	case isBound:
		kind, e = ChangeBound, boundEffect(was, is, lower)
	case was == "" && (key == "pattern" || key == "multipleOf" || key == "uniqueItems"):
		e = narrower
	case is == "" && (key == "pattern" || key == "multipleOf" || key == "uniqueItems"):
		e = wider
	}
	switch {
	case was == "":
		c.note(kind, place, at, e, "%snew %s %s", label, shown(key, maxName), shown(is, maxShown))
	case is == "":
		c.note(kind, place, at, e, "%sno %s, was %s", label, shown(key, maxName), shown(was, maxShown))
	default:
		c.note(kind, place, at, e, "%s%s %s, was %s", label, shown(key, maxName), shown(is, maxShown), shown(was, maxShown))
	}
}

// boundEffect says whether a bound accepts less than before. Numbers are compared
// exactly: bounds of int64 are beyond what a float64 tells apart.
// The boolean exclusiveMinimum of OpenAPI 3.0 is not a number any longer when it arrives here:
// the repair has made it the number that 3.1 has. What is not a number still is unsure.
func boundEffect(was, is string, lower bool) effect {
	switch {
	case was == "":
		return narrower
	case is == "":
		return wider
	}
	x, ok := jsonvalue.Rational(was)
	y, ok2 := jsonvalue.Rational(is)
	if !ok || !ok2 {
		return unsure
	}
	if (y.Cmp(x) > 0) == lower {
		return narrower
	}
	return wider
}

// unionOf returns the names of both maps, sorted.
func unionOf[V any](a, b map[string]V) []string {
	var names []string
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// discriminatorEffect rates a discriminator. It helps to choose a branch, and decides about
// no value (OpenAPI 3.1 §4.8.25), so that one that comes or goes, or maps one more value,
// changes nothing. But a value that is mapped to another schema, or to none, was what
// programs wrote into a field, or found there.
func discriminatorEffect(was, is string) effect {
	if was == "" || is == "" {
		return harmless
	}
	name := func(text string) string {
		value, _ := jsonscan.Member(text, "propertyName")
		return jsonscan.String(value)
	}
	if name(was) != name(is) {
		return unsure
	}
	before, _ := jsonscan.Member(was, "mapping")
	now, _ := jsonscan.Member(is, "mapping")
	for value, target := range jsonscan.Members(before) {
		if other, ok := jsonscan.Member(now, value); !ok || jsonscan.String(other) != jsonscan.String(target) {
			return unsure
		}
	}
	return harmless
}

// exprAt writes a schema in one line, as Describe does, in a bounded length and with a
// bounded number of schemas looked at.
func (d *Document) exprAt(s schemaAt) string {
	e := &expander{doc: d, left: 64}
	return bounded(e.at(s, 0).expr(), 120)
}
