package schema

import "github.com/opcall/opcall/schema/internal/validator"

// OracleText is the document as jsonschema reads it, which the Strict tier is
// compared with.
func (d *Document) OracleText() string { return validator.Repaired(d.text) }
