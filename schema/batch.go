package schema

import (
	"fmt"
	"hash/maphash"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema/internal/validator"
)

// BatchRequestInput is the component that a line of a batch file is an instance
// of: {"custom_id": …, "method": "POST", "url": "/v1/chat/completions", "body": …}.
//
// ValidateLines knows it whether or not the document has it, and does more than
// its schema says: method and url, relative to the document's server, must name
// an operation with a JSON body, one that batches take where the document lists
// them; body is validated against that operation; and a custom_id may stand in the
// file once. To find duplicates it keeps 16 bytes or so of each of
// the first million lines.
const BatchRequestInput = "BatchRequestInput"

// maxBatchIDs bounds how many custom_ids are remembered.
const maxBatchIDs = 1 << 20

// batch validates the lines of a batch file. It keeps hashes of the custom_ids instead
// of the IDs, so that the memory does not depend on how long they are. The hash is
// seeded at random, so that a file cannot be made to collide; that two IDs of a million
// do so by chance has a probability of about 1 in 30 million.
//
// One batch serves one iteration over a file and one goroutine; the Document beside it is
// shared.
type batch struct {
	doc   *Document
	by    *lineValidation
	bases []string // paths of the document's servers: "/v1"
	seed  maphash.Seed
	seen  map[uint64]int // hashes of custom_ids, and their lines
	urls  func() (accepted []string, complete bool)
}

// The url of a line is a path of the host ("/v1/chat/completions"), the paths of the
// document are relative to its servers; so the path of each server may come first.
// A server whose URL is not a URL, as with a variable that has no default, has no path that
// could be compared and is left out.
func newBatch(d *Document, by *lineValidation) *batch {
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

// accepted lists the urls that batches take: those that the request which starts a
// batch has, or else the path of every operation that takes JSON. Only the first list
// is complete: an url that is not in the other may still name an operation, by a
// template.
//
// The name of the component is that of the OpenAI API. Another API that takes such files
// has the second list, and errors that are less sure of themselves.
func (b *batch) accepted() (paths []string, complete bool) {
	if list, ok := b.doc.Lookup("/components/schemas/CreateBatchRequest/properties/endpoint/enum"); ok {
		return jsonscan.Strings(list), true
	}
	for op := range b.doc.Operations() {
		if path := b.bases[0] + op.Path; op.jsonBody() != nil && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths, false
}

// batchLine is a line of a batch file that is being validated.
//
// The tree is released when the line has been validated: problems must not keep a part of
// its text, hence the clones in missing and unknown.
type batchLine struct {
	*batch
	*jsonvalue.Tree
	problems []Problem
	more     int
}

// validate returns the problems of a line, and the operation that it names.
//
// The schema of the line, where the document has one, comes first; what this package
// knows beyond it is added, unless the schema has found the same. What the schema says
// of body is dropped: it is that of any operation, and the one that url names says
// more. Where the document has no such schema, the fields that a line may have are
// checked here, in the readings that are closed.
//
// A body that url names no operation for is validated as far as its type: anything more
// would be a guess at what it was written for.
func (b *batch) validate(l Line) (operation string, found problems, err error) {
	t, err := parseInstance(l.Text)
	if err != nil {
		return "", found, err
	}
	defer t.Release()
	line := &batchLine{batch: b, Tree: t}
	if t.Kind(0) != jsonvalue.Object {
		return "", problems{list: []Problem{b.problem("", "type", validator.DescribeText(t.Raw(0)), "object")}}, nil
	}
	if b.by.schema != nil {
		found = b.by.schema.validateTree(&b.by.validation, t)
		// A problem of the body as a whole is about a type that every operation has;
		// what is within the body comes from its own schema, below.
		line.problems, line.more = slices.DeleteFunc(found.list, func(p Problem) bool { return p.Pointer == "/body" }), found.more
	} else if b.by.graph(b.doc) == b.doc.closed() {
		line.unknown()
	}
	line.fields(l.Number)
	body, hasBody := t.Find(0, "body")
	if path, ok := line.text("url"); ok {
		op, wrong := b.operation(line.shown("method"), line.plain("method"), path)
		if wrong != nil {
			line.note(*wrong)
		}
		if op != nil {
			operation = op.ID
		}
		if op != nil && hasBody {
			if err := line.body(op.jsonBody(), t.Raw(body)); err != nil {
				return operation, found, err
			}
		} else if hasBody && t.Kind(body) != jsonvalue.Object {
			line.note(b.problem("body", "type", validator.DescribeText(t.Raw(body)), "object"))
		}
	}
	return operation, problems{list: sortedProblems(line.problems), more: line.more}, nil
}

// note adds a problem of a field, unless the schema has reported it already: the two
// may say the same with different words, and one mistake is one problem.
func (l *batchLine) note(p Problem) {
	if !slices.ContainsFunc(l.problems, p.repeats) {
		l.problems = append(l.problems, p)
	}
}

// text returns a field that is a string.
// A field of another type counts as absent; that its type is wrong is reported by the schema
// of the line, or by fields.
func (l *batchLine) text(field string) (string, bool) {
	r, ok := l.Find(0, field)
	if !ok || l.Kind(r) != jsonvalue.String {
		return "", false
	}
	return l.String(r), true
}

// plain returns a field that is a string, else "".
func (l *batchLine) plain(field string) string {
	text, _ := l.text(field)
	return text
}

// shown prints a field for a message, "" where it is absent.
func (l *batchLine) shown(field string) string {
	if r, ok := l.Find(0, field); ok {
		return validator.ShowText(l.Raw(r))
	}
	return ""
}

// fields validates what every line has.
// custom_id is how a result is matched with its request, as results come in any order. Two
// requests with one ID could not be told apart, so that a duplicate is a problem although
// each line is valid by itself.
func (l *batchLine) fields(number int) {
	for _, name := range batchFields {
		r, ok := l.Find(0, name)
		if !ok {
			l.note(l.missing(name))
		} else if l.Kind(r) != jsonvalue.String && name != "body" {
			l.note(l.problem(name, "type", validator.DescribeText(l.Raw(r)), "string"))
		}
	}
	id, ok := l.text("custom_id")
	if !ok {
		return
	}
	if first := l.firstUse(id, number); first > 0 {
		p := l.problem("custom_id", "uniqueItems", quoted(id), "one of its own")
		p.Message = fmt.Sprintf("got %s, which line %d has too; want one of its own", p.Got, first)
		l.note(p)
	}
}

// body validates the body of the request against its operation, as a request: a file is
// what the caller sends, in another envelope.
// The pointers of its problems are prefixed, since a line is one instance to its reader.
func (l *batchLine) body(s *Schema, text string) error {
	v := l.by.validation
	// The line itself is neither: only what it contains is sent to an operation.
	v.direction = DirectionRequest
	found, err := s.validate(&v, text)
	for _, p := range found.list {
		p.Pointer = "/body" + p.Pointer
		l.problems = append(l.problems, p)
	}
	l.more += found.more
	return err
}

// repeats reports whether another problem is about the same mistake of a line: the same
// place, or the same missing name, whose place is the line itself.
func (p Problem) repeats(other Problem) bool {
	if p.Keyword == "required" || other.Keyword == "required" {
		return p.Keyword == other.Keyword && p.Want == other.Want
	}
	return p.Pointer == other.Pointer
}

var batchFields = []string{"custom_id", "method", "url", "body"}

// firstUse returns the earlier line with that custom_id, or 0. Beyond a million lines
// nothing is remembered any more, so that duplicates of later IDs are not found.
func (b *batch) firstUse(id string, number int) int {
	key := maphash.String(b.seed, id)
	first, ok := b.seen[key]
	if !ok && len(b.seen) < maxBatchIDs {
		b.seen[key] = number
	}
	return first
}

// operation finds what method and url name. Where the method is wrong and the path has
// one operation with a JSON body, it returns that one beside the problem, so that the
// body is validated all the same: one run over the file reports both.
//
// Where the document lists what batches take, an url outside of it is refused even if it
// names an operation: that the API has it does not mean that batches take it.
func (b *batch) operation(shown, method, target string) (*Operation, *Problem) {
	path, query, _ := strings.Cut(target, "?")
	var relative string
	found := false
	// The first server whose path is that of the url; the rest must begin a path, so
	// that "/v10/files" is not below "/v1".
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
	var candidates []*Operation
	// Every method that may have a body; the message lists them in this order.
	for _, m := range []string{"POST", "PUT", "PATCH", "DELETE", "GET"} {
		if op, _, ok := b.doc.Match(m, relative); found && ok && op.jsonBody() != nil {
			known, candidates = append(known, m), append(candidates, op)
		}
	}
	accepted, complete := b.urls()
	listed := slices.Contains(accepted, path)
	switch {
	case complete && !listed || !complete && len(candidates) == 0:
		p := b.problem("url", "enum", quoted(target), "")
		p.Want = strings.Join(quotedAll(accepted), ", ")
		p.Nearest = nearest(target, accepted, 3)
		p.Message = fmt.Sprintf("got %s, want %s", p.Got, validator.OneOf(accepted, p.Nearest))
		if len(p.Nearest) > 0 {
			p.Message += didYouMean(quotedAll(p.Nearest[:1]))
		}
		return nil, &p
	case len(candidates) == 0:
		return nil, nil // batches take it, but the document does not say in which form
	}
	if i := slices.Index(known, method); i >= 0 {
		return candidates[i], nil
	}
	p := b.problem("method", "enum", shown, "")
	p.Want = strings.Join(quotedAll(known), ", ")
	p.Message = fmt.Sprintf("got %s, want %s", p.Got, validator.OneOf(known, nil))
	unknown := &p
	if shown == "" {
		unknown = nil // it is missing, and that is reported
	}
	if len(candidates) > 1 {
		return nil, unknown
	}
	return candidates[0], unknown
}

func (b *batch) problem(field, keyword, got, want string) Problem {
	p := Problem{Keyword: keyword, Component: BatchRequestInput, Got: got, Want: want, Message: fmt.Sprintf("got %s, want %s", got, want)}
	if field != "" {
		p.Pointer = p.Pointer.Append(field)
	}
	return p
}

// missing reports a field that the line lacks. A field that the line has beside the
// four may be this one, misspelt, and is offered.
func (l *batchLine) missing(field string) Problem {
	p := Problem{Keyword: "required", Component: BatchRequestInput, Want: field, Message: fmt.Sprintf("missing property %q", field)}
	var others []string
	for _, name := range l.Names(0) {
		if !slices.Contains(batchFields, name) {
			others = append(others, strings.Clone(name))
		}
	}
	slices.Sort(others)
	if p.Nearest = nearest(field, others, 1); len(p.Nearest) > 0 {
		p.Message += didYouMean(quotedAll(p.Nearest[:1]))
	}
	return p
}

// unknown reports what the line has beside its four fields. A name that a missing field
// resembles is most likely that field, misspelt.
func (l *batchLine) unknown() {
	var free []string
	for _, name := range batchFields {
		if _, taken := l.Find(0, name); !taken {
			free = append(free, name)
		}
	}
	for _, name := range l.Names(0) {
		if slices.Contains(batchFields, name) || len(l.problems) > maxProblems {
			continue
		}
		name := strings.Clone(name)
		p := Problem{Pointer: Pointer("").Append(name), Keyword: validator.UnknownKeyword, Component: BatchRequestInput, Got: bounded(name, maxShown), Nearest: nearest(name, free, 1)}
		p.Message = fmt.Sprintf("unknown field %s%s", quoted(name), didYouMean(quotedAll(p.Nearest)))
		l.problems = append(l.problems, p)
	}
}
