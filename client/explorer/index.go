package explorer

import (
	"encoding/json"
	"net/http"
)

// entry is one line of what is searched: an operation with its summary and tags, or a
// component.
type entry struct {
	Kind       string   `json:"k"` // "operation" or "component"
	Name       string   `json:"n"`
	Method     string   `json:"m,omitempty"`
	Path       string   `json:"p,omitempty"`
	Summary    string   `json:"s,omitempty"`
	Tags       []string `json:"t,omitempty"`
	Deprecated bool     `json:"d,omitempty"`
}

// serveIndex sends everything that there is to find. The page asks for it when somebody
// searches for the first time.
func (e *Explorer) serveIndex(w http.ResponseWriter, _ *http.Request) {
	document := e.client.Document()
	entries := []entry{}
	for op := range document.Operations() {
		entries = append(entries, entry{
			Kind: "operation", Name: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, Tags: op.Tags, Deprecated: op.Deprecated,
		})
	}
	for name := range document.Components() {
		entries = append(entries, entry{Kind: "component", Name: name})
	}
	writeJSON(w, http.StatusOK, entries)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
