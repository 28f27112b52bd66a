package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
)

// writer writes the built-in document out of the JSON text of the repaired one,
// and takes note of what it finds.
type writer struct {
	words words
	buf   []byte
	comma bool // a member or item precedes in the object or array being written

	operations map[string]bool
	components int
	tags       []string // in use, in document order
	wordless   []string
	untagged   []string
}

func newWriter(w words) *writer {
	return &writer{words: w, operations: make(map[string]bool)}
}

// root writes the document. Paths, webhooks and components have a line for each
// entry, the other members of the root one each; the tags come last, when all
// that are in use are known.
func (w *writer) root(text string) {
	w.open('{')
	for key, value := range jsonscan.Members(text) {
		if key == "tags" || prose(dialect.Object, key) {
			continue
		}
		w.line(key)
		switch key {
		case "info":
			w.info(value)
		case "paths", "webhooks":
			w.lines(value, func(path, item string) { w.pathItem(path, item, key == "paths") })
		case "components":
			w.lines(value, w.componentsOf)
		default:
			w.value(value, dialect.Inner(dialect.Object, key))
		}
	}
	w.tagList(text)
	w.buf = append(w.buf, "\n}\n"...)
}

// info has the project's own words in place of the official ones.
func (w *writer) info(text string) {
	w.open('{')
	w.members(text, dialect.Object, nil)
	w.member("description")
	w.string(w.wordsFor("info", w.words.Info))
	w.close('}')
}

// pathItem writes one operation a line. A webhook is not an operation that could be
// called, and needs no words.
func (w *writer) pathItem(path, item string, callable bool) {
	w.lines(item, func(key, value string) {
		if !isMethod(key) {
			w.value(value, dialect.Inner(dialect.Object, key))
			return
		}
		tags, _ := jsonscan.Member(value, "tags")
		for _, tag := range jsonscan.Strings(tags) {
			if !slices.Contains(w.tags, tag) {
				w.tags = append(w.tags, tag)
			}
		}
		if callable {
			w.operation(strings.ToUpper(key)+" "+path, value, len(jsonscan.Strings(tags)) > 0)
		} else {
			w.value(value, dialect.Object)
		}
	})
}

// operation puts the ID and the summary first, where a reader looks for them.
func (w *writer) operation(place, text string, tagged bool) {
	idText, _ := jsonscan.Member(text, "operationId")
	id := jsonscan.String(idText)
	place = fmt.Sprintf("%s (%s)", id, place)
	w.operations[id] = true
	if !tagged {
		w.untagged = append(w.untagged, place)
	}
	w.open('{')
	if id != "" {
		w.member("operationId")
		w.string(id)
	}
	if summary := w.wordsFor(place, w.words.Operations[id]); summary != "" {
		w.member("summary")
		w.string(summary)
	}
	w.members(text, dialect.Object, []string{"operationId"})
	w.close('}')
}

func isMethod(key string) bool {
	switch key {
	case "get", "put", "post", "delete", "options", "head", "patch", "trace":
		return true
	}
	return false
}

// componentsOf writes the components of a kind, one a line.
func (w *writer) componentsOf(kind, group string) {
	switch kind {
	case "schemas":
		w.lines(group, func(_, item string) {
			w.components++
			w.value(item, dialect.Schema)
		})
	case "responses":
		w.lines(group, w.response)
	default:
		w.lines(group, func(_, item string) { w.value(item, dialect.Object) })
	}
}

// response writes a response object with the description that OpenAPI requires
// of it (§4.8.17): the status in words, or the component's name.
func (w *writer) response(name, text string) {
	if _, ok := jsonscan.Member(text, "$ref"); ok {
		w.value(text, dialect.Object)
		return
	}
	code, _ := strconv.Atoi(name)
	description := http.StatusText(code)
	switch {
	case name == "default":
		description = "Any other response"
	case description == "":
		description = name
	}
	w.open('{')
	w.member("description")
	w.string(description)
	w.members(text, dialect.Object, nil)
	w.close('}')
}

// tagList writes every tag in use, those of the official list first.
func (w *writer) tagList(text string) {
	official, _ := jsonscan.Member(text, "tags")
	var listed []string
	for _, item := range jsonscan.Items(official) {
		name, _ := jsonscan.Member(item, "name")
		listed = append(listed, jsonscan.String(name))
	}
	more := slices.DeleteFunc(slices.Clone(w.tags), func(tag string) bool { return slices.Contains(listed, tag) })
	slices.Sort(more)
	w.tags = append(listed, more...)
	w.line("tags")
	w.open('[')
	for _, tag := range w.tags {
		w.separate()
		w.buf = append(w.buf, '\n')
		w.open('{')
		w.member("name")
		w.string(tag)
		w.member("description")
		w.string(w.wordsFor("tag "+tag, w.words.Tags[tag]))
		w.close('}')
	}
	w.buf = append(w.buf, '\n')
	w.close(']')
}

func (w *writer) wordsFor(place, words string) string {
	if words == "" {
		w.wordless = append(w.wordless, place)
	}
	return words
}

// prose reports whether a member of what stands at p is words, not facts.
func prose(p dialect.Place, key string) bool {
	if p == dialect.Names || p == dialect.Schemas {
		return false
	}
	switch key {
	case "description", "example", "examples", "externalDocs":
		return true
	case "summary":
		return p == dialect.Object
	case "$comment":
		return p == dialect.Schema
	}
	return strings.HasPrefix(key, "x-") && !strings.HasPrefix(key, "x-opcall-")
}

// value writes a value of the repaired document without its prose. Data goes as
// it is.
func (w *writer) value(text string, p dialect.Place) {
	switch {
	case p == dialect.Data || p == dialect.Value || text[0] != '{' && text[0] != '[':
		w.buf = append(w.buf, text...)
	case text[0] == '{':
		w.open('{')
		w.members(text, p, nil)
		w.close('}')
	default:
		w.open('[')
		for _, item := range jsonscan.Items(text) {
			w.separate()
			w.value(item, dialect.Item(p))
		}
		w.close(']')
	}
}

// members writes the members of an object into the one that is open, except
// prose and those that have been written already.
func (w *writer) members(object string, p dialect.Place, written []string) {
	for key, value := range jsonscan.Members(object) {
		if prose(p, key) || slices.Contains(written, key) {
			continue
		}
		w.member(key)
		if key != "responses" || p != dialect.Object {
			w.value(value, dialect.Inner(p, key))
			continue
		}
		w.open('{')
		for status, item := range jsonscan.Members(value) {
			w.member(status)
			w.response(status, item)
		}
		w.close('}')
	}
}

// lines writes an object with each member on a line of its own.
func (w *writer) lines(object string, write func(key, value string)) {
	w.open('{')
	for key, value := range jsonscan.Members(object) {
		w.line(key)
		write(key, value)
	}
	w.buf = append(w.buf, '\n')
	w.close('}')
}

func (w *writer) open(bracket byte) {
	w.buf = append(w.buf, bracket)
	w.comma = false
}

func (w *writer) close(bracket byte) {
	w.buf = append(w.buf, bracket)
	w.comma = true
}

func (w *writer) separate() {
	if w.comma {
		w.buf = append(w.buf, ',')
	}
	w.comma = true
}

func (w *writer) line(key string) {
	w.separate()
	w.buf = append(w.buf, '\n')
	w.key(key)
}

func (w *writer) member(key string) {
	w.separate()
	w.key(key)
}

func (w *writer) key(key string) {
	w.string(key)
	w.buf = append(w.buf, ':')
}

func (w *writer) string(s string) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // a string always encodes
	w.buf = append(w.buf, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}
