package schema

import (
	"strings"
	"sync"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
)

// object is a schema object as a compiler's mode reads it: dialect repaired,
// erratum applied.
type object struct {
	compiler *compiler
	at       Pointer
	raw      string // as it was found
	text     string // as it is read

	once   sync.Once
	fields *fields // see declared
	facts  *facts  // see compiler.facts, which guards it
}

// object returns the schema object whose text the caller has found at a
// pointer. Each is read once.
func (c *compiler) object(text string, at Pointer) *object {
	return c.objectRead(text, "", at)
}

// objectRead is object for a text that the caller has read already.
func (c *compiler) objectRead(text, read string, at Pointer) *object {
	c.objectsMu.Lock()
	defer c.objectsMu.Unlock()
	o := c.objects[at]
	if o != nil && (o.raw == text || o.text == text) {
		return o
	}
	if read == "" {
		read = c.mode.read(text, at)
	}
	o = &object{compiler: c, at: at, raw: text, text: read}
	if c.objects[at] == nil {
		c.objects[at] = o
	}
	return o
}

// read returns a schema object as a mode reads it.
func (m mode) read(text string, at Pointer) string {
	if m == modeStrict {
		return dialect.ByTheLetter(text, string(at))
	}
	return dialect.Read(text, string(at))
}

// prepare returns a schema's text as this mode reads it.
func (c *compiler) prepare(text string, at Pointer) string {
	c.objectsMu.Lock()
	o := c.objects[at]
	c.objectsMu.Unlock()
	if o != nil && (o.raw == text || o.text == text) {
		return o.text
	}
	return c.mode.read(text, at)
}

// resolve returns what a reference names, found in the schemas as this mode
// reads them, and where it stands.
func (c *compiler) resolve(ref string, at Pointer) (string, Pointer, error) {
	if pointer, err := localPointer(ref); err == nil {
		if text, ok := c.textAt(pointer); ok {
			return text, pointer, nil
		}
	}
	return c.doc.resolve(ref, at)
}

// textAt returns the text at a pointer into the document, found in the schemas
// as this mode reads them. Itself it is as it was found.
func (c *compiler) textAt(pointer Pointer) (string, bool) {
	text, at, place := c.doc.text, Pointer(""), dialect.Object
	rest := string(pointer)
	if inner, ok := strings.CutPrefix(rest, componentsAt); ok {
		name, deeper, more := strings.Cut(inner, "/")
		component, ok := c.doc.schemas[jsonscan.UnescapeToken(name)]
		if !ok || !more {
			return component, ok
		}
		text, at, place = component, pointer[:len(pointer)-len(deeper)-1], dialect.Schema
		rest = "/" + deeper
	}
	return c.walk(text, at, place, rest)
}

func (c *compiler) walk(text string, at Pointer, place dialect.Place, rest string) (string, bool) {
	for _, token := range Pointer(rest).Tokens() {
		given := text
		if place == dialect.Schema {
			text = c.prepare(text, at)
		}
		next, ok := child(text, token)
		if !ok {
			// A repair or an erratum may have moved what a reference means.
			if next, ok = child(given, token); !ok {
				return "", false
			}
		}
		if text[0] == '[' {
			place = dialect.Item(place)
		} else {
			place = dialect.Inner(place, token)
		}
		text, at = next, at.Append(token)
	}
	return text, true
}

// nodeText returns the schema object at a pointer as this mode reads it. What
// is known of the objects around it shortens the way.
func (c *compiler) nodeText(pointer Pointer) string {
	for around := pointer; around != ""; around = around.parent() {
		c.objectsMu.Lock()
		o := c.objects[around]
		c.objectsMu.Unlock()
		if o != nil {
			text, _ := c.walk(o.text, around, dialect.Schema, string(pointer[len(around):]))
			return c.prepare(text, pointer)
		}
	}
	text, _ := c.textAt(pointer)
	return c.prepare(text, pointer)
}
