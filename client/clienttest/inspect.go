package clienttest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/opcall/opcall/client/internal/mask"
	"github.com/opcall/opcall/internal/jsonscan"
)

// InspectPath begins the paths at which the server says what it has seen, for test suites
// in other languages. All of it is JSON without credentials.
//
//	GET    /__opcall/requests    what was received: ?operation=ID, ?limit=N for the latest
//	GET    /__opcall/events      what was received on WebSockets: ?socket=NAME, ?limit=N
//	DELETE /__opcall/requests    forget both
//	DELETE /__opcall/state       forget the objects that were made
//	GET    /__opcall/coverage    the operations that were used, and those that never were
//	GET    /__opcall/resources   the objects that are kept, see Resource
//	GET    /__opcall/health      {"status":"ok"}
const InspectPath = "/__opcall/"

// inspect serves a request for what the server has seen. It reports false for every
// other request.
func (s *Server) inspect(w http.ResponseWriter, hr *http.Request) bool {
	name, ok := strings.CutPrefix(hr.URL.Path, InspectPath)
	if !ok {
		return false
	}
	switch hr.Method + " " + name {
	case "GET requests":
		s.writeJSON(w, map[string]any{"requests": s.seen(hr.URL.Query())})
	case "DELETE requests":
		s.mu.Lock()
		s.log.requests, s.log.bytes = nil, 0
		s.mu.Unlock()
		s.sockets.mu.Lock()
		s.sockets.events, s.sockets.bytes = nil, 0
		s.sockets.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	case "GET events":
		s.writeJSON(w, map[string]any{"events": s.seenEvents(hr.URL.Query())})
	case "DELETE state":
		s.Forget()
		w.WriteHeader(http.StatusNoContent)
	case "GET coverage":
		s.writeJSON(w, s.Coverage())
	case "GET resources":
		s.writeJSON(w, map[string]any{"resources": s.Resources()})
	case "GET health":
		s.writeJSON(w, map[string]string{"status": "ok"})
	default:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		s.writeText(w, errorAnswer(404, "invalid_request_error", "unknown_url", "",
			"want GET or DELETE "+InspectPath+"requests, DELETE state, GET events, coverage, resources or health"))
	}
	return true
}

func (s *Server) writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	s.writeText(w, Answer{Body: value})
}

func (s *Server) writeText(w http.ResponseWriter, a Answer) {
	text, err := jsonscan.Marshal(a.Body)
	if err != nil { // what is written here can be encoded
		text = []byte("null")
	}
	w.Write(append(text, '\n')) // whoever does not read it has had it
}

// seenRequest is a Request as JSON.
type seenRequest struct {
	ID         string          `json:"id"`
	Operation  string          `json:"operation,omitempty"`
	Method     string          `json:"method"`
	Path       string          `json:"path"`
	Query      string          `json:"query,omitempty"`
	Header     http.Header     `json:"header"`
	Parameters []seenParameter `json:"parameters,omitempty"`
	Body       json.RawMessage `json:"body,omitempty"` // as it is where it is JSON, else as a string
	Size       int64           `json:"size"`
	Parts      []seenPart      `json:"parts,omitempty"`
	Time       time.Time       `json:"time"`
	Refusal    *seenRefusal    `json:"refusal,omitempty"`
}

type seenParameter struct {
	Name  string          `json:"name"`
	In    string          `json:"in"`
	Value json.RawMessage `json:"value"`
}

type seenPart struct {
	Name        string `json:"name"`
	FileName    string `json:"filename,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	Size        int64  `json:"size"`
}

type seenRefusal struct {
	Status  int    `json:"status"`
	Code    string `json:"code"`
	Param   string `json:"param,omitempty"`
	Message string `json:"message"`
}

// seen returns the requests that a query asks for, oldest first.
func (s *Server) seen(query url.Values) []seenRequest {
	requests := s.Requests()
	list := []seenRequest{}
	for _, r := range requests {
		if id := query.Get("operation"); id == "" || id == r.Operation {
			list = append(list, s.withoutSecrets(r))
		}
	}
	return latest(list, query)
}

// latest returns as many of a list as a query asks for, from its end.
func latest[T any](list []T, query url.Values) []T {
	if n, err := strconv.Atoi(query.Get("limit")); err == nil && n >= 0 && n < len(list) {
		list = list[len(list)-n:]
	}
	return list
}

// seenEvent is a SocketEvent as JSON.
type seenEvent struct {
	Socket  string          `json:"socket"`
	Request string          `json:"request"` // ID of the handshake
	Type    string          `json:"type,omitempty"`
	Data    json.RawMessage `json:"data"` // as it is where it is JSON, else as a string
	Time    time.Time       `json:"time"`
	Refusal *seenRefusal    `json:"refusal,omitempty"`
}

// seenEvents returns the events of sockets that a query asks for, oldest first.
func (s *Server) seenEvents(query url.Values) []seenEvent {
	s.sockets.mu.Lock()
	events := slices.Clone(s.sockets.events)
	s.sockets.mu.Unlock()
	list := []seenEvent{}
	for _, e := range events {
		if name := query.Get("socket"); name != "" && name != e.Socket {
			continue
		}
		secrets := s.secretsOf(e.Request)
		list = append(list, seenEvent{e.Socket, e.Request.ID, e.Type, seenText(e.Data, secrets), e.Time, newSeenRefusal(e.Refusal, secrets)})
	}
	return latest(list, query)
}

// seenText is a body as JSON, without credentials: as it is where it is JSON, else as a
// string.
func seenText(text []byte, secrets []string) json.RawMessage {
	safe := mask.Text(string(text), secrets)
	switch {
	case len(text) == 0:
		return nil
	case json.Valid([]byte(safe)):
		return json.RawMessage(safe)
	}
	return json.RawMessage(quoted(valid(safe)))
}

func newSeenRefusal(f *Refusal, secrets []string) *seenRefusal {
	if f == nil {
		return nil
	}
	return &seenRefusal{f.Status, f.Code, f.Param, mask.Text(f.Message, secrets)}
}

// withoutSecrets returns a request without its credentials.
func (s *Server) withoutSecrets(r *Request) seenRequest {
	seen := seenRequest{
		ID: r.ID, Operation: r.Operation, Method: r.Method, Path: r.Path, Query: s.safeQuery(r), Header: make(http.Header, len(r.Header)), Size: r.Size, Time: r.Time,
	}
	secrets := s.secretsOf(r)
	for name, values := range r.Header {
		for _, value := range values {
			if s.isSecret(r, "header", name) {
				value = mask.Mask
			}
			seen.Header[name] = append(seen.Header[name], mask.Text(value, secrets))
		}
	}
	for _, p := range r.Parameters {
		if s.isSecret(r, p.In, p.Name) {
			p.Value = json.RawMessage(quoted(mask.Mask))
		}
		seen.Parameters = append(seen.Parameters, seenParameter(p))
	}
	for _, p := range r.Parts {
		seen.Parts = append(seen.Parts, seenPart{p.Name, p.FileName, p.ContentType, p.Size})
	}
	seen.Body = seenText(r.Body, secrets)
	seen.Refusal = newSeenRefusal(r.Refusal, secrets)
	return seen
}

// isSecret reports whether what stands in a place is a credential: by its name, or as the
// operation's security says.
func (s *Server) isSecret(r *Request, in, name string) bool {
	if mask.Sensitive(name) {
		return true
	}
	op, err := s.document.Operation(r.Operation)
	if err != nil {
		return false
	}
	for _, requirement := range op.Security {
		for _, scheme := range requirement {
			if known, ok := s.document.SecurityScheme(scheme); ok && known.In == in && strings.EqualFold(known.ParamName, name) {
				return true
			}
		}
	}
	return false
}

// secretsOf returns the credentials of a request.
func (s *Server) secretsOf(r *Request) []string {
	return mask.Secrets(&http.Request{Header: r.Header, URL: &url.URL{Path: r.Path, RawQuery: r.Query}})
}

// safeQuery is the query without credentials.
func (s *Server) safeQuery(r *Request) string {
	values, err := url.ParseQuery(r.Query)
	if err != nil {
		return mask.Text(r.Query, s.secretsOf(r))
	}
	masked := false
	for name, list := range values {
		if s.isSecret(r, "query", name) {
			for i := range list {
				list[i], masked = mask.Mask, true
			}
		}
	}
	if !masked {
		return r.Query
	}
	return values.Encode()
}
