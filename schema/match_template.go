package schema

import (
	"net/url"
	"slices"
	"strings"
)

// match compares a path with the template, segment by segment, and returns the
// texts of the path parameters. A literal segment may be percent-encoded in the path
// (RFC 3986 §2.4).
func (t template) match(path []string) (map[string]string, bool) {
	values := map[string]string{}
	if t.spans > 0 {
		// The caller has cut the path at its slashes, and that of {/name} belongs to the value.
		if strings.HasPrefix(t.segments[0], "{") && t.variables[0].operator == '/' {
			path = slices.Concat([]string{"/" + path[0]}, path[1:])
		}
		return values, t.matchSpans(t.segments, path, values)
	}
	for i, want := range t.segments { // of thousands of templates, this is as far as most come
		if isLiteral(want) && !matchLiteral(want, path[i]) {
			return nil, false
		}
	}
	for i, want := range t.segments {
		if !isLiteral(want) && !t.matchSegment(want, path[i], values) {
			return nil, false
		}
	}
	return values, true
}

// matchLiteral compares as written first: unescaping costs, and few paths have escapes.
//
// An escaped slash, %2F, matches only where the template has it escaped too, as templates are cut
// at their slashes. A broken escape matches as written only.
func matchLiteral(want, got string) bool {
	if got == want {
		return true
	}
	plain, err := url.PathUnescape(got)
	return err == nil && plain == want
}

// matchAll compares as many segments of a path as there are in the template.
// The path has no fewer: the callers have compared the numbers.
func (t template) matchAll(want, path []string, values map[string]string) bool {
	for i := range want {
		if isLiteral(want[i]) && !matchLiteral(want[i], path[i]) || !isLiteral(want[i]) && !t.matchSegment(want[i], path[i], values) {
			return false
		}
	}
	return true
}

// maxManySpans bounds the paths, in segments, that are compared with templates in which
// several values may hold slashes: each may end at every slash.
const maxManySpans = 256

// matchSpans compares a path with segments of which some take more than one. The
// last of these takes all that those after it leave, each other one as little as it can.
// It does not try again with more, which keeps the time linear where there is one such
// segment.
func (t template) matchSpans(want, path []string, values map[string]string) bool {
	at := slices.IndexFunc(want, t.spansIn)
	if at < 0 {
		return len(path) == len(want) && t.matchAll(want, path, values)
	}
	if len(path) < len(want) || !t.matchAll(want[:at], path[:at], values) {
		return false
	}
	// The last of them: what follows it has a fixed number of segments, so that it takes
	// exactly those that are left.
	span, want, path := want[at], want[at+1:], path[at:]
	next := slices.IndexFunc(want, t.spansIn)
	if next < 0 {
		end := len(path) - len(want)
		return t.matchSegment(span, strings.Join(path[:end], "/"), values) && t.matchAll(want, path[end:], values)
	}
	if len(path) > maxManySpans {
		return false
	}
	// The shortest end at which the literals up to the next one fit. It is taken for good:
	// trying all ends of several such values would take a power of the length.
	for end := 1; end+next <= len(path); end++ {
		// An end that fails may leave texts in values: the next one that fits overwrites them, and
		// without one the whole template fails.
		if t.matchSegment(span, strings.Join(path[:end], "/"), values) && t.matchAll(want[:next], path[end:end+next], values) {
			return t.matchSpans(want[next:], path[end+next:], values)
		}
	}
	return false
}

// spansIn reports whether a segment of the template has a value that may hold slashes.
func (t template) spansIn(segment string) bool {
	if isLiteral(segment) {
		return false
	}
	return slices.ContainsFunc(t.variables, func(v variable) bool {
		return v.spans && strings.Contains(segment, "{"+v.name+"}")
	})
}

// matchSegment matches one segment that holds parameters: "{id}", but also "{id}.json"
// and "{from}-{to}". OpenAPI says nothing of these; each parameter takes at least one
// character, and none takes a slash but those that may.
//
// It does not backtrack, so that it takes time linear in the text, whoever sends it:
// the last literal is searched from the end, each other one from the start. So
// "{name}.json" takes "a.json.json" for "a.json" with its ending, as a reader would.
func (t template) matchSegment(pattern, text string, values map[string]string) bool {
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
		// A brace that is not closed: no path matches, rather than any.
		if end < 0 {
			return false
		}
		name := pattern[open+1 : open+end]
		pattern = pattern[open+end+1:]
		if !t.begins(name, text) {
			return false
		}
		literal := pattern
		if next := strings.IndexByte(pattern, '{'); next >= 0 {
			literal = pattern[:next]
		}
		length := len(text)
		switch {
		// Two values without a literal between them.
		case literal == "" && pattern != "":
			length = t.boundary(name, pattern, text)
		// The last literal of the segment.
		case literal != "" && pattern == literal:
			length = strings.LastIndex(text, literal)
		case literal != "":
			length = strings.Index(text, literal)
		}
		// No value is empty: "/pets/" is another path than that of one pet.
		if length < 1 {
			return false
		}
		t.keep(values, name, text[:length])
		text = text[length:]
	}
}

// begins reports whether a text begins with what the operator of its name writes.
//
// Label and path style begin each value with their character (RFC 6570 §3.2.5, §3.2.7), and so
// does an exploded {/name*} with a slash. That of {/name} is in the template already.
func (t template) begins(name, text string) bool {
	v := t.variable(name)
	switch {
	case v.operator == '.' || v.operator == ';' || v.operator == '/' && v.explode:
		return text != "" && text[0] == v.operator
	}
	return true
}

// variable returns what the path key says of a name in the template.
func (t template) variable(name string) variable {
	plain, _ := t.nameOf(name)
	for _, v := range t.variables {
		if v.name == plain {
			return v
		}
	}
	return variable{}
}

// keep notes the text of a name in the template; the beginning of a value, {name:3},
// stands only where the whole is not in the path.
func (t template) keep(values map[string]string, name, text string) {
	plain, prefix := t.nameOf(name)
	if _, whole := values[plain]; !prefix || !whole {
		values[plain] = text
	}
}

// nameOf returns the name of a variable without the length of its prefix.
// A colon alone makes no prefix: it may be part of a name that is not an expression.
func (t template) nameOf(text string) (name string, prefix bool) {
	name, _, prefix = strings.Cut(text, ":")
	if prefix && slices.ContainsFunc(t.variables, func(v variable) bool { return v.name == name && v.prefix > 0 }) {
		return name, true
	}
	return text, false
}

// boundary returns the length of a value behind which the next one begins at once. Where
// an operator writes something before each value that is the boundary; without one
// the value has one character.
//
// The first boundary counts, so that a dot in the first of two labels ends it. Values
// can be told apart only where what separates them cannot be in them (RFC 6570 §1.4).
func (t template) boundary(name, next, text string) int {
	following, _, _ := strings.Cut(next[1:], "}")
	switch v := t.variable(following); v.operator {
	case ';':
		// Exploded, a value is several parts; the next one begins with its own name.
		for _, begin := range []string{";" + v.name + "=", ";" + v.name + ";"} {
			if at := strings.Index(text, begin); at > 0 {
				return at
			}
		}
		if strings.HasSuffix(text, ";"+v.name) {
			return len(text) - len(v.name) - 1
		}
		return 0
	case '.', '/':
		return strings.IndexByte(text[min(1, len(text)):], v.operator) + 1
	}
	return min(1, len(text))
}

// containsQuery reports whether every pair of want stands in query, in any order and
// among others. A query that cannot be read has none of them.
//
// Values count as well as names: "?beta=true" is not in "?beta=false". A key with a name twice
// needs each of its values, in no order.
func containsQuery(query, want string) bool {
	if want == "" {
		return true
	}
	// Parsed, and not compared as text: pairs come in any order, and + is a space as %20 is.
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
