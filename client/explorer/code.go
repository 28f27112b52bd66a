package explorer

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/curl"
	"github.com/opcall/opcall/schema"
)

// snippet is the call of the form in another language.
type snippet struct {
	Language string `json:"language"`
	Text     string `json:"text"`
}

// code writes the call as it is in the form, valid or not, as long as it is JSON.
func (e *Explorer) code(ctx context.Context, a *asked) []snippet {
	op, err := e.client.Document().Operation(a.Operation)
	if err != nil {
		return nil
	}
	return []snippet{
		{"opcall", commandLine(op, a)},
		{"Go", goCall(op, a)},
		{"curl", e.curl(ctx, op, a)},
	}
}

// commandLine writes the call for the command opcall.
func commandLine(op *schema.Operation, a *asked) string {
	var b strings.Builder
	b.WriteString("opcall call " + curl.Quote(op.ID, nil))
	for _, in := range places {
		for _, p := range op.Parameters {
			if value, ok := a.Parameters[in][p.Name]; ok && p.In == in {
				b.WriteString(" " + curl.Quote(p.Name+"="+plainText(value), nil))
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
	if !strings.Contains(body.Raw, `"$file"`) {
		b.WriteString(" \\\n  -d " + curl.Quote(body.Raw, nil))
		return b.String()
	}
	// Files have no place in JSON: a word for each field.
	body.ForEach(func(key, value gjson.Result) bool {
		text := value.Raw
		if file := value.Get(`\$file.name`); file.Exists() {
			text = "@" + file.String()
		} else if value.Type == gjson.String {
			text = plainText(value.String())
		}
		b.WriteString(" " + curl.Quote(key.String()+"="+text, nil))
		return true
	})
	return b.String()
}

var places = []string{"path", "query", "header", "cookie"}

// plainText writes a value as a word: strings without quotes, all else as JSON. The command
// takes what stands behind one @ for a file.
func plainText(v any) string {
	if s, ok := v.(string); ok {
		if strings.HasPrefix(s, "@") {
			return "@" + s
		}
		return s
	}
	text, _ := json.Marshal(v)
	return string(text)
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
	fmt.Fprintf(&b, "r, err := c.%s(ctx, %s, ", method, strconv.Quote(op.ID))
	if flat, ok := flatten(a, body); ok {
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

// flatten puts parameters and the fields of the body side by side; false where a name
// would be there twice, or the body has no names.
func flatten(a *asked, body gjson.Result) ([]member, bool) {
	var all []member
	taken := make(map[string]bool)
	for _, in := range places {
		for _, name := range slices.Sorted(maps.Keys(a.Parameters[in])) {
			if taken[name] {
				return nil, false
			}
			taken[name] = true
			all = append(all, member{name, valueOf(a.Parameters[in][name])})
		}
	}
	if body.Exists() && !body.IsObject() || a.MediaType != "" {
		return nil, false
	}
	flat := true
	body.ForEach(func(key, value gjson.Result) bool {
		flat = flat && !taken[key.String()]
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
		goValue(b, body, 1)
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
		if file := v.Get(`\$file.name`); file.Exists() {
			fmt.Fprintf(b, "client.File{Name: %s, Body: file}", strconv.Quote(file.String()))
			return
		}
		var list []member
		v.ForEach(func(key, value gjson.Result) bool {
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
	_, err := strconv.Atoi(raw)
	return err == nil || strings.ContainsAny(raw, ".eE") && len(raw) < 16
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
