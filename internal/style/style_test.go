package style_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/style"
)

// A wireCase is a line of testdata/cases.json and testdata/decode.json. Another implementation can run them as well.
type wireCase struct {
	Name    string
	Param   style.Param
	Value   json.RawMessage // what is encoded, and what decoding gives back
	Wire    string          // of a header, the one field value; of a cookie, the header
	Omitted bool            // nothing is written, nothing found
	Error   string          // part of the message of the *style.Error
	Shape   json.RawMessage // as JSON Schema; cases.json leaves it to be that of the value
	Decoded json.RawMessage // what decoding gives back where it is not Value
}

func readCases(t *testing.T, file string) (cases []wireCase) {
	t.Helper()
	if err := readJSON(file, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func readJSON(file string, v any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode(v)
}

func TestEveryStyleWritesAndReadsItsCases(t *testing.T) {
	for _, c := range readCases(t, "testdata/cases.json") {
		t.Run(c.Name, func(t *testing.T) {
			v := gjson.ParseBytes(c.Value)
			wire, written, err := encode(c.Param, v)
			if checkError(t, err, c.Error) {
				return
			}
			if wire != c.Wire || written == c.Omitted {
				t.Fatalf("encode %s: got %q (written %t), want %q (written %t)", c.Value, wire, written, c.Wire, !c.Omitted)
			}
			shape := shapeOf(v)
			got, found, err := decode(c.Param, wire, written, shape)
			if err != nil {
				t.Fatalf("decode %q: %v", wire, err)
			}
			if found == c.Omitted {
				t.Fatalf("decode %q: got found %t, want %t", wire, found, !c.Omitted)
			}
			want := c.Value
			if c.Decoded != nil {
				want = c.Decoded
			}
			if found && !cmp.Equal(tokens(t, got), tokens(t, want)) {
				t.Errorf("decode %q: got %s, want %s", wire, got, want)
			}
		})
	}
}

func TestDecodeFollowsTheShapeOfTheSchema(t *testing.T) {
	for _, c := range readCases(t, "testdata/decode.json") {
		t.Run(c.Name, func(t *testing.T) {
			got, found, err := decode(c.Param, c.Wire, true, schemaShape(c.Shape))
			if checkError(t, err, c.Error) {
				return
			}
			if found == c.Omitted {
				t.Fatalf("decode %q: got found %t, want %t", c.Wire, found, !c.Omitted)
			}
			if found && !cmp.Equal(tokens(t, got), tokens(t, c.Value)) {
				t.Errorf("decode %q: got %s, want %s", c.Wire, got, c.Value)
			}
		})
	}
}

// checkError compares err with the wanted part of a message and reports whether the case ends here.
func checkError(t *testing.T, err error, want string) bool {
	t.Helper()
	var e *style.Error
	switch {
	case err == nil && want == "":
		return false
	case err == nil:
		t.Fatalf("got no error, want %q", want)
	case want == "" || !strings.Contains(err.Error(), want):
		t.Fatalf("got error %q, want %q", err, want)
	case !errors.As(err, &e):
		t.Fatalf("got a %T, want a *style.Error", err)
	}
	return true
}

// encode writes v by the method of its location.
func encode(p style.Param, v gjson.Result) (wire string, written bool, err error) {
	switch p.In {
	case "path":
		wire, err = p.Path(v)
		return wire, err == nil, err
	case "header":
		return p.Header(v)
	case "cookie":
		return p.Cookie(v)
	}
	query, err := p.AppendQuery(nil, v)
	return string(query), len(query) > 0, err
}

// decode reads a wire form by the method of its location; only a header tells an absent one from an empty one.
func decode(p style.Param, wire string, written bool, s *style.Shape) (value json.RawMessage, found bool, err error) {
	switch p.In {
	case "path":
		value, err = p.DecodePath(wire, s)
		return value, err == nil, err
	case "header":
		if !written {
			return p.DecodeHeader(nil, s)
		}
		return p.DecodeHeader([]string{wire}, s)
	case "cookie":
		return p.DecodeCookie(wire, s)
	}
	return p.DecodeQuery(wire, s)
}

// tokens returns the tokens of a JSON text: equal ones mean equal values, numbers by their digits, members in the same
// order.
func tokens(t *testing.T, text []byte) (list []json.Token) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatalf("%s is not JSON: %v", text, err)
		}
		list = append(list, token)
	}
}

// schemaShape reads the keywords of a JSON Schema that a shape has.
func schemaShape(schema []byte) *style.Shape {
	if schema == nil {
		return nil
	}
	var s style.Shape
	root := gjson.ParseBytes(schema)
	for _, name := range root.Get("type").Array() {
		s.Type |= jsonvalue.ParseKind(name.Str)
	}
	if items := root.Get("items"); items.Exists() {
		s.Items = schemaShape([]byte(items.Raw))
	}
	if additional := root.Get("additionalProperties"); additional.Exists() {
		s.Additional = schemaShape([]byte(additional.Raw))
	}
	for name, property := range root.Get("properties").All() {
		if s.Properties == nil {
			s.Properties = make(map[string]*style.Shape)
		}
		s.Properties[name.Str] = schemaShape([]byte(property.Raw))
	}
	return &s
}

// shapeOf returns the shape that v and nothing else suggests.
func shapeOf(v gjson.Result) *style.Shape {
	s := new(style.Shape)
	addShape(s, v)
	return s
}

func addShape(s *style.Shape, v gjson.Result) {
	switch {
	case v.Type == gjson.Null:
		s.Type |= jsonvalue.Null
	case v.Type == gjson.String:
		s.Type |= jsonvalue.String
	case v.Type == gjson.Number:
		s.Type |= jsonvalue.Number
	case v.Type != gjson.JSON:
		s.Type |= jsonvalue.Boolean
	case v.IsArray():
		s.Type |= jsonvalue.Array
		if s.Items == nil {
			s.Items = new(style.Shape)
		}
		for _, item := range v.All() {
			addShape(s.Items, item)
		}
	default:
		s.Type |= jsonvalue.Object
		if s.Properties == nil {
			s.Properties = make(map[string]*style.Shape)
		}
		for name, member := range v.All() {
			if s.Properties[name.Str] == nil {
				s.Properties[name.Str] = new(style.Shape)
			}
			addShape(s.Properties[name.Str], member)
		}
	}
}
