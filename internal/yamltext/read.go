// Package yamltext reads YAML 1.2 as JSON text.
//
// libopenapi parses the YAML (read.go); its nodes are copied into compact ones
// at once, and nothing of the project outside of this package sees a type of
// it. The copies are written as JSON (write.go), plain scalars by the core
// schema of YAML 1.2 §10.3 (scalar.go), and the lines of the values are kept
// beside the text (lines.go). Texts that the parser refuses without need are rewritten for
// it, and its messages become errors with a line (retry.go).
//
// Time and memory are bounded by the size of the input: see MaxDensity and
// MaxGrowth.
package yamltext

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/pb33f/libopenapi/datamodel"
)

const (
	// MaxDensity bounds how many separators of values a large text may have: one
	// in 8 bytes, or in 20 where there are more than 400,000. Large descriptions of APIs
	// have one in 25 to 40. Each value takes the parser some 200 bytes of memory and two
	// microseconds, so that 8 MB of the densest text that is read take less than a second.
	MaxDensity = 8

	// manyDensity is what takes the place of MaxDensity in a text of many values.
	manyDensity = 20

	// manyValues is how many separators a text of the greatest density may have.
	manyValues = 400_000

	// smallText has so few values that they need not be counted.
	smallText = 16 << 10

	// MaxDepth is how deep values may be nested.
	MaxDepth = 1000
)

// Error says where a text is not YAML, or not YAML that JSON can express.
type Error struct {
	Line   int // from 1; 0 when unknown
	Column int // from 1; 0 when unknown
	Reason string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

// kind of a node. The values are those that every version of go-yaml uses.
const (
	documentKind = 1
	sequenceKind = 2
	mappingKind  = 4
	scalarKind   = 8
	aliasKind    = 16
)

const (
	taggedStyle = 1
	quotedStyle = 2 | 4 | 8 | 16 // double, single, literal, folded
)

// node is a node of the parsed text. Its children are nodes[first:first+count].
type node struct {
	value        string
	tag          string // "" unless the text has one
	first, count int32  // of an alias, first is the node it stands for
	line, column int32
	kind         uint8
	plain        bool // a scalar without quotes
	open         bool // is being written
}

// parse reads data through libopenapi.
func parse(data []byte) ([]node, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return []node{{kind: documentKind}}, nil
	}
	if err := bound(data); err != nil {
		return nil, err
	}
	if line := secondDocument(data); line > 0 {
		return nil, &Error{Line: line, Reason: "a second document begins here, want one alone"}
	}
	data = accepted(data)
	nodes, err := parseOnce(data)
	if err == nil {
		return nodes, nil
	}
	if other, standIn := withoutTabs(data); standIn != "" {
		if nodes, err := parseOnce(other); err == nil {
			for i := range nodes {
				nodes[i].value = strings.ReplaceAll(nodes[i].value, standIn, "\t")
			}
			return nodes, nil
		}
	}
	return nil, syntaxError(data, err)
}

// parseOnce returns the parser's own error.
func parseOnce(data []byte) ([]node, error) {
	config := &datamodel.DocumentConfiguration{BypassDocumentCheck: true, SkipJSONConversion: true}
	info, err := datamodel.ExtractSpecInfoWithConfig(data, config)
	if err != nil {
		return nil, err
	}
	root := info.RootNode
	if len(root.Content) == 1 && root.Content[0].Kind == scalarKind && root.Content[0].Line == 0 {
		// This stands in for a text that cannot be parsed. Without the bypass libopenapi says why.
		_, err := datamodel.ExtractSpecInfoWithConfig(data, &datamodel.DocumentConfiguration{SkipJSONConversion: true})
		if err != nil {
			return nil, err
		}
	}

	// The nodes have the type of the YAML module that libopenapi uses, which has
	// changed. It is left to inference here, so that no change breaks the build.
	all := append(slices.Grow(root.Content[:0:0], separators(data)*3/2+1), root)
	for i := 0; i < len(all); i++ {
		if all = append(all, all[i].Content...); len(all) > math.MaxInt32/2 {
			return nil, &Error{Reason: "the YAML has too many values"}
		}
	}
	nodes := make([]node, len(all))
	named := make(map[any]int32) // by anchor
	next := 1                    // first of the children of the node at hand
	for i, from := range all {
		to := &nodes[i]
		to.kind, to.value = uint8(from.Kind), from.Value
		to.line, to.column = int32(from.Line), int32(from.Column)
		to.plain = from.Style&quotedStyle == 0
		if from.Style&taggedStyle != 0 {
			to.tag = from.Tag
		}
		if from.Anchor != "" && from.Kind != aliasKind {
			named[from] = int32(i)
		}
		to.first, to.count = int32(next), int32(len(from.Content))
		next += len(from.Content)
	}
	for i, from := range all {
		if from.Kind != aliasKind {
			continue
		}
		target, ok := named[from.Alias]
		if !ok {
			return nil, &Error{Line: from.Line, Column: from.Column, Reason: "the alias names no anchor"}
		}
		nodes[i].first = target
	}
	return nodes, nil
}

// maxMerges bounds merge keys times separators: looking for the version of a
// document, libopenapi copies the members that the root merges once per level.
const maxMerges = 1 << 28

// bound refuses what would take the parser more than its size allows.
func bound(data []byte) error {
	if len(data) <= smallText {
		return nil
	}
	values, density := separators(data), MaxDensity
	if merges := bytes.Count(data, []byte("<<")); merges > maxMerges/max(1, values) {
		return &Error{Reason: fmt.Sprintf("the YAML has %d merge keys (<<), which take too long to read; write the members out", merges)}
	}
	if values > manyValues {
		density = manyDensity
	}
	if values > len(data)/density {
		return &Error{Reason: fmt.Sprintf("the YAML has more than one value in %d bytes, which takes too long to read; convert it to JSON", density)}
	}
	return nil
}

// separators is at least half the number of values that a text can have,
// whatever it means: each value but the first follows one of them, and one of
// them is followed by two at most.
func separators(data []byte) int {
	n := 0
	for i, c := range data {
		switch c {
		case ',', '[', '{', ':':
			n++
		case '-', '?':
			if i+1 < len(data) && (data[i+1] == ' ' || data[i+1] == '\n' || data[i+1] == '\t' || data[i+1] == '\r') {
				n++
			}
		}
	}
	return n
}
