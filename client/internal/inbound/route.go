package inbound

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

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

// Route finds the operation that a request goes to, with the texts of its path
// parameters, or says why there is none. Bases are the paths that those of the
// document may be relative to, at least one. An operation with an
// error in the document is not left out: its request cannot be checked. HEAD goes to
// the operation of GET where the document has none for it (RFC 9110 §9.3.2).
func Route(doc *schema.Document, bases []string, method string, u *url.URL) (*schema.Operation, map[string]string, *Refusal) {
	escaped := u.EscapedPath()
	var paths []string
	for _, base := range bases {
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
	if len(paths) == 0 {
		return nil, nil, &Refusal{
			Status: http.StatusNotFound, Code: "unknown_url",
			Message: fmt.Sprintf("got path %.200q, want one under %q", escaped, bases[0]+"/"),
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
