package schema

import (
	"errors"
	"net/url"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/jsonscan"
)

// refute returns what jsonschema would say of an instance that a compiled schema
// does not accept, at a fraction of the cost: it notes a place only where
// something fails, and writes it down only once it counts. Of a union it tries
// every branch that may be meant and keeps the failure of the one that is (see
// meant.go). Steps that only hold others, allOf and $ref, leave no trace.
//
// It returns nil where it finds nothing wrong. The error is errUnsure when it
// meets a schema that the stock compiler built ($id, $anchor, $dynamicRef): then
// jsonschema is to be asked. It is
// errSpent when the document sends the instance through more schemas than can be
// worth it, which nobody else would come to an end with either.
func refute(root *jsonschema.Schema, instance any, size int) (*jsonschema.ValidationError, error) {
	r := newRefutation(root, size)
	ok := r.meets(root, instance, nil)
	switch {
	case r.gaveUp != nil:
		return nil, r.gaveUp
	case ok:
		return nil, nil
	}
	return &jsonschema.ValidationError{AbsoluteKeywordLocation: root.Location, Causes: errorsOf(r.failures)}, nil
}

// tries is refute for one of several schemas that a value may be meant for, with
// so many steps left for all of them.
func tries(root *jsonschema.Schema, instance any, left *int) (failures []failure, ok bool) {
	r := newRefutation(root, 0)
	r.left = *left
	ok = r.meets(root, instance, nil)
	*left = r.left
	if r.gaveUp == errUnsure {
		return nil, guarded(root, instance) == nil
	}
	return r.failures, ok && r.gaveUp == nil
}

// reject returns why an instance is not valid, nil when it is: as refute says, or
// jsonschema where that cannot tell.
func reject(root *jsonschema.Schema, instance any, size int) error {
	switch failure, err := refute(root, instance, size); {
	case err == errUnsure:
		return guarded(root, instance)
	case err != nil:
		return err
	case failure != nil:
		return failure
	}
	return nil
}

// suits reports whether an instance, or a part of one, is valid against a
// schema.
func suits(root *jsonschema.Schema, instance any) bool {
	r := newRefutation(root, valuesIn(instance))
	r.quiet = 1
	ok := r.meets(root, instance, nil)
	if r.gaveUp == errUnsure {
		return guarded(root, instance) == nil
	}
	return ok && r.gaveUp == nil
}

var (
	errUnsure = errors.New("a schema that only jsonschema knows")
	errSpent  = errors.New("it sends a value through too many schemas")
)

// A document can make each value pass through a number of schemas that is
// exponential in its own size. What real ones take is two steps for a byte, at
// most, be the instance small or large.
const (
	minSteps     = 50_000
	stepsPerByte = 500
)

// maxWay bounds the schemas within each other, of one that leads back to itself,
// say.
const maxWay = 8 * maxInstanceDepth

// refutation is the walk of an instance through a compiled schema.
type refutation struct {
	way      []step // to the schema at hand
	ways     []step // to what failed, one after the other
	failures []failure
	quiet    int   // tests under way, whose failures are no faults
	left     int   // steps that may still be taken
	gaveUp   error // no answer counts
}

// newRefutation begins at a schema, for an instance of so many bytes.
func newRefutation(root *jsonschema.Schema, size int) *refutation {
	return &refutation{
		way:  append(make([]step, 0, 16), step{node: root}),
		left: minSteps + stepsPerByte*size,
	}
}

func (r *refutation) giveUp(err error) bool {
	if r.gaveUp == nil {
		r.gaveUp = err
	}
	return false
}

// step leads from a schema to one of its parts, and from its instance to the
// same, a member or an item.
type step struct {
	node           *jsonschema.Schema
	keyword, token string // token is "" after keywords that have one schema
	to             part
	member         string
	index          int
}

// apply judges the same instance by a part of the schema at hand. Fields that it
// knows are known also where it is not met: they are not what is wrong.
func (r *refutation) apply(n *jsonschema.Schema, keyword, token string, v any, seen *accounted) bool {
	return r.take(step{node: n, keyword: keyword, token: token}, v, seen)
}

// test is apply for a schema that need not be met.
func (r *refutation) test(n *jsonschema.Schema, keyword string, v any, seen *accounted) bool {
	r.quiet++
	defer func() { r.quiet-- }()
	before := seen.mark()
	ok := r.apply(n, keyword, "", v, seen)
	if !ok {
		seen.reset(before)
	}
	return ok
}

func (r *refutation) member(n *jsonschema.Schema, keyword, token, name string, v any) bool {
	return r.take(step{node: n, keyword: keyword, token: token, to: aMember, member: name}, v, nil)
}

func (r *refutation) item(n *jsonschema.Schema, keyword, token string, index int, v any) bool {
	return r.take(step{node: n, keyword: keyword, token: token, to: anItem, index: index}, v, nil)
}

func (r *refutation) take(s step, v any, seen *accounted) bool {
	r.way = append(r.way, s)
	ok := r.meets(s.node, v, seen)
	r.way = r.way[:len(r.way)-1]
	return ok
}

// fail notes that a keyword is not met. It returns false.
func (r *refutation) fail(keyword, message string) bool {
	if r.quiet == 0 {
		r.failures = append(r.failures, r.failure(keyword, message))
	}
	return false
}

// failure is a keyword that is not met, or, without a way, several of them.
type failure struct {
	way     []step // to the schema that has it
	keyword string
	message string
	causes  []failure
}

// failure notes where the walk is.
func (r *refutation) failure(keyword, message string) failure {
	r.left -= len(r.way)
	start := len(r.ways)
	r.ways = append(r.ways, r.way...)
	return failure{way: r.ways[start:len(r.ways):len(r.ways)], keyword: keyword, message: message}
}

// unknown reports whether it is a field that nothing declares.
func (f failure) unknown() bool {
	return f.keyword == unknownKeyword || f.keyword == "" && len(f.way) > 0 && f.way[len(f.way)-1].keyword == unknownKeyword
}

func errorsOf(failures []failure) []*jsonschema.ValidationError {
	if len(failures) == 0 {
		return nil
	}
	list := make([]*jsonschema.ValidationError, len(failures))
	for i, f := range failures {
		list[i] = f.error()
	}
	return list
}

// error is the failure as jsonschema writes it, places escaped.
func (f failure) error() *jsonschema.ValidationError {
	err := &jsonschema.ValidationError{Message: f.message, Causes: errorsOf(f.causes)}
	if f.way == nil {
		return err
	}
	near := 0 // the last schema on the way whose place in the document is known
	var path, instance []byte
	for i, s := range f.way {
		if s.node.Location != "" {
			near = i
		}
		if i > 0 {
			path = append(append(path, '/'), s.keyword...)
		}
		if s.token != "" {
			path = append(append(path, '/'), escapedLocation(s.token)...)
		}
		switch s.to {
		case aMember:
			instance = append(append(instance, '/'), escapedLocation(s.member)...)
		case anItem:
			instance = strconv.AppendInt(append(instance, '/'), int64(s.index), 10)
		}
	}
	at := schemaPointer(f.way[near].node.Location)
	for _, s := range f.way[near+1:] {
		at = at.Append(s.keyword)
		if s.token != "" {
			at = at.Append(s.token)
		}
	}
	err.AbsoluteKeywordLocation = "#" + string(at)
	if f.keyword != "" {
		path = append(append(path, '/'), f.keyword...)
		err.AbsoluteKeywordLocation += "/" + f.keyword
	}
	err.KeywordLocation, err.InstanceLocation = string(path), string(instance)
	return err
}

// escapedLocation undoes what instancePointer does.
func escapedLocation(token string) string { return url.PathEscape(jsonscan.EscapeToken(token)) }

// valuesIn counts the values within one, itself and names included.
func valuesIn(v any) int {
	n := 1
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			n += valuesIn(item)
		}
	case map[string]any:
		for _, value := range v {
			n += 1 + valuesIn(value)
		}
	}
	return n
}
