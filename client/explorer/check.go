package explorer

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/opcall/opcall/schema"
)

// verdict is what validation says of the form, and the same call for other programs.
type verdict struct {
	Valid    bool             `json:"valid"`
	Message  string           `json:"message,omitempty"` // of an error that is not a list of problems
	Problems []schema.Problem `json:"problems"`
	More     int              `json:"more,omitempty"`
	Code     []snippet        `json:"code"`
}

// serveCheck validates what the page has, each time that somebody types.
func (e *Explorer) serveCheck(w http.ResponseWriter, r *http.Request) {
	a, ok := readAsked(w, r, maxCheck)
	if !ok {
		return
	}
	v := verdict{Problems: []schema.Problem{}}
	input, err := a.input()
	if err == nil {
		err = e.client.Validate(a.Operation, input)
	}
	var invalid *schema.ValidationError
	switch {
	case err == nil:
		v.Valid = true
	case errors.As(err, &invalid):
		v.Problems, v.More = slices.Clone(invalid.Problems), invalid.More
		for i := range v.Problems {
			v.Problems[i].Message = inPage(v.Problems[i].Message)
		}
	default:
		v.Message = err.Error()
	}
	if a.Body == nil || json.Valid([]byte(*a.Body)) {
		v.Code = e.code(r.Context(), a)
	}
	writeJSON(w, http.StatusOK, v)
}

// inPage puts what the page has in the place of what a Go program would do.
func inPage(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		for _, want := range []string{", want a file", ", want files"} {
			if before, remedy, ok := strings.Cut(line, want); ok && strings.Contains(remedy, "client.File") {
				line = before + want + ": choose it in the form"
				if strings.HasSuffix(remedy, "\n") {
					line += "\n"
				}
			}
		}
		b.WriteString(strings.Replace(line, " and use Stream, which sets it", ` and tick "as a stream", which sets it`, 1))
	}
	return b.String()
}
