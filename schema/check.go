package schema

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
)

// Verify returns what is wrong in the document and was not mended: references that lead
// nowhere or in a circle, and operations, components and path items of the wrong shape.
// It is empty for a valid document. What uses a part with an error is refused when it
// is asked for; all else works. Only the first 100 errors have a line.
//
// It does not validate the document against the schema of OpenAPI, and it does not
// compile schemas: a keyword with a value of the wrong type shows when the schema is
// used. A document that was loaded WithoutChecks is checked by the first call.
func (d *Document) Verify() []*DocumentError {
	d.checked.Do(func() { d.check(false) })
	return append([]*DocumentError(nil), d.errors...)
}

// maxExplained is how many errors get a line and the nearest name. To find a line reads
// the text up to there, and to find a name compares it with all others: for a generated
// document with nothing but dangling references the time would be quadratic in its
// size.
const maxExplained = 100

// addError notes an error of the document.
func (d *Document) addError(docErr *DocumentError) {
	docErr.Path = d.source.path
	if len(d.errors) < maxExplained && docErr.Line == 0 {
		docErr.Path, docErr.Line = d.source.locate(docErr.Pointer)
	}
	d.errors = append(d.errors, docErr)
}

// check finds the document's errors and, while it is being loaded, what is to be
// refused for them. Once the document is in use nothing is refused any more: other
// goroutines read those maps without a lock.
//
// It looks at the kinds of mistakes that real documents have, in the order of their
// reach: the root, the components, the operations, then every reference, each target
// once. An error at a place that has one already is left out, because it is the same
// mistake seen from another user of it.
func (d *Document) check(loading bool) {
	// A document without info, which has to be there (OpenAPI 3.1 §4.8.1), works here: no error.
	if text, ok := d.top.members["info"]; ok && text[0] != '{' {
		d.addError(&DocumentError{Pointer: "/info", Reason: "got " + jsonscan.TypeName(text) + ", want an object"})
	}
	for name, text := range d.schemas.All() {
		// Booleans are schemas (JSON Schema 2020-12 §4.3.2).
		if text[0] != '{' && text != "true" && text != "false" {
			d.addError(&DocumentError{Pointer: componentPointer(name), Reason: "got " + jsonscan.TypeName(text) + ", want a schema"})
		}
	}
	seen := make(map[Pointer]bool)
	for _, docErr := range d.errors {
		seen[docErr.Pointer] = true
	}
	for _, entry := range d.operations {
		var docErr *DocumentError
		if _, err := entry.parsed(); errors.As(err, &docErr) && !seen[docErr.Pointer] {
			seen[docErr.Pointer] = true
			d.addError(docErr)
		}
	}
	// Targets that are there, by the text of the reference. Those that are not are looked up at
	// each use, as each is a place to mend.
	known := make(map[string]bool)
	var chained []string  // components that a reference applies to as a whole
	var aliases []Pointer // components of other kinds that are a reference
	d.walkReferences(func(ref string, at []string) {
		// A component's references follow one another in the walk: to compare with the last name
		// is enough to have each once.
		if name, ok := wholeSchema(at); ok && (len(chained) == 0 || chained[len(chained)-1] != name) {
			chained = append(chained, name)
		}
		if len(at) == 3 && at[0] == "components" && at[1] != "schemas" {
			aliases = append(aliases, pointerTo(at))
		}
		if known[ref] {
			return
		}
		here := pointerTo(at)
		place, err := d.closed().Resolve(ref, string(here)) // errata may make what is referred to
		var docErr *DocumentError
		switch {
		case errors.As(err, &docErr):
			if !seen[docErr.Pointer] {
				d.addError(docErr)
			}
			return
		case loading && "#"+place.At != ref && isPasted(ref):
			d.repairs = append(d.repairs, Repair{Pointer: here, Keyword: "$ref", Reason: fmt.Sprintf("%.80q names nothing in the document; read as %.200q, of the schema around it", ref, "#"+place.At)})
			return // elsewhere it may be another
		}
		known[ref] = true
	})
	straight := make(map[Pointer]bool)
	for _, name := range chained {
		d.checkCircle(name, straight)
	}
	d.checkAliases(aliases, seen)
	if loading && len(d.errors) > 0 {
		d.refuse()
	}
}

// wholeSchema returns the component of which a place is the whole, or a member of an
// allOf that is: what stands there applies to the same instances.
func wholeSchema(at []string) (name string, ok bool) {
	if len(at) < 3 || at[0] != "components" || at[1] != "schemas" {
		return "", false
	}
	for rest := at[3:]; len(rest) > 0; rest = rest[2:] {
		if rest[0] != "allOf" || len(rest) == 1 {
			return "", false
		}
	}
	return at[2], true
}

// checkCircle finds a component that is nothing but itself: one whose chain of $ref,
// directly or as a member of allOf, comes back to it. Such a schema says nothing, and
// no instance could be validated against it. Recursion through properties, items or a
// union that has another way out is fine: a tree of comments is described so.
//
// straight holds the places from which no chain comes back. They are remembered for the
// other components, so that the whole takes time linear in the number of references.
func (d *Document) checkCircle(name string, straight map[Pointer]bool) {
	onPath := map[Pointer]bool{}
	var walk func(text string, at Pointer)
	walk = func(text string, at Pointer) {
		// The recursion follows a stranger's text. A chain of that length counts as straight.
		if len(onPath) > maxDepth {
			return
		}
		var ref, all string
		for key, value := range jsonscan.Members(text) {
			switch key {
			case "$ref":
				ref = value
			case "allOf":
				all = value
			}
		}
		if ref != "" && ref[0] == '"' {
			target, pointer, err := d.resolve(jsonscan.String(ref), at)
			switch {
			case err != nil: // an error of its own
			case onPath[pointer]:
				d.addError(&DocumentError{Pointer: at, Reason: fmt.Sprintf("$ref %.120s is circular: it leads back to itself with nothing in between", ref)})
			case !straight[pointer]:
				onPath[pointer] = true
				walk(target, pointer)
				delete(onPath, pointer)
				straight[pointer] = true
			}
		}
		for i, item := range jsonscan.Items(all) {
			walk(item, at.Append("allOf").Append(strconv.Itoa(i)))
		}
	}
	start := componentPointer(name)
	if straight[start] {
		return
	}
	onPath[start] = true
	walk(d.schemas.Text(name), start)
	straight[start] = true
}

// checkAliases finds components that are references in a circle, of kinds that nothing here
// follows as well: links, callbacks, examples. Those in seen have an error already. Each
// component is followed once.
func (d *Document) checkAliases(aliases []Pointer, seen map[Pointer]bool) {
	known := make(map[Pointer]bool)
	for _, start := range aliases {
		path, told := make(map[Pointer]bool), false
		at := start
		for !known[at] {
			known[at] = true
			path[at], told = true, told || seen[at]
			text, _ := d.Lookup(at)
			ref, ok := jsonscan.Member(text, "$ref")
			if !ok {
				break
			}
			_, next, err := d.resolve(jsonscan.String(ref), at)
			if err != nil {
				break // an error of its own
			}
			if at = next; path[at] {
				if !told {
					d.addError(&DocumentError{Pointer: at, Reason: "the chain of $ref is circular"})
				}
				break
			}
		}
	}
}

// walkReferences yields every $ref of the document, those of errata too, with the
// reference tokens of the object that has it. The slice is only good during the call:
// it is that of the walk.
//
// $ref is a reference in a schema object and where the specification has a Reference
// Object or a path item (OpenAPI 3.1 §4.8.23, §4.8.9); elsewhere it is a member like
// another, in an example for one, or as the name of a property. So the walk has to know
// at each step what kind of object it is in, which is what dialect.Place says of
// schemas and reference of the rest.
func (d *Document) walkReferences(found func(ref string, at []string)) {
	c := jsonscan.NewCursor(d.text)
	var walk func(at []string, p dialect.Place, r reference)
	walk = func(at []string, p dialect.Place, r reference) {
		switch {
		case c.EnterArray():
			for i := 0; c.NextItem(); i++ {
				walk(append(at, strconv.Itoa(i)), dialect.Item(p), r.of("", p))
			}
		case c.Enter():
			for c.Next() {
				key := c.Key()
				if key == "$ref" && (p == dialect.Schema || p == dialect.Object && r.here) {
					if ref := jsonscan.String(c.Value()); ref != "" {
						found(ref, at)
					}
					continue
				}
				inner := dialect.Inner(p, key)
				// An erratum is a piece of a schema, whose references have to lead somewhere too.
				if key == dialect.PatchKeyword && p == dialect.Schema {
					inner = dialect.Schema
				}
				// An example may show a document: its $ref refer to nothing.
				if inner == dialect.Data {
					c.Value()
					continue
				}
				walk(append(at, key), inner, r.of(key, p))
			}
		default:
			c.Value()
		}
	}
	walk(make([]string, 0, 32), dialect.Object, reference{})
}

// reference says whether an object may be a Reference Object.
type reference struct {
	here     bool   // it may
	holder   string // of a map or list of objects: the member that it is
	callback bool   // it is a callback: its members are path items
}

// of returns what is true of the member of that name in an object or map at p,
// or of the items of a list.
//
// The maps and lists have these names wherever they stand: in components, operations, path items
// and responses (OpenAPI 3.1 §4.8.7, §4.8.10, §4.8.9, §4.8.17). requestBody alone is an object
// and no map. A callback is a map of path items in a map (§4.8.18), hence the flag.
func (r reference) of(key string, p dialect.Place) reference {
	switch {
	case p == dialect.Names:
		switch r.holder {
		case "responses", "parameters", "headers", "requestBodies", "securitySchemes", "links", "pathItems", "paths", "webhooks":
			return reference{here: true}
		case "callbacks":
			return reference{here: true, callback: true}
		}
		return reference{}
	case p == dialect.Object:
		return reference{here: r.callback || key == "requestBody", holder: key}
	}
	return reference{}
}
