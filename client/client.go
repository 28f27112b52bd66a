package client

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// Version is the version of this library, as User-Agent says it.
const Version = "0.1.0"

// Client calls the operations of a document. It is safe for concurrent use and
// to be kept: it holds the connections and the compiled schemas.
type Client struct {
	settings *settings
	http     *http.Client
	edition  atomic.Pointer[edition]

	stop    func()          // ends the goroutine of WithSpecReload; nil without one
	stopped <-chan struct{} // it has ended
}

// builtIn opens the built-in document once for all clients of the program: it
// never changes, and what one compiles serves the others.
var builtIn = sync.OnceValues(func() (*schema.Document, error) {
	return schema.Load(embed.OpenAI(), schema.WithoutChecks(), schema.WithIndex(embed.Index()))
})

// New returns a client of the built-in description of the OpenAI API, unless an
// option or OPCALL_SPEC names another document. For documents of the OpenAI API it
// reads OPENAI_API_KEY, OPENAI_ADMIN_KEY, OPENAI_ORG_ID, OPENAI_PROJECT_ID and
// OPENAI_BASE_URL; options override them, WithoutEnvironment ignores them. Calls of
// another API use none of them.
//
// The error is that of an option, or a *schema.DocumentError. A missing key is
// not an error here: it is one of the call that needs it.
func New(opts ...Option) (*Client, error) {
	c := config{settings: defaultSettings()}
	for _, opt := range opts {
		if err := opt.applyClient(&c); err != nil {
			return nil, err
		}
	}
	if c.reload == nil || c.reload.path != c.specFile || c.specFS != nil {
		doc, err := c.open()
		if err != nil {
			return nil, err
		}
		return c.newClient(doc)
	}
	doc, file, err := c.reload.watch(&c)
	if err != nil {
		return nil, err
	}
	client, err := c.newClient(doc)
	if err != nil {
		file.stop()
		return nil, err
	}
	file.start(client)
	return client, nil
}

// newClient checks the options by the document.
func (c *config) newClient(doc *schema.Document) (*Client, error) {
	if !c.noEnvironment {
		var err error
		c.environment, err = readEnvironment()
		if err != nil && isOpenAI(doc.Servers()) {
			return nil, err
		}
	}
	if err := c.checkSchemes(doc); err != nil {
		return nil, err
	}
	if err := c.checkServerVariables(doc); err != nil {
		return nil, err
	}
	c.ofClient = true
	client := &Client{settings: c.settings, http: c.newHTTPClient()}
	client.Swap(doc)
	return client, nil
}

// newHTTPClient adds redirects that lose no credentials, and the middleware.
func (c *config) newHTTPClient() *http.Client {
	h := http.Client{}
	if c.httpClient != nil {
		h = *c.httpClient
	}
	h.CheckRedirect = safeRedirects(h.CheckRedirect)
	if len(c.middleware) > 0 && h.Transport == nil {
		h.Transport = http.DefaultTransport
	}
	for _, wrap := range slices.Backward(c.middleware) {
		h.Transport = wrap(h.Transport)
	}
	return &h
}

// Document returns the document whose operations are called now.
func (c *Client) Document() *schema.Document { return c.edition.Load().document }

// Swap makes the client call the operations of doc from now on. Calls that have
// begun finish on the document that they began with. It panics if doc is nil.
func (c *Client) Swap(doc *schema.Document) {
	if doc == nil {
		panic("client: Swap: got nil, want a document")
	}
	c.edition.Store(&edition{document: doc})
}

// String names the document that the client calls, and nothing secret.
func (c *Client) String() string {
	doc := c.Document()
	return fmt.Sprintf("opcall client of %s %s", oneLine(doc.Title(), maxName), oneLine(doc.Version(), maxName))
}

// GoString is String.
func (c *Client) GoString() string { return c.String() }

// with returns the settings of a call of the document that has further options.
func (s *settings) with(doc *schema.Document, opts []CallOption) (*settings, error) {
	if len(opts) == 0 {
		return s, nil
	}
	call := s.clone()
	for _, opt := range opts {
		if err := opt.applyCall(call); err != nil {
			return nil, err
		}
	}
	if err := call.checkSchemes(doc); err != nil {
		return nil, err
	}
	if maps.Equal(call.serverVariables, s.serverVariables) { // which were checked before
		return call, nil
	}
	return call, call.checkServerVariables(doc)
}
