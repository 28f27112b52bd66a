package clienttest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// follow makes a sample fit the request, as far as what comes of it is valid: an
// object that is got by its ID has that ID, a deletion says that it deleted, and
// what x-opcall-sample of the operation says is done.
func follow(op *schema.Operation, req *Request, media *schema.MediaType, c content) (content, error) {
	if media.Schema == nil || !schema.IsJSON(c.mediaType) || len(c.data) == 0 || c.data[0] != '{' {
		return c, nil
	}
	object := jsonscan.ReadObject(string(c.data))
	valid := func(o jsonscan.Object) bool { return media.Schema.Validate(json.RawMessage(o.String())) == nil }
	set := func(name, text string) {
		changed := slices.Clone(object)
		if changed.Set(name, text); valid(changed) {
			object = changed
		}
	}
	if id, ok := lastParameter(op, req); ok && object.Has("id") {
		set("id", id)
	}
	for _, p := range req.Parameters {
		if p.In == "path" && p.Name != "id" && object.Has(p.Name) {
			set(p.Name, string(p.Value))
		}
	}
	if deleted, _ := object.Get("deleted"); op.Method == http.MethodDelete && deleted == "false" {
		set("deleted", "true")
	}
	rules := extension.ReadSample(op)
	for _, link := range rules.Echo {
		if given := req.given(link.From); given != "" && object.Has(link.Member) {
			set(link.Member, given)
		}
	}
	for _, link := range rules.Count {
		list, _ := object.Get(link.Member)
		object.Set(link.Member, repeated(list, countOf(req.given(link.From))))
	}
	if rules.Vectors != nil {
		if err := fillVectors(&object, req, rules.Vectors); err != nil {
			return c, err
		}
	}
	c.data = []byte(object.String())
	return c, nil
}

// lastParameter returns the value of the parameter that the operation's path ends
// in.
func lastParameter(op *schema.Operation, req *Request) (string, bool) {
	path := templateOf(op)
	last := path[strings.LastIndexByte(path, '/')+1:]
	if !strings.HasPrefix(last, "{") || !strings.HasSuffix(last, "}") {
		return "", false
	}
	for _, p := range req.Parameters {
		if p.In == "path" && p.Name == last[1:len(last)-1] {
			return string(p.Value), true
		}
	}
	return "", false
}

// given returns a parameter or a member of the body as JSON text, "" for none.
func (r *Request) given(name string) string {
	if p := r.Param(name); p.Exists() {
		return p.Raw
	}
	if !mentions(r.whole, name) {
		return ""
	}
	text, _ := jsonscan.Member(jsonscan.Alias(r.whole), name)
	return text
}

// countOf returns how many things a value asks for: a number so many, a list one
// per item, unless they are numbers, which are one thing: a text in tokens.
func countOf(text string) int {
	v := gjson.Parse(text)
	switch {
	case v.Type == gjson.Number:
		return min(maxCount, max(1, int(v.Int())))
	case v.IsArray() && v.Get("0").Type != gjson.Number:
		return min(maxCount, max(1, len(jsonscan.List(text))))
	}
	return 1
}

// maxCount bounds the items that a request can ask for.
const maxCount = 10_000

// repeated returns a list with n times the first item of one. An item's index is
// its place.
func repeated(list string, n int) string {
	items := jsonscan.List(list)
	if len(items) == 0 {
		return list
	}
	item := jsonscan.ReadObject(items[0])
	texts := make([]string, n)
	for i := range texts {
		texts[i] = items[0]
		if item.Has("index") {
			item.Set("index", strconv.Itoa(i))
			texts[i] = item.String()
		}
	}
	return "[" + strings.Join(texts, ",") + "]"
}
