package validator

import (
	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
)

// Schema objects that refer to each other, or stand inside of each other, are compiled
// at once, and each is asked for its members by several readers: whether it is in an
// older dialect, whether it is a reference and nothing else, whether it shares a node,
// which fields it declares, and what its keywords say. So its members are found once, in
// one list that all objects on the way share like a stack.

// split is a schema object as a mode reads it, with its members.
type split struct {
	Place
	read    string
	members jsonscan.Object
	object  *object // where it was known before
}

// split returns the schema object of a place, which the caller has where it is known.
// Its members are appended to a list of the caller's.
func (g *Graph) split(list *jsonscan.Object, p Place, o *object) split {
	if o != nil {
		return split{p, o.text, appendMembers(list, o.text), o}
	}
	members := appendMembers(list, p.Text)
	if g.isRead(members) {
		return split{p, p.Text, members, nil}
	}
	read := g.translate(p)
	return split{p, read, appendMembers(list, read), nil}
}

// appendMembers appends the members of an object to a list and returns them alone.
func appendMembers(list *jsonscan.Object, text string) jsonscan.Object {
	mark := len(*list)
	*list = jsonscan.AppendFields(*list, text)
	return (*list)[mark:]
}

// maxScratch bounds the members that the scratch of a graph has room for while nothing
// is compiled.
const maxScratch = 1 << 10

// drop takes off g.scratch what was appended since it had a length.
func (g *Graph) drop(mark int) {
	if g.scratch = g.scratch[:mark]; mark == 0 && cap(g.scratch) > maxScratch {
		g.scratch = nil
	}
}

// behind follows a schema object that is a reference and has no other keyword that
// could fail. It also returns the text of what it finds as this mode reads it.
func (g *Graph) behind(p Place) (found Place, read string, moved bool) {
	list := make(jsonscan.Object, 0, 8)
	s := g.split(&list, p, g.known(p))
	moved = g.follow(&list, &s)
	return s.Place, s.read, moved
}

// follow puts what behind finds in the place of a schema object. It reports whether
// that is another one.
func (g *Graph) follow(list *jsonscan.Object, s *split) (moved bool) {
	for range maxReferences {
		ref := ""
		for _, m := range s.members {
			if m.Name == "$ref" {
				ref = jsonscan.String(m.Text)
			} else if asserts(m.Name) {
				return moved
			}
		}
		if ref == "" {
			break
		}
		// A reference that names nothing is left to the builder, which makes the
		// schema unusable and says why.
		target, err := g.Resolve(ref, s.At)
		if err != nil {
			break
		}
		*s, moved = g.split(list, target, g.known(target)), true
	}
	return moved
}

// plainAt is a place by the steps to it from a schema object.
type plainAt struct {
	object *object
	below  string
}

// maxPlains bounds the places of plain nodes that are kept. It is about how many a document
// has in which instances are wrong again and again.
const maxPlains = 1000

// plainBelow returns the place of a plain node, as the mode reads it, by the steps to it.
// Following them takes a search through the text of each schema object on the way, so the
// place is kept.
func (g *Graph) plainBelow(o *object, below []byte) Place {
	g.plainsMu.Lock()
	p, ok := g.plains[plainAt{o, string(below)}]
	g.plainsMu.Unlock()
	if ok {
		return p
	}
	at := o.at + string(below)
	text, _ := g.descend(Place{o.text, o.at}, dialect.Schema, at[len(o.at):])
	p = Place{g.Read(Place{text, at}), at}
	g.plainsMu.Lock()
	defer g.plainsMu.Unlock()
	if g.plains == nil || len(g.plains) >= maxPlains {
		g.plains = make(map[plainAt]Place)
	}
	g.plains[plainAt{o, at[len(o.at):]}] = p
	return p
}

// keywordAt is a keyword of the schema object at a pointer.
type keywordAt struct {
	at      string
	keyword keyword
}

// maxKeywords bounds the pointers to keywords that are kept, as maxPlains bounds places.
const maxKeywords = 1000

// keywordBelow returns the pointer to a keyword of a schema object. It is kept: errors live
// long, and many name the same keyword.
func (g *Graph) keywordBelow(at string, k keyword) string {
	key := keywordAt{at, k}
	g.keywordsMu.Lock()
	defer g.keywordsMu.Unlock()
	pointer, ok := g.keywords[key]
	if !ok {
		if g.keywords == nil || len(g.keywords) >= maxKeywords {
			g.keywords = make(map[keywordAt]string)
		}
		pointer = at + "/" + k.String()
		g.keywords[key] = pointer
	}
	return pointer
}
