package clienttest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/client/internal/mask"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// recordingFile is what a recording is called in its folder.
const recordingFile = "exchanges.jsonl"

// WithRecord passes requests on to a real API, "https://api.openai.com", and keeps what
// went to and fro in a folder, for WithReplay: in exchanges.jsonl, a line for each
// exchange (conform.Exchange), behind those that are there. Nothing is validated, and
// Requests has none of it; Coverage and WithLog know of it.
// Credentials pass through and are not kept. Bodies are kept up to 16 MiB.
func WithRecord(dir, upstream string) Option {
	return func(s *Server) error {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("record: %w", err)
		}
		s.recordTo, s.recordFrom = filepath.Join(dir, recordingFile), upstream
		return nil
	}
}

// startRecord opens the recording and makes the proxy that writes it.
func (s *Server) startRecord() error {
	if s.recordTo == "" {
		return nil
	}
	file, err := os.OpenFile(s.recordTo, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	proxy, err := conform.NewProxy(s.document, s.recordFrom, conform.WithRecording(file),
		conform.WithRequests(schema.Off, conform.Pass), conform.WithResponses(schema.Off, conform.Pass), conform.WithUnmatched(conform.Pass),
		conform.WithReport(func(conform.Report) {}))
	if err != nil {
		file.Close()
		return fmt.Errorf("record: %w", err)
	}
	s.recorder = &recorder{proxy, file}
	return nil
}

// recorder passes requests on and keeps them.
type recorder struct {
	*conform.Proxy
	file *os.File
}

// stop closes the WebSockets that are passed on, which http.Server.Close does not know.
func (r *recorder) stop() {
	if r == nil {
		return
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	r.Shutdown(ended) // its error is that of the context: Close waits itself
}

func (r *recorder) close() {
	r.CloseIdleConnections()
	r.file.Close() // each line was written in one Write
}

// RecordingErr returns the first error of writing what WithRecord asks for. After it nothing
// more is kept; requests are passed on all the same.
func (s *Server) RecordingErr() error {
	if s.recorder == nil {
		return nil
	}
	return s.recorder.RecordingErr()
}

// WithReplay responds as a real API did: with what WithRecord kept in a folder. A request
// gets the response to the recorded one that has its method, path, query and body; else,
// since programs put times and boundaries into bodies, to the next one with its method,
// path and query. One that was recorded once may come again. A request that was not
// recorded gets 404. What the document says does not count. A WebSocket gets the recorded
// messages of the server, each once the client has sent as many as it had sent before that,
// whatever they say.
func WithReplay(dir string) Option {
	return func(s *Server) error {
		names, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
		if err == nil && len(names) == 0 {
			err = fmt.Errorf("%s has no file *.jsonl", dir)
		}
		if err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		s.replayed = &replayed{}
		for _, name := range names {
			if err := s.replayed.read(name); err != nil {
				return fmt.Errorf("replay: %s: %w", name, err)
			}
		}
		return nil
	}
}

// replayed are the exchanges of a recording.
type replayed struct {
	mu   sync.Mutex
	list []*replayedExchange
}

type replayedExchange struct {
	conform.Exchange
	used int
}

func (r *replayed) read(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	for e, err := range conform.Exchanges(file) {
		if err != nil {
			return err
		}
		r.list = append(r.list, &replayedExchange{Exchange: e})
	}
	return nil
}

// find returns the exchange of a request, nil where there is none.
func (r *replayed) find(base, method, path, query string, body []byte) *replayedExchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	var best *replayedExchange
	rank := func(e *replayedExchange) (same, used int) {
		if sameBody(body, e.RequestBody) {
			return 0, e.used
		}
		return 1, e.used
	}
	for _, e := range r.list {
		if e.Method != method || relative(base, e.Path) != relative(base, path) || !sameQuery(e.Query, query) {
			continue
		}
		if best == nil {
			best = e
			continue
		}
		same, used := rank(e)
		bestSame, bestUsed := rank(best)
		if cmp.Or(cmp.Compare(same, bestSame), cmp.Compare(used, bestUsed)) < 0 {
			best = e
		}
	}
	if best != nil {
		best.used++
	}
	return best
}

// relative is a path without the base, wherever the recorded API had it.
func relative(base, path string) string {
	if base == "" {
		return path
	}
	if i := strings.Index(path, base+"/"); i >= 0 {
		return path[i+len(base):]
	}
	return path
}

// sameQuery compares queries but for credentials.
func sameQuery(a, b string) bool {
	values := func(query string) url.Values {
		v, _ := url.ParseQuery(query) // what cannot be read is left out
		for name := range v {
			if mask.Sensitive(name) {
				delete(v, name)
			}
		}
		return v
	}
	return a == b || values(a).Encode() == values(b).Encode()
}

// sameBody compares bodies, as JSON where they are.
func sameBody(a, b []byte) bool {
	return bytes.Equal(a, b) || json.Valid(a) && json.Valid(b) && jsonvalue.EqualText(jsonscan.Alias(a), jsonscan.Alias(b))
}

// replay responds from the recording.
func (s *Server) replay(w http.ResponseWriter, hr *http.Request, op *schema.Operation, req *Request) {
	e := s.replayed.find(s.base, req.Method, req.Path, req.Query, req.whole)
	if e == nil {
		s.write(w, hr, op, req, s.notRecorded(req))
		return
	}
	s.write(w, hr, op, req, s.answerOf(e))
}

// notRecorded is what a request gets that has no exchange.
func (s *Server) notRecorded(req *Request) Answer {
	return errorAnswer(http.StatusNotFound, "invalid_request_error", "not_recorded", "",
		fmt.Sprintf("no %.20s %.200s with this query was recorded%s", req.Method, req.Path, near.Question(near.Names(req.Path, s.replayed.paths(req.Method), 2))))
}

// connectionHeaders are those of a connection, not of what is replayed.
var connectionHeaders = []string{"Connection", "Content-Length", "Transfer-Encoding", "Keep-Alive", "Date", "Alt-Svc", "Trailer", "Upgrade"}

// answerOf is the response of a recorded exchange.
func (s *Server) answerOf(e *replayedExchange) Answer {
	switch {
	case e.ResponseOmitted:
		return ErrorAnswer(http.StatusInternalServerError, "not_recorded", "the body of the response was too long to be recorded, or was not read to its end")
	case e.Status < 200 || e.Status > 599:
		return ErrorAnswer(http.StatusInternalServerError, "not_recorded", fmt.Sprintf("a response with status %d cannot be replayed", e.Status))
	}
	a := Answer{Status: e.Status, Header: make(http.Header), Body: []byte(e.ResponseBody)}
	for name, values := range e.ResponseHeader {
		if name = http.CanonicalHeaderKey(name); !slices.Contains(connectionHeaders, name) {
			a.Header[name] = values
		}
	}
	if extension.IsEventStream(a.Header.Get("Content-Type")) {
		a.Body = Recording{Data: e.ResponseBody, Interval: s.timing.interval(), first: s.timing.FirstToken}
	}
	return a
}

// paths lists the paths that were recorded with a method.
func (r *replayed) paths(method string) (paths []string) {
	for _, e := range r.list {
		if e.Method == method && !slices.Contains(paths, e.Path) {
			paths = append(paths, e.Path)
		}
	}
	return paths
}
