package call

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/argument"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/schema"
)

// writeSkeleton writes parameters that are valid, for a person to edit: every required
// parameter, and the body with its required fields. -d takes it as it is. Files, which JSON
// cannot hold, are left out, and a note says how each is given.
func writeSkeleton(opts *Options, op *schema.Operation) error {
	text, files, err := skeleton(op)
	if err != nil {
		return err
	}
	for _, argument := range files {
		opts.note(argument + " is missing: a file cannot stand in JSON, give it as an argument beside -d")
	}
	return render.Indented(opts.Out, []byte(text), opts.Paint(opts.Out))
}

// skeleton returns the text, and the arguments that give what it lacks: "file=@FILE".
func skeleton(op *schema.Operation) (text string, files []string, err error) {
	body := "{}"
	if op.RequestBody != nil {
		media := bodyOf(op.RequestBody)
		if media == nil {
			return "", nil, fmt.Errorf("%s takes a file (%s); give it by -d @FILE", op.ID, strings.Join(op.RequestBody.MediaTypes(), ", "))
		}
		made, err := sample.Minimal(media.Schema)
		if err != nil {
			return "", nil, err
		}
		body = string(made)
		var isFile map[string]bool
		if isFile, err = filesIn(op, body); err != nil {
			return "", nil, err
		}
		body, files = withoutFiles(body, isFile)
	}
	var parameters []byte
	for _, p := range op.Parameters {
		if !p.Required || p.Schema == nil {
			continue
		}
		value, err := sample.Typical(p.Schema)
		if err != nil {
			return "", nil, err
		}
		if len(parameters) > 0 {
			parameters = append(parameters, ',')
		}
		parameters = append(parameters, jsonscan.AppendString(nil, strings.TrimSuffix(p.Name, "[]"))...)
		parameters = append(append(parameters, ':'), value...)
	}
	switch {
	case len(parameters) == 0:
		return body, files, nil
	case body[0] != '{':
		return "", nil, errors.New("the body is not an object, and the operation has parameters: give those as arguments, NAME=VALUE")
	case body == "{}":
		return "{" + string(parameters) + "}", files, nil
	}
	return "{" + string(parameters) + "," + body[1:], files, nil
}

// filesIn returns the fields of a body that a client would refuse for want of a file, and
// those that JSON cannot give what the form beside it takes.
func filesIn(op *schema.Operation, body string) (map[string]bool, error) {
	isFile := make(map[string]bool)
	if hasForm(op.RequestBody) {
		for name, value := range jsonscan.Members(body) {
			isFile[name] = (value[0] == '"' || value[0] == '[') && argument.IsFile(op, name)
		}
	}
	c, err := client.New(client.WithDocument(op.Document()), client.WithoutEnvironment())
	if err != nil {
		return nil, err
	}
	var invalid *schema.ValidationError
	if !errors.As(c.Validate(op.ID, json.RawMessage(body)), &invalid) {
		return isFile, nil
	}
	for _, p := range invalid.Problems {
		if names := p.Pointer.Tokens(); len(names) == 1 && p.Want == "a file" {
			isFile[names[0]] = true
		}
	}
	return isFile, nil
}

// hasForm reports whether a body may be a form, which files can stand in.
func hasForm(body *schema.RequestBody) bool {
	return slices.ContainsFunc(body.Content, func(m *schema.MediaType) bool { return strings.HasPrefix(m.Name, "multipart/") })
}

// withoutFiles takes the fields that are files out of an object, and returns the arguments
// that give them.
func withoutFiles(object string, isFile map[string]bool) (rest string, files []string) {
	var kept []byte
	for name, value := range jsonscan.Members(object) {
		if isFile[name] {
			if value[0] == '[' && !strings.HasSuffix(name, "[]") {
				name += "[]"
			}
			files = append(files, name+"=@FILE")
			continue
		}
		if len(kept) > 0 {
			kept = append(kept, ',')
		}
		kept = append(append(jsonscan.AppendString(kept, name), ':'), value...)
	}
	if len(files) == 0 {
		return object, nil
	}
	return "{" + string(kept) + "}", files
}

// bodyOf is the media type whose fields are shown: JSON where there is one.
func bodyOf(body *schema.RequestBody) *schema.MediaType {
	var form *schema.MediaType
	for _, m := range body.Content {
		switch {
		case m.Schema == nil:
		case schema.IsJSON(m.Name):
			return m
		case strings.HasPrefix(m.Name, "multipart/") || strings.HasPrefix(m.Name, "application/x-www-form-urlencoded"):
			form = m
		}
	}
	return form
}
