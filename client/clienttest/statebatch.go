package clienttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// What bounds the requests of one file, and what they get.
const (
	maxLines   = 50_000
	maxResults = 64 << 20 // bytes
)

// run serves the requests that stand in the file of an object, once, when it is finished.
// Whoever looks at it meanwhile waits.
func (s *Server) run(hr *http.Request, o *object) {
	s.store.Lock()
	ended := o.ended
	s.store.Unlock()
	if o.role.state.Runs.Input != "" && !ended {
		o.ran.Do(func() { s.runFile(hr, o) })
	}
}

// runFile serves the requests and puts the files of their results into the object. The lock
// of the store is held for single steps: a request in the file may read and change objects.
func (s *Server) runFile(hr *http.Request, o *object) {
	runs := o.role.state.Runs
	s.store.Lock()
	text := o.text
	s.store.Unlock()
	files, ok := s.resources().roles[runs.As]
	if !ok {
		return
	}
	member := func(name string) string { return gjson.Get(text, gjson.Escape(name)).String() }
	s.store.Lock()
	input := s.store.get(files.resource.Path, url.PathEscape(member(runs.Input)))
	var lines []byte
	if input != nil {
		lines = input.file
	}
	s.store.Unlock()
	// The client may be gone before all is done, the next one wants all of it.
	hr = hr.WithContext(context.WithoutCancel(hr.Context()))
	b := batch{s: s, hr: hr, path: member(runs.Path), method: runs.Method, number: o.id, seen: make(map[string]bool)}
	b.serve(lines)
	changes := jsonscan.Object{{Name: runs.Counts, Text: fmt.Sprintf(`{"total":%d,"completed":%d,"failed":%d}`, b.completed+b.failed, b.completed, b.failed)}}
	// A file without lines is not made, as the API makes none: its member stays null.
	for _, file := range []struct {
		member string
		lines  []byte
	}{{runs.Output, b.output.Bytes()}, {runs.Errors, b.errors.Bytes()}} {
		if len(file.lines) == 0 {
			continue
		}
		if id, err := s.makeFile(runs.As, fmt.Sprintf("%s_%s.jsonl", o.id, strings.TrimSuffix(file.member, "_file_id")), "batch_output", file.lines); err == nil {
			changes = append(changes, jsonscan.Field{Name: file.member, Text: id})
		}
	}
	// The sample of a finished batch names files that nobody made.
	made := jsonscan.ReadObject(text)
	made.Take(runs.Output)
	made.Take(runs.Errors)
	for _, c := range changes {
		made.Set(c.Name, c.Text)
	}
	s.store.Lock()
	s.store.set(o, made.String())
	s.store.Unlock()
}

// makeFile keeps a file as the operation that uploads one would, and returns its ID as
// JSON.
func (s *Server) makeFile(operation, name, purpose string, data []byte) (string, error) {
	o, err := s.uploaded(operation, &Request{
		ID: s.number(), whole: []byte(`{"file":` + quoted(name) + `,"purpose":` + quoted(purpose) + `}`),
		files: []Part{{Name: "file", FileName: name, Size: int64(len(data)), Content: data}},
	})
	if err != nil {
		return "", err
	}
	return gjson.Get(s.current(o), "id").Raw, nil
}

// uploaded keeps a file as an operation would for a request.
func (s *Server) uploaded(operation string, req *Request) (*object, error) {
	op, err := s.document.Operation(operation)
	if err != nil {
		return nil, err
	}
	media, r := answerInJSON(op), s.resources().roles[op.ID]
	if media == nil || r.use != createUse {
		return nil, fmt.Errorf("%s makes no file", op.ID)
	}
	made, err := s.instance(media)
	if err != nil {
		return nil, err
	}
	return s.make(op, r, req, s.formOf(media, string(made.data))), nil
}

// batch serves the requests of a file.
type batch struct {
	s                 *Server
	hr                *http.Request // that found the batch to be finished
	path, method      string        // of all requests; "" for any method
	number            string
	seen              map[string]bool // by custom_id
	completed, failed int
	output, errors    bytes.Buffer
}

// serve serves the requests of all lines. Each result is a line of one of two files, whatever
// goes wrong, so that the counts add up to the lines of the input.
func (b *batch) serve(lines []byte) {
	n := 0
	for line := range bytes.Lines(lines) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if n++; n > maxLines || b.output.Len() > maxResults {
			b.fail(n, "", "batch_limit", fmt.Sprintf("got more than %d lines, or more than %d bytes of results", maxLines, maxResults))
			return
		}
		if b.s.isClosed() {
			return
		}
		b.line(n, string(line))
	}
}

// line serves the request of one line.
func (b *batch) line(n int, line string) {
	request := gjson.Parse(line)
	id := request.Get("custom_id").Raw
	switch {
	case !gjson.Valid(line) || !request.IsObject():
		b.fail(n, id, "invalid_json_line", "the line is not a JSON object")
		return
	case request.Get("custom_id").Type != gjson.String:
		b.fail(n, id, "missing_custom_id", "custom_id: got none, want a string")
		return
	case b.seen[id]:
		b.fail(n, id, "duplicate_custom_id", "custom_id: an earlier line has it, too")
		return
	case b.method != "" && request.Get("method").String() != b.method:
		b.fail(n, id, "invalid_method", fmt.Sprintf("method: got %.20q, want %q", request.Get("method").String(), b.method))
		return
	case request.Get("url").String() != b.path:
		b.fail(n, id, "mismatched_url", fmt.Sprintf("url: got %.100q, want %.100q", request.Get("url").String(), b.path))
		return
	}
	b.seen[id] = true
	status, requestID, body, err := b.s.inside(b.hr, request.Get("method").String(), b.path, request.Get("body").Raw)
	if err != nil {
		b.fail(n, id, "request_failed", err.Error())
		return
	}
	to := &b.output
	if b.completed++; status >= 400 {
		to = &b.errors
		b.completed--
		b.failed++
	}
	fmt.Fprintf(to, `{"id":"batch_req_test_%s_%d","custom_id":%s,"response":{"status_code":%d,"request_id":%s,"body":%s},"error":null}`+"\n",
		strings.TrimPrefix(b.number, "batch_test_"), n, id, status, quoted(requestID), body)
}

// fail writes the result of a line that is not a request that could be served.
func (b *batch) fail(n int, id, code, message string) {
	b.failed++
	if id == "" {
		id = "null"
	}
	fmt.Fprintf(&b.errors, `{"id":"batch_req_test_%s_%d","custom_id":%s,"response":null,"error":{"code":%s,"message":%s}}`+"\n",
		strings.TrimPrefix(b.number, "batch_test_"), n, id, quoted(code), quoted(message))
}

// inside serves a JSON request that did not come over the network, for the caller of
// another one. It is not recorded.
func (s *Server) inside(hr *http.Request, method, path, body string) (status int, id, response string, err error) {
	if strings.HasPrefix(path, "/v1") && s.base != "/v1" {
		path = s.base + strings.TrimPrefix(path, "/v1")
	}
	inner, err := http.NewRequestWithContext(hr.Context(), method, "http://"+hr.Host+path, strings.NewReader(body))
	if err != nil {
		return 0, "", "", err
	}
	inner.Host = hr.Host
	inner.Header = http.Header{"Content-Type": {"application/json"}}
	for _, name := range []string{"Authorization", "Openai-Beta"} {
		if values := hr.Header.Values(name); len(values) > 0 {
			inner.Header[name] = values
		}
	}
	// From here on it goes the way of any request, scripts included.
	op, req := s.receive(inner)
	a := Answer{}
	if req.Refusal != nil {
		a = req.Refusal.answer()
	} else {
		a = s.scripted(op.ID, req)
	}
	a.Status = statusOf(op, a)
	c, err := s.content(inner, op, req, a)
	var refusal *Refusal
	if errors.As(err, &refusal) {
		a = refusal.answer()
		c, err = s.content(inner, op, req, a)
	}
	switch {
	case err != nil:
		return 0, "", "", err
	case a.Fail.kind != noFailure || c.stream != nil || !schema.IsJSON(c.mediaType):
		return 0, "", "", errors.New("the response is not whole, or is not JSON")
	}
	return a.Status, req.ID, string(c.data), nil
}

// statusOf returns the status that a response will have on the wire.
func statusOf(op *schema.Operation, a Answer) int {
	if a.Status == 0 {
		return success(op)
	}
	return a.Status
}

// join makes a file of the parts that a request lists, and returns it as JSON.
func (s *Server) join(_ *schema.Operation, req *Request, o *object, r role) (string, error) {
	joins := r.state.Joins
	parts, ok := s.resources().roles[joins.Parts]
	if !ok {
		return "null", nil
	}
	var data []byte
	for i, id := range jsonscan.Strings(req.given(joins.By)) {
		s.store.Lock()
		part := s.store.get(fill(parts.resource.Path, req), url.PathEscape(id))
		if part != nil && part.fileSize == int64(len(part.file)) && int64(len(data)+len(part.file)) <= s.maxFile {
			data = append(data, part.file...)
			s.store.Unlock()
			continue
		}
		s.store.Unlock()
		return "", &Refusal{
			Status: http.StatusBadRequest, Code: "invalid_value", Param: fmt.Sprintf("%s.%d", joins.By, i),
			Message: fmt.Sprintf("%s.%d: no part %.100q of at most %d bytes in all was made for this upload", joins.By, i, id, s.maxFile),
		}
	}
	whole := gjson.Parse(s.whole(o))
	name := whole.Get("filename").String()
	if want := whole.Get("bytes"); want.Exists() && want.Int() != int64(len(data)) {
		return "", &Refusal{
			Status: http.StatusBadRequest, Code: "invalid_value", Param: joins.By,
			Message: fmt.Sprintf("the parts have %d bytes together, want %d as the upload says", len(data), want.Int()),
		}
	}
	file, err := s.uploaded(joins.As, &Request{
		ID: req.ID, whole: []byte(`{"file":` + quoted(name) + `,"purpose":` + quoted(whole.Get("purpose").String()) + `}`),
		files: []Part{{Name: "file", FileName: name, Size: int64(len(data)), Content: data}}, made: req.ids(),
	})
	if err != nil {
		return "", err
	}
	return s.current(file), nil
}
