package schema

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// union is oneOf and anyOf, the one place where branches are chosen.
//
// Branches that cannot fit are pruned before anything is validated: by the JSON
// type of the instance, then by the tag, the property whose const or enum
// tells the branches apart. Pruning is sound: a pruned branch would have
// failed. What is left is tried in order, the branch that the discriminator
// names first, and the first that fits decides, unless somebody asks for fields
// or items that it does not account for; Strict counts the fits of a oneOf
// instead.
//
// The verdict on an instance that no branch fits is one error: that the type
// or the tag is none of the known ones, or what is wrong with the branch that
// was meant.
type union struct {
	compiler *compiler
	keyword  string // "anyOf" or "oneOf"
	at       Pointer
	text     string // the list of branches
	declared string // discriminator.propertyName
	mapping  string // discriminator.mapping
	exact    bool

	once     sync.Once
	branches []*branch
	tag      string               // "" when no property tells the branches apart
	byTag    map[string][]*branch // by the values of the tag; with "", those for any other value
	untagged []*branch            // for objects without the tag
	named    map[string]*branch   // by values of the declared discriminator
}

// branch is one schema of a union, and what is known of it unbuilt.
type branch struct {
	facts
	text string
	at   Pointer

	once  sync.Once
	built *jsonschema.Schema

	covering sync.Once
	declares declaration
}

// newUnion returns the union that a schema object has under keyword.
func newUnion(c *compiler, keyword, text string, at Pointer) *union {
	at = at.Append(keyword)
	list, _ := jsonscan.Member(text, keyword)
	c.objectsMu.Lock()
	defer c.objectsMu.Unlock()
	if u := c.unions[at]; u != nil && u.text == list {
		return u
	}
	u := &union{compiler: c, keyword: keyword, at: at, text: list, exact: c.mode == modeStrict}
	if d, ok := jsonscan.Member(text, "discriminator"); ok {
		name, _ := jsonscan.Member(d, "propertyName")
		u.declared = jsonscan.String(name)
		u.mapping, _ = jsonscan.Member(d, "mapping")
	}
	if c.unions[at] == nil {
		c.unions[at] = u
	}
	return u
}

// all returns the branches.
func (u *union) all() []*branch {
	u.prepare()
	return u.branches
}

func (u *union) prepare() {
	u.once.Do(func() {
		for i, item := range jsonscan.Items(u.text) {
			at := u.at.Append(strconv.Itoa(i))
			u.branches = append(u.branches, &branch{facts: u.compiler.facts(item, at, 0), text: item, at: at})
		}
		u.tag = chooseTag(u.branches, u.declared)
		u.sortByTag()
		if u.declared != "" && u.tag != u.declared {
			u.readMapping()
		}
	})
}

// sortByTag lists the branches for objects by the values of the tag.
func (u *union) sortByTag() {
	if u.tag == "" {
		return
	}
	u.byTag = make(map[string][]*branch)
	for _, b := range u.branches {
		for _, t := range b.tags {
			for _, value := range t.allowed {
				if t.name == u.tag {
					u.byTag[value] = nil
				}
			}
		}
	}
	u.byTag[""] = nil
	for value := range u.byTag {
		u.byTag[value] = u.allowing(map[string]any{u.tag: value})
	}
	u.untagged = u.allowing(nil)
}

// allowing returns the branches for objects with the tag of one.
func (u *union) allowing(object map[string]any) (list []*branch) {
	for _, b := range u.branches {
		if b.types.Has(jsonvalue.Object) && b.allows(u.tag, object) {
			list = append(list, b)
		}
	}
	return list
}

// readMapping notes the branches that the discriminator names, by its mapping
// or, without one, by the components' own names (OpenAPI 3.1 §4.8.25). It only
// tells which branch is meant: what fits another one is valid all the same.
func (u *union) readMapping() {
	u.named = make(map[string]*branch)
	for _, b := range u.branches {
		ref, _ := jsonscan.Member(b.text, "$ref")
		pointer, err := localPointer(jsonscan.String(ref))
		if err != nil {
			continue
		}
		name, _ := wholeComponent(pointer)
		mapped := false
		for value, target := range jsonscan.Members(u.mapping) {
			target := jsonscan.String(target)
			if to, err := localPointer(target); err == nil && to == pointer || target == name {
				u.named[value] = b
				mapped = true
			}
		}
		if !mapped && name != "" {
			u.named[name] = b
		}
	}
}

// meant returns the branch that the discriminator names, nil when it names
// none.
func (u *union) meant(v any) *branch {
	if object, ok := v.(map[string]any); ok && u.named != nil {
		if value, ok := object[u.declared].(string); ok {
			return u.named[value]
		}
	}
	return nil
}

// chooseTag picks the declared discriminator where the branches restrict it,
// else the property that takes the most different values over the branches.
func chooseTag(branches []*branch, declared string) string {
	values := make(map[string]map[string]bool)
	restricted := make(map[string]int)
	var order []string
	for _, b := range branches {
		for _, t := range b.tags {
			if values[t.name] == nil {
				values[t.name] = make(map[string]bool)
				order = append(order, t.name)
			}
			restricted[t.name]++
			values[t.name][strings.Join(t.allowed, "\x00")] = true
		}
	}
	best := ""
	for _, name := range order {
		if restricted[name] < 2 || len(values[name]) < 2 {
			continue
		}
		if name == declared {
			return name
		}
		if best == "" || len(values[name]) > len(values[best]) {
			best = name
		}
	}
	return best
}

func (u *union) schemaOf(b *branch) *jsonschema.Schema {
	b.once.Do(func() { b.built = u.compiler.branch(b.text, b.at) })
	return b.built
}

func (u *union) objectOf(b *branch) *object { return u.compiler.object(b.text, b.at) }

// Validate implements jsonschema.ExtSchema.
func (u *union) Validate(ctx jsonschema.ValidationContext, v any) error {
	u.prepare()
	var buf [8]*branch
	candidates := u.appendCandidates(buf[:0], v)
	if len(candidates) == 0 {
		return ctx.Error(u.keyword, "%s", noBranch)
	}
	structured := jsonvalue.KindOf(v).Has(jsonvalue.Object | jsonvalue.Array)
	var failures []error
	fits := 0
	for _, b := range candidates {
		err := ctx.Validate(u.schemaOf(b), u.keyword+"/"+b.at.last(), v, "")
		if err != nil {
			failures = append(failures, err)
			continue
		}
		fits++
		switch {
		case u.exact && u.keyword == "oneOf":
			if fits > 1 {
				return ctx.Error(u.keyword, "%s", overlap)
			}
		case !structured: // else later branches may account for more
			return nil
		}
	}
	if fits > 0 {
		return nil
	}
	verdict := ctx.Error(u.keyword, "%s", branchFailed)
	meant := failures[0]
	if u.meant(v) != candidates[0] {
		for _, b := range u.tagged(nil, v) {
			if !slices.Contains(candidates, b) {
				failures = append(failures, ctx.Validate(u.schemaOf(b), u.keyword+"/"+b.at.last(), v, ""))
			}
		}
		meant = leastWrong(failures, verdict.InstanceLocation)
	}
	return jsonschema.ValidationError{}.Group(verdict, meant)
}

// What a union's own errors say; problem.go turns them into text.
const (
	noBranch     = "no branch"
	overlap      = "more than one branch"
	branchFailed = "branch"
)

// candidates returns the branches that may fit v, the one that is meant first.
func (u *union) candidates(v any) []*branch { return u.appendCandidates(nil, v) }

func (u *union) appendCandidates(fit []*branch, v any) []*branch {
	fit = u.tagged(fit, v)
	object, ok := v.(map[string]any)
	if !ok {
		return fit
	}
	// Further tags may narrow the choice, but the first one says what is meant:
	// they never leave nothing.
	for len(fit) > 1 {
		fewer := u.narrow(fit, object)
		if len(fewer) == len(fit) {
			break
		}
		fit = fewer
	}
	if meant := u.meant(v); meant != nil {
		if i := slices.Index(fit, meant); i > 0 {
			copy(fit[1:], fit[:i])
			fit[0] = meant
		}
	}
	return fit
}

// tagged returns the branches that have v's type and tag.
func (u *union) tagged(fit []*branch, v any) []*branch {
	if object, ok := v.(map[string]any); ok && u.tag != "" {
		value, present := object[u.tag]
		text, isText := value.(string)
		switch list, known := u.byTag[text]; {
		case !present:
			return append(fit, u.untagged...)
		case !isText:
			return append(fit, u.allowing(object)...)
		case !known:
			return append(fit, u.byTag[""]...)
		default:
			return append(fit, list...)
		}
	}
	kind := jsonvalue.KindOf(v)
	for _, b := range u.branches {
		if b.types.Has(kind) {
			fit = append(fit, b)
		}
	}
	return fit
}

// narrow prunes by the first property that leaves some branches, not all. It
// overwrites the list.
func (u *union) narrow(fit []*branch, object map[string]any) []*branch {
	for _, b := range fit {
		for _, t := range b.tags {
			if t.name == u.tag {
				continue
			}
			kept := 0
			for _, other := range fit {
				if other.allows(t.name, object) {
					kept++
				}
			}
			if kept > 0 && kept < len(fit) {
				return slices.DeleteFunc(fit, func(b *branch) bool { return !b.allows(t.name, object) })
			}
		}
	}
	return fit
}

// leastWrong picks the failure to report, of a branch at an instance location:
// the one with the fewest faults at the instance itself, then with the fewest in
// all. It got deepest.
func leastWrong(failures []error, at string) error {
	var best error
	var least faults
	for _, err := range failures {
		failure, ok := err.(*jsonschema.ValidationError)
		if !ok {
			continue
		}
		var f faults
		f.count(failure, at)
		if best == nil || f.compare(least) < 0 {
			best, least = err, f
		}
	}
	return best
}

// faults says how far an instance is from what was meant.
type faults struct{ here, deeper, unknown int }

// count adds up the leaves of an error.
func (f *faults) count(err *jsonschema.ValidationError, at string) {
	for _, cause := range err.Causes {
		f.count(cause, at)
	}
	switch {
	case len(err.Causes) > 0:
	case strings.HasSuffix(err.AbsoluteKeywordLocation, unknownKeyword):
		f.unknown++
	case err.InstanceLocation == at:
		f.here += 1 + strings.Count(err.Message, "', '") // a list of what is missing
	default:
		f.deeper++
	}
}

// compare looks at unknown fields only where there is nothing else: beside
// another fault, most of them are known to what failed.
func (f faults) compare(other faults) int {
	order := cmp.Or(f.here-other.here, f.deeper-other.deeper)
	if order == 0 && f.here+f.deeper == 0 {
		return f.unknown - other.unknown
	}
	return order
}
