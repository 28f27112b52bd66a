package schema

import (
	"strings"

	"github.com/opcall/opcall/schema/internal/validator"
)

// WithoutValue returns the problem without what only the instance says, for logs that
// must not have what people wrote: the place, the keyword and what is accepted. Got and
// Nearest are empty. The name of an unknown field counts as a value, and the pointer is
// that of the object which has it; the names of an open object, such as a map by user
// ID, still stand in pointers that lead through it.
func (p Problem) WithoutValue() Problem {
	p.Got, p.Nearest = "", nil
	switch {
	case p.Keyword == validator.UnknownKeyword || p.Keyword == "additionalProperties" || p.Keyword == "propertyNames":
		if i := strings.LastIndexByte(string(p.Pointer), '/'); i >= 0 {
			p.Pointer = p.Pointer[:i]
		}
		p.Want, p.Message = "", "unknown field"
	// The name is that of the document, and may be shown.
	case p.Keyword == "required" && p.In != "" && p.Pointer == Pointer("").Append(p.Want):
		p.Message = "missing " + p.In + " parameter " + quoted(p.Want)
	case p.Keyword == "required" && p.Want == "" && p.Pointer == "":
		p.Message = "missing request body"
	case p.Keyword == "required" && p.Want != "":
		p.Message = "missing property " + quoted(p.Want)
	// A problem that no keyword has found: its message may be any text.
	case p.Keyword == "":
		p.Want, p.Message = "", "invalid"
	case p.Want != "":
		p.Message = "invalid by " + p.Keyword + ", want " + p.Want
	default:
		p.Message = "invalid by " + p.Keyword
	}
	return p
}

// WithoutValues returns the error with the problems as WithoutValue has them. The cause
// is dropped, because the error of a text that is not JSON quotes some of it.
func (e *ValidationError) WithoutValues() *ValidationError {
	plain := &ValidationError{Subject: e.Subject, More: e.More, Problems: make([]Problem, len(e.Problems))}
	for i, p := range e.Problems {
		plain.Problems[i] = p.WithoutValue()
	}
	return plain
}
