package explorer

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/schema"
)

// pages are the templates, read when the first page is asked for: a command that has the
// explorer in it should not start any later for that.
var pages = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"path": escapeSegments,
		// dict makes one argument of two for a template.
		"dict": func(name string, prefix any, other string, shape any) map[string]any {
			return map[string]any{name: prefix, other: shape}
		},
	}).ParseFS(assets, "assets/*.html"))
})

// page is what every template gets.
type page struct {
	Prefix  string
	Title   string // of the document
	Version string
	Name    string // of the page
	Targets []target
	Content any
}

// target is where calls can go.
type target struct{ Value, Label string }

func (e *Explorer) write(w http.ResponseWriter, status int, kind, name string, content any) {
	document := e.client.Document()
	p := page{Prefix: e.prefix, Title: document.Title(), Version: document.Version(), Name: name, Content: content}
	if e.test != nil {
		p.Targets = append(p.Targets, target{"test", "the test server"})
	}
	if !e.noAPI {
		p.Targets = append(p.Targets, target{"api", "the API"})
	}
	var text strings.Builder
	if err := pages().ExecuteTemplate(&text, kind, p); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text.String()))
}

// maxListed is how many operations, or tags, one page lists. Of a document with more the
// first page has its tags, and each tag a page.
const maxListed = 1000

// home is the list of operations.
type home struct {
	Groups []*group
	Tag    string // the one that the page is about, "" for all
	More   int    // operations or tags that are not listed
}

// group is the operations of one tag.
type group struct {
	Tag        string
	Count      int
	Operations []*schema.Operation // none where the group has a page of its own
}

// serveHome lists the operations by their tags, in the order of the document.
func (e *Explorer) serveHome(w http.ResponseWriter, r *http.Request) {
	var groups []*group
	byTag := make(map[string]*group)
	total := 0
	for op := range e.client.Document().Operations() {
		tags := op.Tags
		if len(tags) == 0 {
			tags = []string{"Other operations"}
		}
		for _, tag := range tags {
			if byTag[tag] == nil {
				byTag[tag] = &group{Tag: tag}
				groups = append(groups, byTag[tag])
			}
			byTag[tag].Operations = append(byTag[tag].Operations, op)
			byTag[tag].Count++
			total++
		}
	}
	content := home{Groups: groups, Tag: r.URL.Query().Get("tag")}
	name := "All operations"
	switch one := byTag[content.Tag]; {
	case one != nil:
		name = one.Tag
		content.More = max(0, one.Count-maxListed)
		one.Operations = one.Operations[:one.Count-content.More]
		content.Groups = []*group{one}
	case content.Tag != "":
		e.notFound(w, fmt.Sprintf("No operation has the tag %.80q.", content.Tag), nil)
		return
	case total > maxListed:
		content.More = max(0, len(groups)-maxListed)
		content.Groups = groups[:len(groups)-content.More]
		for _, g := range content.Groups {
			g.Operations = nil
		}
	}
	e.write(w, http.StatusOK, "home.html", name, content)
}

// operationPage is the page of one operation.
type operationPage struct {
	*schema.Operation
	Parameters []schema.Field
	Body       []schema.MediaShape
	Responses  []schema.ResponseShape
	Streams    bool
	Sample     string // a small body that is valid, JSON; "" where none is needed or known
}

func (e *Explorer) serveOperation(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	document := e.client.Document()
	op, err := document.Operation(id)
	if err != nil {
		var unknown *schema.UnknownOperationError
		var near []string
		if errors.As(err, &unknown) {
			near = unknown.Nearest
		}
		e.notFound(w, err.Error(), links(e.prefix+"/operation/", near))
		return
	}
	d, err := document.Describe(schema.EscapeName(op.ID))
	if err != nil {
		e.notFound(w, err.Error(), nil)
		return
	}
	d = d.Expand(1)
	if d.Operation == nil {
		e.notFound(w, fmt.Sprintf("%s is not an operation.", op.ID), nil)
		return
	}
	e.describe(d)
	content := operationPage{Operation: op, Parameters: d.Operation.Parameters, Body: d.Operation.Body, Responses: d.Operation.Responses}
	stream, err := extension.ReadStream(op)
	content.Streams = err == nil && stream != nil && (stream.Declared || len(stream.Request) > 0)
	content.Sample = sampleBody(op)
	e.write(w, http.StatusOK, "operation.html", op.ID, content)
}

// sampleBody is what the form begins with: a valid body is easier to change than an
// empty one to complete.
func sampleBody(op *schema.Operation) string {
	if op.RequestBody == nil || len(op.RequestBody.Content) == 0 || op.RequestBody.Content[0].Schema == nil {
		return ""
	}
	text, err := sample.Minimal(op.RequestBody.Content[0].Schema)
	if err != nil {
		return ""
	}
	if string(text) == "{}" && !op.RequestBody.Required {
		return ""
	}
	return string(text)
}

func (e *Explorer) serveComponent(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	d, err := e.client.Document().Describe(schema.EscapeName(name))
	if err == nil && d.Kind == "component" {
		d = d.Expand(1)
		e.describe(d)
		e.write(w, http.StatusOK, "component.html", d.Name, d)
		return
	}
	var near []string
	var unknown *schema.UnknownPathError
	if errors.As(err, &unknown) {
		near = unknown.Nearest
	}
	e.notFound(w, fmt.Sprintf("The document has no component that is called %q.", name), links(e.prefix+"/component/", near))
}

// link is a name with its address.
type link struct{ Address, Name string }

func links(before string, names []string) []link {
	var list []link
	for _, name := range names {
		list = append(list, link{before + escapeSegments(name), name})
	}
	return list
}

// escapeSegments writes a name into a path. Slashes, which operations without an ID have
// in their name, stay.
func escapeSegments(name string) string {
	segments := strings.Split(name, "/")
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	return strings.Join(segments, "/")
}

type notFoundPage struct {
	Reason string
	Near   []link
}

func (e *Explorer) notFound(w http.ResponseWriter, reason string, near []link) {
	e.write(w, http.StatusNotFound, "notfound.html", "Not found", notFoundPage{reason, near})
}
