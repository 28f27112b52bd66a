package inbound

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/order"
	"github.com/opcall/opcall/internal/style"
	"github.com/opcall/opcall/schema"
)

// maxParts bounds the parts or fields of a form, and the pairs of a query.
const maxParts = 10_000

// validateForm validates the object that a form's fields make against its schema, in the
// reading that is valid.
func (rx *reception) validateForm(media *schema.MediaType, join func(reading) (json.RawMessage, error)) {
	object, err := join(asText)
	if err != nil {
		rx.problem("", "", "%v", err)
		return
	}
	if media.Schema != nil {
		invalid := rx.validate(media.Schema, object)
		if invalid != nil {
			if other, err := join(asValue); err == nil && rx.validate(media.Schema, other) == nil {
				object, invalid = other, nil
			}
		}
		rx.note("", invalid)
	}
	rx.setBody(object)
}

// readURLEncoded reads application/x-www-form-urlencoded, whose fields are
// written as the parameters of a query are (OpenAPI 3.1 §4.8.14.4).
func (rx *reception) readURLEncoded(media *schema.MediaType) *Refusal {
	text, refusal := rx.readAll()
	if refusal != nil {
		return refusal
	}
	if strings.Count(string(text), "&") >= maxParts {
		return brokenOff(fmt.Errorf("got more than %d fields", maxParts))
	}
	rx.validateForm(media, func(r reading) (json.RawMessage, error) {
		return rx.joinPairs(splitPairs(string(text)), media, rx.validator.shapes.of(media.Schema, r))
	})
	return nil
}

// joinPairs makes an object of an urlencoded form. Fields that the schema does
// not list are what it says of additional ones.
func (rx *reception) joinPairs(form *pairs, media *schema.MediaType, shape *style.Shape) (json.RawMessage, error) {
	var params []style.Param
	brackets := extension.Brackets(rx.op.Document())
	if shape != nil {
		for name := range shape.Properties {
			params = append(params, extension.WireField(media, name, brackets))
		}
	}
	order.Sort(params, func(a, b style.Param) int { return strings.Compare(a.Name, b.Name) })
	for _, param := range params {
		form.declare(param, shape.Properties[param.Name])
	}
	object := make(jsonscan.Object, 0, len(params))
	for _, param := range params {
		own := shape.Properties[param.Name]
		value, found, err := form.take(param)(own)
		// OpenAPI 3.0.3 and 3.1.0 spread the members of an object over the form, and programs still do.
		if spread := param; err == nil && !found && param.JSONParts && own != nil && own.Additional == nil {
			spread.JSONParts = false
			value, found, err = form.take(spread)(own)
		}
		if err != nil {
			return nil, err
		}
		if found {
			object = append(object, jsonscan.Field{Name: param.Name, Text: string(value)})
		}
	}
	var additional *style.Shape
	if shape != nil {
		additional = shape.Additional
	}
	names, texts := form.leftTexts()
	for _, name := range names {
		value, _, err := extension.WireField(media, name, false).DecodeQuery(strings.Join(texts[name], "&"), additional)
		if err != nil {
			return nil, err
		}
		object = append(object, jsonscan.Field{Name: name, Text: string(value)})
	}
	return json.RawMessage(object.String()), nil
}
