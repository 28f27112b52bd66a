package validator

import "github.com/opcall/opcall/internal/jsonvalue"

// A hint is a remedy that the document itself states, in an extension of a schema object:
// "max_tokens" is called "max_output_tokens" here. It takes precedence over a suggestion by
// spelling, as its author knows what is meant.

// fieldHint returns what a document says of a field that nothing declares.
func (x *explainer) fieldHint(f failed, name string) string {
	o := x.schema(&f)
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
	hints := x.schema(&f).hints()
	if hints.text == "" {
		return ""
	}
	for name, end := f.value+1, x.tree.Past(f.value); name < end; name = x.tree.Past(name + 1) {
		if x.tree.Kind(name+1) != jsonvalue.String {
			continue
		}
		if hint := hints.values[x.tree.String(name+1)]; hint != "" {
			return hint
		}
	}
	return ""
}

// valueHint returns what a document says of a string that a schema object does not
// accept.
func (x *explainer) valueHint(f *failed) string {
	if x.tree.Kind(f.value) != jsonvalue.String {
		return ""
	}
	return x.schema(f).hints().values[x.tree.String(f.value)]
}
