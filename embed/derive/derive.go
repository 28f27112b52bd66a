package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/layout"
	"github.com/opcall/opcall/schema"
)

// words are this project's own texts, summaries.yaml.
type words struct {
	Info       string            `yaml:"info"`
	Tags       map[string]string `yaml:"tags"`
	Operations map[string]string `yaml:"operations"`
}

type result struct {
	document   []byte
	repairs    []schema.Repair
	operations int
	components int
	wordless   []string // operations and tags without a summary
	stale      []string // summaries without an operation or tag
	untagged   []string // operations without a tag
}

// derive is the whole way from the official description to the built-in one.
// The same input gives the same bytes.
func derive(source, errata, summaries []byte) (*result, error) {
	var w words
	if err := yaml.Unmarshal(summaries, &w); err != nil {
		return nil, fmt.Errorf("summaries.yaml: %w", err)
	}
	official, err := schema.Load(source, schema.WithOverlay(errata))
	if err != nil {
		return nil, err
	}
	d := deriver{words: w, seen: make(map[string]bool)}
	d.result.repairs = official.Repairs()
	d.document(string(official.Repaired()))
	if err := d.finish(); err != nil {
		return nil, err
	}
	return &d.result, nil
}

type deriver struct {
	words  words
	result result
	buf    []byte
	seen   map[string]bool // operations and tags met
}

// document writes the root: paths, webhooks and components one entry a line,
// other members a line each.
func (d *deriver) document(text string) {
	d.buf = append(d.buf, '{')
	first := true
	for key, value := range jsonscan.Members(text) {
		switch {
		case key == "tags", strings.HasPrefix(key, "x-") && !strings.HasPrefix(key, "x-opcall-"):
			continue
		}
		d.key(&first, key)
		switch key {
		case "info":
			d.info(value)
		case "paths", "webhooks":
			d.lines(value, func(path, item string) { d.pathItem(path, item, key == "paths") })
		case "components":
			d.lines(value, func(kind, group string) {
				d.lines(group, func(name, item string) {
					if kind == "schemas" {
						d.result.components++
					}
					d.value(item, layout.Inner(layout.Inner(layout.Object, kind), name))
				})
			})
		default:
			d.value(value, layout.Inner(layout.Object, key))
		}
	}
	d.tags(&first, text)
	d.buf = append(d.buf, "\n}\n"...)
}

// lines writes an object with each member on a line of its own.
func (d *deriver) lines(object string, write func(key, value string)) {
	d.buf = append(d.buf, '{')
	first := true
	for key, value := range jsonscan.Members(object) {
		d.key(&first, key)
		write(key, value)
	}
	d.buf = append(d.buf, "\n}"...)
}

func (d *deriver) key(first *bool, key string) {
	if !*first {
		d.buf = append(d.buf, ',')
	}
	*first = false
	d.buf = append(d.buf, '\n')
	d.string(key)
	d.buf = append(d.buf, ':')
}

func (d *deriver) string(s string) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	d.buf = append(d.buf, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

func (d *deriver) info(text string) {
	d.buf = append(d.buf, '{')
	for _, key := range []string{"title", "version", "license"} {
		if value, ok := jsonscan.Member(text, key); ok {
			d.string(key)
			d.buf = append(append(append(d.buf, ':'), value...), ',')
		}
	}
	d.buf = append(d.buf, `"description":`...)
	d.string(d.words.Info)
	d.buf = append(d.buf, '}')
}

// pathItem writes one operation a line.
func (d *deriver) pathItem(path, item string, callable bool) {
	d.lines(item, func(key, value string) {
		if http.MethodGet != strings.ToUpper(key) && !isMethod(key) {
			d.value(value, layout.Inner(layout.Object, key))
			return
		}
		id, _ := jsonscan.Member(value, "operationId")
		tags, _ := jsonscan.Member(value, "tags")
		for _, tag := range jsonscan.Strings(tags) {
			d.seen["tag "+tag] = true
		}
		name := jsonscan.String(id)
		if !callable {
			d.object(value, layout.Object, "")
			return
		}
		d.result.operations++
		d.seen[name] = true
		if len(jsonscan.Strings(tags)) == 0 {
			d.result.untagged = append(d.result.untagged, name)
		}
		summary := d.words.Operations[name]
		if summary == "" {
			d.result.wordless = append(d.result.wordless, fmt.Sprintf("%s (%s %s)", name, strings.ToUpper(key), path))
		}
		d.object(value, layout.Object, summary)
	})
}

func isMethod(key string) bool {
	switch key {
	case "get", "put", "post", "delete", "options", "head", "patch", "trace":
		return true
	}
	return false
}

// prose are the members whose words stay behind.
func prose(p layout.Place, key string) bool {
	switch key {
	case "description", "example", "examples", "externalDocs":
		return p == layout.Schema || p == layout.Object
	case "summary":
		return p == layout.Object
	case "$comment":
		return p == layout.Schema
	}
	return strings.HasPrefix(key, "x-") && !strings.HasPrefix(key, "x-opcall-") && p != layout.Names && p != layout.Schemas
}

func (d *deriver) value(text string, p layout.Place) {
	switch {
	case text[0] == '{' && p != layout.Data:
		d.object(text, p, "")
	case text[0] == '[' && p != layout.Data:
		d.buf = append(d.buf, '[')
		for i, item := range jsonscan.Items(text) {
			if i > 0 {
				d.buf = append(d.buf, ',')
			}
			d.value(item, layout.Item(p))
		}
		d.buf = append(d.buf, ']')
	default:
		d.buf = append(d.buf, text...)
	}
}

// object writes an object without prose; with a summary, that comes first.
func (d *deriver) object(text string, p layout.Place, summary string) {
	d.buf = append(d.buf, '{')
	first := true
	name := func(key string) {
		if !first {
			d.buf = append(d.buf, ',')
		}
		first = false
		d.string(key)
		d.buf = append(d.buf, ':')
	}
	if id, ok := jsonscan.Member(text, "operationId"); ok && p == layout.Object {
		name("operationId")
		d.buf = append(d.buf, id...)
	}
	if summary != "" {
		name("summary")
		d.string(summary)
	}
	for key, value := range jsonscan.Members(text) {
		if prose(p, key) || key == "operationId" && p == layout.Object {
			continue
		}
		name(key)
		inner := layout.Inner(p, key)
		if key == "responses" && p == layout.Object {
			d.responses(value)
			continue
		}
		d.value(value, inner)
	}
	d.buf = append(d.buf, '}')
}

// responses writes the description that OpenAPI requires: the status in words.
func (d *deriver) responses(text string) {
	d.buf = append(d.buf, '{')
	first := true
	for status, item := range jsonscan.Members(text) {
		if !first {
			d.buf = append(d.buf, ',')
		}
		first = false
		d.string(status)
		d.buf = append(d.buf, ':')
		if _, ok := jsonscan.Member(item, "$ref"); ok {
			d.value(item, layout.Object)
			continue
		}
		code, _ := strconv.Atoi(status)
		words := http.StatusText(code)
		if words == "" {
			words = "Any other answer"
		}
		d.buf = append(d.buf, `{"description":`...)
		d.string(words)
		rest := len(d.buf)
		d.object(item, layout.Object, "")
		d.buf[rest] = ','
		if string(d.buf[rest:]) == ",}" {
			d.buf = append(d.buf[:rest], '}')
		}
	}
	d.buf = append(d.buf, '}')
}

// tags writes every tag in use, those that the official list has first.
func (d *deriver) tags(first *bool, text string) {
	official, _ := jsonscan.Member(text, "tags")
	var names []string
	for _, item := range jsonscan.Items(official) {
		name, _ := jsonscan.Member(item, "name")
		names = append(names, jsonscan.String(name))
	}
	var more []string
	for key := range d.seen {
		if tag, ok := strings.CutPrefix(key, "tag "); ok && !slices.Contains(names, tag) {
			more = append(more, tag)
		}
	}
	slices.Sort(more)
	d.key(first, "tags")
	d.buf = append(d.buf, '[')
	for i, tag := range append(names, more...) {
		if i > 0 {
			d.buf = append(d.buf, ',')
		}
		d.seen["tag "+tag] = true
		if d.words.Tags[tag] == "" {
			d.result.wordless = append(d.result.wordless, "tag "+tag)
		}
		d.buf = append(d.buf, "\n{\"name\":"...)
		d.string(tag)
		d.buf = append(d.buf, `,"description":`...)
		d.string(d.words.Tags[tag])
		d.buf = append(d.buf, '}')
	}
	d.buf = append(d.buf, "\n]"...)
}

// finish lists words that nothing needs and proves that the document opens.
func (d *deriver) finish() error {
	for id := range d.words.Operations {
		if !d.seen[id] {
			d.result.stale = append(d.result.stale, id)
		}
	}
	for tag := range d.words.Tags {
		if !d.seen["tag "+tag] {
			d.result.stale = append(d.result.stale, "tag "+tag)
		}
	}
	slices.Sort(d.result.stale)
	d.result.document = d.buf
	if _, err := schema.Load(d.buf); err != nil {
		return fmt.Errorf("the derived document does not open: %w", err)
	}
	return nil
}
