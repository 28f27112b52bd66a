package stream_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/opcall/opcall/stream"
)

// outcome is all that can be told of a stream from outside.
type outcome struct {
	Events      []stream.Event
	LastEventID string
	Retry       time.Duration
	Incomplete  bool
}

var (
	lineEnd = regexp.MustCompile(`\r\n|\r|\n`)
	digits  = regexp.MustCompile(`^[0-9]+$`)
)

// reference reads a whole stream the way section 9.2.6 words it, with the text
// as one string and no thought of speed. It shares nothing with the decoder.
func reference(text string) outcome {
	var out outcome
	lines := lineEnd.Split(strings.TrimPrefix(text, "\uFEFF"), -1)
	complete, rest := lines[:len(lines)-1], lines[len(lines)-1]

	var data, typ, id string
	inEvent := false
	for _, line := range complete {
		if line == "" {
			out.LastEventID = id
			if data != "" {
				out.Events = append(out.Events, stream.Event{
					Type: typ,
					Data: []byte(strings.TrimSuffix(data, "\n")),
					ID:   id,
				})
			}
			data, typ, inEvent = "", "", false
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "data":
			data += value + "\n"
			inEvent = true
		case "event":
			typ = value
			inEvent = true
		case "id":
			if !strings.Contains(value, "\x00") {
				id = value
			}
			inEvent = true
		case "retry":
			if digits.MatchString(value) {
				out.Retry = milliseconds(value)
			}
		}
	}
	out.Incomplete = inEvent || rest != "" && rest[0] != ':'
	return out
}

func milliseconds(value string) time.Duration {
	ms, err := strconv.ParseInt(value, 10, 64)
	if err != nil || ms > math.MaxInt64/int64(time.Millisecond) {
		return math.MaxInt64
	}
	return time.Duration(ms) * time.Millisecond
}
