package inbound

import (
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema"
)

// FileFields returns the properties of a form's schema that are files or lists of
// files: those that it describes as bytes and as nothing else (OpenAPI 3.0.3
// §4.7.14.2, 3.1 §4.8.14.2). It reads the schema anew each time.
func FileFields(sch *schema.Schema) map[string]bool {
	b := shapeBuilder{doc: sch.Document()}
	properties := make(map[string][]part)
	for _, p := range b.flatten(nil, []part{partOf(sch)}, make(map[string]bool)) {
		members, _ := jsonscan.Member(p.text, "properties")
		for name, text := range jsonscan.Members(members) {
			properties[name] = append(properties[name], p.inner(text))
		}
	}
	files := make(map[string]bool)
	for name, parts := range properties {
		if bytes, other := b.describesBytes(parts, 0); bytes && !other {
			files[name] = true
		}
	}
	return files
}

// describesBytes reports whether schemas describe bytes, and whether they describe
// anything else, themselves or in the items of a list.
func (b *shapeBuilder) describesBytes(schemas []part, level int) (bytes, other bool) {
	var items []part
	for _, p := range b.flatten(nil, schemas, make(map[string]bool)) {
		isBytes, encoded := false, false
		for key, value := range jsonscan.Members(p.text) {
			switch key {
			case "format":
				isBytes = isBytes || jsonscan.String(value) == "binary"
			case "contentMediaType":
				isBytes = isBytes || jsonscan.String(value) == "application/octet-stream"
			case "contentEncoding":
				encoded = true // a text, base64 for one
			case "items":
				items = append(items, p.inner(value))
			}
		}
		isBytes = isBytes && !encoded
		bytes = bytes || isBytes
		other = other || !isBytes && kindsOf(p.text).Has(jsonvalue.Any&^(jsonvalue.Array|jsonvalue.Null))
	}
	if items != nil && level < maxLevels {
		within, beside := b.describesBytes(items, level+1)
		bytes, other = bytes || within, other || beside
	}
	return bytes, other
}

// checkFiles notes the parts of a form that are text where the schema has bytes
// alone: a part without a file name is not a file (RFC 7578 §4.2).
func (rx *reception) checkFiles(media *schema.MediaType, fields []formField) {
	if !rx.validator.NamedFiles || media.Schema == nil {
		return
	}
	files := rx.validator.shapes.files(media.Schema)
	told := make(map[string]bool)
	for _, f := range fields {
		name, _, _ := strings.Cut(f.name, "[")
		if f.kind == fileField || !files[name] || told[name] {
			continue
		}
		told[name] = true
		rx.problem(schema.Pointer("").Append(name), "format", "field %.80q: got text, want a file: a part with a file name", name)
	}
}

// files is FileFields, read once for each schema.
func (s *shapes) files(sch *schema.Schema) map[string]bool {
	known, ok := s.knownFiles.Load(sch.Pointer())
	if !ok {
		known, _ = s.knownFiles.LoadOrStore(sch.Pointer(), FileFields(sch))
	}
	return known.(map[string]bool)
}
