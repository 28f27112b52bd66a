package conform

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/client/internal/mask"
	"github.com/opcall/opcall/internal/order"
	"github.com/opcall/opcall/schema"
)

// Comparison says which of two documents recorded traffic is valid against.
type Comparison struct {
	Requests  Tally
	Responses Tally
	// Differences are the reasons for which messages are valid against one document
	// only, those of the most messages first, at most 1,000.
	Differences []Difference
	More        int // differences that are left out
}

// Tally counts messages by the documents that they are valid against.
type Tally struct {
	Both, OldOnly, NewOnly, Neither int
	// Unchecked are those that at least one document cannot check, for their length or
	// media type.
	Unchecked int
}

// Total returns how many messages there were.
func (t Tally) Total() int { return t.Both + t.OldOnly + t.NewOnly + t.Neither + t.Unchecked }

// Difference is one reason for which messages are invalid against one of the documents
// and valid against the other.
type Difference struct {
	Direction Direction
	Operation string // its ID, else method and path
	Invalid   string // "old" or "new": the document that refuses it
	Pointer   schema.Pointer
	Text      string // the problem, without the value
	Count     int    // of messages
	Lines     []int  // the first of them, from 1, in the order of the traffic; at most 10
}

// String returns the difference in one line:
//
//	2 requests of createResponse fail in the new document at /service_tier: …
func (d Difference) String() string {
	plural := "s"
	if d.Count == 1 {
		plural = ""
	}
	fail := "fail"
	if d.Count == 1 {
		fail = "fails"
	}
	at := string(d.Pointer)
	if at == "" {
		at = "/"
	}
	return fmt.Sprintf("%d %s%s of %s %s in the %s document at %s: %s", d.Count, d.Direction, plural, mask.Line(d.Operation, maxSubject), fail,
		d.Invalid, mask.Line(at, maxPointer), mask.Line(d.Text, maxLine))
}

// String returns the counts and a line for each difference.
func (c *Comparison) String() string {
	var b strings.Builder
	for _, part := range []struct {
		name  string
		tally Tally
	}{{"requests", c.Requests}, {"responses", c.Responses}} {
		t := part.tally
		fmt.Fprintf(&b, "of %d %s %d are valid against both documents", t.Total(), part.name, t.Both)
		for _, other := range []struct {
			n    int
			what string
		}{{t.OldOnly, "against the old one only"}, {t.NewOnly, "against the new one only"}, {t.Neither, "against neither"}} {
			if other.n > 0 {
				fmt.Fprintf(&b, ", %d %s", other.n, other.what)
			}
		}
		if t.Unchecked > 0 {
			fmt.Fprintf(&b, "; %d cannot be checked", t.Unchecked)
		}
		b.WriteByte('\n')
	}
	for _, d := range c.Differences {
		b.WriteString(d.String() + "\n")
	}
	if c.More > 0 {
		fmt.Fprintf(&b, "and %d more\n", c.More)
	}
	return b.String()
}

// Compare validates recorded traffic against two documents, and says what is valid
// against only one of them: what a newer description would refuse of what a program
// sends and receives, or what it would allow. Requests are validated in the Standard
// tier and responses in the Lenient one, where every finding counts, unless options say
// otherwise. Paths are relative to the servers of each document; see WithBasePath.
//
// An exchange of an operation that a document does not have is invalid against it. The
// error is that of the traffic; what has been compared until then is returned too.
func Compare(traffic iter.Seq2[Exchange, error], old, newer *schema.Document, opts ...Option) (*Comparison, error) {
	if old == nil || newer == nil {
		return nil, errors.New("conform: Compare: got nil, want two documents")
	}
	c := newComparer(old, newer, opts)
	var err error
	line := 0
	for e, wrong := range traffic {
		if line++; wrong != nil {
			err = wrong
			break
		}
		if wrong := c.add(line, &e); wrong != nil {
			err = fmt.Errorf("exchange %d: %w", line, wrong)
			break
		}
	}
	return c.result(), err
}

// checker validates exchanges against one document.
type checker struct {
	transport *Transport
	current   *Exchange
	reports   []Report
}

func newChecker(doc *schema.Document, opts []Option) *checker {
	v := &checker{}
	opts = append([]Option{WithRequests(schema.Standard, Pass), WithResponses(schema.Lenient, Pass)}, opts...)
	opts = append(opts, WithReport(func(r Report) { v.reports = append(v.reports, r) }))
	v.transport = NewTransport(doc, v, opts...)
	return v
}

// RoundTrip returns the recorded response.
func (v *checker) RoundTrip(req *http.Request) (*http.Response, error) {
	return v.current.response(req), nil
}

// outcome is what a document says of one message.
type outcome struct {
	operation string
	unchecked bool
	problems  []schema.Problem
}

func (v outcome) valid() bool { return len(v.problems) == 0 }

// check returns the results for a request and its response.
func (v *checker) check(e *Exchange) (request, response outcome, err error) {
	v.current, v.reports = e, nil
	req, err := e.request()
	if err != nil {
		return request, response, err
	}
	g := v.transport.gate
	if op, _, _ := inbound.Route(g.doc, g.bases, req.Method, req.URL); op != nil {
		request.operation = op.ID
	} else {
		response.unchecked = true
	}
	resp, err := v.transport.RoundTrip(req)
	var refused *Error
	switch {
	case errors.As(err, &refused): // by an option that rejects
	case err != nil:
		return request, response, err
	default:
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	for _, r := range v.reports {
		if r.Direction == Request {
			request.add(r)
		} else {
			response.add(r)
		}
	}
	request.unchecked = request.unchecked || e.RequestOmitted
	response.unchecked = response.unchecked || e.ResponseOmitted
	return request, response, nil
}

// add adds what a report says. What is not about a value is a problem without a
// pointer.
func (v *outcome) add(r Report) {
	v.unchecked = v.unchecked || r.Skipped != ""
	var invalid *schema.ValidationError
	switch {
	case errors.As(r.Err, &invalid):
		for _, p := range invalid.Problems {
			v.problems = append(v.problems, p.WithoutValue())
		}
	case r.Err != nil && r.Operation == "":
		v.problems = append(v.problems, schema.Problem{Message: "the document has no such operation"})
	case r.Err != nil:
		v.problems = append(v.problems, schema.Problem{Message: mask.Line(r.Err.Error(), maxLine)})
	}
	for _, f := range r.Findings {
		v.problems = append(v.problems, f.WithoutValue())
	}
}

type differenceKey struct {
	direction       Direction
	operation, side string
	pointer         schema.Pointer
	text            string
}

// comparer collects the differences.
type comparer struct {
	sides [2]*checker
	sum   Comparison
	all   map[differenceKey]*Difference
	order []*Difference
}

const (
	maxLines       = 10
	maxDifferences = 1000
)

func newComparer(old, newer *schema.Document, opts []Option) *comparer {
	return &comparer{sides: [2]*checker{newChecker(old, opts), newChecker(newer, opts)}, all: make(map[differenceKey]*Difference)}
}

func (c *comparer) add(line int, e *Exchange) error {
	var requests, responses [2]outcome
	for i, side := range c.sides {
		var err error
		if requests[i], responses[i], err = side.check(e); err != nil {
			return err
		}
	}
	operation := cmp.Or(requests[0].operation, requests[1].operation, e.Method+" "+e.Path)
	c.count(&c.sum.Requests, Request, operation, line, requests)
	if e.Status != 0 {
		c.count(&c.sum.Responses, Response, operation, line, responses)
	}
	return nil
}

func (c *comparer) count(t *Tally, direction Direction, operation string, line int, pair [2]outcome) {
	old, newer := pair[0], pair[1]
	switch {
	case old.unchecked || newer.unchecked:
		t.Unchecked++
	case old.valid() && newer.valid():
		t.Both++
	case old.valid():
		t.OldOnly++
		c.differ(direction, operation, "new", line, newer.problems)
	case newer.valid():
		t.NewOnly++
		c.differ(direction, operation, "old", line, old.problems)
	default:
		t.Neither++
	}
}

func (c *comparer) differ(direction Direction, operation, side string, line int, problems []schema.Problem) {
	for _, p := range problems {
		key := differenceKey{direction, operation, side, anyItem(p.Pointer), p.Message}
		d := c.all[key]
		if d == nil {
			if len(c.order) == maxDifferences {
				c.sum.More++
				continue
			}
			d = &Difference{Direction: direction, Operation: operation, Invalid: side, Pointer: key.pointer, Text: p.Message}
			c.all[key] = d
			c.order = append(c.order, d)
		}
		if len(d.Lines) > 0 && d.Lines[len(d.Lines)-1] == line {
			continue // the same for another item
		}
		d.Count++
		if len(d.Lines) < maxLines {
			d.Lines = append(d.Lines, line)
		}
	}
}

// anyItem replaces the indexes of a pointer by "*": the same problem in another item is
// the same.
func anyItem(p schema.Pointer) schema.Pointer {
	tokens := strings.Split(string(p), "/")
	for i, token := range tokens {
		if token != "" && strings.Trim(token, "0123456789") == "" {
			tokens[i] = "*"
		}
	}
	return schema.Pointer(strings.Join(tokens, "/"))
}

// result returns what has been compared so far.
func (c *comparer) result() *Comparison {
	sum := c.sum
	for _, d := range c.order {
		same := *d
		same.Lines = slices.Clone(d.Lines)
		sum.Differences = append(sum.Differences, same)
	}
	order.Sort(sum.Differences, func(a, b Difference) int { return cmp.Compare(b.Count, a.Count) })
	return &sum
}
