package clienttest

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/schema"
)

// form is what an object may be in a response: the response, or an item of its list.
type form struct {
	sample   string
	declared map[string]bool // members that it may have, nil where that is not known
	valid    func(text string) bool
	hidden   []string // members that are writeOnly (OpenAPI 3.0.3 §4.7.24.2)
}

// formOf returns the form of the objects of a media type, of which sample is one.
func (s *Server) formOf(media *schema.MediaType, sample string) form {
	return form{sample: sample, declared: s.declared(media), valid: func(text string) bool {
		return media.Schema == nil || media.Schema.Validate(json.RawMessage(text)) == nil
	}, hidden: s.hidden(media)}
}

// hidden returns the names of the members that requests alone have.
func (s *Server) hidden(media *schema.MediaType) []string {
	if media.Schema == nil {
		return nil
	}
	if known, ok := s.writeOnly.Load(media); ok {
		return known.([]string)
	}
	names := sample.WriteOnly(media.Schema)
	s.writeOnly.Store(media, names)
	return names
}

// visible returns an object without what requests alone have: a password.
func (f form) visible(text string) string {
	for _, name := range f.hidden {
		if _, has := jsonscan.Member(text, name); has {
			text = removeAt(text, []string{name})
		}
	}
	return text
}

// declared returns the names of the members that the objects of a response may have.
func (s *Server) declared(media *schema.MediaType) map[string]bool {
	if known, ok := s.fields.Load(media); ok {
		return known.(map[string]bool)
	}
	names := make(map[string]bool)
	if media.Schema != nil {
		declared, _ := media.Schema.Fields()
		for _, name := range declared {
			names[name] = true
		}
	}
	s.fields.Store(media, names)
	return names
}

func (f form) has(name string) bool { return f.declared == nil || f.declared[name] }

// fit makes an object of this form of one: as it is where it is valid, else a sample
// that has as many of its members as it may.
func (f form) fit(text string) string {
	if f.valid(text) {
		return text
	}
	// What is not there yet is null, or not there at all.
	o := jsonscan.ReadObject(text)
	if o = slices.DeleteFunc(o, func(m jsonscan.Field) bool { return m.Text == "null" && !f.valid(f.only(m)) }); f.valid(o.String()) {
		return o.String()
	}
	fitted := jsonscan.ReadObject(f.sample)
	for name, value := range jsonscan.Members(text) {
		if f.has(name) {
			fitted = f.with(fitted, name, value)
		}
	}
	return fitted.String()
}

// only is the sample with a member.
func (f form) only(m jsonscan.Field) string { return jsonscan.SetMember(f.sample, m.Name, m.Text) }

// with sets a member where that is valid.
func (f form) with(o jsonscan.Object, name, value string) jsonscan.Object {
	changed := append(make(jsonscan.Object, 0, len(o)+1), o...)
	if changed.Set(name, value); f.valid(changed.String()) {
		return changed
	}
	return o
}

// set sets members of an object: all where that is valid, else those that are.
func (f form) set(text string, members jsonscan.Object) string {
	if len(members) == 0 {
		return text
	}
	o := jsonscan.ReadObject(text)
	whole := objectOf(tableOf(o, members)).String()
	if f.valid(whole) {
		return whole
	}
	for _, m := range singly(members, whole) {
		o = f.with(o, m.Name, m.Text)
	}
	return o.String()
}

// tableOf returns the members of objects, each name once and with its last value. An Object looks
// through its members for each name, which takes too long where a request decides how many
// there are.
func tableOf(objects ...jsonscan.Object) *jsonscan.Table {
	all := new(jsonscan.Table)
	for _, o := range objects {
		for _, m := range o {
			all.Set(m.Name, m.Text)
		}
	}
	return all
}

func objectOf(t *jsonscan.Table) jsonscan.Object {
	var o jsonscan.Object
	for name, text := range t.All() {
		o = append(o, jsonscan.Field{Name: name, Text: text})
	}
	return o
}

// singly returns the members that are tried one by one where an object is not valid with all of
// them: as many as can be without more than maxTried bytes to validate.
func singly(members jsonscan.Object, object string) jsonscan.Object {
	return members[:min(len(members), maxTried/(len(object)+1))]
}

const maxTried = 8 << 20

// own are members that no request decides about.
var own = map[string]bool{"id": true, "object": true, "created_at": true, "created": true}

// echo returns an object with the members of a request that it may have: those of the
// body, and parameters of the path.
func (f form) echo(text string, req *Request) string {
	var given jsonscan.Object
	for _, p := range req.Parameters {
		_, there := jsonscan.Member(f.sample, p.Name)
		if p.In == "path" && (f.declared[p.Name] || f.declared == nil && there) && !own[p.Name] {
			given.Set(p.Name, string(p.Value))
		}
	}
	for name, value := range jsonscan.Members(jsonscan.Alias(req.whole)) {
		if f.has(name) && !own[name] {
			given = append(given, jsonscan.Field{Name: name, Text: value})
		}
	}
	return f.set(text, given)
}

// list is the form of a response that lists objects.
type list struct {
	whole string   // a sample
	path  []string // of the member that has the items, nil where the response is them
	item  form
	form  form
}

// listOf returns the form of a list, whose items are at a path; "" is for where they are
// found. It reports false for a response that is not a list: a list is an array of objects, or an
// object with one.
func (s *Server) listOf(media *schema.MediaType, path string) (list, bool) {
	made, err := s.instance(media)
	if err != nil || media.Schema == nil || len(made.data) == 0 {
		return list{}, false
	}
	l := list{whole: string(made.data), form: s.formOf(media, string(made.data))}
	items := l.whole
	if l.whole[0] == '{' {
		switch {
		case path != "":
			l.path = splitPath(path)
		case jsonscan.ReadObject(l.whole).Has("id"):
			return list{}, false
		default:
			name := listMember(jsonscan.ReadObject(l.whole))
			if name == "" {
				return list{}, false
			}
			l.path = []string{name}
		}
		items, _ = memberAt(l.whole, l.path)
	}
	first := jsonscan.List(items)
	if len(first) == 0 || !strings.HasPrefix(first[0], "{") {
		return list{}, false
	}
	l.item = form{sample: first[0], valid: func(item string) bool { return l.form.valid(l.with("[" + item + "]")) }}
	return l, true
}

// listMember returns the member of an object that is its list of objects, "" for none.
func listMember(o jsonscan.Object) (name string) {
	for _, m := range o {
		if strings.HasPrefix(m.Text, "[") && (name == "" || m.Name == "data") {
			if first := jsonscan.List(m.Text); len(first) > 0 && strings.HasPrefix(first[0], "{") {
				name = m.Name
			}
		}
	}
	return name
}

// with returns the list with other items.
func (l list) with(items string) string {
	if l.path == nil {
		return items
	}
	return setAt(l.whole, l.path, items)
}
