// Package outline reads what a schema declares where a program wants to know the shape
// of a value before there is one: which members an object has, of which kinds they are,
// which strings are listed. References, allOf and the branches of unions count together:
// what any of them declares is declared.
//
// It is for finding things by their names and kinds. Whether a value is valid, the
// package schema says.
package outline

import (
	"slices"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema"
)

// maxObjects bounds the schema objects that are read for one place.
const maxObjects = 250

// Outline is what the document says of one place of a value. The zero Outline says
// nothing. It never changes.
type Outline struct {
	doc   *schema.Document
	parts []part
}

// part is a schema object that may apply to the place, and the component that it
// belongs to.
type part struct{ text, component string }

// Member is a member of an object.
type Member struct {
	Name     string
	Required bool // by any part
	Outline
}

// Of returns the outline of a schema, which may be nil.
func Of(s *schema.Schema) Outline {
	if s == nil {
		return Outline{}
	}
	r := reader{doc: s.Document(), followed: make(map[string]bool)}
	r.read(part{s.JSON(), dialect.Component(string(s.Pointer()))})
	return Outline{r.doc, r.parts}
}

// reader collects the schema objects that may apply to one place.
type reader struct {
	doc      *schema.Document
	parts    []part
	followed map[string]bool // by reference
	objects  int
}

func (r *reader) read(p part) {
	if r.objects++; r.objects > maxObjects || p.text == "" || p.text[0] != '{' {
		return
	}
	p.text = dialect.Read(p.text, p.component)
	r.parts = append(r.parts, p)
	for key, value := range jsonscan.Members(p.text) {
		switch key {
		case "$ref":
			ref := jsonscan.String(value)
			if target, ok := lookup(r.doc, ref); ok && !r.followed[ref] {
				r.followed[ref] = true
				r.read(target)
			}
		case "allOf", "anyOf", "oneOf":
			for _, branch := range jsonscan.Items(value) {
				r.read(part{branch, p.component})
			}
		}
	}
}

// lookup returns what a reference within the document points to.
func lookup(doc *schema.Document, ref string) (part, bool) {
	pointer, ok := dialect.LocalPointer(ref)
	if !ok {
		return part{}, false
	}
	text, ok := doc.Lookup(schema.Pointer(pointer))
	return part{text, dialect.Component(pointer)}, ok
}

// Kinds returns the kinds that the place may have: those that types name or, where none
// does, those of the keywords and values that are there. 0 is any.
func (o Outline) Kinds() (kinds jsonvalue.Kinds) {
	for _, p := range o.parts {
		var named, implied jsonvalue.Kinds
		for key, value := range jsonscan.Members(p.text) {
			switch key {
			case "type":
				named = jsonvalue.ParseKinds(value)
			case "const":
				implied |= jsonvalue.KindOfText(value)
			case "enum":
				for _, item := range jsonscan.Items(value) {
					implied |= jsonvalue.KindOfText(item)
				}
			case "properties", "additionalProperties":
				implied |= jsonvalue.Object
			case "items", "prefixItems":
				implied |= jsonvalue.Array
			}
		}
		if named&^jsonvalue.Null == 0 {
			named |= implied
		}
		kinds |= named
	}
	return kinds
}

// May reports whether the place may be of one of the kinds.
func (o Outline) May(kinds jsonvalue.Kinds) bool {
	is := o.Kinds()
	return is == 0 || is.Has(kinds)
}

// reader returns a reader of another place of the same document.
func (o Outline) reader() *reader { return &reader{doc: o.doc, followed: make(map[string]bool)} }

// Members returns what objects declare there, in the order of the document.
func (o Outline) Members() []Member {
	var names []string
	required := make(map[string]bool)
	readers := make(map[string]*reader)
	for _, p := range o.parts {
		properties, _ := jsonscan.Member(p.text, "properties")
		for name, text := range jsonscan.Members(properties) {
			r := readers[name]
			if r == nil {
				names = append(names, name)
				r = o.reader()
				readers[name] = r
			}
			r.read(part{text, p.component})
		}
		needed, _ := jsonscan.Member(p.text, "required")
		for _, name := range jsonscan.Strings(needed) {
			required[name] = true
		}
	}
	members := make([]Member, len(names))
	for i, name := range names {
		members[i] = Member{Name: name, Required: required[name], Outline: Outline{o.doc, readers[name].parts}}
	}
	return members
}

// Member returns the member of that name, and whether it is declared.
func (o Outline) Member(name string) (Member, bool) {
	all := o.Members()
	at := slices.IndexFunc(all, func(m Member) bool { return m.Name == name })
	if at < 0 {
		return Member{}, false
	}
	return all[at], true
}

// Items returns the outline of the items of an array.
func (o Outline) Items() Outline {
	r := o.reader()
	for _, p := range o.parts {
		if items, ok := jsonscan.Member(p.text, "items"); ok {
			r.read(part{items, p.component})
		}
	}
	return Outline{o.doc, r.parts}
}

// Strings returns the strings that enum and const list, each once.
func (o Outline) Strings() (listed []string) {
	add := func(text string) {
		if jsonvalue.KindOfText(text) == jsonvalue.String && !slices.Contains(listed, jsonscan.String(text)) {
			listed = append(listed, jsonscan.String(text))
		}
	}
	for _, p := range o.parts {
		for key, value := range jsonscan.Members(p.text) {
			switch key {
			case "const":
				add(value)
			case "enum":
				for _, item := range jsonscan.Items(value) {
					add(item)
				}
			}
		}
	}
	return listed
}

// Keyword returns the JSON text of the first part that has a keyword, such as default.
func (o Outline) Keyword(name string) (string, bool) {
	for _, p := range o.parts {
		if text, ok := jsonscan.Member(p.text, name); ok {
			return text, true
		}
	}
	return "", false
}
