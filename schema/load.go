package schema

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/pb33f/libopenapi/datamodel"
	"go.yaml.in/yaml/v4"

	"github.com/opcall/opcall/internal/jsonscan"
)

const (
	// DefaultMaxSize is the largest document that Load reads, in bytes.
	DefaultMaxSize = 64 << 20

	// maxDepth bounds the nesting of documents and of Values.
	maxDepth = 1000
)

// Option changes how a document is loaded.
type Option func(*loader)

type loader struct {
	overlays [][]byte
	when     []func(*Document) bool
	maxSize  int64
	trusted  bool
	path     string
	source   source
}

// WithOverlay patches the document with an OpenAPI Overlay 1.0 document (YAML
// or JSON) before anything reads it. Several overlays apply in order. An
// action that selects nothing in this document does nothing.
func WithOverlay(overlay []byte) Option {
	return WithOverlayIf(overlay, nil)
}

// WithOverlayIf is WithOverlay for a document of which want, called with the
// document as it is without this overlay, reports true. A nil want is true.
func WithOverlayIf(overlay []byte, want func(*Document) bool) Option {
	return func(l *loader) {
		l.overlays = append(l.overlays, overlay)
		l.when = append(l.when, want)
	}
}

// WithMaxSize sets the largest document that is read, in bytes, in place of
// DefaultMaxSize. It bounds the expansion of YAML aliases too.
func WithMaxSize(bytes int64) Option {
	return func(l *loader) { l.maxSize = bytes }
}

// WithoutChecks says that data is known to be a sound OpenAPI document in
// JSON, as embed.OpenAI() is: Load then reads nothing but an index of it. With
// other data, faults show when the faulty part is first used.
func WithoutChecks() Option {
	return func(l *loader) { l.trusted = true }
}

// Load opens an OpenAPI 3.0 or 3.1 document in JSON or YAML. It checks syntax,
// structure and references, and indexes operations and components; schemas are
// compiled when they are first used.
//
// Load keeps data: the caller must not modify it afterwards. An error is a
// *DocumentError. References to other files or URLs are refused, never
// fetched.
func Load(data []byte, opts ...Option) (*Document, error) {
	l := loader{maxSize: DefaultMaxSize}
	for _, opt := range opts {
		opt(&l)
	}
	doc, err := l.load(data)
	if err != nil {
		var fault *DocumentError
		if !errors.As(err, &fault) {
			fault = &DocumentError{Reason: err.Error(), Err: err}
		}
		fault.Path = l.path
		if fault.Line == 0 && fault.Pointer != "" {
			fault.Line = l.source.line(fault.Pointer)
		}
		return nil, fault
	}
	return doc, nil
}

// LoadFile is Load of the file at path; errors name it.
func LoadFile(path string, opts ...Option) (*Document, error) {
	l := loader{maxSize: DefaultMaxSize}
	for _, opt := range opts {
		opt(&l)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, &DocumentError{Path: path, Reason: "the file cannot be read", Err: err}
	}
	if info.Size() > l.maxSize {
		return nil, &DocumentError{Path: path, Reason: tooLarge(info.Size(), l.maxSize)}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &DocumentError{Path: path, Reason: "the file cannot be read", Err: err}
	}
	return Load(data, append(opts[:len(opts):len(opts)], func(l *loader) { l.path = path })...)
}

func tooLarge(size, limit int64) string {
	return fmt.Sprintf("the document has %d bytes, more than the limit of %d; raise it with WithMaxSize", size, limit)
}

func (l *loader) load(data []byte) (*Document, error) {
	if int64(len(data)) > l.maxSize {
		return nil, &DocumentError{Reason: tooLarge(int64(len(data)), l.maxSize)}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	text := jsonscan.Alias(data) // the caller has promised not to modify it
	start := jsonscan.Space(text, 0)
	if start == len(text) {
		return nil, &DocumentError{Reason: "the document is empty; want OpenAPI 3.0 or 3.1 in JSON or YAML"}
	}
	var root *yaml.Node
	l.source = source{text: text, file: l.path != ""}
	if text[start] != '{' {
		node, err := parseYAML(data)
		if err != nil {
			return nil, err
		}
		root, l.source.yaml = node, parsedAgain(text)
		if text, err = l.fromNode(root); err != nil {
			return nil, err
		}
	} else if !l.trusted {
		if err := jsonscan.Check(text, maxDepth); err != nil {
			var syntax *jsonscan.SyntaxError
			errors.As(err, &syntax)
			return nil, &DocumentError{Line: syntax.Line, Column: syntax.Column, Reason: "the document is not JSON: " + syntax.Reason, Err: err}
		}
	}
	doc, err := newDocument(text, l.source)
	if err != nil {
		return nil, err
	}
	for i, overlay := range l.overlays {
		if want := l.when[i]; want != nil && !want(doc) {
			continue
		}
		if root == nil {
			root = nodeFromJSON(text)
		}
		if err := applyOverlay(root, overlay); err != nil {
			return nil, err
		}
		if text, err = l.fromNode(root); err != nil {
			return nil, err
		}
		if doc, err = newDocument(text, l.source); err != nil {
			return nil, err
		}
	}
	if !l.trusted {
		if err := doc.check(); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

func (l *loader) fromNode(root *yaml.Node) (string, error) {
	buf, err := appendNode(make([]byte, 0, 1<<16), root, 0, int(l.maxSize))
	if err != nil {
		return "", err
	}
	return jsonscan.Alias(buf), nil
}

var yamlLine = regexp.MustCompile(`line[ :]+(\d+)`)

// parseYAML reads YAML through libopenapi, which also tells what is no
// OpenAPI document.
func parseYAML(data []byte) (*yaml.Node, error) {
	info, err := datamodel.ExtractSpecInfo(data)
	if info != nil && info.RootNode != nil && len(info.RootNode.Content) > 0 && info.RootNode.Content[0].Kind == yaml.MappingNode {
		if old := mappingValue(info.RootNode.Content[0], "swagger"); old != nil {
			return nil, &DocumentError{Line: old.Line, Column: old.Column, Pointer: "/swagger", Reason: swaggerReason(old.Value)}
		}
		if err != nil && mappingValue(info.RootNode.Content[0], "openapi") == nil {
			return nil, &DocumentError{Line: 1, Reason: noVersionReason, Err: err}
		}
	}
	if err != nil {
		fault := &DocumentError{Reason: "the document is neither JSON nor YAML of OpenAPI: " + bounded(err.Error(), 200), Err: err}
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			fault.Line, _ = strconv.Atoi(m[1])
		}
		return nil, fault
	}
	return info.RootNode, nil
}

const noVersionReason = `the document has no member "openapi"; want OpenAPI 3.0 or 3.1`

func swaggerReason(version string) string {
	return fmt.Sprintf("got Swagger %.20q, want OpenAPI 3.0 or 3.1; convert the document first", version)
}

// checkVersion accepts the versions that this package implements.
func checkVersion(top map[string]string) (string, error) {
	if old, ok := top["swagger"]; ok {
		return "", &DocumentError{Pointer: "/swagger", Reason: swaggerReason(jsonscan.String(old))}
	}
	text, ok := top["openapi"]
	if !ok {
		return "", &DocumentError{Reason: noVersionReason}
	}
	version := jsonscan.String(text)
	if !strings.HasPrefix(version, "3.0") && !strings.HasPrefix(version, "3.1") {
		return "", &DocumentError{Pointer: "/openapi", Reason: fmt.Sprintf("got OpenAPI version %.40s, want 3.0.x or 3.1.x", text)}
	}
	return version, nil
}

// bounded cuts text that is only shown.
func bounded(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
