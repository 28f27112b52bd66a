package openai

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// returned is a part of a response that goes back with the next request, and
// writes itself as the request takes it. The two schemas of the operation decide:
// a member that the response's schema knows and the request's does not is for
// responses alone and left out, and so is a null that the request's schema does not
// take. What neither knows, such as a member of a compatible host or an item of a
// new type, goes back as it came.
type returned struct {
	response *client.Response
	at       int // of the choice or the item
}

// message writes a choice's message as a message of the request.
func (r returned) message() []byte {
	return r.write("messages", schema.Pointer("/choices/"+strconv.Itoa(r.at)+"/message"))
}

// item writes an item of the output as one of the input.
func (r returned) item() []byte {
	return r.write("input", schema.Pointer("/output/"+strconv.Itoa(r.at)))
}

// rounds is how often a part is looked at again after members were left out:
// what is wrong further down may be seen only then.
const rounds = 8

// write returns the part at a pointer of the response as an item of a list of the
// request.
func (r returned) write(list string, from schema.Pointer) []byte {
	raw := []byte(r.response.Get(gjsonPath(from)).Raw)
	request := r.requestSchema()
	if request == nil {
		return raw
	}
	strange := r.strange(from)
	for range rounds {
		body := slices.Concat([]byte(`{"model":"m","`+list+`":[`), raw, []byte(`]}`))
		var invalid *schema.ValidationError
		if !errors.As(request.Validate(body), &invalid) {
			return raw
		}
		pruned := prune(raw, invalid.Findings(), schema.Pointer("/"+list+"/0"), strange)
		if bytes.Equal(pruned, raw) {
			return raw
		}
		raw = pruned
	}
	return raw
}

// requestSchema is the schema of the operation's request, nil where the document
// has none.
func (r returned) requestSchema() *schema.Schema {
	body := r.response.Operation().RequestBody
	if body == nil {
		return nil
	}
	media, ok := body.MediaType("application/json")
	if !ok {
		return nil
	}
	return media.Schema
}

// strange are the fields of the part that the response's schema does not know,
// as pointers in the part.
func (r returned) strange(from schema.Pointer) map[schema.Pointer]bool {
	declared, ok := r.response.Operation().Response(r.response.StatusCode())
	if !ok {
		return nil
	}
	media, ok := declared.MediaType("application/json")
	if !ok || media.Schema == nil {
		return nil
	}
	out := make(map[schema.Pointer]bool)
	for _, f := range media.Schema.Check(r.response.Raw()) {
		if rest, inside := strings.CutPrefix(string(f.Pointer), string(from)); inside && f.Kind == schema.FindingUnknownField {
			out[schema.Pointer(rest)] = true
		}
	}
	return out
}

// prune leaves out what the request does not take.
func prune(raw []byte, findings []schema.Finding, at schema.Pointer, strange map[schema.Pointer]bool) []byte {
	for _, f := range slices.Backward(findings) { // later items of a list first, whose places would change
		rest, inside := strings.CutPrefix(string(f.Pointer), string(at))
		place := schema.Pointer(rest)
		if !inside || place == "" {
			continue
		}
		path := gjsonPath(place)
		null := gjson.GetBytes(raw, path).Type == gjson.Null
		if !null && (f.Kind != schema.FindingUnknownField || strange[place]) {
			continue
		}
		if shorter, err := sjson.DeleteBytes(raw, path); err == nil {
			raw = shorter
		}
	}
	return raw
}

// gjsonPath writes a pointer as a path of gjson and sjson.
func gjsonPath(p schema.Pointer) string {
	tokens := p.Tokens()
	for i, token := range tokens {
		tokens[i] = gjson.Escape(token)
	}
	return strings.Join(tokens, ".")
}
