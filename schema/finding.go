package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Finding is one place where an instance and the document disagree, as the
// Lenient tier reports it: nothing is refused, so that an operator can log and
// count what the API does differently from what the document says.
type Finding struct {
	Kind FindingKind `json:"kind"`
	Problem
}

// FindingKind sorts findings for counters and filters. The texts are stable.
type FindingKind string

// The kinds of findings.
const (
	UnknownField     FindingKind = "unknown_field"     // nothing declares the field
	UnknownValue     FindingKind = "unknown_value"     // none of an enum, or not the const
	UnknownMember    FindingKind = "unknown_member"    // a tag that no branch of the union has
	MissingField     FindingKind = "missing_field"     // required, and not there
	UnexpectedNull   FindingKind = "unexpected_null"   // null where another type is meant
	WrongType        FindingKind = "wrong_type"        // another JSON type than declared
	OutOfBounds      FindingKind = "out_of_bounds"     // minimum, maxLength, pattern and whatever else limits a value of the right type
	NotJSON          FindingKind = "not_json"          // broken syntax, or a key that stands twice
	UnknownComponent FindingKind = "unknown_component" // the document has no such component: nothing was checked
	FaultyDocument   FindingKind = "faulty_document"   // a schema of the document cannot be used: not all was checked
	MoreFindings     FindingKind = "more"              // the last one, where there are more than 100; its message counts the rest
)

// String is one line: the kind, the place, what is there and what was meant.
func (f Finding) String() string {
	if f.Keyword == "" { // about the whole, not about a place in it
		return string(f.Kind) + ": " + f.Message
	}
	return string(f.Kind) + " " + f.Problem.String()
}

// Check compares raw with a component of the document in the Lenient tier: by
// the first fitting branches, with errata, unknown fields noted. It returns
// what it finds, ordered by place, at most 100 findings and one that counts the
// rest; nil means that the two agree. It never fails: text that is no JSON and
// a component that does not exist are findings too.
func (d *Document) Check(component string, raw []byte) []Finding {
	s, err := d.Component(component)
	if err != nil {
		p := Problem{Component: component, Message: err.Error()}
		var unknown *UnknownComponentError
		if errors.As(err, &unknown) {
			p.Component, p.Nearest = "", unknown.Nearest
		}
		return []Finding{{UnknownComponent, p}}
	}
	return s.Check(raw)
}

// Check compares raw with the schema, as Document.Check does.
func (s *Schema) Check(raw []byte) []Finding {
	text := jsonscan.Alias(raw) // findings keep no part of it, see detach
	problems, err := s.judge(&s.doc.closed, text)
	if err != nil {
		return []Finding{{NotJSON, Problem{Keyword: "json", Component: s.Name(), Message: err.Error()}}}
	}
	if len(problems) == 0 {
		return nil
	}
	return findings(problems, 0)
}

// findings sorts problems into kinds, as many as are kept; there are more.
func findings(problems []Problem, more int) []Finding {
	found := make([]Finding, 0, min(len(problems), maxProblems+1))
	for _, p := range problems[:min(len(problems), maxProblems)] {
		found = append(found, Finding{findingKind(p), detach(p)})
	}
	if more += len(problems) - len(found); more > 0 {
		found = append(found, Finding{MoreFindings, Problem{Message: fmt.Sprintf("and %d more", more)}})
	}
	return found
}

// Findings returns the problems as the Lenient tier reports them.
func (e *ValidationError) Findings() []Finding {
	if e.Err != nil {
		return []Finding{{NotJSON, Problem{Keyword: "json", Message: e.Err.Error()}}}
	}
	return findings(e.Problems, e.More)
}

// detach copies what a problem may share with the text of the instance, which
// is the caller's to change.
func detach(p Problem) Problem {
	p.Got, p.Want = strings.Clone(p.Got), strings.Clone(p.Want)
	p.Nearest = slices.Clone(p.Nearest)
	for i, name := range p.Nearest {
		p.Nearest[i] = strings.Clone(name)
	}
	return p
}

func findingKind(p Problem) FindingKind {
	switch p.Keyword {
	case unknownKeyword, "additionalProperties":
		return UnknownField
	case "required":
		return MissingField
	case "json":
		return NotJSON
	case faultKeyword:
		return FaultyDocument
	case "type":
		if p.Got == "null" {
			return UnexpectedNull
		}
		return WrongType
	case "enum", "const":
		switch {
		case p.Got == "null":
			return UnexpectedNull
		case slices.Contains(unionKeywords[:], p.Schema.last()):
			return UnknownMember
		}
		return UnknownValue
	}
	return OutOfBounds
}
