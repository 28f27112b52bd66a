package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// operations compares the operations by ID, because that is what programs call them
// by. One whose ID has gone is looked for by method and path: the API has it still, and
// a list of changes that has it removed and added would hide what changed in it. An
// operation without an ID is found by method and path anyway, which are its ID here.
//
// The route is the key as it stands in the document, with its query: seven paths of
// the OpenAI API differ in nothing else.
//
// The pairing is exact or not at all. Operations whose ID and route have both changed are
// reported as removed and added, as no program finds the one by what it knew of the other.
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

// operation compares two versions of one operation. Where one of them cannot be read,
// because the document has an error there, that is the change: an operation that can no
// longer be read can no longer be called.
//
// What the extensions say (x-...) is left out, ours among them: it describes how a client
// treats the operation, and not what the API takes and returns.
//
// A new ID is breaking, although the request stays as it is: the ID is what a program has
// in its source. A new route is breaking for all who call the API without this library.
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
	// An error that both have is not a change, but behind another text there may be one.
	case errA != nil && errB != nil:
		if was.text != is.text {
			c.note(ChangeOperationUnreadable, nil, is.pointer(), unsure, "not compared: neither document's operation can be read")
		}
		return
	case errB != nil:
		c.note(ChangeOperationUnreadable, nil, is.pointer(), breaking, "the operation cannot be read: %s", shown(errB.Error(), 2*maxName))
		return
	// What it took before is not known; some program may have called it without this library.
	case errA != nil:
		c.note(ChangeOperationUnreadable, nil, is.pointer(), unsure, "the operation can be read now")
		return
	}
	if a.Deprecated != b.Deprecated {
		c.deprecation(b.Deprecated, nil, b.Pointer)
	}
	// The three texts are one change, as of a schema; the map has no order, so they are sorted.
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
	if x, y := was.securityText(), is.securityText(); x != y {
		c.note(ChangeSecurity, nil, b.Pointer, unsure, "credentials: %s; was %s", shown(y, maxName), shown(x, maxName))
	}
	if x, y := c.ownServers(a), c.ownServers(b); x != y {
		c.note(ChangeServers, nil, b.Pointer, unsure, "servers: %s; was %s", shown(y, maxName), shown(x, maxName))
	}
	if sameJSON(was.text, is.text) && c.sameReferred() {
		return // what follows reads texts
	}
	c.text(ChangeCallbacks, "callbacks", was.members("callbacks"), is.members("callbacks"), nil, b.Pointer.Append("callbacks"))
	before, now := was.partHeaders(), is.partHeaders()
	for _, name := range unionOf(before, now) {
		c.text(ChangeParameterStyle, "headers of a part", before[name], now[name], []string{name}, b.Pointer.Append("requestBody"))
	}
	before, now = was.links(), is.links()
	for _, status := range unionOf(before, now) {
		c.text(ChangeLinks, "links", before[status], now[status], []string{status}, b.Pointer.Append("responses").Append(status))
	}
}

// text compares what has no rules of its own by its text: nothing is proven about it.
//
// Links are hints for what to call next (OpenAPI 3.1 §4.8.20), and no program loses by new
// ones. A callback that is new is a request that the program has to expect.
func (c *comparison) text(kind ChangeKind, what, was, is string, place []string, at Pointer) {
	switch {
	case sameJSON(was, is):
	case was == "" && kind == ChangeLinks:
		c.note(kind, place, at, harmless, "new %s", what)
	case was == "":
		c.note(kind, place, at, unsure, "new %s", what)
	case is == "":
		c.note(kind, place, at, unsure, "no %s any longer", what)
	default:
		c.note(kind, place, at, unsure, "other %s", what)
	}
}

// sameJSON compares two texts, "" for what is absent.
func sameJSON(a, b string) bool { return a == b || a != "" && b != "" && jsonvalue.EqualText(a, b) }

// memberText returns a member of an object, "" where it is absent.
func memberText(text, key string) string {
	value, _ := jsonscan.Member(text, key)
	return value
}

// partHeaders returns the headers that encodings of a multipart body declare, by field (OpenAPI
// 3.1 §4.8.15.1). A field that several media types encode has those of the last.
//
// They are read from the text because an Encoding does not keep them.
func (e *operationEntry) partHeaders() map[string]string {
	found := make(map[string]string)
	body, _, err := e.doc.follow(memberText(e.text, "requestBody"), e.pointer().Append("requestBody"))
	if err != nil {
		return found
	}
	for _, media := range jsonscan.Members(memberText(body, "content")) {
		for field, encoding := range jsonscan.Members(memberText(media, "encoding")) {
			if headers := memberText(encoding, "headers"); headers != "" {
				found[field] = e.inPlace(headers)
			}
		}
	}
	return found
}

// members returns a member of the operation that is an object of named things.
func (e *operationEntry) members(key string) string { return e.inPlace(memberText(e.text, key)) }

// inPlace returns an object whose members stand in place of the references to them. Those
// that lead nowhere stay: the document has an error there, in both versions or in one.
func (e *operationEntry) inPlace(object string) string {
	if !strings.Contains(object, `"$ref"`) {
		return object
	}
	text := []byte{'{'}
	for name, item := range jsonscan.Members(object) {
		if found, _, err := e.doc.follow(item, e.pointer()); err == nil {
			item = found
		}
		text = jsonscan.AppendMember(text, name, item)
	}
	return string(append(text, '}'))
}

// sameReferred reports whether the documents have the same components to which an operation
// refers outside of schemas: then the same text of it means the same.
func (d *differ) sameReferred() bool {
	if d.referred == nil {
		same := true
		for _, section := range [...]string{"responses", "requestBodies", "headers", "links", "callbacks"} {
			same = same && sameJSON(d.old.components[section], d.new.components[section])
		}
		d.referred = &same
	}
	return *d.referred
}

// links returns the links of each response by its status (OpenAPI 3.1 §4.8.20).
// A response may stand in place in one document and behind a reference in the other, so that
// references are followed. An empty object counts as none, and 4xx as 4XX, as in responses.
func (e *operationEntry) links() map[string]string {
	found := make(map[string]string)
	at := e.pointer().Append("responses")
	for status, item := range jsonscan.Members(memberText(e.text, "responses")) {
		if text, _, err := e.doc.follow(item, at.Append(status)); err == nil {
			if links := memberText(text, "links"); links != "" && links != "{}" {
				found[strings.ToUpper(status)] = e.inPlace(links)
			}
		}
	}
	return found
}

// securityText writes the alternatives of an operation (OpenAPI 3.1 §4.8.30), sorted,
// since their order says nothing, each scheme with the scopes or roles that it needs. An empty
// requirement means that no credential is needed, which is not the same as no alternative:
// then nothing is said.
//
// Whether other alternatives accept what a program sends depends on its keys, and whether other
// scopes do on what its token was issued for, so that a difference is never proven to be safe
// or breaking.
func (e *operationEntry) securityText() string {
	text, own := jsonscan.Member(e.text, "security")
	if !own {
		text = e.doc.top.members["security"]
	}
	var alternatives []string
	for _, item := range jsonscan.Items(text) {
		var names []string
		for name, scopes := range jsonscan.Members(item) {
			if list := jsonscan.Strings(scopes); len(list) > 0 {
				slices.Sort(list)
				name += " (" + strings.Join(list, ", ") + ")"
			}
			names = append(names, name)
		}
		slices.Sort(names)
		if len(names) == 0 {
			names = []string{"none"}
		}
		alternatives = append(alternatives, strings.Join(names, " and "))
	}
	if len(alternatives) == 0 {
		return "none"
	}
	slices.Sort(alternatives)
	return strings.Join(alternatives, " or ")
}

// ownServers returns the servers of an operation. Where they are those of the document
// the change is one of the document, and is reported once instead of with each operation.
func (c *comparison) ownServers(op *Operation) string {
	text := serverText(op.Servers)
	if text == serverText(op.doc.Servers()) {
		return "the document's"
	}
	return text
}

// serverText lists servers, their variables set to their defaults, and which other values
// these may have: a program may have chosen one.
func serverText(servers []Server) string {
	var list []string
	for _, s := range servers {
		text := withoutUserinfo(s.URL)
		for _, v := range s.Variables {
			text += " (" + v.Name + ": any value)"
			if v.Enum != nil {
				values := slices.Sorted(slices.Values(v.Enum))
				text = strings.TrimSuffix(text, "any value)") + strings.Join(values, " or ") + ")"
			}
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

// withoutUserinfo leaves out what may be a password (RFC 3986 §3.2.1): a list of changes
// goes into logs and pull requests.
// A slash at the end is left out as well, since "https://host" and "https://host/" are
// one server to every client.
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

// parameters compares parameters by name and place: a name in the query and the same
// name in a header are two parameters (OpenAPI 3.1 §4.8.12.1), and to move one from here
// to there is to remove it and to add another. Those of the path item are among those of
// its operations, so that it makes no difference where they stand.
//
// Names are case sensitive (ibid.), so that of two spellings of a header in the request one
// is gone and the other new.
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
			// A parameter has a schema or a media type (OpenAPI 3.1 §4.8.12.1), or neither in
			// documents with an error.
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

// writing says how a parameter's value is written (OpenAPI 3.1 §4.8.12.2). Another style
// may read the same for a single value and not for a list; nothing is proven about it.
//
// Defaults are filled in when a parameter is read. A document that spells them out is
// therefore no different from one that leaves them out.
func (p *Parameter) writing() string {
	if p.MediaType != "" {
		return p.MediaType
	}
	form := fmt.Sprintf("%s, explode %t", p.Style, p.Explode)
	if p.Operator != "" && p.In == "path" {
		form += ", operator " + p.Operator
	}
	if p.Prefix > 0 {
		form += fmt.Sprintf(", prefix %d", p.Prefix)
	}
	if p.AllowReserved && p.In == "query" {
		form += ", reserved characters as they are"
	}
	if p.AllowEmptyValue && p.In == "query" {
		form += ", possibly without a value"
	}
	return form
}

// requiredness compares the member required of parameters, false where it is absent.
// A parameter is only ever sent, so that foreign has no effect: nobody has to
// leave it out.
func (c *comparison) requiredness(was, is bool, place []string, at Pointer) {
	switch {
	case is && !was:
		c.note(ChangeRequired, place, at, narrower, "required now")
	case was && !is:
		c.note(ChangeRequired, place, at, foreign, "optional now")
	}
}

// optionalSchemas compares schemas that may be absent, which then accept anything.
// To the absent schema no schema can be compared: which values were sent before is not
// known, so that the one that comes restricts, and the one that goes promises nothing
// any longer.
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
