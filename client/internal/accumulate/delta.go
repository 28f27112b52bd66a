package accumulate

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// maxIndex bounds the indexes that events give to choices, items and parts. What
// is kept does not grow with them: the limit only refuses what no server sends.
const maxIndex = 1 << 20

// merge adds a delta to a value: strings are appended; objects are merged member
// by member; items that say their index are merged with the item there, others
// are appended; of any other value the latest stays.
//
// Some strings are not pieces of text but repeat what has been said, see isLabel.
// bare drops the index of items, which the complete objects of some operations
// do not have.
func (t *tree) merge(n *node, name, delta string, bare bool) error {
	if name == argumentsName && delta == "{}" && !n.saysNothing() {
		return nil
	}
	switch delta[0] {
	case '"':
		switch {
		case isLabel(name):
			t.first(n, delta)
		case name == "name":
			t.extendName(n, delta)
		case name == argumentsName:
			t.extendArguments(n, delta)
		default:
			t.extend(n, delta)
		}
		return nil
	case '{':
		return t.mergeMembers(n, delta, bare)
	case '[':
		return t.mergeItems(n, delta, bare)
	}
	t.latest(n, delta)
	return nil
}

// isLabel reports whether a string comes whole, and with some servers in every delta.
func isLabel(name string) bool {
	switch name {
	case "id", "type", "role", "object", "format":
		return true
	}
	return false
}

// extendName appends to the name of a function. Some servers send it in pieces,
// others whole in every delta.
func (t *tree) extendName(n *node, piece string) {
	if n.raw == piece || n.text != nil && string(n.text) == inside(piece) {
		return
	}
	t.extend(n, piece)
}

func (t *tree) mergeMembers(n *node, delta string, bare bool) error {
	t.openObject(n)
	for name, value := range jsonscan.Members(delta) {
		if err := t.merge(t.member(n, name), name, value, bare); err != nil {
			return err
		}
	}
	return nil
}

func (t *tree) mergeItems(n *node, delta string, bare bool) error {
	t.openArray(n)
	for _, value := range jsonscan.Items(delta) {
		i, indexed, err := indexIn(value, "index")
		if err != nil {
			return err
		}
		if !indexed {
			t.set(t.push(n), value)
			continue
		}
		if err := t.mergeItem(t.item(n, i), value, bare); err != nil {
			return err
		}
	}
	return nil
}

// mergeItem is mergeMembers for an object that may have an index.
func (t *tree) mergeItem(n *node, delta string, bare bool) error {
	t.openObject(n)
	for name, value := range jsonscan.Members(delta) {
		if name == "index" {
			if !bare {
				t.set(t.member(n, name), value)
			}
			continue
		}
		if err := t.merge(t.member(n, name), name, value, bare); err != nil {
			return err
		}
	}
	return nil
}

// indexIn reads a member that is an index. There is none when the member is
// absent or not a number.
func indexIn(object, name string) (i int, ok bool, err error) {
	raw, found := jsonscan.Member(object, name)
	if !found {
		return 0, false, nil
	}
	return parseIndex(name, raw)
}

func parseIndex(name, raw string) (i int, ok bool, err error) {
	if raw == "" || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return 0, false, nil
	}
	i, err = strconv.Atoi(raw)
	if err != nil || i < 0 || i > maxIndex {
		return 0, false, fmt.Errorf("got %s %.40s, want 0 to %d", name, raw, maxIndex)
	}
	return i, true, nil
}

// extendBase64 appends base64 to base64. Pieces may be cut anywhere, or each be
// encoded by itself: then one that ends in padding is joined with the next by
// its bytes.
func (t *tree) extendBase64(n *node, piece string) {
	piece = strings.ReplaceAll(piece, `\/`, "/") // the only escape that base64 may have
	text := inside(piece)
	if text == "" || n.saysNothing() {
		t.extend(n, piece)
		return
	}
	have := n.text
	if have == nil {
		have = []byte(inside(n.raw))
	}
	if rest := len(have) - 4; rest >= 0 && have[len(have)-1] == '=' {
		head, err := base64.StdEncoding.DecodeString(string(have[rest:]))
		tail, err2 := base64.StdEncoding.DecodeString(text)
		if err == nil && err2 == nil {
			have, text = have[:rest], base64.StdEncoding.EncodeToString(append(head, tail...))
		}
	}
	t.become(n, node{text: append(have, text...)})
}
