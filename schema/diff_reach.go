package schema

import (
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// ways says on which ways the data of a schema travel: in requests, in responses, in
// both, or, for one that nothing uses, in none.
//
// They decide which half of an effect is the severity of a change. A component that is
// only ever received may accept more values without a request becoming invalid, and one
// that is only ever sent may accept fewer responses.
type ways struct{ request, response bool }

// worst returns what a change with that effect means. Of a schema that nothing uses,
// a program may send values as well as receive them.
func (w ways) worst(e effect) Severity {
	switch w {
	case ways{request: true}:
		return e.request
	case ways{response: true}:
		return e.response
	}
	return max(e.request, e.response)
}

func (w ways) or(other ways) ways {
	return ways{w.request || other.request, w.response || other.response}
}

// user is an operation or a webhook, with the texts of the schemas that it names itself,
// apart by direction. Which components they refer to is read from the texts when it is
// needed.
//
// A webhook has response texts only: what it brings comes from the API, as a response does.
type user struct {
	id       string
	webhook  bool
	at       Pointer
	request  []string // texts of schemas
	response []string
}

// references is the graph of a document: which component refers to which, and where
// operations enter it. Components are numbers in it, their places in document order.
//
// It is made once per document and not kept: a Document has many uses, and few programs
// compare it.
type references struct {
	names []string
	index map[string]int
	next  [][]int // the components that a component refers to
	users []user
}

// references reads the document once. A $ref counts wherever it stands: to take one
// in an example for a reference makes a component reach further than it does, which
// is the safe side.
//
// Schemas that stand in an operation are not nodes. Nobody refers to them, so that their
// texts are read for names and that is all. Operations that are refused are not yielded,
// and reach nothing.
func (d *Document) references() *references {
	names := d.schemas.Names()
	r := &references{names: names, index: make(map[string]int, len(names)), next: make([][]int, len(names))}
	for i, name := range names {
		r.index[name] = i
	}
	for i, name := range names {
		r.next[i] = r.named(d.schemas.Text(name))
	}
	for op := range d.Operations() {
		u := user{id: op.ID, at: op.Pointer}
		for _, p := range op.Parameters {
			if p.Schema != nil {
				u.request = append(u.request, p.Schema.text)
			}
		}
		if op.RequestBody != nil {
			u.request = append(u.request, contentTexts(op.RequestBody.Content)...)
		}
		for _, response := range op.Responses {
			u.response = append(u.response, contentTexts(response.Content)...)
			for _, h := range response.Headers {
				if h.Schema != nil {
					u.response = append(u.response, h.Schema.text)
				}
			}
		}
		// What an event stream consists of may stand in an extension alone.
		if text, ok := op.Extension("x-opcall-stream"); ok {
			u.response = append(u.response, text)
		}
		r.users = append(r.users, u)
	}
	for op := range d.Webhooks() {
		u := user{id: op.Path, webhook: true, at: op.Pointer}
		if op.RequestBody != nil {
			u.response = contentTexts(op.RequestBody.Content)
		}
		r.users = append(r.users, u)
	}
	return r
}

// contentTexts returns the schemas of a body, one per media type.
func contentTexts(content []*MediaType) []string {
	var texts []string
	for _, m := range content {
		if m.Schema != nil {
			texts = append(texts, m.Schema.text)
		}
	}
	return texts
}

// named returns the components that a text refers to, each once. It looks for strings
// that are pointers to components, and so finds those of $ref and those of the mapping of
// a discriminator alike (OpenAPI 3.1 §4.8.25). A pointer into a component counts for the
// component.
func (r *references) named(text string) []int {
	// By its beginning, quotation mark included: a description that mentions the pointer in
	// the middle of a sentence is not a reference.
	const prefix = `"#` + componentsAt
	var list []int
	seen := make(map[int]bool)
	for {
		i := strings.Index(text, prefix)
		if i < 0 {
			return list
		}
		end := jsonscan.Skip(text, i)
		ref := jsonscan.String(text[i:end])
		text = text[end:]
		if at, err := localPointer(ref); err == nil {
			if name, ok := componentName(at); ok {
				if n, ok := r.index[name]; ok && !seen[n] {
					seen[n] = true
					list = append(list, n)
				}
			}
		}
	}
}

// spread returns on which ways each component travels. Each direction is one walk over
// the graph, whatever the number of operations, since a component that has been marked is
// not entered again.
//
// A component that no operation reaches has neither way. For such a one the worse half of
// every effect counts, see worst.
func (r *references) spread() map[string]ways {
	request, response := make([]bool, len(r.names)), make([]bool, len(r.names))
	for i := range r.users {
		for _, text := range r.users[i].request {
			r.mark(request, r.named(text))
		}
		for _, text := range r.users[i].response {
			r.mark(response, r.named(text))
		}
	}
	all := make(map[string]ways, len(r.names))
	for i, name := range r.names {
		all[name] = ways{request[i], response[i]}
	}
	return all
}

// mark marks components and what they refer to, directly or not. The stack is its own,
// because documents may refer in chains of thousands.
func (r *references) mark(marked []bool, stack []int) {
	stack = append([]int(nil), stack...)
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if marked[n] {
			continue
		}
		marked[n] = true
		stack = append(stack, r.next[n]...)
	}
}

// maxReachSteps bounds the search for what changes reach: operations times
// components, in documents in which everything refers to everything.
// An operation of a real API visits some hundreds of components at most, so that thousands
// of operations stay far below it.
const maxReachSteps = 50_000_000

// reaching returns, for each of the components, the users that its data reach, in
// document order. Here every operation is a walk of its own, which is why only components
// that changed are asked for, and why the steps are counted. The result is false when the
// search was given up.
func (r *references) reaching(components map[string]bool) (map[string][]Reach, bool) {
	found := make(map[string][]Reach)
	wanted := make([]bool, len(r.names))
	for name := range components {
		if n, ok := r.index[name]; ok {
			wanted[n] = true
		}
	}
	steps := maxReachSteps
	seen := make([]int, len(r.names))
	stamp := 0 // of the walk that saw a component last: cheaper than to clear seen
	walk := func(texts []string, visit func(name string)) bool {
		stamp++
		var stack []int
		for _, text := range texts {
			stack = append(stack, r.named(text)...)
		}
		for len(stack) > 0 {
			n := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if seen[n] == stamp {
				continue
			}
			if steps -= 1 + len(r.next[n]); steps < 0 {
				return false
			}
			seen[n] = stamp
			if wanted[n] {
				visit(r.names[n])
			}
			stack = append(stack, r.next[n]...)
		}
		return true
	}
	for i := range r.users {
		u := &r.users[i]
		// Requests first, for all components; then the entry that a response extends is the
		// last of its list, as no other operation has been visited since.
		whole := walk(u.request, func(name string) {
			found[name] = append(found[name], Reach{Operation: u.id, Request: true})
		}) && walk(u.response, func(name string) {
			list := found[name]
			if last := len(list) - 1; !u.webhook && last >= 0 && list[last].Operation == u.id && !list[last].Webhook {
				list[last].Response = true
				return
			}
			found[name] = append(list, Reach{Operation: u.id, Webhook: u.webhook, Response: !u.webhook})
		})
		if !whole {
			return found, false
		}
	}
	return found, true
}
