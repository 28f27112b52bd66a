package openai_test

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
)

// fault is what goes wrong with a request.
type fault int

const (
	noFault     fault = iota
	refuse            // 503, nothing done
	dropRequest       // the connection breaks before anything is done
	dropReply         // it is done, and the response is lost
)

// fileHost is a server of files, uploads and batches that can fail.
type fileHost struct {
	*httptest.Server
	tb testing.TB

	mu       sync.Mutex
	next     int
	arrived  map[string]int // requests by "POST /uploads/parts"
	files    map[string]*hostedFile
	uploads  map[string]*hostedUpload
	batches  map[string]*hostedBatch
	faults   func(request string, n int) fault // n counts the requests of that name, from 1
	onPart   func(n int)                       // before a part is taken in
	download func(w http.ResponseWriter, req *http.Request, content []byte) bool
	batchHost
}

type hostedFile struct {
	ID, Name, Purpose string
	Content           []byte
}

func (f *hostedFile) json() map[string]any {
	return map[string]any{
		"id": f.ID, "object": "file", "bytes": len(f.Content), "created_at": time.Now().Unix(), "filename": f.Name, "purpose": f.Purpose, "status": "processed",
	}
}

type hostedUpload struct {
	ID, Name, Purpose, Status string
	Bytes                     int64
	Expires                   int64
	Parts                     map[string][]byte
}

func newFileHost(tb testing.TB) *fileHost {
	h := &fileHost{
		tb: tb, arrived: map[string]int{}, files: map[string]*hostedFile{}, uploads: map[string]*hostedUpload{}, batches: map[string]*hostedBatch{},
	}
	mux := http.NewServeMux()
	handle := func(pattern string, f func(*http.Request) (int, any)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, req *http.Request) { h.serve(pattern, w, req, f) })
	}
	handle("POST /files", h.createFile)
	handle("GET /files", h.listFiles)
	handle("POST /uploads", h.createUpload)
	handle("POST /uploads/{id}/parts", h.addPart)
	handle("POST /uploads/{id}/complete", h.completeUpload)
	handle("POST /uploads/{id}/cancel", h.cancelUpload)
	mux.HandleFunc("GET /files/{id}/content", h.content)
	h.handleBatches(handle)
	h.Server = httptest.NewServer(mux)
	tb.Cleanup(h.Close)
	return h
}

// client returns a client of the host. It sends a request once, unless options say
// otherwise.
func (h *fileHost) client(tb testing.TB, opts ...client.Option) *openai.Client {
	transport := &http.Transport{}
	tb.Cleanup(transport.CloseIdleConnections)
	return newClient(tb, append([]client.Option{
		client.WithBaseURL(h.URL), client.WithAPIKey("k"), client.WithMaxRetries(0), client.WithHTTPClient(&http.Client{Transport: transport}),
	}, opts...)...)
}

func (h *fileHost) serve(name string, w http.ResponseWriter, req *http.Request, f func(*http.Request) (int, any)) {
	h.mu.Lock()
	h.arrived[name]++
	n := h.arrived[name]
	wrong := noFault
	if h.faults != nil {
		wrong = h.faults(name, n)
	}
	h.mu.Unlock()
	switch wrong {
	case refuse:
		w.Header().Set("Retry-After-Ms", "0.001")
		http.Error(w, `{"error": {"message": "busy"}}`, http.StatusServiceUnavailable)
		return
	case dropRequest:
		panic(http.ErrAbortHandler)
	}
	status, body := f(req)
	if wrong == dropReply {
		panic(http.ErrAbortHandler)
	}
	if status >= 400 {
		body = map[string]any{"error": map[string]any{"message": body, "type": "invalid_request_error"}}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// failBy sets faults for requests of other processes, which nothing else puts in order.
func (h *fileHost) failBy(faults func(request string, n int) fault) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults = faults
}

func (h *fileHost) count(name string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.arrived[name]
}

func (h *fileHost) id(prefix string) string {
	h.next++
	return prefix + strconv.Itoa(h.next)
}

// formFile reads the file of a form, and its other fields.
func formFile(req *http.Request, field string) (name string, content []byte, fields map[string]string, err error) {
	form, err := req.MultipartReader()
	if err != nil {
		return "", nil, nil, err
	}
	fields = make(map[string]string)
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return name, content, fields, nil
		}
		if err != nil {
			return "", nil, nil, err
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return "", nil, nil, err
		}
		if part.FormName() == field {
			name, content = part.FileName(), text
		} else {
			fields[part.FormName()] = string(text)
		}
	}
}

func (h *fileHost) createFile(req *http.Request) (int, any) {
	name, content, fields, err := formFile(req, "file")
	if err != nil {
		return 400, err.Error()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return 200, h.keep(name, fields["purpose"], content).json()
}

func (h *fileHost) keep(name, purpose string, content []byte) *hostedFile {
	f := &hostedFile{ID: h.id("file-"), Name: name, Purpose: purpose, Content: content}
	h.files[f.ID] = f
	return f
}

func (h *fileHost) listFiles(req *http.Request) (int, any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	data := []any{}
	for _, id := range slices.Sorted(maps.Keys(h.files)) {
		if purpose := req.URL.Query().Get("purpose"); purpose == "" || purpose == h.files[id].Purpose {
			data = append(data, h.files[id].json())
		}
	}
	return 200, map[string]any{"object": "list", "data": data, "has_more": false, "first_id": "", "last_id": ""}
}

func (h *fileHost) createUpload(req *http.Request) (int, any) {
	u := &hostedUpload{Status: "pending", Expires: time.Now().Unix() + 3600, Parts: map[string][]byte{}}
	var body struct {
		Filename, Purpose string
		Bytes             int64
	}
	if err := json.NewDecoder(req.Body).Decode(&body); err != nil {
		return 400, err.Error()
	}
	u.Name, u.Purpose, u.Bytes = body.Filename, body.Purpose, body.Bytes
	h.mu.Lock()
	defer h.mu.Unlock()
	u.ID = h.id("upload_")
	h.uploads[u.ID] = u
	return 200, u.json(nil)
}

func (u *hostedUpload) json(file map[string]any) map[string]any {
	return map[string]any{
		"id": u.ID, "object": "upload", "bytes": u.Bytes, "created_at": time.Now().Unix(), "expires_at": u.Expires, "filename": u.Name,
		"purpose": u.Purpose, "status": u.Status, "file": file,
	}
}

func (h *fileHost) addPart(req *http.Request) (int, any) {
	_, content, _, err := formFile(req, "data")
	if err != nil {
		return 400, err.Error()
	}
	if h.onPart != nil {
		h.onPart(h.count("POST /uploads/{id}/parts"))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	u := h.uploads[req.PathValue("id")]
	if u == nil || u.Status != "pending" {
		return 400, "no such upload"
	}
	id := h.id("part_")
	u.Parts[id] = content
	return 200, map[string]any{"id": id, "object": "upload.part", "created_at": 1, "upload_id": u.ID}
}

func (h *fileHost) completeUpload(req *http.Request) (int, any) {
	var body struct {
		Parts []string `json:"part_ids"`
		MD5   string
	}
	if err := json.NewDecoder(req.Body).Decode(&body); err != nil {
		return 400, err.Error()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	u := h.uploads[req.PathValue("id")]
	if u == nil || u.Status != "pending" {
		return 400, "the upload is not pending"
	}
	var whole []byte
	for _, id := range body.Parts {
		part, ok := u.Parts[id]
		if !ok {
			return 400, "no part " + id
		}
		whole = append(whole, part...)
	}
	sum := md5.Sum(whole)
	if int64(len(whole)) != u.Bytes || body.MD5 != hex.EncodeToString(sum[:]) {
		return 400, fmt.Sprintf("got %d bytes, MD5 %s", len(whole), body.MD5)
	}
	u.Status = "completed"
	return 200, u.json(h.keep(u.Name, u.Purpose, whole).json())
}

func (h *fileHost) cancelUpload(req *http.Request) (int, any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	u := h.uploads[req.PathValue("id")]
	if u == nil {
		return 404, "no such upload"
	}
	u.Status = "cancelled"
	return 200, u.json(nil)
}

func (h *fileHost) content(w http.ResponseWriter, req *http.Request) {
	h.mu.Lock()
	h.arrived["GET /files/{id}/content"]++
	f := h.files[req.PathValue("id")]
	handler := h.download
	h.mu.Unlock()
	if f == nil {
		http.Error(w, `{"error": {"message": "no such file"}}`, http.StatusNotFound)
		return
	}
	if handler != nil && handler(w, req, f.Content) {
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Write(f.Content)
}

// only returns the one file of the host.
func (h *fileHost) onlyFile() *hostedFile {
	h.tb.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.files) != 1 {
		h.tb.Fatalf("got %d files on the host, want 1", len(h.files))
	}
	for _, f := range h.files {
		return f
	}
	return nil
}

// lettersOf makes a file that differs in every place.
func lettersOf(size int) []byte {
	content := make([]byte, 0, size+8)
	line := []byte("0000000\n")
	for len(content) < size {
		content = append(content, line...)
		for i := 6; i >= 0; i-- { // the next number
			if line[i]++; line[i] <= '9' {
				break
			}
			line[i] = '0'
		}
	}
	return content[:size]
}

func hasText(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("got error\n%v\nwant it to contain %q", err, part)
		}
	}
}
