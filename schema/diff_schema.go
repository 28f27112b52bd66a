package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema/internal/validator"
)

// effect is what a change of a schema means for data that go to the API, and for
// data that come from it.
type effect struct{ request, response Severity }

// The effects. What accepts less makes requests invalid and promises more of
// responses; what accepts more is the other way round.
var (
	narrower = effect{SeverityBreaking, SeveritySafe}
	wider    = effect{SeveritySafe, SeverityUnknown} // values that a program may not expect
	foreign  = effect{SeveritySafe, SeverityBreaking}
	unsure   = effect{SeverityUnknown, SeverityUnknown}
	breaking = effect{SeverityBreaking, SeverityBreaking}
	harmless = effect{}
)

// difference is a change in one subject, before equal ones are folded.
type difference struct {
	Change
	effect effect
	place  string // in the subject
}

// comparison compares the schemas of one subject.
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
const maxFacing = 32

func (c *comparison) note(kind ChangeKind, place []string, at Pointer, e effect, format string, args ...any) {
	c.work -= noteWork + len(place)*noteWork/4
	path := []string{c.subject}
	if c.of == "document" {
		path = nil
	}
	c.found = append(c.found, difference{effect: e, place: joinPath(place), Change: Change{
		Kind: kind, Of: c.of, Severity: c.uses.worst(e), Text: fmt.Sprintf(format, args...),
		Subjects: path, Places: []string{joinPath(append(path, place...))}, Pointer: at,
	}})
}

// schemas compares two schema objects at a place of the subject. The label says
// which part of the place they are: "" or "items: ".
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

// align makes both sketches refer to the same components: what only one refers
// to is merged into it. Where each refers to one component of its own, the two are
// compared with each other.
func (c *comparison) align(a, b *sketch, place []string, label string) {
	for range maxReferences {
		onlyOld := c.without(a.refs, b.refs, c.renamed)
		onlyNew := c.without(b.refs, a.refs, c.renamedFrom)
		if len(onlyOld) == 0 && len(onlyNew) == 0 {
			return
		}
		if len(onlyOld) == 1 && len(onlyNew) == 1 && wholeName(onlyOld[0]) != wholeName(onlyNew[0]) {
			c.replaced(onlyOld[0], onlyNew[0], place, label)
			a.refs = slices.DeleteFunc(a.refs, func(p Pointer) bool { return p == onlyOld[0] })
			b.refs = slices.DeleteFunc(b.refs, func(p Pointer) bool { return p == onlyNew[0] })
			continue
		}
		c.work -= a.expand(onlyOld) + b.expand(onlyNew)
	}
}

// without returns the references of one side that the other does not have.
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
// other, and reports that once, however much of them differs.
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

// values compares types, null, enums and bounds.
func (c *comparison) values(a, b *sketch, place []string, label string) {
	c.types(a, b, place, label)
	c.enums(a, b, place, label)
	if was, is := a.nullable(), b.nullable(); was != is && a.kinds() != 0 && b.kinds() != 0 {
		if is {
			c.note(ChangeType, place, b.at, foreign, "%snull is possible now", label)
		} else {
			c.note(ChangeType, place, b.at, narrower, "%snull is no longer possible", label)
		}
	}
	switch {
	case a.items != nil && b.items != nil:
		c.schemas(*a.items, *b.items, place, label+"items: ")
	case a.items == nil && b.items != nil && b.items.text != "true" && b.items.text != "{}":
		c.note(ChangeType, place, b.items.at, narrower, "%sitems have a schema now", label)
	case a.items != nil && b.items == nil && a.items.text != "true" && a.items.text != "{}":
		c.note(ChangeType, place, a.items.at, foreign, "%sitems no longer have a schema", label)
	}
}

func (c *comparison) types(a, b *sketch, place []string, label string) {
	was, is := a.kinds(), b.kinds()
	if a.hasEnum && b.hasEnum {
		// What the values of the enums say about types is told with them.
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
		c.note(ChangeEnum, place, b.at, wider, "%sany value, was one of %s", label, listed(a.enum))
	case b.hasEnum:
		c.note(ChangeEnum, place, b.at, narrower, "%sone of %s, was any value", label, listed(b.enum))
	}
}

// missing returns the values of one enum that another does not have.
func missing(values, others []string) []string {
	have := make(map[string]bool, len(others))
	for _, v := range others {
		have[v] = true
	}
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool {
		return have[v] || !strings.HasPrefix(v, `"`) && slices.ContainsFunc(others, func(o string) bool { return jsonvalue.EqualText(v, o) })
	})
}

func valueWord(values []string) string {
	if len(values) == 1 {
		return "value"
	}
	return "values"
}

// listed writes values for a message, a bounded number of them.
func listed(values []string) string {
	var list []string
	for i, v := range values {
		if i == maxListed && len(values) > maxListed+1 {
			list = append(list, fmt.Sprintf("%d more", len(values)-i))
			break
		}
		list = append(list, shown(v, maxShown))
	}
	return strings.Join(list, ", ")
}

// lower and upper bounds: whether a larger number accepts less or more.
var boundKeywords = map[string]bool{
	"minimum": true, "exclusiveMinimum": true, "minLength": true, "minItems": true, "minProperties": true,
	"maximum": false, "exclusiveMaximum": false, "maxLength": false, "maxItems": false, "maxProperties": false,
}

// keywords compares every keyword that is not understood beyond its name, and
// bounds, whose direction is.
func (c *comparison) keywords(a, b *sketch, place []string, label string) {
	for _, key := range unionOf(a.keywords, b.keywords) {
		was, is := a.keywords[key], b.keywords[key]
		if was == is || was != "" && is != "" && jsonvalue.EqualText(was, is) {
			continue
		}
		kind, e := ChangeKeyword, unsure
		lower, isBound := boundKeywords[key]
		switch {
		case key == "uniqueItems" && (was == "" || is == "") && was != "true" && is != "true",
			key == "readOnly" && was != "true" && is != "true", key == "writeOnly" && was != "true" && is != "true":
			continue // absent is false
		case key == "discriminator":
			// It helps to choose a branch, and decides about no value (OpenAPI 3.1
			// §4.8.25); validation here chooses without it as well.
			e = harmless
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
			c.note(kind, place, b.at, e, "%snew %s %s", label, shown(key, maxName), shown(is, maxShown))
		case is == "":
			c.note(kind, place, b.at, e, "%sno %s, was %s", label, shown(key, maxName), shown(was, maxShown))
		default:
			c.note(kind, place, b.at, e, "%s%s %s, was %s", label, shown(key, maxName), shown(is, maxShown), shown(was, maxShown))
		}
	}
	if !slices.Equal(a.rest, b.rest) && !sameSet(a.rest, b.rest) {
		c.note(ChangeKeyword, place, b.at, unsure, "%sallOf combines schemas in another way", label)
	}
}

// boundEffect says whether a bound accepts less than before.
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
func unionOf(a, b map[string]string) []string {
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

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// definitions compares the schemas that both keep for themselves under a name. One
// that only one has shows where it is referred to.
func (c *comparison) definitions(a, b *sketch, place []string, label string) {
	for _, f := range a.definitions {
		for _, g := range b.definitions {
			if f.name == g.name {
				c.schemas(f.schemaAt, g.schemaAt, place, label+"$defs "+shown(f.name, maxName)+": ")
				break
			}
		}
	}
}

// fields compares the fields of objects.
func (c *comparison) fields(a, b *sketch, place []string) {
	for _, f := range a.fields {
		at := append(place[:len(place):len(place)], f.name)
		g, ok := b.field(f.name)
		if !ok {
			c.note(ChangeFieldRemoved, at, f.at, breaking, "field removed")
			continue
		}
		c.schemas(f.schemaAt, g.schemaAt, at, "")
	}
	for _, g := range b.fields {
		if _, ok := a.field(g.name); ok {
			continue
		}
		at := append(place[:len(place):len(place)], g.name)
		e, need := harmless, "optional"
		if b.required[g.name] {
			e, need = narrower, "required"
		}
		if a.other != nil && a.other.text != "true" && a.other.text != "{}" {
			e.request = max(e.request, SeverityUnknown) // the name was possible, with another schema
		}
		c.note(ChangeFieldAdded, at, g.at, e, "new %s field: %s", need, c.new.exprAt(g.schemaAt))
	}
	c.required(a, b, place)
	c.otherFields(a, b, place)
}

// required compares which fields must be there, those that are new or gone left
// out: they are reported as such.
func (c *comparison) required(a, b *sketch, place []string) {
	for _, name := range sortedNames(a.required, b.required) {
		_, had := a.field(name)
		_, has := b.field(name)
		if had != has || a.required[name] == b.required[name] {
			continue
		}
		at := append(place[:len(place):len(place)], name)
		if b.required[name] {
			c.note(ChangeRequired, at, b.at, narrower, "required now")
		} else {
			c.note(ChangeRequired, at, b.at, foreign, "optional now")
		}
	}
}

func sortedNames(a, b map[string]bool) []string {
	var names []string
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if !a[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// otherFields compares what applies to fields that are not declared.
func (c *comparison) otherFields(a, b *sketch, place []string) {
	switch {
	case a.other != nil && b.other != nil:
		c.schemas(*a.other, *b.other, place, "other fields: ")
	case !a.closed && b.closed && a.isObject():
		c.note(ChangeUnknownFields, place, b.at, narrower, "other fields are no longer possible")
	case a.closed && !b.closed && b.isObject():
		c.note(ChangeUnknownFields, place, b.at, wider, "other fields are possible now")
	case a.other == nil && b.other != nil && b.other.text != "true" && b.other.text != "{}" && a.isObject():
		c.note(ChangeUnknownFields, place, b.other.at, unsure, "other fields have a schema now")
	case a.other != nil && b.other == nil && a.other.text != "true" && a.other.text != "{}" && b.isObject():
		c.note(ChangeUnknownFields, place, b.at, unsure, "other fields no longer have a schema")
	}
}

// texts compares what is written for people, and deprecation.
func (c *comparison) texts(a, b *sketch, place []string) {
	if a.deprecated != b.deprecated {
		c.deprecation(b.deprecated, place, b.at)
	}
	if keys := unionOf(a.prose, b.prose); len(keys) > 0 {
		keys = slices.DeleteFunc(keys, func(key string) bool { return a.prose[key] == b.prose[key] })
		if len(keys) > 0 {
			c.note(ChangeProse, place, b.at, harmless, "%s", strings.Join(keys, ", "))
		}
	}
}

func (c *comparison) deprecation(now bool, place []string, at Pointer) {
	if now {
		c.note(ChangeDeprecation, place, at, harmless, "deprecated now")
	} else {
		c.note(ChangeDeprecation, place, at, harmless, "no longer deprecated")
	}
}

// exprAt writes a schema in one line, as Describe does.
func (d *Document) exprAt(s schemaAt) string {
	e := &expander{doc: d, left: 64}
	return bounded(e.at(s, 0).expr(), 120)
}
