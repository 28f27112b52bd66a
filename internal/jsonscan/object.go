package jsonscan

import (
	"slices"
	"strings"
)

// Field is one member of a JSON object.
type Field struct {
	Name string // unescaped
	Text string // the value as JSON text
}

// Object is a JSON object that is being changed: its members in order, which is that of the
// text it was read from. Lookups walk the list: the objects that are changed, requests and
// schema objects, have a dozen members, for which that is faster than a map.
type Object []Field

// ReadObject returns the members of an object's text, duplicates included.
// Anything but an object has none.
func ReadObject(text string) Object { return AppendFields(make(Object, 0, 8), text) }

// AppendFields appends the members of an object's text, so that a reader of many
// objects uses one piece of memory for all of them.
func AppendFields(o Object, text string) Object {
	for name, value := range Members(text) {
		o = append(o, Field{name, value})
	}
	return o
}

// Get returns the text of the first member of that name.
func (o Object) Get(name string) (string, bool) {
	if i := o.index(name); i >= 0 {
		return o[i].Text, true
	}
	return "", false
}

// Has reports whether there is a member of that name.
func (o Object) Has(name string) bool { return o.index(name) >= 0 }

// Set replaces the first member of that name and removes the others, or adds one at
// the end.
func (o *Object) Set(name, text string) {
	i := o.index(name)
	if i < 0 {
		*o = append(*o, Field{name, text})
		return
	}
	(*o)[i].Text = text
	// The tail is edited in place, and so the length is all that is left to set.
	rest := slices.DeleteFunc((*o)[i+1:], func(f Field) bool { return f.Name == name })
	*o = (*o)[:i+1+len(rest)]
}

// Take removes the first member of that name and returns its text. Others of the name stay: a
// text with a name twice is refused before it is edited.
func (o *Object) Take(name string) (string, bool) {
	i := o.index(name)
	if i < 0 {
		return "", false
	}
	text := (*o)[i].Text
	*o = slices.Delete(*o, i, i+1)
	return text, true
}

func (o Object) index(name string) int {
	return slices.IndexFunc(o, func(f Field) bool { return f.Name == name })
}

// String returns the object's JSON text, compact but for the values, which are copied as they
// stand: numbers keep their digits, and nested objects their order and white space.
func (o Object) String() string {
	// Two braces, and per member two quotes, a colon and a comma: enough where no name needs
	// an escape.
	size := 2
	for _, f := range o {
		size += len(f.Name) + len(f.Text) + 4
	}
	buf := append(make([]byte, 0, size), '{')
	for _, f := range o {
		buf = AppendMember(buf, f.Name, f.Text)
	}
	return Alias(append(buf, '}'))
}

// AppendMember adds a member to the text of an object that has no closing brace yet. The text
// must begin with the brace that opens it.
func AppendMember(dst []byte, name, text string) []byte {
	if dst[len(dst)-1] != '{' { // no value ends so
		dst = append(dst, ',')
	}
	return append(append(AppendString(dst, name), ':'), text...)
}

// SetMember returns the text of an object with a member, in place of those of that
// name or behind all others, which are copied as they stand.
func SetMember(object, name, text string) string {
	// RFC 8259 §4 leaves open which of two members with one name is meant, so that both go.
	if _, had := Member(object, name); had {
		o := ReadObject(object)
		o.Set(name, text)
		return o.String()
	}
	// The closing brace alone is taken off, and put back behind the new member.
	open := strings.TrimRight(strings.TrimSuffix(object, "}"), " \t\r\n")
	buf := append(make([]byte, 0, len(open)+len(name)+len(text)+5), open...)
	return Alias(append(AppendMember(buf, name, text), '}'))
}

// List returns the texts of an array's items. Anything but an array has none.
func List(array string) []string {
	list := newList(array)
	for _, item := range Items(array) {
		list = append(list, item)
	}
	return orNil(list)
}

// newList returns an empty list with room for the items of an array, as far as its
// commas tell: those within items make it too large, so that only short texts count.
func newList(array string) []string {
	if len(array) < 2 || array[0] != '[' || len(array) > Large {
		return nil
	}
	return make([]string, 0, strings.Count(array, ",")+1)
}

// orNil returns nil for a list without items, as it stands for an absent one too.
func orNil(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}
