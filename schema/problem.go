package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/opcall/opcall/schema/internal/validator"
)

const (
	// maxProblems bounds a ValidationError.
	maxProblems = 100

	// maxShown bounds what is shown of a value.
	maxShown = 60
)

// Problem is one mistake in an instance. The same mistake gives the same problem every
// time. Pointer is text of the instance as it is; what String and Message show of the
// instance is quoted or escaped, and cut.
//
// The fields are for programs, Message for people: it says no more than they do, and
// may be worded anew.
type Problem struct {
	Pointer   Pointer  `json:"pointer"`             // of the value in the instance; cut, with "…", beyond 4,000 bytes
	In        string   `json:"in,omitempty"`        // of a request's parameter: "path", "query", "header", "cookie"; the pointer begins with its name
	Keyword   string   `json:"keyword"`             // of JSON Schema: "required", "enum"; "unevaluatedProperties" for an unknown field
	Component string   `json:"component,omitempty"` // the schema that is violated, by name
	Schema    Pointer  `json:"schema,omitempty"`    // where that keyword stands in the document
	Got       string   `json:"got,omitempty"`       // the value, cut short
	Want      string   `json:"want,omitempty"`      // what is accepted
	Nearest   []string `json:"nearest,omitempty"`   // names or values that are accepted, closest first
	Line      int      `json:"line,omitempty"`      // of Schema in the document, where it was loaded from a file
	Message   string   `json:"message"`             // all of it in a line, without the place
}

func (p Problem) String() string {
	var text [maxLine]byte
	return string(p.append(text[:0]))
}

// maxLine is the length of most problems as text, in bytes: a line takes one allocation, and
// a longer one two.
const maxLine = 320

// append appends the text of a problem.
func (p *Problem) append(text []byte) []byte {
	// "/limit" of the query and "/limit" of the body are two places of one request.
	if p.In != "" {
		text = append(append(text, p.In...), ' ')
	}
	text = append(text, shownPlace(p.Pointer)...)
	text = append(append(text, ": "...), p.Message...)
	if p.Component != "" {
		text = append(append(text, " ("...), validator.Printable(p.Component, maxSubject)...)
		text = append(text, ')')
	}
	return text
}

const (
	maxPlace   = 2000 // what is shown of a pointer, in bytes
	maxSubject = 200  // of the name of what was validated
)

// shownPlace writes a pointer for people: "/" for the whole, which the standard writes
// as the empty text, and without what breaks a line, for its names are a stranger's.
// The pointer in the field stays as it is.
func shownPlace(p Pointer) string {
	if p == "" {
		return "/"
	}
	return validator.Printable(string(p), maxPlace)
}

// ValidationError is every problem of an instance, by pointer, at most 100. The order
// and the text depend on the instance and the document alone, so that they can be
// compared in tests and counted in logs.
type ValidationError struct {
	Subject  string    // what was validated: a component, "createFile request"
	Problems []Problem // at least one
	More     int       // problems found beyond those; of thousands, not all are looked for
	Err      error     // an *InstanceError when the instance is not JSON
}

// Error is one line for a single problem; more stand on lines of their own, indented
// under the subject, so that a log shows where they end.
func (e *ValidationError) Error() string {
	var line [maxLine]byte
	text := append(line[:0], validator.Printable(e.Subject, maxSubject)...)
	if len(e.Problems) == 1 && e.More == 0 {
		text = append(text, ": "...)
		return string(e.Problems[0].append(text))
	}
	text = append(slices.Grow(text, len(e.Problems)*maxLine/2), ": "...)
	text = strconv.AppendInt(text, int64(len(e.Problems)+e.More), 10)
	text = append(text, " problems"...)
	for i := range e.Problems {
		text = append(text, "\n  "...)
		text = e.Problems[i].append(text)
	}
	if e.More > 0 {
		text = fmt.Appendf(text, "\n  and %d more", e.More)
	}
	return string(text)
}

// Unwrap returns the cause, when there is one.
func (e *ValidationError) Unwrap() error { return e.Err }

// MarshalJSON writes the subject and the problems.
func (e *ValidationError) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Subject  string    `json:"subject"`
		Problems []Problem `json:"problems"`
		More     int       `json:"more,omitempty"`
	}{e.Subject, e.Problems, e.More})
}

// quoted shows a string: cut when long, unprintable characters escaped.
func quoted(s string) string { return validator.Quoted(s) }

func quotedAll(names []string) []string { return validator.QuotedAll(names) }
