package inbound

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/internal/style"
	"github.com/opcall/opcall/schema"
)

// readParameters reads what the operation declares from path, query, header and
// cookies, and notes what is missing, wrong or unknown. It refuses a query of too
// many pairs.
func (rx *reception) readParameters() *Refusal {
	if strings.Count(rx.http.URL.RawQuery, "&") >= maxParts {
		return &Refusal{
			Status: http.StatusBadRequest, Code: "invalid_value",
			Message: fmt.Sprintf("%s: got a query of more than %d pairs", named(rx.op), maxParts),
		}
	}
	query := rx.query()
	for _, p := range rx.op.Parameters {
		decode := rx.decoder(p, query)
		if decode == nil {
			continue
		}
		at, before := schema.Pointer("").Append(p.Name), len(rx.invalid.Problems)
		sch := p.Schema
		switch {
		case p.Prefix > 0: // the schema is that of the whole value
			sch = nil
		case p.AllowEmptyValue && isEmptyText(decode): // OpenAPI 3.0 §4.7.12.2: valid, whatever the schema says
			sch = nil
		}
		value, found := rx.value(at, sch, decode)
		switch {
		case found:
			rx.Parameters = append(rx.Parameters, Parameter{p.Name, p.In, value})
		case p.Required:
			rx.invalid.Problems = append(rx.invalid.Problems, schema.Problem{
				Pointer: at, Keyword: "required", Want: p.Name, Message: fmt.Sprintf("missing %s parameter %.80q", p.In, p.Name),
			})
		}
		for i := range rx.invalid.Problems[before:] {
			rx.invalid.Problems[before+i].In = p.In
		}
	}
	rx.unknown(query)
	return nil
}

// decode reads a value by a shape, and reports false where there is none.
type decode func(*style.Shape) (value json.RawMessage, found bool, err error)

// isEmptyText reports whether the parameter is there with nothing behind its name.
func isEmptyText(decode decode) bool {
	value, found, err := decode(nil)
	return err == nil && found && string(value) == `""`
}

// decoder returns the decode of a parameter, nil for the headers that OpenAPI
// leaves to HTTP (3.1 §4.8.12.1).
func (rx *reception) decoder(p *schema.Parameter, query *pairs) decode {
	switch p.In {
	case "path":
		return func(s *style.Shape) (json.RawMessage, bool, error) {
			if err := checkSegment(rx.path[p.Name]); err != nil {
				return nil, false, err
			}
			value, err := extension.Wire(p).DecodePath(rx.path[p.Name], s)
			return value, err == nil, err
		}
	case "query":
		return query.take(extension.Wire(p))
	case "cookie":
		header := strings.Join(rx.http.Header.Values("Cookie"), "; ")
		if n := countCookies(header, p.Name); n > 1 {
			return func(*style.Shape) (json.RawMessage, bool, error) {
				return nil, true, fmt.Errorf("got %d cookies of the name, want one: servers differ in which they read", n)
			}
		}
		return func(s *style.Shape) (json.RawMessage, bool, error) { return extension.Wire(p).DecodeCookie(header, s) }
	}
	switch strings.ToLower(p.Name) {
	case "accept", "content-type", "authorization":
		return nil
	}
	values := rx.http.Header.Values(p.Name)
	switch strings.ToLower(p.Name) { // net/http takes these from among the headers
	case "host":
		values = []string{rx.http.Host}
	case "content-length", "transfer-encoding":
		return nil
	}
	return func(s *style.Shape) (json.RawMessage, bool, error) { return extension.Wire(p).DecodeHeader(values, s) }
}

func countCookies(header, name string) (n int) {
	for cookie := range strings.SplitSeq(header, ";") {
		if got, _, ok := strings.Cut(strings.TrimSpace(cookie), "="); ok && got == name {
			n++
		}
	}
	return n
}

// value decodes a value and validates it against its schema. Text that could be a
// number is read both ways where it has to.
func (rx *reception) value(at schema.Pointer, sch *schema.Schema, decode decode) (value json.RawMessage, found bool) {
	value, found, err := decode(rx.validator.shapes.of(sch, asText))
	if err != nil {
		rx.undecoded(at, err)
		return nil, true
	}
	if !found || sch == nil {
		return value, found
	}
	invalid := rx.validate(sch, value)
	if invalid != nil {
		other, _, err := decode(rx.validator.shapes.of(sch, asValue))
		if err == nil && rx.validate(sch, other) == nil {
			return other, true
		}
	}
	rx.note(at, invalid)
	return value, true
}

// undecoded notes a text that is not a value in the style of its parameter.
func (rx *reception) undecoded(at schema.Pointer, err error) {
	var broken *style.Error
	if errors.As(err, &broken) {
		at += schema.Pointer(broken.Pointer)
	}
	rx.problem(at, "style", "%v", err)
}

// declares reports whether a query parameter has the name: documents declare keys twice.
func (rx *reception) declares(name string) bool {
	return slices.ContainsFunc(rx.op.Parameters, func(p *schema.Parameter) bool { return p.In == "query" && p.Name == name })
}

// query returns the pairs of the query that parameters may take: without those
// of the path key and without a key.
func (rx *reception) query() *pairs {
	query := splitPairs(rx.http.URL.RawQuery)
	fixed, _ := url.ParseQuery(rx.op.Query)
	for name := range fixed {
		query.drop(name)
	}
	for _, requirement := range rx.op.Security {
		for _, name := range requirement {
			if scheme, ok := rx.op.Document().SecurityScheme(name); ok && scheme.Type == "apiKey" && scheme.In == "query" && !rx.declares(scheme.ParamName) {
				query.drop(scheme.ParamName)
			}
		}
	}
	for _, p := range rx.op.Parameters {
		if p.In == "query" {
			query.declare(extension.Wire(p), rx.validator.shapes.of(p.Schema, asText))
		}
	}
	return query
}

const (
	maxProblems  = 100 // unknown names that are reported, those beyond are counted
	maxExplained = 20  // of them, those that are compared with the declared names
)

// unknown notes the pairs of the query that no parameter took.
func (rx *reception) unknown(query *pairs) {
	var names []string
	for _, p := range rx.op.Parameters {
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	if rx.validator.anyQuery() {
		return
	}
	unknown := query.left()
	rx.invalid.More += max(0, len(unknown)-maxProblems)
	for i, name := range unknown[:min(len(unknown), maxProblems)] {
		question := ""
		if i < maxExplained {
			question = near.Question(near.Names(name, names, 3))
		}
		rx.problem(schema.Pointer("").Append(name), "unevaluatedProperties", "unknown query parameter %.80q%s", name, question)
		rx.invalid.Problems[len(rx.invalid.Problems)-1].In = "query"
	}
}

// separators are what servers may take for the end of a segment, once they have
// unescaped it.
var separators = strings.NewReplacer("%2F", "/", "%2f", "/", "%5C", "/", "%5c", "/", `\`, "/", "%2E", ".", "%2e", ".")

// checkSegment refuses a path value that leads to another route, or may lead there
// behind a server that unescapes the path before it looks for one.
func checkSegment(escaped string) error {
	switch {
	case escaped == "":
		return errors.New("got an empty segment of the path, want at least one character")
	case strings.Contains(escaped, "%00"):
		return errors.New("got NUL in the path")
	}
	for part := range strings.SplitSeq(separators.Replace(escaped), "/") {
		if part == "." || part == ".." {
			return errors.New("got a dot segment, which leads to another path, escaped or not (RFC 3986 §6.2.2)")
		}
	}
	return nil
}
