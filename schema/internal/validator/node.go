package validator

import (
	"slices"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// The node is what a schema object compiles to. Its keywords are grouped by the type
// that they are for, each group behind a pointer: a walk looks only at the group of its
// value, and a schema without a group takes eight bytes for it. A document has
// thousands of schema objects, so the size of a node is what a compiled document
// weighs.

// node is one compiled schema object. Half of the schemas in a document are
// little more than a type, and most of the others use few keywords: what they do
// not use takes one pointer.
type node struct {
	object *object // nil for a plain node, which stands for several places

	// The type is checked first and for every value, so it stands in the node.
	kinds jsonvalue.Kinds // accepted (JSON Schema 2020-12 §6.1.1)
	bare  bool            // kinds is all that there is to validate
	never bool            // the schema false (§4.3.2)

	// One group per JSON type, and one for schemas that apply to the same value.
	scalar *scalarRules
	fields *fieldRules
	items  *itemRules
	also   *alsoRules
}

// newNode returns a node that accepts everything.
func newNode(o *object) *node { return &node{object: o, kinds: jsonvalue.Any} }

// unknownField is the schema of fields that nothing declares.
var unknownField = &node{never: true}

// scalarRules are the keywords for values of any kind (§6.1), for strings (§6.3)
// and for numbers (§6.2).
type scalarRules struct {
	// Any type: enum (§6.1.2) and const (§6.1.3).
	enum, constant *choiceSet

	// Strings: §6.3.1, §6.3.2 and, for pattern, §6.3.3.
	minLength, maxLength int // -1 when there is none
	pattern              *pattern

	// Numbers (§6.2), compared with all of their digits.
	minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf *jsonvalue.Decimal
}

// bounded reports whether a number has to be parsed at all.
func (s *scalarRules) bounded() bool {
	return s.minimum != nil || s.maximum != nil || s.exclusiveMinimum != nil || s.exclusiveMaximum != nil || s.multipleOf != nil
}

// fieldRules are the keywords for objects (§6.5, §10.3.2, §11.3).
type fieldRules struct {
	// Names and their schemas are two lists with one order: a table of pairs would be
	// no smaller, and required needs the names alone.
	properties nameTable
	nodes      []*node   // of the properties
	required   nameTable // names, in the order of the document

	patterns    []patternRule
	additional  rule
	unevaluated rule
	closed      bool    // unevaluated is of the mode and not of the document
	lazyClosed  *object // unevaluated is refused only if this object declares any field

	rare *rareRules
}

// Direction is which way an instance goes. It matters for properties that are
// readOnly or writeOnly in a document of OpenAPI 3.0.
type Direction uint8

// The directions.
const (
	Either   Direction = iota
	Request            // readOnly properties are not required
	Response           // writeOnly properties are not required
)

// rareRules are keywords that few objects have.
// One schema object in a hundred has any of them.
type rareRules struct {
	names             *node // propertyNames
	minimum, maximum  int   // number of properties, -1 when there is none
	dependentRequired []dependentNames
	dependentSchemas  []dependentSchema
	optional          [Response + 1]nameTable // required names that are optional in one direction
	schemas           []schemaMember          // see metaschema.go
	misspelt          []string
}

// rule is what an applicator says about members or items: nothing, a boolean
// schema, or a schema.
// Absence is a state of its own: a keyword that is absent evaluates nothing.
type rule struct {
	state ruleState
	node  *node // where state is ruleSchema
}

type ruleState uint8

const (
	ruleAbsent ruleState = iota
	ruleAccept
	ruleRefuse
	ruleSchema
)

// patternRule is an entry of patternProperties.
type patternRule struct {
	pattern *pattern
	node    *node
}

// dependentNames is an entry of dependentRequired: with the name, the others are
// required.
type dependentNames struct {
	name  string
	other []string
}

// dependentSchema is an entry of dependentSchemas.
type dependentSchema struct {
	name string
	node *node
}

// itemRules are the keywords for arrays (§6.4, §10.3.1, §11.2).
type itemRules struct {
	prefix      []*node
	items       *node
	unevaluated *node

	// contains is valid if between minContains and maxContains items match (§10.3.1.3,
	// Validation §6.4.4, §6.4.5). minContains is 1 when it is absent.
	contains                 *node
	minContains, maxContains int // -1 when there is no maximum

	minimum, maximum int // -1 when there is none
	unique           bool
}

// alsoRules are the schemas that apply to the same instance (Core §8.2.3, §10.2), and
// what stands in for those that cannot be compiled: jsonschema, or the reason why every
// instance fails.
type alsoRules struct {
	ref       *node
	dynamic   *node // $dynamicRef
	lazy      *lazyNode
	not       *node
	allOf     []*node
	test      *node // if
	then      *node
	otherwise *node // else
	unions    []*union
	foreign   *foreignSchema
	unusable  string // why the schema cannot be used
}

// unionOf returns the union that a node has under a keyword.
func (n *node) unionOf(k keyword) *union {
	for _, u := range n.also.unions {
		if u.keyword == k {
			return u
		}
	}
	return nil
}

// nameTable finds names by their 16-bit hash, in a sorted list that is searched by
// halving. The tree has the hash of each member, so a name is compared only where its
// hash is found, and the table takes four bytes for each name beside the name itself,
// several times less than a map.
type nameTable struct {
	list    []string
	entries []uint32         // sorted: a hash in the upper half, the index in list in the lower
	many    map[string]int32 // in place of the entries
}

// newNameTable makes a table of different names. Where more than eight have one hash,
// which is not by chance, it uses a map: a document could otherwise make each lookup
// compare all names.
func newNameTable(list []string) nameTable {
	t := nameTable{list: list}
	if len(list) == 0 {
		return t
	}
	if len(list) > 1<<16 { // more than an index of 16 bits can tell apart
		t.useMap()
		return t
	}
	t.entries = make([]uint32, len(list))
	for i, name := range list {
		t.entries[i] = uint32(jsonvalue.HashName(name))<<16 | uint32(i)
	}
	slices.Sort(t.entries)
	// The run is how many names in a row have one hash.
	run := 0
	for i := 1; i < len(t.entries); i++ {
		if t.entries[i]>>16 != t.entries[i-1]>>16 {
			run = 0
		} else if run++; run > 8 {
			t.useMap()
			break
		}
	}
	return t
}

func (t *nameTable) useMap() {
	t.many = make(map[string]int32, len(t.list))
	for i, name := range t.list {
		t.many[name] = int32(i)
	}
}

// member returns the index of a member's name, -1 when it is not in the table.
func (t *nameTable) member(tree *jsonvalue.Tree, name jsonvalue.Ref) int {
	if len(t.list) == 0 {
		return -1
	}
	// Most members that are looked up are there, and the first comparison finds them.
	hash := tree.Hash(name)
	i := t.first(hash)
	if t.many == nil && (i == len(t.entries) || uint16(t.entries[i]>>16) != hash) {
		return -1
	}
	return t.named(i, hash, tree.String(name))
}

// index returns the index of a name, -1 when it is not in the table.
func (t *nameTable) index(name string) int {
	hash := jsonvalue.HashName(name)
	return t.named(t.first(hash), hash, name)
}

func (t *nameTable) named(i int, hash uint16, name string) int {
	if t.many != nil {
		if index, ok := t.many[name]; ok {
			return int(index)
		}
		return -1
	}
	for ; i < len(t.entries) && uint16(t.entries[i]>>16) == hash; i++ {
		if index := int(uint16(t.entries[i])); t.list[index] == name {
			return index
		}
	}
	return -1
}

// first returns the first position at which hashes are not below hash.
func (t *nameTable) first(hash uint16) int {
	// Written out: sort.Search calls a function for each step.
	least := uint32(hash) << 16
	low, high := 0, len(t.entries)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if t.entries[middle] < least {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}
