package client

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// Bound is an operation with its parameters: the first step of a call, which
// value goes where. It belongs to the document that the client had when Bind
// was called.
type Bound struct {
	Operation *schema.Operation

	plan      *plan // nil until it is needed, see known
	settings  *settings
	arguments []argument
	body      body
	accepts   string // Accept, where it is not what the operation's answers say
}

// argument is a value for a parameter.
type argument struct {
	parameter *schema.Parameter
	json      string
}

// String names the operation, and nothing secret.
func (b *Bound) String() string { return "bound call of " + b.Operation.ID }

// GoString is String.
func (b *Bound) GoString() string { return b.String() }

// BindError says that a value cannot go anywhere in the request.
type BindError struct {
	Operation string // its ID
	Name      string // of the parameter or field; "" for the whole
	Reason    string // "" where Err says it all
	Err       error  // the cause, when there is one
}

func (e *BindError) Error() string {
	text := e.Operation
	if e.Reason != "" { // else the cause says it all
		if e.Name != "" {
			text += fmt.Sprintf(": %.80q", e.Name)
		}
		text += ": " + e.Reason
	}
	if e.Err != nil {
		text += ": " + oneLine(e.Err.Error(), maxMessage)
	}
	return text
}

// Unwrap returns the cause.
func (e *BindError) Unwrap() error { return e.Err }

// Bind finds the operation and decides which of the params goes where: the
// first step of Call. The error is a *schema.UnknownOperationError, a
// *schema.DocumentError where the document is at fault, a *BindError, or that of
// a call option.
func (c *Client) Bind(operationID string, params any, opts ...CallOption) (*Bound, error) {
	s, err := c.forCall(opts)
	if err != nil {
		return nil, err
	}
	edition := c.edition.Load()
	op, err := edition.document.Operation(operationID)
	if err != nil {
		return nil, err
	}
	b := &Bound{Operation: op, plan: edition.plan(op), settings: s}
	switch p := params.(type) {
	case nil:
		err = b.flat(nil)
	case Params:
		err = b.flat(p)
	case map[string]any:
		err = b.flat(p)
	case Input:
		err = b.input(p)
	case *Input:
		if p == nil {
			err = b.flat(nil)
		} else {
			err = b.input(*p)
		}
	default:
		err = b.text(params)
	}
	if err != nil {
		return nil, err
	}
	return b, b.completeBody()
}

func (b *Bound) fail(name, reason string, args ...any) error {
	return &BindError{Operation: b.Operation.ID, Name: name, Reason: fmt.Sprintf(reason, args...)}
}

func (b *Bound) failure(name, reason string, err error) error {
	return &BindError{Operation: b.Operation.ID, Name: name, Reason: reason, Err: err}
}

// flat binds a map: declared parameters to their places, the rest to the body.
func (b *Bound) flat(params map[string]any) error {
	fields := make([]field, 0, len(params))
	for _, name := range sortedKeys(params) {
		p, declared := b.Operation.Parameter(name)
		if !declared {
			f, err := b.field(name, params[name])
			if err != nil {
				return err
			}
			fields = append(fields, f)
		} else if err := b.argue(p, name, params[name]); err != nil {
			return err
		}
	}
	return b.setFields("", fields)
}

// sortedKeys returns the keys of a map, so that errors and requests do not depend
// on its order.
func sortedKeys[M ~map[string]V, V any](m M) []string {
	if len(m) == 0 {
		return nil
	}
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// argue binds a Go value to a parameter.
func (b *Bound) argue(p *schema.Parameter, name string, value any) error {
	f, err := b.field(name, value)
	if err != nil {
		return err
	}
	if f.files != nil {
		return b.fail(name, "got a file, want a value for the %s parameter", p.In)
	}
	if text, ok := value.(string); ok && !utf8.ValidString(text) {
		return b.fail(name, "got a text that is not UTF-8")
	}
	return b.argueJSON(p, name, f.json)
}

func (b *Bound) argueJSON(p *schema.Parameter, name, text string) error {
	if slices.ContainsFunc(b.arguments, func(a argument) bool { return a.parameter == p }) {
		return b.fail(name, "got the %s parameter a second time", p.In)
	}
	b.arguments = append(b.arguments, argument{p, text})
	return nil
}

// text binds JSON text or a Go value that marshals to an object.
func (b *Bound) text(params any) error {
	text, err := b.jsonOf("params", params)
	if err != nil {
		return err
	}
	switch text[0] {
	case 'n':
		return b.flat(nil)
	case '{':
	default:
		return b.fail("", "got params that are %s, want an object, or an Input with a Body", kindOf(text))
	}
	var fields []field
	for name, value := range jsonscan.Members(text) {
		p, declared := b.Operation.Parameter(name)
		if !declared {
			fields = append(fields, field{name: name, json: value})
		} else if err := b.argueJSON(p, name, value); err != nil {
			return err
		}
	}
	if len(b.arguments) > 0 {
		text = ""
	}
	return b.setFields(text, fields)
}

// jsonOf returns the params or the body as JSON text, checked and without white
// space around it.
func (b *Bound) jsonOf(what string, value any) (string, error) {
	if _, isFile := asFile(value); isFile {
		return "", b.fail("", "got %T as %s, want JSON or what marshals to it; a file is a field of Params, or the Body of an Input for a media type that takes bytes", value, what)
	}
	text, ok := rawJSON(value)
	if !ok {
		var err error
		if text, err = marshalText(value); err != nil {
			return "", b.failure("", "the "+what+" cannot be written as JSON", err)
		}
	}
	if err := jsonscan.Check(text, maxDepth); err != nil {
		return "", b.failure("", "the "+what+" cannot be read as JSON", err)
	}
	return strings.TrimSpace(text), nil
}

// kindOf names the type of a JSON text for messages.
func kindOf(text string) string {
	switch text[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// input binds values that say themselves where they go.
func (b *Bound) input(in Input) error {
	for _, section := range []struct {
		place  string
		values map[string]any
	}{{"path", in.Path}, {"query", in.Query}, {"header", in.Header}, {"cookie", in.Cookie}} {
		for _, name := range sortedKeys(section.values) {
			p := b.declared(section.place, name)
			if p == nil {
				if section.place == "path" || !b.settings.allowUnknown {
					return b.unknownParameter(section.place, name)
				}
				p = b.undeclared(section.place, name)
			}
			if err := b.argue(p, name, section.values[name]); err != nil {
				return err
			}
		}
	}
	return b.inputBody(in)
}

func (b *Bound) declared(place, name string) *schema.Parameter {
	for _, p := range b.Operation.Parameters {
		if p.In == place && (p.Name == name || strings.TrimSuffix(p.Name, "[]") == name || place == "header" && strings.EqualFold(p.Name, name)) {
			return p
		}
	}
	return nil
}

// undeclared is the parameter that OpenAPI's defaults make of a name.
func (b *Bound) undeclared(place, name string) *schema.Parameter {
	p := &schema.Parameter{Name: name, In: place, Style: "form", Explode: place == "query"}
	switch place {
	case "header":
		p.Style = "simple"
	case "query":
		p.Brackets = extension.Brackets(b.Operation.Document())
	}
	return p
}

// unknownParameter refuses a name that the operation has no place for; the
// place is "" for flat params.
func (b *Bound) unknownParameter(place, name string) error {
	what := "parameter"
	var names []string
	for _, p := range b.Operation.Parameters {
		if place == "" || p.In == place {
			names = append(names, p.Name)
		}
	}
	if place != "" {
		what = place + " parameter"
		if p, ok := b.Operation.Parameter(name); ok {
			return b.fail(name, "unknown %s, but there is a %s parameter of that name", what, p.In)
		}
	}
	nearest := near.Question(near.Names(name, names, 3))
	switch {
	case nearest != "" || place != "":
	case b.settings.allowUnknown:
		nearest = "; the operation takes no body: an Input says where else it goes"
	case len(names) == 0:
		nearest = "; the operation takes none"
	}
	return b.fail(name, "unknown %s%s", what, nearest)
}
