package schema

import (
	"maps"
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Root is what stands at the top of a document, beside its paths, webhooks and components:
// what it says of itself. It is what WithOverlayIf and WithOverlayFrom go by, as it can be
// read, and kept by a cache, without the document. The zero Root is that of no document.
type Root struct {
	members map[string]string // texts by name
	version string            // of OpenAPI
}

// Root returns the root of the document, overlays applied.
func (d *Document) Root() Root { return d.top }

// newRoot reads the root of a text. It reads all of the text, for where the members end,
// but nothing in them.
func newRoot(text string) (Root, error) {
	c := jsonscan.NewCursor(text)
	if !c.Enter() {
		return Root{}, errNoObject()
	}
	members := make(map[string]string, 16)
	for c.Next() {
		if key, value := c.Key(), c.Value(); !isIndexed(key) {
			members[key] = value
		}
	}
	return rootOf(members)
}

// rootOf makes a Root of its members. A version that is not read is an error, in the
// document before an overlay too: what does an overlay mean there?
func rootOf(members map[string]string) (Root, error) {
	version, err := checkVersion(members)
	return Root{members, version}, err
}

// isIndexed reports whether a member of the root has an index of its own.
func isIndexed(name string) bool {
	return name == "paths" || name == "webhooks" || name == "components"
}

func errNoObject() error {
	return &DocumentError{Reason: "the document is not an object; want OpenAPI 3.0, 3.1 or 3.2"}
}

// OpenAPI returns the version of the specification that the document follows,
// as it stands there: "3.1.0".
func (r Root) OpenAPI() string { return r.version }

// Title returns info.title.
func (r Root) Title() string { return r.info("title") }

// Version returns info.version, the version of the API.
func (r Root) Version() string { return r.info("version") }

// Servers returns the servers of the document.
func (r Root) Servers() []Server { return parseServers(r.members["servers"]) }

// Extension returns the JSON text of a member such as "x-opcall-errata".
func (r Root) Extension(name string) (string, bool) {
	text, ok := r.members[name]
	return text, ok
}

func (r Root) info(member string) string {
	text, _ := jsonscan.Member(r.members["info"], member)
	return jsonscan.String(text)
}

// pack and unpack turn the members into bytes and back: names and texts in turn, each behind
// its length. The same root makes the same bytes.
func (r Root) pack() []byte {
	var b []byte
	for _, name := range slices.Sorted(maps.Keys(r.members)) {
		b = appendSized(appendSized(b, name), r.members[name])
	}
	return b
}

func unpackRoot(b string) (Root, error) {
	members := map[string]string{}
	for b != "" {
		var name, text string
		name, b = cutSized(b)
		text, b = cutSized(b)
		members[name] = text
	}
	return rootOf(members)
}
