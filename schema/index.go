package schema

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/near"
)

// operationEntry is what the index knows of an operation before it is used: where its
// text is, and by what it is found. A document of hundreds of operations is indexed in
// a millisecond because nothing else is read. parsed makes an Operation of it, once;
// what fails then fails in the same way each time.
//
// The path item comes with it because its parameters, servers and extensions apply to all of
// its operations (OpenAPI 3.1 §4.8.9), and their
// pointers lead to where it stands.
type operationEntry struct {
	doc              *Document
	id, method, path string
	alias            string // "" where the ID is the document's
	text             string
	itemAt           Pointer // where the path item is, "" for its place among the paths
	item             *pathItem

	once sync.Once
	op   *Operation
	err  error

	refused *DocumentError // what is wrong with what it uses
}

// pointer is where the operation stands.
func (e *operationEntry) pointer() Pointer {
	at := e.itemAt
	if at == "" {
		at = Pointer("/paths").Append(e.path)
	}
	return at.Append(strings.ToLower(e.method))
}

// parsed returns the operation, read on first use.
// An entry may be refused before it was ever parsed: for what it uses, see refuse.
func (e *operationEntry) parsed() (*Operation, error) {
	if e.refused != nil {
		return nil, e.refused
	}
	e.once.Do(func() { e.op, e.err = e.doc.parseOperation(e) })
	return e.op, e.err
}

// methods are the members of a path item that hold operations (OpenAPI 3.1
// §4.8.9).
var methods = map[string]string{
	"get": "GET", "put": "PUT", "post": "POST", "delete": "DELETE",
	"options": "OPTIONS", "head": "HEAD", "patch": "PATCH", "trace": "TRACE",
}

// indexPaths reads paths or webhooks under the cursor (OpenAPI 3.1 §4.8.8, §4.8.9).
// Operations of paths are entered into the index. Those of webhooks are not: they are
// not called, so that an operationId there may be that of an operation. Path items that
// are references wait until the whole document has been seen, because what they refer
// to may stand further down.
//
// Of an operation only the operationId is looked for; the cursor then leaves the
// object, which skips the rest of the text without reading it member by member.
func (d *Document) indexPaths(c *jsonscan.Cursor, at Pointer) ([]pathItem, error) {
	if !c.Enter() {
		docErr := &DocumentError{Pointer: at, Reason: "got " + jsonscan.TypeName(c.Value()) + ", want an object"}
		if strings.HasPrefix(docErr.Reason, "got null") { // an empty section of a YAML document
			d.addError(docErr)
			return nil, nil
		}
		return nil, docErr
	}
	items := make([]pathItem, 0, len(d.text)/4000)
	for c.Next() {
		key := c.Key()
		if strings.HasPrefix(key, "x-") {
			c.Value()
			continue
		}
		start := c.Offset()
		if !c.Enter() {
			d.addError(&DocumentError{Pointer: at.Append(key), Reason: "got " + jsonscan.TypeName(c.Value()) + ", want a path item object"})
			continue
		}
		// Entries are added before the end of their path item is known; they get it below.
		first := len(d.operations)
		item := pathItem{key: key}
		for c.Next() {
			name := c.Key()
			method, ok := methods[name]
			if name == "$ref" && at == "/paths" {
				d.referred = append(d.referred, len(items))
			}
			if !ok || at != "/paths" {
				item.note(name, c.Value())
				d.noteUnread(at.Append(key), name)
				continue
			}
			operation := c.Offset()
			entry := d.newEntry()
			entry.doc, entry.method, entry.path = d, method, key
			if !c.Enter() {
				entry.text = c.Value()
				entry.refused = &DocumentError{Pointer: entry.pointer(), Reason: "got " + jsonscan.TypeName(entry.text) + ", want an operation object"}
				d.addError(entry.refused)
				d.addOperation(entry)
				continue
			}
			for c.Next() {
				value := c.Value()
				if c.Key() == "operationId" {
					entry.id = jsonscan.String(value)
					c.Leave()
					break
				}
			}
			entry.text = d.text[operation:c.Offset()]
			d.addOperation(entry)
		}
		item.text = d.text[start:c.Offset()]
		items = append(items, item)
		for _, entry := range d.operations[first:] {
			entry.item = &items[len(items)-1]
		}
	}
	return items, nil
}

// note keeps a member of the path item that its operations ask for. Of two members with
// one name the first counts.
func (p *pathItem) note(name, value string) {
	switch {
	case name == "parameters" && p.parameters == "":
		p.parameters = value
	case name == "servers" && p.servers == "":
		p.servers = value
	}
}

// noteUnread has a member of a path item among the repairs that holds operations of OpenAPI
// 3.2, which are not read: who looks for one of them is to find why it is not there.
func (d *Document) noteUnread(item Pointer, name string) {
	if name != "query" && name != "additionalOperations" {
		return
	}
	d.repairs = append(d.repairs, Repair{Pointer: item.Append(name), Keyword: name, Reason: "is of OpenAPI 3.2, of which no operations are read; left out"})
}

// followPathItems enters the operations of path items that stand elsewhere. They come
// behind all others in the order of operations. OpenAPI 3.1 §4.8.9.1 leaves undefined
// what members beside $ref mean: operations among them are entered too, the rest is
// ignored.
//
// Operations of one shared path item are separate entries, one for each path, with the same
// text and pointer.
func (d *Document) followPathItems() {
	seen := make(map[Pointer]bool, len(d.referred)) // several paths may refer to one item
	for _, i := range d.referred {
		item := d.pathItems[i]
		text, at, err := d.follow(item.text, Pointer("/paths").Append(item.key))
		if err != nil {
			var docErr *DocumentError
			errors.As(err, &docErr)
			d.addError(docErr)
			continue
		}
		item = pathItem{key: item.key, text: text}
		for name, value := range jsonscan.Members(text) {
			item.note(name, value)
			if !seen[at] {
				d.noteUnread(at, name)
			}
		}
		seen[at] = true
		d.pathItems[i] = item
		for name, operation := range jsonscan.Members(text) {
			if method, ok := methods[name]; ok {
				id, _ := jsonscan.Member(operation, "operationId")
				d.addOperation(&operationEntry{
					doc: d, id: jsonscan.String(id), method: method, path: item.key,
					text: operation, itemAt: at, item: &d.pathItems[i],
				})
			}
		}
	}
}

// entriesAtOnce is how many entries are made at once: side by side they take less memory,
// and fewer steps, than one by one.
const entriesAtOnce = 32

// newEntry returns an empty entry.
func (d *Document) newEntry() *operationEntry {
	if len(d.spare) == 0 {
		d.spare = make([]operationEntry, entriesAtOnce)
	}
	entry := &d.spare[0]
	d.spare = d.spare[1:]
	return entry
}

// addOperation indexes an operation. IDs are unique by the standard (OpenAPI 3.1
// §4.8.10) but not in every document: the first operation keeps the ID. One without an
// ID, or whose ID is taken, is called by its method and path, "GET /pets/{id}", which
// no two operations share, or by its alias.
func (d *Document) addOperation(entry *operationEntry) {
	if entry.id == "" || d.byID[entry.id] != nil {
		given := entry.id
		entry.id = entry.method + " " + entry.path
		reason := "the operation has no operationId"
		if given != "" {
			reason = fmt.Sprintf("operationId %q is taken by %s", given, d.byID[given].pointer())
		}
		d.unnamed, d.unnamedRepairs = append(d.unnamed, entry), append(d.unnamedRepairs, len(d.repairs))
		d.repairs = append(d.repairs, Repair{Pointer: entry.pointer(), Keyword: "operationId", Reason: reason + "; it is called by " + fmt.Sprintf("%q", entry.id)})
	}
	d.byID[entry.id] = entry
	d.operations = append(d.operations, entry)
}

// Operation returns the operation with that ID. An ID that no operation has is looked
// for without regard to case, '-' and '_': create_chat_completion is
// createChatCompletion, as long as that is unambiguous. Otherwise the error is an
// *UnknownOperationError with the nearest IDs; a *DocumentError reports that the
// document declares the operation but has an error in it.
//
// An operation without an ID, or with that of another one before it, is called by its
// method and path, "GET /pets/{id}", or by a name that is made of them, getPetsById: the
// method, the words of the path, By before a parameter. Where another operation has that
// ID a hash of method and path follows. The operation's Alias is that name.
//
// The exact ID always wins, so that two operations whose IDs differ in nothing but case
// can both be called.
func (d *Document) Operation(id string) (*Operation, error) {
	entry, err := d.entry(id)
	if err != nil {
		return nil, err
	}
	return entry.parsed()
}

// entry finds what the index has of an operation.
//
// Where several match without case and punctuation, none is taken: to call one of two
// operations that somebody did not name would be a guess with consequences.
func (d *Document) entry(id string) (*operationEntry, error) {
	if entry, ok := d.byID[id]; ok {
		return entry, nil
	}
	switch found := d.folded()[fold(id)]; len(found) {
	case 0:
		ids := make([]string, 0, len(d.operations)+len(d.unnamed))
		for _, entry := range d.operations {
			ids = append(ids, entry.id)
		}
		for _, entry := range d.unnamed {
			ids = append(ids, entry.alias)
		}
		return nil, &UnknownOperationError{ID: id, Nearest: nearest(id, ids, 3)}
	case 1:
		return found[0], nil
	default:
		err := &UnknownOperationError{ID: id}
		for _, entry := range found {
			err.Nearest = append(err.Nearest, entry.id)
		}
		return nil, err
	}
}

// foldIDs indexes the operations by their IDs without case and punctuation. It is made
// for the first ID that is not found as it is, which most programs never ask for.
func (d *Document) foldIDs() map[string][]*operationEntry {
	folded := make(map[string][]*operationEntry, len(d.operations))
	for _, entry := range d.operations {
		key := fold(entry.id)
		folded[key] = append(folded[key], entry)
	}
	for _, entry := range d.unnamed {
		if key := fold(entry.alias); len(folded[key]) == 0 { // a declared ID has precedence
			folded[key] = append(folded[key], entry)
		}
	}
	return folded
}

// Operations yields every operation of paths in document order. Operations with
// an error in the document are left out; Operation returns that error, and Verify
// lists it.
func (d *Document) Operations() iter.Seq[*Operation] {
	return func(yield func(*Operation) bool) {
		for _, entry := range d.operations {
			if op, err := entry.parsed(); err == nil && !yield(op) {
				return
			}
		}
	}
}

// Webhooks yields the operations that the document's webhooks describe: what the API
// sends to its users (OpenAPI 3.1 §4.8.1). Their Path is the webhook's name and their
// ID, unless they have one, too. They are parsed anew each time; webhooks with an error
// in the document are left out.
func (d *Document) Webhooks() iter.Seq[*Operation] {
	return func(yield func(*Operation) bool) {
		for _, item := range d.webhooks {
			at := Pointer("/webhooks").Append(item.key)
			if d.refusedAt(at) != nil {
				continue
			}
			if text, target, err := d.follow(item.text, at); err == nil {
				item.text, at = text, target
			}
			for name, text := range jsonscan.Members(item.text) {
				method, ok := methods[name]
				if !ok {
					continue
				}
				entry := &operationEntry{doc: d, method: method, path: item.key, text: text, itemAt: at, item: &item}
				if id, ok := jsonscan.Member(text, "operationId"); ok {
					entry.id = jsonscan.String(id)
				} else {
					entry.id = item.key
				}
				if op, err := d.parseOperation(entry); err == nil && !yield(op) {
					return
				}
			}
		}
	}
}

// UnknownOperationError reports an ID that the document does not have, or that fits
// several of its operations but for case and punctuation: then Nearest has all of
// those, and there may be more than three.
type UnknownOperationError struct {
	ID      string
	Nearest []string // closest first, at most 3; all that fit when ambiguous
}

func (e *UnknownOperationError) Error() string {
	return fmt.Sprintf("unknown operation %.80q%s", e.ID, didYouMean(e.Nearest))
}

// UnknownComponentError reports a component schema that the document
// does not have.
type UnknownComponentError struct {
	Name    string
	Nearest []string // closest first, at most 3
}

func (e *UnknownComponentError) Error() string {
	return fmt.Sprintf("unknown component %.80q%s", e.Name, didYouMean(e.Nearest))
}

// The three that follow are how this package speaks to internal/near, whose notion of a
// near name is the same in every message of the library.
func didYouMean(names []string) string { return near.Question(names) }

func nearest(want string, names []string, n int) []string { return near.Names(want, names, n) }

func fold(name string) string { return near.Fold(name) }
