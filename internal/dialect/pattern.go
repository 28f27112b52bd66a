package dialect

import (
	"fmt"
	"regexp"
	"regexp/syntax"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Pattern compiles a regular expression of a schema. Those of ECMA 262 that need
// look-around or back references are an error: Go's regexp has neither.
func Pattern(text string) (*regexp.Regexp, error) { return regexp.Compile(text) }

// UnreadablePatterns lists the patterns of the schema object at a pointer that
// Pattern refuses. They are not validated; the text keeps them for others.
// The standard recommends ECMA 262 (JSON Schema 2020-12 Core §6.4), and interoperable
// patterns of its simple part, which RE2 reads.
func UnreadablePatterns(text, at string) []Repair {
	var repairs []Repair
	check := func(at, keyword, pattern, instead string) {
		if isUnreadable(pattern) {
			reason := fmt.Sprintf("%.80q is not a regular expression that Go reads; %s", pattern, instead)
			repairs = append(repairs, Repair{Pointer: at, Keyword: keyword, Reason: reason})
		}
	}
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "pattern":
			check(at, key, jsonscan.String(value), "not checked")
			// The names of its members are the patterns.
		case "patternProperties":
			for pattern := range jsonscan.Members(value) {
				check(at+"/"+key, key, pattern, "not checked, and any other field is allowed for it")
			}
		}
	}
	return repairs
}

// WithoutUnreadablePatterns drops the patterns of a schema object that Pattern
// refuses and, beside one of patternProperties, additionalProperties: false,
// since a field may match the pattern that is gone.
// It is for jsonschema, which refuses a document with such a pattern as a whole.
func WithoutUnreadablePatterns(text string) string {
	if len(UnreadablePatterns(text, "")) == 0 {
		return text
	}
	o := jsonscan.ReadObject(text)
	// Without it the keyword accepts every string.
	if pattern, ok := o.Get("pattern"); ok && isUnreadable(jsonscan.String(pattern)) {
		o.Take("pattern")
	}
	if patterns, ok := o.Get("patternProperties"); ok {
		// A member of patternProperties goes with its schema: which fields it is for is not
		// known.
		var kept jsonscan.Object
		all := jsonscan.ReadObject(patterns)
		for _, f := range all {
			if !isUnreadable(f.Name) {
				kept = append(kept, f)
			}
		}
		o.Set("patternProperties", kept.String())
		if additional, _ := o.Get("additionalProperties"); additional == "false" && len(kept) < len(all) {
			o.Take("additionalProperties")
		}
	}
	return o.String()
}

// isUnreadable reports whether Pattern refuses a pattern. It does not compile it: a
// short one can compile to a hundred megabytes.
func isUnreadable(pattern string) bool {
	_, err := syntax.Parse(pattern, syntax.Perl)
	return err != nil
}
