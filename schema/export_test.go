package schema

import "github.com/opcall/opcall/schema/internal/validator"

// OracleText is the document as jsonschema reads it, which the Strict tier is
// compared with.
func (d *Document) OracleText() string { return validator.Repaired(d.text) }

// Line returns the line, from 1, on which the value at pointer stands in the text
// that was loaded, or 0 where there is none.
func (d *Document) Line(pointer Pointer) int { return d.source.line(pointer) }
