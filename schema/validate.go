package schema

import (
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema/internal/validator"
)

// ValidateOption changes how an instance is validated.
type ValidateOption func(validation) validation

// validation is what the options say. The zero value is that of a plain Validate:
// Standard, closed, in neither direction.
type validation struct {
	tier          Tier
	unknownFields bool
	subject       string
	direction     Direction
}

// WithTier sets the tier; the default is Standard. In the Lenient tier no instance
// is invalid; Check returns what it finds.
func WithTier(tier Tier) ValidateOption {
	return func(v validation) validation { v.tier = tier; return v }
}

// WithUnknownFields accepts fields that the Standard tier would refuse because
// nothing declares them.
func WithUnknownFields() ValidateOption {
	return func(v validation) validation { v.unknownFields = true; return v }
}

// WithSubject names what is validated in the error, in place of the component.
func WithSubject(subject string) ValidateOption {
	return func(v validation) validation { v.subject = subject; return v }
}

// Direction is which way an instance goes. It makes a difference in documents of
// OpenAPI 3.0 only (3.0.3 §4.7.24.2): there a required property is required in
// responses only if it is readOnly, in requests only if it is writeOnly. The zero
// value is neither: then it is required.
type Direction int

// The directions.
const (
	DirectionRequest  Direction = 1 + iota // from the client
	DirectionResponse                      // to the client
)

// WithDirection sets which way the instance goes.
func WithDirection(d Direction) ValidateOption {
	return func(v validation) validation { v.direction = d; return v }
}

func newValidation(opts []ValidateOption) validation {
	var v validation
	for _, opt := range opts {
		v = opt(v)
	}
	return v
}

// graph returns the schemas of a document as the tier reads them. Three readings serve
// four tiers: Lenient reads as Standard does and differs in what becomes of a problem,
// and WithUnknownFields is the Standard one with objects left open. The Strict reading
// leaves objects as the document has them, so that the option adds nothing there.
func (v *validation) graph(d *Document) *validator.Graph {
	switch {
	case v.tier == Strict:
		return d.compiled.Graph(validator.Strict)
	case v.unknownFields:
		return d.compiled.Graph(validator.Open)
	}
	return d.closed()
}

// Validate validates an instance against a component schema.
//
// A json.RawMessage, []byte, string or io.Reader is JSON text; any other value is
// marshalled by encoding/json first. The error is a *ValidationError with every
// problem, up to 100, or an *UnknownComponentError. In the Lenient tier it is
// only that, or that the instance cannot be read or marshalled.
func (d *Document) Validate(component string, instance any, opts ...ValidateOption) error {
	s, err := d.Component(component)
	if err != nil {
		return err
	}
	return s.Validate(instance, opts...)
}

// Validate validates an instance against the schema, as Document.Validate does.
func (s *Schema) Validate(instance any, opts ...ValidateOption) error {
	v := newValidation(opts)
	if v.tier == Off {
		return nil
	}
	text, err := instanceText(instance)
	if err == nil && v.tier == Lenient {
		return nil
	}
	var found problems
	if err == nil {
		found, err = s.validate(&v, text)
	}
	switch {
	case err != nil:
		return notJSON(s.subject(&v), err)
	case len(found.list) > 0:
		return s.doc.invalid(s.subject(&v), found)
	}
	return nil
}

func (s *Schema) subject(v *validation) string {
	if v.subject != "" {
		return v.subject
	}
	return s.Name()
}

// problems is what is wrong with an instance. Of a hopeless instance not every problem
// is written out: explaining one takes many times the work of finding it, and a hundred
// lines are more than anybody reads.
type problems struct {
	list []Problem        // in order
	more int              // that were found, and are not in the list
	err  *ValidationError // that the list was allocated with, see invalid
}

// validateTree is validate for a text that is indexed already.
func (s *Schema) validateTree(v *validation, t *jsonvalue.Tree) problems {
	var found problems
	v.graph(s.doc).Validate(s.place(), t, validator.Direction(v.direction), func(list []validator.Problem, more int) {
		if len(list) == 1 {
			// The error and its problem take one allocation.
			one := new(struct {
				ValidationError
				list [1]Problem
			})
			one.list[0] = problemOf(&list[0])
			found = problems{list: one.list[:], more: more, err: &one.ValidationError}
			return
		}
		found = problems{list: problemsOf(list), more: more}
	})
	return found
}

// problemsOf returns the problems of the validator as those of this package. The types
// have the same fields; they are two so that the validator knows nothing of documents,
// and so that the public one has its methods where go doc shows them.
func problemsOf(list []validator.Problem) []Problem {
	out := make([]Problem, len(list))
	for i := range list {
		out[i] = problemOf(&list[i])
	}
	return out
}

func problemOf(p *validator.Problem) Problem {
	return Problem{
		Pointer: Pointer(p.Pointer), Keyword: p.Keyword, Component: p.Component, Schema: Pointer(p.Schema),
		Got: p.Got, Want: p.Want, Nearest: p.Nearest, Message: p.Message,
	}
}

// shown cuts the problems to those that are shown.
func (p problems) shown() problems {
	if more := len(p.list) - maxProblems; more > 0 {
		return problems{list: p.list[:maxProblems:maxProblems], more: p.more + more}
	}
	return p
}

// invalid makes an error of problems. The line of a keyword is looked up for documents
// that came from a file: to a reader of other documents it means nothing, and it costs
// a walk through the text. A place that the document does not have, because a repair or
// an erratum made it, has the line of what stands around it.
func (d *Document) invalid(subject string, found problems) *ValidationError {
	found = found.shown()
	if d.source.file {
		for i := range found.list {
			p := &found.list[i]
			for at := p.Schema; at != "" && p.Line == 0; at = at.parent() { // a repair may have added it
				p.Line = d.source.line(at)
			}
		}
	}
	err := found.err
	if err == nil {
		err = new(ValidationError)
	}
	err.Subject, err.Problems, err.More = subject, found.list, found.more
	return err
}

// notJSON makes an error of a text that cannot be validated. It is a ValidationError
// too: to a caller who validates what others send, text that is not JSON is one more way
// of being invalid.
func notJSON(subject string, err error) error {
	return &ValidationError{
		Subject:  subject,
		Problems: []Problem{{Keyword: "json", Message: err.Error()}},
		Err:      err,
	}
}

// sortedProblems orders problems of several schemas as those of one are, without
// repeats, so that one mistake gives one problem whichever schema found it.
func sortedProblems(found []Problem) []Problem {
	list := make([]validator.Problem, len(found))
	for i, p := range found {
		list[i] = validator.Problem{
			Pointer: string(p.Pointer), Keyword: p.Keyword, Component: p.Component, Schema: string(p.Schema),
			Got: p.Got, Want: p.Want, Nearest: p.Nearest, Message: p.Message,
		}
	}
	validator.SortProblems(list)
	return problemsOf(validator.WithoutRepeats(list))
}
