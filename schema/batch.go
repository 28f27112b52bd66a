package schema

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/opcall/opcall/internal/jsonscan"
)

// BatchRequestInput is the component that a line of a batch file is an instance
// of: {"custom_id": …, "method": "POST", "url": "/v1/chat/completions", "body": …}.
//
// ValidateLines knows it whether or not the document has it, and does more than
// its schema says: method and url, relative to the document's server, must name
// an operation with a JSON body, one that batches take where the document lists
// them; body is held against that operation; and a custom_id may stand in the
// file once. To find the ones that stand twice it keeps 16 bytes or so of each of
// the first million lines.
const BatchRequestInput = "BatchRequestInput"

// maxBatchIDs bounds how many custom_ids are remembered.
const maxBatchIDs = 1 << 20

// batch judges the lines of a batch file.
type batch struct {
	doc   *Document
	by    *lineJudge
	bases []string // paths of the document's servers: "/v1"
	seed  maphash.Seed
	seen  map[uint64]int // hashes of custom_ids, and their lines
	urls  func() (accepted []string, complete bool)
}

func newBatch(d *Document, by *lineJudge) *batch {
	b := &batch{doc: d, by: by, seed: maphash.MakeSeed(), seen: make(map[uint64]int)}
	for _, server := range d.Servers() {
		if u, err := url.Parse(server.URL); err == nil {
			b.bases = append(b.bases, strings.TrimSuffix(u.Path, "/"))
		}
	}
	if b.bases == nil {
		b.bases = []string{""}
	}
	b.urls = sync.OnceValues(b.accepted)
	return b
}

// accepted lists the urls that batches take: those that the request which
// starts a batch has, or else the path of every operation that takes JSON.
func (b *batch) accepted() (paths []string, complete bool) {
	if list, ok := b.doc.Lookup("/components/schemas/CreateBatchRequest/properties/endpoint/enum"); ok {
		return jsonscan.Strings(list), true
	}
	for op := range b.doc.Operations() {
		if path := b.bases[0] + op.Path; jsonBody(op) != nil && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths, false
}

// judge returns the problems of a line, and the operation that it names.
func (b *batch) judge(l Line) (operation string, problems []Problem, err error) {
	instance, err := parseInstance(l.Text)
	if err != nil {
		return "", nil, err
	}
	line, ok := instance.(map[string]any)
	if !ok {
		return "", []Problem{b.problem("", "type", describe(instance), "object")}, nil
	}
	if b.by.schema != nil {
		if problems, err = b.by.schema.judge(b.by.compiler, l.Text); err != nil {
			return "", nil, err
		}
		problems = slices.DeleteFunc(problems, func(p Problem) bool { return p.Pointer == "/body" })
	} else if b.by.compiler == &b.doc.closed {
		problems = b.unknown(line)
	}
	note := func(p Problem) {
		if !slices.ContainsFunc(problems, p.repeats) {
			problems = append(problems, p)
		}
	}
	for _, name := range batchFields {
		value, ok := line[name]
		if _, isText := value.(string); !ok {
			note(missingFrom(line, name))
		} else if !isText && name != "body" {
			note(b.problem(name, "type", describe(value), "string"))
		}
	}
	if id, ok := line["custom_id"].(string); ok {
		if first := b.firstUse(id, l.Number); first > 0 {
			p := b.problem("custom_id", "uniqueItems", show(id), "one of its own")
			p.Message = fmt.Sprintf("got %s, which line %d has too; want one of its own", p.Got, first)
			note(p)
		}
	}
	body, hasBody := jsonscan.Member(l.Text, "body")
	if path, ok := line["url"].(string); ok {
		op, fault := b.operation(line["method"], path)
		if fault != nil {
			note(*fault)
		}
		if op != nil {
			operation = op.ID
		}
		if op != nil && hasBody {
			found, err := jsonBody(op).judge(b.by.compiler, body)
			if err != nil {
				return operation, nil, err
			}
			for _, p := range found {
				p.Pointer = "/body" + p.Pointer
				problems = append(problems, p)
			}
		} else if _, isObject := line["body"].(map[string]any); hasBody && !isObject {
			note(b.problem("body", "type", describe(line["body"]), "object"))
		}
	}
	slices.SortStableFunc(problems, func(x, y Problem) int {
		return cmp.Or(comparePointers(x.Pointer, y.Pointer), strings.Compare(x.Message, y.Message))
	})
	return operation, withoutEchoes(problems), nil
}

// repeats reports whether another problem is about the same mistake of a line.
func (p Problem) repeats(other Problem) bool {
	if p.Keyword == "required" || other.Keyword == "required" {
		return p.Keyword == other.Keyword && p.Want == other.Want
	}
	return p.Pointer == other.Pointer
}

var batchFields = []string{"custom_id", "method", "url", "body"}

// firstUse returns the earlier line with that custom_id, or 0.
func (b *batch) firstUse(id string, number int) int {
	key := maphash.String(b.seed, id)
	first, ok := b.seen[key]
	if !ok && len(b.seen) < maxBatchIDs {
		b.seen[key] = number
	}
	return first
}

// operation finds what method and url name. A wrong method does not hide what
// is meant where the path has one operation with a JSON body.
func (b *batch) operation(method any, target string) (*Operation, *Problem) {
	path, query, _ := strings.Cut(target, "?")
	var relative string
	found := false
	for _, base := range b.bases {
		if relative, found = strings.CutPrefix(path, base); found && strings.HasPrefix(relative, "/") {
			break
		}
		found = false
	}
	if query != "" {
		relative += "?" + query
	}
	var known []string
	var meant []*Operation
	for _, m := range []string{"POST", "PUT", "PATCH", "DELETE", "GET"} {
		if op, _, ok := b.doc.Match(m, relative); found && ok && jsonBody(op) != nil {
			known, meant = append(known, m), append(meant, op)
		}
	}
	accepted, complete := b.urls()
	listed := slices.Contains(accepted, path)
	switch {
	case complete && !listed || !complete && len(meant) == 0:
		p := b.problem("url", "enum", show(target), "")
		p.Want = strings.Join(quotedAll(accepted), ", ")
		p.Nearest = nearest(target, accepted, 3)
		p.Message = fmt.Sprintf("got %s, want %s", p.Got, list(accepted, p.Nearest))
		if len(p.Nearest) > 0 {
			p.Message += didYouMean(quotedAll(p.Nearest[:1]))
		}
		return nil, &p
	case len(meant) == 0:
		return nil, nil // batches take it, but the document does not say in which form
	}
	if i := slices.Index(known, asText(method)); i >= 0 {
		return meant[i], nil
	}
	p := b.problem("method", "enum", show(method), "")
	p.Want = strings.Join(quotedAll(known), ", ")
	p.Message = fmt.Sprintf("got %s, want %s", p.Got, list(known, nil))
	fault := &p
	if method == nil {
		fault = nil // it is missing, and that is reported
	}
	if len(meant) > 1 {
		return nil, fault
	}
	return meant[0], fault
}

func asText(v any) string {
	text, _ := v.(string)
	return text
}

// jsonBody returns the schema of an operation's JSON body, nil without one.
func jsonBody(op *Operation) *Schema {
	if op.RequestBody == nil {
		return nil
	}
	m, ok := op.RequestBody.MediaType("application/json")
	if !ok {
		return nil
	}
	return m.Schema
}

func (b *batch) problem(field, keyword, got, want string) Problem {
	p := Problem{Keyword: keyword, Component: BatchRequestInput, Got: got, Want: want, Message: fmt.Sprintf("got %s, want %s", got, want)}
	if field != "" {
		p.Pointer = p.Pointer.Append(field)
	}
	return p
}

// missingFrom reports a field that a line lacks.
func missingFrom(line map[string]any, field string) Problem {
	p := Problem{Keyword: "required", Component: BatchRequestInput, Want: field, Message: fmt.Sprintf("missing property %q", field)}
	var strangers []string
	for name := range line {
		if !slices.Contains(batchFields, name) {
			strangers = append(strangers, name)
		}
	}
	slices.Sort(strangers)
	if p.Nearest = nearest(field, strangers, 1); len(p.Nearest) > 0 {
		p.Message += fmt.Sprintf("; is %s meant?", quoted(p.Nearest[0]))
	}
	return p
}

// unknown reports what a line has beside its four fields.
func (b *batch) unknown(line map[string]any) []Problem {
	var problems []Problem
	for name := range line {
		if slices.Contains(batchFields, name) {
			continue
		}
		free := slices.DeleteFunc(slices.Clone(batchFields), func(n string) bool { _, taken := line[n]; return taken })
		p := Problem{Pointer: Pointer("").Append(name), Keyword: unknownKeyword, Component: BatchRequestInput, Got: name, Nearest: nearest(name, free, 1)}
		p.Message = fmt.Sprintf("unknown field %s%s", quoted(name), didYouMean(quotedAll(p.Nearest)))
		problems = append(problems, p)
	}
	return problems
}
