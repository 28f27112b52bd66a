package clienttest

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/schema"
)

// A request may say what the model has to say: call a tool, or write JSON of a schema.
// Without a script the server does that, so that a program which relies on it can go on.

// askedFor is the output, or what a request asks for without one: a call of the tool
// that it forces, an instance of the schema that it gives, else a text.
func (o Output) askedFor(req *Request) Output {
	if o.parts != nil || o.failure != nil {
		return o
	}
	if tool, custom, forced := forcedTool(req); custom {
		return o.CallCustomTool(tool.Get("name").String(), defaultText)
	} else if forced {
		arguments, ok := instanceOf(tool.Get("parameters"))
		if !ok {
			arguments = "{}"
		}
		return o.CallTool(tool.Get("name").String(), arguments)
	}
	for _, path := range [...]string{"response_format", "text.format"} {
		format := req.Get(path)
		switch format.Get("type").String() {
		case "json_object":
			return o.Say("{}")
		case "json_schema":
			given := format.Get("json_schema.schema")
			if !given.Exists() {
				given = format.Get("schema")
			}
			if text, ok := instanceOf(given); ok {
				return o.Say(text)
			}
		}
	}
	return o.orDefault()
}

// forcedTool returns the function or custom tool that the choice of tools forces: the one
// that it names, or the first where any will do. In chats it is a member of the tool.
func forcedTool(req *Request) (tool gjson.Result, custom, forced bool) {
	choice := req.Get("tool_choice")
	name := choice.Get("name").String() + choice.Get("function.name").String() + choice.Get("custom.name").String()
	if choice.String() != "required" && name == "" && choice.Get("mode").String() != "required" && choice.Get("allowed_tools.mode").String() != "required" {
		return gjson.Result{}, false, false
	}
	for _, tool := range req.Get("tools").Array() {
		kind := tool.Get("type").String()
		if kind != "function" && kind != "custom" {
			continue
		}
		if inner := tool.Get(kind); inner.IsObject() {
			tool = inner
		}
		if name == "" || tool.Get("name").String() == name {
			return tool, kind == "custom", true
		}
	}
	return gjson.Result{}, false, false
}

// instanceOf makes an instance of a JSON Schema of a request. References in it lead to
// its own $defs and definitions.
func instanceOf(given gjson.Result) (string, bool) {
	if !given.IsObject() || leadsElsewhere(given, 0) {
		return "", false
	}
	document := jsonscan.Object{
		{Name: "openapi", Text: `"3.1.0"`},
		{Name: "info", Text: `{"title":"request","version":"1"}`},
		{Name: "components", Text: `{"schemas":{"Asked":` + given.Raw + `}}`},
	}
	for _, name := range [...]string{"$defs", "definitions"} {
		if definitions := given.Get(gjson.Escape(name)); definitions.IsObject() {
			document.Set(name, definitions.Raw)
		}
	}
	doc, err := schema.Load([]byte(document.String()), schema.WithoutChecks())
	if err != nil {
		return "", false
	}
	asked, err := doc.Component("Asked")
	if err != nil {
		return "", false
	}
	text, err := sample.Minimal(asked)
	return string(text), err == nil
}

// leadsElsewhere reports whether a schema has a reference to something else than its
// definitions, or is nested too deep to tell.
func leadsElsewhere(v gjson.Result, depth int) (elsewhere bool) {
	if depth > maxAskedDepth {
		return true
	}
	v.ForEach(func(key, value gjson.Result) bool {
		if key.Str == "$ref" && value.Type == gjson.String {
			elsewhere = !strings.HasPrefix(value.Str, "#/$defs/") && !strings.HasPrefix(value.Str, "#/definitions/")
		} else if value.IsObject() || value.IsArray() {
			elsewhere = leadsElsewhere(value, depth+1)
		}
		return !elsewhere
	})
	return elsewhere
}

// maxAskedDepth bounds the nesting of schemas that instances are made of.
const maxAskedDepth = 64
