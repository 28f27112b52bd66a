package schema

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// FetchTimeout bounds a Fetch whose context has no deadline.
// A server that accepts a connection and then sends nothing would otherwise hold the
// program for ever: the client of net/http has no limit of its own.
const FetchTimeout = time.Minute

// Fetched is what Fetch has got.
//
// It is bytes and not a Document, so that a program can keep them, compare them, or load
// them with overlays; and so that a test needs no server.
type Fetched struct {
	Data        []byte // for Load; nil where nothing has changed
	ETag        string // for the next Fetch, "" where the server gives none
	NotModified bool   // the server has what the ETag of WithETag names
}

// FetchOption changes what Fetch does.
type FetchOption func(*fetch)

type fetch struct {
	etag    string
	client  *http.Client
	maxSize int64
}

// WithETag gives the ETag of an earlier Fetch: a document that is still the same is not
// sent again (RFC 9110 §13.1.2).
func WithETag(etag string) FetchOption { return func(f *fetch) { f.etag = etag } }

// WithFetchClient sets the client that fetches, in place of one with the defaults of
// net/http, for proxies and certificates. Its cookie jar and its redirect policy are not
// used.
// The client is copied, and the one of the caller stays as it is.
func WithFetchClient(c *http.Client) FetchOption { return func(f *fetch) { f.client = c } }

// WithFetchLimit sets the largest document that is read, in bytes, in place of
// DefaultMaxSize.
func WithFetchLimit(bytes int64) FetchOption { return func(f *fetch) { f.maxSize = bytes } }

// Fetch gets a document from a URL, for Load. Nothing else in this module fetches
// one: a program calls Fetch, or has the document on its disk.
//
// The URL must be https, or http at a loopback address, without user name and password;
// so must be the targets of redirects, of which ten are followed. No credential and no
// cookie is sent. A status other than 200 and 304, a response longer than DefaultMaxSize,
// and one that breaks off are errors.
//
// Errors quote the URL without its password. They are of no special type: whatever the
// reason, a program goes on with the document that it has, or stops.
func Fetch(ctx context.Context, address string, opts ...FetchOption) (*Fetched, error) {
	f := fetch{maxSize: DefaultMaxSize}
	for _, opt := range opts {
		opt(&f)
	}
	if ctx == nil {
		return nil, errors.New("fetch: got a nil context, want context.Background() where nothing ends it")
	}
	u, err := url.Parse(address)
	if err != nil {
		// The error of url.Parse quotes the text, which may have a password in it.
		return nil, errors.New("fetch: the address is not a URL; want one such as https://example.com/openapi.yaml")
	}
	if err := fetchable(u); err != nil {
		return nil, fmt.Errorf("fetch %.200q: %w", u.Redacted(), err)
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, FetchTimeout)
		defer cancel()
	}
	fetched, err := f.get(ctx, u)
	if err != nil {
		var failed *url.Error // which quotes the URL itself
		if errors.As(err, &failed) {
			err = failed.Err
		}
		return nil, fmt.Errorf("fetch %.200q: %w", u.Redacted(), err)
	}
	return fetched, nil
}

// fetchable says why a URL is not fetched.
//
// A document decides where a program sends its key, by servers. Over plain http whoever is
// on the way could change that, so that only a loopback address is taken without TLS.
func fetchable(u *url.URL) error {
	switch host := u.Hostname(); {
	case u.User != nil:
		return errors.New("the URL has a user name; documents are fetched without credentials")
	case u.Scheme != "" && u.Scheme != "https" && u.Scheme != "http":
	case host == "":
		return errors.New("the URL has no host; want one such as https://example.com/openapi.yaml")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && (host == "localhost" || net.ParseIP(host).IsLoopback()):
		return nil
	}
	return fmt.Errorf("got scheme %.20q, want https", u.Scheme)
}

// Compression is left to net/http, which undoes it: the limit is one of what is read and
// not of what was sent.
func (f *fetch) get(ctx context.Context, u *url.URL) (*Fetched, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/yaml, application/json, */*")
	if f.etag != "" {
		req.Header.Set("If-None-Match", f.etag)
	}
	h := http.Client{}
	if f.client != nil {
		h = *f.client
	}
	h.Jar = nil
	// Each hop is checked like the first: a redirect to http would take away what https gave.
	h.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if len(via) >= 10 {
			return errors.New("more than ten redirects")
		}
		if err := fetchable(req.URL); err != nil {
			return fmt.Errorf("redirected to %.200q: %w", req.URL.Redacted(), err)
		}
		return nil
	}
	resp, err := h.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotModified && f.etag != "":
		return &Fetched{ETag: f.etag, NotModified: true}, nil
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("got status %d, want 200", resp.StatusCode)
	}
	if coding := resp.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return nil, fmt.Errorf("got a body in Content-Encoding %.40q, which was not asked for", coding)
	}
	data, err := io.ReadAll(beyond(resp.Body, f.maxSize))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > f.maxSize {
		return nil, fmt.Errorf("the response has more bytes than the limit of %d; raise it with WithFetchLimit", f.maxSize)
	}
	// The page around a file in a repository is the usual wrong address. Read as YAML it
	// would fail at a place that helps nobody.
	if kind := resp.Header.Get("Content-Type"); strings.HasPrefix(kind, "text/html") {
		return nil, errors.New("got an HTML page, want a document; is it the address of the raw file?")
	}
	return &Fetched{Data: data, ETag: resp.Header.Get("ETag")}, nil
}
