package explorer

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/internal/curl"
	"github.com/opcall/opcall/schema"
)

// snippet is the call of the form in another language.
type snippet struct {
	Language string `json:"language"`
	Text     string `json:"text"`
}

// maxCode is how long a body may be, in bytes, to stand in the code: nobody reads a longer
// one, and it would be written three times for each key that is pressed.
const maxCode = 32 << 10

// bodyFile stands for a body that is longer.
const bodyFile = "body.json"

// isLong reports whether the body is not in the code.
func (a *asked) isLong() bool {
	return a.Body != nil && len(*a.Body) > maxCode && !strings.Contains(*a.Body, `"$file"`)
}

// code writes the call as it is in the form, valid or not, as long as it is JSON.
func (e *Explorer) code(ctx context.Context, a *asked) []snippet {
	op, err := e.client.Document().Operation(a.Operation)
	if err != nil {
		return nil
	}
	if a.MediaType != "" && e.picksMediaType(ctx, op, a) {
		plain := *a
		plain.MediaType = ""
		a = &plain
	}
	return []snippet{
		{"opcall", commandLine(op, a)},
		{"Go", goCall(op, a)},
		{"curl", e.curl(ctx, op, a)},
	}
}

// commandLine writes the call for the command opcall, which has one level for parameters
// and fields, and finds the media type by itself. Where it would send something else a
// comment says so.
func commandLine(op *schema.Operation, a *asked) string {
	var b strings.Builder
	b.WriteString("opcall call " + curl.Quote(op.ID, nil))
	declared := make(map[string]bool)
	for _, in := range places {
		for _, p := range op.Parameters {
			declared[p.Name] = true
			if value, ok := a.Parameters[in][p.Name]; ok && p.In == in {
				b.WriteString(" " + word(p.Name, valueOf(value)))
			}
		}
	}
	if a.Stream {
		b.WriteString(" --stream")
	}
	if a.Body == nil {
		return b.String()
	}
	body := gjson.Parse(*a.Body)
	clash := ""
	if body.IsObject() {
		body.ForEach(func(key, _ gjson.Result) bool {
			if declared[key.String()] {
				clash = key.String()
			}
			return clash == ""
		})
	}
	switch {
	case clash != "":
		return fmt.Sprintf("# opcall call cannot send the field %q of the body: it takes it for the parameter", clash)
	case a.MediaType != "":
		return fmt.Sprintf("# opcall call cannot send this as %s, for which it has no flag", curl.Quote(a.MediaType, nil))
	case fileName(body) != "":
		return "# opcall call cannot send a file as the whole body"
	case a.isLong():
		return b.String() + " \\\n  -d @" + bodyFile
	case !strings.Contains(body.Raw, `"$file"`):
		return b.String() + " \\\n  -d " + curl.Quote(body.Raw, nil)
	}
	// Files have no place in JSON: a word for each field.
	body.ForEach(func(key, value gjson.Result) bool {
		if value.IsArray() && strings.Contains(value.Raw, `"$file"`) {
			for _, item := range value.Array() {
				b.WriteString(" " + word(key.String()+"[]", item))
			}
		} else {
			b.WriteString(" " + word(key.String(), value))
		}
		return true
	})
	return b.String()
}

// picksMediaType reports whether the client sends the call in the same way when it is given
// no media type.
func (e *Explorer) picksMediaType(ctx context.Context, op *schema.Operation, a *asked) bool {
	wanted, failure := e.mediaType(ctx, op, a)
	plain := *a
	plain.MediaType = ""
	picked, err := e.mediaType(ctx, op, &plain)
	return failure != nil || err == nil && picked == wanted // what fails in any case is said elsewhere
}

// mediaType is the one that a call is sent with.
func (e *Explorer) mediaType(ctx context.Context, op *schema.Operation, a *asked) (string, error) {
	input, err := a.input()
	if err != nil {
		return "", err
	}
	req, err := e.client.Request(ctx, op.ID, input, client.WithRequestValidation(schema.Off))
	if err != nil {
		return "", err
	}
	if req.Body != nil {
		defer req.Body.Close()
	}
	name, _, _ := strings.Cut(req.Header.Get("Content-Type"), ";")
	return name, nil
}

var places = []string{"path", "query", "header", "cookie"}

// word writes NAME=VALUE, and NAME:=JSON where the value has no plain form. The command
// takes what stands behind one @ for a file.
func word(name string, v gjson.Result) string {
	text := v.Raw
	switch {
	case fileName(v) != "":
		text = "@" + fileName(v)
	case v.Type == gjson.String:
		if text = v.String(); strings.HasPrefix(text, "@") {
			text = "@" + text
		}
	case v.Type == gjson.JSON || v.Type == gjson.Null:
		name += ":"
	}
	return curl.Quote(name+"="+text, nil)
}

// goCall writes the call as Go. The parameters and the body are one level where their
// names differ, as they mostly do.
func goCall(op *schema.Operation, a *asked) string {
	method := "Call"
	if a.Stream {
		method = "Stream"
	}
	body := gjson.Result{}
	if a.Body != nil {
		body = gjson.Parse(*a.Body)
	}
	var b strings.Builder
	if a.isLong() {
		b.WriteString("body, err := os.ReadFile(" + strconv.Quote(bodyFile) + ")\n…\n")
	}
	fmt.Fprintf(&b, "r, err := c.%s(ctx, %s, ", method, strconv.Quote(op.ID))
	if flat, ok := flatten(op, a, body); ok {
		goMembers(&b, "client.Params", flat, 0)
	} else {
		goInput(&b, a, body)
	}
	b.WriteString(")")
	return b.String()
}

type member struct {
	name  string
	value gjson.Result
}

// flatten puts parameters and the fields of the body side by side; false where a field
// would be taken for a parameter, the body has no names, or it is sent without any.
func flatten(op *schema.Operation, a *asked, body gjson.Result) ([]member, bool) {
	var all []member
	taken := make(map[string]bool)
	declared := make(map[string]bool)
	for _, p := range op.Parameters {
		declared[p.Name] = true
	}
	for _, in := range places {
		for _, name := range slices.Sorted(maps.Keys(a.Parameters[in])) {
			if taken[name] {
				return nil, false
			}
			taken[name] = true
			all = append(all, member{name, valueOf(a.Parameters[in][name])})
		}
	}
	if a.isLong() || body.Exists() && !body.IsObject() || a.MediaType != "" || fileName(body) != "" {
		return nil, false
	}
	flat := !body.Exists() || body.Raw != "{}" || op.RequestBody != nil && op.RequestBody.Required
	body.ForEach(func(key, value gjson.Result) bool {
		flat = flat && !taken[key.String()] && !declared[key.String()]
		taken[key.String()] = true
		all = append(all, member{key.String(), value})
		return true
	})
	return all, flat
}

func goInput(b *strings.Builder, a *asked, body gjson.Result) {
	b.WriteString("client.Input{\n")
	for _, in := range places {
		if len(a.Parameters[in]) == 0 {
			continue
		}
		var list []member
		for _, name := range slices.Sorted(maps.Keys(a.Parameters[in])) {
			list = append(list, member{name, valueOf(a.Parameters[in][name])})
		}
		b.WriteString("\t" + strings.ToUpper(in[:1]) + in[1:] + ": ")
		goMembers(b, "map[string]any", list, 1)
		b.WriteString(",\n")
	}
	if body.Exists() {
		b.WriteString("\tBody: ")
		if a.isLong() {
			b.WriteString("json.RawMessage(body)")
		} else {
			goValue(b, body, 1)
		}
		b.WriteString(",\n")
	}
	if a.MediaType != "" {
		b.WriteString("\tMediaType: " + strconv.Quote(a.MediaType) + ",\n")
	}
	b.WriteString("}")
}

func valueOf(v any) gjson.Result {
	text, _ := json.Marshal(v)
	return gjson.ParseBytes(text)
}

func goMembers(b *strings.Builder, kind string, list []member, depth int) {
	if len(list) == 0 {
		b.WriteString(kind + "{}")
		return
	}
	b.WriteString(kind + "{\n")
	for _, m := range list {
		b.WriteString(strings.Repeat("\t", depth+1) + strconv.Quote(m.name) + ": ")
		goValue(b, m.value, depth+1)
		b.WriteString(",\n")
	}
	b.WriteString(strings.Repeat("\t", depth) + "}")
}

// goValue writes JSON as Go. Numbers beyond what an int or a float64 holds stay text.
func goValue(b *strings.Builder, v gjson.Result, depth int) {
	switch {
	case v.IsObject():
		if name := fileName(v); name != "" {
			fmt.Fprintf(b, "client.File{Name: %s, Body: file}", strconv.Quote(name))
			return
		}
		var list []member
		at := make(map[string]int)
		v.ForEach(func(key, value gjson.Result) bool {
			if i, twice := at[key.String()]; twice {
				list[i].value = value // Go has no literal with a name twice, and the last one counts
				return true
			}
			at[key.String()] = len(list)
			list = append(list, member{key.String(), value})
			return true
		})
		goMembers(b, "client.Params", list, depth)
	case v.IsArray():
		goList(b, v, depth)
	case v.Type == gjson.String:
		b.WriteString(strconv.Quote(v.String()))
	case v.Type == gjson.Null:
		b.WriteString("nil")
	case v.Type == gjson.Number && !goNumber(v.Raw):
		b.WriteString("json.Number(" + strconv.Quote(v.Raw) + ")")
	default:
		b.WriteString(v.Raw)
	}
}

func goNumber(raw string) bool {
	if _, err := strconv.Atoi(raw); err == nil {
		return raw != "-0"
	}
	_, err := strconv.ParseFloat(raw, 64)
	return err == nil && strings.ContainsAny(raw, ".eE") && len(raw) < 16
}

// fileName is the name of a file of the form, "" for any other value.
func fileName(v gjson.Result) string {
	if !v.IsObject() {
		return ""
	}
	file := v.Get(`\$file`)
	if !file.IsObject() {
		return ""
	}
	return cmp.Or(file.Get("name").String(), "file")
}

func goList(b *strings.Builder, v gjson.Result, depth int) {
	items := v.Array()
	if len(items) == 0 {
		b.WriteString("[]any{}")
		return
	}
	b.WriteString("[]any{\n")
	for _, item := range items {
		b.WriteString(strings.Repeat("\t", depth+1))
		goValue(b, item, depth+1)
		b.WriteString(",\n")
	}
	b.WriteString(strings.Repeat("\t", depth) + "}")
}
