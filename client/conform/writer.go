package conform

import (
	"bufio"
	"maps"
	"net"
	"net/http"

	"github.com/opcall/opcall/schema"
)

// writer is the http.ResponseWriter of the handler behind a Handler. Its response
// is copied as it goes by, or held back until it is validated. What need not be
// validated passes.
type writer struct {
	http.ResponseWriter
	gate    *gate
	request examined

	status int // 0 before WriteHeader
	mode   mode
	expectation
	held http.Header // as it was when the handler wrote it, while it is held back
	text []byte      // as far as it was written, up to the limit
	over bool
	done bool // the handler is done
}

type mode int

const (
	passing mode = iota
	copying
	holding
	dropped // in place of the response there is an error
)

// Unwrap is for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader decides by the status and the header what becomes of the response.
func (w *writer) WriteHeader(status int) {
	if status >= 100 && status < 200 && status != http.StatusSwitchingProtocols {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if w.status != 0 {
		return
	}
	w.status = status
	if refused := w.request.form.refusal(); refused != nil {
		w.refuse(refused)
		return
	}
	if w.gate.responses.tier == schema.Off {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.expectation = w.gate.expect(w.request, status, w.Header())
	switch {
	case w.expectation.report.Rejected:
		w.gate.tally(&w.expectation.report)
		w.replace(w.gate.tell(w.expectation.report))
		return
	case w.expectation.events != nil:
	case w.schema == nil:
		w.gate.tally(&w.expectation.report)
		w.gate.tell(w.expectation.report)
	case w.rejects:
		w.mode, w.held = holding, w.Header().Clone()
		return
	default:
		w.mode = copying
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write writes a part of the response.
func (w *writer) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	switch w.mode {
	case dropped:
		return len(p), nil
	case copying:
		w.keep(p)
	case holding:
		if w.keep(p); !w.over {
			return len(p), nil
		}
		if err := w.release(); err != nil {
			return 0, err
		}
	}
	n, err := w.ResponseWriter.Write(p)
	if w.expectation.events != nil {
		// An event is on its way before it is looked at.
		http.NewResponseController(w.ResponseWriter).Flush()
		w.expectation.events.add(p[:n])
	}
	return n, err
}

// unanswered reports that there was no response. What the client gets instead is not one of
// the API.
func (w *writer) unanswered(reason string) {
	w.status = http.StatusBadGateway
	report := w.request.report
	report.Direction, report.Err, report.Rejected = Response, nil, false
	report.Skipped = "there was no response: " + reason
	w.gate.tell(report)
}

// keep copies a part, unless the whole is too long to be validated.
func (w *writer) keep(p []byte) {
	if w.over = w.over || len(w.text)+len(p) > w.gate.maxBody; !w.over {
		w.text = append(w.text, p...)
	}
}

// release sends what was held back; what follows is only counted as too long.
func (w *writer) release() error {
	w.mode = copying
	header := w.Header()
	late := header.Clone() // trailers, and what comes too late
	clear(header)
	maps.Copy(header, w.held)
	w.ResponseWriter.WriteHeader(w.status)
	clear(header)
	maps.Copy(header, late)
	_, err := w.ResponseWriter.Write(w.text)
	return err
}

// abandon reports a response that the handler broke off in a panic.
func (w *writer) abandon() {
	if w.done || w.status == 0 {
		return
	}
	report := w.expectation.report
	if report.Direction == "" {
		return
	}
	if w.expectation.events != nil {
		report.Event = w.expectation.events.number
	}
	report.Err, report.Skipped, report.Rejected = nil, "it was broken off", false
	w.gate.tally(&report)
	w.gate.tell(report)
}

// finish validates the response when the handler is done.
func (w *writer) finish() {
	w.done = true
	if refused := w.request.form.refusal(); refused != nil && w.status == 0 {
		w.refuse(refused)
	}
	if w.mode != copying && w.mode != holding {
		return
	}
	var err error
	if w.over {
		err = tooLong(w.gate.maxBody)
	}
	report := w.gate.checkResponse(w.expectation, w.text, err)
	switch {
	case w.mode == copying:
	case report.Rejected:
		w.replace(report)
	default:
		w.release() // the server knows when the connection is broken
	}
}

// replace responds with an error, none of which is the handler's.
func (w *writer) replace(r Report) {
	w.drop()
	writeError(w.ResponseWriter, http.StatusBadGateway, badGateway(r))
}

// refuse responds to a request whose body turned out to be invalid while the handler
// read it. What the handler makes of the broken body is of no use to the client.
func (w *writer) refuse(refused *examined) {
	w.drop()
	writeRefusal(w.ResponseWriter, refused.refusal)
}

// drop discards what the handler has to say about its response.
func (w *writer) drop() {
	w.mode = dropped
	for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Disposition", "Etag", "Last-Modified", "Cache-Control", "Trailer"} {
		w.Header().Del(name)
	}
}

// Flush sends what was written, unless it is held back.
func (w *writer) Flush() {
	w.FlushError() // what cannot be flushed goes later
}

// FlushError is Flush for http.ResponseController.
func (w *writer) FlushError() error {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.mode == passing || w.mode == copying {
		return http.NewResponseController(w.ResponseWriter).Flush()
	}
	return nil
}

// Hijack gives the connection away, where the server can: nothing of what follows
// is validated.
func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buf, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.mode, w.status = passing, http.StatusSwitchingProtocols
	}
	return conn, buf, err
}
