package bundle

import (
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"strings"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
)

// target is what a reference names.
//
// Two references to one place are equal as targets, however they were written: the path is
// cleaned and both parts are decoded. It is what makes each part be taken once.
type target struct {
	file    string // slash-separated, from the root
	pointer string // a JSON Pointer into it, "" for the whole file
}

// reference is a target with the text that names it.
type reference struct {
	text string
	target
}

// local returns the reference to a JSON Pointer in the document: its percent signs are not
// escapes (RFC 6901 §6).
func local(pointer string) string { return "#" + escapePercent(pointer) }

func escapePercent(pointer string) string { return strings.ReplaceAll(pointer, "%", "%25") }

// isLocal reports whether a reference stays in its file.
func isLocal(ref string) bool { return strings.HasPrefix(ref, "#") }

// isElsewhere reports whether a reference has a scheme or a host: it is a URL, and
// nothing is fetched.
// "//host/path" has no scheme and names another host all the same (RFC 3986 §4.2).
func isElsewhere(ref string) bool {
	u, err := url.Parse(ref)
	return err == nil && (u.Scheme != "" || u.Host != "")
}

// parse resolves a relative reference (RFC 3986 §5.2) of a file. Paths are those of the
// root: one that leads out of it is an error, as is an anchor, which is known only
// once its schema is compiled.
//
// The checks are made on the decoded path, so that %2e%2e%2f leads out of the root no more
// than ../ does. That a path has no backslash keeps it the same file on every system.
func parse(ref, from string) (target, error) {
	address, fragment, _ := strings.Cut(ref, "#")
	name, err := url.PathUnescape(address)
	if err != nil {
		return target{}, fmt.Errorf("$ref %.120q is not a URI reference", ref)
	}
	pointer, ok := dialect.LocalPointer("#" + fragment)
	if !ok {
		return target{}, fmt.Errorf("$ref %.120q names an anchor; want a file and a JSON Pointer such as \"%s#/Name\"", ref, address)
	}
	if name == "" {
		return target{from, pointer}, nil
	}
	if strings.ContainsAny(name, "\\\x00?") {
		return target{}, fmt.Errorf("$ref %.120q is not the path of a file; want one with / between its parts, and no query", ref)
	}
	if path.IsAbs(name) {
		return target{}, fmt.Errorf("$ref %.120q is an absolute path; want one relative to the file that it stands in", ref)
	}
	file := path.Join(path.Dir(from), name)
	if !fs.ValidPath(file) || file == "." {
		return target{}, fmt.Errorf("$ref %.120q leads out of the folder that the document is loaded from; load it from a folder above, with LoadFS", ref)
	}
	return target{file, pointer}, nil
}

// lookup returns the value at a JSON Pointer (RFC 6901).
// It walks the text and keeps nothing: a place is looked up once for each reference to it,
// and a file is most often a single schema.
func lookup(text, pointer string) (string, bool) {
	if pointer == "" {
		return text, true
	}
	for _, token := range strings.Split(pointer[1:], "/") {
		token = jsonscan.UnescapeToken(token)
		ok := false
		if strings.HasPrefix(text, "[") {
			text, ok = item(text, token)
		} else {
			text, ok = jsonscan.Member(text, token)
		}
		if !ok {
			return "", false
		}
	}
	return text, true
}

// Compared as text, an index with a leading zero names nothing (RFC 6901 §4).
func item(array, token string) (string, bool) {
	for i, text := range jsonscan.Items(array) {
		if fmt.Sprint(i) == token {
			return text, true
		}
	}
	return "", false
}

// name makes a name for the component from what the reference says: the last part of
// the pointer, else the name of the file without its extension. Only the characters
// that names of components may have are kept (OpenAPI 3.1 §4.8.7.1).
//
// The name is for people who read the result, in messages and descriptions. That it may be
// taken, and that different characters become the same underscore, is for take to mend.
func (t target) name() string {
	name := t.pointer[strings.LastIndexByte(t.pointer, '/')+1:]
	if name == "" {
		name = strings.TrimSuffix(path.Base(t.file), path.Ext(t.file))
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '_'
	}, jsonscan.UnescapeToken(name))
	if len(name) > 100 {
		name = name[:100]
	}
	return name
}
