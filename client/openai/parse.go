package openai

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/opcall/opcall/client"
)

// Parsed is a result whose text is JSON for a Go type.
type Parsed[T any] struct {
	Value    T
	Chat     *ChatResult    // of a ChatRequest
	Response *RespondResult // of a RespondRequest
}

// ParseError reports a result whose text is not the value that was asked for. One of
// Chat and Response is the whole result.
type ParseError struct {
	Reason   string
	Text     string // of the result
	Err      error  // the cause: a *schema.ValidationError, that of encoding/json
	Chat     *ChatResult
	Response *RespondResult
}

func (e *ParseError) Error() string {
	return "the result is not the value that was asked for: " + e.Reason
}

// Unwrap returns the cause.
func (e *ParseError) Unwrap() error { return e.Err }

// FormatOf returns the strict format of a Go type, a struct, as ResponseFormat: its
// schema is made as that of Tool. DecodeText reads what a model writes in it. Parse
// does both. The error is a *TypeError.
func FormatOf[T any]() (Format, error) {
	own, err := schemaOf(reflect.TypeFor[T](), true)
	if err != nil {
		return Format{}, err
	}
	t := reflect.TypeFor[T]()
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := typeNames{names: map[reflect.Type]string{}, taken: map[string]bool{}}.name(t)
	if len(name) > 64 {
		name = name[:64]
	}
	strict := true
	return Format{Name: name, Schema: own, Strict: &strict}, nil
}

// DecodeText validates the text of a result against the schema of a Go type, and
// decodes it. The error is a *TypeError, a *schema.ValidationError, or one of
// encoding/json.
func DecodeText[T any](text string) (T, error) {
	var value T
	own, err := schemaOf(reflect.TypeFor[T](), true)
	if err != nil {
		return value, err
	}
	if err := own.validate("text", text); err != nil {
		return value, err
	}
	err = json.Unmarshal([]byte(text), &value)
	return value, err
}

// Parse sends a request, a ChatRequest or a RespondRequest, whose result is a value
// of a Go type: the model is held to the type's schema, and the text is validated
// against it and decoded. Of a chat it is the first choice that counts.
//
//	weather, err := openai.Parse[Weather](ctx, c, request)
//	fmt.Println(weather.Value.City)
//
// Fields are described, and null stands for what may be left out, as Tool says. The
// request has no ResponseFormat of its own.
//
// Besides those of Chat and Respond the errors are a *TypeError, where T has no
// schema, and, with the whole result, a *RefusalError, an *IncompleteError or a
// *ParseError.
func Parse[T any](ctx context.Context, c *Client, request Request, opts ...client.CallOption) (*Parsed[T], error) {
	x, err := formatted[T](request)
	if err != nil {
		return nil, err
	}
	said, err := x.ask(ctx, c.Client, false, opts, nil)
	if err != nil {
		return nil, err
	}
	return parsed[T](said)
}

// formatted is a request for a value of a type.
func formatted[T any](request Request) (exchange, error) {
	format, err := FormatOf[T]()
	if err != nil {
		return nil, err
	}
	x := exchangeOf(request)
	if x == nil {
		return nil, &client.BindError{Operation: "Parse", Reason: "got no request, want a ChatRequest or a RespondRequest"}
	}
	chat, respond := x.requests()
	own := false
	switch {
	case chat != nil:
		own = chat.ResponseFormat != nil
		chat.ResponseFormat = format
	default:
		own = respond.ResponseFormat != nil || respond.Text != nil
		respond.ResponseFormat = format
	}
	if own {
		return nil, &client.BindError{Operation: "Parse", Reason: "got a request with a format of its own, want none; Parse makes it of the type"}
	}
	return x, nil
}

// parsed reads the value of a reply.
func parsed[T any](said reply) (*Parsed[T], error) {
	text, refusal := said.final()
	if refusal != "" {
		return nil, &RefusalError{refusal, said.chat, said.respond}
	}
	if reason := said.cut(); reason != "" {
		return nil, &IncompleteError{reason, said.chat, said.respond}
	}
	wrong := &ParseError{Text: text, Chat: said.chat, Response: said.respond}
	switch {
	case text == "" && len(said.calls) > 0:
		wrong.Reason = fmt.Sprintf("the model calls the tool %.100q; use RunTools with FormatOf", said.calls[0].Name())
		return nil, wrong
	case text == "" && said.respond != nil && said.respond.Status() != "completed":
		wrong.Reason = fmt.Sprintf("the response is %.100q", said.respond.Status())
		return nil, wrong
	case text == "":
		wrong.Reason = "there is no text"
		return nil, wrong
	}
	value, err := DecodeText[T](text)
	if err != nil {
		wrong.Reason, wrong.Err = plainly(err).Error(), err
		return nil, wrong
	}
	return &Parsed[T]{value, said.chat, said.respond}, nil
}
