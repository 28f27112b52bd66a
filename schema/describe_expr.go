package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxListed bounds how many values or branches stand in a line.
//
// A line is read at a glance, in a column beside others. The whole is shown where the
// reader asks for the place itself.
const maxListed = 6

// String says in a line what the shape is, its type and what restricts it: "integer, 0 to
// 20, or null". Of long lists of values the first are shown. The document's text in it is
// escaped.
func (s *Shape) String() string { return joined(s.expr(), s.notes()) }

// expr writes a shape as a type: string | array of InputItem | null.
//
// The notation is that of prose and not of a language: it has to be read by people who
// write Go, Python or JSON, and never to be parsed.
func (s *Shape) expr() string {
	text, nullable := s.bare()
	if nullable {
		text += " | null"
	}
	return text
}

// bare is expr without null, and whether null is missing from it. The order of the
// cases is that of what tells a reader most: the values, the name of a component, the
// branches, what a list or map is made of, the bare types. A scalar component is
// written as what it is, since "string" says more than the name of an ID.
//
// "any" is the only text to which null is not added: a value of any type may be null.
func (s *Shape) bare() (text string, nullable bool) {
	switch {
	case len(s.Enum) > 0:
		return s.values(), s.Nullable
	// Lists and unions of plain values are written out even where they have a name: the
	// name says less than "string | array of string".
	case s.Component != "" && !s.isScalar() && s.Items == nil && (len(s.Variants) == 0 || !s.allPlain()):
		return plain(s.Component), s.Nullable
	case len(s.Variants) > 0:
		return s.branches()
	case s.Items != nil:
		return "array of " + s.Items.grouped(), s.Nullable
	case s.isMap() && len(s.Fields) == 0 && !s.Cut:
		return "map of " + s.Other.grouped(), s.Nullable
	case s.Other != nil && len(s.Fields) == 0 && !s.Cut:
		return "object of any fields", s.Nullable
	// Something with parts that are not shown, of no declared type: parts make it an
	// object.
	case len(s.Types) == 0 && s.Cut:
		return "object", s.Nullable
	case len(s.Types) == 0:
		return "any", false
	}
	return strings.Join(s.Types, " | "), s.Nullable
}

// grouped is expr in parentheses where it is a union: "array of (string | integer)".
func (s *Shape) grouped() string {
	text := s.expr()
	// By the text, as an enum of several values is a union to the eye too.
	if strings.Contains(text, " | ") {
		return "(" + text + ")"
	}
	return text
}

// branches lists a union. Branches that read the same, such as two strings with
// different patterns, are one; null in any of them is moved to the end of the whole.
func (s *Shape) branches() (text string, nullable bool) {
	var list []string
	for _, v := range s.Variants {
		text, null := v.Schema.bare()
		nullable = nullable || null
		// Branches that differ in what a line does not show would be the same word
		// twice.
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	// To replace one branch by "… 1 more" saves nothing.
	if more := len(list) - maxListed; more > 1 {
		list = append(list[:maxListed:maxListed], fmt.Sprintf("… %d more", more))
	}
	return strings.Join(list, " | "), nullable || s.Nullable
}

// isMap reports whether fields of any name have a schema that says something. That
// unknown fields are allowed, and nothing more, makes an object but no map.
func (s *Shape) isMap() bool {
	if s.Other == nil {
		return false
	}
	text, _ := s.Other.bare()
	return text != "any"
}

// values lists an enum, cut where it gets long. One value is never cut off alone: to
// say "1 more" takes as much room as the value. The whole list is below, in schema.
func (s *Shape) values() string {
	var shown []string
	size := 0
	for i, v := range s.Enum {
		text := plain(bounded(string(v), maxShown))
		// The first value is always there, and so is the last where it alone is left.
		if size += len(text); i > 0 && (i >= maxListed || size > 120) && len(s.Enum) > i+1 {
			shown = append(shown, fmt.Sprintf("… %d more", len(s.Enum)-i))
			break
		}
		shown = append(shown, text)
	}
	return strings.Join(shown, " | ")
}

// notes are the restrictions beside the type, those of the value first. A pattern or a
// default may be any text of the document, and is cut.
func (s *Shape) notes() string {
	notes := s.limits()
	if s.Format != "" {
		notes = append(notes, "format "+plain(bounded(s.Format, maxShown)))
	}
	if s.Pattern != "" {
		notes = append(notes, "matches "+plain(bounded(s.Pattern, maxShown)))
	}
	if s.Default != nil {
		notes = append(notes, "default "+plain(bounded(string(s.Default), maxShown)))
	}
	if s.Deprecated {
		notes = append(notes, "deprecated")
	}
	return joined(notes...)
}

// limits writes the bounds: 0 to 2, at most 64 characters. The words of each pair of
// keywords are one phrase, in the order in which they are listed here.
//
// A bound is a JSON number of the document and is printed as it stands there. What is not a
// number was left out when the reading was made, so that no text can get in here.
func (s *Shape) limits() []string {
	var limits []string
	for _, l := range []struct{ least, most, unit string }{
		{"minimum", "maximum", ""},
		{"minLength", "maxLength", "character"},
		{"minItems", "maxItems", "item"},
		{"minProperties", "maxProperties", "field"},
	} {
		least, most := string(s.Bounds[l.least]), string(s.Bounds[l.most])
		// The unit agrees with the number nearest to it: "at least 1 item", "0 to 2
		// items".
		text, count := "", most
		switch {
		case least != "" && least == most:
			text = "exactly " + most
		case least != "" && most != "":
			text = least + " to " + most
		case least != "":
			text, count = "at least "+least, least
		case most != "":
			text = "at most " + most
		default:
			continue
		}
		if l.unit != "" {
			text += " " + l.unit
			if n, err := strconv.Atoi(count); err != nil || n != 1 {
				text += "s"
			}
		}
		limits = append(limits, text)
	}
	for _, l := range []struct{ keyword, text string }{
		{"exclusiveMinimum", "more than "}, {"exclusiveMaximum", "less than "}, {"multipleOf", "a multiple of "},
	} {
		if value := s.Bounds[l.keyword]; value != "" {
			limits = append(limits, l.text+string(value))
		}
	}
	return limits
}

// item steps through arrays to what they are made of. The line of an array names its
// item already; what is left to show is the item's parts.
// An array of arrays is stepped through to the end. A union or an object with items beside
// it has parts of its own, and is where it stops.
func (s *Shape) item() *Shape {
	for s.Items != nil && len(s.Variants) == 0 && len(s.Fields) == 0 {
		s = s.Items
	}
	return s
}

// allPlain reports whether no branch has parts of its own: the line says it all, and a
// list of branches would repeat it.
func (s *Shape) allPlain() bool {
	return !slices.ContainsFunc(s.Variants, func(v Variant) bool { return !v.Schema.isPlain() })
}

// isPlain reports whether the value is a scalar or a list of them.
func (s *Shape) isPlain() bool { return s.isScalar() || s.Items != nil && s.Items.isPlain() }

func (s *Shape) isScalar() bool {
	return len(s.Types) > 0 && !slices.Contains(s.Types, "object") && !slices.Contains(s.Types, "array")
}
