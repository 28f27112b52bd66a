package schema

import (
	"fmt"
	"hash/fnv"
	"strings"
)

// An operation without an ID of its own is called by its method and path. Where that is
// not a name, as in a table of functions or of tools for a model, it has an alias, made of
// the same: GET /pets/{id} is getPetsById. It depends on nothing else, unless another
// operation has that name, so that it is the same in every version of a description.

// nameOperations gives an alias to each operation that has no ID of its own, and notes
// the repairs. It comes when all declared IDs are known, as those take precedence.
func (d *Document) nameOperations() {
	for i, entry := range d.unnamed {
		alias := aliasOf(entry.method, entry.path)
		if d.byID[alias] != nil {
			// The hash is of what the alias is made of, so that it does not depend on
			// the order of the document.
			h := fnv.New32a()
			fmt.Fprint(h, entry.id)
			// If even that name is taken, the operation is called by method and path alone.
			if alias = fmt.Sprintf("%s_%08x", alias, h.Sum32()); d.byID[alias] != nil {
				alias = ""
			}
		}
		repair := &d.repairs[d.unnamedRepairs[i]]
		if alias != "" {
			d.byID[alias], entry.alias = entry, alias
			repair.Reason += ", or by " + shown(alias, 200)
		}
	}
}

// aliasOf makes a name of letters and digits: the method, the words of the path, and By
// before those of a parameter. Two paths may give one name, such as /a-b and /a_b; that is
// what the hash of nameOperations is for.
func aliasOf(method, path string) string {
	var b strings.Builder
	b.WriteString(strings.ToLower(method))
	start := b.Len()
	upper, inside := true, false
	for i := range len(path) {
		c := path[i]
		switch {
		case c == '{' && !inside:
			b.WriteString("By")
			upper, inside = true, true
		case c == '}':
			upper, inside = true, false
		case 'a' <= c && c <= 'z' && upper:
			b.WriteByte(c - 'a' + 'A')
			upper = false
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
			b.WriteByte(c)
			upper = false
		default:
			upper = true
		}
	}
	if b.Len() == start {
		b.WriteString("Root")
	}
	return b.String()
}
