package schema

import (
	"math"
	"net/url"
	"slices"
	"strings"
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
// some documents have "/responses?beta=true" beside "/responses".
//
// Segments are compared as they are cut, without regular expressions: the paths come from
// requests of strangers, and the templates from a document that may be, too.
type template struct {
	segments []string
	query    string
	entry    *operationEntry
}

// newMatcher sorts the templates of each group so that the first one that matches is
// the most specific one: a literal segment outranks a parameter, from left to right,
// and a path key with a query outranks the same one without.
func (d *Document) newMatcher() *matcher {
	m := &matcher{groups: make(map[string][]template)}
	for _, entry := range d.operations {
		path, query := route(entry.path)
		segments := splitPath(path)
		key := groupKey(entry.method, len(segments))
		m.groups[key] = append(m.groups[key], template{segments, query, entry})
	}
	for _, group := range m.groups {
		slices.SortStableFunc(group, func(a, b template) int {
			for i := range a.segments {
				if order := literalness(b.segments[i]) - literalness(a.segments[i]); order != 0 {
					return order
				}
			}
			return len(b.query) - len(a.query)
		})
	}
	return m
}

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

// The path is cut before anything is unescaped, so that %2F in a value is no boundary.
func (d *Document) match(method, path, query string) (*operationEntry, map[string]string) {
	segments := splitPath(path)
	for _, t := range d.matcher().groups[groupKey(strings.ToUpper(method), len(segments))] {
		if len(t.segments) != len(segments) || !containsQuery(query, t.query) {
			continue
		}
		if values, ok := t.match(segments); ok {
			return t.entry, values
		}
	}
	return nil, nil
}

// match compares a path with the template, segment by segment, and returns the
// texts of the path parameters. A literal segment may be percent-encoded in the path
// (RFC 3986 §2.4).
func (t template) match(segments []string) (map[string]string, bool) {
	for i, want := range t.segments { // of thousands of templates, this is as far as most come
		if got := segments[i]; got != want && isLiteral(want) {
			if plain, err := url.PathUnescape(got); err != nil || plain != want {
				return nil, false
			}
		}
	}
	values := map[string]string{}
	for i, want := range t.segments {
		if isLiteral(want) {
			continue
		}
		if segments[i] == "" || !matchSegment(want, segments[i], values) { // an empty segment is no value
			return nil, false
		}
	}
	return values, true
}

// matchSegment matches one segment that holds parameters: "{id}", but also "{id}.json"
// and "{from}-{to}". OpenAPI says nothing of these; each parameter takes at least one
// character, and none takes a slash.
//
// It does not backtrack, so that it takes time linear in the text, whoever sends it:
// the last literal is searched from the end, each other one from the start. So
// "{name}.json" takes "a.json.json" for "a.json" with its ending, as a reader would.
func matchSegment(pattern, text string, values map[string]string) bool {
	for {
		open := strings.IndexByte(pattern, '{')
		if open < 0 {
			return pattern == text
		}
		if !strings.HasPrefix(text, pattern[:open]) {
			return false
		}
		text = text[open:]
		end := strings.IndexByte(pattern[open:], '}')
		if end < 0 {
			return false
		}
		name := pattern[open+1 : open+end]
		pattern = pattern[open+end+1:]
		literal := pattern
		if next := strings.IndexByte(pattern, '{'); next >= 0 {
			literal = pattern[:next]
		}
		length := len(text)
		switch {
		case literal == "" && pattern != "":
			length = min(1, len(text)) // two parameters side by side have no boundary
		case literal != "" && pattern == literal:
			length = strings.LastIndex(text, literal)
		case literal != "":
			length = strings.Index(text, literal)
		}
		if length < 1 {
			return false
		}
		values[name] = text[:length]
		text = text[length:]
	}
}

// containsQuery reports whether every pair of want stands in query, in any order and
// among others. A query that cannot be read has none of them.
func containsQuery(query, want string) bool {
	if want == "" {
		return true
	}
	have, err := url.ParseQuery(query)
	if err != nil {
		return false
	}
	pairs, err := url.ParseQuery(want)
	if err != nil {
		return false
	}
	for name, values := range pairs {
		for _, value := range values {
			if !slices.Contains(have[name], value) {
				return false
			}
		}
	}
	return true
}
