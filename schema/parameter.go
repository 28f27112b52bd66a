package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Parameter is a value that goes into the path, query, headers or cookies (OpenAPI 3.1
// §4.8.12), defaults filled in. Style, Explode and AllowReserved are those of the
// standard, also where content makes them meaningless. A header named Accept,
// Content-Type or Authorization is kept, though the standard ignores it (§4.8.12.1):
// whoever writes the request decides.
type Parameter struct {
	Name            string
	In              string // "path", "query", "header", "cookie"
	Description     string
	Required        bool
	Deprecated      bool
	AllowEmptyValue bool
	AllowReserved   bool
	Style           string
	Explode         bool
	Brackets        bool    // arrays and objects are written name[]=a and name[key]=b
	MediaType       string  // of a parameter that has content in place of a schema
	Schema          *Schema // nil when the document gives none
}

// parseParameters merges the path item's parameters with the operation's, which win
// where name and place are the same (OpenAPI 3.1 §4.8.10.1); one that wins takes the
// place of the other, so that the order of the document stays. The root extension
// x-opcall-brackets says that an API writes arrays and objects of queries with
// brackets, which no style of OpenAPI describes.
func (d *Document) parseParameters(entry *operationEntry, own string) ([]*Parameter, error) {
	// Those of the path item come first, as they do in the document.
	shared, _ := jsonscan.Member(entry.item.text, "parameters")
	brackets := d.top["x-opcall-brackets"] == "true"
	var list []*Parameter
	type place struct{ name, in string }
	places := make(map[place]int)
	add := func(array string, at Pointer) error {
		if array != "" && array[0] != '[' {
			return &DocumentError{Pointer: at, Reason: "got " + jsonscan.TypeName(array) + ", want an array of parameters"}
		}
		for i, item := range jsonscan.Items(array) {
			p, err := d.parseParameter(item, at.Append(fmt.Sprint(i)))
			if err != nil {
				return err
			}
			// With content the value is JSON text in one piece (OpenAPI 3.1 §4.8.12.3).
			p.Brackets = brackets && p.In == "query" && p.MediaType == ""
			// A header and a query parameter may have one name; they are two
			// parameters.
			if j, ok := places[place{p.Name, p.In}]; ok {
				list[j] = p
				continue
			}
			places[place{p.Name, p.In}] = len(list)
			list = append(list, p)
		}
		return nil
	}
	if err := add(shared, entry.pointer().parent().Append("parameters")); err != nil {
		return nil, err
	}
	if err := add(own, entry.pointer().Append("parameters")); err != nil {
		return nil, err
	}
	return list, nil
}

// matchTemplate makes path parameters and path template agree (OpenAPI 3.1 §4.8.12.1),
// which they do not in every real document: a name that only the template has is a
// required string, a parameter that only is declared has no place to go. Either way the
// operation can be called; to refuse it would punish the caller for a slip that every
// server ignores.
func (op *Operation) matchTemplate() {
	note := func(format, name string) {
		op.repairs = append(op.repairs, Repair{Pointer: op.Pointer, Keyword: "parameters", Reason: fmt.Sprintf(format, name)})
	}
	names := templateNames(op.Path)
	op.Parameters = slices.DeleteFunc(op.Parameters, func(p *Parameter) bool {
		if p.In != "path" || slices.Contains(names, p.Name) {
			return false
		}
		// Its value would be asked for and then sent nowhere.
		note("the path parameter %q has no place in the path; dropped", p.Name)
		return true
	})
	for _, name := range names {
		if !slices.ContainsFunc(op.Parameters, func(p *Parameter) bool { return p.In == "path" && p.Name == name }) {
			// Without a schema the text is sent as it is given.
			note("the path has {%s}, but no parameter declares it; read as a required string", name)
			op.Parameters = append(op.Parameters, &Parameter{Name: name, In: "path", Required: true, Style: "simple"})
		}
	}
}

// templateNames returns the names in a path template (OpenAPI 3.1 §4.8.8.2), in order.
// A brace that is never closed begins no name.
// A name that stands twice is returned twice.
func templateNames(path string) []string {
	var names []string
	for {
		_, rest, ok := strings.Cut(path, "{")
		if !ok {
			return names
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			return names
		}
		names, path = append(names, name), after
	}
}

// parseParameter reads a parameter object and fills in the defaults that depend on its
// place: style form for query and cookie, simple for path and header; explode for the
// style form (OpenAPI 3.1 §4.8.12.2). Path parameters are always required.
//
// Of content, which has one entry by the standard (§4.8.12.3), the last counts. An
// unknown style is not refused here: internal/style says so when a value is written,
// and an operation whose other parameters suffice can still be called.
func (d *Document) parseParameter(text string, at Pointer) (*Parameter, error) {
	text, at, err := d.follow(text, at)
	if err != nil {
		return nil, err
	}
	if text == "" || text[0] != '{' {
		return nil, &DocumentError{Pointer: at, Reason: "got " + jsonscan.TypeName(text) + ", want a parameter object"}
	}
	p := &Parameter{}
	explode := ""
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "name":
			p.Name = jsonscan.String(value)
		case "in":
			p.In = jsonscan.String(value)
		case "description":
			p.Description = jsonscan.String(value)
		case "required":
			p.Required = value == "true"
		case "deprecated":
			p.Deprecated = value == "true"
		case "allowEmptyValue":
			p.AllowEmptyValue = value == "true"
		case "allowReserved":
			p.AllowReserved = value == "true"
		case "style":
			p.Style = jsonscan.String(value)
		case "explode":
			explode = value
		case "schema":
			p.Schema = d.schemaAt(at.Append("schema"), value)
		case "content":
			for name, media := range jsonscan.Members(value) {
				p.MediaType = name
				if schema, ok := jsonscan.Member(media, "schema"); ok {
					p.Schema = d.schemaAt(at.Append("content").Append(name).Append("schema"), schema)
				}
			}
		}
	}
	if p.Name == "" {
		return nil, &DocumentError{Pointer: at, Reason: "the parameter has no name"}
	}
	switch p.In {
	case "path":
		p.Required = true
	// "body" and "formData" are of Swagger 2.0, and would be lost in silence.
	case "query", "header", "cookie":
	default:
		return nil, &DocumentError{Pointer: at.Append("in"), Reason: fmt.Sprintf("got %.40q, want path, query, header or cookie", p.In)}
	}
	if p.Style == "" {
		p.Style = "form"
		// OpenAPI 3.1 §4.8.12.2: style.
		if p.In == "path" || p.In == "header" {
			p.Style = "simple"
		}
	}
	// Behind the loop, since the default depends on style, which may come after explode.
	p.Explode = p.Style == "form"
	if explode != "" {
		p.Explode = explode == "true"
	}
	return p, nil
}
