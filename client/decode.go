package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Decodable is what Decode takes: a *Response, what embeds one, or an Event.
type Decodable interface {
	decodeInto(v any) error
	described() description
}

// description is what the document says of a value that is decoded.
type description struct {
	name   string // of the operation, or of the event
	schema *schema.Schema
	data   bool      // the value is the member "data" of what the schema describes
	text   string    // the value
	types  *sync.Map // goType to []schema.Misspelling
}

// goType is a Go type that was compared with a schema.
type goType struct {
	t  reflect.Type
	at schema.Pointer
}

// MisspeltFieldError reports fields of a Go type that stay empty whatever the server
// sends, because their names are misspelt: the document declares other members, with
// similar names.
type MisspeltFieldError struct {
	Operation string // its ID; of an event its type
	Type      string // as Go calls it
	Fields    []schema.Misspelling
}

func (e *MisspeltFieldError) Error() string {
	texts := make([]string, 0, maxMisspelt)
	for _, f := range e.Fields[:min(len(e.Fields), maxMisspelt)] {
		texts = append(texts, f.String())
	}
	if more := len(e.Fields) - len(texts); more > 0 {
		texts = append(texts, "and "+strconv.Itoa(more)+" more")
	}
	return fmt.Sprintf("%s: %s cannot be filled: %s", named(e.Operation), e.Type, strings.Join(texts, "; "))
}

// maxMisspelt bounds the fields that a message names.
const maxMisspelt = 5

// Decode unmarshals a JSON response, or the data of an event, into a T by the rules of
// encoding/json, and reports fields of T that are misspelt.
//
//	file, err := client.Decode[struct {
//		ID    string
//		Bytes int64
//	}](response)
//
// A field is misspelt if the document declares no member of its name, in any branch of
// a union, but one with a similar name that no other field of T is for, and the value
// itself has no such member either. The error is then a *MisspeltFieldError, together
// with the T. So a T for several hosts may have fields that this API does not know.
// Types that decode themselves, interfaces, maps and places where the document allows
// any member are left out; schema.Schema.Unfilled lists all fields without a
// member. The comparison is made once per type and operation.
//
// Other errors are those of Response.Decode; an empty response is the zero T.
func Decode[T any](from Decodable) (T, error) {
	var v T
	if from == nil {
		return v, errors.New("Decode: got nil, want a response or an event")
	}
	if err := from.decodeInto(&v); err != nil {
		return v, err
	}
	return v, from.described().misspelt(reflect.TypeFor[T]())
}

func (r *Response) decodeInto(v any) error {
	if r == nil {
		return errors.New("Decode: got a nil response; the error of the call says why there is none")
	}
	return r.Decode(v)
}

func (r *Response) described() description {
	d := description{name: r.operation.ID, schema: r.schema, text: jsonscan.Alias(r.raw)}
	if r.request != nil {
		d.types = &r.request.plan.types
	}
	return d
}

func (e Event) decodeInto(v any) error {
	if err := json.Unmarshal(e.Data, v); err != nil {
		return &EventError{Type: e.Type, Data: e.Data, Err: fmt.Errorf("cannot decode the event into %T: %w", v, err)}
	}
	return nil
}

func (e Event) described() description {
	d := description{name: e.Type, text: jsonscan.Alias(e.Data)}
	if e.kind != nil {
		d.schema, d.types = e.kind.schema, e.kind.types
		d.data = d.schema != nil && len(e.instance()) > len(e.Data)
	}
	return d
}

// misspelt returns the error of a type whose fields cannot all be filled.
func (d description) misspelt(t reflect.Type) error {
	if d.schema == nil || d.types == nil {
		return nil
	}
	var wrong []schema.Misspelling
	for _, m := range d.unfilled(t) {
		if len(m.Nearest) > 0 && !hasMember(d.text, m.Pointer.Tokens(), m.Name) {
			wrong = append(wrong, m)
		}
	}
	if wrong == nil {
		return nil
	}
	return &MisspeltFieldError{Operation: d.name, Type: t.String(), Fields: wrong}
}

// unfilled is Unfilled of the schema, kept.
func (d description) unfilled(t reflect.Type) []schema.Misspelling {
	key := goType{t, d.schema.Pointer()}
	if known, ok := d.types.Load(key); ok {
		return known.([]schema.Misspelling)
	}
	asked := t
	if d.data {
		asked = reflect.StructOf([]reflect.StructField{{Name: "Data", Type: t, Tag: `json:"data"`}})
	}
	found := slices.Clone(d.schema.Unfilled(asked))
	for i, m := range found {
		if d.data {
			found[i].Pointer = schema.Pointer(strings.TrimPrefix(string(m.Pointer), "/data"))
		}
	}
	known, _ := d.types.LoadOrStore(key, found)
	return known.([]schema.Misspelling)
}

// hasMember reports whether a JSON text has a member of that name where the tokens of
// Unfilled lead.
func hasMember(text string, tokens []string, name string) bool {
	if len(tokens) == 0 {
		for member := range jsonscan.Members(text) {
			if strings.EqualFold(member, name) {
				return true
			}
		}
		return false
	}
	for member, value := range jsonscan.Members(text) {
		if (tokens[0] == "*" || member == tokens[0]) && hasMember(value, tokens[1:], name) {
			return true
		}
	}
	for _, item := range jsonscan.Items(text) {
		if hasMember(item, tokens[1:], name) {
			return true
		}
	}
	return false
}
