package client

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/internal/extension"
)

// pathPart is a piece of a path template: a text, escaped, or the name of what stands in
// its place.
type pathPart struct {
	text   string
	name   string
	prefix int // of the value, in characters; 0 for all of it
}

// pathParts takes a path template apart (OpenAPI 3.1 §4.8.8.2). {name:3} is the name with
// a prefix, as schema writes it. A brace that is never closed is a text.
func pathParts(template string) []pathPart {
	var parts []pathPart
	for template != "" {
		before, rest, found := strings.Cut(template, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return append(parts, pathPart{text: escapeInvalid(template, "/")})
		}
		if before != "" {
			parts = append(parts, pathPart{text: escapeInvalid(before, "/")})
		}
		part := pathPart{name: name}
		if plain, digits, ok := strings.Cut(name, ":"); ok {
			if n, err := strconv.Atoi(digits); err == nil && n > 0 {
				part = pathPart{name: plain, prefix: n}
			}
		}
		parts, template = append(parts, part), after
	}
	return parts
}

// address is the path of an operation below a base URL.
type address struct {
	base          *url.URL
	path, escaped string
}

// encodePath fills in the template and appends it to the base, which u is a copy of. A
// template without parameters is filled in once.
func (b *Bound) encodePath(u, base *url.URL) error {
	if known := b.plan.address.Load(); known != nil && known.base == base {
		u.Path, u.RawPath = known.path, known.escaped
		return nil
	}
	if err := b.fillPath(u); err != nil {
		return err
	}
	if b.settings.ofClient && len(b.plan.path) == 1 && b.plan.path[0].name == "" {
		b.plan.address.Store(&address{base, u.Path, u.RawPath})
	}
	return nil
}

func (b *Bound) fillPath(u *url.URL) error {
	var path strings.Builder
	for i, part := range b.plan.path {
		if part.name == "" {
			path.WriteString(part.text)
			continue
		}
		text, isPath, err := b.pathValue(part)
		if err != nil {
			return err
		}
		if isPath && (strings.HasSuffix(path.String(), "/") && text[0] == '/' ||
			strings.HasSuffix(text, "/") && i+1 < len(b.plan.path) && strings.HasPrefix(b.plan.path[i+1].text, "/")) {
			return b.wrong("path", part.name, "got a slash where the path %.80q has one, which makes an empty segment: leave it out", b.plan.template)
		}
		path.WriteString(text)
	}
	if hasDotSegment(path.String()) {
		return b.fail("", "the path %.80q leads out of the address of the API", b.plan.template)
	}
	escaped := strings.TrimSuffix(u.EscapedPath(), "/") + "/" + strings.TrimPrefix(path.String(), "/")
	plain, err := url.PathUnescape(escaped)
	if err != nil {
		return b.fail("", "the path %.80q of the document is not a URL path", b.plan.template)
	}
	// Where net/url takes RawPath for no encoding of Path it would make its own,
	// and the escapes that keep values in their segments would be lost.
	if u.Path, u.RawPath = plain, escaped; u.EscapedPath() != escaped {
		return b.fail("", "the path %.80q of the document is not a URL path", b.plan.template)
	}
	return nil
}

// pathValue returns what stands in place of a name: a parameter, or a field of the body
// where x-opcall-path has its name. It reports whether the value is a path of its own,
// {+name}.
func (b *Bound) pathValue(part pathPart) (text string, isPath bool, err error) {
	for _, a := range b.arguments {
		if a.parameter.In != "path" || a.parameter.Name != part.name {
			continue
		}
		wire := extension.Wire(a.parameter)
		wire.Prefix = cmp.Or(part.prefix, a.parameter.Prefix)
		if text, err = wire.Path(gjson.Parse(a.json)); err != nil {
			return "", false, b.unstyled(a.parameter.In, a.parameter.Name, err)
		}
		return text, wire.Operator == "+", nil
	}
	if !b.plan.routed {
		return "", false, b.wrong("path", part.name, "missing path parameter %.80q", part.name)
	}
	value := gjson.Parse(b.given(part.name))
	if value.Type != gjson.String || value.Str == "" {
		return "", false, b.wrong("", part.name, "got %s, want a text that is not empty: the path of the request has it",
			oneLine(cmp.Or(value.Raw, "nothing"), maxName))
	}
	return url.PathEscape(value.Str), false, nil
}

// hasDotSegment reports whether a path has a segment that leads to another path,
// escaped or not (RFC 3986 §6.2.2).
func hasDotSegment(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if plain, err := url.PathUnescape(segment); err == nil {
			segment = plain
		}
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

const upperHex = "0123456789ABCDEF"

// escapeInvalid escapes what the document has in a path or query but RFC 3986
// §3.3 and §3.4 have not, except for the bytes in keep.
func escapeInvalid(text, keep string) string {
	var escaped []byte
	for i := range len(text) {
		c := text[i]
		valid := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
			strings.IndexByte("-._~!$&'()*+,;=:@%", c) >= 0 || strings.IndexByte(keep, c) >= 0
		if !valid && escaped == nil {
			escaped = append(make([]byte, 0, len(text)+16), text[:i]...)
		}
		switch {
		case !valid:
			escaped = append(escaped, '%', upperHex[c>>4], upperHex[c&15])
		case escaped != nil:
			escaped = append(escaped, c)
		}
	}
	if escaped == nil {
		return text
	}
	return string(escaped)
}
