package clienttest

import (
	"encoding/json"
	"net/http"
	"net/url"
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
//	DELETE /__opcall/requests    forget it
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
		w.WriteHeader(http.StatusNoContent)
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
			"want GET or DELETE "+InspectPath+"requests, DELETE state, GET coverage, resources or health"))
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
	if n, err := strconv.Atoi(query.Get("limit")); err == nil && n >= 0 && n < len(list) {
		list = list[len(list)-n:]
	}
	return list
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
	switch {
	case len(r.Body) == 0:
	case json.Valid(r.Body):
		seen.Body = r.Body
	default:
		seen.Body = json.RawMessage(quoted(valid(string(r.Body))))
	}
	if f := r.Refusal; f != nil {
		seen.Refusal = &seenRefusal{f.Status, f.Code, f.Param, mask.Text(f.Message, secrets)}
	}
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
