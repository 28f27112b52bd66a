package sample

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/schema"
)

const (
	// maxTries bounds how often a value that is not valid is made anew.
	maxTries = 64

	// maxSteps bounds the alternatives taken in all tries together.
	maxSteps = 100_000
)

// Error reports that no instance of a schema was found: nothing satisfies the
// schema, or it takes more than the bounds of this package allow.
type Error struct {
	Subject string         // the schema's name
	Pointer schema.Pointer // where in the instance the search ended
	Reason  string
	Err     error // the verdict on the last instance, when one was made
}

func (e *Error) Error() string {
	place := string(e.Pointer)
	if place == "" {
		place = "/"
	}
	return fmt.Sprintf("no instance of %.80s found: %.200s: %s", e.Subject, place, e.Reason)
}

// Unwrap returns the verdict on the last instance that was made.
func (e *Error) Unwrap() error { return e.Err }

// Minimal returns a small instance of a schema: objects have their required
// fields, and the tag that a discriminator names; arrays have as many items as
// they must; unions are their first branch that can be satisfied; enums are
// their first value. The instance is valid in the Standard tier, and in the
// Strict tier where one was found that is. The error is an *Error.
func Minimal(s *schema.Schema) (json.RawMessage, error) { return search(s, minimal) }

// Full returns an instance of a schema that has every declared field,
// deprecated ones too, an entry in each map and an item in each array, as far
// as they go together. Where a schema comes back to itself, from 12 levels on
// and after 2,000 values it goes on as Minimal does. In all else Full is as
// Minimal.
func Full(s *schema.Schema) (json.RawMessage, error) { return search(s, full) }

// extent says how much of a schema an instance shows.
type extent int

const (
	minimal extent = iota
	typical
	full
)

// search makes instances until one is valid by both tiers. The first that is
// valid by Standard alone is what it falls back to.
func search(s *schema.Schema, e extent) (json.RawMessage, error) {
	g := generator{doc: s.Document(), full: e == full, typical: e == typical}
	var standard json.RawMessage
	var verdict error
	var opts []schema.ValidateOption
	if e == typical {
		opts = append(opts, schema.WithDirection(schema.DirectionResponse))
	}
	for range maxTries {
		text, ok := g.try(s)
		if !ok {
			break
		}
		instance := json.RawMessage(text)
		err := s.Validate(instance, opts...)
		if err == nil {
			if err = s.Validate(instance, append(opts, schema.WithTier(schema.Strict))...); err == nil || e == typical && lacksErrors(err) {
				return instance, nil
			}
			if standard == nil {
				standard = instance
			}
		} else {
			verdict = err
		}
		if !g.reconsider(err) {
			break
		}
	}
	if standard == nil {
		return nil, g.failure(s, verdict)
	}
	return standard, nil
}

// lacksErrors reports whether all that is wrong by the letter is that nothing went
// wrong: an error is null that an erratum lets be null.
func lacksErrors(err error) bool {
	var invalid *schema.ValidationError
	if !errors.As(err, &invalid) || invalid.More > 0 {
		return false
	}
	for _, p := range invalid.Problems {
		if tokens := p.Pointer.Tokens(); p.Got != "null" || len(tokens) == 0 || !isError(tokens[len(tokens)-1]) {
			return false
		}
	}
	return true
}

// failure is the error of a search that found nothing.
func (g *generator) failure(s *schema.Schema, verdict error) *Error {
	e := &Error{Subject: s.Name(), Pointer: g.deepest.at, Reason: g.deepest.reason, Err: verdict}
	var invalid *schema.ValidationError
	switch {
	case errors.As(verdict, &invalid) && len(invalid.Problems) > 0:
		e.Pointer, e.Reason = invalid.Problems[0].Pointer, invalid.Problems[0].Message
	case g.steps >= maxSteps:
		e.Reason = fmt.Sprintf("given up after %d decisions", maxSteps)
	}
	return e
}

// try makes one instance, by the decisions of the script.
func (g *generator) try(s *schema.Schema) (string, bool) {
	g.trace, g.frames = g.trace[:0], g.frames[:0]
	g.nodes, g.deepest = 0, deadEnd{}
	return g.value(location{full: g.full, present: true}, place{text: s.JSON(), component: dialect.Component(string(s.Pointer()))})
}

// generator makes instances of one schema.
type generator struct {
	doc     *schema.Document
	full    bool
	typical bool

	script  []int    // what to choose, as far as it goes; the first possible after that
	trace   []choice // what was chosen
	frames  []frame  // the locations from the root to the current one
	nodes   int      // values in the instance so far
	steps   int      // alternatives taken so far, in all tries
	deepest deadEnd
}

// deadEnd is why a value could not be made.
type deadEnd struct {
	at     schema.Pointer
	depth  int
	reason string
}

// fail notes why there is no value at a location. The deepest reason of a
// try is the one that an error shows.
func (g *generator) fail(l location, format string, args ...any) (string, bool) {
	if g.deepest.reason == "" || l.depth > g.deepest.depth {
		g.deepest = deadEnd{l.at, l.depth, fmt.Sprintf(format, args...)}
	}
	return "", false
}
