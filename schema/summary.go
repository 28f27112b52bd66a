package schema

import (
	"iter"

	"github.com/opcall/opcall/internal/jsonscan"
)

// OperationSummary is an operation in one line.
type OperationSummary struct {
	ID      string `json:"id"`
	Method  string `json:"method"`
	Path    string `json:"path"`
	Summary string `json:"summary,omitempty"`

	Tags []string `json:"-"`
}

// Summaries yields what a list shows of every operation of paths, in document order. It
// reads nothing else of them: those that Operation has an error for may be among them.
func (d *Document) Summaries() iter.Seq[OperationSummary] {
	return func(yield func(OperationSummary) bool) {
		for _, entry := range d.operations {
			if entry.refused != nil {
				continue
			}
			summary := OperationSummary{ID: entry.id, Method: entry.method, Path: parseRoute(entry.path).path}
			for key, value := range jsonscan.Members(entry.text) {
				switch key {
				case "summary":
					summary.Summary = jsonscan.String(value)
				case "tags":
					summary.Tags = jsonscan.Strings(value)
				}
			}
			if !yield(summary) {
				return
			}
		}
	}
}
