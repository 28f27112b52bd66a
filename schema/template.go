package schema

import (
	"regexp"
	"strings"
)

// operator is an expression of RFC 6570 that OpenAPI's templates, which know
// {name} alone (OpenAPI 3.1 §4.8.8.2), do not have.
var operator = regexp.MustCompile(`\{(?:[+#./;?&][^{}]*|[^{}]*(?:\*|:\d+|,[^{}]*))\}`)

// route takes a path key apart: the path template that is sent, and the query that some
// keys carry. A fragment, which distinguishes operations of one URL, is not sent (RFC
// 9110 §7.1). Expressions of RFC 6570 become plain names: those for the query and the
// fragment go, for query parameters are declared beside them; the others stand where
// they stand. A Repair says what the path is read as.
//
// OpenAPI allows none of this in a key, and real documents have all of it: queries
// where an API tells two operations apart by one, fragments where a tool needed unique
// keys.
func route(key string) (path, query string) {
	key = operator.ReplaceAllStringFunc(key, func(expression string) string {
		names := strings.TrimLeft(expression[1:len(expression)-1], "+#./;?&")
		separator, prefix := ",", ""
		switch expression[1] {
		case '?', '&', '#':
			return ""
		case '.', '/', ';':
			separator, prefix = expression[1:2], expression[1:2]
		}
		var b strings.Builder
		for i, name := range strings.Split(names, ",") {
			name, _, _ = strings.Cut(strings.TrimSuffix(name, "*"), ":")
			if i > 0 {
				b.WriteString(separator)
			} else {
				b.WriteString(prefix)
			}
			b.WriteString("{" + name + "}")
		}
		return b.String()
	})
	key, _, _ = strings.Cut(key, "#")
	path, query, _ = strings.Cut(key, "?")
	return path, query
}
