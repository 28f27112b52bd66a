package extension

import (
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Path returns the template of the path that requests of an operation go to:
// x-opcall-path, where it is a text that begins with a slash, else the operation's own.
// A host that serves an API elsewhere has an overlay that sets it.
func Path(op *schema.Operation) string {
	text, _ := op.Extension("x-opcall-path")
	if path := jsonscan.String(text); strings.HasPrefix(path, "/") {
		return path
	}
	return op.Path
}
