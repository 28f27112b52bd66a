package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/order"
)

// differ compares two documents. It is used once, by one goroutine. The comparisons of
// its subjects share the work that is left, what has been renamed, and the references of
// both documents; what each finds is kept here, in the order in which it was found, until
// it is folded.
type differ struct {
	old, new    *Document
	uses        map[string]ways // on which ways each component travels, in either document
	renamed     map[Pointer]Pointer
	renamedFrom map[Pointer]Pointer
	before, now *references
	turned      map[string]bool // see isTurned; nil until it is asked for
	referred    *bool           // see sameReferred; likewise
	found       []difference
	work        int // bytes of schema objects that may still be compared
	exhausted   bool
}

// The work of a comparison is bounded in relation to the size of the documents. An
// object is read once for itself and once within each object around it, so that the
// factor is about how deep documents are nested.
//
// Both are far above what descriptions of real APIs need. They exist for documents whose
// references make each of n schemas face each of n others, which would take time in the
// square of their size or worse.
const (
	minDiffWork    = 1 << 20
	diffWorkFactor = 64
)

func newDiffer(old, new *Document) *differ {
	d := &differ{
		old: old, new: new, before: old.references(), now: new.references(),
		renamed: make(map[Pointer]Pointer), renamedFrom: make(map[Pointer]Pointer),
		work: minDiffWork + diffWorkFactor*(len(old.text)+len(new.text)),
	}
	// A way counts if either document has it: a component that responses no longer contain
	// still has programs that read it there.
	d.uses = d.before.spread()
	for name, w := range d.now.spread() {
		d.uses[name] = d.uses[name].or(w)
	}
	// Before anything is compared, since every reference asks whether its component has
	// been renamed.
	d.findRenamed()
	return d
}

// subject begins the comparison of one operation, component, webhook or security scheme.
// The uses decide which half of an effect counts.
// The pairs that are being compared are kept per subject: each begins with none.
func (d *differ) subject(name, of string, uses ways) *comparison {
	return &comparison{differ: d, subject: name, of: of, uses: uses, facing: make(map[[2]Pointer]bool)}
}

// keep adds what a comparison found. The first one after the work is spent says so, as a
// change of its own: a comparison that was given up must not look like two documents
// that are the same.
func (d *differ) keep(c *comparison) {
	if d.exhausted && !slices.ContainsFunc(d.found, func(f difference) bool { return f.Kind == ChangeNotCompared }) {
		c.note(ChangeNotCompared, nil, "", unsure, "not compared from here on: the schemas refer to each other too often")
	}
	d.found = append(d.found, c.found...)
}

// changes folds the same change at several places into one, adds what each reaches, and
// sorts. A description is often changed in bulk: a response for 429 on every operation, a
// value of an enum that four components spell out. Read one by one, such changes hide the
// three that matter.
//
// The fold is by kind, text and severity, so that it never puts a safe change and a
// breaking one into one line.
//
// The order of found is that of the documents, and folding keeps the first of equal
// changes in its place. The sort is stable, so that two runs give the same list.
func (d *differ) changes() *Changes {
	type key struct {
		kind            ChangeKind
		of, place, text string
		severity        Severity
	}
	at := make(map[key]int)
	var list []Change
	var uses []ways // of each, where it is an operation's own
	for _, f := range d.found {
		k := key{f.Kind, f.Of, f.place, f.Text, f.Severity}
		if saysAll(f.Kind) {
			k.place = ""
		}
		i, ok := at[k]
		if !ok || !foldable(f.Kind) {
			at[k] = len(list)
			list, uses = append(list, f.Change), append(uses, f.uses)
			continue
		}
		uses[i] = uses[i].or(f.uses)
		list[i].Places = append(list[i].Places, f.Places...)
		// Differences of one subject follow each other, so the last one is enough to look at.
		if s := list[i].Subjects; len(s) > 0 && s[len(s)-1] != f.Subjects[0] {
			list[i].Subjects = append(s, f.Subjects[0])
		}
	}
	d.addReaches(list, uses)
	c := &Changes{old: d.old, new: d.new}
	for i := range list {
		list[i].ID = list[i].id()
		if list[i].Kind == ChangeProse {
			c.prose = append(c.prose, list[i])
		} else {
			c.list = append(c.list, list[i])
		}
	}
	// What concerns all comes first, then what programs call, then what it is made of.
	subjects := []string{"document", "security scheme", "operation", "webhook", "component"}
	order.Sort(c.list, func(a, b Change) int {
		if a.Severity != b.Severity {
			return int(b.Severity - a.Severity)
		}
		return slices.Index(subjects, a.Of) - slices.Index(subjects, b.Of)
	})
	return c
}

// foldable reports whether changes of a kind are reported once for many places.
// What comes, goes or gets another name as a whole is an item of its own: a component
// that is gone has nothing in common with another one that is gone.
func foldable(kind ChangeKind) bool {
	switch kind {
	case ChangeComponentAdded, ChangeComponentRemoved, ChangeComponentRenamed, ChangeOperationAdded, ChangeOperationRemoved:
		return false
	}
	return true
}

// saysAll reports whether the text of a change says what it is, whatever it is that
// changed. Such changes are folded over all places; the others, such as "field removed",
// only over places of the same name in different subjects.
func saysAll(kind ChangeKind) bool {
	switch kind {
	case ChangeEnum, ChangeKeyword, ChangeDefault, ChangeBranchAdded, ChangeBranchRemoved, ChangeReference:
		return true
	}
	return false
}

// id hashes what the change is, and where. The other places of one that several
// have in common do not count, so that it keeps its ID when one more has it.
//
// Severity is not hashed either, as it may depend on what else uses a component. Four
// bytes are enough to name a change in a list that people read and copy from; they
// prove nothing.
func (c *Change) id() string {
	where := ""
	if len(c.Places) > 0 {
		where = c.Places[0]
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{string(c.Kind), c.Of, where, c.Text}, "\x00")))
	return hex.EncodeToString(sum[:4])
}

// addReaches fills in Reaches. An operation's own change concerns it on the way of what
// was compared: its parameters and body, its responses, or both for the operation as a
// whole. The operations of a component are looked for once for all
// components that changed. Both documents count: what is gone in the new one reached
// operations of the old one. The search is bounded; where it is given up the lists are
// incomplete, which only a document in which everything uses everything can bring about.
func (d *differ) addReaches(list []Change, uses []ways) {
	components := make(map[string]bool)
	for i := range list {
		if list[i].Of == "component" {
			for _, name := range list[i].Subjects {
				components[name] = true
				if from, ok := d.renamedFrom[componentPointer(name)]; ok {
					components[wholeName(from)] = true
				}
			}
		}
	}
	// Whether the lists are whole is not reported: they help to read a change and decide
	// nothing about its severity, which comes from the uses.
	now, _ := d.now.reaching(components)
	before, _ := d.before.reaching(components)
	for i := range list {
		switch c := &list[i]; c.Of {
		case "operation":
			for _, id := range c.Subjects {
				c.Reaches = append(c.Reaches, Reach{Operation: id, Request: uses[i].request, Response: uses[i].response})
			}
		case "webhook":
			for _, name := range c.Subjects {
				c.Reaches = append(c.Reaches, Reach{Operation: name, Webhook: true})
			}
		case "component":
			for _, name := range c.Subjects {
				c.Reaches = mergeReaches(c.Reaches, now[name])
				c.Reaches = mergeReaches(c.Reaches, before[name])
				if from, ok := d.renamedFrom[componentPointer(name)]; ok {
					c.Reaches = mergeReaches(c.Reaches, before[wholeName(from)])
				}
			}
		}
	}
}

// mergeReaches adds reaches to a list, each operation once and with all its ways. A
// webhook and an operation may have the same name; they are told apart.
// The order is that of the first list, with what only the second one has behind it: the
// operations of the new document, then those of the old one that are gone.
func mergeReaches(list, more []Reach) []Reach {
	if len(list) == 0 {
		return slices.Clone(more)
	}
	at := make(map[Reach]int, len(list))
	for i, r := range list {
		at[Reach{Operation: r.Operation, Webhook: r.Webhook}] = i
	}
	for _, r := range more {
		if i, ok := at[Reach{Operation: r.Operation, Webhook: r.Webhook}]; ok {
			list[i].Request, list[i].Response = list[i].Request || r.Request, list[i].Response || r.Response
			continue
		}
		at[Reach{Operation: r.Operation, Webhook: r.Webhook}] = len(list)
		list = append(list, r)
	}
	return list
}
