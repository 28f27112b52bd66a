package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/yamltext"
	"github.com/opcall/opcall/schema"
)

// words are this project's own texts, summaries.yaml.
type words struct {
	Info       string            `json:"info"`
	Tags       map[string]string `json:"tags"`
	Operations map[string]string `json:"operations"`
}

// result is the derived document and what its maintainer should know of it.
type result struct {
	document   []byte
	operations int
	components int
	repairs    []schema.Repair
	wordless   []string // operations and tags without words, in document order
	stale      []string // words without an operation or tag, sorted
	untagged   []string // operations without a tag, in document order
	undeclared []string // required names that are not properties, in document order
}

// list prints what there is to do, one line per entry.
func (r *result) list(out io.Writer) {
	for _, repair := range r.repairs {
		fmt.Fprintln(out, "repaired", repair)
	}
	for _, name := range r.wordless {
		fmt.Fprintln(out, "no words for", name)
	}
	for _, name := range r.stale {
		fmt.Fprintln(out, "words for nothing:", name)
	}
	for _, name := range r.untagged {
		fmt.Fprintln(out, "no tag on", name)
	}
	for _, name := range r.undeclared {
		fmt.Fprintln(out, "required, but no property:", name)
	}
}

// derive is the whole way from the official description to the built-in one.
func derive(official, errata, summaries []byte) (*result, error) {
	var w words
	text, err := yamltext.JSON(summaries, schema.DefaultMaxSize)
	if err != nil {
		return nil, fmt.Errorf("summaries.yaml: %w", err)
	}
	decoder := json.NewDecoder(strings.NewReader(text.JSON))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&w); err != nil {
		return nil, fmt.Errorf("summaries.yaml: %w", err)
	}
	document, err := schema.Load(official, schema.WithOverlay(errata))
	if err != nil {
		return nil, err
	}
	d := newWriter(w)
	d.root(dialect.Rewrite(string(document.JSON()), func(at, text string) string { return dialect.ByTheLetter(text, at) }))
	derived := d.buf
	if _, err := schema.Load(derived); err != nil {
		return nil, fmt.Errorf("the derived document does not open: %w", err)
	}
	return &result{
		document:   derived,
		operations: len(d.operations),
		components: d.components,
		repairs:    document.Repairs(),
		wordless:   d.wordless,
		stale:      d.stale(),
		untagged:   d.untagged,
		undeclared: undeclared(string(derived)),
	}, nil
}

// stale returns the words that the document had no use for.
func (w *writer) stale() []string {
	var list []string
	for _, id := range slices.Sorted(maps.Keys(w.words.Operations)) {
		if !w.operations[id] {
			list = append(list, "operation "+id)
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(w.words.Tags)) {
		if !slices.Contains(w.tags, tag) {
			list = append(list, "tag "+tag)
		}
	}
	return list
}
