package client

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RateLimit is what the headers of a response say of the limits that the caller's
// requests count against: x-ratelimit-limit-requests and so on. The zero value says
// nothing.
type RateLimit struct {
	Requests   Quota
	Tokens     Quota
	RetryAfter time.Duration // how long the server asks to wait, 0 when it does not
}

// Quota is one of the limits.
type Quota struct {
	Known     bool // the server says how much remains
	Limit     int64
	Remaining int64
	Reset     time.Duration // from the response on, until all of Limit remains again
}

// RateLimit reads the rate limits from the headers of the response.
func (r *Response) RateLimit() RateLimit { return rateLimit(r.Header()) }

// RateLimit reads the rate limits from the headers of the stream's response.
func (s *Stream) RateLimit() RateLimit { return rateLimit(s.Header()) }

// RateLimit reads the rate limits from the headers of the response.
func (e *APIError) RateLimit() RateLimit {
	limit := rateLimit(e.Header)
	limit.RetryAfter = e.RetryAfter
	return limit
}

func rateLimit(header http.Header) RateLimit {
	limit := RateLimit{
		Requests: quota(header, "-Requests"), Tokens: quota(header, "-Tokens"),
		RetryAfter: retryAfter(header, time.Now()),
	}
	if plain := quota(header, ""); !limit.Requests.Known && plain.Known { // of hosts that count requests only
		limit.Requests = plain
	}
	return limit
}

// quota reads the headers of one limit. What cannot be read is left out.
func quota(header http.Header, of string) Quota {
	var q Quota
	count := func(name string) (int64, bool) {
		n, err := strconv.ParseInt(strings.TrimSpace(header.Get("X-Ratelimit-"+name+of)), 10, 64)
		if err != nil {
			return 0, false
		}
		return max(0, n), true
	}
	q.Limit, _ = count("Limit")
	q.Remaining, q.Known = count("Remaining")
	q.Reset = resetDuration(header.Get("X-Ratelimit-Reset" + of))
	return q
}

// resetDuration reads a time until something: "6m0s", "20ms", "1d2h", or seconds with
// or without a fraction. Points in time, and what cannot be read, are 0.
func resetDuration(text string) time.Duration {
	text = strings.TrimSpace(text)
	if seconds, ok := duration(text, time.Second); ok {
		if seconds > 366*24*time.Hour { // a point in time
			return 0
		}
		return seconds
	}
	var days time.Duration
	if number, rest, found := strings.Cut(text, "d"); found {
		n, err := strconv.ParseUint(number, 10, 12)
		if err != nil {
			return 0
		}
		if days, text = time.Duration(n)*24*time.Hour, rest; text == "" {
			return days
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0
	}
	return days + d
}
