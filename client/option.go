package client

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"strings"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// config is what New works with: the settings, and what only a client has.
type config struct {
	*settings
	httpClient *http.Client
	middleware []func(http.RoundTripper) http.RoundTripper
	document   *schema.Document
	spec       []byte
	specFile   string
	specFS     fs.FS // specFile is in it; nil for the file system of the machine
	overlays   [][]byte
	noErrata   bool
	specCache  string
	reload     *reload

	noEnvironment bool
}

type clientOption func(*config) error

func (o clientOption) applyClient(c *config) error { return o(c) }

// WithHTTPClient sets the client that sends requests, in place of one with the
// defaults of net/http. It is copied: its CheckRedirect is asked after opcall's
// own, which lets no credential reach another host. Security schemes of type mutualTLS,
// and those that sign requests, count as satisfied by its transport.
func WithHTTPClient(h *http.Client) Option {
	return clientOption(func(c *config) error {
		if h == nil {
			return errors.New("WithHTTPClient: got nil, want a client")
		}
		c.httpClient, c.ownTransport = h, true
		return nil
	})
}

// WithMiddleware wraps the transport that sends requests; the first given is
// the outermost. It sees every attempt, redirected ones included: a middleware
// that sets credentials must look where the request goes.
func WithMiddleware(middleware ...func(next http.RoundTripper) http.RoundTripper) Option {
	return clientOption(func(c *config) error {
		for _, wrap := range middleware {
			if wrap == nil {
				return errors.New("WithMiddleware: got nil, want a function")
			}
		}
		c.middleware = append(c.middleware, middleware...)
		c.ownTransport = c.ownTransport || len(middleware) > 0
		return nil
	})
}

// WithOptions stands for the options that f returns, which New calls where this option
// stands: for packages that make one option of several, or of input that may be wrong.
// An error of f is that of New.
func WithOptions(f func() ([]Option, error)) Option {
	return clientOption(func(c *config) error {
		options, err := f()
		for _, o := range options {
			if err == nil {
				err = o.applyClient(c)
			}
		}
		return err
	})
}

// WithDocument calls the operations of a document that is loaded already, as it
// is.
func WithDocument(doc *schema.Document) Option {
	return clientOption(func(c *config) error {
		if doc == nil {
			return errors.New("WithDocument: got nil, want a document")
		}
		c.document, c.spec, c.specFile = doc, nil, ""
		return nil
	})
}

// WithSpec calls the operations of an OpenAPI 3.0, 3.1 or 3.2 document (JSON or
// YAML) in place of the built-in one. The built-in errata are applied to it if
// it describes the OpenAI API.
func WithSpec(document []byte) Option {
	return clientOption(func(c *config) error {
		if document == nil {
			return errors.New("WithSpec: got nil, want a document")
		}
		c.document, c.spec, c.specFile = nil, document, ""
		return nil
	})
}

// WithSpecFile is WithSpec of the file at path. It takes precedence over OPCALL_SPEC.
func WithSpecFile(path string) Option {
	return clientOption(func(c *config) error {
		if path == "" {
			return errors.New("WithSpecFile: got no path")
		}
		c.document, c.spec, c.specFile, c.specFS = nil, nil, path, nil
		return nil
	})
}

// WithSpecFS is WithSpecFile for a file in fsys, and for those that it refers to: see
// schema.LoadFS. It overrides OPCALL_SPEC.
func WithSpecFS(fsys fs.FS, name string) Option {
	return clientOption(func(c *config) error {
		if fsys == nil || name == "" {
			return errors.New("WithSpecFS: want a file system and the name of a file in it")
		}
		c.document, c.spec, c.specFile, c.specFS = nil, nil, name, fsys
		return nil
	})
}

// WithOverlay patches the document of WithSpec, WithSpecFile or OPCALL_SPEC, or
// else the built-in one, with an OpenAPI Overlay 1.0 document, after the errata.
func WithOverlay(overlay []byte) Option {
	return clientOption(func(c *config) error {
		c.overlays = append(c.overlays, overlay)
		return nil
	})
}

// WithSpecCache keeps the documents that the client loads in a folder, in the form in
// which they open at once: see schema.WithCache. The built-in document needs none.
func WithSpecCache(dir string) Option {
	return clientOption(func(c *config) error {
		if dir == "" {
			return errors.New("WithSpecCache: got no folder")
		}
		c.specCache = dir
		return nil
	})
}

// WithoutErrata leaves a document of the OpenAI API as it is. The built-in
// document has its errata all the same; the Strict tier ignores them.
func WithoutErrata() Option {
	return clientOption(func(c *config) error { c.noErrata = true; return nil })
}

// open returns the document that the options ask for.
func (c *config) open() (*schema.Document, error) {
	switch {
	case c.document != nil && len(c.overlays) > 0:
		return nil, errors.New("WithOverlay: the document of WithDocument is loaded already; give schema.WithOverlay to schema.Load")
	case c.document != nil:
		return c.document, nil
	}
	if c.spec == nil && c.specFile == "" && !c.noEnvironment {
		c.specFile = strings.TrimSpace(os.Getenv("OPCALL_SPEC"))
	}
	if c.spec == nil && c.specFile == "" && len(c.overlays) == 0 {
		return builtIn()
	}
	opts := c.loadOptions()
	switch {
	case c.specFS != nil && c.specFile != "":
		return schema.LoadFS(c.specFS, c.specFile, opts...)
	case c.specFile != "":
		return schema.LoadFile(c.specFile, opts...)
	case c.spec != nil:
		return schema.Load(c.spec, opts...)
	}
	return schema.Load(embed.OpenAI(), append(opts, schema.WithoutChecks(), schema.WithIndex(embed.Index()))...)
}

// loadOptions are those of every document that the client loads.
func (c *config) loadOptions() []schema.Option {
	var opts []schema.Option
	if !c.noErrata {
		opts = append(opts, Errata())
	}
	for _, overlay := range c.overlays {
		opts = append(opts, schema.WithOverlay(overlay))
	}
	if c.specCache != "" {
		opts = append(opts, schema.WithCache(c.specCache))
	}
	return opts
}

// Errata is the schema.Option by which a document of the OpenAI API gets
// the built-in errata, for documents that the caller loads: schema.LoadFile(path,
// client.Errata()). Other documents, and those that have the errata already,
// stay as they are.
func Errata() schema.Option {
	return schema.WithOverlayFrom(func(root schema.Root) []byte {
		if _, applied := root.Extension("x-opcall-errata"); applied || !isOpenAI(root.Servers()) {
			return nil
		}
		return embed.Errata()
	})
}
