package clienttest

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// identified gives an object its ID, and returns that as it stands in paths: the one that
// the request gives it, else a new one.
func (s *Server) identified(text string, r role, req *Request, f form) (string, string) {
	if r.single {
		at := s.placeOf(r, req)
		return text, at.id
	}
	if req.key != "" {
		return f.set(text, jsonscan.Object{{Name: "id", Text: req.key}}), url.PathEscape(jsonscan.String(req.key))
	}
	name := r.resource.parameter
	if name != "" {
		member, given := idGiven(r.resource, req)
		if r.use == updateUse && req.Param(name).Exists() {
			member, given = name, req.Param(name)
		}
		if given.Exists() {
			if member == name {
				member = "id"
			}
			return f.set(text, jsonscan.Object{{Name: member, Text: given.Raw}}), url.PathEscape(given.String())
		}
	}
	member := "id"
	if _, has := jsonscan.Member(text, "id"); !has && name != "" && f.has(name) {
		member = name
	} else if short := shortName(r.resource); !has && short != "" {
		if _, has := jsonscan.Member(text, short); has {
			member = short
		}
	}
	o := jsonscan.ReadObject(text)
	like, _ := jsonscan.Member(f.sample, member)
	with := func(id string) (string, bool) {
		changed := append(jsonscan.Object{}, o...)
		changed.Set(member, id)
		return changed.String(), f.valid(changed.String())
	}
	ids := s.fitting(r, req, like)
	for _, id := range ids {
		if changed, valid := with(id); valid {
			return s.keyed(changed, r, req, f, id)
		}
	}
	first := number(req)
	for n := first; n < first+maxTaken; n++ {
		matches := false
		for _, id := range alike(like, n) {
			changed, valid := with(id)
			if valid && !s.taken(r, req, id) {
				return s.keyed(changed, r, req, f, id)
			}
			matches = matches || valid
		}
		if !matches {
			break
		}
	}
	id, has := o.Get(member)
	if !has { // it has none: it is in lists alone
		id = ids[0]
	}
	return text, url.PathEscape(gjson.Parse(id).String())
}

// keyed returns an object that has an ID, and what stands in its path: another member of
// the name that the parameter has there, the number of a version, or the ID.
func (s *Server) keyed(text string, r role, req *Request, f form, id string) (string, string) {
	name := r.resource.parameter
	if _, has := jsonscan.Member(f.sample, name); name == "" || name == "id" || !has {
		return text, url.PathEscape(gjson.Parse(id).String())
	}
	key := id
	if !strings.HasSuffix(foldedName(name), "id") {
		s.store.Lock()
		key = quoted(fmt.Sprint(s.store.number(fill(r.resource.Path, req))))
		s.store.Unlock()
	}
	for _, candidate := range [...]string{key, gjson.Parse(key).String()} {
		if gjson.Valid(candidate) {
			if changed := jsonscan.SetMember(text, name, candidate); f.valid(changed) {
				return changed, url.PathEscape(gjson.Parse(candidate).String())
			}
		}
	}
	return text, url.PathEscape(gjson.Parse(id).String())
}

// number is that of a request.
func number(req *Request) int {
	return int(gjson.Parse(strings.TrimLeft(strings.TrimPrefix(req.ID, "req_test_"), "0")).Int())
}

// newIDs are new IDs as JSON, best first: for schemas that want a number or a UUID, too.
func newIDs(r role, req *Request) []string {
	prefix := r.state.ID
	if prefix == "" {
		prefix = strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(r.resource.parameter), "id"), "_"), "-")
		if prefix == "" {
			prefix = strings.TrimSuffix(r.resource.Path[strings.LastIndexByte(r.resource.Path, '/')+1:], "s")
		}
		prefix += "_"
	}
	ids := req.ids()
	ids[prefix]++
	number, n := strings.TrimPrefix(req.ID, "req_test_"), number(req)
	if again := ids[prefix]; again > 1 {
		number += fmt.Sprintf("_%d", again)
		n = n*maxCount + again
	}
	return []string{quoted(prefix + "test_" + number), fmt.Sprint(n), fmt.Sprintf(`"00000000-0000-4000-8000-%012d"`, n), quoted(fmt.Sprint(n))}
}

// idGiven returns the ID that the body of a request gives its object and the member that has
// it: the one that has the name of the parameter in the object's path, id, or what shortName
// says. It does not exist where there is none.
func idGiven(r *resource, req *Request) (member string, id gjson.Result) {
	if r.parameter == "" {
		return "", gjson.Result{}
	}
	for _, name := range [...]string{r.parameter, "id", shortName(r)} {
		if name == "" {
			continue
		}
		text, _ := jsonscan.Member(jsonscan.Alias(req.whole), name)
		if id := gjson.Parse(text); id.Type == gjson.String && id.Str != "" || id.Type == gjson.Number && id.Num != 0 {
			return name, id
		}
	}
	return "", gjson.Result{}
}

// shortName is a parameter without the name of its resource: "number" for /orders/{orderNumber},
// "" where it has another name.
func shortName(r *resource) string {
	last := r.Path[strings.LastIndexByte(r.Path, '/')+1:]
	for _, stem := range [...]string{last, strings.TrimSuffix(last, "s"), strings.TrimSuffix(last, "es"), strings.TrimSuffix(last, "ies") + "y"} {
		if n := len(stem); n > 0 && len(r.parameter) > n && strings.EqualFold(r.parameter[:n], stem) {
			short := strings.TrimLeft(r.parameter[n:], "_-")
			return strings.ToLower(short[:min(1, len(short))]) + short[min(1, len(short)):]
		}
	}
	return ""
}

// fitting returns new IDs in the order in which they are tried: those that the path of an
// object takes, UUIDs first where the ID of a sample is one. None of them is taken.
func (s *Server) fitting(r role, req *Request, like string) []string {
	ids := newIDs(r, req)
	for range maxTaken {
		if !slices.ContainsFunc(ids, func(id string) bool { return s.taken(r, req, id) }) {
			break
		}
		ids = newIDs(r, req)
	}
	format := ""
	if p := s.keyParameter(r); p != nil && p.Schema != nil {
		if format, _ = jsonscan.Member(p.Schema.JSON(), "format"); slices.ContainsFunc(ids, func(id string) bool { return takesText(p.Schema, id) }) {
			ids = slices.DeleteFunc(ids, func(id string) bool { return !takesText(p.Schema, id) })
		}
	}
	if uuid := slices.IndexFunc(ids, isUUID); uuid > 0 && (format == `"uuid"` || isUUID(like)) {
		ids[0], ids[uuid] = ids[uuid], ids[0]
	}
	return ids
}

// taken reports whether an object of the resource has an ID.
func (s *Server) taken(r role, req *Request, id string) bool {
	if r.resource.parameter == "" {
		return false
	}
	s.store.Lock()
	defer s.store.Unlock()
	return s.store.get(fill(r.resource.Path, req), url.PathEscape(gjson.Parse(id).String())) != nil
}

// maxTaken is how often other IDs are made in place of those that requests have taken.
const maxTaken = 100

// alike returns texts that look like one, with a number in place of its end: for IDs that have
// to match a pattern.
func alike(text string, n int) (list []string) {
	like := gjson.Parse(text)
	if like.Type != gjson.String {
		return nil
	}
	for width := min(len(like.Str), 8); width > 0; width-- {
		digits, letters := fmt.Sprintf("%0*d", width, n), ""
		for rest := n; len(letters) < width; rest /= 26 {
			letters = string(rune('a'+rest%26)) + letters
		}
		begin := like.Str[:len(like.Str)-width]
		if len(digits) == width {
			list = append(list, quoted(begin+digits))
		}
		list = append(list, quoted(begin+letters), quoted(begin+strings.ToUpper(letters)))
	}
	return list
}

func isUUID(id string) bool {
	return len(id) == 38 && strings.HasPrefix(id, `"00000000-0000-4000-8000-`)
}

// takesText reports whether a parameter may have an ID, which stands in a path without quotes.
func takesText(s *schema.Schema, id string) bool {
	value := gjson.Parse(id).Value()
	return s.Validate(value) == nil || s.Validate(gjson.Parse(id).String()) == nil
}

// keyParameter returns the parameter in the path of an object, nil where there is none.
func (s *Server) keyParameter(r role) *schema.Parameter {
	op, err := s.document.Operation(cmp.Or(r.resource.Get, r.resource.Update, r.resource.Delete))
	if err != nil {
		return nil
	}
	p, _ := op.Parameter(r.resource.parameter)
	return p
}
