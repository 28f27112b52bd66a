package inbound

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/style"
)

// pairs are the name=value pairs of a query or of an urlencoded form, of which
// each parameter takes its own.
type pairs struct {
	all      []pair
	declared []declaration
}

type pair struct {
	name  string // unescaped, brackets included
	text  string // of the whole pair, as it stands there
	taken bool
}

// declaration is a parameter that takes pairs.
type declaration struct {
	style.Param
	shape *style.Shape
}

func splitPairs(text string) *pairs {
	p := &pairs{}
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		escaped, _, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(escaped)
		if err != nil {
			name = escaped
		}
		p.all = append(p.all, pair{name: name, text: part})
	}
	return p
}

// drop removes the pairs of a name.
func (p *pairs) drop(name string) {
	p.all = slices.DeleteFunc(p.all, func(one pair) bool { return one.name == name })
}

// declare adds a parameter: where one takes names that it does not list, the
// others keep theirs.
func (p *pairs) declare(param style.Param, shape *style.Shape) {
	p.declared = append(p.declared, declaration{param, shape})
}

// take returns the decode of a parameter, which marks the pairs that it uses.
func (p *pairs) take(param style.Param) decode {
	return func(s *style.Shape) (json.RawMessage, bool, error) {
		var texts []string
		for i := range p.all {
			if one := &p.all[i]; p.belongs(one.name, declaration{param, s}) {
				one.taken = true
				texts = append(texts, one.text)
			}
		}
		if texts == nil {
			return nil, false, nil
		}
		return param.DecodeQuery(strings.Join(texts, "&"), s)
	}
}

// belongs reports whether the pairs of a name are a parameter's.
func (p *pairs) belongs(name string, d declaration) bool {
	return d.owns(name) || d.lists(name) && !slices.ContainsFunc(p.declared, func(other declaration) bool { return other.owns(name) }) ||
		d.takesAny() && !slices.ContainsFunc(p.declared, func(other declaration) bool { return other.owns(name) || other.lists(name) })
}

// owns reports whether a name is that of the parameter, with brackets where its
// style has any.
func (d declaration) owns(name string) bool {
	if name == d.Name {
		return true
	}
	if !d.Brackets && d.Style != "deepObject" {
		return false
	}
	base := strings.TrimSuffix(d.Name, "[]")
	return name == base || strings.HasPrefix(name, base+"[")
}

// spread reports whether the members of an object are pairs of their own.
func (d declaration) spread() bool {
	explode := d.Explode == nil || *d.Explode
	return explode && !d.JSON && !d.JSONParts && !d.Brackets && (d.Style == "form" || d.Style == "") && d.shape != nil && d.shape.Type&jsonvalue.Object != 0
}

// lists reports whether a name is that of a member.
func (d declaration) lists(name string) bool {
	return d.spread() && d.shape.Properties[name] != nil
}

// takesAny reports whether any name may be that of a member.
func (d declaration) takesAny() bool { return d.spread() && d.shape.Additional != nil }

// left returns the names of the pairs that no parameter took, each once, in order.
func (p *pairs) left() []string {
	names, _ := p.leftTexts()
	return names
}

// leftTexts returns with the names the texts of their pairs.
func (p *pairs) leftTexts() (names []string, texts map[string][]string) {
	texts = make(map[string][]string)
	for _, one := range p.all {
		if one.taken {
			continue
		}
		if texts[one.name] == nil {
			names = append(names, one.name)
		}
		texts[one.name] = append(texts[one.name], one.text)
	}
	return names, texts
}
