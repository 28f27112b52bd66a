package client

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// WithServerVariable sets a variable of the servers that the document names (OpenAPI 3.1
// §4.8.6), in place of its default: the region of "https://{region}.example.com". It has an
// effect where requests go to a server of the document, so that it needs WithDocumentServer.
//
// A name that no server has, and a value that the variable's enum does not list, are errors
// of New or of the call. So is a value that would lead elsewhere than its place in the
// address: a slash in the host, a dot segment in the path.
func WithServerVariable(name, value string) Setting {
	return setting(func(s *settings) error {
		if name == "" || value == "" {
			return fmt.Errorf("WithServerVariable: got name %s and value %s, want both", quoteName(name), quoteName(value))
		}
		variables := maps.Clone(s.serverVariables)
		if variables == nil {
			variables = make(map[string]string)
		}
		variables[name] = value
		s.serverVariables = variables
		return nil
	})
}

// checkServerVariables refuses variables that no server of the document has, and values that
// none of those servers takes.
func (s *settings) checkServerVariables(doc *schema.Document) error {
	if len(s.serverVariables) > 0 && !s.documentServer {
		return fmt.Errorf("WithServerVariable: requests go to no server of the document; allow it with WithDocumentServer")
	}
	for _, name := range sortedKeys(s.serverVariables) {
		servers := doc.Servers()
		if !slices.ContainsFunc(servers, func(server schema.Server) bool { return hasVariable(server, name) }) {
			for op := range doc.Operations() {
				servers = append(servers, op.Servers...)
			}
		}
		var names []string
		var wrong error
		found := false
		for _, server := range servers {
			for _, v := range server.Variables {
				names = append(names, v.Name)
			}
			if !hasVariable(server, name) || found {
				continue
			}
			_, wrong = expandServer(server, map[string]string{name: s.serverVariables[name]})
			found = wrong == nil
		}
		switch slices.Sort(names); {
		case found:
		case wrong != nil:
			return wrong
		case len(names) == 0:
			return fmt.Errorf("WithServerVariable: unknown variable %s; no server of the document has one", quoteName(name))
		default:
			names = slices.Compact(names)
			return fmt.Errorf("WithServerVariable: unknown variable %s%s", quoteName(name), unknownHint(names, near.Names(name, names, 3)))
		}
	}
	return nil
}

func hasVariable(server schema.Server, name string) bool {
	return slices.ContainsFunc(server.Variables, func(v schema.ServerVariable) bool { return v.Name == name })
}

// expandServer returns the address of a server with the given variables, the others at their
// defaults.
func expandServer(server schema.Server, given map[string]string) (string, error) {
	if len(given) == 0 || len(server.Variables) == 0 {
		return server.URL, nil
	}
	address := server.Template
	for _, v := range server.Variables {
		place := "{" + v.Name + "}"
		value, ok := given[v.Name]
		if !ok {
			address = strings.ReplaceAll(address, place, v.Default)
			continue
		}
		if len(v.Enum) > 0 && !slices.Contains(v.Enum, value) {
			return "", fmt.Errorf("WithServerVariable: got %s for %s, want one of %s", quoteName(value), quoteName(v.Name), oneLine(strings.Join(v.Enum, ", "), maxName))
		}
		if len(v.Enum) == 0 && !staysInPlace(server.Template, place, value) {
			return "", fmt.Errorf("WithServerVariable: got %s for %s, which leads out of its place in %.120q", quoteName(value), quoteName(v.Name), server.Template)
		}
		address = strings.ReplaceAll(address, place, value)
	}
	return address, nil
}

// staysInPlace reports whether a value cannot change what the template has around it. One
// that the template begins with is an address by itself.
func staysInPlace(template, place, value string) bool {
	if strings.HasPrefix(template, place) {
		return true
	}
	inPath := false
	if _, rest, ok := strings.Cut(template, "://"); ok {
		authority, _, _ := strings.Cut(rest, "/")
		inPath = !strings.Contains(authority, place)
	} else {
		inPath = strings.HasPrefix(template, "/")
	}
	for _, r := range value {
		plain := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-._~:", r)
		if !plain && (r != '/' || !inPath) {
			return false
		}
	}
	return !inPath || !hasDotSegment(value)
}

// server returns the first server of the operation with the variables that the settings have,
// "" where the document names none.
func (b *Bound) server() (string, error) {
	if len(b.plan.servers) == 0 {
		return "", nil
	}
	address, err := expandServer(b.plan.servers[0], b.settings.serverVariables)
	if err != nil {
		return "", &BindError{Operation: b.plan.name, Reason: "the server cannot be called", Err: err}
	}
	return address, nil
}

// ownBase returns the address of an operation, or path item, that has servers of its own
// (OpenAPI 3.1 §4.8.9, §4.8.10). A relative one is on the host of the base URL.
func (b *Bound) ownBase(server string) (*url.URL, bool) {
	if !b.plan.ownServers || !b.settings.documentServer || b.settings.baseOfCall {
		return nil, false
	}
	if u, err := parseBase(server); err == nil {
		u.User = nil // a document does not decide who is asking
		return u, true
	}
	relative, err := url.Parse(server)
	if err != nil || !strings.HasPrefix(server, "/") || relative.Host != "" || relative.RawQuery != "" || relative.Fragment != "" || hasDotSegment(relative.Path) {
		return nil, false
	}
	u := *b.settings.baseURL
	u.Path, u.RawPath = relative.Path, relative.RawPath
	return &u, true
}

func sameServers(a, b []schema.Server) bool {
	return slices.EqualFunc(a, b, func(a, b schema.Server) bool { return a.URL == b.URL && a.Template == b.Template })
}
