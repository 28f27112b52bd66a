package schema

import (
	"fmt"
	"slices"
	"strings"
)

// maxColumn bounds the width of the column of names. A longer name makes its own row
// wider and leaves the column as it is, so that one odd name does not push the text of
// all others to the right edge.
const maxColumn = 36

// Text returns the description as plain text, the fields of fields to a depth. Lines
// are at most 100 characters wide, but for names that are longer. There are no colours
// and no escape sequences: what the document has of them is replaced, as its author is
// a stranger to the terminal.
//
// At a depth of 0 the fields and branches of a schema are left out. An operation has its
// parameters and the fields of its body at any depth.
func (d *Description) Text(depth int) string {
	d = d.Expand(depth)
	p := &page{}
	// The call of an operation is on the line of its title where there is room, since
	// it is the first thing that one looks for.
	title := plain(d.Path)
	if op := d.Operation; op != nil {
		call := op.Method + " " + plain(op.Path)
		if width(title)+2+width(call) <= textWidth {
			p.line(0, title+"  "+call)
		} else {
			p.line(0, title)
			p.line(4, call)
		}
	} else {
		p.line(0, title)
	}
	// Line ends of a summary are those of its source file, and of no meaning here.
	p.paragraph(4, plain(strings.Join(strings.Fields(bounded(d.Summary, 1000)), " ")))
	switch {
	case d.Operation != nil:
		if d.Deprecated {
			p.line(4, "deprecated")
		}
		if d.Operation.Alias != "" {
			p.line(4, "also called by "+plain(d.Operation.Alias))
		}
		p.operation(d.Operation, depth)
	case d.Schema != nil:
		p.paragraph(4, joined(when(d.In != "", d.In+" parameter"), d.headline(), when(d.Required, "required")))
		p.schema(d.Schema, depth)
	default:
		p.heading("OPERATIONS")
		p.operations(d.Operations)
	}
	if d.Truncated {
		p.line(0, fmt.Sprintf("\nThis stops after %d parts; ask for less depth, or for one of the parts.", maxShapes))
	}
	return p.b.String()
}

// headline says what a schema is, with the name of its component where the path is not
// that already. The headline of a component must not be its own name, which the title
// has just said: a union says how many branches it has, an object that it is one.
func (d *Description) headline() string {
	s := d.Schema
	text := s.String()
	named := s.Component != "" && strings.HasPrefix(text, plain(s.Component))
	switch {
	// A map that has a name is worth both: the name to ask on, the values to know.
	case s.isMap() && len(s.Fields) == 0 && s.Component != "":
		unnamed := *s
		unnamed.Component = ""
		text, named = unnamed.String(), false
	// The branches follow below, one per line; a line of their names would repeat them.
	case d.Kind == "component" && len(s.Variants) > 0 && !s.allPlain():
		text = joined(fmt.Sprintf("one of %d", len(s.Variants)), s.notes())
	case d.Kind == "component" && named:
		text = joined("object", s.notes())
	}
	// Here the name is part of the text, or is the title.
	if s.Component == "" || named || d.Kind == "component" {
		return text
	}
	return plain(s.Component) + ": " + text
}

// operations lists the operations of a tag: the ID, by which they are called and
// described, and beside it the call with its summary below.
func (p *page) operations(list []OperationSummary) {
	column := 0
	for _, op := range list {
		column = max(column, min(width(op.ID), maxColumn))
	}
	for _, op := range list {
		p.row(2, plain(op.ID), column+2, plain(op.Method+" "+op.Path))
		if op.Summary != "" {
			p.row(2, "", column+2, plain(strings.Join(strings.Fields(bounded(op.Summary, 300)), " ")))
		}
	}
}

// operation writes the sections of an operation. Parameters and the fields of bodies
// are shown at any depth, since without them there is nothing to read; those of
// responses from a depth of 2.
//
// Several media types of a body are sections of their own, one after the other: their
// fields often differ in a few places, and a table of both would hide which.
func (p *page) operation(op *OperationShape, depth int) {
	if len(op.Tags) > 0 {
		p.paragraph(4, plain("Tags: "+strings.Join(op.Tags, ", ")))
	}
	if len(op.Parameters) > 0 {
		p.heading("PARAMETERS")
		p.entries(2, fieldsOf(nil, op.Parameters, 0))
	}
	for _, m := range op.Body {
		text := "BODY " + plain(m.MediaType)
		if m.Schema != nil {
			text += ": " + m.Schema.String()
		}
		p.heading(text + when(op.BodyRequired, ", required"))
		if m.Schema != nil {
			p.entries(2, partsOf(nil, m.Schema, 0))
		}
	}
	if len(op.Responses) > 0 {
		p.heading("RESPONSES")
	}
	for _, r := range op.Responses {
		// A response without a body is worth a line: 204, or a redirect, is what one
		// may get.
		if len(r.Body) == 0 {
			p.row(2, plain(r.Status), 9, "no body")
		}
		for i, m := range r.Body {
			text := plain(m.MediaType)
			if m.Schema != nil {
				text += ": " + m.Schema.String()
			}
			p.row(2, when(i == 0, plain(r.Status)), 9, text)
			// At the usual depth the fields of a response stay out of sight, for an
			// operation has several responses and one body.
			if m.Schema != nil && depth > 1 {
				p.entries(11, partsOf(nil, m.Schema, 0))
			}
		}
	}
}

// schema writes what a line could not hold: all values, then the parts. A line cuts
// enums; here, where a reader has asked for one place, they are whole.
// An array is shown by what it is made of: its line has said that it is one.
func (p *page) schema(s *Shape, depth int) {
	s = s.item()
	// Up to maxListed the line has shown all of them.
	if values := s.allValues(nil); len(values) > maxListed {
		p.heading("VALUES")
		p.paragraph(4, strings.Join(values, ", "))
	}
	switch {
	// The caller has asked for the line alone.
	case depth == 0:
	// An object with branches as well lists its fields here and its branches behind
	// them.
	case len(s.Fields) > 0 || s.isMap() && !s.Other.isPlain():
		p.heading("FIELDS" + when(slices.ContainsFunc(s.Fields, func(f Field) bool { return f.Required }), " (* required)"))
		p.entries(2, partsOf(nil, s, 0))
	case len(s.Variants) > 0 && !s.allPlain():
		p.heading("ONE OF" + when(s.By != "", ", by "+plain(s.By)))
		p.entries(2, partsOf(nil, s, 0))
	}
}

// allValues lists the values of an enum, those of scalar branches too: documents write
// an open enum as a union of a string and an enum, and its values are what one looks
// for.
func (s *Shape) allValues(values []string) []string {
	for _, v := range s.Enum {
		values = append(values, plain(bounded(string(v), maxShown)))
	}
	for _, v := range s.Variants {
		if v.Schema.isScalar() {
			values = v.Schema.allValues(values)
		}
	}
	return values
}

// entry is a row of a list of parts. The name has its marker in it: "* " before a field
// that is required, two spaces before one that is not, "= " before a branch.
type entry struct {
	level      int
	name, text string
}

// entries lists the parts of a shape, theirs beneath them. The texts of all levels
// begin in one column, whatever the indentation of the names, so that types can be
// compared by eye.
func (p *page) entries(indent int, list []entry) {
	column := 0
	for _, e := range list {
		column = max(column, min(2*e.level+width(e.name), maxColumn))
	}
	for _, e := range list {
		p.row(indent+2*e.level, e.name, column+2-2*e.level, e.text)
	}
}

// partsOf appends the entries of a shape whose parts are shown: fields, the values of a
// map, branches. Branches that look the same at this depth are listed once.
//
// The list is flat, with a level in each entry, because the width of the column of names
// depends on all levels together.
func partsOf(list []entry, s *Shape, level int) []entry {
	// What was made without its parts, at depth 0, has a line and nothing below it.
	if s = s.item(); !s.listed {
		return list
	}
	list = fieldsOf(list, s.Fields, level)
	if s.isMap() && (len(s.Fields) > 0 || !s.Other.isPlain()) {
		list = append(list, entry{level, "  (any name)", s.Other.String()})
		list = partsOf(list, s.Other, level+1)
	}
	if s.Cut || s.allPlain() {
		return list
	}
	seen := make(map[entry]bool)
	for _, v := range s.Variants {
		e := entryOf(v, s.By, level)
		// Twelve kinds of messages that all read "object" help nobody.
		if seen[e] {
			continue
		}
		seen[e] = true
		list = partsOf(append(list, e), v.Schema, level+1)
	}
	return list
}

// entryOf names a branch by its tag, or by what it is: the tag is what one writes to
// get it. A branch with many tag values is named by what it is, and says how many.
func entryOf(v Variant, by string, level int) entry {
	own, tags := v.Schema.expr(), plain(strings.Join(v.Values, " | "))
	switch {
	case len(v.Values) > maxListed:
		return entry{level, "= " + own, joined(fmt.Sprintf("%s is one of %d", plain(by), len(v.Values)), v.Schema.notes())}
	case len(v.Values) > 1 && width(tags) > maxColumn:
		return entry{level, "= " + own, joined(plain(by)+" "+tags, v.Schema.notes())}
	case len(v.Values) > 0:
		return entry{level, "= " + tags, v.Schema.String()}
	case width(own) > maxColumn:
		return entry{level, "=", joined(v.Schema.String(), plain(v.Schema.Title))}
	}
	return entry{level, "= " + own, joined(plain(v.Schema.Title), v.Schema.notes())}
}

// fieldsOf marks required fields with a star and indents the others by its width.
func fieldsOf(list []entry, fields []Field, level int) []entry {
	for _, f := range fields {
		name := "  " + plain(f.Name)
		if f.Required {
			name = "* " + plain(f.Name)
		}
		list = append(list, entry{level, name, joined(f.In, f.Schema.String())})
		list = partsOf(list, f.Schema, level+1)
	}
	return list
}
