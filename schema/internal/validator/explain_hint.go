package validator

import (
	"sync"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
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
		return &hints{}
	}
	h.once.Do(h.read)
	return h
}

// fieldHint returns what a document says of a field that nothing declares.
func (x *explainer) fieldHint(f failed, name string) string {
	o := x.graph.object(f.object)
	if hint := o.hints().fields[name]; hint != "" || f.failure.detail == foreignKeyword {
		return hint
	}
	// The hint may stand at the component that a reference leads to.
	o, _ = x.closest(f)
	return o.hints().fields[name]
}

// foreignHint returns what a document says of a value that an object has somewhere
// else than in the tag of its union: it is an object of another API.
func (x *explainer) foreignHint(f failed) string {
	if x.graph.object(f.object).hints().text == "" {
		return ""
	}
	for name, end := f.value+1, x.tree.Past(f.value); name < end; name = x.tree.Past(name + 1) {
		if hint := x.valueHint(f.object, name+1); hint != "" {
			return hint
		}
	}
	return ""
}

// valueHint returns what a document says of a string that a schema object does not
// accept.
func (x *explainer) valueHint(object Place, v jsonvalue.Ref) string {
	if x.tree.Kind(v) != jsonvalue.String {
		return ""
	}
	return x.graph.object(object).hints().values[x.tree.String(v)]
}
