package overlay

import (
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// expression is a logical expression of a filter (RFC 9535 §2.3.5): it is true or false
// of a node. What has a value, and can be compared, is an operand. The grammar keeps
// the two apart, so that a filter such as ?@.a == (@.b || @.c) is an error when it is
// read and not a surprise when it is applied.
//
// What reads nodes or texts charges the budget; what only combines expressions does not.
type expression interface {
	// holds evaluates the expression for a node.
	holds(e *evaluation, current *node) bool
}

type (
	// An empty list of alternatives is false. It stands in for an expression that could not be
	// read, and is never evaluated: the parser has an error then.
	anyOf      []expression // ||
	allOf      []expression // &&
	not        struct{ inner expression }
	existence  struct{ query *path }
	comparison struct {
		left, right operand
		operator    string
	}
	matches struct{ call *call } // match and search are logical by themselves
)

// operand is one side of a comparison, or an argument of a function. One of the three
// is set.
type operand struct {
	literal string // JSON text, "" for the others
	query   *path
	call    *call
}

// call is a call of a function (§2.4). There are the five of the standard: length and
// count and value have a value, match and search are true or false.
//
// Other functions, which §2.4 lets an implementation register, are errors of the path: to
// let them select nothing would be an overlay that does nothing in silence.
type call struct {
	name      string
	arguments []operand
	pattern   *pattern // of match and search with a literal pattern
}

// or reads alternatives, the outermost rule of a filter: && binds closer than ||, !
// closer than both (§2.3.5.1). The depth is that of the parser's recursion, which comes
// back here for each parenthesis.
func (p *parser) or() expression {
	if p.depth++; p.depth > maxPathDepth {
		p.fail("filters are nested more than %d deep", maxPathDepth)
	}
	defer func() { p.depth-- }()
	list := p.chain(p.and, "||")
	if len(list) == 1 {
		return list[0]
	}
	return anyOf(list)
}

// One alternative alone is not wrapped, so that the common filter, a single comparison, is
// evaluated without a loop.
func (p *parser) and() expression {
	list := p.chain(p.basic, "&&")
	if len(list) == 1 {
		return list[0]
	}
	return allOf(list)
}

// chain reads what an operator joins.
// It loops where the grammar recurses: a filter of ten thousand alternatives must not cost
// a stack of that depth.
func (p *parser) chain(next func() expression, operator string) (list []expression) {
	for p.err == nil {
		list = append(list, next())
		p.space()
		if !p.take(operator) {
			break
		}
	}
	return list
}

// basic reads a negation, a parenthesis, a comparison or a test. "!" negates a
// parenthesis or a test; of a comparison it would negate the first operand only.
func (p *parser) basic() expression {
	p.space()
	if p.take("!") {
		p.space()
		// A literal is neither true nor false here, and a second ! is not in the
		// grammar.
		if c := p.peek(); c != '(' && c != '@' && c != '$' && !('a' <= c && c <= 'z') {
			p.fail("want what is negated: a query, a function or a parenthesis")
			return anyOf{}
		}
		inner, compared := p.primary()
		// The operator would belong to the operand alone, which is not what it looks
		// like.
		if compared {
			p.fail("want a parenthesis around a comparison that is negated")
		}
		return not{inner}
	}
	e, _ := p.primary()
	return e
}

// primary reads an expression without && and ||, and reports whether it is a
// comparison: "!@.a == 1" reads like two different things, and the grammar allows
// neither.
//
// A parenthesis is reported as no comparison, whatever is in it: around it the reader has
// said what is meant.
func (p *parser) primary() (e expression, compared bool) {
	if p.take("(") {
		e = p.or()
		p.space()
		if !p.take(")") {
			p.fail("want )")
		}
		return e, false
	}
	left := p.operand()
	p.space()
	// The longer ones first: "<=" begins like "<".
	for _, operator := range []string{"==", "!=", "<=", ">=", "<", ">"} {
		if p.err == nil && p.take(operator) {
			p.space()
			right := p.operand()
			p.comparable(left)
			p.comparable(right)
			return comparison{left, right, operator}, true
		}
	}
	switch {
	case p.err != nil:
	// A query by itself is true if it selects anything, a member that is false or null
	// included (§2.3.5.2.1).
	case left.query != nil:
		return existence{left.query}, false
	case left.call != nil && left.call.logical():
		return matches{left.call}, false
	default:
		p.fail("want a comparison such as == 'text'")
	}
	return anyOf{}, false
}

// comparable refuses what yields no single value (§2.3.5.1, §2.4.3): a query that may
// select several nodes, a function that is a test. The standard calls a filter that is
// not well typed invalid, where other languages would convert.
func (p *parser) comparable(o operand) {
	switch {
	case p.err != nil:
	case o.query != nil && !o.query.singular():
		p.fail("want a query of one node on each side of a comparison")
	case o.call != nil && o.call.logical():
		p.fail("%s() is not compared, it is a test by itself", o.call.name)
	}
}

// operand reads a query, a literal or a function. A bare word is one of the three names
// of literals or a function's; anything else is most often a query without its @.
//
// A literal is kept as JSON text, as values of the document are. Both sides of a comparison
// then have one form, and the quotes of JSONPath are gone.
func (p *parser) operand() operand {
	c := p.peek()
	switch {
	case c == '@' || c == '$':
		p.i++
		return operand{query: &path{current: c == '@', segments: p.segments()}}
	case c == '\'' || c == '"':
		return operand{literal: string(jsonscan.AppendString(nil, p.text()))}
	case c == '-' || '0' <= c && c <= '9':
		return operand{literal: p.number()}
	}
	start := p.i
	for isName(p.peek(), p.i > start) {
		p.i++
	}
	switch name := p.s[start:p.i]; name {
	case "true", "false", "null":
		return operand{literal: name}
	// Functions are followed by their parenthesis at once (§2.4).
	case "length", "count", "match", "search", "value":
		if p.take("(") {
			return operand{call: p.call(name)}
		}
	}
	p.i = start
	p.fail("want a query, a literal or one of length, count, match, search, value")
	return operand{}
}

// number keeps the text of a number. It is checked as JSON, and short: comparisons are
// those of float64.
func (p *parser) number() string {
	start := p.i
	for p.i < len(p.s) && strings.IndexByte("+-.0123456789eE", p.s[p.i]) >= 0 {
		p.i++
	}
	text := p.s[start:p.i]
	// The scan above takes more than numbers, such as "1-2".
	if len(text) > 100 || jsonscan.Check(text, 0) != nil {
		p.i = start
		p.fail("want a number as JSON has it")
	}
	return text
}

// call reads the arguments of a function and checks their number and kind (§2.4.3), and
// compiles a pattern that is a literal: it is the same for every node.
//
// That a function is well typed is decided here, once, and not for each node: the standard
// makes it a property of the query and not of the document.
func (p *parser) call(name string) *call {
	if p.depth++; p.depth > maxPathDepth {
		p.fail("functions are nested more than %d deep", maxPathDepth)
	}
	defer func() { p.depth-- }()
	c := &call{name: name}
	for p.err == nil {
		p.space()
		c.arguments = append(c.arguments, p.operand())
		p.space()
		if p.take(")") {
			break
		}
		if !p.take(",") {
			p.fail("want , or )")
		}
	}
	want := 1
	if c.logical() {
		want = 2
	}
	if p.err == nil && len(c.arguments) != want {
		p.fail("%s() takes %d arguments", name, want)
	}
	for _, argument := range c.arguments {
		// These two take any query, also one that selects many nodes; the others take
		// values.
		if name == "count" || name == "value" {
			if p.err == nil && argument.query == nil {
				p.fail("%s() takes a query", name)
			}
			continue
		}
		p.comparable(argument)
	}
	// The second argument is the pattern.
	if p.err == nil && c.logical() && c.arguments[1].literal != "" {
		c.pattern = compilePattern(jsonscan.String(c.arguments[1].literal), name == "match")
	}
	return c
}

// The functions of logical type (§2.4.1); the others return a value.
// The difference decides where a call may stand: a test is not compared, and a value is not a
// test (§2.4.3).
func (c *call) logical() bool { return c.name == "match" || c.name == "search" }
