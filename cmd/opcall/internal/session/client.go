package session

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/schema"
)

// Client returns a client of the document with the profile's credentials; further options
// override all else.
func (s *Session) Client(ctx context.Context, opts ...client.Option) (*client.Client, error) {
	all, err := s.options(ctx, s.read, false)
	if err != nil {
		return nil, err
	}
	return client.New(append(all, opts...)...)
}

// OpenAI is Client for the typed helpers.
func (s *Session) OpenAI(ctx context.Context, opts ...client.Option) (*openai.Client, error) {
	all, err := s.options(ctx, s.read, false)
	if err != nil {
		return nil, err
	}
	return openai.New(append(all, opts...)...)
}

// Placeholder returns a client that has the names of variables in place of keys,
// "$OPENAI_API_KEY": for requests that are shown and not sent.
func (s *Session) Placeholder(ctx context.Context, opts ...client.Option) (*client.Client, error) {
	doc, err := s.Document()
	if err != nil {
		return nil, err
	}
	all, err := s.options(ctx, func(_ context.Context, secret *Secret) (string, error) { return "$" + secret.Variable(), nil }, true)
	if err != nil {
		return nil, err
	}
	p, err := s.Profile()
	if err != nil {
		return nil, err
	}
	if p.Key == nil {
		all = append(all, client.WithAPIKey("$"+keyVariable(doc)))
	}
	if p.AdminKey == nil {
		all = append(all, client.WithAdminKey("$OPENAI_ADMIN_KEY"))
	}
	return client.New(append(all, opts...)...)
}

// PlaceholderNames returns the names of the variables that Placeholder puts in place of
// keys, the longest first, so that none is taken for the beginning of another.
func (s *Session) PlaceholderNames() []string {
	names := []string{"OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "API_KEY"}
	if p, err := s.Profile(); err == nil {
		for _, secret := range p.Keys() {
			names = append(names, secret.Variable())
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(names)
}

// keyVariable is the variable of the key of an API that no profile says anything of.
func keyVariable(doc *schema.Document) string {
	if IsOpenAI(doc) {
		return "OPENAI_API_KEY"
	}
	return "API_KEY"
}

// IsOpenAI reports whether the document describes the OpenAI API, whose variables of the
// environment the client then reads.
func IsOpenAI(doc *schema.Document) bool {
	servers := doc.Servers()
	return len(servers) > 0 && strings.TrimSuffix(servers[0].URL, "/") == client.DefaultBaseURL
}

// options are those of the profile and of the flags, which come later and override it.
// With masked, headers that carry a key have a variable in its place.
func (s *Session) options(ctx context.Context, read func(context.Context, *Secret) (string, error), masked bool) ([]client.Option, error) {
	doc, err := s.Document()
	if err != nil {
		return nil, err
	}
	p, err := s.Profile()
	if err != nil {
		return nil, err
	}
	opts := []client.Option{client.WithDocument(doc), client.WithUserAgent("opcall/" + client.Version)}
	for _, name := range sortedKeys(p.Headers) {
		opts = append(opts, client.WithHeader(name, maskHeader(name, p.Headers[name], masked)))
	}
	for _, name := range sortedKeys(p.Variables) {
		opts = append(opts, client.WithServerVariable(name, p.Variables[name]))
	}
	if p.Organization != "" {
		opts = append(opts, client.WithOrganization(p.Organization))
	}
	if p.Project != "" {
		opts = append(opts, client.WithProject(p.Project))
	}
	if p.DocumentServer || s.Flags.DocumentServer {
		opts = append(opts, client.WithDocumentServer())
	}
	if base := cmp.Or(s.Flags.BaseURL, p.BaseURL); base != "" {
		opts = append(opts, client.WithBaseURL(base))
	}
	keys, err := s.keys(ctx, p, read)
	if err != nil {
		return nil, err
	}
	opts = append(opts, keys...)
	for _, header := range s.Flags.Headers {
		name, value, ok := strings.Cut(header, ":")
		if !ok {
			return nil, fmt.Errorf("--header: got no colon, want \"Name: value\"") // the text may hold a key
		}
		name = strings.TrimSpace(name)
		opts = append(opts, client.WithHeader(name, maskHeader(name, strings.TrimSpace(value), masked)))
	}
	if s.Flags.Timeout != libraryTimeout {
		opts = append(opts, client.WithTimeout(s.Flags.Timeout))
	}
	if s.Flags.MaxRetries != libraryRetries {
		opts = append(opts, client.WithMaxRetries(s.Flags.MaxRetries))
	}
	return opts, nil
}

// maskHeader puts a variable in place of the key in a header.
func maskHeader(name, value string, masked bool) string {
	if !masked || !slices.Contains(secretHeaders, http.CanonicalHeaderKey(name)) {
		return value
	}
	if scheme, _, ok := strings.Cut(value, " "); ok && http.CanonicalHeaderKey(name) == "Authorization" {
		return scheme + " $API_KEY"
	}
	return "$API_KEY"
}

// keys are the credentials of the profile.
func (s *Session) keys(ctx context.Context, p *Profile, read func(context.Context, *Secret) (string, error)) ([]client.Option, error) {
	var opts []client.Option
	for place, secret := range p.Keys() {
		key, err := read(ctx, secret)
		if err != nil {
			return nil, fmt.Errorf("profile %s: %s: %w", p.Name, place, err)
		}
		switch scheme, ok := strings.CutPrefix(place, "credentials."); {
		case ok:
			opts = append(opts, client.WithCredential(scheme, key))
		case secret == p.AdminKey:
			opts = append(opts, client.WithAdminKey(key))
		default:
			opts = append(opts, client.WithAPIKey(key))
		}
	}
	return opts, nil
}
