package explorer

import (
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/opcall/opcall/client"
)

// Explorer is the page. It is safe for concurrent use, and follows Swap of its client.
type Explorer struct {
	client *client.Client
	test   *client.Client // nil without a test server
	noAPI  bool
	token  string // "" for none
	cookie string // its name
	hosts  []string
	prefix string // "" or "/path", without a slash at its end
	words  words
	mux    *http.ServeMux
}

// Option sets up an Explorer.
type Option func(*Explorer) error

// WithTestServer offers to send calls by the client of a test server, too; that is then
// the default of the page. The server should speak the document of the client.
func WithTestServer(test *client.Client) Option {
	return func(e *Explorer) error {
		if test == nil {
			return errors.New("WithTestServer: got nil, want the client of a test server")
		}
		e.test = test
		return nil
	}
}

// WithoutAPI sends no call to the API itself.
func WithoutAPI() Option {
	return func(e *Explorer) error {
		e.noAPI = true
		return nil
	}
}

// WithHosts serves requests that name one of these hosts, without the port, beside those
// that name a loopback address: "tools.example.com".
func WithHosts(names ...string) Option {
	return func(e *Explorer) error {
		for _, name := range names {
			if name == "" || strings.ContainsAny(name, "/:*") {
				return fmt.Errorf("WithHosts: got %q, want the name of a host without scheme and port, such as tools.example.com", name)
			}
			e.hosts = append(e.hosts, strings.ToLower(name))
		}
		return nil
	}
}

// WithoutToken serves browsers that were not started with the address of Start. It is for
// an Explorer behind a login of its own: whoever reaches the page makes calls with the
// client's key.
func WithoutToken() Option {
	return func(e *Explorer) error {
		e.token = ""
		return nil
	}
}

// WithPrefix says below which path the Explorer is mounted, such as "/explore". Requests
// may arrive with it or, behind http.StripPrefix or a proxy that does the same, without.
func WithPrefix(path string) Option {
	return func(e *Explorer) error {
		path = strings.TrimRight(path, "/")
		if path != "" && path[0] != '/' || strings.ContainsAny(path, "?#{}") {
			return fmt.Errorf("WithPrefix: got %q, want a path that begins with /, such as /explore", path)
		}
		e.prefix = path
		return nil
	}
}

// New returns a page for the document of c. Calls to the API are made by c, with its
// settings and its credentials.
func New(c *client.Client, opts ...Option) (*Explorer, error) {
	if c == nil {
		return nil, errors.New("explorer: got no client")
	}
	e := &Explorer{client: c, token: rand.Text(), cookie: cookie + rand.Text()[:8]}
	for _, option := range opts {
		if err := option(e); err != nil {
			return nil, fmt.Errorf("explorer: %w", err)
		}
	}
	if e.noAPI && e.test == nil {
		return nil, errors.New("explorer: WithoutAPI leaves nowhere to send calls to, give WithTestServer, too")
	}
	e.routes()
	return e, nil
}

// Start is the path that a browser is to be sent to first: it has the token that admits
// it. It is a secret as long as the program runs.
func (e *Explorer) Start() string {
	if e.token == "" {
		return e.prefix + "/"
	}
	return e.prefix + "/?token=" + e.token
}

// String keeps the token out of logs.
func (e *Explorer) String() string { return "explorer of " + e.client.String() }

// GoString is String.
func (e *Explorer) GoString() string { return e.String() }

//go:embed assets
var assets embed.FS

func (e *Explorer) routes() {
	mux := http.NewServeMux()
	at := func(pattern string, serve http.HandlerFunc) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+path, serve)
	}
	at("GET /{$}", e.serveHome)
	at("GET /operation/{id...}", e.serveOperation)
	at("GET /component/{name...}", e.serveComponent)
	at("GET /index.json", e.serveIndex)
	at("GET /shape.json", e.serveShape)
	at("POST /check", e.serveCheck)
	at("POST /send", e.serveSend)
	for name, mediaType := range map[string]string{
		"app.js": "text/javascript; charset=utf-8", "form.js": "text/javascript; charset=utf-8",
		"send.js": "text/javascript; charset=utf-8", "search.js": "text/javascript; charset=utf-8",
		"style.css": "text/css; charset=utf-8",
	} {
		at("GET /assets/"+name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", mediaType)
			http.ServeFileFS(w, r, assets, "assets/"+name)
		})
	}
	at("GET /", func(w http.ResponseWriter, r *http.Request) {
		e.notFound(w, "There is no page at "+e.prefix+r.URL.Path+".", nil)
	})
	e.mux = mux
}

// ServeHTTP serves the pages and what they ask for.
func (e *Explorer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; media-src blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	r = e.belowPrefix(r)
	if e.admit(w, r) {
		e.mux.ServeHTTP(w, r)
	}
}

// belowPrefix returns the request without the prefix in its path.
func (e *Explorer) belowPrefix(r *http.Request) *http.Request {
	path, ok := strings.CutPrefix(r.URL.Path, e.prefix+"/")
	raw, rawOK := strings.CutPrefix(r.URL.RawPath, e.prefix+"/")
	if e.prefix == "" || !ok || r.URL.RawPath != "" && !rawOK {
		return r
	}
	below := *r
	address := *r.URL
	address.Path = "/" + path
	if rawOK {
		address.RawPath = "/" + raw
	}
	below.URL = &address
	return &below
}
