package call

import (
	"errors"
	"fmt"
	"strings"

	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/schema"
)

// writeSkeleton writes parameters that are valid, for a person to edit: every required
// parameter, and the body with its required fields. -d takes it as it is.
func writeSkeleton(opts *Options, op *schema.Operation) error {
	text, err := skeleton(op)
	if err != nil {
		return err
	}
	return render.Indented(opts.Out, []byte(text), opts.Paint(opts.Out))
}

func skeleton(op *schema.Operation) (string, error) {
	body := "{}"
	if op.RequestBody != nil {
		media := bodyOf(op.RequestBody)
		if media == nil {
			return "", fmt.Errorf("%s takes a file (%s); give it by -d @FILE", op.ID, strings.Join(op.RequestBody.MediaTypes(), ", "))
		}
		made, err := sample.Minimal(media.Schema)
		if err != nil {
			return "", err
		}
		body = string(made)
	}
	var parameters []byte
	for _, p := range op.Parameters {
		if !p.Required || p.Schema == nil {
			continue
		}
		value, err := sample.Typical(p.Schema)
		if err != nil {
			return "", err
		}
		if len(parameters) > 0 {
			parameters = append(parameters, ',')
		}
		parameters = append(parameters, jsonscan.AppendString(nil, strings.TrimSuffix(p.Name, "[]"))...)
		parameters = append(append(parameters, ':'), value...)
	}
	switch {
	case len(parameters) == 0:
		return body, nil
	case body[0] != '{':
		return "", errors.New("the body is no object, and the operation has parameters: give those as arguments, NAME=VALUE")
	case body == "{}":
		return "{" + string(parameters) + "}", nil
	}
	return "{" + string(parameters) + "," + body[1:], nil
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
