package validator

import (
	"unicode/utf8"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// scalar validates by the keywords for values of any type (JSON Schema 2020-12
// Validation §6.1), for strings (§6.3) and for numbers (§6.2). A keyword for another
// type than the instance's is ignored. format is an annotation (§7.2.1) and not
// validated.
func (w *walk) scalar(s *scalarRules, v jsonvalue.Ref, kind jsonvalue.Kinds) bool {
	ok := true
	// Many strings are found through a map, and cost no more than one.
	if s.enum != nil && kind != jsonvalue.String {
		w.left -= len(s.enum.others) / valuesPerStep // they are compared one by one
	}
	// enum and const are for values of any type, and are compared before the rest: a value
	// that is not listed may break its pattern too.
	if s.constant != nil && !s.constant.has(w.tree, v) {
		ok = w.fail(kwConst)
	}
	if s.enum != nil && !s.enum.has(w.tree, v) {
		ok = w.fail(kwEnum)
	}
	switch {
	case kind == jsonvalue.String:
		return w.text(s, v) && ok
	// Most numbers have no bounds, and are then not parsed at all.
	case kind&jsonvalue.Number != 0 && s.bounded():
		return w.number(s, v) && ok
	}
	return ok
}

// text validates a string. Its length is counted in characters, not in bytes (RFC 8259,
// by way of §6.3.1). A pattern matches anywhere in the text, as it is not anchored
// (§6.3.3).
func (w *walk) text(s *scalarRules, v jsonvalue.Ref) bool {
	if s.minLength <= 0 && s.maxLength < 0 && s.pattern == nil {
		return true
	}
	ok, text := true, w.tree.String(v)
	// Counting takes a pass over the text, so it is done for those who ask.
	if s.minLength > 0 || s.maxLength >= 0 {
		length := utf8.RuneCountInString(text)
		if length < s.minLength {
			ok = w.fail(kwMinLength)
		}
		if s.maxLength >= 0 && length > s.maxLength {
			ok = w.fail(kwMaxLength)
		}
	}
	if s.pattern != nil && !w.matchesPattern(s.pattern, text) {
		ok = w.fail(kwPattern)
	}
	return ok
}

// matchesPattern matches a text, which takes time in proportion to the product of its
// length and the size of the pattern: regexp is linear in both. The steps are taken
// before, so that the product is never spent in vain.
// The size of a pattern is its instructions, each of which Go's regexp executes once for each
// byte at most.
func (w *walk) matchesPattern(p *pattern, text string) bool {
	if w.left -= len(text) * p.size / instructionsPerStep; w.left < 0 {
		return w.giveUp(errSpent)
	}
	return p.re.MatchString(text)
}

// number validates a number (§6.2), with all of its digits: as a float64,
// 9007199254740993 would be below its own minimum, and 0.3 no multiple of 0.1.
func (w *walk) number(s *scalarRules, v jsonvalue.Ref) bool {
	ok := true
	// The tree has checked that it is a number, of at most 1,000 digits.
	n, _ := jsonvalue.ParseDecimal(w.tree.Raw(v))
	if s.minimum != nil && n.Compare(*s.minimum) < 0 {
		ok = w.fail(kwMinimum)
	}
	if s.maximum != nil && n.Compare(*s.maximum) > 0 {
		ok = w.fail(kwMaximum)
	}
	if s.exclusiveMinimum != nil && n.Compare(*s.exclusiveMinimum) <= 0 {
		ok = w.fail(kwExclusiveMinimum)
	}
	if s.exclusiveMaximum != nil && n.Compare(*s.exclusiveMaximum) >= 0 {
		ok = w.fail(kwExclusiveMaximum)
	}
	if s.multipleOf != nil && !n.IsMultipleOf(*s.multipleOf) {
		ok = w.fail(kwMultipleOf)
	}
	return ok
}
