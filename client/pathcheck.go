package client

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/schema"
)

// WithPathCheck calls f for each path given to Response.Get that leads to nothing and
// can lead to nothing, because it has a name that the document does not declare:
// Get("staus") is "" as an absent status is. Names are checked up to the first query,
// wildcard or modifier of gjson, "#" as the first item. f is called by the goroutine
// that calls Get; several call it at once. It is meant for tests and development.
func WithPathCheck(f func(operationID, path string, wrong schema.Misspelling)) Setting {
	return setting(func(s *settings) error { s.onPath = f; return nil })
}

// checkPath reports a path that leads nowhere.
func (r *Response) checkPath(path string, got gjson.Result) {
	if got.Exists() && got.Raw != "[]" {
		return
	}
	if wrong := r.Value().Misspelling(plainPath(path)); wrong.Name != "" {
		r.request.settings.onPath(r.operation.ID, path, wrong)
	}
}

// plainPath returns the names that a path of gjson begins with, as a path of
// schema.Value.
func plainPath(path string) string {
	path = strings.ReplaceAll(path, ".#.", ".0.")
	if rest, ok := strings.CutPrefix(path, "#."); ok {
		path = "0." + rest
	}
	special := strings.IndexAny(path, "*?#|@!{[(:")
	if special < 0 {
		return path
	}
	return path[:max(0, strings.LastIndexByte(path[:special], '.'))]
}
