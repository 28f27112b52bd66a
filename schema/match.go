package schema

import (
	"cmp"
	"math"
	"strings"

	"github.com/opcall/opcall/internal/order"
)

// matcher finds operations by method and path. Templates are grouped by method and
// number of segments, so that a request is compared with the few templates that can
// match it; within a group they are ordered, and the first that matches wins. OpenAPI
// 3.1 §4.8.8.2 says only that a concrete path is matched before a templated one and
// that templates which differ in names alone must not both be there; the order goes
// further: literal segments win over parameters from left to right, "{id}.json" over
// "{id}".
//
// It is made when Match is first called: a client that only calls never needs it.
type matcher struct {
	groups map[string][]template
}

// template is a path key, cut at its slashes. The query is that of the key itself, as
// some documents have "/responses?beta=true" beside "/responses". Where a segment holds a
// value that may have slashes, it takes any number of segments of a path.
//
// Segments are compared as they are cut, without regular expressions: the paths come from
// requests of strangers, and the templates from a document that may be, too.
type template struct {
	segments  []string
	query     string
	entry     *operationEntry
	variables []variable
	spans     int // segments that take more than one
}

// newMatcher sorts the templates of each group so that the first one that matches is
// the most specific one: a literal segment outranks a parameter, from left to right,
// and a path key with a query outranks the same one without.
func (d *Document) newMatcher() *matcher {
	m := &matcher{groups: make(map[string][]template)}
	for _, entry := range d.operations {
		r := parseRoute(entry.path)
		if r.excess { // the operation is an error
			continue
		}
		t := newTemplate(entry, r)
		key := groupKey(entry.method, len(t.segments))
		if t.spans > 0 {
			key = groupKey(entry.method, anyNumber)
		}
		m.groups[key] = append(m.groups[key], t)
	}
	for _, group := range m.groups {
		order.Sort(group, func(a, b template) int {
			for i := range min(len(a.segments), len(b.segments)) {
				if order := literalness(b.segments[i]) - literalness(a.segments[i]); order != 0 {
					return order
				}
			}
			return cmp.Or(len(b.segments)-len(a.segments), len(b.query)-len(a.query))
		})
	}
	return m
}

func newTemplate(entry *operationEntry, r route) template {
	t := template{segments: splitPath(r.path), query: r.query, entry: entry, variables: r.inPath}
	for _, segment := range t.segments {
		if t.spansIn(segment) {
			t.spans++
		}
	}
	return t
}

// anyNumber is the number of segments of the group of templates that take any.
const anyNumber = -1

// groupKey names the group of a method and number of segments. Templates of 64
// segments and more share a group; match compares their exact number.
func groupKey(method string, segments int) string {
	return method + string(rune('0'+min(segments, 64)))
}

// Empty segments are kept, as "/a//b" and "/a/b" are two paths (RFC 3986 §3.3).
func splitPath(path string) []string {
	return strings.Split(strings.TrimPrefix(path, "/"), "/")
}

func isLiteral(segment string) bool { return strings.IndexByte(segment, '{') < 0 }

// literalness ranks the segments of templates: how many characters of a path they fix.
// A segment without parameters fixes all.
func literalness(segment string) int {
	if isLiteral(segment) {
		return math.MaxInt32
	}
	said := 0
	for segment != "" {
		literal, rest, _ := strings.Cut(segment, "{")
		said += len(literal)
		_, segment, _ = strings.Cut(rest, "}")
	}
	return said
}

// Match finds the operation that a request goes to. The path is that of a URL,
// escaped, relative to the server, with or without a query; a query decides
// only between path keys that carry one ("/responses?beta=true"). A slash at the
// end that no path key has is ignored, as most servers do. The map holds the
// path parameters' texts, still escaped as they were in the path. It reports false
// for an operation with an error in the document, too: see Unusable.
//
// Methods are compared without regard to case. HEAD is not taken for GET: a document that
// has no HEAD does not say what it returns.
func (d *Document) Match(method, path string) (*Operation, map[string]string, bool) {
	entry, values := d.find(method, path)
	if entry == nil {
		return nil, nil, false
	}
	op, err := entry.parsed()
	if err != nil {
		return nil, nil, false
	}
	return op, values, true
}

// Unusable says why Match finds no operation where the document has one: it has an
// error in it. It returns nil for a method and path that Match finds, and for those that the
// document does not have. The error is a *DocumentError.
func (d *Document) Unusable(method, path string) error {
	entry, _ := d.find(method, path)
	if entry == nil {
		return nil
	}
	_, err := entry.parsed()
	return err
}

// find returns the operation with the most specific path that matches, sound or not:
// a less specific one is another operation.
func (d *Document) find(method, path string) (*operationEntry, map[string]string) {
	path, query, _ := strings.Cut(path, "?")
	if entry, values := d.match(method, path, query); entry != nil || len(path) < 2 || path[len(path)-1] != '/' {
		return entry, values
	}
	return d.match(method, path[:len(path)-1], query)
}

// The path is cut before anything is unescaped, so that %2F in a value is not a boundary.
// A template that takes any number of segments comes after those that have this number,
// unless it fixes more characters: {+name}:cancel is closer than {name}.
func (d *Document) match(method, path, query string) (*operationEntry, map[string]string) {
	segments, method := splitPath(path), strings.ToUpper(method)
	first := func(key string) (template, map[string]string) {
		for _, t := range d.matcher().groups[key] {
			if t.spans == 0 && len(t.segments) != len(segments) || !containsQuery(query, t.query) {
				continue
			}
			if values, ok := t.match(segments); ok {
				return t, values
			}
		}
		return template{}, nil
	}
	exact, values := first(groupKey(method, len(segments)))
	spanning, spanned := first(groupKey(method, anyNumber))
	if spanning.entry != nil && (exact.entry == nil || spanning.fixed() > exact.fixed()) {
		return spanning.entry, spanned
	}
	return exact.entry, values
}

// fixed is how many characters of a path a template fixes, slashes aside.
func (t template) fixed() (n int) {
	for _, segment := range t.segments {
		if isLiteral(segment) {
			n += len(segment)
		} else {
			n += literalness(segment)
		}
	}
	return n
}
