package inbound

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// Socket returns the WebSocket that a handshake is for (x-opcall-socket), nil for
// any other request. Of several at one path it is the one whose headers are all
// there. Bases are those of Route.
func Socket(doc *schema.Document, bases *Bases, hr *http.Request) *extension.Socket {
	if !IsUpgrade(hr) {
		return nil
	}
	var found *extension.Socket
	for _, name := range extension.SocketNames(doc) {
		s, err := extension.ReadSocket(doc, name)
		if err != nil || !slices.ContainsFunc(bases.document, func(base string) bool { return base+s.Path == hr.URL.Path }) || !hasHeaders(hr, s.Headers) {
			continue
		}
		if found == nil || len(s.Headers) > len(found.Headers) {
			found = s
		}
	}
	return found
}

// IsUpgrade reports whether a request is the handshake of a WebSocket (RFC 6455 §4.1).
func IsUpgrade(hr *http.Request) bool {
	return hr.Method == http.MethodGet && strings.EqualFold(hr.Header.Get("Upgrade"), "websocket")
}

// hasHeaders reports whether a request has the headers, each alone or in a list.
func hasHeaders(hr *http.Request, headers []extension.Header) bool {
	for _, h := range headers {
		if !slices.Contains(Listed(hr.Header.Values(h.Name)), h.Value) {
			return false
		}
	}
	return true
}

// Listed returns the elements of a header that is a list (RFC 9110 §5.6.1).
func Listed(values []string) (elements []string) {
	for _, value := range values {
		for element := range strings.SplitSeq(value, ",") {
			elements = append(elements, strings.TrimSpace(element))
		}
	}
	return elements
}

// Handshake validates the query of a handshake.
func (j *Validator) Handshake(hr *http.Request, s *extension.Socket) *Refusal {
	query, err := url.ParseQuery(hr.URL.RawQuery)
	if err != nil {
		return &Refusal{Status: http.StatusBadRequest, Code: "invalid_value", Message: s.Name + ": the query cannot be read"}
	}
	if j.anyQuery() {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !slices.Contains(s.Query, name) {
			return &Refusal{
				Status: http.StatusBadRequest, Code: "unknown_parameter", Param: name,
				Message: fmt.Sprintf("%s: unknown query parameter %.80q%s", s.Name, name, near.Question(near.Names(name, s.Query, 3))),
			}
		}
	}
	return nil
}
