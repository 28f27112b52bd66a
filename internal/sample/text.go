package sample

import (
	"encoding/base64"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
)

// maxText bounds the strings that minLength asks for, in bytes.
const maxText = 1 << 20

func (c *conjunction) addText(key, value string) {
	switch key {
	case "minLength":
		c.minLength = max(c.minLength, count(value))
	case "maxLength":
		c.maxLength = lower(c.maxLength, count(value))
	case "pattern":
		// One that Go cannot read is not asserted by package schema either.
		if re, err := dialect.Pattern(jsonscan.String(value)); err == nil {
			c.patterns = append(c.patterns, re)
		}
	case "format":
		if c.format == "" {
			c.format = jsonscan.String(value)
		}
	case "contentEncoding":
		if c.format == "" {
			c.format = jsonscan.String(value)
		}
	}
}

func (c *conjunction) admitsString(s string) bool {
	length := utf8.RuneCountInString(s)
	if length < c.minLength || c.maxLength >= 0 && length > c.maxLength {
		return false
	}
	for _, re := range c.patterns {
		if !re.MatchString(s) {
			return false
		}
	}
	return true
}

// strings yields the texts of strings worth a try: what a tag says, what the
// format asks for, plain words, and what the patterns describe.
func (c *conjunction) strings(tag string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if c.minLength > maxText {
			return
		}
		if tag != "" && !yield(quote(tag)) {
			return
		}
		for i := range maxValues {
			s := formatted(c.format, i)
			if s != "" && !yield(quote(s)) {
				return
			}
			limited := len(c.patterns) > 0 || c.minLength > 0 || c.maxLength >= 0
			if (s == "" || limited) && !yield(quote(plain(i, c.minLength, c.maxLength))) {
				return
			}
			for _, re := range c.patterns {
				if s, ok := fromPattern(re.String(), i, c.minLength); ok && !yield(quote(s)) {
					return
				}
			}
		}
	}
}

// plain returns the i-th word of a length within the limits.
func plain(i, shortest, longest int) string {
	const word = "text"
	s := word
	if i > 0 {
		s = fmt.Sprintf("%s-%d", word, i+1)
	}
	if missing := shortest - len(s); missing > 0 {
		s = strings.Repeat(word, missing/len(word)+1)[:missing] + s
	}
	if longest >= 0 && len(s) > longest {
		s = s[len(s)-longest:]
	}
	return s
}

// formatted returns the i-th string of a format (JSON Schema 2020-12 §7.3, and
// those of OpenAPI), "" for formats that leave every string be.
func formatted(format string, i int) string {
	switch format {
	case "date-time":
		return fmt.Sprintf("2025-01-01T00:%02d:%02dZ", i/60%60, i%60)
	case "date":
		return fmt.Sprintf("%d-01-01", 2025+i)
	case "time":
		return fmt.Sprintf("00:%02d:%02dZ", i/60%60, i%60)
	case "duration":
		return fmt.Sprintf("PT%dS", i+1)
	case "email", "idn-email":
		return fmt.Sprintf("user%s@example.com", suffix(i))
	case "hostname", "idn-hostname":
		return fmt.Sprintf("host%s.example.com", suffix(i))
	case "uri", "url", "iri":
		return "https://example.com/" + strings.TrimPrefix(suffix(i), "-")
	case "uri-reference", "iri-reference":
		return "/text" + suffix(i)
	case "json-pointer":
		return "/text" + suffix(i)
	case "uuid":
		return fmt.Sprintf("00000000-0000-4000-8000-%012d", i)
	case "ipv4":
		return fmt.Sprintf("192.0.2.%d", i%256)
	case "ipv6":
		return fmt.Sprintf("2001:db8::%x", i+1)
	case "byte", "base64":
		return base64.StdEncoding.EncodeToString([]byte(plain(i, 0, -1)))
	}
	return ""
}

func suffix(i int) string {
	if i == 0 {
		return ""
	}
	return fmt.Sprintf("-%d", i+1)
}

func quote(s string) string { return jsonscan.Alias(jsonscan.AppendString(nil, s)) }
