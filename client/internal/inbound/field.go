package inbound

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/style"
)

// formField is one field of a multipart body: a text that the schema gives a
// type, JSON, or the name of a file.
type formField struct {
	name string
	kind fieldKind
	text string
}

type fieldKind int

const (
	textField fieldKind = iota
	jsonField
	fileField
)

// joinFields makes a JSON object of the fields of a form: those of one name are
// an array, and with brackets a[] is an item, a[k] a member, a[0] the item at
// that place. The shape says what is a number, and where one item is an array.
func joinFields(fields []formField, shape *style.Shape, brackets bool) (json.RawMessage, error) {
	if len(fields) == 0 {
		return json.RawMessage("{}"), nil
	}
	root := new(style.Tree[formField])
	for _, f := range fields {
		path := []string{f.name}
		if open := strings.IndexByte(f.name, '['); open > 0 && brackets && !declared(shape, f.name) {
			if inner, ok := style.SplitBrackets(f.name[open:]); ok {
				path = append([]string{f.name[:open]}, inner...)
			}
		}
		if len(path) > maxLevels {
			return nil, fmt.Errorf("field %.80q is nested more than %d levels deep", f.name, maxLevels)
		}
		root.Add(path, f)
	}
	object, err := style.Join[formField]{Leaves: appendFields, Indices: true}.Append(nil, root, shape)
	var e *style.Error
	if errors.As(err, &e) {
		err = fmt.Errorf("%s: %s", e.Pointer, e.Reason)
	}
	return object, err
}

func declared(shape *style.Shape, name string) bool {
	return shape != nil && shape.Properties[name] != nil
}

// appendFields writes the fields of one name: a value, or an array where there
// are several or the shape allows nothing else.
func appendFields(dst []byte, fields []formField, shape *style.Shape) (_ []byte, err error) {
	one := fields[0]
	isArray := shape != nil && shape.Type&jsonvalue.Array != 0
	isJSONArray := one.kind == jsonField && strings.HasPrefix(strings.TrimSpace(one.text), "[")
	if len(fields) == 1 && (!isArray || isJSONArray || shape.Type&^(jsonvalue.Array|jsonvalue.Null) != 0) {
		return one.append(dst, shape)
	}
	var items *style.Shape
	if shape != nil {
		items = shape.Items
	}
	dst = append(dst, '[')
	for i, f := range fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendFields(dst, []formField{f}, items); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

// append writes a field as the JSON value that the shape makes of it.
func (f formField) append(dst []byte, shape *style.Shape) ([]byte, error) {
	switch {
	case f.kind == jsonField:
		if !json.Valid([]byte(f.text)) {
			return nil, fmt.Errorf("field %.80q is not the JSON that its content type says", f.name)
		}
		return append(dst, f.text...), nil
	case !utf8.ValidString(f.text):
		return nil, fmt.Errorf("field %.80q is not valid UTF-8", f.name)
	case f.kind == textField && shape != nil && shape.Type != 0 && shape.Type&jsonvalue.String == 0 && fits(f.text, shape.Type):
		return append(dst, f.text...), nil
	}
	text, err := json.Marshal(f.text)
	return append(dst, text...), err
}

// fits reports whether text is a scalar of one of the types.
func fits(text string, types jsonvalue.Kinds) bool {
	switch {
	case text == "null":
		return types&jsonvalue.Null != 0
	case text == "true" || text == "false":
		return types&jsonvalue.Boolean != 0
	}
	return types.Has(jsonvalue.Number) && json.Valid([]byte(text)) && jsonvalue.KindOfText(text).Has(jsonvalue.Number)
}
