package jsonscan

import "slices"

// Field is one member of a JSON object.
type Field struct {
	Name string // unescaped
	Text string // the value as JSON text
}

// Object is a JSON object that is being changed: its members in order.
type Object []Field

// ReadObject returns the members of an object's text, duplicates included.
// Anything but an object has none.
func ReadObject(text string) Object {
	var o Object
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

// Set replaces the first member of that name, or adds one at the end.
func (o *Object) Set(name, text string) {
	if i := o.index(name); i >= 0 {
		(*o)[i].Text = text
		return
	}
	*o = append(*o, Field{name, text})
}

// Take removes the first member of that name and returns its text.
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

// String returns the object's JSON text.
func (o Object) String() string {
	size := 2
	for _, f := range o {
		size += len(f.Name) + len(f.Text) + 4
	}
	buf := append(make([]byte, 0, size), '{')
	for i, f := range o {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = append(append(AppendString(buf, f.Name), ':'), f.Text...)
	}
	return Alias(append(buf, '}'))
}

// List returns the texts of an array's items. Anything but an array has none.
func List(array string) []string {
	var list []string
	for _, item := range Items(array) {
		list = append(list, item)
	}
	return list
}
