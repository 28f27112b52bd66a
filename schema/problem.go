package schema

import (
	"encoding/json"
	"fmt"

	"github.com/opcall/opcall/internal/jsonscan"
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
	return jsonscan.Alias(p.appendTo(make([]byte, 0, p.size())))
}

// size is the length of most problems as text, in bytes. What has to be escaped makes it
// longer, and what is cut shorter.
func (p *Problem) size() int {
	size := max(1, min(len(p.Pointer), maxPlace)) + len(": ") + len(p.Message)
	if p.In != "" {
		size += len(p.In) + len(" ")
	}
	if p.Component != "" {
		size += len(" (") + min(len(p.Component), maxSubject) + len(")")
	}
	return size
}

// appendTo appends a problem as text.
func (p *Problem) appendTo(b []byte) []byte {
	// "/limit" of the query and "/limit" of the body are two places of one request.
	if p.In != "" {
		b = append(append(b, p.In...), ' ')
	}
	b = append(append(append(b, shownPlace(p.Pointer)...), ": "...), p.Message...)
	if p.Component != "" {
		b = append(append(append(b, " ("...), validator.Printable(p.Component, maxSubject)...), ')')
	}
	return b
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
	subject := validator.Printable(e.Subject, maxSubject)
	one := len(e.Problems) == 1 && e.More == 0
	// The text is as long as the sum of its parts, so that it takes one allocation.
	size := len(subject) + len(": ")
	if !one {
		size += len("100 problems") + len("\n  and 100 more")
	}
	for i := range e.Problems {
		size += e.Problems[i].size()
		if !one {
			size += len("\n  ")
		}
	}
	b := append(append(make([]byte, 0, size), subject...), ": "...)
	if one {
		return jsonscan.Alias(e.Problems[0].appendTo(b))
	}
	b = fmt.Appendf(b, "%d problems", len(e.Problems)+e.More)
	for i := range e.Problems {
		b = e.Problems[i].appendTo(append(b, "\n  "...))
	}
	if e.More > 0 {
		b = fmt.Appendf(b, "\n  and %d more", e.More)
	}
	return jsonscan.Alias(b)
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
