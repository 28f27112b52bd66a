package schema

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// Shape is what a schema accepts, with what it refers to merged in. It follows the
// keywords that a reader needs, not all of JSON Schema: if, not and the like are left
// out.
//
// Component and Title are those of the schema object itself or of what it refers to; the
// parts of an allOf do not give theirs to the whole. A member that is absent restricts
// nothing.
type Shape struct {
	Component  string                 `json:"component,omitempty"`
	Title      string                 `json:"title,omitempty"`
	Text       string                 `json:"text,omitempty"`  // the document's description; at most 2,000 bytes
	Types      []string               `json:"types,omitempty"` // as JSON Schema calls them, without null; none for any
	Nullable   bool                   `json:"nullable,omitempty"`
	Format     string                 `json:"format,omitempty"`
	Pattern    string                 `json:"pattern,omitempty"`
	Enum       []json.RawMessage      `json:"enum,omitempty"`
	Default    json.RawMessage        `json:"default,omitempty"`
	Bounds     map[string]json.Number `json:"bounds,omitempty"` // by keyword: "minimum", "maxLength"
	Deprecated bool                   `json:"deprecated,omitempty"`
	Items      *Shape                 `json:"items,omitempty"`
	Fields     []Field                `json:"fields,omitempty"`
	Other      *Shape                 `json:"other,omitempty"`    // of fields that are not among Fields, where there may be any
	Variants   []Variant              `json:"variants,omitempty"` // of a union, the one or the other
	By         string                 `json:"by,omitempty"`       // the field whose value selects one of Variants
	Cut        bool                   `json:"cut,omitempty"`      // has parts that are not here: the depth was reached

	listed bool // its parts are shown
}

// Field is a field of an object, or a parameter of an operation.
type Field struct {
	Name     string `json:"name"`
	In       string `json:"in,omitempty"` // of a parameter: "path", "query", "header" or "cookie"
	Required bool   `json:"required,omitempty"`
	Schema   *Shape `json:"schema"`
}

// Variant is one branch of a union.
type Variant struct {
	Values []string `json:"values,omitempty"` // of the field that selects this variant
	Schema *Shape   `json:"schema"`
}

// maxShapes bounds a description: the graph of a document is endless, and where it is
// not, one operation with hundreds of item types still has more parts than anybody
// reads.
//
// It is a limit of parts and not of depth, since a depth of three is small for one
// operation and far too much for another.
const maxShapes = 5000

// expander builds shapes. One serves a whole description, as the limit is of all parts
// together.
type expander struct {
	doc   *Document
	left  int      // shapes that may still be made
	spent bool     // there were more
	open  []string // components on the way here
}

func (e *expander) at(s schemaAt, depth int) *Shape { return e.shape(e.doc.read(s), depth) }

// shape describes a reading with its fields to a depth. Parts that a line about it
// needs are there at depth 0 too: the items of an array, the branches of a union
// without a name. A component within itself is cut: it stands further up already.
//
// Cut says that there are parts which the depth has left out, so that a reader knows
// where to look on; spent, that the limit has, which is not a property of the document.
//
// Depth is spent by what a reader sees as a level: fields, values of maps, branches. To go
// from an array to its items costs none, nor does a reference.
func (e *expander) shape(r *reading, depth int) *Shape {
	e.left--
	s := &Shape{
		Component: r.component, Title: r.title, Text: cutText(r.text), Nullable: r.nullable,
		Format: r.format, Pattern: r.pattern, Deprecated: r.deprecated, By: r.by, listed: depth > 0,
	}
	if r.types != jsonvalue.Any {
		s.Types = r.types.Names()
	}
	for _, v := range r.enum {
		s.Enum = append(s.Enum, json.RawMessage(v))
	}
	if r.initial != "" {
		s.Default = json.RawMessage(r.initial)
	}
	for _, b := range r.bounds {
		if s.Bounds == nil {
			s.Bounds = make(map[string]json.Number)
		}
		s.Bounds[b.keyword] = json.Number(b.value)
	}
	// Only what is open on the way from the root: the same component beside it is
	// described again, as the reader of one branch does not look at another.
	recurs := r.component != "" && slices.Contains(e.open, r.component)
	if recurs || e.left <= 0 {
		s.Cut = len(r.fields) > 0 || len(r.variants) > 0 || r.items != nil
		e.spent = e.spent || !recurs && s.Cut
		return s
	}
	if r.component != "" {
		e.open = append(e.open, r.component)
		defer func() { e.open = e.open[:len(e.open)-1] }()
	}
	if r.items != nil {
		s.Items = e.at(*r.items, depth)
	}
	if r.other != nil {
		// The values of a map count as a level, as its fields would.
		s.Other = e.at(*r.other, max(depth-1, 0))
	}
	// A union that has a name is known by it at depth 0. One without has nothing but
	// its branches, and a scalar one (a string or one of these values) fits the line.
	if depth > 0 || r.component == "" || r.isScalar() {
		for _, v := range r.variants {
			s.Variants = append(s.Variants, Variant{valuesOf(v, r.by), e.at(v.schemaAt, max(depth-1, 0))})
		}
	}
	if depth > 0 {
		for _, f := range r.fields {
			s.Fields = append(s.Fields, Field{Name: f.name, Required: r.required[f.name], Schema: e.at(f.schemaAt, depth-1)})
		}
	}
	// Whatever the reason: what is not here can be asked for.
	s.Cut = len(s.Fields) < len(r.fields) || len(s.Variants) < len(r.variants)
	return s
}

// maxText bounds a description within a shape: a component is in as many places of it
// as refer to it.
const maxText = 2000

func cutText(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText-len("…")], "") + "…"
}

// valuesOf returns the values of the tag that choose a branch, in the order of the
// document; none where the union has no tag or the branch does not declare it.
// Values that two constraints of one branch give are listed once.
func valuesOf(v *variant, by string) []string {
	var values []string
	for _, t := range v.Tags {
		if t.Name != by {
			continue
		}
		for _, value := range t.Values {
			if !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
	}
	return values
}

// operation describes what an operation takes one level deeper than what it returns: to
// call it one needs the fields of the body, and of a response first of all its name.
func (e *expander) operation(op *Operation, depth int) *OperationShape {
	s := &OperationShape{Method: op.Method, Path: op.Path, Alias: op.Alias, Tags: op.Tags}
	// Two operations may differ in nothing else.
	if op.Query != "" {
		s.Path += "?" + op.Query
	}
	for _, p := range op.Parameters {
		f := Field{Name: p.Name, In: p.In, Required: p.Required, Schema: &Shape{}}
		if p.Schema != nil {
			f.Schema = e.at(schemaAt{p.Schema.text, p.Schema.pointer}, max(depth-1, 0))
		}
		// The line of a parameter is made of its schema; either may say it.
		f.Schema.Deprecated = f.Schema.Deprecated || p.Deprecated
		s.Parameters = append(s.Parameters, f)
	}
	if op.RequestBody != nil {
		s.BodyRequired = op.RequestBody.Required
		s.Body = e.content(op.RequestBody.Content, depth)
	}
	for _, r := range op.Responses {
		s.Responses = append(s.Responses, ResponseShape{Status: r.Status, Body: e.content(r.Content, max(depth-1, 0))})
	}
	return s
}

// content describes every media type, as the fields of a form may differ from those of
// JSON.
func (e *expander) content(content []*MediaType, depth int) []MediaShape {
	var list []MediaShape
	for _, m := range content {
		s := MediaShape{MediaType: m.Name}
		if m.Schema != nil {
			s.Schema = e.at(schemaAt{m.Schema.text, m.Schema.pointer}, depth)
		}
		list = append(list, s)
	}
	return list
}
