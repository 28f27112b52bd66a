package validator

import "github.com/opcall/opcall/internal/jsonvalue"

// An object is validated in the order in which a reader would want its mistakes: its
// size, the properties that are missing, its members, the keywords that depend on
// members. Members are looked up in the schema by the hash of their name, which the
// tree has computed already, so the cost is that of the instance and not of the number
// of properties.
//
// The position of a member in the text, its ordinal, stands for it in the sets of
// evaluated members.

// object validates by the keywords for objects (JSON Schema 2020-12 Validation §6.5,
// Core §10.3.2).
func (w *walk) object(f *fieldRules, v jsonvalue.Ref, set int) bool {
	// An object of the wrong size, or without what is required, is seldom worth more
	// than that in a test.
	ok := f.rare == nil || w.rareBefore(f.rare, v)
	if !ok && w.stops() {
		return false
	}
	ok = w.required(f, v) && ok
	if !ok && w.stops() {
		return false
	}
	ok = w.members(f, v, set) && ok
	if f.rare == nil || !ok && w.stops() {
		return ok
	}
	if f.rare.schemas != nil && w.direction != Response {
		ok = w.schemas(f.rare, v) && ok
	}
	if f.rare.misspelt != nil {
		ok = w.misspelt(f, v) && ok
	}
	if !ok && w.stops() {
		return false
	}
	return w.rareAfter(f.rare, v, set) && ok
}

// required counts the required names that are absent (§6.5.3), without a set of those
// found: names in the schema are different, and so are those of a tree. Which ones are
// absent, the explanation finds out. In OpenAPI 3.0 a readOnly property is not required
// in requests, nor a writeOnly one in responses.
func (w *walk) required(f *fieldRules, v jsonvalue.Ref) bool {
	// Two lists without repeats: as many are found as are in both.
	missing := len(f.required.list)
	if missing == 0 {
		return true
	}
	for name, end := v+1, w.tree.Past(v); name < end; name = w.tree.Past(name + 1) {
		w.left-- // a large object may be sent through many schemas
		if f.required.member(w.tree, name) >= 0 {
			// Valid objects mostly have their required properties in front, so the rest
			// is not looked at.
			if missing--; missing == 0 {
				return true
			}
		}
	}
	if w.direction != Either && f.rare != nil {
		for _, name := range f.rare.optional[w.direction].list {
			if _, present := w.find(v, name); !present {
				missing--
			}
		}
	}
	return missing == 0 || w.failWith(failure{keyword: kwRequired, detail: missingNames, a: int32(missing)})
}

// members validates each member by the properties and patterns that name it (§10.3.2.1,
// §10.3.2.2): by all of them, as a name can match several. Only a member that none
// names goes to additionalProperties (§10.3.2.3), which looks at these two keywords and
// at nothing else of the schema.
func (w *walk) members(f *fieldRules, v jsonvalue.Ref, set int) bool {
	ok, refused, ordinal := true, false, 0
	for name, end := v+1, w.tree.Past(v); name < end; name = w.tree.Past(name + 1) {
		w.left-- // as in required
		// Every keyword that names the member applies, and any of them evaluates it.
		known := false
		// By properties, and by every pattern that matches besides.
		if i := f.properties.member(w.tree, name); i >= 0 {
			known = true
			ok = w.inner(f.nodes[i], kwProperties, i, name+1) && ok
		}
		for i := range f.patterns {
			if w.left--; w.matchesPattern(f.patterns[i].pattern, w.tree.String(name)) {
				known = true
				ok = w.inner(f.patterns[i].node, kwPatternProperties, i, name+1) && ok
			}
		}
		// Also a member that fails has been evaluated: it is known, and wrong.
		if known {
			w.add(set, ordinal)
		} else {
			switch f.additional.state {
			case ruleRefuse:
				refused = refused || !w.knownByWhole(name)
			case ruleSchema:
				ok = w.inner(f.additional.node, kwAdditionalProperties, 0, name+1) && ok
			}
		}
		ordinal++
		if !ok && w.stops() {
			return false
		}
	}
	if refused {
		ok = w.fail(kwAdditionalProperties) // one failure stands for all
	}
	if f.additional.state != ruleAbsent {
		w.addAll(set)
	}
	return ok
}

// knownByWhole reports whether a field that additionalProperties: false refuses is one
// of the whole allOf that the schema at hand is a part of, or has. By the letter the
// keyword looks at no other schema (§10.3.2.3), so that two closed members of an allOf
// accept nothing. Outside the Strict mode they are read as their authors mean them:
// nothing besides the fields of all.
func (w *walk) knownByWhole(name jsonvalue.Ref) bool {
	f := &w.stack[len(w.stack)-1]
	return w.knownBeside(f.node, f.value, w.tree.String(name))
}

// rareBefore validates minProperties and maxProperties (§6.5.1, §6.5.2).
func (w *walk) rareBefore(r *rareRules, v jsonvalue.Ref) bool {
	if r.minimum <= 0 && r.maximum < 0 {
		return true
	}
	// Members are counted for those who ask only.
	ok, n := true, w.tree.Len(v)
	if n < r.minimum {
		ok = w.fail(kwMinProperties)
	}
	if r.maximum >= 0 && n > r.maximum {
		ok = w.fail(kwMaxProperties)
	}
	return ok
}

// rareAfter validates dependentRequired (§6.5.4), dependentSchemas (Core §10.2.2.4) and
// propertyNames (Core §10.3.2.4), whose instance is the name itself.
// They come after the members, so that a mistake in a member is reported before one that
// follows from it.
func (w *walk) rareAfter(r *rareRules, v jsonvalue.Ref, set int) bool {
	ok := true
	for i := range r.dependentRequired {
		d := &r.dependentRequired[i]
		if _, present := w.find(v, d.name); !present {
			continue
		}
		for j, other := range d.other {
			if _, present := w.find(v, other); !present {
				ok = w.failWith(failure{keyword: kwDependentRequired, detail: dependentOn, a: int32(i), b: int32(j)})
				if w.stops() {
					return false
				}
			}
		}
	}
	for i := range r.dependentSchemas {
		d := &r.dependentSchemas[i]
		if _, present := w.find(v, d.name); present {
			ok = w.apply(d.node, kwDependentSchemas, i, v, set) && ok
		}
		if !ok && w.stops() {
			return false
		}
	}
	if r.names == nil {
		return ok
	}
	for name, end := v+1, w.tree.Past(v); name < end; name = w.tree.Past(name + 1) {
		if !w.test(r.names, kwPropertyNames, name, 1, noSet) {
			ok = w.failWith(failure{keyword: kwPropertyNames, detail: badName, a: int32(name)})
			if w.stops() {
				return false
			}
		}
	}
	return ok
}

// find returns a member by its name, for the keywords that look up one name at a time.
// It takes steps by the size of the object, which is walked.
func (w *walk) find(object jsonvalue.Ref, name string) (jsonvalue.Ref, bool) {
	w.left -= 1 + w.tree.Size(object)/valuesPerStep
	return w.tree.Find(object, name)
}

// unevaluatedFields validates an object by a schema with unevaluatedProperties (JSON
// Schema 2020-12 §11.3). The keyword applies to the members that properties,
// patternProperties and additionalProperties did not evaluate, neither here nor in any
// schema that applies in place: references, allOf, the branches that match.
//
// In the Closed mode that is also how a field that nothing declares is found: compiling
// gives each schema that applies alone unevaluatedProperties: false, as if the document
// had it. So fields of all parts of an allOf are known together, which
// additionalProperties: false on each part could not express.
func (w *walk) unevaluatedFields(n *node, v jsonvalue.Ref, set int) bool {
	// Other keywords first, as it depends on what they have evaluated (§11.3).
	own := w.newSet()
	ok, known := w.keywords(n, v, own), len(w.failures)
	if !ok && w.stops() {
		w.dropSet()
		w.addAll(set)
		return false
	}
	if rule := &n.fields.unevaluated; rule.state != ruleAccept && !w.evaluated[own].all {
		// Members that nothing has evaluated, one failure for each of them.
		ordinal := 0
		for name, end := v+1, w.tree.Past(v); name < end; name = w.tree.Past(name + 1) {
			if !w.has(own, ordinal) {
				ok = w.unevaluated(n, name+1) && ok
			}
			ordinal++
			if !ok && w.stops() {
				break
			}
		}
	}
	// The unions inside have found another explanation, see alternative.
	if other := w.evaluated[own].alternative; other != nil && len(w.failures) > known+1 {
		// More unknown fields than the other explanation has mistakes.
		w.failures = append(w.failures[:known], other.failures...)
	}
	w.dropSet()
	w.addAll(set)
	return ok
}

// unevaluated validates a member that nothing has evaluated. Where the mode has closed
// the schema and no part of it names any field, it is a free map and accepts it.
func (w *walk) unevaluated(n *node, v jsonvalue.Ref) bool {
	if n.fields.unevaluated.state == ruleSchema {
		return w.inner(n.fields.unevaluated.node, kwUnevaluatedProperties, 0, v)
	}
	if o := n.fields.lazyClosed; o != nil && !o.refusesUnknown() {
		return true
	}
	// The author has not closed the schema: any description of the object may know it.
	if n.fields.closed && w.knownBeside(n, w.stack[len(w.stack)-1].value, w.tree.String(v-1)) {
		return true
	}
	return w.take(unknownField, kwUnevaluatedProperties, 0, v, 1, noSet)
}
