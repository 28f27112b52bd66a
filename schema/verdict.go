package schema

import (
	"net/url"
	"slices"
	"strings"

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
	tagless      map[Pointer]bool            // objects whose tag is missing: what they may have cannot be told
	otherKind    map[Pointer]string          // objects whose tag is none that is accepted, nor near one, and its name
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
	x.tagless, x.otherKind = make(map[Pointer]bool), make(map[Pointer]string)
	x.noteUnions(verdict)
	x.explainEach(verdict.Causes)
	x.mergeProblems()
	for i, p := range x.problems {
		x.problems[i] = detach(p)
	}
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
	case noBranch, noTag, branchFailed, overlap:
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
		p := f.describe(err.Message)
		if f.keyword == "enum" || f.keyword == "const" {
			x.noteKind(f, &p)
		}
		x.add(p)
	}
}

// explainFirst adds a problem of the first keyword that an error tells of.
func (x *explainer) explainFirst(err *jsonschema.ValidationError) {
	for len(err.Causes) > 0 {
		err = err.Causes[0]
	}
	f := x.place(err)
	f.text, f.value = x.compiler.nodeText(f.schema), x.value(f.at)
	x.add(detach(f.describe(err.Message)))
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
	return at.parent(), jsonscan.UnescapeToken(at.last())
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
