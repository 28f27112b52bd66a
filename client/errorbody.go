package client

import (
	"bytes"
	"html"
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
)

// problem is what the body of an error says.
type problem struct {
	kind, code, param, message, requestID string
	raw                                   bool // message is the body itself, as text
}

// or fills what p leaves open from q.
func (p problem) or(q problem) problem {
	fill := func(s *string, t string) {
		if *s == "" {
			*s = t
		}
	}
	fill(&p.kind, q.kind)
	fill(&p.code, q.code)
	fill(&p.param, q.param)
	fill(&p.message, q.message)
	fill(&p.requestID, q.requestID)
	return p
}

// readProblem reads a body of any media type by its look: what calls itself
// JSON may be a proxy's HTML.
func readProblem(header http.Header, body []byte) problem {
	body = bytes.TrimSpace(jsonscan.TrimMark(body))
	switch {
	case len(body) == 0, header.Get("Content-Encoding") != "", bytes.IndexByte(body, 0) >= 0:
		return problem{} // nothing, compressed or binary
	case body[0] == '{' || body[0] == '[' || body[0] == '"':
		p := jsonProblem(gjson.ParseBytes(body), 0)
		if p == (problem{}) && len(body) > len("{}") {
			p.message, p.raw = string(body[:min(len(body), maxText)]), true
		}
		return p
	case body[0] == '<':
		return problem{message: markupText(body), raw: true}
	}
	return problem{message: string(body[:min(len(body), maxText)]), raw: true}
}

// Bounds of reading a body.
const (
	maxNesting = 5        // members of an error inside each other
	maxItems   = 5        // of a list, named in the message
	maxSeen    = 100      // of a list, looked at
	maxText    = 16 << 10 // bytes of text or markup looked at
)

// messageMembers are the members that carry a message or the object that does,
// in the order of preference.
var messageMembers = [...]string{
	"error",             // OpenAI and most compatible hosts
	"message",           // vLLM, Mistral (an object there), AWS
	"Message",           // .NET
	"detail",            // FastAPI (a text or a list), RFC 9457
	"msg",               // an item of FastAPI's list
	"error_description", // OAuth 2.0, RFC 6749 section 5.2
	"errors",            // a list of any of these
	"base_resp",         // MiniMax
	"status_msg",        // an item of that
	"error_msg",         // Baidu
	"error_message",
	"errorMessage",
	"title", // RFC 9457
}

// jsonProblem reads one value of an error body. gjson accepts text that breaks
// off, so that a cut body still says what it can.
func jsonProblem(v gjson.Result, depth int) problem {
	switch {
	case depth > maxNesting:
		return problem{}
	case v.Type == gjson.String:
		return problem{message: strings.TrimSpace(v.Str)}
	case v.IsArray():
		return listProblem(v, depth)
	case !v.IsObject():
		return problem{}
	}
	p := problem{
		kind:      scalar(v.Get("type")),
		code:      scalar(v.Get("code")),
		param:     scalar(v.Get("param")),
		requestID: scalar(v.Get("request_id")),
	}
	for _, name := range [...]string{"error_code", "status_code"} {
		if p.code == "" && (name == "error_code" || v.Get("status_msg").Exists()) {
			p.code = scalar(v.Get(name))
		}
	}
	if p.kind == "error" {
		p.kind = "" // the name of a stream event, not a kind of error
	}
	if status := v.Get("status"); p.kind == "" && status.Type == gjson.String {
		p.kind = status.Str // Google: "INVALID_ARGUMENT" beside a numeric code
	}
	if loc := v.Get("loc"); p.param == "" && loc.IsArray() {
		p.param = location(loc)
	}
	short := "" // {"error": "not_found", "message": "No such file"}: a code, when a message follows
	for _, name := range messageMembers {
		member := v.Get(name)
		if name == "error" && member.Type == gjson.String {
			short = strings.TrimSpace(member.Str)
			continue
		}
		if p = jsonProblem(member, depth+1).or(p); p.message != "" {
			break
		}
	}
	switch {
	case p.message == "":
		p.message = short
	case p.code == "":
		p.code = short
	}
	return p
}

// listProblem joins the messages of a list; the other fields are the first
// item's.
func listProblem(list gjson.Result, depth int) problem {
	var all problem
	var messages []string
	seen := 0
	list.ForEach(func(_, item gjson.Result) bool {
		if seen++; seen > maxSeen {
			return false
		}
		p := jsonProblem(item, depth+1)
		if p.message == "" {
			return true
		}
		if len(messages) == maxItems {
			messages = append(messages, "…")
			return false
		}
		if item.Get("loc").IsArray() {
			p.message = p.param + ": " + p.message
		}
		messages = append(messages, p.message)
		all = all.or(p)
		return true
	})
	all.message = strings.Join(messages, "; ")
	return all
}

// location writes FastAPI's list of names and indices with dots.
func location(loc gjson.Result) string {
	var names []string
	loc.ForEach(func(_, name gjson.Result) bool {
		names = append(names, name.String())
		return len(names) < 2*maxItems
	})
	return strings.Join(names, ".")
}

// scalar returns a string as it is, null and absence as "", anything else as
// its JSON.
func scalar(v gjson.Result) string {
	switch v.Type {
	case gjson.Null:
		return ""
	case gjson.String:
		return v.Str
	}
	return v.Raw
}

// markupText returns the title of an HTML page or, where there is none, the
// text between the tags of HTML or XML.
func markupText(page []byte) string {
	text := string(page[:min(len(page), maxText)])
	if title := strings.TrimSpace(html.UnescapeString(element(text, "title"))); title != "" {
		return title
	}
	var b strings.Builder
	for text != "" {
		before, rest, _ := strings.Cut(text, "<")
		b.WriteString(before)
		b.WriteByte(' ')
		end := ">"
		switch {
		case hasPrefixFold(rest, "script"):
			end = "</script>"
		case hasPrefixFold(rest, "style"):
			end = "</style>"
		case strings.HasPrefix(rest, "!--"):
			end = "-->"
		}
		i := indexFold(rest, end)
		if i < 0 {
			break
		}
		text = rest[i+len(end):]
	}
	return strings.TrimSpace(html.UnescapeString(b.String()))
}

// element returns what stands in the first element of the given name.
func element(page, name string) string {
	start := indexFold(page, "<"+name)
	if start < 0 {
		return ""
	}
	_, inside, _ := strings.Cut(page[start:], ">")
	end := indexFold(inside, "</"+name)
	if end < 0 {
		return ""
	}
	return inside[:end]
}

// indexFold is strings.Index for an ASCII needle in any case.
func indexFold(s, needle string) int {
	for i := range len(s) - len(needle) + 1 {
		if hasPrefixFold(s[i:], needle) {
			return i
		}
	}
	return -1
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
