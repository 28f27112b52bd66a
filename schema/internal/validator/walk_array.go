package validator

import "github.com/opcall/opcall/internal/jsonvalue"

// array validates by the keywords for arrays: minItems, maxItems and uniqueItems (JSON
// Schema 2020-12 Validation §6.4), prefixItems, items and contains (Core §10.3.1).
// prefixItems evaluates the items that it has a schema for, items all that follow,
// contains those that match.
func (w *walk) array(r *itemRules, v jsonvalue.Ref, set int) bool {
	ok := true
	// The number of items is counted only for those who ask (Validation §6.4.1, §6.4.2).
	if r.minimum > 0 || r.maximum >= 0 {
		n := w.tree.Len(v)
		if n < r.minimum {
			ok = w.fail(kwMinItems)
		}
		if r.maximum >= 0 && n > r.maximum {
			ok = w.fail(kwMaxItems)
		}
	}
	// Only that some are equal is a failure; the message names the first two (§6.4.3).
	if r.unique {
		// To compare the items reads the whole array, and sorts it by hash.
		w.left -= 4 * w.tree.Size(v)
		if i, j, found := w.tree.DuplicateItem(v); found {
			ok = w.failWith(failure{keyword: kwUniqueItems, detail: equalItems, a: int32(i), b: int32(j)})
		}
	}
	if !ok && w.stops() {
		return false
	}
	contained, index := 0, 0
	for item, end := v+1, w.tree.Past(v); item < end; item = w.tree.Past(item) {
		w.left-- // a long array may be sent through many schemas
		// prefixItems by position, items for the rest (Core §10.3.1.1, §10.3.1.2).
		if index < len(r.prefix) {
			ok = w.inner(r.prefix[index], kwPrefixItems, index, item) && ok
			w.add(set, index)
		} else if r.items != nil {
			ok = w.inner(r.items, kwItems, 0, item) && ok
		}
		// Every item is tested, also when there are enough: which ones match decides what is
		// evaluated (§10.3.1.3), and there may be too many.
		if r.contains != nil && w.test(r.contains, kwContains, item, 1, noSet) {
			contained++
			w.add(set, index)
		}
		index++
		if !ok && w.stops() {
			return false
		}
	}
	// Also for an empty array: what is not there need not be evaluated.
	if r.items != nil {
		w.addAll(set)
	}
	// minContains: 0 makes contains valid always (Validation §6.4.5).
	if r.contains != nil && contained < r.minContains {
		ok = w.fail(kwMinContains)
	}
	if r.contains != nil && r.maxContains >= 0 && contained > r.maxContains {
		ok = w.fail(kwMaxContains)
	}
	return ok
}

// unevaluatedItems validates an array by a schema with that keyword (§11.2): it applies
// to the items that the other keywords, and the schemas that apply in place, did not
// evaluate. After that every item is evaluated.
func (w *walk) unevaluatedItems(n *node, v jsonvalue.Ref, set int) bool {
	// A set of its own: what this schema evaluates concerns its own keyword first, and
	// after that all of the items count as evaluated.
	own := w.newSet()
	ok := w.keywords(n, v, own)
	if ok || !w.stops() {
		index := 0
		for item, end := v+1, w.tree.Past(v); item < end; item = w.tree.Past(item) {
			// Items have no closed form as fields have: whoever adds items is not refused
			// unless the document says so.
			if !w.has(own, index) {
				ok = w.inner(n.items.unevaluated, kwUnevaluatedItems, 0, item) && ok
			}
			index++
			if !ok && w.stops() {
				break
			}
		}
	}
	w.dropSet()
	w.addAll(set)
	return ok
}
