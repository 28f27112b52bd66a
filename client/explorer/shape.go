package explorer

import (
	"net/http"

	"github.com/opcall/opcall/schema"
)

// shapeDepth is how many levels of fields the page gets at once: enough to fill in most
// requests, and about 50 KB for the largest.
const shapeDepth = 2

// serveShape sends what stands at a path of the document, in the form of
// schema.Description, with what fields are for.
func (e *Explorer) serveShape(w http.ResponseWriter, r *http.Request) {
	d, err := e.client.Document().Describe(r.URL.Query().Get("path"))
	if err != nil {
		writeJSON(w, http.StatusNotFound, map[string]string{"error": err.Error()})
		return
	}
	d = d.Expand(shapeDepth)
	e.describe(d)
	writeJSON(w, http.StatusOK, d)
}

// describe adds what fields are for where the document is that of the OpenAI API: a
// component of another one may have the same name and be something else.
func (e *Explorer) describe(d *schema.Description) {
	if _, ours := e.client.Document().Extension("x-opcall-errata"); !ours {
		return
	}
	e.words.add("", "", d.Schema)
	if d.Operation == nil {
		return
	}
	for _, f := range d.Operation.Parameters {
		e.words.add("", "", f.Schema)
	}
	for _, m := range d.Operation.Body {
		e.words.add("", "", m.Schema)
	}
}
