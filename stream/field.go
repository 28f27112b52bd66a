package stream

import (
	"bytes"
	"math"
	"time"
)

// field is what a line means to the event in the making.
type field uint8

const (
	fieldNone    field = iota // between two lines
	fieldComment              // starts with a colon
	fieldUnknown              // has a name that the standard ignores
	fieldData
	fieldEvent
	fieldID
	fieldRetry
)

// splitField takes a line, or the first piece of one, apart (section 9.2.6):
// the name reaches to the first colon, the value starts after it and after one
// space. A line without a colon is all name.
func splitField(line []byte) (f field, value []byte) {
	name := line
	if i := bytes.IndexByte(line, ':'); i >= 0 {
		name, value = line[:i], bytes.TrimPrefix(line[i+1:], space)
		if i == 0 {
			return fieldComment, nil
		}
	}
	switch string(name) {
	case "data":
		return fieldData, value
	case "event":
		return fieldEvent, value
	case "id":
		return fieldID, value
	case "retry":
		return fieldRetry, value
	}
	return fieldUnknown, nil
}

var (
	space    = []byte(" ")
	lineFeed = []byte("\n")
)

// parseRetry reads the value of a retry field: milliseconds in ASCII digits,
// nothing else.
func parseRetry(value []byte) (d time.Duration, ok bool) {
	const limit = math.MaxInt64 / int64(time.Millisecond)
	var ms int64
	for _, c := range value {
		if c < '0' || c > '9' {
			return 0, false
		}
		if ms <= limit {
			ms = ms*10 + int64(c-'0')
		}
	}
	if ms > limit {
		return math.MaxInt64, true
	}
	return time.Duration(ms) * time.Millisecond, len(value) > 0
}

// names shares the strings of event types that repeat. It stays small whatever
// the stream sends.
type names map[string]string

const (
	maxNames    = 128
	maxNameSize = 64
)

func (n names) intern(b []byte) string {
	if s, ok := n[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(n) < maxNames && len(s) <= maxNameSize {
		n[s] = s
	}
	return s
}
