package conform

import (
	"net/http"
	"sync"

	"github.com/opcall/opcall/schema"
)

// Shadow is an http.RoundTripper that validates what goes through it against two
// documents, the one in use and a candidate, as Compare does with recorded traffic. It
// changes no message and rejects none. It is safe for concurrent use.
type Shadow struct {
	next    http.RoundTripper
	maxBody int

	mu       sync.Mutex
	comparer *comparer
	lines    int
}

// NewShadow returns a Shadow that sends by next, http.DefaultTransport where that is nil.
// An exchange is validated, by the goroutine that reads it, when its response has been
// read to its end or closed, which is when the caller has it. Bodies are held until then
// up to WithMaxBody bytes, DefaultMaxBody without it; longer ones count as unchecked.
// The documents must not be nil.
func NewShadow(next http.RoundTripper, current, candidate *schema.Document, opts ...Option) *Shadow {
	if next == nil {
		next = http.DefaultTransport
	}
	c := newComparer(current, candidate, opts)
	return &Shadow{next: next, maxBody: c.sides[0].transport.gate.maxBody, comparer: c}
}

// RoundTrip sends the request as it is, and returns the response as it is.
func (s *Shadow) RoundTrip(hr *http.Request) (*http.Response, error) {
	return recorded(s.next, hr, s.maxBody, func(e Exchange) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lines++
		// The error is that of a request which net/http has sent: there is none.
		_ = s.comparer.add(s.lines, &e)
	})
}

// Comparison returns what has been compared so far. The lines of its differences are
// the numbers of exchanges, in the order in which they ended.
func (s *Shadow) Comparison() *Comparison {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.comparer.result()
}
