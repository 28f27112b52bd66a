package schema

import (
	"errors"
	"fmt"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema/internal/validator"
)

// Finding is one place where an instance and the document disagree, as the
// Lenient tier reports it: nothing is refused, so that an operator can log and
// count what the API does differently from what the document says.
type Finding struct {
	Kind FindingKind `json:"kind"`
	Problem
}

// FindingKind sorts findings for counters and filters. The texts are stable: they may
// be labels of a metric.
type FindingKind string

// The kinds of findings.
const (
	FindingUnknownField     FindingKind = "unknown_field"     // nothing declares the field
	FindingUnknownValue     FindingKind = "unknown_value"     // not among the enum, or not the const
	FindingUnknownMember    FindingKind = "unknown_member"    // a tag that no branch of the union has
	FindingMissingField     FindingKind = "missing_field"     // required, and not there
	FindingUnexpectedNull   FindingKind = "unexpected_null"   // null where the schema does not allow it
	FindingWrongType        FindingKind = "wrong_type"        // another JSON type than declared
	FindingOutOfBounds      FindingKind = "out_of_bounds"     // minimum, maxLength, pattern and whatever else limits a value of the right type
	FindingNotJSON          FindingKind = "not_json"          // broken syntax, or a key that appears twice
	FindingUnknownComponent FindingKind = "unknown_component" // the document has no such component: nothing was checked
	FindingUnusableSchema   FindingKind = "unusable_schema"   // a schema of the document cannot be used: not all was checked
	FindingMore             FindingKind = "more"              // the last one, where there are more than 100; its message counts the rest
)

// String is one line: the kind, the place, what is there and what is accepted.
func (f Finding) String() string {
	if f.Keyword == "" { // about the whole, not about a place in it
		return string(f.Kind) + ": " + f.Message
	}
	return string(f.Kind) + " " + f.Problem.String()
}

// Check compares raw with a component of the document in the Lenient tier: by the first
// branches that match, with errata, unknown fields reported. It returns what it finds,
// ordered by place, at most 100 findings and one that counts the rest; nil means that
// the two agree. It never fails: text that is not JSON and a component that does not
// exist are findings too.
func (d *Document) Check(component string, raw []byte) []Finding {
	// A component that is refused for an error of the document gives the same finding: nothing
	// was checked. Its message says which of the two it is.
	s, err := d.Component(component)
	if err != nil {
		p := Problem{Component: component, Message: err.Error()}
		var unknown *UnknownComponentError
		if errors.As(err, &unknown) {
			p.Component, p.Nearest = "", unknown.Nearest
		}
		return []Finding{{FindingUnknownComponent, p}}
	}
	return s.Check(raw)
}

// Check compares raw with the schema, as Document.Check does. Of the options only
// WithDirection has an effect.
func (s *Schema) Check(raw []byte, opts ...ValidateOption) []Finding {
	// A subject, a tier or unknown fields change errors, and there are none here.
	v := validation{tier: Lenient, direction: newValidation(opts).direction}
	found, err := s.validate(&v, jsonscan.Alias(raw)) // findings keep no part of it
	if err != nil {
		return []Finding{{FindingNotJSON, Problem{Keyword: "json", Component: s.Name(), Message: err.Error()}}}
	}
	if len(found.list) == 0 {
		return nil
	}
	return found.findings()
}

// findings sorts problems into kinds.
func (p problems) findings() []Finding {
	p = p.shown()
	list := make([]Finding, 0, len(p.list)+1)
	for _, problem := range p.list {
		list = append(list, Finding{findingKind(problem), problem})
	}
	// Counted, not dropped: a list that only stops would look like all there is.
	if p.more > 0 {
		list = append(list, Finding{FindingMore, Problem{Message: fmt.Sprintf("and %d more", p.more)}})
	}
	return list
}

// Findings returns the problems as the Lenient tier reports them.
func (e *ValidationError) Findings() []Finding {
	if e.Err != nil {
		return []Finding{{FindingNotJSON, Problem{Keyword: "json", Message: e.Err.Error()}}}
	}
	return problems{list: e.Problems, more: e.More}.findings()
}

// findingKind sorts a problem by its keyword, which is that of the document, and by
// what stands in its place. It never reads a message: those are for people, and may
// change. A value that is not in the enum of a union's tag is an unknown member: the
// problem's keyword stands at the union, not in one of its branches.
func findingKind(p Problem) FindingKind {
	switch p.Keyword {
	case validator.UnknownKeyword, "additionalProperties":
		return FindingUnknownField
	case "required":
		return FindingMissingField
	case "json":
		return FindingNotJSON
	case validator.UnusableKeyword:
		return FindingUnusableSchema
	case "type":
		if p.Got == "null" {
			return FindingUnexpectedNull
		}
		return FindingWrongType
	case "enum", "const":
		switch {
		case p.Got == "null":
			return FindingUnexpectedNull
		case p.Schema.last() == "anyOf" || p.Schema.last() == "oneOf":
			return FindingUnknownMember
		}
		return FindingUnknownValue
	}
	// What is left restricts values of a type that is allowed (JSON Schema Validation §6.2 to
	// §6.5), or combines schemas, as not does.
	return FindingOutOfBounds
}
