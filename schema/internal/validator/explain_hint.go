package validator

import "github.com/opcall/opcall/internal/jsonvalue"

// A hint is a remedy that the document itself states, in an extension of a schema object:
// "max_tokens" is called "max_output_tokens" here. It takes precedence over a suggestion by
// spelling, as its author knows what is meant.

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
