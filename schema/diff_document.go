package schema

import (
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// schemeText writes a security scheme without what is written for people, extensions among it
// (OpenAPI 3.1 §4.8.27). Of scopes the names count.
func schemeText(text string) string {
	var list []string
	for key, value := range jsonscan.Members(text) {
		switch {
		case key == "description" || key == "bearerFormat" || strings.HasPrefix(key, "x-"):
		case key == "flows":
			for flow, item := range jsonscan.Members(value) {
				for name, v := range jsonscan.Members(item) {
					if name != "scopes" {
						list = append(list, flow+"."+name+"="+jsonscan.String(v))
						continue
					}
					for scope := range jsonscan.Members(v) {
						list = append(list, flow+".scope="+scope)
					}
				}
			}
		default:
			list = append(list, key+"="+jsonscan.String(value))
		}
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}

// webhooks compares what the API sends to its users (OpenAPI 3.1 §4.8.1). It comes from
// the API, as responses do, so that the rules of responses apply. A webhook that is new
// may reach a program that was not written for it, as many endpoints get all of them.
//
// The body is compared with the uses of a response. Its parameters, such as the header of a
// signature, and the responses that the API expects are compared as texts: nothing is
// proven about them.
func (d *differ) webhooks() {
	before, now := webhooksOf(d.old), webhooksOf(d.new)
	for _, a := range before {
		if !slices.ContainsFunc(now, func(b *Operation) bool { return sameWebhook(a, b) }) {
			c := d.subject(a.Path, "webhook", ways{response: true})
			c.note(ChangeWebhookRemoved, nil, a.Pointer, breaking, "webhook removed")
			d.keep(c)
		}
	}
	for _, b := range now {
		c := d.subject(b.Path, "webhook", ways{response: true})
		i := slices.IndexFunc(before, func(a *Operation) bool { return sameWebhook(a, b) })
		switch {
		case i < 0:
			c.note(ChangeWebhookAdded, nil, b.Pointer, wider, "new webhook")
		case before[i].RequestBody != nil && b.RequestBody != nil:
			c.content(before[i].RequestBody.Content, b.RequestBody.Content, nil, b.Pointer.Append("requestBody"))
		// One of them is nil, the case above has taken the rest.
		case before[i].RequestBody != b.RequestBody:
			c.note(ChangeBody, nil, b.Pointer, unsure, "the webhook has a body in one document only")
		}
		if i >= 0 {
			was, _ := d.old.Lookup(before[i].Pointer)
			is, _ := d.new.Lookup(b.Pointer)
			for _, key := range []string{"parameters", "responses"} {
				c.text(ChangeKeyword, key+" of the webhook", memberText(was, key), memberText(is, key), nil, b.Pointer.Append(key))
			}
		}
		d.keep(c)
	}
}

// sameWebhook pairs webhooks by name and method; they have IDs in few documents.
func sameWebhook(a, b *Operation) bool { return a.Path == b.Path && a.Method == b.Method }

func webhooksOf(d *Document) []*Operation { return slices.Collect(d.Webhooks()) }

// documents compares what concerns all operations: where the API is, and what its
// security schemes are. Nothing is proven about either. A program with the base URL of
// its own does not care where the document has its servers, and one with a key in hand
// may be able to use it under another scheme.
//
// Schemes are reported without details: what makes two of them differ is spread over members
// of four types of schemes (OpenAPI 3.1 §4.8.27), and any of it means that a person has to look.
func (d *differ) documents() {
	c := d.subject("", "document", ways{true, true})
	if was, is := serverText(d.old.Servers()), serverText(d.new.Servers()); was != is {
		c.note(ChangeServers, nil, "/servers", unsure, "servers: %s; was %s", shown(is, maxName), shown(was, maxName))
	}
	schemes := func(doc *Document) map[string]string {
		list := make(map[string]string)
		for name, text := range jsonscan.Members(doc.components["securitySchemes"]) {
			if text, _, err := doc.follow(text, Pointer("/components/securitySchemes").Append(name)); err == nil {
				list[name] = "of " + schemeText(text)
			}
		}
		return list
	}
	was, is := schemes(d.old), schemes(d.new)
	for _, name := range unionOf(was, is) {
		at := Pointer("/components/securitySchemes").Append(name)
		c := d.subject(name, "security scheme", ways{true, true})
		switch {
		case was[name] == is[name]:
		case was[name] == "":
			c.note(ChangeSecurity, nil, at, harmless, "new security scheme")
		case is[name] == "":
			c.note(ChangeSecurity, nil, at, unsure, "security scheme removed")
		default:
			c.note(ChangeSecurity, nil, at, unsure, "the security scheme is another one")
		}
		d.keep(c)
	}
	d.keep(c)
}

// components compares the component schemas by name, each once, however many schemas
// refer to it: a reference to a component of the same name in both documents is not a place
// to look into. That keeps the list short and the work linear.
//
// A component that is gone is not a change of what its users accept, since they are
// compared for themselves: what took its place stands there. But a program that
// validates against it by name fails, so that it is not called safe.
//
// One that is gone while another has come with the same text has been renamed.
//
// Its severity depends on the uses of the component in both documents together. A
// component that was received only and is sent now gets the stricter rule of the two.
func (d *differ) components() {
	for name := range d.old.schemas.All() {
		at := componentPointer(name)
		if _, ok := d.new.schemas.Get(name); ok {
			continue
		}
		// Nothing is compared: the texts were the same, see findRenamed.
		if to, ok := d.renamed[at]; ok {
			c := d.subject(wholeName(to), "component", d.uses[name])
			c.note(ChangeComponentRenamed, nil, to, unsure, "the component's name was %s", shown(name, maxName))
			d.keep(c)
			continue
		}
		c := d.subject(name, "component", d.uses[name])
		// What used it is compared where it was used; programs that validate by
		// its name fail.
		c.note(ChangeComponentRemoved, nil, at, unsure, "component removed")
		d.keep(c)
	}
	for name := range d.new.schemas.All() {
		at := componentPointer(name)
		c := d.subject(name, "component", d.uses[name])
		was, ok := d.old.schemas.Get(name)
		switch {
		case ok:
			c.schemas(schemaAt{was, at}, schemaAt{d.new.schemas.Text(name), at}, nil, "")
		case d.renamedFrom[at] == "":
			c.note(ChangeComponentAdded, nil, at, harmless, "new component")
		}
		d.keep(c)
	}
}

// findRenamed pairs the components that only one document has and whose texts are
// the same but for title and description. Generators of descriptions rename in bulk;
// without this every place that refers to one would be compared as another component.
// Several with the same text are paired in document order, which is as good a guess as
// any: they are interchangeable.
//
// Only objects that say something are paired. Documents have many components that are {}
// or true, and a guess which of them became which would be wrong most of the time.
func (d *differ) findRenamed() {
	gone := make(map[string][]Pointer)
	for name := range d.old.schemas.All() {
		if _, ok := d.new.schemas.Get(name); !ok {
			text := bare(d.old.schemas.Text(name))
			gone[text] = append(gone[text], componentPointer(name))
		}
	}
	for name := range d.new.schemas.All() {
		if _, ok := d.old.schemas.Get(name); ok {
			continue
		}
		text := bare(d.new.schemas.Text(name))
		if same := gone[text]; len(same) > 0 && jsonvalue.KindOfText(text) == jsonvalue.Object && len(text) > 2 {
			gone[text] = same[1:]
			d.renamed[same[0]], d.renamedFrom[componentPointer(name)] = componentPointer(name), same[0]
		}
	}
}

// bare returns a schema object without its own title and description.
func bare(text string) string {
	o := jsonscan.ReadObject(text)
	o.Take("title")
	o.Take("description")
	return o.String()
}
