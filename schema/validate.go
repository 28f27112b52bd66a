package schema

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/jsonscan"
)

// MaxInstance is the largest instance that is read from an io.Reader, in bytes.
const MaxInstance = 256 << 20

// ValidateOption changes how an instance is validated.
type ValidateOption func(*validation)

type validation struct {
	tier         Tier
	allowUnknown bool
	subject      string
}

// WithTier sets the tier; the default is Standard. In the Lenient tier nothing
// is an error; Check returns what it finds.
func WithTier(tier Tier) ValidateOption {
	return func(v *validation) { v.tier = tier }
}

// AllowUnknown lets fields through that the Standard tier would refuse because
// nothing declares them.
func AllowUnknown() ValidateOption {
	return func(v *validation) { v.allowUnknown = true }
}

// WithSubject names what is validated in the error, in place of the component.
func WithSubject(subject string) ValidateOption {
	return func(v *validation) { v.subject = subject }
}

// Validate holds an instance against a component schema.
//
// A json.RawMessage, []byte, string or io.Reader is JSON text; any other value
// is marshalled by encoding/json first. The error is a *ValidationError with
// every problem, or an *UnknownComponentError.
func (d *Document) Validate(component string, instance any, opts ...ValidateOption) error {
	s, err := d.Component(component)
	if err != nil {
		return err
	}
	return s.Validate(instance, opts...)
}

// Validate holds an instance against the schema, as Document.Validate does.
func (s *Schema) Validate(instance any, opts ...ValidateOption) error {
	var v validation
	for _, opt := range opts {
		opt(&v)
	}
	if v.tier == Off {
		return nil
	}
	if v.subject == "" {
		v.subject = s.Name()
	}
	text, err := instanceText(instance)
	if err != nil {
		return instanceFault(v.subject, err)
	}
	c := &s.doc.closed
	switch {
	case v.tier == Strict:
		c = &s.doc.strict
	case v.allowUnknown:
		c = &s.doc.open
	}
	problems, err := s.judge(c, text)
	if err != nil {
		return instanceFault(v.subject, err)
	}
	if len(problems) == 0 || v.tier == Lenient {
		return nil
	}
	return s.doc.invalid(v.subject, problems)
}

// invalid makes an error of problems.
func (d *Document) invalid(subject string, problems []Problem) *ValidationError {
	fault := &ValidationError{Subject: subject, Problems: problems}
	if more := len(problems) - maxProblems; more > 0 {
		fault.Problems, fault.More = problems[:maxProblems], more
	}
	if d.source.file {
		for i := range fault.Problems {
			p := &fault.Problems[i]
			for at := p.Schema; at != "" && p.Line == 0; at = at.parent() { // a repair may have made it
				p.Line = d.Line(at)
			}
		}
	}
	return fault
}

// judge returns the problems of an instance in order. The error is an
// *InstanceError.
func (s *Schema) judge(c *compiler, text string) ([]Problem, error) {
	instance, err := parseInstance(text)
	if err != nil {
		return nil, err
	}
	root := c.schema(s.text, s.pointer, true)
	err = reject(root, instance, len(text))
	if err == nil {
		return nil, nil
	}
	var failure *jsonschema.ValidationError
	if !errors.As(err, &failure) {
		return []Problem{{Keyword: faultKeyword, Schema: s.pointer, Message: "cannot be checked, the document is at fault: " + bounded(err.Error(), 200)}}, nil
	}
	x := explainer{compiler: c, root: root, instance: instance}
	if x.explainAll(failure); len(x.problems) == 0 {
		x.verbatim = true
		x.explainAll(failure)
	}
	if len(x.problems) == 0 { // a failure is one, whatever can be said of it
		x.explainFirst(failure)
	}
	slices.SortFunc(x.problems, func(a, b Problem) int {
		return cmp.Or(comparePointers(a.Pointer, b.Pointer), strings.Compare(a.Message, b.Message), strings.Compare(string(a.Schema), string(b.Schema)))
	})
	return withoutEchoes(x.problems), nil
}

// withoutEchoes drops what says the same mistake again: a problem found on two
// ways through the schema, and the missing property where the unknown field
// beside it, which names it, is what has to be mended.
func withoutEchoes(problems []Problem) []Problem {
	problems = slices.CompactFunc(problems, func(a, b Problem) bool { return a.Pointer == b.Pointer && a.Message == b.Message })
	return slices.DeleteFunc(problems, func(p Problem) bool {
		if p.Keyword != "required" || len(p.Nearest) == 0 {
			return false
		}
		return slices.ContainsFunc(problems, func(other Problem) bool {
			return other.Pointer == p.Pointer.Append(p.Nearest[0]) && slices.Contains(other.Nearest, p.Want)
		})
	})
}

// guarded validates; a panic of the validator, which a faulty schema can cause,
// becomes an error.
func guarded(s *jsonschema.Schema, instance any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the validator gave up: %v", r)
		}
	}()
	return s.Validate(instance)
}

// comparePointers orders by position: items by number, members by name.
func comparePointers(a, b Pointer) int {
	for a != "" && b != "" {
		var x, y string
		x, a = a.cut()
		y, b = b.cut()
		if x == y {
			continue
		}
		m, okX := arrayIndex(x)
		n, okY := arrayIndex(y)
		if okX && okY {
			return m - n
		}
		return strings.Compare(x, y)
	}
	return len(a) - len(b)
}

// cut splits off the first token, escaped.
func (p Pointer) cut() (token string, rest Pointer) {
	text := strings.TrimPrefix(string(p), "/")
	if end := strings.IndexByte(text, '/'); end >= 0 {
		return text[:end], Pointer(text[end:])
	}
	return text, ""
}

func instanceFault(subject string, err error) error {
	return &ValidationError{
		Subject:  subject,
		Problems: []Problem{{Keyword: "json", Message: err.Error()}},
		Err:      err,
	}
}

// instanceText returns an instance as JSON text.
func instanceText(instance any) (string, error) {
	switch v := instance.(type) {
	case string:
		return v, nil
	case []byte:
		return jsonscan.Alias(v), nil // read only while the caller waits
	case json.RawMessage:
		return jsonscan.Alias(v), nil
	case io.Reader:
		data, err := io.ReadAll(io.LimitReader(v, MaxInstance+1))
		if err != nil {
			return "", fmt.Errorf("the instance cannot be read: %w", err)
		}
		if len(data) > MaxInstance {
			return "", fmt.Errorf("the instance has more than %d bytes", MaxInstance)
		}
		return string(data), nil
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(instance); err != nil {
		return "", fmt.Errorf("the Go value cannot be written as JSON: %w", err)
	}
	return buf.String(), nil
}
