package stream

import (
	"bytes"
	"io"
	"iter"
	"time"
)

// Event is one dispatched event.
type Event struct {
	// Type is the value of the event field, "" when there was none or it was
	// empty.
	Type string
	// Data is the value of the data field, several joined by LF. It is never nil,
	// and empty when the field was there without a value. It belongs to the
	// caller: the decoder neither changes nor keeps it.
	Data []byte
	// ID is the last event ID: the value of the id field of this event or, where
	// it had none, of the last event that had one.
	ID string
}

// DefaultMaxEventSize is the limit on the size of an event where
// [WithMaxEventSize] gives no other: 64 MiB.
const DefaultMaxEventSize = 64 << 20

// Option sets up a [Decoder].
type Option func(*Decoder)

// WithMaxEventSize limits Data, Type and ID of an event to n bytes together; an
// event beyond it is discarded with an [EventTooLargeError]. What is not part of
// an event, such as comments, has no limit. When n is 0 or less the limit is
// [DefaultMaxEventSize].
//
// The limit bounds memory too: while an event is being read the decoder holds
// no more than n bytes of it, and at most as many again for the moment in which
// their buffer grows.
func WithMaxEventSize(n int) Option {
	return func(d *Decoder) {
		if n <= 0 {
			n = DefaultMaxEventSize
		}
		d.limit = n
	}
}

// Decoder reads the events of one stream. It starts no goroutine and never
// closes its reader. It is not safe for concurrent use. Its zero value is not
// usable; [NewDecoder] makes one.
type Decoder struct {
	lines lines
	limit int
	types names

	line  field  // what the line that has begun belongs to
	value []byte // value, as far as read, of an event, id or retry line that comes in pieces

	// The event in the making.
	data     []byte
	hasData  bool
	typ      string
	id       string
	open     bool // it has had a data, event or id field
	skipping bool // it was too large: its rest is skipped

	ignored []byte // lines without a field of the standard since the last event

	index  int // events before this one
	lastID string
	retry  time.Duration
}

// NewDecoder returns a decoder of the event stream that r delivers. It reads
// ahead by no more than what a single Read of r returns.
func NewDecoder(r io.Reader, opts ...Option) *Decoder {
	d := &Decoder{lines: newLines(r), limit: DefaultMaxEventSize, types: names{}}
	for _, opt := range opts {
		opt(d)
	}
	return d
}

// Events returns the events from here to the end of the stream, each as soon as
// it is complete. An error is yielded once, with a zero Event, and ends the
// iteration; the end of the input ends it without one. What [Decoder.Next] says
// of both holds here.
//
// The decoder goes forward only: an iteration continues where the one before it,
// or the last call of Next, stopped. It loses no event by that and repeats none;
// ranging again after an error of the reader yields that error again.
func (d *Decoder) Events() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			ev, err := d.Next()
			if err == io.EOF {
				return
			}
			if !yield(ev, err) || err != nil {
				return
			}
		}
	}
}

// Next returns the next event. It blocks only while r does, and never when the
// event is already in what was read.
//
// At the end of the input it returns io.EOF, and an event without its blank line
// is not delivered (section 9.2.6); [Decoder.Incomplete] reports whether there
// was one. An error of r is returned as r gave it, after the events that came
// before it, and again by every later call. An [EventTooLargeError] concerns one
// event: the next call goes on behind it.
func (d *Decoder) Next() (Event, error) {
	d.ignored = d.ignored[:0]
	for {
		p, err := d.lines.next()
		if err != nil {
			return Event{}, err
		}
		if p.first && p.last && len(p.text) == 0 {
			if ev, ok := d.dispatch(); ok {
				return ev, nil
			}
			continue
		}
		if !d.take(p) {
			return Event{}, d.discard()
		}
	}
}

// LastEventID returns the last event ID of the stream, "" when there is none:
// what a Last-Event-ID header has to say in order to resume after the events
// delivered so far. An event that is not complete has no part in it; one that
// has an ID but no data does.
func (d *Decoder) LastEventID() string { return d.lastID }

// Retry returns the reconnection time that the stream asked for last, 0 when it
// has not asked.
func (d *Decoder) Retry() time.Duration { return d.retry }

// Incomplete reports, once the stream has ended in io.EOF or an error of the
// reader, whether it ended inside an event: after a data, event or id field and
// before the blank line, or in the middle of a line other than a comment.
func (d *Decoder) Incomplete() bool {
	return d.open || d.line != fieldNone && d.line != fieldComment
}

// maxIgnored is how many bytes of ignored lines are kept.
const maxIgnored = 4 << 10

// Ignored returns the lines that the last call of [Decoder.Next] went over because they
// have no field of the standard (section 9.2.6, "the field is ignored"), comments left
// out: joined by LF, at most 4 KiB, valid until Next is called again. There are servers
// that write an error in such a line, where an event would be.
func (d *Decoder) Ignored() []byte { return d.ignored }

// ignore keeps a piece of a line that has no field of the standard.
func (d *Decoder) ignore(p piece) {
	if p.first && len(d.ignored) > 0 {
		d.ignored = append(d.ignored, '\n')
	}
	d.ignored = append(d.ignored, p.text[:min(len(p.text), max(0, maxIgnored-len(d.ignored)))]...)
}

// take adds a piece of a line to the event in the making. It returns false when
// the event would become too large.
func (d *Decoder) take(p piece) bool {
	text := p.text
	if p.first {
		d.line, text = d.begin(p.text)
	}
	f := d.line
	if p.last {
		d.line = fieldNone
	}
	if f <= fieldUnknown {
		if f == fieldUnknown && !d.skipping && len(d.ignored) < maxIgnored {
			d.ignore(p)
		}
		return true
	}
	// The standard appends an LF to every data line and takes the last one off;
	// here it goes in front of every data line but the first.
	var between []byte
	if f == fieldData && p.first && d.hasData {
		between = lineFeed
	}
	if len(between)+len(text) > d.room(f) {
		return false
	}
	switch {
	case f == fieldData:
		d.data = d.extend(d.extend(d.data, between), text)
		d.hasData = true
	case !p.last:
		d.value = d.extend(d.value, text)
	case len(d.value) > 0:
		d.set(f, d.extend(d.value, text))
		d.value = reuse(d.value)
	default:
		d.set(f, text)
	}
	return true
}

// begin takes the first piece of a line apart.
func (d *Decoder) begin(line []byte) (f field, value []byte) {
	f, value = splitField(line)
	switch f {
	case fieldData, fieldEvent, fieldID:
		d.open = true
	}
	if d.skipping && f != fieldComment {
		f = fieldUnknown
	}
	return f, value
}

// set gives the event or the stream the complete value of f.
func (d *Decoder) set(f field, value []byte) {
	switch f {
	case fieldEvent:
		d.typ = d.types.intern(value)
	case fieldID:
		if bytes.IndexByte(value, 0) < 0 && string(value) != d.id {
			d.id = string(value)
		}
	case fieldRetry:
		if retry, ok := parseRetry(value); ok {
			d.retry = retry
		}
	}
}

// dispatch ends the event at its blank line (section 9.2.6, "dispatch the
// event"). One without a data field only settles the last event ID.
func (d *Decoder) dispatch() (Event, bool) {
	d.lastID = d.id
	ev := Event{Type: d.typ, ID: d.id}
	ok := d.hasData
	if ok {
		ev.Data = d.detach()
		d.index++
	}
	d.typ, d.hasData, d.open, d.skipping = "", false, false, false
	return ev, ok
}

// discard drops the event in the making and makes the decoder skip what is
// still to come of it. Its ID is dropped with it: a stream resumed from
// LastEventID delivers the event again.
func (d *Decoder) discard() error {
	err := &EventTooLargeError{Limit: d.limit, Index: d.index}
	d.index++
	d.data, d.value = nil, nil
	d.typ, d.id, d.hasData = "", d.lastID, false
	d.skipping = true
	if d.line != fieldNone {
		d.line = fieldUnknown
	}
	return err
}
