package style

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Param says how one parameter is written: the fields of an OpenAPI Parameter Object (OpenAPI 3.1 §4.8.12) that
// decide about its form on the wire. It is a plain value, safe for concurrent use, and each of its methods
// checks it first, so that a Param that contradicts itself is an *Error and not a wrong request.
type Param struct {
	Name string // as the description has it, not escaped
	In   string // "path", "query", "header" or "cookie"

	// Style is simple, label, matrix, form, spaceDelimited, pipeDelimited or deepObject.
	// "" is the default of In: simple for path and header, form for query and cookie.
	Style string

	// Explode writes each item or member of its own. nil is the default of Style: true for form, false for the rest.
	// deepObject has but one way, so that it makes no difference there.
	Explode *bool

	// AllowReserved keeps reserved characters and existing escapes in the values of a query parameter.
	// It means nothing elsewhere.
	AllowReserved bool

	// JSON writes the value as JSON text (content: application/json) and leaves Style, Explode and Brackets unused.
	JSON bool

	// JSONParts writes objects, and the arrays and objects in arrays, as JSON text: name={"a":1}. It is for the fields of
	// urlencoded forms without a style (OpenAPI 3.1.1 §4.8.15.1.1). Query, style form with explode.
	JSONParts bool

	// Operator is what the path template has before the name (RFC 6570 §3.2), where that decides beyond the style: "+" keeps
	// reserved characters, slashes among them, and existing escapes in style simple (§3.2.3); "/" with Explode writes each part
	// behind a slash of its own, the first too (§3.2.6), in place of Style. Path only.
	Operator string

	// Prefix is how many characters of a single value are written, at most: {name:3} (RFC 6570 §2.4.1); 0 for all.
	// Path only.
	Prefix int

	// Brackets writes arrays as name[]=a&name[]=b and objects as name[key]=v, to any depth, in place of Style
	// and Explode. Query only. A Name that ends in [] is that of an array and gets no second pair.
	Brackets bool
}

// Limits on one value, for both directions.
const (
	maxDepth  = 64      // levels of nesting
	maxParts  = 10_000  // items, member names and member values of a joined text; name=value pairs of a query
	maxLength = 1 << 20 // bytes written, which is what net/http reads of a request line and its headers
)

// A layout is the form of one style: RFC 6570 appendix A, in the order of its columns, and what OpenAPI adds to it.
type layout struct {
	in    []string
	first string // before everything
	sep   string // between exploded parts
	named bool   // name= goes before the value or, exploded, before each part
	bare  bool   // name without = where the text is empty
	delim string // between the parts of one text
}

var layouts = map[string]layout{
	"simple":         {in: []string{"path", "header"}, sep: ",", delim: ","},
	"label":          {in: []string{"path"}, first: ".", sep: ".", delim: ","},
	"matrix":         {in: []string{"path"}, first: ";", sep: ";", named: true, bare: true, delim: ","},
	"form":           {in: []string{"query", "cookie"}, sep: "&", named: true, delim: ","},
	"spaceDelimited": {in: []string{"query"}, sep: "&", named: true, delim: "%20"},
	"pipeDelimited":  {in: []string{"query"}, sep: "&", named: true, delim: "%7C"},
	"deepObject":     {in: []string{"query"}, sep: "&", named: true},
}

// segmented is the layout of an exploded path segment expression, {/name*}.
var segmented = layout{in: []string{"path"}, first: "/", sep: "/", delim: ","}

// A wire is a Param that has been checked and has its defaults filled in.
type wire struct {
	Param
	layout
	explode bool
}

// resolve checks p and fills in its style and explode, for the methods of the location in.
func (p Param) resolve(in string) (wire, error) {
	w := wire{Param: p}
	switch p.In {
	case "path", "header":
		w.Style = cmp.Or(p.Style, "simple")
	case "query", "cookie":
		w.Style = cmp.Or(p.Style, "form")
	default:
		w.In, w.Style = "", ""
		return w, w.fail(fmt.Sprintf("got location %.32q, want path, query, header or cookie", p.In), "")
	}
	var known bool
	if w.layout, known = layouts[w.Style]; !known {
		w.Style = ""
		return w, w.fail(fmt.Sprintf("got style %.32q, want one of OpenAPI 3.1 §4.8.12.3", p.Style), "")
	}
	switch {
	case p.In != in:
		return w, w.fail("got a call for another location: "+in, "")
	case !slices.Contains(w.in, p.In):
		return w, w.fail("got a style of "+strings.Join(w.in, " and ")+" parameters", "leave style out for the default")
	case p.JSONParts && (p.In != "query" || w.Style != "form" || p.Explode != nil && !*p.Explode):
		return w, w.fail("got JSON parts, which are for style form with explode in a query", "")
	case p.Brackets && p.In != "query":
		return w, w.fail("got the bracket convention, which is for queries", "")
	case p.In != "path" && (p.Operator != "" || p.Prefix != 0):
		return w, w.fail("got an operator of path templates, which is for paths", "")
	case p.Operator != "" && p.Operator != "+" && p.Operator != "/" || p.Prefix < 0:
		return w, w.fail(fmt.Sprintf("got operator %.32q and prefix %d, want + or / and a prefix that is not negative", p.Operator, p.Prefix), "")
	case p.Name == "" || !utf8.ValidString(p.Name):
		return w, w.fail("got a name that is empty or invalid UTF-8", "")
	case p.In == "cookie" && !IsToken(p.Name):
		return w, w.fail("got a name that is not a token (RFC 6265 §4.1.1)", "")
	}
	w.explode = w.Style == "form"
	if p.Explode != nil {
		w.explode = *p.Explode
	}
	if w.segments() {
		w.layout = segmented
	}
	return w, nil
}

// segments reports whether each part has a path segment of its own.
func (w *wire) segments() bool { return w.Operator == "/" && w.explode && !w.JSON }

// reserved reports whether a path value keeps its slashes.
func (w *wire) reserved() bool { return w.Operator == "+" && w.Style == "simple" && !w.JSON }

// label names the form in force in messages.
func (w *wire) label() string {
	switch {
	case w.JSON:
		return "json"
	case w.Brackets:
		return "brackets"
	case w.segments():
		return "{/" + clip(w.Name, 64) + "*}"
	case w.reserved():
		return "{+" + clip(w.Name, 64) + "}"
	}
	return w.Style
}

// spread reports whether the members of an object become parameters of their own.
func (w *wire) spread() bool {
	return w.explode && !w.JSONParts && (w.Style == "form" || w.Style == "matrix")
}
