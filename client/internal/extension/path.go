package extension

import (
	"fmt"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// maxPath bounds a gjson path, in bytes.
const maxPath = 500

// path reads a gjson path. A document may use names, indexes, # and queries that
// compare: what else gjson understands (modifiers, literals, pipes, multipaths,
// patterns) can make much of little.
func path(text string) (string, error) {
	path := jsonscan.String(text)
	if len(path) > maxPath {
		return "", fmt.Errorf("got a path of %d bytes, want at most %d", len(path), maxPath)
	}
	quoted := false
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '!' && i+1 < len(path) && path[i+1] == '=':
		case strings.IndexByte("@!|{}[]*?%", c) >= 0:
			return "", fmt.Errorf("got path %.80q, want names, indexes and queries without %q", path, c)
		}
	}
	return path, nil
}

// pathsByName reads an object whose members are paths.
func pathsByName(object string) (map[string]string, error) {
	all := make(map[string]string)
	for name, value := range jsonscan.Members(object) {
		p, err := path(value)
		if err != nil {
			return nil, fmt.Errorf("%.80q: %w", name, err)
		}
		all[name] = p
	}
	return all, nil
}
