package style

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A charset is a set of ASCII characters.
type charset [2]uint64

func chars(s string) (set charset) {
	for i := range len(s) {
		set[s[i]>>6] |= 1 << (s[i] & 63)
	}
	return set
}

func (s charset) has(c byte) bool { return c < 0x80 && s[c>>6]>>(c&63)&1 != 0 }

func (s charset) with(t charset) charset { return charset{s[0] | t[0], s[1] | t[1]} }

func (s charset) without(t charset) charset { return charset{s[0] &^ t[0], s[1] &^ t[1]} }

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

var (
	// unreserved is RFC 3986 §2.3.
	unreserved = chars(alphanumeric + "-._~")
	// reserved is what RFC 3986 §2.2 allows in a query, without the characters that mean something else in one:
	// & and + end or change a value, # ends the query, [ and ] may stand in no query.
	reserved = chars(":/?@!$'()*,;=")
	// visible is VCHAR and SP, all that a field value keeps of US-ASCII (RFC 9110 §5.5).
	visible = charset{0xffffffff_00000000, 0x7fffffff_ffffffff}
	// cookieOctet is RFC 6265 §4.1.1 without %, which introduces an escape.
	cookieOctet = visible.without(chars(` ",;\%`))
	// token is RFC 9110 §5.6.2, what the name of a cookie is made of.
	token = chars(alphanumeric + "!#$%&'*+-.^_`|~")
)

// IsToken reports whether a text is a token, as the name of a header is (RFC 9110 §5.6.2).
func IsToken(s string) bool {
	for i := range len(s) {
		if !token.has(s[i]) {
			return false
		}
	}
	return s != ""
}

// An alphabet says how each byte of a text is written: kept, refused, or else percent-encoded.
type alphabet struct {
	keep    charset
	refuse  charset
	raw     bool // there is no percent-encoding: what is not kept is refused
	triples bool // a % that begins an escape stays (RFC 6570 §3.2.3)
}

// append writes s and reports the index of the first byte that it had to refuse, or -1.
func (a *alphabet) append(dst []byte, s string) (_ []byte, refused int) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case a.refuse.has(c):
			return dst, i
		case a.keep.has(c):
			dst = append(dst, c)
		case a.raw:
			return dst, i
		case c == '%' && a.triples && isTriple(s[i:]):
			if a.refuse.has(unhex(s[i+1])<<4 | unhex(s[i+2])) {
				return dst, i
			}
			dst = append(dst, s[i:i+3]...)
			i += 2
		default:
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst, -1
}

// A role is what a text is to the value that it belongs to.
type role uint8

const (
	whole    role = iota // the value itself
	item                 // an item of a list, or a member's name or value in one
	variable             // a parameter's or member's name, with = after it
)

// escape writes text in the alphabet of its location and role.
func (w *wire) escape(dst []byte, text string, r role) ([]byte, error) {
	switch {
	case !utf8.ValidString(text):
		return dst, w.fail("got invalid UTF-8", "")
	case len(dst)+len(text) > maxLength:
		return dst, w.tooLong()
	case w.In == "header" && text != strings.Trim(text, " "):
		return dst, w.fail("got white space at an end of a text, which a header loses", remedyContent)
	}
	a := w.alphabet(r)
	dst, refused := a.append(dst, text)
	if refused < 0 {
		return dst, nil
	}
	c, _ := utf8.DecodeRuneInString(text[refused:])
	switch {
	case c == '%' && w.In == "path":
		return dst, w.fail("got an escaped NUL, which does not belong in a path", "")
	case c == '%':
		return dst, w.fail("got an escaped delimiter inside an item, which is read as a delimiter", remedyContent)
	case a.refuse.has(text[refused]) && c != 0:
		return dst, w.fail(fmt.Sprintf("got %q inside an item, which is read as a delimiter", c), w.undelimited())
	case w.In == "header":
		return dst, w.fail(fmt.Sprintf("got %U, want visible ASCII", c), "encode the text first, for instance in base64")
	}
	return dst, w.fail(fmt.Sprintf("got %U, which does not belong in a path", c), "")
}

// undelimited is the remedy for an item that holds the delimiter of its style.
func (w *wire) undelimited() string {
	if w.In == "query" {
		return "use style form with explode: true, which needs no delimiter"
	}
	return remedyContent
}

// alphabet is the table of what may stand unescaped where.
func (w *wire) alphabet(r role) alphabet {
	switch w.In {
	case "path":
		a := alphabet{keep: unreserved, refuse: chars("\x00")}
		if w.reserved() {
			return w.reservedInPath(a, r)
		}
		if r != whole && w.explode && w.Style == "label" {
			a.keep = a.keep.without(chars("."))
		}
		return a
	case "header":
		a := alphabet{keep: visible, raw: true}
		switch r {
		case item:
			a.refuse = chars(",")
		case variable:
			a.refuse = chars(",=")
		}
		return a
	case "cookie":
		return alphabet{keep: cookieOctet}
	}
	a := alphabet{keep: unreserved}
	if w.AllowReserved && !w.JSON && r != variable {
		a.keep, a.triples = unreserved.with(reserved), true
	}
	if r == item && !w.explode {
		switch w.Style {
		case "spaceDelimited":
			a.refuse = chars(" ")
		case "pipeDelimited":
			a.refuse = chars("|")
		default:
			a.keep = a.keep.without(chars(","))
		}
	}
	return a
}

// reservedInPath adds what RFC 6570 §3.2.3 keeps and RFC 3986 §3.3 allows in a path: all reserved characters but the
// brackets, and those that end a path.
func (w *wire) reservedInPath(a alphabet, r role) alphabet {
	a.keep, a.triples = a.keep.with(chars(":/@!$&'()*+,;=")), true
	if r != whole {
		a.keep = a.keep.without(chars(","))
	}
	if r != whole && w.explode {
		a.keep = a.keep.without(chars("="))
	}
	return a
}

const upperHex = "0123456789ABCDEF"

func isTriple(s string) bool { return len(s) >= 3 && unhex(s[1]) < 16 && unhex(s[2]) < 16 }

// unhex returns the value of a hexadecimal digit, or 16.
func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}
