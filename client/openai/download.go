package openai

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/opcall/opcall/client"
)

// DownloadRequest is a file to download.
type DownloadRequest struct {
	File string // its ID

	// Operation downloads something else than a file of the Files API, with these
	// Params: "RetrieveContainerFileContent". The default is downloadFile.
	Operation string
	Params    client.Params

	// State is the path of a small file by which DownloadFile goes on where it stopped, in
	// this process or another: calling it again with the same State, File and path asks for
	// the bytes that are missing. That takes a server that sends ranges and a strong ETag
	// (RFC 9110 §8.8.1); with another it starts over, as it does where the file has another
	// ETag by then. What has come stays beside path until then, under a temporary name. It
	// is written after each 16 MiB and where a download stops, and removed when the file
	// is whole. One process at a time uses a State.
	State string

	// Progress is called with the bytes that have been written and with those of the
	// whole, -1 where the server does not say how many. Done goes back to 0 where a
	// download starts over.
	Progress func(done, total int64)
}

// operation returns what to call.
func (r DownloadRequest) operation() (string, client.Params) {
	params := maps.Clone(r.Params)
	if params == nil {
		params = client.Params{}
	}
	if r.File != "" {
		params["file_id"] = r.File
	}
	return cmp.Or(r.Operation, "downloadFile"), params
}

// DownloadError reports a download that did not arrive whole.
type DownloadError struct {
	Operation   string
	File        string // its ID, where it has one
	Path        string // where it was to be written; there is what there was before. "" for a writer
	Done, Total int64  // bytes that were written, and how many there are; -1 where the server did not say
	State       string // by which it goes on; "" where it starts over
	Err         error
}

func (e *DownloadError) Error() string {
	text := e.Operation
	if e.File != "" {
		text += fmt.Sprintf(" of %.80q", e.File)
	}
	if e.Path != "" {
		text += fmt.Sprintf(" to %.200q", e.Path)
	}
	text += fmt.Sprintf(": stopped after %d", e.Done)
	if e.Total >= 0 {
		text += fmt.Sprintf(" of %d", e.Total)
	}
	return text + " bytes: " + e.Err.Error()
}

// Unwrap returns what stopped it.
func (e *DownloadError) Unwrap() error { return e.Err }

// Download writes a file of the server to w, as it comes, and returns how many bytes
// there were. A connection that breaks off is resumed where the server offers it: it
// takes ranges and says which version of the file it sends (RFC 9110 §14.2, §13.1.5).
// Where it sends another version then, w cannot have it, and that is an error.
//
// What stops a download is a *DownloadError; w then has what came before. A response
// without success is an *client.APIError.
func (c *Client) Download(ctx context.Context, w io.Writer, req DownloadRequest, opts ...client.CallOption) (int64, error) {
	if req.State != "" {
		return 0, &StateError{Path: req.State, Reason: "got one for a writer, which cannot be gone on with; DownloadFile takes it"}
	}
	d := &download{client: c.Client, request: req, options: opts, out: w, total: -1}
	return d.run(ctx)
}

// DownloadFile is Download into a file. Until all of it is there and on the disk, it has
// a temporary name beside path; where that fails, because the disk is full or the
// connection breaks off, the temporary file is removed and path is what it was. A
// connection that breaks off is resumed as in Download, or the download starts over. With
// a State, what came of a download that fails is kept for the next. A whole file that cannot
// have its name stays under the temporary one, which the error says.
func (c *Client) DownloadFile(ctx context.Context, path string, req DownloadRequest, opts ...client.CallOption) (int64, error) {
	if req.State != "" {
		return c.downloadOn(ctx, path, req, opts)
	}
	var n int64
	arrived := true // what fails before or after the download is about the file
	_, err := replaceFile(path, func(w io.Writer) (written int64, err error) {
		d := &download{client: c.Client, request: req, options: opts, out: w, path: path, total: -1}
		d.file, _ = w.(*os.File)
		n, err = d.run(ctx)
		arrived = err == nil
		return n, err
	})
	if err != nil && arrived {
		operation, _ := req.operation()
		err = &DownloadError{Operation: operation, File: req.File, Path: path, Done: n, Total: -1, Err: err}
	}
	return n, err
}

// download is a file on its way.
type download struct {
	client  *client.Client
	request DownloadRequest
	options []client.CallOption
	out     io.Writer
	file    *os.File // where out can be written anew, else nil
	path    string
	part    *part // nil where nothing is kept

	done, total int64  // total is -1 while it is not known
	version     string // of the file, for If-Range; "" where the server sends no ranges
	unwritten   error  // why out takes no more
}

// downloadTries is how many connections may break off without bringing anything more.
const downloadTries = 3

func (d *download) run(ctx context.Context) (int64, error) {
	furthest, idle := d.done, 0
	for {
		r, err := d.open(ctx)
		switch {
		case err != nil && d.isWhole(err):
			return d.done, nil
		case err != nil:
			return d.done, err
		}
		if err = d.copy(r); err == nil {
			return d.done, nil
		}
		if idle++; d.done > furthest {
			furthest, idle = d.done, 0
		}
		var broken *client.ConnectionError
		if d.unwritten != nil || !errors.As(err, &broken) || ctx.Err() != nil || idle >= downloadTries || d.version == "" && d.file == nil {
			return d.done, d.stopped(err)
		}
		if d.version == "" {
			if err := d.again(); err != nil {
				return d.done, d.stopped(err)
			}
		}
	}
}

// open asks for the file, or for what is missing of it.
func (d *download) open(ctx context.Context) (*client.Response, error) {
	operation, params := d.request.operation()
	opts := append([]client.CallOption{client.WithUnreadBody(), client.WithHeader("Accept-Encoding", "identity")}, d.options...)
	if d.done > 0 {
		opts = append(opts, client.WithHeader("Range", fmt.Sprintf("bytes=%d-", d.done)), client.WithHeader("If-Range", d.version))
	}
	r, err := d.client.Call(ctx, operation, params, opts...)
	if err != nil {
		if d.done > 0 {
			err = d.stopped(err)
		}
		return nil, err
	}
	if coding := r.Header().Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		r.Close()
		return nil, d.stopped(fmt.Errorf("got a body in %s, which was not asked for", codingOf(coding)))
	}
	if err := d.begin(r); err != nil {
		r.Close()
		return nil, d.stopped(err)
	}
	return r, nil
}

// isWhole reports whether a server has refused to send more because there is no more
// (RFC 9110 §15.5.17).
func (d *download) isWhole(err error) bool {
	var refused *client.APIError
	return d.done > 0 && errors.As(err, &refused) && refused.StatusCode == http.StatusRequestedRangeNotSatisfiable &&
		refused.Header.Get("Content-Range") == fmt.Sprintf("bytes */%d", d.done)
}

// begin reads the header of a response. One of the whole file starts over, unless
// nothing has been written yet.
func (d *download) begin(r *client.Response) error {
	header := r.Header()
	if d.done > 0 && r.StatusCode() == http.StatusPartialContent {
		from, total, ok := readContentRange(header.Get("Content-Range"))
		if !ok || from != d.done || d.total >= 0 && total >= 0 && total != d.total {
			return fmt.Errorf("got %s, want the bytes from %d of %d", rangeText(from, total, ok), d.done, d.total)
		}
		if tag := header.Get("ETag"); tag != "" && isStrongTag(d.version) && tag != d.version {
			d.version = "" // what there is is of no use
			return errors.New("the server sent a part of another version of the file")
		}
		return nil
	}
	if d.done > 0 {
		if err := d.again(); err != nil {
			return err
		}
	}
	d.total = -1
	if n, err := strconv.ParseInt(header.Get("Content-Length"), 10, 64); err == nil {
		d.total = n
	}
	d.version = ""
	if strings.EqualFold(header.Get("Accept-Ranges"), "bytes") {
		d.version = header.Get("ETag")
		if d.version == "" || strings.HasPrefix(d.version, "W/") { // a weak one does not tell bytes apart
			d.version = header.Get("Last-Modified")
		}
	}
	return d.part.begin(d)
}

// readContentRange reads "bytes 200-999/1000" (RFC 9110 §14.4); total is -1 where it is "*".
func readContentRange(text string) (from, total int64, ok bool) {
	unit, rest, _ := strings.Cut(text, " ")
	span, whole, _ := strings.Cut(rest, "/")
	first, _, _ := strings.Cut(span, "-")
	from, err := strconv.ParseInt(first, 10, 64)
	if err != nil || !strings.EqualFold(unit, "bytes") {
		return 0, 0, false
	}
	if total, err = strconv.ParseInt(whole, 10, 64); err != nil {
		return from, -1, whole == "*"
	}
	return from, total, true
}

// rangeText says what a Content-Range names. Like codingOf it quotes nothing that the
// server is free to write: that may be the key.
func rangeText(from, total int64, ok bool) string {
	switch {
	case !ok:
		return "a Content-Range that cannot be read"
	case total < 0:
		return fmt.Sprintf("a Content-Range from byte %d", from)
	}
	return fmt.Sprintf("a Content-Range from byte %d of %d", from, total)
}

// codingOf names the coding of a body (RFC 9110 §8.4.1).
func codingOf(coding string) string {
	switch coding = strings.ToLower(coding); coding {
	case "gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd":
		return fmt.Sprintf("Content-Encoding %q", coding)
	}
	return "an unknown Content-Encoding"
}

// again goes back to the beginning of the file.
func (d *download) again() error {
	if d.file == nil {
		return errors.New("the file on the server has changed since the download began")
	}
	if _, err := d.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	d.done = 0
	return d.file.Truncate(0)
}

// copy writes what a response has.
func (d *download) copy(r *client.Response) error {
	body := r.Body()
	defer body.Close()
	_, err := io.Copy(downloadWriter{d}, body)
	if err == nil && d.total >= 0 && d.done != d.total {
		err = fmt.Errorf("got %d bytes, want the %d that the server announced", d.done, d.total)
	}
	return err
}

func (d *download) stopped(err error) error {
	operation, _ := d.request.operation()
	return &DownloadError{Operation: operation, File: d.request.File, Path: d.path, Done: d.done, Total: d.total, Err: err}
}

// downloadWriter counts what is written.
type downloadWriter struct{ *download }

func (w downloadWriter) Write(p []byte) (int, error) {
	n, err := w.out.Write(p)
	w.done += int64(n)
	if err == nil {
		err = w.part.wrote(w.download)
	}
	w.unwritten = err
	if w.request.Progress != nil && n > 0 {
		w.request.Progress(w.done, w.total)
	}
	return n, err
}
