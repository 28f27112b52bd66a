package validator

import (
	"sync"

	"github.com/opcall/opcall/internal/jsonscan"
)

// HintsKeyword is the extension of a schema object with hints for what people send out
// of habit with another API. Its member fields has the end of a message for names of
// fields that the schema does not declare, its member values for strings that its enum,
// or the tag of its union, does not have.
const HintsKeyword = "x-opcall-hints"

// maxHint bounds the hint of a document, in bytes.
const maxHint = 200

// hints are those of one schema object. They are read when an instance first fails
// there.
// They are text of the document, which may come from anywhere: a hint is cut and escaped
// like what an instance has.
type hints struct {
	text           string
	once           sync.Once
	fields, values map[string]string
}

// noHints are those of a schema object without any.
var noHints hints

// read fills the maps.
func (h *hints) read() {
	for kind, list := range jsonscan.Members(h.text) {
		byName := make(map[string]string)
		for name, hint := range jsonscan.Members(list) {
			byName[name] = printable(bounded(jsonscan.String(hint), maxHint))
		}
		switch kind {
		case "fields":
			h.fields = byName
		case "values":
			h.values = byName
		}
	}
}

// hints returns the hints of a schema object, none where it has none.
func (o *object) hints() *hints {
	h := o.declared().hints
	if h == nil {
		return &noHints
	}
	h.once.Do(h.read)
	return h
}
