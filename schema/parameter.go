package schema

import (
	"fmt"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Parameter is a value that goes into the path, query, headers or cookies (OpenAPI 3.1
// §4.8.12), defaults filled in. Style, Explode and AllowReserved are those of the
// standard, also where content makes them meaningless; where the path key has an expression of
// RFC 6570 for the parameter they are what the expression says. An exploded Operator "/"
// writes each part behind a slash, which no Style of the standard does. A header named Accept,
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
	Operator        string  // RFC 6570 §3.2: "+" of {+name}, "/", ".", ";" or "?" in the path key, "" for {name} and elsewhere
	Prefix          int     // in a path, how many characters of the value are sent at most: 3 of {name:3}, 0 for all
	Brackets        bool    // arrays and objects are written name[]=a and name[key]=b
	MediaType       string  // of a parameter that has content in place of a schema
	Schema          *Schema // nil when the document gives none

	styled bool // the document gives style or explode
}

// parseParameters merges the path item's parameters with the operation's, which win
// where name and place are the same (OpenAPI 3.1 §4.8.10.1); one that wins takes the
// place of the other, so that the order of the document stays. The root extension
// x-opcall-brackets says that an API writes arrays and objects of queries with
// brackets, which no style of OpenAPI describes.
//
// A list that has one parameter twice, which is not allowed (§4.8.10.1), is read in the same way:
// the last one counts.
func (d *Document) parseParameters(entry *operationEntry, own string) ([]*Parameter, error) {
	// Those of the path item come first, as they do in the document.
	shared := entry.item.parameters
	brackets := d.top.members["x-opcall-brackets"] == "true"
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
	// Members of the wrong type are read as absent. Only a name and a place have to be there.
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
			p.Style, p.styled = jsonscan.String(value), true
		case "explode":
			explode, p.styled = value, true
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
