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
	gone bool  // another problem covers it, see merge
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
	some := false
	for i := range problems {
		some = some || problems[i].isMisspelt()
	}
	if !some {
		return problems
	}
	if len(problems) <= few {
		return withoutFewRepeats(problems)
	}
	missing, renamed := make(map[misspelling]bool), make(map[misspelling]bool)
	for i := range problems {
		if p := &problems[i]; p.isMisspelt() {
			missing[p.misspelling()] = true
		}
	}
	for i := range problems {
		for _, name := range problems[i].Nearest {
			if m := (misspelling{problems[i].Pointer, name}); missing[m] {
				renamed[m] = true
				break
			}
		}
	}
	return slices.DeleteFunc(problems, func(p Problem) bool { return p.isMisspelt() && renamed[p.misspelling()] })
}

// isMisspelt reports whether a problem is a missing property that a field of another name may
// be.
func (p *Problem) isMisspelt() bool { return p.Keyword == "required" && len(p.Nearest) > 0 }

// misspelling is a field, by its pointer, and the name that it should have. A field can be
// renamed once: of several missing properties that it may be, it stands for the closest.
type misspelling struct{ pointer, name string }

func (p *Problem) misspelling() misspelling {
	return misspelling{pointerBelow(p.Pointer, p.Nearest[0]), p.Want}
}

// few problems are compared with each other: that is what most instances have, and a table
// of them takes longer.
const few = 8

func withoutFewRepeats(problems []Problem) []Problem {
	var repeats [few]bool // found first, as the list changes while it is cut
	for i := range problems {
		for _, name := range problems[i].Nearest {
			found := false
			for j := range problems {
				if p := &problems[j]; p.isMisspelt() && p.Want == name && isMember(problems[i].Pointer, p.Pointer, p.Nearest[0]) {
					repeats[j], found = true, true
				}
			}
			if found {
				break
			}
		}
	}
	kept := problems[:0]
	for i := range problems {
		if !repeats[i] {
			kept = append(kept, problems[i])
		}
	}
	clear(problems[len(kept):])
	return kept
}

// isMember reports whether a pointer is that of the member of an object.
func isMember(pointer, object, name string) bool {
	rest, ok := strings.CutPrefix(pointer, object)
	return ok && rest != "" && rest[0] == '/' && rest[1:] == jsonscan.EscapeToken(name)
}
