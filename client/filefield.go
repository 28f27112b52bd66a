package client

import (
	"errors"
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// checkFiles reports the fields of a multipart form that are not files where the
// document describes files: they would be sent as text, bytes as base64, without a
// file name. It returns the fields as they are validated further: without those.
func (b *Bound) checkFiles(invalid *schema.ValidationError) []field {
	fields := b.body.fields
	if !isMultipart(b.body.content) {
		return fields
	}
	files := b.plan.fileFields(b.body.media)
	isText := func(f field) bool { return f.files == nil && f.json != "null" && f.json != "[]" && files[f.name] }
	if len(files) == 0 || !slices.ContainsFunc(fields, isText) {
		return fields
	}
	fields = slices.Clone(fields)
	for i, f := range fields {
		if !isText(f) {
			continue
		}
		invalid.Problems = append(invalid.Problems, schema.Problem{Pointer: pointerTo(f.name), Keyword: "format", Want: "a file", Message: f.wantFile()})
		fields[i] = field{name: f.name, files: []File{{Name: f.name}}, list: f.json[0] == '['}
	}
	return fields
}

// wantFile says how a field becomes a file.
func (f field) wantFile() string {
	got, it := "text", "it"
	switch {
	case f.given == givenBytes && f.json[0] == '[':
		return "got a list of bytes, want files: wrap each in client.File{Name: …, Body: bytes.NewReader(…)}"
	case f.given == givenBytes:
		return "got bytes, want a file: wrap them in client.File{Name: …, Body: bytes.NewReader(…)}"
	case f.json[0] == '[':
		got, it = "a list", "each item"
	case f.json[0] != '"':
		got = jsonscan.TypeName(f.json)
	}
	if f.given == givenJSON {
		return "got " + got + ", want a file, which neither JSON nor a struct can hold: use client.Params with a client.File in it"
	}
	return "got " + got + ", want a file: wrap " + it + " in client.File{Name: …, Body: …}, of a path with what os.Open returns as the Body"
}

// explainNullFiles says in the problems of null in place of a file how the field is
// left empty: the document describes files as strings, which is not a remedy.
func (b *Bound) explainNullFiles(err error) {
	var invalid *schema.ValidationError
	if !isMultipart(b.body.content) || !errors.As(err, &invalid) {
		return
	}
	files := b.plan.fileFields(b.body.media)
	for i := range invalid.Problems {
		p := &invalid.Problems[i]
		if names := p.Pointer.Tokens(); p.Got == "null" && len(names) == 1 && files[names[0]] {
			p.Want, p.Message = "a file", "got null, want a file; leave the field out to send none"
		}
	}
}
