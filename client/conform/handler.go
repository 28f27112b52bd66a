package conform

import (
	"net/http"

	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/schema"
)

// Handler is an http.Handler that validates requests, and if asked their responses,
// against a document, before another handler serves them. It is safe for
// concurrent use and starts no goroutines.
type Handler struct {
	gate *gate
	next http.Handler
}

// NewHandler returns a Handler in front of next. What it does with messages is in
// the package comment. The document must not be nil: every request would be
// responded to with 500.
func NewHandler(doc *schema.Document, next http.Handler, opts ...Option) *Handler {
	g := newGate(doc, schema.Off, opts)
	if g.unmatched == nil {
		action := g.requests.effect()
		g.unmatched = &action
	}
	return &Handler{g, next}
}

// ServeHTTP serves a request that the document allows by the handler behind it.
func (h *Handler) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	if h.gate.doc == nil {
		http.Error(w, errNoDocument.Error(), http.StatusInternalServerError)
		return
	}
	x := h.gate.request(hr)
	if x.refusal != nil {
		writeRefusal(w, x.refusal)
		return
	}
	if x.form != nil {
		defer x.form.end()
	}
	if x.form == nil && (x.operation == nil || h.gate.responses.tier == schema.Off) {
		h.next.ServeHTTP(w, x.hr)
		return
	}
	answer := &writer{ResponseWriter: w, gate: h.gate, request: x}
	defer answer.abandon()
	h.next.ServeHTTP(answer, x.hr)
	answer.finish()
}

func writeRefusal(w http.ResponseWriter, refusal *inbound.Refusal) {
	for name, values := range refusal.Header() {
		w.Header()[name] = values
	}
	writeError(w, refusal.Status, refusal.Body().JSON())
}

func writeError(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body) // whoever does not read it has had it
}
