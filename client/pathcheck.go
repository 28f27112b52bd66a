package client

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/schema"
)

// WithPathCheck calls f for a path given to Response.Get or Event.Get that leads to
// nothing and can lead to nothing, because it has a name that the document does not
// declare: Get("staus") is "" as an absent status is. Of an event every name counts that
// one of the other events of its stream or socket has, so that a loop may ask each for
// "delta". Names are checked up to the first query, wildcard or modifier of gjson, "#" as
// the first item. A socket goes by its name in place of an ID. f is called by the
// goroutine that calls Get; several call it at once. It is meant for tests and
// development.
func WithPathCheck(f func(operationID, path string, wrong schema.Misspelling)) Setting {
	return setting(func(s *settings) error { s.onPath = f; return nil })
}

// pathCheck reports the paths that lead nowhere in the responses or events of one
// operation or socket. The zero value reports none.
type pathCheck struct {
	name   string
	report func(operationID, path string, wrong schema.Misspelling)
}

func (s *settings) pathCheck(name string) pathCheck { return pathCheck{name, s.onPath} }

// check reports a path of a value that led to what was got.
func (c pathCheck) check(path string, got gjson.Result, value func() schema.Value) {
	if got.Exists() && got.Raw != "[]" {
		return
	}
	if wrong := value().Misspelling(plainPath(path)); wrong.Name != "" {
		c.report(c.name, path, wrong)
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
