package bundle

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Error is a reference that cannot be followed, or a file that cannot be read.
//
// One that concerns a single reference is in Result.Unresolved; Bundle returns one only
// when the result would be too large.
type Error struct {
	File    string // that it stands in, from the root
	Pointer string // where in it
	Reason  string
	Err     error // of reading a file
}

func (e *Error) Error() string { return e.File + e.Pointer + ": " + e.Reason }

// Unwrap returns the error of reading a file.
func (e *Error) Unwrap() error { return e.Err }

// Part says which place of the result came from which place of a file.
//
// A caller that reports an error in the result needs it to name the file: the parts
// cover all of the text that did not stand in the document itself.
type Part struct {
	Pointer string // in the result
	File    string
	Source  string // JSON Pointer in the file
}

// IsNeeded reports whether a text may refer to other files. It is a quick look: a
// document that refers to nothing else is used as it is.
//
// It looks at texts and not at places, so that a $ref in an example makes it true. To be
// wrong in this direction costs a pass over the document, in the other a broken reference.
func IsNeeded(text string) bool {
	if hasEscapedName(text) {
		return true
	}
	for {
		i := strings.Index(text, `"$ref"`)
		if i < 0 {
			return strings.Contains(text, `"mapping"`) && (strings.Contains(text, ".json") || strings.Contains(text, ".y"))
		}
		text = text[i+len(`"$ref"`):]
		i = jsonscan.Space(text, 0)
		if i >= len(text) || text[i] != ':' {
			continue
		}
		// A reference whose first character is an escape counts as one to a file.
		i = jsonscan.Space(text, i+1)
		if i+1 < len(text) && text[i] == '"' && text[i+1] != '#' {
			return true
		}
	}
}

// hasEscapedName reports whether a text may have a member $ref or mapping whose name is
// written with escapes, as in "\u0024ref".
func hasEscapedName(text string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], `\u00`)
		if i < 0 {
			return false
		}
		at += i + len(`\u00`)
		quote := strings.LastIndexByte(text[max(0, at-len(`"mapping\u00`)):at], '"')
		if quote < 0 || at+2 > len(text) {
			continue
		}
		// What stands before the first escape, and what that is.
		begin := text[max(0, at-len(`"mapping\u00`))+quote+1 : at-len(`\u00`)]
		c, err := strconv.ParseUint(text[at:at+2], 16, 8)
		if err == nil && (strings.HasPrefix("$ref", begin+string(rune(c))) || strings.HasPrefix("mapping", begin+string(rune(c)))) {
			return true
		}
	}
}

// Result is a document of several files as one.
//
// Its order is that of the document, with the components that are added behind those of
// their section, so that the same files always give the same text.
type Result struct {
	Text  string
	Parts []Part
	// Unresolved are the references that lead nowhere; they stand in Text as they
	// were.
	Unresolved []*Error
}

// Bundle returns the document in a file as one text: what its references name in other
// files is among its components. The function read returns the JSON text of a file; it
// is called once for each. The error is that the result has more than limit bytes.
//
// References to URLs stay as they are, and so does a document without relative
// references.
//
// The pass goes over the document once, and then over each target that it has come to
// know, breadth first. What a target refers to is queued in turn. The queue ends because a
// target is queued once, and files have finitely many places that are referred to.
func Bundle(file, text string, limit int, read func(name string) (string, error)) (Result, error) {
	b := &bundler{
		main: file, limit: limit, read: read, files: map[string]string{file: text},
		placed: make(map[target]string), taken: make(map[componentName]int), added: make(map[kind][]component),
		whole: make(map[string]reference), failed: make(map[string]error),
	}
	b.declared(text)
	document, err := b.rewrite(nil, text, place{file: file}, member{root, false})
	if err != nil {
		return Result{}, err
	}
	for len(b.waiting) > 0 {
		next := b.waiting[0]
		b.waiting = b.waiting[1:]
		part, err := b.rewrite(nil, next.text, place{next.file, next.pointer}, member{next.kind, false})
		if err != nil {
			return Result{}, err
		}
		b.added[next.kind] = append(b.added[next.kind], component{next.name, string(part)})
	}
	whole := string(document)
	if len(b.added) > 0 {
		whole = b.withComponents(whole)
	}
	if len(whole) > limit {
		return Result{}, b.tooLarge(place{file: file})
	}
	return Result{whole, b.parts, b.unresolved}, nil
}

// component is one that is added to the document.
type component struct{ name, text string }

// job is a target whose text is to be rewritten.
type job struct {
	target
	kind kind
	name string
	text string
}

// place is where in a file a value stands.
// It is carried along for messages, and to know whether a local reference is one of the
// document, which stays, or of another file, which has to lead elsewhere in the result.
type place struct{ file, pointer string }

func (p place) append(token string) place {
	return place{p.file, p.pointer + "/" + jsonscan.EscapeToken(token)}
}

type bundler struct {
	main  string
	limit int
	size  int // of what has been rewritten
	read  func(string) (string, error)
	files map[string]string
	// A target has its place before its text is rewritten. A schema that refers to itself
	// through another file therefore finds itself, and the recursion ends.
	placed  map[target]string    // the reference to each target in the result
	whole   map[string]reference // of entries of the document that are a reference and nothing else, by their pointer
	taken   map[componentName]int
	added   map[kind][]component
	waiting []job
	parts   []Part

	unresolved []*Error
	failed     map[string]error // of reading a file
}

func (b *bundler) tooLarge(at place) error {
	return &Error{File: at.file, Pointer: at.pointer, Reason: fmt.Sprintf("the document and its files have more bytes than the limit of %d; raise it with WithMaxSize", b.limit)}
}

type componentName struct {
	section kind
	name    string
}

// declared notes the components and paths that the document has. Where one of them is a
// reference to another file and nothing else, as in documents that keep one file per
// component, the target is put in its place, and other references to the target lead
// there.
//
// Names that the document has are taken before any is made up: a component of the
// document never changes its name, which is what programs validate by.
func (b *bundler) declared(text string) {
	entries := func(list string, at place, is kind) {
		for name, value := range jsonscan.Members(list) {
			if is != pathItem {
				b.take(is, name)
			}
			ref, ok := onlyReference(value)
			if !ok || isLocal(ref) || isElsewhere(ref) {
				continue
			}
			entry := at.append(name)
			t, err := parse(ref, b.main)
			// Of two entries that are the same reference, the first has the target in its
			// place, and the second refers to the first.
			if _, placed := b.placed[t]; err != nil || placed || t.file == b.main {
				continue
			}
			b.placed[t], b.whole[entry.pointer] = local(entry.pointer), reference{ref, t}
		}
	}
	for name, value := range jsonscan.Members(text) {
		at := place{file: b.main}.append(name)
		switch name {
		case "components":
			for section, list := range jsonscan.Members(value) {
				if is := kind(section); is.mayRefer() {
					entries(list, at.append(section), is)
				}
			}
		case "paths", "webhooks":
			entries(value, at, pathItem)
		}
	}
}

// onlyReference returns the reference of an object that has no other member.
//
// With a description or another keyword beside it (OpenAPI 3.1 §4.8.23), to put the target
// in its place would lose that, so the reference stays and is followed like any other.
func onlyReference(text string) (ref string, ok bool) {
	n := 0
	for name, value := range jsonscan.Members(text) {
		if n++; name == "$ref" && value[0] == '"' {
			ref, ok = jsonscan.String(value), true
		}
	}
	return ref, ok && n == 1
}

// take reserves a name, with a number where it is taken.
//
// Numbers are counted on from where they were, so that a thousand parts called "schema" do
// not each try all the names before.
func (b *bundler) take(section kind, name string) string {
	free := name
	for b.taken[componentName{section, free}] > 0 {
		b.taken[componentName{section, name}]++
		free = fmt.Sprintf("%s_%d", name, b.taken[componentName{section, name}])
	}
	b.taken[componentName{section, free}] = 1
	return free
}

// rewrite appends a value in which references lead to where their targets stand in
// the result.
//
// It follows the structure of OpenAPI, and copies what has no references (kind data) as it
// stands, white space included. The size is charged before the text is looked at, a part of
// it for every level: a target that is put in many places cannot multiply unseen.
func (b *bundler) rewrite(dst []byte, text string, at place, is member) ([]byte, error) {
	if b.size += len(text) / 8; b.size > b.limit { // a value is looked at once for each value around it
		return nil, b.tooLarge(at)
	}
	switch {
	case is.kind == data:
		return append(dst, text...), nil
	case text[0] == '[':
		return b.list(dst, text, at, is)
	case text[0] != '{':
		return append(dst, text...), nil
	}
	if ref, ok := b.whole[at.pointer]; ok && at.file == b.main {
		return b.replace(dst, at, ref, is)
	}
	dst = append(dst, '{')
	first := true
	for name, value := range jsonscan.Members(text) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(jsonscan.AppendString(dst, name), ':')
		var err error
		switch inner := at.append(name); {
		// The names of a map are of the author's choosing. A schema called "$ref" or
		// "items" among them is a schema and no keyword.
		case is.many:
			// Extensions stand among paths (OpenAPI 3.1 §4.8.8) and are nobody's path item.
			if strings.HasPrefix(name, "x-") && is.kind == pathItem {
				dst = append(dst, value...)
				continue
			}
			dst, err = b.rewrite(dst, value, inner, member{is.kind, false})
		case name == "$ref" && is.kind.mayRefer() && value[0] == '"':
			dst, err = b.refer(dst, jsonscan.String(value), inner, is.kind)
		case is.kind == mapping && value[0] == '"':
			dst, err = b.mapped(dst, jsonscan.String(value), inner)
		default:
			dst, err = b.rewrite(dst, value, inner, is.kind.inner(name))
		}
		if err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

// Items are of the kind of the member, whether it was announced as many or, as items of
// older schemas, as one.
func (b *bundler) list(dst []byte, text string, at place, is member) ([]byte, error) {
	dst = append(dst, '[')
	for i, item := range jsonscan.Items(text) {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = b.rewrite(dst, item, at.append(fmt.Sprint(i)), member{is.kind, false}); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

// mapped writes a value of a discriminator's mapping: the name of a component, or a
// reference (OpenAPI 3.1 §4.8.25.1).
//
// The specification leaves open which of the two a value is. One with a dot or a slash is
// taken for a file, although names of components may have dots (§4.8.7.1): files have an
// extension nearly always, and names hardly ever a dot.
func (b *bundler) mapped(dst []byte, ref string, at place) ([]byte, error) {
	if isLocal(ref) && at.file != b.main || !isLocal(ref) && strings.ContainsAny(ref, "./") && !isElsewhere(ref) {
		return b.refer(dst, ref, at, schema)
	}
	return jsonscan.AppendString(dst, ref), nil
}

// refer writes a reference to the place that its target has in the result, which it is
// given when it is first referred to.
//
// The kind is that of the place that refers: what a schema refers to is a schema, whatever
// it looks like. A target that is referred to as two kinds gets one place, by the first.
func (b *bundler) refer(dst []byte, ref string, at place, is kind) ([]byte, error) {
	if isLocal(ref) && at.file == b.main || isElsewhere(ref) {
		return jsonscan.AppendString(dst, ref), nil
	}
	t, err := parse(ref, at.file)
	if err != nil {
		return b.leave(dst, ref, &Error{File: at.file, Pointer: at.pointer, Reason: err.Error()})
	}
	if t.file == b.main {
		return jsonscan.AppendString(dst, local(t.pointer)), nil
	}
	text, wrong := b.text(ref, t, at)
	if wrong != nil {
		return b.leave(dst, ref, wrong)
	}
	if known, ok := b.known(t); ok {
		return jsonscan.AppendString(dst, known), nil
	}
	name := b.take(is, t.name())
	pointer := "/components/" + string(is) + "/" + jsonscan.EscapeToken(name)
	b.placed[t] = local(pointer)
	b.parts = append(b.parts, Part{Pointer: pointer, File: t.file, Source: t.pointer})
	b.waiting = append(b.waiting, job{t, is, name, text})
	return jsonscan.AppendString(dst, local(pointer)), nil
}

// known returns the reference to a target that has a place in the result, by itself or
// within a target around it.
//
// A reference into a component that is there already, such as to one of its properties,
// needs no component of its own. The other way round, a part that was placed before the
// whole stays where it is.
func (b *bundler) known(t target) (string, bool) {
	for around := t.pointer; ; around = around[:strings.LastIndexByte(around, '/')] {
		if ref, ok := b.placed[target{t.file, around}]; ok {
			return ref + escapePercent(t.pointer[len(around):]), true
		}
		if around == "" {
			return "", false
		}
	}
}

// leave writes a reference that leads nowhere as it was.
// The caller refuses the parts of the document that lead there, with the reason; a document
// with one wrong file name can be used for the rest.
func (b *bundler) leave(dst []byte, ref string, wrong *Error) ([]byte, error) {
	b.unresolved = append(b.unresolved, wrong)
	return jsonscan.AppendString(dst, ref), nil
}

// replace writes the target of an entry of the document in the entry's place.
//
// The target may be another reference, which is then followed from its own file.
func (b *bundler) replace(dst []byte, at place, ref reference, is member) ([]byte, error) {
	t := ref.target
	text, wrong := b.text(ref.text, t, at.append("$ref"))
	if wrong != nil {
		dst, err := b.leave(append(dst, `{"$ref":`...), ref.text, wrong)
		return append(dst, '}'), err
	}
	b.parts = append(b.parts, Part{Pointer: at.pointer, File: t.file, Source: t.pointer})
	return b.rewrite(dst, text, place(t), is)
}

// text returns what a target is. Each file is read once.
//
// A file that could not be read is not tried again: each reference to it gets its own
// error, with its own place, and the same cause.
func (b *bundler) text(ref string, t target, at place) (string, *Error) {
	text, ok := b.files[t.file]
	if !ok {
		err, failed := b.failed[t.file]
		if !failed {
			text, err = b.read(t.file)
		}
		if err != nil {
			b.failed[t.file] = err
			return "", &Error{File: at.file, Pointer: at.pointer, Reason: fmt.Sprintf("$ref %.120q cannot be read: %v", ref, err), Err: err}
		}
		b.files[t.file] = text
	}
	if text, ok = lookup(text, t.pointer); !ok {
		return "", &Error{File: at.file, Pointer: at.pointer, Reason: fmt.Sprintf("$ref %.120q names nothing in the file %.120q", ref, t.file)}
	}
	return text, nil
}

// withComponents adds the components to the document, in the order in which they were
// first referred to.
//
// It works on the texts of the two objects that change, and leaves the rest of the document
// as it is written.
func (b *bundler) withComponents(document string) string {
	o := jsonscan.ReadObject(document)
	text, _ := o.Get("components")
	sections := jsonscan.ReadObject(text)
	for _, section := range componentOrder {
		if len(b.added[section]) == 0 {
			continue
		}
		text, _ := sections.Get(string(section))
		list := jsonscan.ReadObject(text)
		for _, c := range b.added[section] {
			list = append(list, jsonscan.Field{Name: c.name, Text: c.text})
		}
		sections.Set(string(section), list.String())
	}
	o.Set("components", sections.String())
	return o.String()
}
