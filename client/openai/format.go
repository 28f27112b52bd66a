package openai

// Format is what a model's text has to look like: an object of a JSON Schema. It
// serves both APIs as ResponseFormat. As JSON it has the form of chat
// completions.
type Format struct {
	Name        string // letters, digits, _ and -, at most 64
	Description string
	Schema      any   // JSON Schema: anything that marshals to one
	Strict      *bool // whether the model is held to the schema; absent is false
}

// JSONSchema returns the format of a JSON Schema that the model is held to:
// Strict is true, which takes a schema of the strict subset, with all properties
// required and no others allowed.
func JSONSchema(name string, schema any) Format {
	strict := true
	return Format{Name: name, Schema: schema, Strict: &strict}
}

// schemaFormat has the fields as both APIs name them.
type schemaFormat struct {
	Type        string `json:"type,omitempty"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Schema      any    `json:"schema"`
	Strict      *bool  `json:"strict,omitempty"`
}

// MarshalJSON writes {"type": "json_schema", "json_schema": {…}}.
func (f Format) MarshalJSON() ([]byte, error) {
	return marshal(struct {
		Type   string       `json:"type"`
		Schema schemaFormat `json:"json_schema"`
	}{"json_schema", schemaFormat{"", f.Name, f.Description, f.Schema, f.Strict}})
}

// formatForResponses writes a format as the member format of text.
func formatForResponses(format any) any {
	switch f := format.(type) {
	case Format:
		return schemaFormat{"json_schema", f.Name, f.Description, f.Schema, f.Strict}
	case *Format:
		if f != nil {
			return formatForResponses(*f)
		}
	}
	return format
}
