package client

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/opcall/opcall/schema"
)

// asParams returns the params that a value of another type stands for.
func asParams(value any) (Params, bool) {
	request, ok := value.(interface{ Params() Params })
	if !ok {
		return nil, false
	}
	if v := reflect.ValueOf(value); v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, true
	}
	return request.Params(), true
}

// fromServer is a value that may have come from a server.
type fromServer interface{ Received() bool }

var fromServerType = reflect.TypeFor[fromServer]()

// appendReceived adds the pointers of what in a field's value a server made: the
// value itself, or items of a list.
func appendReceived(pointers []schema.Pointer, name string, value any) []schema.Pointer {
	add := func(item any, tokens ...string) {
		if part, ok := item.(fromServer); ok && part.Received() {
			at := schema.Pointer("").Append(name)
			for _, token := range tokens {
				at = at.Append(token)
			}
			pointers = append(pointers, at)
		}
	}
	switch v := value.(type) {
	case nil, string, bool, int, int64, float64, []byte, []string, Params, map[string]any, File:
		return pointers
	case []any:
		for i, item := range v {
			add(item, strconv.Itoa(i))
		}
		return pointers
	}
	v := reflect.ValueOf(value)
	switch {
	case v.Kind() == reflect.Pointer && v.IsNil():
	case v.Kind() == reflect.Slice && reflect.PointerTo(v.Type().Elem()).Implements(fromServerType):
		for i := range v.Len() {
			add(v.Index(i).Addr().Interface(), strconv.Itoa(i))
		}
	default:
		add(value)
	}
	return pointers
}

// overlook takes the problems out of an error that are inside of what a server
// made, and returns them.
func (b *Bound) overlook(invalid *schema.ValidationError) []schema.Problem {
	var kept, overlooked []schema.Problem
	for _, problem := range invalid.Problems {
		if b.isReceived(problem.Pointer) {
			overlooked = append(overlooked, problem)
		} else {
			kept = append(kept, problem)
		}
	}
	if invalid.Problems = kept; len(kept) == 0 {
		invalid.More = 0
	}
	return overlooked
}

// isReceived reports whether a pointer leads to or into what a server made.
func (b *Bound) isReceived(at schema.Pointer) bool {
	for _, part := range b.received {
		if rest, ok := strings.CutPrefix(string(at), string(part)); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}
