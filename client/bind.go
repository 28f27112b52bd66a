package client

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Bound is an operation with its parameters: the first step of a call, which
// value goes where. It belongs to the document that the client had when Bind
// was called.
type Bound struct {
	Operation *schema.Operation

	plan      *plan
	settings  *settings
	arguments []argument
	body      body
	received  []schema.Pointer // parts of the body that a server made
	accepts   string           // Accept, where it is not what the operation's responses say
	misplaced misplaced        // what Bind found no place for
	gate      gate             // of a call of Each; else nil
}

// argument is a value for a parameter.
type argument struct {
	parameter *schema.Parameter
	json      string
}

// String names the operation, and nothing secret.
func (b *Bound) String() string { return "bound call of " + named(b.plan.name) }

// GoString is String.
func (b *Bound) GoString() string { return b.String() }

// Bind finds the operation and decides which of the params goes where: the first
// step of Call. It decides everything about what is sent: a body that is required
// and was not given is an empty object or form from here on.
//
// The error is a *schema.UnknownOperationError, a *schema.DocumentError where the
// document declares the operation wrongly, or that of a call option. Params that have no place are a
// *schema.ValidationError in every tier, with all of them; where they are unknown
// names and the tier is Standard or Strict, with what else is wrong as well.
func (c *Client) Bind(operationID string, params any, opts ...CallOption) (*Bound, error) {
	b, err := c.callOf(operationID, opts)
	if err != nil {
		return nil, err
	}
	if err := b.bind(params); err != nil {
		return nil, b.settings.masked(err)
	}
	return b, nil
}

// callOf returns a call of an operation, as yet without params.
func (c *Client) callOf(operationID string, opts []CallOption) (*Bound, error) {
	edition := c.edition.Load()
	s, err := c.settings.with(edition.document, opts)
	if err != nil {
		return nil, err
	}
	op, err := edition.document.Operation(operationID)
	if err != nil {
		return nil, s.masked(err)
	}
	return &Bound{Operation: op, plan: edition.plan(op), settings: s}, nil
}

// another binds params to an operation that the document names for what follows this call,
// with the settings of this call.
func (b *Bound) another(op *schema.Operation, params Params) (*Bound, error) {
	other := &Bound{Operation: op, plan: newPlan(op), settings: b.settings}
	if err := other.bind(params); err != nil {
		return nil, b.settings.masked(err)
	}
	return other, nil
}

// bind takes in the params.
func (b *Bound) bind(params any) error {
	var err error
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
			p = &Input{}
		}
		err = b.input(*p)
	default:
		if request, ok := asParams(params); ok {
			err = b.flat(request)
		} else {
			err = b.text(params)
		}
	}
	if err == nil {
		err = b.completeBody()
	}
	if err = b.misplaced.note(err); err != nil {
		return err
	}
	return b.misplaced.whole(b)
}

// flat binds a map: declared parameters to their places, the rest to the body.
func (b *Bound) flat(params map[string]any) error {
	var few [8]string // on the stack, as the fields: most calls have no more
	var some [8]field
	names := appendKeys(few[:0], params)
	rest := names[:0]
	for _, name := range names {
		p, declared := b.Operation.Parameter(name)
		if !declared {
			rest = append(rest, name)
			b.received = appendReceived(b.received, name, params[name])
		} else if err := b.misplaced.note(b.argue(p, name, params[name])); err != nil {
			return err
		}
	}
	text, fields, err := b.fields(some[:0], params, rest)
	if err != nil {
		return err
	}
	return b.setFields(text, fields)
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
		return ofParameter(err, p)
	}
	if f.files != nil {
		return b.wrong(p.In, name, "got a file, want a value")
	}
	if text, ok := value.(string); ok && !utf8.ValidString(text) {
		return b.wrong(p.In, name, "got a text that is not UTF-8")
	}
	return b.argueJSON(p, name, f.json)
}

func (b *Bound) argueJSON(p *schema.Parameter, name, text string) error {
	if slices.ContainsFunc(b.arguments, func(a argument) bool { return a.parameter == p }) {
		return b.wrong(p.In, name, "got the parameter a second time")
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
		return b.wrong("", "", "got params that are %s, want an object, or an Input with a Body", jsonscan.TypeName(text))
	}
	var fields []field
	for name, value := range jsonscan.Members(text) {
		p, declared := b.Operation.Parameter(name)
		if !declared {
			fields = append(fields, field{name: name, json: value})
		} else if err := b.misplaced.note(b.argueJSON(p, name, value)); err != nil {
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
		return "", b.wrong("", "", "got %T as %s, want JSON or what marshals to it; a file is a field of Params, or the Body of an Input for a media type that takes bytes", value, what)
	}
	text, ok := rawJSON(value)
	if !ok {
		var err error
		if text, err = marshalText(value); err != nil {
			return "", b.unfit("", "the "+what+" cannot be written as JSON", err)
		}
	}
	if err := jsonscan.Check(text, maxDepth); err != nil {
		reason := "the " + what + " cannot be read as JSON"
		if body := b.takes(); body != nil && !slices.ContainsFunc(body.Content, func(m *schema.MediaType) bool { return !isRaw(m.Name) }) {
			reason += fmt.Sprintf(" (the operation takes %s: give its bytes as Input.Body)", extension.MediaTypes(body.MediaTypes()))
		}
		return "", b.unfit("", reason, err)
	}
	return strings.TrimSpace(text), nil
}

// takes returns the request body that the operation takes, nil where it takes none: a socket has
// no operation.
func (b *Bound) takes() *schema.RequestBody {
	if b.Operation == nil {
		return nil
	}
	return b.Operation.RequestBody
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
				if section.place == "path" || !b.settings.unknownFields {
					b.misplaced.unknown(b, section.place, name)
					continue
				}
				p = b.undeclared(section.place, name)
			}
			if err := b.misplaced.note(b.argue(p, name, section.values[name])); err != nil {
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
