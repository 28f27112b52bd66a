package inbound

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"slices"
	"strings"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/style"
	"github.com/opcall/opcall/schema"
)

// maxParts bounds the parts or fields of a form, and the pairs of a query.
const maxParts = 10_000

// readMultipart reads multipart/form-data (RFC 7578) part by part. The fields
// make a JSON object, in which files are strings, as schemas describe them.
func (rx *reception) readMultipart(media *schema.MediaType, boundary string) *Refusal {
	if boundary == "" {
		return brokenOff(fmt.Errorf("the Content-Type has no boundary"))
	}
	counted := &counter{r: rx.http.Body}
	reader := multipart.NewReader(counted, boundary)
	var fields []formField
	budget := MaxBody
	for {
		part, err := reader.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return brokenOff(err)
		}
		if len(fields) == maxParts {
			return brokenOff(fmt.Errorf("got more than %d parts", maxParts))
		}
		field, refusal := rx.readPart(media, part, &budget)
		if refusal != nil {
			return refusal
		}
		fields = append(fields, field)
	}
	io.Copy(io.Discard, counted)
	rx.Size = counted.n
	rx.checkFiles(media, fields)
	rx.holdForm(media, func(r reading) (json.RawMessage, error) {
		return joinFields(fields, rx.validator.shapes.of(media.Schema, r), extension.Brackets(rx.op.Document()))
	})
	return nil
}

// holdForm holds the object that a form's fields make against its schema, in the
// reading that is valid.
func (rx *reception) holdForm(media *schema.MediaType, join func(reading) (json.RawMessage, error)) {
	object, err := join(asText)
	if err != nil {
		rx.problem("", "", "%v", err)
		return
	}
	if media.Schema != nil {
		verdict := rx.validate(media.Schema, object)
		if verdict != nil {
			if other, err := join(asValue); err == nil && rx.validate(media.Schema, other) == nil {
				object, verdict = other, nil
			}
		}
		rx.hold("", verdict)
	}
	rx.setBody(object)
}

// readPart reads a file to its end, or a value up to what is left of the budget.
func (rx *reception) readPart(media *schema.MediaType, part *multipart.Part, budget *int) (formField, *Refusal) {
	record := Part{Name: part.FormName(), ContentType: part.Header.Get("Content-Type")}
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil || record.Name == "" {
		return formField{}, brokenOff(fmt.Errorf("part %d has no name", len(rx.Parts)+1))
	}
	field := formField{name: record.Name}
	if name, isFile := params["filename"]; isFile {
		record.FileName = name
		record.Content, record.Size, err = rx.keep(part)
		field.text = name
		field.kind = fileField
	} else {
		var text []byte
		text, err = io.ReadAll(io.LimitReader(part, int64(*budget)+1))
		if *budget -= len(text); *budget < 0 {
			return formField{}, tooLarge()
		}
		record.Content, record.Size = bytes.Clone(text[:min(len(text), rx.validator.Keep)]), int64(len(text))
		field.text = string(text)
		if schema.IsJSON(record.ContentType) || schema.IsJSON(media.Encoding[record.Name].ContentType) {
			field.kind = jsonField
		}
	}
	if err != nil {
		return formField{}, brokenOff(err)
	}
	rx.Parts = append(rx.Parts, record)
	return field, nil
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
	rx.holdForm(media, func(r reading) (json.RawMessage, error) {
		return rx.joinPairs(splitPairs(string(text)), media, rx.validator.shapes.of(media.Schema, r))
	})
	return nil
}

// joinPairs makes an object of an urlencoded form. Fields that the schema does
// not know are strings.
func (rx *reception) joinPairs(form *pairs, media *schema.MediaType, shape *style.Shape) (json.RawMessage, error) {
	var params []style.Param
	brackets := extension.Brackets(rx.op.Document())
	if shape != nil {
		for name := range shape.Properties {
			params = append(params, extension.WireField(media, name, brackets))
		}
	}
	slices.SortFunc(params, func(a, b style.Param) int { return strings.Compare(a.Name, b.Name) })
	for _, param := range params {
		form.declare(param, shape.Properties[param.Name])
	}
	object := make(jsonscan.Object, 0, len(params))
	for _, param := range params {
		value, found, err := form.take(param)(shape.Properties[param.Name])
		if err != nil {
			return nil, err
		}
		if found {
			object = append(object, jsonscan.Field{Name: param.Name, Text: string(value)})
		}
	}
	names, texts := form.leftTexts()
	for _, name := range names {
		value, _, err := style.Param{Name: name, In: "query"}.DecodeQuery(strings.Join(texts[name], "&"), nil)
		if err != nil {
			return nil, err
		}
		object = append(object, jsonscan.Field{Name: name, Text: string(value)})
	}
	return json.RawMessage(object.String()), nil
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
