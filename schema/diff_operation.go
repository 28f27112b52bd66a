package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// operations compares the operations by ID; those whose ID changed are found by
// method and path.
func (d *differ) operations() {
	byRoute := make(map[string]*operationEntry)
	for _, entry := range d.new.operations {
		byRoute[entry.method+" "+entry.path] = entry
	}
	paired := make(map[*operationEntry]bool)
	for _, was := range d.old.operations {
		is := d.new.byID[was.id]
		if is == nil {
			is = byRoute[was.method+" "+was.path]
			if is != nil && (d.old.byID[is.id] != nil || paired[is]) {
				is = nil // it has an ID of its own in both documents
			}
		}
		if is == nil {
			c := d.subject(was.id, "operation", ways{true, true})
			c.note(ChangeOperationRemoved, nil, was.pointer(), breaking, "operation removed: %s", shown(was.method+" "+was.path, maxName))
			d.keep(c)
			continue
		}
		paired[is] = true
		d.operation(was, is)
	}
	for _, is := range d.new.operations {
		if !paired[is] {
			c := d.subject(is.id, "operation", ways{true, true})
			c.note(ChangeOperationAdded, nil, is.pointer(), harmless, "new operation: %s", shown(is.method+" "+is.path, maxName))
			d.keep(c)
		}
	}
}

// operation compares two versions of one operation.
func (d *differ) operation(was, is *operationEntry) {
	c := d.subject(is.id, "operation", ways{true, true})
	defer func() { d.keep(c) }()
	if was.id != is.id {
		c.note(ChangeOperationID, nil, is.pointer(), breaking, "the operation's ID was %s", shown(was.id, maxName))
	}
	if was.method != is.method || was.path != is.path {
		c.note(ChangeOperationRoute, nil, is.pointer(), breaking, "%s, was %s", shown(is.method+" "+is.path, maxName), shown(was.method+" "+was.path, maxName))
	}
	a, errA := was.parsed()
	b, errB := is.parsed()
	switch {
	case errA != nil && errB != nil:
		if was.text != is.text {
			c.note(ChangeOperationFaulty, nil, is.pointer(), unsure, "not compared: neither document's operation can be read")
		}
		return
	case errB != nil:
		c.note(ChangeOperationFaulty, nil, is.pointer(), breaking, "the operation cannot be read: %s", shown(errB.Error(), 2*maxName))
		return
	case errA != nil:
		c.note(ChangeOperationFaulty, nil, is.pointer(), unsure, "the operation can be read now")
		return
	}
	if a.Deprecated != b.Deprecated {
		c.deprecation(b.Deprecated, nil, b.Pointer)
	}
	var texts []string
	for name, same := range map[string]bool{
		"summary": a.Summary == b.Summary, "description": a.Description == b.Description, "tags": slices.Equal(a.Tags, b.Tags),
	} {
		if !same {
			texts = append(texts, name)
		}
	}
	if slices.Sort(texts); len(texts) > 0 {
		c.note(ChangeProse, nil, b.Pointer, harmless, "%s", strings.Join(texts, ", "))
	}
	c.parameters(a, b)
	c.requestBody(a, b)
	c.responses(a, b)
	if x, y := securityText(a.Security), securityText(b.Security); x != y {
		c.note(ChangeSecurity, nil, b.Pointer, unsure, "credentials: %s; was %s", shown(y, maxName), shown(x, maxName))
	}
	if x, y := c.ownServers(a), c.ownServers(b); x != y {
		c.note(ChangeServers, nil, b.Pointer, unsure, "servers: %s; was %s", shown(y, maxName), shown(x, maxName))
	}
}

// securityText writes the alternatives of an operation.
func securityText(list []SecurityRequirement) string {
	var alternatives []string
	for _, r := range list {
		names := slices.Clone(r)
		slices.Sort(names)
		if len(names) == 0 {
			names = SecurityRequirement{"none"}
		}
		alternatives = append(alternatives, strings.Join(names, " and "))
	}
	if len(alternatives) == 0 {
		return "none"
	}
	slices.Sort(alternatives)
	return strings.Join(alternatives, " or ")
}

// ownServers returns the servers of an operation, "" where they are the document's.
func (c *comparison) ownServers(op *Operation) string {
	urls := serverText(op.Servers)
	if urls == serverText(op.doc.Servers()) {
		return "the document's"
	}
	return urls
}

func serverText(servers []Server) string {
	var urls []string
	for _, s := range servers {
		urls = append(urls, withoutUserinfo(s.URL))
	}
	return strings.Join(urls, ", ")
}

// withoutUserinfo leaves out what may be a password.
func withoutUserinfo(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	host, path, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	return strings.TrimSuffix(scheme+"://"+host+"/"+path, "/")
}

func (c *comparison) parameters(a, b *Operation) {
	c.uses = ways{request: true}
	defer func() { c.uses = ways{true, true} }()
	find := func(list []*Parameter, p *Parameter) *Parameter {
		i := slices.IndexFunc(list, func(other *Parameter) bool { return other.Name == p.Name && other.In == p.In })
		if i < 0 {
			return nil
		}
		return list[i]
	}
	for _, p := range a.Parameters {
		if find(b.Parameters, p) == nil {
			c.note(ChangeParameterRemoved, []string{p.Name}, b.Pointer, breaking, "%s parameter removed", shown(p.In, maxName))
		}
	}
	for _, q := range b.Parameters {
		place := []string{q.Name}
		p := find(a.Parameters, q)
		if p == nil {
			e, need := harmless, "optional"
			if q.Required {
				e, need = narrower, "required"
			}
			what := "any value"
			if q.Schema != nil {
				what = c.new.exprAt(schemaAt{q.Schema.text, q.Schema.pointer})
			}
			c.note(ChangeParameterAdded, place, b.Pointer, e, "new %s %s parameter: %s", need, shown(q.In, maxName), what)
			continue
		}
		c.requiredness(p.Required, q.Required, place, b.Pointer)
		if p.Deprecated != q.Deprecated {
			c.deprecation(q.Deprecated, place, b.Pointer)
		}
		if p.Description != q.Description {
			c.note(ChangeProse, place, b.Pointer, harmless, "description")
		}
		if was, is := p.writing(), q.writing(); was != is {
			c.note(ChangeParameterStyle, place, b.Pointer, unsure, "written as %s, was %s", shown(is, maxName), shown(was, maxName))
		}
		c.optionalSchemas(p.Schema, q.Schema, place, "", b.Pointer)
	}
}

// writing says how a parameter's value is written.
func (p *Parameter) writing() string {
	if p.MediaType != "" {
		return p.MediaType
	}
	return fmt.Sprintf("%s, explode %t", p.Style, p.Explode)
}

func (c *comparison) requiredness(was, is bool, place []string, at Pointer) {
	switch {
	case is && !was:
		c.note(ChangeRequired, place, at, narrower, "required now")
	case was && !is:
		c.note(ChangeRequired, place, at, foreign, "optional now")
	}
}

// optionalSchemas compares schemas that may be absent, which then accept anything.
func (c *comparison) optionalSchemas(a, b *Schema, place []string, label string, at Pointer) {
	switch {
	case a == nil && b == nil:
	case a == nil:
		c.note(ChangeType, place, b.pointer, narrower, "%shas a schema now", label)
	case b == nil:
		c.note(ChangeType, place, at, foreign, "%sno longer has a schema", label)
	default:
		c.schemas(schemaAt{a.text, a.pointer}, schemaAt{b.text, b.pointer}, place, label)
	}
}

func (c *comparison) requestBody(a, b *Operation) {
	c.uses = ways{request: true}
	defer func() { c.uses = ways{true, true} }()
	at := b.Pointer.Append("requestBody")
	switch {
	case a.RequestBody == nil && b.RequestBody == nil:
	case a.RequestBody == nil:
		e, need := harmless, "optional"
		if b.RequestBody.Required {
			e, need = narrower, "required"
		}
		c.note(ChangeBody, nil, at, e, "new %s request body", need)
	case b.RequestBody == nil:
		c.note(ChangeBody, nil, a.Pointer.Append("requestBody"), breaking, "request body removed")
	default:
		if a.RequestBody.Required != b.RequestBody.Required {
			word := "optional"
			e := foreign
			if b.RequestBody.Required {
				word, e = "required", narrower
			}
			c.note(ChangeRequired, nil, at, e, "the request body is %s now", word)
		}
		if a.RequestBody.Description != b.RequestBody.Description {
			c.note(ChangeProse, nil, at, harmless, "description of the request body")
		}
		c.content(a.RequestBody.Content, b.RequestBody.Content, nil, at)
	}
}

// content compares bodies by media type.
func (c *comparison) content(a, b []*MediaType, place []string, at Pointer) {
	find := func(list []*MediaType, name string) *MediaType {
		for _, m := range list {
			if baseType(m.Name) == baseType(name) {
				return m
			}
		}
		return nil
	}
	for _, m := range a {
		if find(b, m.Name) == nil {
			c.note(ChangeMediaTypeRemoved, place, at, breaking, "%s is no longer possible", shown(m.Name, maxName))
		}
	}
	for _, n := range b {
		m := find(a, n.Name)
		if m == nil {
			c.note(ChangeMediaTypeAdded, place, at, wider, "%s is possible too", shown(n.Name, maxName))
			continue
		}
		label := ""
		if !IsJSON(n.Name) {
			label = shown(n.Name, maxName) + ": "
		}
		c.optionalSchemas(m.Schema, n.Schema, place, label, at)
		for _, name := range sortedKeys(m.Encoding, n.Encoding) {
			if m.Encoding[name] != n.Encoding[name] {
				c.note(ChangeParameterStyle, append(place[:len(place):len(place)], name), at, unsure, "%sis encoded in another way", label)
			}
		}
	}
}

func sortedKeys(a, b map[string]Encoding) []string {
	var names []string
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (c *comparison) responses(a, b *Operation) {
	c.uses = ways{response: true}
	defer func() { c.uses = ways{true, true} }()
	find := func(list []*Response, status string) *Response {
		for _, r := range list {
			if strings.EqualFold(r.Status, status) {
				return r
			}
		}
		return nil
	}
	at := b.Pointer.Append("responses")
	for _, r := range a.Responses {
		if find(b.Responses, r.Status) != nil {
			continue
		}
		e := unsure
		if isSuccess(r.Status) {
			e = breaking
		}
		c.note(ChangeResponseRemoved, nil, a.Pointer.Append("responses").Append(r.Status), e, "response %s removed", shown(r.Status, maxName))
	}
	for _, r := range b.Responses {
		place := []string{r.Status}
		was := find(a.Responses, r.Status)
		if was == nil {
			e := harmless // a program must expect any error
			if isSuccess(r.Status) {
				e = unsure
			}
			c.note(ChangeResponseAdded, nil, at.Append(r.Status), e, "new response %s", shown(r.Status, maxName))
			continue
		}
		if was.Description != r.Description {
			c.note(ChangeProse, place, at.Append(r.Status), harmless, "description")
		}
		if len(was.Content) == 0 && len(r.Content) > 0 {
			c.note(ChangeBody, place, at.Append(r.Status), unsure, "the response has a body now")
		} else {
			c.content(was.Content, r.Content, place, at.Append(r.Status))
		}
		c.headers(was, r, at.Append(r.Status))
	}
}

// isSuccess reports whether a program goes on with such a response.
func isSuccess(status string) bool {
	return !strings.HasPrefix(status, "4") && !strings.HasPrefix(status, "5")
}

func (c *comparison) headers(a, b *Response, at Pointer) {
	find := func(list []*Header, name string) *Header {
		for _, h := range list {
			if strings.EqualFold(h.Name, name) {
				return h
			}
		}
		return nil
	}
	place := []string{b.Status}
	for _, h := range a.Headers {
		if find(b.Headers, h.Name) == nil {
			c.note(ChangeHeaderRemoved, place, at, breaking, "header %s removed", shown(h.Name, maxName))
		}
	}
	for _, h := range b.Headers {
		was := find(a.Headers, h.Name)
		if was == nil {
			c.note(ChangeHeaderAdded, place, at, harmless, "new header %s", shown(h.Name, maxName))
			continue
		}
		label := "header " + shown(h.Name, maxName) + ": "
		switch {
		case h.Required && !was.Required:
			c.note(ChangeRequired, place, at, narrower, "%srequired now", label)
		case was.Required && !h.Required:
			c.note(ChangeRequired, place, at, foreign, "%soptional now", label)
		}
		c.optionalSchemas(was.Schema, h.Schema, place, label, at)
	}
}

// webhooks compares what the API sends to its users.
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
		case before[i].RequestBody != b.RequestBody:
			c.note(ChangeBody, nil, b.Pointer, unsure, "the webhook has a body in one document only")
		}
		d.keep(c)
	}
}

func sameWebhook(a, b *Operation) bool { return a.Path == b.Path && a.Method == b.Method }

func webhooksOf(d *Document) []*Operation { return slices.Collect(d.Webhooks()) }

// documents compares what concerns all operations.
func (d *differ) documents() {
	c := d.subject("", "document", ways{true, true})
	if was, is := serverText(d.old.Servers()), serverText(d.new.Servers()); was != is {
		c.note(ChangeServers, nil, "/servers", unsure, "servers: %s; was %s", shown(is, maxName), shown(was, maxName))
	}
	schemes := func(doc *Document) map[string]string {
		list := make(map[string]string)
		for name := range jsonscan.Members(doc.components["securitySchemes"]) {
			if s, ok := doc.SecurityScheme(name); ok {
				s.Credential = "" // an extension of ours
				list[name] = fmt.Sprintf("%+v", s)
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

// components compares the component schemas by name. One that is gone while another
// has come with the same text has been renamed.
func (d *differ) components() {
	for _, name := range d.old.names {
		at := componentPointer(name)
		if _, ok := d.new.schemas[name]; ok {
			continue
		}
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
	for _, name := range d.new.names {
		at := componentPointer(name)
		c := d.subject(name, "component", d.uses[name])
		was, ok := d.old.schemas[name]
		switch {
		case ok:
			c.schemas(schemaAt{was, at}, schemaAt{d.new.schemas[name], at}, nil, "")
		case d.renamedFrom[at] == "":
			c.note(ChangeComponentAdded, nil, at, harmless, "new component")
		}
		d.keep(c)
	}
}

// findRenamed pairs the components that only one document has and whose texts are
// the same but for what is written for people.
func (d *differ) findRenamed() {
	gone := make(map[string]Pointer)
	for _, name := range d.old.names {
		if _, ok := d.new.schemas[name]; !ok {
			gone[bare(d.old.schemas[name])] = componentPointer(name)
		}
	}
	for _, name := range d.new.names {
		if _, ok := d.old.schemas[name]; ok {
			continue
		}
		text := bare(d.new.schemas[name])
		if from, ok := gone[text]; ok && jsonvalue.KindOfText(text) == jsonvalue.Object && len(text) > 2 {
			delete(gone, text)
			d.renamed[from], d.renamedFrom[componentPointer(name)] = componentPointer(name), from
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
