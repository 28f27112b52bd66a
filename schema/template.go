package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// route is a path key, taken apart.
type route struct {
	path     string // template that is sent: {name}, and {name:3} beside it for the first three characters of a value
	query    string // that some keys carry
	inPath   []variable
	inQuery  []variable // of expressions for the query, which leave nothing in the template
	foreign  bool       // an expression was not OpenAPI's
	fragment []string   // names of variables of a fragment, which is not sent
	excess   bool       // there are more than maxVariables names: the rest was not read
}

// maxVariables bounds the names in the expressions of one path key. Real ones have a few; they
// are compared with one another and with the parameters, so that a key of a megabyte would take
// minutes.
const maxVariables = 256

// variable is a name in an expression of a path key, with what the expression says of
// its form.
type variable struct {
	name     string
	operator byte // of RFC 6570 §3.2; 0 for none
	explode  bool
	prefix   int  // RFC 6570 §2.4.1; 0 for the whole value
	spans    bool // the value may hold slashes
}

// parseRoute takes a path key apart: the path template that is sent, and the query that
// some keys carry. A fragment, which distinguishes operations of one URL, is not sent
// (RFC 9110 §7.1).
//
// OpenAPI's templates have {name} alone (OpenAPI 3.1 §4.8.8.2). Real documents have
// more: queries where an API tells two operations apart by one, fragments where a tool
// needed unique keys, expressions of RFC 6570, and the path variables of the frameworks
// that the documents come from. They become plain names in the template; what the
// expressions say about the form of a value is in the variables. Names between commas
// stand one after the other, with what separates them between.
func parseRoute(key string) route {
	var r route
	var path strings.Builder
	for rest := key; ; {
		before, expression, after, found := cutExpression(rest)
		if !found {
			path.WriteString(rest)
			break
		}
		path.WriteString(before)
		r.expand(&path, expression)
		rest = after
		if len(r.inPath)+len(r.inQuery)+len(r.fragment) > maxVariables {
			r.excess, r.path = true, key
			return r
		}
	}
	// After the expressions, as a pattern such as {id:[^?#]+} has the same characters.
	r.path, _, _ = strings.Cut(r.withoutPrefixes(path.String()), "#")
	r.path, r.query, _ = strings.Cut(r.path, "?")
	return r
}

// withoutPrefixes writes {name:3} as {name} where no other part of the value is in the
// path: the parameter says it then.
func (r *route) withoutPrefixes(path string) string {
	for _, v := range r.inPath {
		if others := slices.ContainsFunc(r.inPath, func(w variable) bool { return w.name == v.name && w.prefix != v.prefix }); v.prefix > 0 && !others {
			path = strings.ReplaceAll(path, fmt.Sprintf("{%s:%d}", v.name, v.prefix), "{"+v.name+"}")
		}
	}
	return path
}

// cutExpression cuts text around its first expression. Braces within one belong to it,
// as in {id:[0-9]{3}}. A brace that is never closed begins no expression.
// So all behind it is literal, and the text is read once to find that out.
func cutExpression(text string) (before, expression, after string, found bool) {
	open, depth := 0, 0
	for i := range len(text) {
		switch {
		case text[i] == '{':
			if depth++; depth == 1 {
				open = i
			}
		case text[i] == '}' && depth > 0:
			if depth--; depth == 0 {
				return text[:open], text[open+1 : i], text[i+1:], true
			}
		}
	}
	return "", "", "", false
}

// expand writes the names of an expression to the template, and keeps what it says of
// them.
func (r *route) expand(path *strings.Builder, expression string) {
	list, operator, known := parseExpression(expression)
	if !known {
		// The whole is the name: OpenAPI 3.1 has no grammar for names in templates.
		path.WriteString("{" + expression + "}")
		r.inPath = append(r.inPath, variable{name: expression})
		return
	}
	r.foreign = true
	// What begins a query or a fragment is not part of the path, whatever stands behind it.
	switch operator {
	case '?', '&':
		r.inQuery = append(r.inQuery, list...)
		return
	case '#':
		for _, v := range list {
			r.fragment = append(r.fragment, v.name)
		}
		return
	}
	for i, v := range list {
		// The operators . and ; are written with each value, as an exploded one repeats them, and
		// so the template does not have them. The slash of {/name} separates segments: without
		// it a path could not be matched segment by segment.
		switch {
		case operator == '/' && !v.explode:
			path.WriteByte('/')
		case i > 0 && (operator == 0 || operator == '+'):
			path.WriteByte(',')
		}
		path.WriteString("{" + v.name)
		if v.prefix > 0 {
			path.WriteString(":" + strconv.Itoa(v.prefix))
		}
		path.WriteByte('}')
	}
	r.inPath = append(r.inPath, list...)
}

// parseExpression reads an expression that is more than a name: of RFC 6570 §2.2, or of
// a framework. It reports false for a plain name and for what it does not know, which is
// a name, too.
func parseExpression(text string) (list []variable, operator byte, known bool) {
	rest := text
	if text != "" && strings.IndexByte("+#./;?&", text[0]) >= 0 {
		operator, rest = text[0], text[1:]
	}
	plain := operator == 0
	for spec := range strings.SplitSeq(rest, ",") {
		v := variable{operator: operator}
		var digits string
		var cut bool
		v.name, v.explode = strings.CutSuffix(spec, "*")
		v.name, digits, cut = strings.Cut(v.name, ":")
		if cut {
			// RFC 6570 §2.4.1 has at most four digits, and no prefix of a value that is exploded.
			n, err := strconv.Atoi(digits)
			if err != nil || n < 1 || n > 9999 || v.explode {
				return frameworkVariable(text)
			}
			v.prefix = n
		}
		if !isVariableName(v.name) {
			return frameworkVariable(text)
		}
		v.spans = operator == '+' || operator == '/' && v.explode
		plain = plain && !v.explode && !cut
		list = append(list, v)
	}
	if plain && len(list) == 1 {
		return nil, 0, false
	}
	return list, operator, true
}

// frameworkVariable reads the path variables of web frameworks that their generators
// leave in documents: {*path} and {path...}, which take the rest of a path, {id:pattern}
// and {name=pattern}, which say what a value looks like. A pattern says whether the value
// may hold slashes; the rest of it is for the server.
func frameworkVariable(text string) ([]variable, byte, bool) {
	name := strings.TrimLeft(text, "*")
	v := variable{spans: name != text}
	if rest, ok := strings.CutSuffix(name, "..."); ok {
		name, v.spans = rest, true
	}
	// A pattern is not matched, only asked whether a slash may be in the value: it is written
	// in the syntax of its framework, and a value that breaks it is for the server to refuse.
	if at := strings.IndexAny(name, ":="); at > 0 {
		pattern := strings.TrimSpace(name[at+1:])
		deep := name[at] == '=' && strings.ContainsAny(pattern, "/") || strings.HasPrefix(pattern, "**")
		name, v.spans = strings.TrimSpace(name[:at]), v.spans || deep || pattern == "path" || pattern == ".*" || pattern == ".+"
	} else if name == text {
		return nil, 0, false
	}
	if !isVariableName(name) {
		return nil, 0, false
	}
	v.name = name
	// Reserved expansion (RFC 6570 §3.2.3) keeps slashes as they are, which is what is meant.
	if v.spans {
		v.operator = '+'
	}
	return []variable{v}, 0, true
}

// isVariableName reports whether text is a name of RFC 6570 §2.3 or close to one: the
// characters that operators and patterns have do not belong to it.
//
// RFC 6570 §2.3 has letters, digits, "_", "." and escapes. Names of documents have "-", brackets,
// dollar signs, spaces and letters beyond ASCII as well.
func isVariableName(text string) bool {
	for i := range len(text) {
		c := text[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("_-.%$@[] ", c) >= 0 || c >= 0x80) {
			return false
		}
	}
	return text != "" && strings.TrimSpace(text) == text && !strings.HasSuffix(text, "...")
}

// variable returns what the key says of a name in its path, preferring an expression
// that has the whole value.
//
// A path such as /{name:2}/{name} has a name twice. The parameter is the whole value; the template
// keeps the prefix.
func (r *route) variable(name string) (v variable, found bool) {
	for _, one := range r.inPath {
		if one.name == name && (!found || v.prefix > 0) {
			v, found = one, true
		}
	}
	return v, found
}

// names returns the names in the path, each once, in order.
func (r *route) names() []string {
	var names []string
	for _, v := range r.inPath {
		if !slices.Contains(names, v.name) {
			names = append(names, v.name)
		}
	}
	return names
}
