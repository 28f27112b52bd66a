package schema

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Operation is one method of one path (OpenAPI 3.1 §4.8.10), references resolved and
// path-level members merged in. It belongs to its document, never changes, and is safe
// for concurrent use; callers must not modify its fields.
//
// Callbacks, links and externalDocs are not kept: nothing here acts on them. Their text
// is there through Document.Lookup, as is everything else, by Pointer.
type Operation struct {
	ID          string // of the document, or method and path: "GET /pets/{id}"
	Alias       string // that the operation is called by, too, where the ID is not the document's: "getPetsById"
	Method      string // "POST"
	Path        string // template: "/files/{file_id}"; of path keys with more the path alone, and {name} for expressions
	Query       string // of the path key: "beta=true"
	Summary     string
	Description string
	Tags        []string
	Deprecated  bool
	Parameters  []*Parameter
	RequestBody *RequestBody // nil when the operation takes none
	Responses   []*Response  // in document order
	Security    []SecurityRequirement
	Servers     []Server // of the operation, else of its path item, else of the document
	Pointer     Pointer  // where it stands in the document

	doc      *Document
	text     string
	itemText string
	repairs  []Repair
}

// Document returns the document that the operation belongs to.
func (op *Operation) Document() *Document { return op.doc }

// Extension returns the JSON text of an extension (a member that begins with
// "x-") of the operation or, failing that, of its path item. What a path item says holds for
// all its methods unless one of them says otherwise, as with parameters and servers.
func (op *Operation) Extension(name string) (string, bool) {
	if text, ok := jsonscan.Member(op.text, name); ok {
		return text, true
	}
	return jsonscan.Member(op.itemText, name)
}

// Parameter returns the parameter with that name. The brackets that some
// documents write into names may be left out: "include" finds "include[]".
func (op *Operation) Parameter(name string) (*Parameter, bool) {
	for _, p := range op.Parameters {
		// To a caller the brackets are how an array is written, not a part of its name.
		if p.Name == name || strings.TrimSuffix(p.Name, "[]") == name {
			return p, true
		}
	}
	return nil, false
}

// Response returns the response object for a status code: that of the code, else of its
// class ("4XX"), else "default" (OpenAPI 3.1 §4.8.16). A lower case "4xx", which the
// standard does not know, is taken as well.
func (op *Operation) Response(status int) (*Response, bool) {
	var digits, classDigits [24]byte // asked for each response: the texts are made without an allocation
	exact := strconv.AppendInt(digits[:0], int64(status), 10)
	class := append(strconv.AppendInt(classDigits[:0], int64(status/100), 10), "XX"...)
	var byClass, byDefault *Response
	for _, r := range op.Responses {
		switch {
		case r.Status == string(exact):
			return r, true
		case strings.EqualFold(r.Status, string(class)):
			byClass = r
		case r.Status == "default":
			byDefault = r
		}
	}
	if byClass != nil {
		return byClass, true
	}
	return byDefault, byDefault != nil
}

// jsonBody returns the schema of an operation's JSON body, nil without one.
// A range that covers JSON counts. A type with the suffix +json does not: it is another type.
func (op *Operation) jsonBody() *Schema {
	if op.RequestBody == nil {
		return nil
	}
	m, ok := op.RequestBody.MediaType("application/json")
	if !ok {
		return nil
	}
	return m.Schema
}

// Server is where an API is served (OpenAPI 3.1 §4.8.5), its variables set to
// their defaults.
type Server struct {
	URL         string
	Description string
	Template    string // URL as the document has it, "" where it has no variables
	Variables   []ServerVariable
}

// ServerVariable is a part of a server's URL that a caller may choose (OpenAPI 3.1 §4.8.6).
type ServerVariable struct {
	Name    string
	Default string
	Enum    []string // nil where every value will do
}

// Servers returns the document's servers.
func (d *Document) Servers() []Server { return d.top.Servers() }

// parseServers substitutes the default of each variable in the URLs (OpenAPI 3.1
// §4.8.6). A name in braces that no variable declares stays as it is. A document without servers has none here; the standard's "/" would be a URL
// relative to where the document came from, which nobody knows any more.
func parseServers(text string) []Server {
	var servers []Server
	for _, item := range jsonscan.Items(text) {
		var s Server
		var variables string
		for key, value := range jsonscan.Members(item) {
			switch key {
			case "url":
				s.URL = jsonscan.String(value)
			case "description":
				s.Description = jsonscan.String(value)
			case "variables":
				variables = value
			}
		}
		// After the loop over the members, as variables may come before url.
		// Whether the enum has the default, as OpenAPI 3.1 §4.8.6 requires, is not checked.
		template := s.URL
		for name, variable := range jsonscan.Members(variables) {
			member, _ := jsonscan.Member(variable, "default")
			value := writtenText(member)
			enum, _ := jsonscan.Member(variable, "enum")
			var values []string
			for _, item := range jsonscan.Items(enum) {
				values = append(values, writtenText(item))
			}
			s.Template = template
			s.Variables = append(s.Variables, ServerVariable{Name: name, Default: value, Enum: values})
			s.URL = strings.ReplaceAll(s.URL, "{"+name+"}", value)
		}
		servers = append(servers, s)
	}
	return servers
}

// writtenText returns a string, and a number or boolean as it is written: OpenAPI 3.1 §4.8.6
// wants strings, but 8443 and true without quotes are not strings in YAML.
func writtenText(value string) string {
	if value == "" || strings.IndexByte(`"{[n`, value[0]) >= 0 {
		return jsonscan.String(value)
	}
	return value
}

// parseOperation reads what the index has only located. Members of an unexpected type
// are read as absent where that does no harm, such as a summary that is a number;
// parameters, bodies and responses are what is sent and validated, so that they have to
// have their shape.
//
// The path item's servers and parameters stand in for, or are merged with, those of the
// operation (OpenAPI 3.1 §4.8.9.1); its security does not exist. An operation with an
// empty security array needs no credential, other than one without the member, which
// has that of the document (§4.8.10.1).
func (d *Document) parseOperation(entry *operationEntry) (*Operation, error) {
	r := parseRoute(entry.path)
	pointer := entry.pointer()
	if r.excess {
		return nil, &DocumentError{Pointer: pointer, Reason: fmt.Sprintf("got more than %d names in the path, want at most so many", maxVariables)}
	}
	op := &Operation{
		ID: entry.id, Alias: entry.alias, Method: entry.method, Path: r.path, Query: r.query, Pointer: pointer,
		doc: d, text: entry.text, itemText: entry.item.text,
	}
	var parameters, security, servers string
	var hasSecurity bool
	for key, value := range jsonscan.Members(entry.text) {
		var err error
		switch key {
		case "summary":
			op.Summary = jsonscan.String(value)
		case "description":
			op.Description = jsonscan.String(value)
		case "tags":
			op.Tags = jsonscan.Strings(value)
		case "deprecated":
			// Anything but true is not deprecated, a string "true" neither.
			op.Deprecated = value == "true"
		case "parameters":
			parameters = value
		case "security":
			security, hasSecurity = value, true
		case "servers":
			servers = value
		case "requestBody":
			at := pointer.Append("requestBody")
			if op.RequestBody, err = d.parseRequestBody(value, at); err == nil && op.RequestBody == nil {
				op.repairs = append(op.repairs, Repair{Pointer: at, Keyword: "requestBody", Reason: "has no media type; read as none"})
			}
		case "responses":
			op.Responses, err = d.parseResponses(value, pointer.Append("responses"))
		}
		if err != nil {
			return nil, err
		}
	}
	var err error
	if op.Parameters, err = d.parseParameters(entry, parameters); err != nil {
		return nil, err
	}
	if r.foreign {
		op.repairs = append(op.repairs, Repair{Pointer: pointer.parent(), Keyword: "paths", Reason: fmt.Sprintf("the path has expressions that OpenAPI does not know; read as %.200q", r.path)})
	}
	// After references, path item and own parameters are together: each may declare the
	// name.
	op.matchTemplate(&r)
	// security: [] of the operation is a statement, and not the absence of one.
	if !hasSecurity {
		security = d.top.members["security"]
	}
	op.Security = parseSecurity(security)
	op.noteUndefinedSchemes(hasSecurity)
	// Each level replaces the one above as a whole (OpenAPI 3.1 §4.8.10.1). An empty
	// array counts as one, and leaves none.
	if servers == "" {
		if servers = entry.item.servers; servers == "" {
			servers = d.top.members["servers"]
		}
	}
	op.Servers = parseServers(servers)
	return op, nil
}
