// Package style writes the values of OpenAPI parameters into paths, queries, headers and cookies, and reads them back.
//
// The way of a value out:
//
//	Param  → checked, defaults filled in               param.go
//	JSON   → is it there at all? its scalars, members  value.go
//	       → joined as the style says                  encode.go, bracket.go
//	       → each text escaped for its place           alphabet.go
//	       → path, query, header, cookie               path.go, query.go, header.go, cookie.go
//
// And back: the location's file → decode.go, tree.go (names with brackets) → shape.go, which gives the texts their
// types. Read them in this order; the rest turns on the table in param.go, and testdata/cases.json shows what comes
// of it. What cannot be written or read is an Error (error.go).
//
// Values go in as [gjson.Result] and come out as JSON text, so that members keep their order and numbers their digits.
// What encoding writes, decoding reads back as the same value, given the shape of its schema; where the wire form could not
// be told from that of another value, encoding refuses with an [*Error]. The exceptions are values that are
// to leave no trace (next section) and texts with escapes under AllowReserved.
//
// # Undefined values
//
// null, an array without items and an object without defined members are undefined in the sense of RFC 6570 §2.3:
// a parameter, or a member of an object, with such a value is left out. An array keeps its positions, so that null in
// an array is refused; so are undefined values in a path, which has no place to leave out. JSON text (a content
// parameter) has a form for [] and {}, and null within it; a parameter that is null as a whole is left out there too.
//
// # Where OpenAPI leaves it open
//
//   - Label without explode joins with commas, as OpenAPI 3.0.4 and 3.1.1 have it; the tables of earlier versions
//     show dots.
//   - Brackets and the delimiters of spaceDelimited and pipeDelimited are escaped (%5B, %5D, %20, %7C), as in the
//     tables of 3.1.1: RFC 3986 allows them in no other form, and servers that keep to it refuse a bare bracket.
//     Both forms are read. Since the two styles know no delimiter but an escaped one, an item that holds it is refused.
//   - A comma inside an item is %2C, which differs from the delimiter as long as nothing is unescaped (RFC 6570
//     §3.2.1). The dot inside an exploded label is %2E; since a dot is unreserved, a server that normalizes paths
//     loses the difference.
//   - spaceDelimited and pipeDelimited with explode: an array is written like form, an object is refused.
//   - deepObject does not look at explode. What OpenAPI leaves undefined there (3.1.1 §4.8.12.4) is written in its most
//     widespread form: objects in objects as a[b][c]=d, arrays with brackets as below, a single value as a=b.
//   - JSONParts: where the shape allows texts and objects, a text that is the JSON text of an object is read as one.
//   - Brackets: arrays of objects are a[][k]=v&a[][l]=w, and readers begin a new object when a member comes again. Objects
//     for which that goes wrong, arrays in arrays, and names with brackets in them are refused.
//   - Objects in form and matrix style with explode are parameters of their own, and nothing is left of their name.
//   - Cookies: arrays and objects are written without explode only, for & separates no cookies.
//   - Headers know no escapes (OpenAPI 3.1.1 appendix D), and obs-text is not for new fields (RFC 9110 §5.5): text that is
//     not visible ASCII is refused, and so are items with a comma, empty items and white space at the ends. A header
//     of JSON text carries everything, with \u escapes.
//
// # Deviations
//
//   - A path value of "." or ".." is refused. Written %2E it would still be a dot segment to RFC 3986 §6.2.2.2, and there
//     are proxies that resolve it.
//   - Reserved expansion in a path, {+name}, escapes ? and # (RFC 6570 §3.2.3 keeps them), so that a value stays in the path;
//     it refuses dot segments and empty segments, but for a slash at either end.
//   - An empty path value and NUL in a path are refused, although RFC 6570 has forms for them: one is another route,
//     the other ends a path in many a server.
//   - AllowReserved still escapes [ and ], which RFC 3986 §3.4 allows in no query, and & and +, as OpenAPI 3.1.1
//     appendix C says. It keeps =, which appendix C escapes: a value goes on to the next &.
//
// # Limits
//
// 64 levels of nesting; 10,000 parts, that is items, member names and member values of a joined text, or pairs of a query;
// 1 MiB written, which is what net/http reads of a request line and its headers. Beyond them is an [*Error].
package style
