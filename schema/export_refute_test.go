package schema

// Refute judges a text in the Standard tier twice: by refute and by jsonschema.
// It is not ok where refute leaves the judgement to the other.
func (d *Document) Refute(component, text string) (byRefute, byJSONSchema, ok bool) {
	s, err := d.Component(component)
	if err != nil {
		return false, false, false
	}
	instance, err := parseInstance(text)
	if err != nil {
		return false, false, false
	}
	root := d.closed.schema(s.text, s.pointer, true)
	failure, err := refute(root, instance, len(text))
	return failure == nil, guarded(root, instance) == nil, err == nil
}
