package conform

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/opcall/opcall/internal/order"
	"github.com/opcall/opcall/schema"
)

// Drift says where what passed and the description differ, by field. It has the names of
// fields that the description does not know, and no values.
type Drift struct {
	Requests  int          `json:"requests"`  // that were validated
	Responses int          `json:"responses"` // likewise
	Events    int          `json:"events"`    // of streams and WebSockets
	Fields    []FieldDrift `json:"fields"`    // the most frequent first
	More      int          `json:"more"`      // differences of further fields
}

// FieldDrift is one difference, in all messages in which it was.
type FieldDrift struct {
	Direction Direction      `json:"direction"`
	Operation string         `json:"operation"`
	Pointer   schema.Pointer `json:"pointer"` // of the field, also of one that is missing; "*" for every item of a list
	Keyword   string         `json:"keyword"` // that is broken: "type", "enum"; "unevaluatedProperties" of a field that nothing declares
	Text      string         `json:"text"`    // of the first
	Count     int            `json:"count"`
}

// String returns the drift as lines of text.
func (d *Drift) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d requests, %d responses, %d events\n", d.Requests, d.Responses, d.Events)
	for _, f := range d.Fields {
		fmt.Fprintf(&b, "%6d  %s %s %s: %s\n", f.Count, f.Direction, f.Operation, cmp.Or(string(f.Pointer), "/"), f.Text)
	}
	if d.More > 0 {
		fmt.Fprintf(&b, "and %d differences of other fields\n", d.More)
	}
	return b.String()
}

// Drift returns what has been seen until now.
func (p *Proxy) Drift() *Drift { return p.tally.drift() }

type fieldKey struct {
	direction          Direction
	operation, keyword string
	pointer            schema.Pointer
}

// counterKey names a counter of messages.
type counterKey struct {
	direction Direction
	operation string
	status    string // "2xx", "" for requests
	result    string // "valid", "invalid", "unchecked"
	event     bool
}

// tally counts what passes a Proxy. Its size is bounded.
type tally struct {
	unreachable atomic.Int64

	mu       sync.Mutex
	messages map[counterKey]int
	fields   map[fieldKey]*FieldDrift
	more     int
}

// maxFields bounds the fields of which differences are counted one by one.
const maxFields = 10_000

func newTally() *tally {
	return &tally{messages: make(map[counterKey]int), fields: make(map[fieldKey]*FieldDrift)}
}

// count counts a message.
func (t *tally) count(r *Report) {
	key := counterKey{direction: r.Direction, operation: r.Operation, result: "valid", event: r.Event > 0}
	if r.Direction == Response && r.Status > 0 {
		key.status = [...]string{"0xx", "1xx", "2xx", "3xx", "4xx", "5xx"}[min(5, r.Status/100)]
	}
	switch {
	case r.Err != nil || len(r.Findings) > 0:
		key.result = "invalid"
	case r.Skipped != "":
		key.result = "unchecked"
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.messages[key]++
	if key.result == "invalid" {
		for _, p := range r.problems() {
			at := p.Pointer // with the name of an unknown field, which is what has to be known of it
			if p.Keyword == "required" && p.Want != "" {
				at = at.Append(p.Want)
			}
			p = p.WithoutValue()
			p.Pointer = at
			t.add(r, p)
		}
	}
}

// add counts a difference.
func (t *tally) add(r *Report, p schema.Problem) {
	key := fieldKey{r.Direction, r.Operation, p.Keyword, anyItem(p.Pointer)}
	f := t.fields[key]
	if f == nil {
		if len(t.fields) == maxFields {
			t.more++
			return
		}
		p = onLine(p)
		key.pointer = anyItem(p.Pointer)
		f = &FieldDrift{Direction: r.Direction, Operation: r.Operation, Pointer: key.pointer, Keyword: p.Keyword, Text: p.Message}
		t.fields[fieldKey{r.Direction, r.Operation, p.Keyword, key.pointer}] = f
	}
	f.Count++
}

func (t *tally) drift() *Drift {
	t.mu.Lock()
	defer t.mu.Unlock()
	d := &Drift{More: t.more, Fields: make([]FieldDrift, 0, len(t.fields))}
	for key, n := range t.messages {
		switch {
		case key.result == "unchecked":
		case key.event:
			d.Events += n
		case key.direction == Request:
			d.Requests += n
		default:
			d.Responses += n
		}
	}
	for _, f := range t.fields {
		d.Fields = append(d.Fields, *f)
	}
	order.Sort(d.Fields, func(a, b FieldDrift) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Direction, b.Direction), cmp.Compare(a.Operation, b.Operation),
			cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Keyword, b.Keyword))
	})
	return d
}

// problems returns what is wrong in a report, one by one.
func (r Report) problems() []schema.Problem {
	var invalid *schema.ValidationError
	var mediaType *mediaTypeError
	var list []schema.Problem
	switch {
	case errors.As(r.Err, &mediaType):
		list = append(list, schema.Problem{Keyword: "contentMediaType", Got: mediaType.got, Want: mediaType.want, Message: mediaType.Error()})
	case errors.As(r.Err, &invalid):
		list = append(list, invalid.Problems...)
	case r.Err != nil:
		list = append(list, schema.Problem{Message: errorText(r.Err)})
	}
	for _, f := range r.Findings {
		list = append(list, f.Problem)
	}
	return list
}
