package session

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// maxOverlay bounds an overlay, in bytes.
const maxOverlay = 16 << 20

// Document returns the document whose operations are called: that of --spec, else of the
// profile, else of OPCALL_SPEC, else the built-in one. It is loaded once.
func (s *Session) Document() (*schema.Document, error) { return s.document() }

// Spec returns the file or URL of the document, "" for the built-in one.
func (s *Session) Spec() (string, error) {
	p, err := s.Profile()
	if err != nil {
		return "", err
	}
	return cmp.Or(s.Flags.Spec, p.Spec, s.Getenv("OPCALL_SPEC")), nil
}

func (s *Session) loadDocument() (*schema.Document, error) {
	spec, err := s.Spec()
	if err != nil {
		return nil, err
	}
	overlays, err := s.Overlays()
	if err != nil {
		return nil, err
	}
	if spec == "" {
		return s.warnOfOverlays(schema.Load(embed.OpenAI(), append(overlays, schema.WithoutChecks(), schema.WithIndex(embed.Index()))...))
	}
	return s.warnOfOverlays(s.Open(spec, append([]schema.Option{client.Errata()}, overlays...)...))
}

// Open opens a document from a file or a URL. Documents that take long to open are kept in
// the cache in a form that opens at once.
func (s *Session) Open(spec string, opts ...schema.Option) (*schema.Document, error) {
	if s.cacheDir != "" {
		opts = append(opts, schema.WithCache(filepath.Join(s.cacheDir, "documents")))
	}
	if !isURL(spec) {
		return schema.LoadFile(expandHome(spec), opts...)
	}
	if scheme(spec) == "file" {
		return nil, fmt.Errorf("%.200q: got a URL of a file, want its path", spec)
	}
	text, err := s.fetch(spec)
	if err != nil {
		return nil, err
	}
	doc, err := schema.Load(text, opts...)
	var wrong *schema.DocumentError
	if errors.As(err, &wrong) {
		return nil, Named(wrong, spec)
	}
	return doc, err
}

// Named returns an error with the URL of its document in place of a file, which one that
// was fetched does not have.
func Named(err *schema.DocumentError, spec string) *schema.DocumentError {
	if err.Path != "" || !isURL(spec) {
		return err
	}
	named := *err
	named.Path = spec
	return &named
}

// Operation returns an operation of the document by its ID or by its method and path, "GET
// /files/{file_id}", whether it has an ID or not.
func (s *Session) Operation(id string) (*schema.Operation, error) {
	doc, err := s.Document()
	if err != nil {
		return nil, err
	}
	op, err := doc.Operation(id)
	if err == nil {
		return op, nil
	}
	method, path, ok := strings.Cut(id, " ")
	if ok && strings.HasPrefix(path, "/") {
		for op := range doc.Operations() {
			if strings.EqualFold(op.Method, method) && op.Path == path {
				return op, nil
			}
		}
	}
	return nil, err
}

// Overlays reads those of the profile and the flags, in order.
func (s *Session) Overlays() ([]schema.Option, error) {
	p, err := s.Profile()
	if err != nil {
		return nil, err
	}
	var opts []schema.Option
	for _, path := range append(p.Overlays[:len(p.Overlays):len(p.Overlays)], s.Flags.Overlays...) {
		text, err := readSmall(expandHome(path), maxOverlay)
		if err != nil {
			return nil, err
		}
		opts = append(opts, schema.WithOverlay(text))
	}
	return opts, nil
}

// warnOfOverlays says which actions of overlays did nothing.
func (s *Session) warnOfOverlays(doc *schema.Document, err error) (*schema.Document, error) {
	if err != nil {
		return nil, err
	}
	for _, action := range doc.Unmatched() {
		s.Warn("%s", action)
	}
	return doc, nil
}

// fresh is how long a document from a URL is used before its server is asked again.
const fresh = time.Hour

// fetch returns the document at a URL. It is kept in the cache, and its server is asked
// once an hour whether it has changed. Without its server the one in the cache is used.
func (s *Session) fetch(address string) ([]byte, error) {
	if s.cacheDir == "" {
		return s.download(address, "", "")
	}
	sum := sha256.Sum256([]byte(address))
	path := filepath.Join(s.cacheDir, "fetched", hex.EncodeToString(sum[:16]))
	kept, keptErr := os.ReadFile(path)
	if keptErr != nil {
		return s.download(address, "", path)
	}
	if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) < fresh {
		return kept, nil
	}
	tag, _ := os.ReadFile(path + ".etag")
	text, err := s.download(address, string(tag), path)
	switch {
	case err != nil:
		s.Warn("%v; using the document as it was before", err)
		return kept, nil
	case text == nil:
		now := time.Now()
		_ = os.Chtimes(path, now, now) // where it fails the server is asked again
		return kept, nil
	}
	return text, nil
}

// download gets a document and keeps it at a path. Without it in the cache the next
// command fetches it again, so that a cache that cannot be written is not an error.
func (s *Session) download(address, etag, path string) ([]byte, error) {
	got, err := schema.Fetch(context.Background(), address, schema.WithETag(etag))
	if err != nil || got.NotModified || path == "" {
		if err != nil {
			return nil, err
		}
		return got.Data, nil
	}
	if os.MkdirAll(filepath.Dir(path), 0o700) == nil && WriteFile(path, got.Data, 0o600) == nil {
		_ = WriteFile(path+".etag", []byte(got.ETag), 0o600)
	}
	return got.Data, nil
}

// WriteFile writes a file whole or not at all: what was there before stays until the new
// content is complete.
func WriteFile(path string, data []byte, mode os.FileMode) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	err = cmp.Or(err, file.Chmod(mode), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		os.Remove(file.Name())
	}
	return err
}

// scheme returns the scheme of a URL in lower case (RFC 3986 §3.1), "" for a path. One of
// Windows, C:\, is a path.
func scheme(spec string) string {
	name, _, ok := strings.Cut(spec, "://")
	odd := func(c rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789+-.", c) }
	if name = strings.ToLower(name); !ok || name == "" || strings.ContainsFunc(name, odd) {
		return ""
	}
	return name
}

func isURL(spec string) bool { return scheme(spec) != "" }

// expandHome writes out the ~ that a shell would have, were the path not in a file.
func expandHome(path string) string {
	rest, ok := strings.CutPrefix(path, "~/")
	if !ok {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(home, rest)
}
