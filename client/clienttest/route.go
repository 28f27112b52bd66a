package clienttest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// route finds the operation that a request goes to, with the texts of its path
// parameters, or says why there is none.
func (s *Server) route(hr *http.Request) (*schema.Operation, map[string]string, *Refusal) {
	escaped := hr.URL.EscapedPath()
	path, ok := strings.CutPrefix(escaped, s.base)
	if !ok || !strings.HasPrefix(path, "/") {
		return nil, nil, &Refusal{
			Status: http.StatusNotFound, Code: "unknown_url",
			Message: fmt.Sprintf("got path %.200q, want one under %q", escaped, s.base+"/"),
		}
	}
	if op, values, ok := s.document.Match(hr.Method, path+"?"+hr.URL.RawQuery); ok {
		return op, values, nil
	}
	if methods := s.methods(path, hr.URL.RawQuery); len(methods) > 0 {
		return nil, nil, &Refusal{
			Status: http.StatusMethodNotAllowed, Code: "method_not_supported", allow: methods,
			Message: fmt.Sprintf("got %.20s %.200s, want %s", hr.Method, path, strings.Join(methods, " or ")),
		}
	}
	return nil, nil, &Refusal{
		Status: http.StatusNotFound, Code: "unknown_url",
		Message: fmt.Sprintf("no operation is at %.20s %.200s%s", hr.Method, path, near.Question(s.nearest(hr.Method, path))),
	}
}

// methods lists those by which the path has an operation.
func (s *Server) methods(path, query string) (methods []string) {
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"} {
		if _, _, ok := s.document.Match(method, path+"?"+query); ok {
			methods = append(methods, method)
		}
	}
	return methods
}

// nearest names operations whose path a typing mistake could have made of this
// one, those of the same method first.
func (s *Server) nearest(method, path string) []string {
	var same, others []string
	shown := make(map[string]string) // the path as it would have been written → the operation's
	for op := range s.document.Operations() {
		meant := fillIn(op.Path, path)
		if _, known := shown[meant]; !known || op.Method == method {
			shown[meant] = op.Method + " " + op.Path
		}
		if op.Method == method {
			same = append(same, meant)
		} else {
			others = append(others, meant)
		}
	}
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
