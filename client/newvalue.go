package client

import (
	"errors"
	"slices"

	"github.com/opcall/opcall/schema"
)

// WithNewValues lets requests carry values that an enum of the document does not list,
// and parts of a type that no branch of a union has: a model's new effort, a new kind of
// tool. They are what an API gets after its description was written, and what
// WithUnknownFields does not cover. Of a part of a new type nothing else is validated.
// Everything else is, so that a field with the wrong type is refused as before; but a
// misspelt value is taken for a new one.
//
// Each such value is a finding of the kind schema.FindingUnknownValue or
// schema.FindingUnknownMember: WithFindings learns of it before the request leaves. In
// the stricter tiers of WithResponseValidation it also lets responses and events have
// such values.
func WithNewValues() Setting {
	return setting(func(s *settings) error { s.newValues = true; return nil })
}

// admitNew takes the problems of new values out of an error where they are allowed, and
// returns them.
func (s *settings) admitNew(invalid *schema.ValidationError) (admitted []schema.Problem) {
	if !s.newValues || invalid == nil {
		return nil
	}
	findings := invalid.Findings()
	if len(findings) < len(invalid.Problems) {
		return nil // no JSON
	}
	kept := slices.Clone(invalid.Problems[:0])
	for i, problem := range invalid.Problems {
		switch findings[i].Kind {
		case schema.FindingUnknownValue, schema.FindingUnknownMember:
			admitted = append(admitted, problem)
		default:
			kept = append(kept, problem)
		}
	}
	invalid.Problems = kept
	return admitted
}

// withoutNew is admitNew for an error of a response or event, which has been compared
// with the document already. It returns nil where nothing else is wrong.
func (s *settings) withoutNew(err error) error {
	var invalid *schema.ValidationError
	if !s.newValues || !errors.As(err, &invalid) {
		return err
	}
	if s.admitNew(invalid); isNothing(invalid) {
		return nil
	}
	return err
}

// isNothing reports whether an error has no problem left.
func isNothing(invalid *schema.ValidationError) bool {
	return len(invalid.Problems) == 0 && invalid.More == 0
}
