package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// MaxInstance is the largest instance that is read from an io.Reader, in bytes. Text
// that the caller holds already has no limit of its own.
// A reader may have no end; a text in memory has shown that it fits.
const MaxInstance = 256 << 20

// InstanceError reports that an instance is not JSON that can be validated: broken
// syntax, a key that an object has twice, a number out of range, a value nested too
// deep. For each of these, parsers differ in what they make of the text, so that a
// result would be true for some readers of it only.
//
// Offset is that in the JSON text: of a Go value, in what was written of it.
type InstanceError struct {
	Offset int // bytes before the error
	Line   int // from 1
	Column int // in bytes, from 1
	Reason string
}

func (e *InstanceError) Error() string {
	return fmt.Sprintf("invalid JSON at line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// validate returns the problems of an instance. The error is an *InstanceError.
// The tree is released at once: problems have copies of what they show.
func (s *Schema) validate(v *validation, text string) (problems, error) {
	t, err := parseInstance(text)
	if err != nil {
		return problems{}, err
	}
	found := s.validateTree(v, t)
	t.Release()
	return found, nil
}

// parseInstance indexes the text of an instance. The error is an *InstanceError.
func parseInstance(text string) (*jsonvalue.Tree, error) {
	t, err := jsonvalue.Parse(text)
	if err != nil {
		return nil, instanceError(err)
	}
	return t, nil
}

// instanceError makes a syntax error an *InstanceError.
func instanceError(err error) error {
	var syntax *jsonscan.SyntaxError
	if errors.As(err, &syntax) {
		return (*InstanceError)(syntax)
	}
	return err
}

// instanceText returns an instance as JSON text. Bytes are not copied: nothing of the
// text is kept beyond the call, and problems quote copies of it. A Go value is
// marshalled as encoding/json does, with its tags, so that what is validated is what
// would be sent; only <, > and & stay as they are, to be quoted readably.
//
// A string is JSON text and not a JSON string. To validate a string value it is written with
// its quotes, or passed as a type of its own.
func instanceText(instance any) (string, error) {
	switch v := instance.(type) {
	case string:
		return v, nil
	case []byte:
		return jsonscan.Alias(v), nil // read only while the caller waits
	case json.RawMessage:
		return jsonscan.Alias(v), nil
	case io.Reader:
		data, err := io.ReadAll(io.LimitReader(v, MaxInstance+1))
		if err != nil {
			return "", fmt.Errorf("the instance cannot be read: %w", err)
		}
		if len(data) > MaxInstance {
			return "", fmt.Errorf("the instance has more than %d bytes", MaxInstance)
		}
		return jsonscan.Alias(data), nil
	}
	data, err := jsonscan.Marshal(instance)
	if err != nil {
		return "", fmt.Errorf("the Go value cannot be written as JSON: %w", err)
	}
	return jsonscan.Alias(data), nil
}
