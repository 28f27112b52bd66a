package conform

import (
	"errors"
	"io"
	"sync"

	"github.com/opcall/opcall/client/internal/inbound"
)

// formBody is the body of a multipart form that is too long to be held: it is
// validated while it is passed on. Its reader gets no more than the form's beginning
// until the whole is known to be valid; where it is not, the body ends in an *Error.
type formBody struct {
	gate   *gate
	source io.ReadCloser
	form   *inbound.Form // reads the source by way of pull
	at     examined      // the request, for the report

	mu      sync.Mutex
	pending []byte // read by the form, not yet by the reader
	done    bool   // nothing is held back any more
	refused *examined
	err     error // of the source
}

// heldBack is the end of what the form has read that is not passed on yet. It is more
// than the form reads ahead, so that the boundary which ends the form is in it until
// the form is at its end.
const heldBack = 16 << 10

// stream begins to validate a form while it is passed on.
func (g *gate) stream(x *examined, path map[string]string) (*inbound.Refusal, Action) {
	body := &formBody{gate: g, source: x.hr.Body}
	read := x.hr.WithContext(x.hr.Context())
	read.Body = io.NopCloser(pull{body})
	form, refusal := g.requestCheck.Form(read, x.operation, path, g.maxBody)
	if refusal != nil {
		return refusal, g.requests.effect()
	}
	body.form, body.at = form, *x
	x.hr = x.hr.WithContext(x.hr.Context())
	x.hr.Body, x.form = body, body
	return nil, g.requests.effect()
}

// pull is the source of a body, which keeps what is read of it.
type pull struct{ *formBody }

func (p pull) Read(buf []byte) (int, error) {
	n, err := p.source.Read(buf)
	p.pending = append(p.pending, buf[:n]...)
	if err != nil && err != io.EOF {
		p.err = err
	}
	return n, err
}

// Read passes on what the form has read.
func (b *formBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		ready := len(b.pending)
		if !b.done {
			ready -= heldBack
		}
		switch {
		case b.refused != nil:
			return 0, &Error{b.refused.report}
		case ready > 0:
			n := copy(p, b.pending[:ready])
			b.pending = b.pending[:copy(b.pending, b.pending[n:])]
			return n, nil
		case b.done && b.err != nil:
			return 0, b.err
		case b.done:
			return b.source.Read(p)
		}
		b.advance()
	}
}

// advance lets the form read on.
func (b *formBody) advance() {
	done, refusal := b.form.Next()
	if !done {
		return
	}
	if b.done = true; b.err != nil {
		b.at.report.Skipped = "it cannot be read: " + b.err.Error()
		refusal = nil // whoever reads the body gets the same error
	}
	if x := b.gate.decide(b.at, refusal, b.gate.requests.effect()); x.refusal != nil {
		b.refused = &x
	}
}

// Close closes the source. What was not read was not validated.
func (b *formBody) Close() error {
	err := b.source.Close()
	b.end()
	return err
}

// end reports a form that nobody has read to its end.
func (b *formBody) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.done {
		b.done, b.err = true, errClosed
		b.at.report.Skipped = errUnread.Error()
		b.gate.decide(b.at, nil, Pass)
	}
}

var (
	errUnread = errors.New("it was not read to its end")
	errClosed = errors.New("conform: the body is closed")
)

// refusal returns the request as it was rejected, nil where it was not.
func (b *formBody) refusal() *examined {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.refused
}
