package validator

import (
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/order"
)

// Problem is one mistake in an instance. It shares no memory with the instance, whose text
// is the caller's to change: what is shown of it is copied where it is shown.
type Problem struct {
	Pointer   string   // to the value in the instance; cut where it is longer than maxPointer
	Keyword   string   // of JSON Schema; UnknownKeyword for a field that nothing declares
	Component string   // the schema that failed, by name
	Schema    string   // pointer to the keyword in the document
	Got       string   // the value, cut short
	Want      string   // what is accepted
	Nearest   []string // names or values that are close, closest first
	Message   string   // all of it in one line, without the pointer

	node *node // that failed, where a property is missing, see wrap
	gone bool  // another problem covers it
}

// maxPointer bounds a pointer: a name in it may be as long as the instance.
const maxPointer = 4000

// SortProblems orders problems by place, then by message, so that the same instance
// always yields the same list.
func SortProblems(problems []Problem) {
	if len(problems) < 2 {
		return
	}
	// The place first, as a reader goes through the instance from its beginning. What follows
	// only settles which of two problems of one place comes first, the same way each time.
	order.Sort(problems, func(a, b Problem) int {
		if order := comparePointers(a.Pointer, b.Pointer); order != 0 {
			return order
		}
		if order := strings.Compare(a.Message, b.Message); order != 0 {
			return order
		}
		return strings.Compare(a.Schema, b.Schema)
	})
}

// WithoutRepeats drops from sorted problems what reports the same mistake again: a
// problem found on two ways through the schema, and the missing property where the
// unknown field beside it, which names it, is what has to be mended.
// The unknown field stays, since it is the one that has to be renamed, and its message names
// what it should be.
func WithoutRepeats(problems []Problem) []Problem {
	if len(problems) < 2 {
		return problems
	}
	// They are sorted, so what was found on two ways stands side by side. The schema is not
	// compared: two parts that want the same of a value are one mistake to whoever sent it.
	problems = slices.CompactFunc(problems, func(a, b Problem) bool { return a.Pointer == b.Pointer && a.Message == b.Message })
	// A misspelt property is found twice: as missing, and as an unknown field. Most instances
	// have none, and pay no more than this look.
	if !slices.ContainsFunc(problems, func(p Problem) bool { return p.isMisspelt() }) {
		return problems
	}
	for i := range problems {
		// A field can be renamed once: of several missing properties that it may be, it stands
		// for the closest.
		for _, name := range problems[i].Nearest {
			if dropMisspelt(problems, problems[i].Pointer, name) {
				break
			}
		}
	}
	return slices.DeleteFunc(problems, func(p Problem) bool { return p.gone })
}

// isMisspelt reports whether a problem is a missing property that a field of another name may
// be.
func (p *Problem) isMisspelt() bool { return p.Keyword == "required" && len(p.Nearest) > 0 }

// dropMisspelt marks the missing property of a name that a field is a misspelling of, and
// reports whether there is one.
func dropMisspelt(problems []Problem, field, name string) (found bool) {
	for i := range problems {
		if p := &problems[i]; p.isMisspelt() && p.Want == name && isMember(field, p.Pointer, p.Nearest[0]) {
			p.gone, found = true, true
		}
	}
	return found
}

// isMember reports whether a pointer is that of the member of an object.
func isMember(pointer, object, name string) bool {
	rest, ok := strings.CutPrefix(pointer, object)
	return ok && rest != "" && rest[0] == '/' && rest[1:] == jsonscan.EscapeToken(name)
}
