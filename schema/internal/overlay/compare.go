package overlay

import (
	"cmp"
	"regexp"
	"regexp/syntax"
	"strconv"

	"github.com/opcall/opcall/internal/jsonscan"
)

// holds compares as RFC 9535 §2.3.5.2.2 says. A side without a value, of a query that
// selects nothing, equals another such side and nothing else; so "!=" is true where a
// member is missing. Numbers are those of IEEE 754 binary64 (RFC 7493 §2.2).
func (c comparison) holds(e *evaluation, current *node) bool {
	left, isLeft := e.value(c.left, current)
	right, isRight := e.value(c.right, current)
	// Functions, so that "<" costs no comparison for equality.
	equal := func() bool {
		return isLeft == isRight && (!isLeft || e.equal(left, right))
	}
	less := func(a, b string) bool {
		return isLeft && isRight && e.less(a, b)
	}
	switch c.operator {
	case "==":
		return equal()
	case "!=":
		return !equal()
	case "<":
		return less(left, right)
	case ">":
		return less(right, left)
	case "<=":
		return less(left, right) || equal()
	}
	// ">=": a value without an order is still equal to itself.
	return less(right, left) || equal()
}

// Enough for texts that are known to be JSON values: nothing else begins so.
func isNumber(text string) bool { return text[0] == '-' || '0' <= text[0] && text[0] <= '9' }

// Two large integers that differ in their last digits are equal here, as RFC 9535 has
// it by way of I-JSON.
func number(text string) float64 {
	f, _ := strconv.ParseFloat(text, 64) // out of range is infinite
	return f
}

// less orders numbers, and texts by their characters. Values of other types, or of two
// types, have no order: neither is less, and no error either.
func (e *evaluation) less(a, b string) bool {
	e.spend(1 + (len(a)+len(b))/16)
	switch {
	case isNumber(a) && isNumber(b):
		return number(a) < number(b)
	case a[0] == '"' && b[0] == '"':
		return cmp.Less(jsonscan.String(a), jsonscan.String(b)) // UTF-8 orders as code points do
	}
	return false
}

// equal compares JSON values; the order of members does not matter. It works on the
// texts, unescaped where they are strings, and charges their length. Where the budget
// is spent the result is false, and of no consequence.
func (e *evaluation) equal(a, b string) bool {
	if !e.spend(1 + (len(a)+len(b))/16) {
		return false
	}
	switch {
	case isNumber(a) && isNumber(b):
		return number(a) == number(b)
	// Texts of two types differ in their first character, numbers aside, which are
	// compared above.
	case a[0] != b[0]:
		return false
	case a[0] == '"':
		return jsonscan.String(a) == jsonscan.String(b)
	case a[0] == '[':
		return e.equalItems(a, b)
	case a[0] == '{':
		// By name, since the order of members has no meaning; of names that stand twice
		// the last counts on one side and each on the other, which no checked document
		// has.
		members := make(map[string]string)
		for key, value := range jsonscan.Members(b) {
			members[key] = value
		}
		n := 0
		for key, value := range jsonscan.Members(a) {
			other, ok := members[key]
			if !ok || !e.equal(value, other) {
				return false
			}
			n++
		}
		return n == len(members)
	}
	return a == b
}

// Arrays are equal item by item (§2.3.5.2.2), in their order and of one length.
func (e *evaluation) equalItems(a, b string) bool {
	var items []string
	for _, item := range jsonscan.Items(b) {
		items = append(items, item)
	}
	n := 0
	for i, item := range jsonscan.Items(a) {
		if i >= len(items) || !e.equal(item, items[i]) {
			return false
		}
		n++
	}
	return n == len(items)
}

// pattern is a regular expression and the size of its program. The time of a match is
// at most their product with the length of the text, which is what it is charged.
// The limits of package regexp are far larger: they bound its memory and not the time of a
// match.
type pattern struct {
	re   *regexp.Regexp
	size int
}

// maxPattern bounds the program of a pattern.
// It bounds the source by the same number, since a program has an instruction for each
// character of it or so.
const maxPattern = 1000

// compilePattern reads an I-Regexp (RFC 9485), whose syntax is a part of Go's. It is
// compiled twice for its size, which package regexp does not say: a few characters such
// as (a{100}){100} make a program of ten thousand steps.
//
// It returns nil for what is not a pattern, which matches nothing (RFC 9535 §2.4.6), and for a
// pattern of too large a program.
func compilePattern(source string, whole bool) *pattern {
	// Before it is parsed, which takes time and memory by its length.
	if len(source) > maxPattern {
		return nil
	}
	if whole {
		// match is about the whole text, search about a part (RFC 9535 §2.4.6, §2.4.7).
		source = `\A(?:` + source + `)\z`
	}
	tree, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return nil
	}
	// Simplify writes repetitions out, as regexp.Compile does.
	program, err := syntax.Compile(tree.Simplify())
	if err != nil || len(program.Inst) > maxPattern {
		return nil
	}
	compiled, err := regexp.Compile(source)
	if err != nil {
		return nil
	}
	return &pattern{compiled, len(program.Inst)}
}
