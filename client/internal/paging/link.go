package paging

import (
	"net/http"
	"strings"
)

// Link returns the target of the first link of a response with a relation, as it stands
// in the Link header (RFC 8288 §3), and whether the response has a link that is about
// paging at all. Links whose context is another resource ("anchor") do not count.
func Link(header http.Header, relation string) (target string, paged bool) {
	for _, value := range header.Values("Link") {
		for value != "" {
			var link link
			if link, value = cutLink(value); link.anchored {
				continue
			}
			for name := range strings.FieldsSeq(link.relations) {
				switch strings.ToLower(name) {
				case "first", "prev", "previous", "next", "last":
					paged = true
				}
				if strings.EqualFold(name, relation) && target == "" {
					target = link.target
				}
			}
		}
	}
	return target, paged || target != ""
}

// link is one link-value.
type link struct {
	target    string
	relations string // separated by spaces
	anchored  bool
}

// cutLink reads one link-value and returns what follows it. What is not of the syntax is
// skipped up to the next "<".
func cutLink(text string) (l link, rest string) {
	start := strings.IndexByte(text, '<')
	if start < 0 {
		return l, ""
	}
	end := strings.IndexByte(text[start:], '>')
	if end < 0 {
		return l, ""
	}
	l.target = strings.TrimSpace(text[start+1 : start+end])
	rest = text[start+end+1:]
	related := false
	for {
		rest = strings.TrimLeft(rest, " \t")
		if !strings.HasPrefix(rest, ";") {
			return l, strings.TrimPrefix(rest, ",")
		}
		var name, value string
		name, value, rest = cutParameter(rest[1:])
		switch {
		case strings.EqualFold(name, "rel") && !related: // the first counts (§3.3)
			l.relations, related = value, true
		case strings.EqualFold(name, "anchor"):
			l.anchored = true
		}
	}
}

// cutParameter reads one link-param: a token, or a quoted string (RFC 9110 §5.6.4).
func cutParameter(text string) (name, value, rest string) {
	end := strings.IndexAny(text, "=;,")
	if end < 0 {
		return strings.TrimSpace(text), "", ""
	}
	name = strings.TrimSpace(text[:end])
	if text[end] != '=' {
		return name, "", text[end:]
	}
	text = strings.TrimLeft(text[end+1:], " \t")
	if !strings.HasPrefix(text, `"`) {
		end := strings.IndexAny(text, ";,")
		if end < 0 {
			end = len(text)
		}
		return name, strings.TrimSpace(text[:end]), text[end:]
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return name, b.String(), text[i+1:]
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return name, b.String(), ""
}
