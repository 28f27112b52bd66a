package schema

import (
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// propertyNames is the keyword propertyNames. jsonschema has its own, whose
// errors speak of a field's name in the place of its value.
type propertyNames struct{ name *jsonschema.Schema }

// Validate implements jsonschema.ExtSchema.
func (p *propertyNames) Validate(ctx jsonschema.ValidationContext, v any) error {
	object, _ := v.(map[string]any)
	var failures []error
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if ctx.Validate(p.name, "propertyNames", name, "name") != nil {
			failures = append(failures, ctx.Error("propertyNames", "%s", name))
		}
	}
	switch len(failures) {
	case 0:
		return nil
	case 1:
		return failures[0]
	}
	return jsonschema.ValidationError{}.Group(ctx.Error("", ""), failures...)
}
