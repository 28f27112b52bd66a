package inbound

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// Base returns the path that the paths of a server's URL are relative to: "/v1",
// "" for the root.
func Base(serverURL string) string {
	u, err := url.Parse(serverURL)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(u.EscapedPath(), "/")
}

// Bases are the paths that those of a document may be relative to. It is safe for
// concurrent use.
type Bases struct {
	document []string        // at least one
	first    string          // of them, as the document has it
	own      func() []string // of operations and path items with servers of their own (OpenAPI 3.1 §4.8.9, §4.8.10)
}

// NewBases returns the bases of a document's servers, longest first. Where some are given, it
// is these that count and no others.
func NewBases(doc *schema.Document, given ...string) *Bases {
	b := &Bases{own: func() []string { return nil }}
	for _, base := range given {
		b.document = append(b.document, strings.TrimSuffix(base, "/"))
	}
	if given == nil && doc != nil {
		for _, server := range doc.Servers() {
			b.document = append(b.document, Base(server.URL))
		}
		known := slices.Clone(b.document)
		b.own = sync.OnceValue(func() []string { return ownBases(doc, known) })
	}
	if len(b.document) == 0 {
		b.document = []string{""}
	}
	b.first = b.document[0]
	b.document = longestFirst(b.document)
	return b
}

// Trim takes the base of a server of the document off a path, the longest that it begins with.
func (b *Bases) Trim(path string) string {
	for _, base := range b.document {
		if rest, ok := strings.CutPrefix(path, base); ok && strings.HasPrefix(rest, "/") {
			return rest
		}
	}
	return path
}

// ownBases reads every operation, which is done when a request came that the servers of the
// document do not explain.
func ownBases(doc *schema.Document, known []string) []string {
	var own []string
	for op := range doc.Operations() {
		for _, server := range op.Servers {
			if base := Base(server.URL); !slices.Contains(known, base) && !slices.Contains(own, base) {
				own = append(own, base)
			}
		}
	}
	return longestFirst(own)
}

// longestFirst sorts bases so that one stands before those that it begins with.
func longestFirst(bases []string) []string {
	slices.SortFunc(bases, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(bases)
}

// Route finds the operation that a request goes to, with the texts of its path
// parameters, or says why there is none: one relative to the servers of the document,
// else one relative to its own. An operation with an
// error in the document is not left out: its request cannot be checked. HEAD goes to
// the operation of GET where the document has none for it (RFC 9110 §9.3.2).
func Route(doc *schema.Document, bases *Bases, method string, u *url.URL) (*schema.Operation, map[string]string, *Refusal) {
	escaped := u.EscapedPath()
	var paths []string
	for _, base := range bases.document {
		path, ok := strings.CutPrefix(escaped, base)
		if !ok || !strings.HasPrefix(path, "/") {
			continue
		}
		op, values, err := match(doc, method, path+"?"+u.RawQuery)
		if op != nil {
			return op, values, nil
		}
		if err != nil {
			return nil, nil, &Refusal{
				Status: http.StatusInternalServerError, Code: "invalid_document", Unchecked: true,
				Message: fmt.Sprintf("%.20s %.200q cannot be checked: %s", method, path, err), Err: err,
			}
		}
		paths = append(paths, path)
	}
	for _, base := range bases.own() {
		if path, ok := strings.CutPrefix(escaped, base); ok && strings.HasPrefix(path, "/") {
			if op, values, _ := match(doc, method, path+"?"+u.RawQuery); op != nil && isBelow(op, base) {
				return op, values, nil
			}
		}
	}
	if len(paths) == 0 {
		return nil, nil, &Refusal{
			Status: http.StatusNotFound, Code: "unknown_url",
			Message: fmt.Sprintf("got path %.200q, want one under %q", escaped, bases.first+"/"),
		}
	}
	for _, path := range paths {
		if allowed := methods(doc, path, u.RawQuery); len(allowed) > 0 {
			return nil, nil, &Refusal{
				Status: http.StatusMethodNotAllowed, Code: "method_not_supported", Allow: allowed,
				Message: fmt.Sprintf("got %.20s %.200s, want %s", method, path, strings.Join(allowed, " or ")),
			}
		}
	}
	return nil, nil, &Refusal{
		Status: http.StatusNotFound, Code: "unknown_url",
		Message: fmt.Sprintf("no operation is at %.20s %.200s%s", method, paths[0], near.Question(nearest(doc, method, paths[0]))),
	}
}

// isBelow reports whether an operation has a server with the base.
func isBelow(op *schema.Operation, base string) bool {
	return slices.ContainsFunc(op.Servers, func(s schema.Server) bool { return Base(s.URL) == base })
}

// match returns no operation where there is none, with an error where the document has
// one that cannot be used.
func match(doc *schema.Document, method, path string) (*schema.Operation, map[string]string, error) {
	if op, values, ok := doc.Match(method, path); ok {
		return op, values, nil
	}
	if err := doc.Unusable(method, path); err != nil {
		return nil, nil, err
	}
	if method == http.MethodHead {
		return match(doc, http.MethodGet, path)
	}
	return nil, nil, nil
}

// methods lists those by which the path has an operation.
func methods(doc *schema.Document, path, query string) (methods []string) {
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"} {
		if _, _, ok := doc.Match(method, path+"?"+query); ok {
			methods = append(methods, method)
		}
	}
	return methods
}

// maxGuessed is the longest path that a meaning is guessed for: the paths of the
// document are compared with it one by one.
const maxGuessed = 200

// nearest names operations whose path a typing mistake could have made of this
// one, those of the same method first.
func nearest(doc *schema.Document, method, path string) []string {
	if len(path) > maxGuessed {
		return nil
	}
	var same, others []string
	shown := make(map[string]string) // the path as it would have been written → the operation's
	for op := range doc.Operations() {
		filled := fillIn(op.Path, path)
		_, known := shown[filled]
		switch {
		case op.Method == method && !slices.Contains(same, filled):
			same = append(same, filled)
		case !known:
			others = append(others, filled)
		default:
			continue
		}
		shown[filled] = op.Method + " " + op.Path
	}
	others = slices.DeleteFunc(others, func(filled string) bool { return slices.Contains(same, filled) })
	names := near.Names(path, append(same, others...), 3)
	for i, name := range names {
		names[i] = shown[name]
	}
	return names
}

// fillIn puts the segments of a path in place of the parameters of a template.
func fillIn(template, path string) string {
	segments := strings.Split(path, "/")
	parts := strings.Split(template, "/")
	for i, part := range parts {
		if strings.Contains(part, "{") && i < len(segments) {
			parts[i] = segments[i]
		}
	}
	return strings.Join(parts, "/")
}
